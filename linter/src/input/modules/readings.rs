//! One folder, two programs: Terraform and OpenTofu do not read the same files of it.
//!
//! OpenTofu reads `x.tofu` and not `x.tf` beside it; Terraform reads no `.tofu` file at all. What comes into being may
//! depend on which of them runs, and nobody can tell which will. So both readings are made: what only one of them has is
//! judged, and what they do not agree on is a problem.

use std::collections::BTreeSet;

use super::overrides::{is_override, merge};
use crate::hcl::{Attribute, Block, Body};
use crate::model::ReadProblem;
use crate::source::{Sources, Span};

/// How the files of a folder become blocks.
pub(super) struct Reading<'a> {
    /// The texts, to compare them.
    pub(super) sources: &'a Sources,
    /// There is no plan that says what will happen.
    pub(super) complete: bool,
}

impl Reading<'_> {
    /// The blocks of files in the order of their names, overrides merged.
    pub(super) fn blocks(
        &self,
        files: Vec<(String, Vec<Block>)>,
        problems: &mut Vec<ReadProblem>,
    ) -> Vec<Block> {
        if !files.iter().any(|(name, _)| is_tofu(name)) {
            return merged(files, problems);
        }
        let names: BTreeSet<String> = files.iter().map(|(name, _)| name.clone()).collect();
        let terraform: Vec<_> = files.iter().filter(|(name, _)| !is_tofu(name)).cloned().collect();
        let opentofu = files.into_iter().filter(|(name, _)| !is_shadowed(name, &names)).collect();
        let mut blocks = merged(opentofu, problems);
        // What is wrong with both was said already.
        for block in merged(terraform, &mut Vec::new()) {
            self.join(&mut blocks, block, problems);
        }
        blocks
    }

    /// Adds a block of Terraform's reading to OpenTofu's.
    fn join(&self, blocks: &mut Vec<Block>, block: Block, problems: &mut Vec<ReadProblem>) {
        match block.kind.as_str() {
            "locals" => self.join_locals(blocks, block, problems),
            "resource" | "data" | "module" | "variable" | "output" | "check" => {
                let twin = blocks
                    .iter()
                    .find(|other| other.kind == block.kind && other.labels == block.labels);
                match twin {
                    Some(twin) if self.same(&twin.body, &block.body) => {}
                    Some(_) => {
                        let shown = format!("{} `{}`", block.kind, block.labels.join("."));
                        self.differ(shown, block.header, problems);
                    }
                    None => blocks.push(block),
                }
            }
            _ => {
                let same = |other: &Block| {
                    other.kind == block.kind
                        && other.labels == block.labels
                        && self.same(&other.body, &block.body)
                };
                if block.kind == "provider" && !blocks.iter().any(same) {
                    let shown = format!("provider `{}`", block.label(0));
                    self.differ(shown, block.header, problems);
                }
            }
        }
    }

    fn join_locals(
        &self,
        blocks: &mut Vec<Block>,
        mut block: Block,
        problems: &mut Vec<ReadProblem>,
    ) {
        block.body.attributes.retain(|attribute| {
            let twin = blocks
                .iter()
                .filter(|other| other.kind == "locals")
                .find_map(|other| other.body.attribute(&attribute.name));
            if let Some(twin) = twin
                && self.text(twin.value.span) != self.text(attribute.value.span)
            {
                self.differ(format!("`local.{}`", attribute.name), attribute.value.span, problems);
            }
            twin.is_none()
        });
        blocks.push(block);
    }

    fn differ(&self, shown: String, span: Span, problems: &mut Vec<ReadProblem>) {
        if self.complete {
            problems.push(ReadProblem {
                message: format!("{shown} is one thing to Terraform and another to OpenTofu"),
                help: Some(
                    "say the same in the `.tf` and the `.tofu` file, or lint the plan".into(),
                ),
                span: Some(span),
            });
        }
    }

    fn text(&self, span: Span) -> Option<&str> {
        self.sources.text(span.file).get(span.start..span.end)
    }

    /// Whether two bodies say the same in the same words.
    fn same(&self, left: &Body, right: &Body) -> bool {
        left.attributes.len() == right.attributes.len()
            && left.blocks.len() == right.blocks.len()
            && left.attributes.iter().all(|Attribute { name, value }| {
                let twin = right.value(name);
                twin.is_some_and(|twin| self.text(twin.span) == self.text(value.span))
            })
            && left.blocks.iter().zip(&right.blocks).all(|(left, right)| {
                left.kind == right.kind
                    && left.labels == right.labels
                    && self.same(&left.body, &right.body)
            })
    }
}

/// Overrides come after everything else, in the order of their files.
fn merged(files: Vec<(String, Vec<Block>)>, problems: &mut Vec<ReadProblem>) -> Vec<Block> {
    let (overrides, files): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(name, _)| is_override(name));
    let mut blocks: Vec<Block> = files.into_iter().flat_map(|(_, blocks)| blocks).collect();
    merge(&mut blocks, overrides.into_iter().flat_map(|(_, blocks)| blocks).collect(), problems);
    blocks
}

fn is_tofu(name: &str) -> bool {
    [".tofu", ".tofu.json"].iter().any(|end| name.ends_with(end))
}

/// `x.tf` beside `x.tofu`.
fn is_shadowed(name: &str, names: &BTreeSet<String>) -> bool {
    let twin = match (name.strip_suffix(".tf"), name.strip_suffix(".tf.json")) {
        (Some(stem), _) => format!("{stem}.tofu"),
        (None, Some(stem)) => format!("{stem}.tofu.json"),
        (None, None) => return false,
    };
    names.contains(&twin)
}
