//! Names: variables, locals, resources, modules.

use std::collections::BTreeMap;
use std::rc::Rc;

use policy::text::Shape;

use super::repeat::index_value;
use super::step::{Step, path_text, walk};
use super::{
    Evaluated, Evaluator, Failure, Filled, Form, Key, Keys, ModuleInstance, Name, Scope, Traced,
    join, unknown, unknown_string,
};
use crate::hcl::{Block, Body, Expr, ExprKind};
use crate::model::{Mode, Reference};
use crate::value::Value;

/// A resource block of a module instance.
struct Target<'a> {
    instance: Rc<ModuleInstance<'a>>,
    block: Option<&'a Block>,
    mode: Mode,
    kind: String,
    /// With the module, without a key.
    address: String,
}

impl<'a> Evaluator<'a> {
    /// A name and the steps that follow it.
    pub(super) fn traversal(&self, scope: &Scope<'a>, expr: &Expr) -> Evaluated {
        let mut steps = Vec::new();
        let mut root = expr;
        loop {
            match &root.kind {
                ExprKind::Attr(inner, name) => {
                    steps.push(Step::Name(name.clone()));
                    root = inner;
                }
                ExprKind::Index(inner, key) => {
                    steps.push(Step::Key(self.value(scope, key)));
                    root = inner;
                }
                _ => break,
            }
        }
        steps.reverse();
        if let ExprKind::Name(name) = &root.kind {
            return self.name(scope, name, &steps);
        }
        walk(&self.expression(scope, root)?, &steps)
    }

    fn name(&self, scope: &Scope<'a>, name: &str, steps: &[Step]) -> Evaluated {
        if let Some((_, value)) = scope.bindings.iter().rev().find(|(bound, _)| bound == name) {
            return walk(value, steps);
        }
        let (first, rest) = match steps.split_first() {
            Some((Step::Name(first), rest)) => (first.as_str(), rest),
            _ => return Err(Failure::wrong(name)),
        };
        match name {
            "var" => self.variable(&scope.instance, first).and_then(|value| walk(&value, rest)),
            "local" => self.local(&scope.instance, first).and_then(|value| walk(&value, rest)),
            "each" => walk(&each(scope, first)?, rest),
            "count" => match (&scope.repetition.key, first) {
                (Key::Index(index), "index") => Ok(Traced::plain(index_value(*index))),
                _ => Ok(Traced::plain(unknown(format!(
                    "count.{first} of {}",
                    scope.repetition.block
                )))),
            },
            "path" => Ok(Traced::plain(match first {
                "module" => scope.instance.module.path.as_str().into(),
                "root" => ".".into(),
                other => unknown_string(&format!("path.{other}"), Shape::Any),
            })),
            "terraform" | "tofu" => {
                Ok(Traced::plain(unknown_string(&format!("terraform.{first}"), Shape::Word)))
            }
            "module" => self.module(scope, first, rest),
            // Nothing of it is ever written down.
            "ephemeral" => Ok(Traced::plain(unknown(path_text(name, steps))).hidden()),
            "self" | "action" => Err(Failure::unknown(path_text(name, steps))),
            "data" => match rest.split_first() {
                Some((Step::Name(second), rest)) => {
                    self.resource(scope, Mode::Data, first, second, rest)
                }
                _ => Err(Failure::wrong(format!("data.{first}"))),
            },
            // `resource.aws_iam_role.x` is the long form.
            "resource" => match rest.split_first() {
                Some((Step::Name(second), rest)) => {
                    self.resource(scope, Mode::Managed, first, second, rest)
                }
                _ => Err(Failure::wrong(format!("resource.{first}"))),
            },
            kind => self.resource(scope, Mode::Managed, kind, first, rest),
        }
    }

