//! Expressions to values, as Terraform evaluates them, with unknowns as values.
//!
//! Evaluation is lazy and remembered: a local or variable is evaluated when something asks for it, once for each
//! instance of its module. Nothing can fail: what has no value, for whatever reason, is unknown, and says why. No
//! network, no program, and files only below the folders of the configuration.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "values and expressions have many forms, and each piece of code is about a few of them"
)]

mod alike;
mod body;
mod comprehension;
mod convert;
mod expression;
pub(crate) mod functions;
mod number;
mod operators;
mod provider;
mod provisioner;
mod refactored;
mod reference;
mod repeat;
mod step;
#[cfg(test)]
mod tests;
mod traced;
mod types;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use policy::template::Library;
use policy::text::{Shape, Text};

use crate::hcl::{Body, Expr};
use crate::input::modules::{Call, Module, Tree};
use crate::value::Value;

pub(crate) use body::Filled;
pub(crate) use expression::first_hole;
pub(crate) use number::number_text;
pub(crate) use provider::provider_name;
pub(crate) use refactored::Refactored;
pub(crate) use repeat::{Key, Keys, quote};
pub(crate) use step::tidy;
pub(crate) use traced::{
    Evaluated, Failure, Form, Origins, Traced, opaque, opaque_origin, unknown,
};

/// How deep evaluations may stand inside each other before the value counts as unknown.
const MAX_DEPTH: usize = 1_500;

/// How many expressions may be evaluated before the rest counts as unknown: loops within loops end.
const MAX_STEPS: usize = 100_000_000;

/// How large a value may grow before it counts as unknown, in nodes: each doubling of a list is a line of configuration.
const MAX_WEIGHT: usize = 1_000_000;

/// What is known about resource instances beyond the configuration: a plan's values.
pub(crate) trait Known {
    /// The values of the instance at an address, with holes; None where the plan does not speak of it.
    fn instance(&self, address: &str) -> Option<Rc<Value>>;

    /// The keys of the instances that the plan has of a resource, given its address without a key.
    fn keys(&self, resource: &str) -> Vec<Key>;

    /// The keys of the instances that the plan has of a module, given its address without a key.
    fn module_keys(&self, module: &str) -> Vec<Key>;
}

/// There is no plan.
pub(crate) struct NothingKnown;

impl Known for NothingKnown {
    fn instance(&self, _: &str) -> Option<Rc<Value>> {
        None
    }

    fn keys(&self, _: &str) -> Vec<Key> {
        Vec::new()
    }

    fn module_keys(&self, _: &str) -> Vec<Key> {
        Vec::new()
    }
}

/// The files that `file()` and its kin see. Paths are relative to the folder Terraform runs in.
pub(crate) trait ReadFile {
    /// The bytes of a file; None where there is none, or none that may be read.
    fn read(&self, path: &Path) -> Option<Vec<u8>>;

    /// The names in a folder, sorted, each with whether it is a folder; None where that may not be read.
    fn list(&self, folder: &Path) -> Option<Vec<(String, bool)>>;
}

/// There are no files.
pub(crate) struct NoFiles;

impl ReadFile for NoFiles {
    fn read(&self, _: &Path) -> Option<Vec<u8>> {
        None
    }

    fn list(&self, _: &Path) -> Option<Vec<(String, bool)>> {
        None
    }
}

/// A remembered value.
type Shared = Result<Rc<Traced>, Failure>;

/// Evaluates one configuration.
pub(crate) struct Evaluator<'a> {
    tree: &'a Tree,
    known: &'a dyn Known,
    read_file: &'a dyn ReadFile,
    library: Option<&'a Library>,
    variables: BTreeMap<String, Value>,
    instances: RefCell<BTreeMap<String, Rc<ModuleInstance<'a>>>>,
    depth: Cell<usize>,
    steps: Cell<usize>,
}

/// One instance of a module: `module.robot[0]`.
pub(crate) struct ModuleInstance<'a> {
    /// Its configuration.
    pub(crate) module: &'a Module,
    /// `module.robot[0]`, empty for the root.
    pub(crate) address: String,
    /// The module that calls it, and the call.
    parent: Option<(Rc<ModuleInstance<'a>>, &'a Call)>,
    key: Key,
    memo: RefCell<BTreeMap<Name, Option<Rc<Traced>>>>,
    keys: RefCell<BTreeMap<String, Rc<Keys>>>,
}

/// What a module instance remembers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Name {
    Variable(String),
    Local(String),
    Output(String),
    Repeat(String),
    Resource(String),
    Attribute(String, String),
}

