//! The values of the root module's variables, in Terraform's order of precedence: environment, `terraform.tfvars`,
//! `*.auto.tfvars`, then the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::files::reason;
use super::modules::{Module, is_values, syntax_problem};
use super::{Files, Given, Options};
use crate::evaluate::{Evaluator, NoFiles, NothingKnown, Repetition, Scope};
use crate::hcl::json::{JsonKind, parse_json};
use crate::hcl::{Body, Expr, ExprKind, parse_body, parse_expression};
use crate::model::ReadProblem;
use crate::source::Sources;
use crate::value::Value;

/// No file of values is larger.
const MAX_FILE: u64 = 16 << 20;

/// Collects the values.
pub(crate) struct Values<'a> {
    module: &'a Module,
    sources: &'a mut Sources,
    problems: &'a mut Vec<ReadProblem>,
    given: BTreeMap<String, Value>,
}

/// The values that folder, options and environment give.
pub(crate) fn values(
    module: &Module,
    folder: &Path,
    options: &Options,
    files: &dyn Files,
    sources: &mut Sources,
    problems: &mut Vec<ReadProblem>,
) -> BTreeMap<String, Value> {
    let mut collected = Values { module, sources, problems, given: BTreeMap::new() };
    for (name, text) in &options.environment {
        if module.variables.contains_key(name) {
            collected.text(name, text);
        }
    }
    let names: BTreeSet<String> = files.list(folder).unwrap_or_default().into_iter().collect();
    // The two fixed names come before all `*.auto.tfvars`.
    let fixed = ["terraform.tfvars", "terraform.tfvars.json"]
        .into_iter()
        .filter(|name| names.contains(*name));
    let auto = names
        .iter()
        .map(String::as_str)
        .filter(|name| is_values(name) && !name.starts_with("terraform.tfvars"));
    for name in fixed.chain(auto) {
        collected.file(&folder.join(name), name, files);
    }
    for given in &options.given {
        match given {
            Given::File(path) => collected.file(path, &path.display().to_string(), files),
            Given::Value(name, text) if module.variables.contains_key(name) => {
                collected.text(name, text);
            }
            Given::Value(name, _) => collected.problems.push(ReadProblem {
                message: format!("`--var` names the variable `{name}`, which is not declared"),
                help: None,
                span: None,
            }),
        }
    }
    collected.given
}

impl Values<'_> {
    /// A value as the command line and the environment give it: text, unless the type asks for more.
    fn text(&mut self, name: &str, text: &str) {
        let constraint = self.module.variables.get(name).and_then(|block| block.body.value("type"));
        let plain = match constraint.map(|constraint| &constraint.kind) {
            None => true,
            Some(ExprKind::Name(kind)) => matches!(kind.as_str(), "string" | "number" | "bool"),
            Some(_) => false,
        };
        if plain {
            self.given.insert(name.to_owned(), text.into());
            return;
        }
        let shown = format!("the value of `{name}`");
        let file = self.sources.add(shown.clone(), text);
        match parse_expression(text, file) {
            Ok(expr) => {
                let value = self.constant(&expr);
                self.given.insert(name.to_owned(), value);
            }
            Err(error) => self.problems.push(syntax_problem(&shown, error)),
        }
    }

    fn file(&mut self, path: &Path, shown: &str, files: &dyn Files) {
        let text = files.read(path, MAX_FILE).map_err(|error| reason(&error));
        let text = text
            .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()));
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                let message = format!("cannot read `{shown}`: {error}");
                self.problems.push(ReadProblem { message, help: None, span: None });
                return;
            }
        };
        let file = self.sources.add(shown, text);
        let text = self.sources.shared(file);
        if path.extension().is_some_and(|end| end == "json") {
            match parse_json(&text, file).map(|json| json.kind) {
                Ok(JsonKind::Object(members)) => {
                    for (name, _, value) in members {
                        self.given.insert(name, crate::evaluate::functions::from_json(value));
                    }
                }
                Ok(_) => self.problems.push(ReadProblem {
                    message: format!("`{shown}` holds no JSON object"),
                    help: None,
                    span: None,
                }),
                Err(error) => self.problems.push(syntax_problem(shown, error)),
            }
            return;
        }
        let (body, errors) = parse_body(&text, file);
        self.problems.extend(errors.into_iter().map(|error| syntax_problem(shown, error)));
        let Body { attributes, .. } = body;
        for attribute in attributes {
            let value = self.constant(&attribute.value);
            self.given.insert(attribute.name, value);
        }
    }

    /// An expression that names nothing.
    fn constant(&self, expr: &Expr) -> Value {
        let tree = super::modules::Tree::empty(self.module.nowhere);
        let evaluator = Evaluator::new(&tree, &NothingKnown, &NoFiles, BTreeMap::new());
        evaluator.value(&Scope::new(evaluator.root(), Repetition::default()), expr).value
    }
}