    fn module(&self, scope: &Scope<'a>, name: &str, steps: &[Step]) -> Evaluated {
        let origin = join(&scope.instance.address, &format!("module.{name}"));
        let Some(call) = scope.instance.module.calls.get(name) else {
            return Err(Failure::wrong(origin));
        };
        let keys = self.keys(&scope.instance, &call.block);
        let output = |key: Key, steps: &[Step]| -> Evaluated {
            let Some(child) = self.child(&scope.instance, name, key.clone()) else {
                return Err(Failure::unknown(path_text(&format!("{origin}{key}"), steps)));
            };
            match steps.split_first() {
                Some((Step::Name(output), rest)) => {
                    self.output(&child, output).and_then(|value| walk(&value, rest))
                }
                Some((Step::Key(_), _)) => Err(Failure::wrong(&*origin)),
                None => {
                    let outputs = child.module.outputs.keys();
                    let fields = outputs.map(|output| {
                        let value = match self.output(&child, output) {
                            Ok(value) => Traced::clone(&value),
                            Err(failure) => Traced::plain(failure.into_value()),
                        };
                        (output.clone(), value)
                    });
                    Ok(Traced::object(fields.collect()))
                }
            }
        };
        Self::select(&keys, steps, &origin, &output)
    }

    /// Picks the instances that steps mean, and gives each the steps that are left.
    fn select(
        keys: &Keys,
        steps: &[Step],
        origin: &str,
        each: &dyn Fn(Key, &[Step]) -> Evaluated,
    ) -> Evaluated {
        let one = |key: Key, steps: &[Step]| {
            each(key, steps).unwrap_or_else(|failure| Traced::plain(failure.into_value()))
        };
        match (keys, steps.split_first()) {
            (Keys::Single, Some((Step::Key(key), rest)))
                if matches!(key.value, Value::Number(_)) =>
            {
                // `x[0]` of a block that lost its count: Terraform refuses, old plans do not.
                each(Key::None, rest)
            }
            (Keys::Single, _) => each(Key::None, steps),
            (Keys::Count(_) | Keys::Each(_), None) => {
                let all = keys.all().into_iter();
                Ok(match keys {
                    Keys::Each(_) => Traced::object(
                        all.filter_map(|key| match &key {
                            Key::Each(name) => Some((name.clone(), one(key.clone(), &[]))),
                            Key::None | Key::Index(_) | Key::Any => None,
                        })
                        .collect(),
                    ),
                    Keys::Single | Keys::Count(_) | Keys::Unknown(_) => {
                        Traced::list(all.map(|key| one(key, &[])).collect())
                    }
                })
            }
            (Keys::Count(count), Some((step, rest))) => {
                match step.text().map(|text| text.parse::<usize>()) {
                    Some(Ok(index)) if index < *count => each(Key::Index(index), rest),
                    Some(_) => Err(Failure::wrong(path_text(origin, steps))),
                    None => Ok(Self::any_of(keys, rest, &path_text(origin, steps), &one)),
                }
            }
            (Keys::Each(names), Some((step, rest))) => match step.text() {
                Some(name) if names.binary_search(&name).is_ok() => each(Key::Each(name), rest),
                Some(_) => Err(Failure::wrong(path_text(origin, steps))),
                None => Ok(Self::any_of(keys, rest, &path_text(origin, steps), &one)),
            },
            (Keys::Unknown(_), None) => {
                let any = one(Key::Any, &[]);
                Ok(Traced::derived(unknown(origin), [&any]))
            }
            (Keys::Unknown(known), Some((step, rest))) => {
                let wanted = step.text();
                let key = known.iter().find(|key| match key {
                    Key::Index(index) => wanted.as_deref() == Some(&index.to_string()),
                    Key::Each(name) => wanted.as_deref() == Some(name),
                    Key::None | Key::Any => false,
                });
                match key {
                    Some(key) => each(key.clone(), rest),
                    None => Ok(one(Key::Any, rest)),
                }
            }
        }
    }

    /// The value that all instances share, or an unknown that derives from all of them.
    fn any_of(
        keys: &Keys,
        rest: &[Step],
        origin: &str,
        one: &dyn Fn(Key, &[Step]) -> Traced,
    ) -> Traced {
        let values: Vec<Traced> = keys.all().into_iter().map(|key| one(key, rest)).collect();
        match values.split_first() {
            Some((first, others)) if others.iter().all(|other| other.value == first.value) => {
                Traced::either(first.value.clone(), &values, [])
            }
            _ => Traced::either(super::opaque(origin, &values), &values, []),
        }
    }