/// What names mean at a place.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    /// The module instance.
    pub(crate) instance: Rc<ModuleInstance<'a>>,
    /// `each` and `count`.
    pub(crate) repetition: Repetition,
    /// Names of `for` expressions and of `dynamic` blocks, innermost last.
    bindings: Vec<(String, Traced)>,
    /// The element of a splat.
    element: Option<Traced>,
}

/// What `each` and `count` mean.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repetition {
    pub(crate) key: Key,
    pub(crate) each_value: Option<Traced>,
    /// The block, for messages: `aws_iam_role.x`.
    block: String,
}

impl<'a> Scope<'a> {
    /// The scope of a block of a module instance.
    pub(crate) fn new(instance: Rc<ModuleInstance<'a>>, repetition: Repetition) -> Self {
        Self { instance, repetition, bindings: Vec::new(), element: None }
    }

    /// What names mean here, as text: two scopes with the same text give the same values.
    fn identity(&self) -> String {
        format!(
            "{} {:?} {:?} {:?}",
            self.instance.address, self.repetition, self.bindings, self.element
        )
    }

    fn bind(&mut self, name: &str, value: Traced) {
        self.bindings.push((name.to_owned(), value));
    }
}

impl<'a> Evaluator<'a> {
    /// An evaluator of a configuration with the values of the root module's variables.
    pub(crate) fn new(
        tree: &'a Tree,
        known: &'a dyn Known,
        read_file: &'a dyn ReadFile,
        variables: BTreeMap<String, Value>,
    ) -> Self {
        Self {
            tree,
            known,
            read_file,
            library: None,
            variables,
            instances: RefCell::new(BTreeMap::new()),
            depth: Cell::new(0),
            steps: Cell::new(0),
        }
    }

    /// The same, with the templates that governed resources render.
    pub(crate) fn rendering(self, library: &'a Library) -> Self {
        Self { library: Some(library), ..self }
    }

