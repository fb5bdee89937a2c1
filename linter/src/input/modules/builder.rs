//! The blocks of a module, sorted by what they declare.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Call, Module, mode_of, name_of};
use crate::hcl::{Attribute, Block, Body, Expr, ExprKind};
use crate::model::ReadProblem;
use crate::source::Span;

/// A module while its blocks are sorted in.
pub(super) struct Builder {
    pub(super) module: Module,
}

impl Builder {
    /// A module without blocks.
    pub(super) fn new(folder: &Path, nowhere: Span) -> Self {
        let path = folder.display().to_string().replace('\\', "/");
        let module = Module {
            path: if path.is_empty() { ".".to_owned() } else { path },
            variables: BTreeMap::new(),
            locals: BTreeMap::new(),
            outputs: BTreeMap::new(),
            resources: Vec::new(),
            by_name: BTreeMap::new(),
            calls: BTreeMap::new(),
            providers: Vec::new(),
            refactored: Vec::new(),
            actions: Vec::new(),
            required: BTreeMap::new(),
            nowhere,
        };
        Self { module }
    }

    /// Sorts a block in.
    pub(super) fn add(&mut self, block: Block, problems: &mut Vec<ReadProblem>) {
        let module = &mut self.module;
        let name = block.label(0).to_owned();
        let header = block.header;
        let twice = match block.kind.as_str() {
            "variable" => module.variables.insert(name.clone(), block).is_some(),
            "output" => module.outputs.insert(name.clone(), block).is_some(),
            "locals" => {
                self.locals(block.body, problems);
                return;
            }
            "check" => {
                // The data sources of a check are read like all others.
                for inner in block.body.blocks {
                    if inner.kind == "data" {
                        self.add(inner, problems);
                    }
                }
                return;
            }
            "moved" | "import" | "removed" => {
                module.refactored.push(block);
                return;
            }
            "action" => {
                module.actions.push(block);
                return;
            }
            "ephemeral" => return,
            "terraform" => {
                module.required.extend(required_providers(&block.body));
                return;
            }
            "module" => {
                let twice = module.calls.contains_key(&name);
                module.calls.entry(name.clone()).or_insert(Call { block, module: None });
                twice
            }
            "provider" => {
                module.providers.push(block);
                false
            }
            "resource" | "data" if block.labels.len() == 2 => {
                let full = name_of(mode_of(&block), block.label(0), block.label(1));
                let twice = module.by_name.contains_key(&full);
                module.by_name.entry(full).or_insert(module.resources.len());
                module.resources.push(block);
                twice
            }
            "resource" | "data" => {
                problems.push(ReadProblem {
                    message: format!("a `{}` block has two labels, type and name", block.kind),
                    help: None,
                    span: Some(header),
                });
                false
            }
            kind => {
                problems.push(ReadProblem {
                    message: format!(
                        "`{kind}` is no kind of block that is known, so what it creates cannot be seen"
                    ),
                    help: Some("look for a spelling mistake, or for a newer nhi-lint".into()),
                    span: Some(header),
                });
                false
            }
        };
        if twice {
            problems.push(declared_twice(&name, header));
        }
    }

    fn locals(&mut self, body: Body, problems: &mut Vec<ReadProblem>) {
        for Attribute { name, value } in body.attributes {
            if self.module.locals.contains_key(&name) {
                problems.push(declared_twice(&name, value.span));
            }
            self.module.locals.insert(name, value);
        }
    }
}

fn declared_twice(name: &str, span: Span) -> ReadProblem {
    ReadProblem {
        message: format!("`{name}` is declared twice"),
        help: Some("Terraform refuses this configuration".into()),
        span: Some(span),
    }
}

/// Local name and source of each provider that a `terraform` block requires.
fn required_providers(body: &Body) -> Vec<(String, String)> {
    let source = |value: &Expr| {
        let ExprKind::Object(fields) = &value.kind else { return None };
        let (_, source) = fields.iter().find(|(key, _)| {
            matches!(&key.kind, ExprKind::Name(name) if name == "source")
                || key.as_literal() == Some("source")
        })?;
        source.as_literal().map(str::to_owned)
    };
    let mut out = Vec::new();
    for block in body.blocks.iter().filter(|block| block.kind == "required_providers") {
        for Attribute { name, value } in &block.body.attributes {
            out.extend(source(value).map(|source| (name.clone(), source)));
        }
    }
    // In JSON, a block is an object.
    if let Some(ExprKind::Object(fields)) =
        body.value("required_providers").map(|value| &value.kind)
    {
        for (name, value) in fields {
            let name = name.as_literal().map(str::to_owned);
            out.extend(name.zip(source(value)));
        }
    }
    out
}