    fn resource(
        &self,
        scope: &Scope<'a>,
        mode: Mode,
        kind: &str,
        name: &str,
        steps: &[Step],
    ) -> Evaluated {
        let prefix = if mode == Mode::Data { "data." } else { "" };
        let address = join(&scope.instance.address, &format!("{prefix}{kind}.{name}"));
        let block = scope.instance.module.resource(mode, kind, name);
        let keys = match block {
            Some(block) => self.keys(&scope.instance, block),
            None if self.known.instance(&address).is_some() => Rc::new(Keys::Single),
            None => return Err(Failure::wrong(path_text(&address, steps))),
        };
        let target = Target {
            instance: Rc::clone(&scope.instance),
            block,
            mode,
            kind: kind.to_owned(),
            address: address.clone(),
        };
        let each = |key: Key, steps: &[Step]| self.resource_instance(&target, &key, steps);
        Self::select(&keys, steps, &address, &each)
    }

    fn resource_instance(&self, target: &Target<'a>, key: &Key, steps: &[Step]) -> Evaluated {
        // An instance that stands for any is referred to without a key.
        let (address, place) = match key {
            Key::Any => (target.address.clone(), format!("{}[*]", target.address)),
            key => (format!("{}{key}", target.address), format!("{}{key}", target.address)),
        };
        let Some((first, rest)) = steps.split_first() else {
            let filled = self.whole(target, key, &place);
            let whole = Traced::resource(filled.value.clone(), &address).also_hidden(&filled);
            return Ok(self.with_data_sources(whole, target, key));
        };
        let Some(name) = first.text() else {
            return Err(Failure::wrong(path_text(&address, steps)));
        };
        let value = self.attribute(target, key, &place, &name);
        let marks = value.origins.clone();
        let attribute = path_text(&name, rest);
        let reference =
            Reference { address, attribute: attribute.trim_start_matches('.').to_owned() };
        let origins = super::Origins::of(reference).with_marks(&marks);
        let value = Traced { value: value.value.clone(), origins };
        walk(&self.with_data_sources(value, target, key), rest)
    }

    /// What a data source is asked flows into what it answers.
    fn with_data_sources(&self, value: Traced, target: &Target<'a>, key: &Key) -> Traced {
        let (Mode::Data, Some(block)) = (target.mode, target.block) else { return value };
        let name = Name::Repeat(format!("origins of {}{key}", target.address));
        let origins = Self::remembered(
            &target.instance,
            name,
            || target.address.clone(),
            || {
                let scope = self.block_scope(&target.instance, block, key);
                let filled = self.body(&scope, &block.body);
                Ok(Traced { value: Value::Null, origins: filled.origins() })
            },
        );
        value.also(&origins.origins)
    }