    /// The root module.
    pub(crate) fn root(&self) -> Rc<ModuleInstance<'a>> {
        self.instance(String::new(), self.tree.root(), None, Key::None)
    }

    fn instance(
        &self,
        address: String,
        module: &'a Module,
        parent: Option<(Rc<ModuleInstance<'a>>, &'a Call)>,
        key: Key,
    ) -> Rc<ModuleInstance<'a>> {
        let mut instances = self.instances.borrow_mut();
        let instance = instances.entry(address.clone()).or_insert_with(|| {
            Rc::new(ModuleInstance {
                module,
                address,
                parent,
                key,
                memo: RefCell::new(BTreeMap::new()),
                keys: RefCell::new(BTreeMap::new()),
            })
        });
        Rc::clone(instance)
    }

    /// The instance of a module that a call makes for a key; None where the module is not there.
    pub(crate) fn child(
        &self,
        parent: &Rc<ModuleInstance<'a>>,
        name: &str,
        key: Key,
    ) -> Option<Rc<ModuleInstance<'a>>> {
        let call = parent.module.calls.get(name)?;
        let module = self.tree.module(call.module?)?;
        let address = format!("{}{key}", join(&parent.address, &format!("module.{name}")));
        Some(self.instance(address, module, Some((Rc::clone(parent), call)), key))
    }

    /// Evaluates once and remembers; a value that needs itself is unknown.
    fn remembered(
        instance: &ModuleInstance<'a>,
        name: Name,
        origin: impl Fn() -> String,
        evaluate: impl FnOnce() -> Evaluated,
    ) -> Rc<Traced> {
        match instance.memo.borrow().get(&name) {
            Some(Some(value)) => return Rc::clone(value),
            Some(None) => return Rc::new(Traced::plain(unknown(origin()))),
            None => {}
        }
        instance.memo.borrow_mut().insert(name.clone(), None);
        let value = evaluate().unwrap_or_else(|failure| Traced::plain(failure.into_value()));
        let value = Rc::new(if is_too_large(&value.value) {
            Traced::plain(unknown("a value that is too large"))
        } else {
            value
        });
        instance.memo.borrow_mut().insert(name, Some(Rc::clone(&value)));
        value
    }

    /// `var.name`
    fn variable(&self, instance: &Rc<ModuleInstance<'a>>, name: &str) -> Shared {
        let Some(block) = instance.module.variables.get(name) else {
            return Err(Failure::wrong(format!("var.{name}")));
        };
        let origin = || join(&instance.address, &format!("var.{name}"));
        Ok(Self::remembered(instance, Name::Variable(name.to_owned()), origin, || {
            let given = match &instance.parent {
                None => self.variables.get(name).map(|value| Traced::plain(value.clone())),
                Some((parent, call)) => call.block.body.value(name).map(|argument| {
                    let repetition = self.repetition(parent, &call.block, &instance.key);
                    self.value(&Scope::new(Rc::clone(parent), repetition), argument)
                }),
            };
            let scope = Scope::new(Rc::clone(instance), Repetition::default());
            let nullable = block
                .body
                .value("nullable")
                .is_none_or(|expr| self.value(&scope, expr).value != Value::Bool(false));
            let given = given.filter(|given| nullable || !given.value.is_null());
            let value = match (given, block.body.value("default")) {
                (Some(given), _) => given,
                (None, Some(default)) => self.value(&scope, default),
                (None, None) => Traced::plain(unknown(origin())),
            };
            let value = self.constrained(&scope, block.body.value("type"), value, &origin());
            Ok(if self.is_hidden(&scope, &block.body) { value.hidden() } else { value })
        }))
    }

    /// Whether a variable or output says that its value must not be shown.
    fn is_hidden(&self, scope: &Scope<'a>, body: &Body) -> bool {
        ["sensitive", "ephemeral"].into_iter().any(|mark| {
            body.value(mark)
                .is_some_and(|expr| operators::truth(&self.value(scope, expr).value) != Some(false))
        })
    }

    fn constrained(
        &self,
        scope: &Scope<'a>,
        constraint: Option<&Expr>,
        value: Traced,
        origin: &str,
    ) -> Traced {
        match constraint {
            Some(constraint) => convert::constrain(self, scope, constraint, value, origin),
            None => value,
        }
    }

    /// `local.name`
    fn local(&self, instance: &Rc<ModuleInstance<'a>>, name: &str) -> Shared {
        let Some(expr) = instance.module.locals.get(name) else {
            return Err(Failure::wrong(format!("local.{name}")));
        };
        let origin = || join(&instance.address, &format!("local.{name}"));
        Ok(Self::remembered(instance, Name::Local(name.to_owned()), origin, || {
            self.expression(&Scope::new(Rc::clone(instance), Repetition::default()), expr)
        }))
    }

    /// `module.call.name`
    fn output(&self, instance: &Rc<ModuleInstance<'a>>, name: &str) -> Shared {
        let block = instance.module.outputs.get(name);
        let Some((body, expr)) =
            block.and_then(|block| Some((&block.body, block.body.value("value")?)))
        else {
            return Err(Failure::wrong(join(&instance.address, name)));
        };
        let origin = || join(&instance.address, name);
        Ok(Self::remembered(instance, Name::Output(name.to_owned()), origin, || {
            let scope = Scope::new(Rc::clone(instance), Repetition::default());
            let value = self.expression(&scope, expr)?;
            Ok(if self.is_hidden(&scope, body) { value.hidden() } else { value })
        }))
    }

    /// The value of an output of a module instance, for whoever is not an expression.
    pub(crate) fn output_value(&self, instance: &Rc<ModuleInstance<'a>>, name: &str) -> Rc<Traced> {
        Self::or_unknown(self.output(instance, name))
    }

    /// The value of a local, for whoever is not an expression.
    pub(crate) fn local_value(&self, instance: &Rc<ModuleInstance<'a>>, name: &str) -> Rc<Traced> {
        Self::or_unknown(self.local(instance, name))
    }

    fn or_unknown(value: Shared) -> Rc<Traced> {
        value.unwrap_or_else(|failure| Rc::new(Traced::plain(failure.into_value())))
    }

    /// The value of an expression; unknown where it has none.
    pub(crate) fn value(&self, scope: &Scope<'a>, expr: &Expr) -> Traced {
        self.expression(scope, expr).unwrap_or_else(|failure| Traced::plain(failure.into_value()))
    }

    /// A file's content, for `file()` and its kin. Relative paths start where Terraform runs.
    fn file(&self, path: &str) -> Option<Vec<u8>> {
        self.read_file.read(Path::new(path))
    }
}

/// `module.a` and `var.x` to `module.a.var.x`.
pub(crate) fn join(module: &str, rest: &str) -> String {
    if module.is_empty() { rest.to_owned() } else { format!("{module}.{rest}") }
}

/// Whether a value is larger than any that is meant.
fn is_too_large(value: &Value) -> bool {
    let mut open = vec![value];
    let mut weight = 0;
    while let Some(value) = open.pop() {
        weight += 1;
        match value {
            Value::String(text) => {
                weight += text.parts().len() + text.as_str().map_or(0, str::len) / 16;
            }
            Value::List(items) => open.extend(items),
            Value::Object(fields) => open.extend(fields.values()),
            _ => {}
        }
        if weight + open.len() > MAX_WEIGHT {
            return true;
        }
    }
    false
}

/// A string of which nothing is known.
pub(crate) fn unknown_string(origin: &str, shape: Shape) -> Value {
    Value::String(Text::hole(origin, shape))
}
