//! Files that change others: overrides, and OpenTofu's files beside Terraform's.

use std::collections::BTreeSet;

use crate::hcl::{Block, Body, Expr};

/// `x.tf` beside `x.tofu`.
pub(super) fn is_shadowed(name: &str, names: &BTreeSet<String>) -> bool {
    let twin = match (name.strip_suffix(".tf"), name.strip_suffix(".tf.json")) {
        (Some(stem), _) => format!("{stem}.tofu"),
        (None, Some(stem)) => format!("{stem}.tofu.json"),
        (None, None) => return false,
    };
    names.contains(&twin)
}

pub(super) fn is_override(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let stem = [".tf.json", ".tofu.json", ".tf", ".tofu"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .unwrap_or(stem);
    stem == "override" || stem.ends_with("_override")
}

/// Merges an override into the block that it names. Arguments are replaced one by one, nested blocks kind by kind.
pub(super) fn merge_override(blocks: &mut Vec<Block>, block: Block) {
    if block.kind == "locals" {
        for base in blocks.iter_mut().filter(|base| base.kind == "locals") {
            base.body
                .attributes
                .retain(|attribute| block.body.attribute(&attribute.name).is_none());
        }
        blocks.push(block);
        return;
    }
    let alias =
        |block: &Block| block.body.value("alias").and_then(Expr::as_literal).map(str::to_owned);
    let base = blocks.iter_mut().find(|base| {
        base.kind == block.kind
            && base.labels == block.labels
            && (block.kind != "provider" || alias(base) == alias(&block))
    });
    match base {
        Some(base) => merge_body(&mut base.body, block.body),
        // Terraform refuses an override without a base; nothing may hide in one.
        None => blocks.push(block),
    }
}

fn merge_body(base: &mut Body, over: Body) {
    for attribute in over.attributes {
        match base.attributes.iter_mut().find(|known| known.name == attribute.name) {
            Some(known) => *known = attribute,
            None => base.attributes.push(attribute),
        }
    }
    let kinds: BTreeSet<String> = over.blocks.iter().map(nested_kind).collect();
    base.blocks.retain(|block| !kinds.contains(&nested_kind(block)) || block.kind == "lifecycle");
    base.blocks.extend(over.blocks);
}

/// `dynamic "x"` makes blocks `x`.
fn nested_kind(block: &Block) -> String {
    if block.kind == "dynamic" { block.label(0).to_owned() } else { block.kind.clone() }
}