    /// The scope inside a block's instance.
    pub(crate) fn block_scope(
        &self,
        instance: &Rc<ModuleInstance<'a>>,
        block: &Block,
        key: &Key,
    ) -> Scope<'a> {
        Scope::new(Rc::clone(instance), self.repetition(instance, block, key))
    }

    /// A resource instance with all of its attributes that are known in some way.
    fn whole(&self, target: &Target<'a>, key: &Key, place: &str) -> Rc<Traced> {
        let name = Name::Resource(place.to_owned());
        let evaluate = || {
            let value = if let Some(block) = target.block {
                let scope = self.block_scope(&target.instance, block, key);
                let filled = self.completed(&scope, target.mode, &target.kind, &block.body, place);
                return Ok(filled.hiding());
            } else {
                let known = self.known.instance(place);
                let mut value = known.map_or(Value::Null, |known| Value::clone(&known));
                if let Value::Object(fields) = &mut value {
                    let facts = crate::shape::Facts::unknown("");
                    crate::shape::complete(target.mode, &target.kind, place, fields, &facts);
                    self.governed(target.mode, &target.kind, fields);
                }
                value
            };
            Ok(Traced::plain(value))
        };
        Self::remembered(&target.instance, name, || place.to_owned(), evaluate)
    }

    /// One attribute, with no more of the resource evaluated than it takes.
    fn attribute(&self, target: &Target<'a>, key: &Key, place: &str, name: &str) -> Rc<Traced> {
        let planned = self.known.instance(place);
        let planned = planned.as_ref().and_then(|planned| match &**planned {
            Value::Object(planned) => planned.get(name),
            _ => None,
        });
        if let Some(planned) = planned
            && !planned.has_unknown()
        {
            return Rc::new(settled(target, Traced::plain(planned.clone())));
        }
        let origin = || format!("{place}.{name}");
        let memo = Name::Attribute(place.to_owned(), name.to_owned());
        Self::remembered(&target.instance, memo, origin, || {
            let configured = target.block.and_then(|block| {
                let scope = self.block_scope(&target.instance, block, key);
                block.body.value(name).map(|expr| self.value(&scope, expr))
            });
            let value = match (planned, configured) {
                (Some(planned), Some(configured)) if !configured.value.is_null() => Traced {
                    value: super::body::fill(planned, &configured.value),
                    origins: configured.origins.marks(),
                },
                (None, Some(configured)) if !configured.value.is_null() => {
                    let origins = configured.origins.marks();
                    Traced { value: configured.value, origins }
                }
                _ => self
                    .whole(target, key, place)
                    .attribute(name)
                    .unwrap_or_else(|_| Traced::plain(nothing_known(name, &origin()))),
            };
            Ok(settled(target, value))
        })
    }

    /// A body evaluated, joined with what the plan knows, and with the computed attributes that follow from both.
    pub(crate) fn completed(
        &self,
        scope: &Scope<'a>,
        mode: Mode,
        kind: &str,
        body: &Body,
        address: &str,
    ) -> Filled {
        let mut filled = self.body(scope, body);
        if let Some(planned) = self.known.instance(address)
            && matches!(*planned, Value::Object(_))
        {
            filled.value = super::body::fill(&planned, &filled.value);
        }
        let facts = self.provider(scope, kind, body);
        let is_set = |argument: &str| filled.set.contains(argument);
        if let Value::Object(fields) = &mut filled.value {
            crate::shape::settle_unset(kind, fields, &is_set);
            crate::shape::complete(mode, kind, address, fields, &facts);
            self.governed(mode, kind, fields);
        }
        self.provisioners(scope, body, address, &mut filled);
        if mode == Mode::Managed && !facts.default_references.is_empty() {
            let all = match kind.split('_').next() {
                Some("aws") => ("tags", "tags_all"),
                Some("google") => ("labels", "effective_labels"),
                _ => return filled,
            };
            let mut references = facts.default_references;
            references.extend(filled.references.get(all.0).into_iter().flatten().cloned());
            filled.references.insert(all.1.to_owned(), references);
        }
        filled
    }

    /// What a governed resource renders.
    fn governed(&self, mode: Mode, kind: &str, fields: &mut BTreeMap<String, Value>) {
        if let (Mode::Managed, Some(library)) = (mode, self.library) {
            crate::shape::rendered::complete(kind, fields, library);
        }
    }
}

/// An attribute of which nothing is known. The id of every resource is a string.
fn nothing_known(name: &str, origin: &str) -> Value {
    if name == "id" { unknown_string(origin, Shape::Any) } else { unknown(origin) }
}

/// A value as a reference to it sees it: what a provider's schema makes of a list, only the provider knows.
fn settled(target: &Target<'_>, value: Traced) -> Traced {
    let is_collection = matches!(value.value, Value::List(_) | Value::Object(_));
    if is_collection && target.kind != "terraform_data" {
        return value.formed(Form::Unsettled);
    }
    value
}

/// `each.key`, `each.value`
fn each(scope: &Scope<'_>, name: &str) -> Evaluated {
    match (name, &scope.repetition.key) {
        ("key", Key::Each(key)) => {
            let origins = super::Origins::default();
            Ok(Traced { value: key.as_str().into(), origins })
        }
        ("key", Key::Any) => Ok(Traced {
            value: unknown_string(&format!("each.key of {}", scope.repetition.block), Shape::Any),
            origins: scope.repetition.each_value.clone().unwrap_or_default().origins,
        }),
        ("value", _) => {
            scope.repetition.each_value.clone().ok_or_else(|| Failure::wrong("each.value"))
        }
        _ => Err(Failure::wrong(format!("each.{name}"))),
    }
}
