//! Override files: what they say replaces what other files say about the same thing.

use std::collections::{BTreeMap, BTreeSet};

use crate::hcl::{Attribute, Block, Body, Expr};
use crate::model::ReadProblem;
use crate::source::Span;

/// `override.tf`, `x_override.tf.json`
pub(super) fn is_override(name: &str) -> bool {
    let ends = [".tf.json", ".tofu.json", ".tf", ".tofu"];
    let stem = ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    stem == "override" || stem.ends_with("_override")
}

/// Merges overrides, in order, into the blocks that they name.
pub(super) fn merge(
    blocks: &mut Vec<Block>,
    overrides: Vec<Block>,
    problems: &mut Vec<ReadProblem>,
) {
    if overrides.is_empty() {
        return;
    }
    let mut index: BTreeMap<Name, usize> = BTreeMap::new();
    for (at, block) in blocks.iter().enumerate() {
        index.entry(Name::of(block)).or_insert(at);
    }
    for block in overrides {
        if block.kind == "locals" {
            merge_locals(blocks, block, problems);
            continue;
        }
        let name = Name::of(&block);
        if let Some(base) = index.get(&name).and_then(|at| blocks.get_mut(*at)) {
            merge_body(&mut base.body, block.body);
            continue;
        }
        // Terraform refuses an override without a base; nothing may hide in one.
        if name.needs_base() {
            let shown = [&[name.kind], name.labels.as_slice()].concat().join(".");
            problems.push(without_base(&shown, block.header));
        }
        index.insert(Name::of(&block), blocks.len());
        blocks.push(block);
    }
}

/// What an override and its base have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    kind: String,
    labels: Vec<String>,
    alias: Option<String>,
}

impl Name {
    fn of(block: &Block) -> Self {
        let alias = block.body.value("alias").filter(|_| block.kind == "provider");
        Self {
            kind: block.kind.clone(),
            labels: block.labels.clone(),
            alias: alias.and_then(Expr::as_literal).map(str::to_owned),
        }
    }

    fn needs_base(&self) -> bool {
        match self.kind.as_str() {
            "resource" | "data" | "ephemeral" | "module" | "variable" | "output" => true,
            "provider" => self.alias.is_some(),
            _ => false,
        }
    }
}

fn without_base(shown: &str, span: Span) -> ReadProblem {
    ReadProblem {
        message: format!("an override file changes `{shown}`, which no other file declares"),
        help: Some("Terraform refuses this configuration".into()),
        span: Some(span),
    }
}

/// Locals are overridden one by one.
fn merge_locals(blocks: &mut Vec<Block>, block: Block, problems: &mut Vec<ReadProblem>) {
    let names: BTreeSet<&str> =
        block.body.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    let mut gone = BTreeSet::new();
    for base in blocks.iter_mut().filter(|base| base.kind == "locals") {
        base.body.attributes.retain(|Attribute { name, .. }| {
            let stays = !names.contains(name.as_str());
            if !stays {
                gone.insert(name.clone());
            }
            stays
        });
    }
    for Attribute { name, value } in &block.body.attributes {
        if !gone.contains(name) {
            problems.push(without_base(&format!("local.{name}"), value.span));
        }
    }
    blocks.push(block);
}

/// Arguments are replaced one by one, nested blocks kind by kind. In JSON nobody can tell the one from the other.
fn merge_body(base: &mut Body, over: Body) {
    let kinds: BTreeSet<String> = over.blocks.iter().map(nested_kind).collect();
    base.attributes.retain(|attribute| !kinds.contains(&attribute.name));
    base.blocks.retain(|block| {
        let kind = nested_kind(block);
        !kinds.contains(&kind) && over.attribute(&kind).is_none() || kind == "lifecycle"
    });
    for attribute in over.attributes {
        match base.attributes.iter_mut().find(|known| known.name == attribute.name) {
            Some(known) => *known = attribute,
            None => base.attributes.push(attribute),
        }
    }
    base.blocks.extend(over.blocks);
    // Of both, which only an override can bring together, Terraform takes the number.
    if base.attribute("count").is_some() {
        base.attributes.retain(|attribute| attribute.name != "for_each");
    }
}

/// `dynamic "x"` makes blocks `x`.
fn nested_kind(block: &Block) -> String {
    if block.kind == "dynamic" { block.label(0).to_owned() } else { block.kind.clone() }
}
