//! Plan JSON without its sources: what it says about references joins what its values leave open.
//!
//! A function around a reference does not show there, so whatever is joined here is marked as assumed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use policy::text::{Hole, Shape};

use super::plan::module_steps;
use crate::evaluate::{Key, join};
use crate::model::{Mode, Reference, Resource};
use crate::planned::{Address, Expression, Planned};
use crate::value::Value;

/// Longer chains of module calls than there are.
const MAX_DEPTH: usize = 64;

/// The documents of a plan that an argument may be joined with.
pub(super) struct Referenced<'a> {
    planned: &'a Planned,
    /// The `json` of each `aws_iam_policy_document`, by address.
    documents: BTreeMap<String, Value>,
    /// The arguments of the modules that were asked for, by the modules' path.
    calls: RefCell<BTreeMap<Vec<String>, Arguments>>,
}

/// What a module is called with; none where the plan does not say.
type Arguments = Option<Rc<BTreeMap<String, Expression>>>;

impl<'a> Referenced<'a> {
    pub(super) fn new(planned: &'a Planned, resources: &[Resource]) -> Self {
        let documents = resources
            .iter()
            .filter(|resource| {
                resource.mode == Mode::Data && resource.kind == "aws_iam_policy_document"
            })
            .map(|resource| (resource.address.clone(), resource.after.get("json").clone()))
            .collect();
        Self { planned, documents, calls: RefCell::default() }
    }

    /// Adds references, and values where they can be told.
    pub(super) fn join(&self, resources: &mut [Resource]) {
        for resource in resources {
            let Some(address) = Address::parse(&resource.address) else { continue };
            let Some(expressions) = self.planned.referring(&address) else { continue };
            for (argument, expression) in &expressions {
                let mut references = BTreeSet::new();
                self.collect(&resource.module, expression, &mut references, 0);
                if references.is_empty() {
                    continue;
                }
                self.value(resource, argument, &references);
                resource.references.insert(argument.clone(), references);
            }
        }
    }

    /// The resources that an expression derives from, through the arguments of module calls.
    fn collect(
        &self,
        module: &str,
        expression: &Expression,
        out: &mut BTreeSet<Reference>,
        depth: usize,
    ) {
        match expression {
            Expression::References(names) => {
                for name in names {
                    // `a.b.c` comes with `a.b`, which says less.
                    let longer = |other: &String| {
                        other
                            .strip_prefix(name.as_str())
                            .is_some_and(|rest| rest.starts_with(['.', '[']))
                    };
                    if !names.iter().any(longer) {
                        self.name(module, name, out, depth);
                    }
                }
            }
            Expression::Blocks(blocks) => {
                for inner in blocks.iter().flat_map(BTreeMap::values) {
                    self.collect(module, inner, out, depth);
                }
            }
            Expression::Constant(_) | Expression::Opaque => {}
        }
    }

    fn name(&self, module: &str, name: &str, out: &mut BTreeSet<Reference>, depth: usize) {
        let steps: Vec<&str> = name.split('.').collect();
        match steps.as_slice() {
            ["var", variable, ..] if depth < MAX_DEPTH => {
                let path: Vec<String> =
                    module_steps(module).into_iter().map(|(name, _)| name).collect();
                let Some(arguments) = self.call(path) else { return };
                let variable = variable.split('[').next().unwrap_or(variable);
                if let Some(argument) = arguments.get(variable) {
                    self.collect(&parent(module), argument, out, depth + 1);
                }
            }
            ["var" | "local" | "each" | "count" | "path" | "terraform" | "self" | "module", ..] => {
            }
            ["data", kind, name, rest @ ..] => {
                out.insert(reference(module, &format!("data.{kind}.{name}"), rest));
            }
            [kind, name, rest @ ..] => {
                out.insert(reference(module, &format!("{kind}.{name}"), rest));
            }
            _ => {}
        }
    }

    /// What a module is called with: every resource in it may ask.
    fn call(&self, path: Vec<String>) -> Arguments {
        if let Some(known) = self.calls.borrow().get(&path) {
            return known.clone();
        }
        let arguments = self.planned.call(&path).map(Rc::new);
        self.calls.borrow_mut().insert(path, arguments.clone());
        arguments
    }

    /// Fills an argument that the plan leaves open.
    fn value(&self, resource: &mut Resource, argument: &str, references: &BTreeSet<Reference>) {
        let Value::Object(fields) = &mut resource.after else { return };
        let place = format!("{}.{argument}", resource.address);
        let Some(Value::Unknown(hole)) = fields.get(argument) else { return };
        if *hole.origin != *place || hole.shape != Shape::Any {
            return;
        }
        let first = references.iter().next();
        let only = first.filter(|_| references.len() == 1);
        let document = only
            .filter(|only| matches!(only.attribute.as_str(), "json" | "minified_json" | ""))
            .and_then(|only| self.document(&only.address, &resource.address));
        if let Some(document) = document {
            fields.insert(argument.to_owned(), document);
            resource.assumed.insert(argument.to_owned());
        } else if let Some(first) = first {
            let dot = if first.attribute.is_empty() { "" } else { "." };
            // Not the reference alone: two arguments that use one value are not the same unknown.
            let origin = format!("{}{dot}{} in {place}", first.address, first.attribute);
            let hole = Hole { origin: origin.into(), shape: Shape::Any };
            fields.insert(argument.to_owned(), Value::Unknown(hole));
        }
    }

    /// The document at an address, or its instance with the key of the one who uses it.
    fn document(&self, address: &str, user: &str) -> Option<Value> {
        let exact = self.documents.get(address);
        let twin = || {
            let key = Address::parse(user)?.key?;
            self.documents.get(&format!("{address}[{key}]"))
        };
        exact.or_else(twin).cloned()
    }
}

fn parent(module: &str) -> String {
    let mut steps = module_steps(module);
    steps.pop();
    steps.iter().fold(String::new(), |address, (name, key): &(String, Key)| {
        join(&address, &format!("module.{name}{key}"))
    })
}

fn reference(module: &str, resource: &str, rest: &[&str]) -> Reference {
    Reference { address: join(module, resource), attribute: rest.join(".") }
}
