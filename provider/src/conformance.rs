//! Everything that Terraform asserts about a provider's replies, as pure functions over schema and values. Terraform turns a
//! violation into "Provider produced invalid plan" or "inconsistent result after apply", at the user's expense; here it
//! becomes a plain message that names the path, before the reply leaves. The tests' harness asserts the same from outside.
//!
//! - [`plan_is_valid`]: a planned state against configuration and prior state.
//! - [`is_compatible`]: what came out against what was planned; also a second plan against the first.
//! - [`conforms`], [`wholly_known`], [`no_write_only`], [`paths_exist`]: what holds for every reply of a kind.

use std::fmt;

use crate::path::{Path, Place};
use crate::schema::AttributeSpec;
use crate::ty::Type;
use crate::value::Value;
use crate::wire::json::to_json;

mod compatible;
mod plan;

pub(crate) use compatible::is_compatible;
pub(crate) use plan::plan_is_valid;

/// One broken assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) path: Path,
    pub(crate) message: String,
}

impl Violation {
    fn new(path: &Place<'_>, message: impl Into<String>) -> Self {
        Self { path: path.path(), message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.steps().is_empty() {
            return formatter.write_str(&self.message);
        }
        write!(formatter, "{}: {}", self.path, self.message)
    }
}

/// The value fits its type: every attribute is there, none is extra.
pub(crate) fn conforms(ty: &Type, value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    conforms_at(ty, value, &Place::Root, &mut found);
    found
}

fn conforms_at(ty: &Type, value: &Value, path: &Place<'_>, found: &mut Vec<Violation>) {
    match (ty, value) {
        (_, Value::Null | Value::Unknown(_))
        | (Type::Bool, Value::Bool(_))
        | (Type::Number, Value::Number(_))
        | (Type::String, Value::String(_)) => {}
        (Type::List(element), Value::List(elements)) => {
            for (index, value) in elements.iter().enumerate() {
                conforms_at(element, value, &path.index(index), found);
            }
        }
        (Type::Tuple(types), Value::List(elements)) if types.len() == elements.len() => {
            for (index, (ty, value)) in types.iter().zip(elements).enumerate() {
                conforms_at(ty, value, &path.index(index), found);
            }
        }
        (Type::Set(element), Value::Set(elements)) => {
            for value in elements.as_slice() {
                conforms_at(element, value, path, found);
            }
        }
        (Type::Map(element), Value::Map(entries)) => {
            for (key, value) in entries {
                conforms_at(element, value, &path.key(key), found);
            }
        }
        (Type::Object(types), Value::Object(entries)) => {
            for name in entries.keys().filter(|name| !types.contains_key(*name)) {
                found.push(Violation::new(path, format!("`{name}` is not in the schema")));
            }
            for (name, ty) in types {
                match entries.get(name) {
                    Some(value) => conforms_at(ty, value, &path.attribute(name), found),
                    None => found.push(Violation::new(path, format!("`{name}` is missing"))),
                }
            }
        }
        (Type::Dynamic, Value::Dynamic(dynamic)) => {
            conforms_at(&dynamic.0, &dynamic.1, path, found);
        }
        (ty, _) => found.push(Violation::new(path, format!("{} is needed", ty.name()))),
    }
}

/// Nothing in the value is unknown.
pub(crate) fn wholly_known(value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    known_at(value, &Place::Root, &mut found);
    found
}

fn known_at(value: &Value, path: &Place<'_>, found: &mut Vec<Violation>) {
    match value {
        Value::Unknown(_) => found.push(Violation::new(path, "the value is still unknown")),
        Value::List(elements) => {
            for (index, value) in elements.iter().enumerate() {
                known_at(value, &path.index(index), found);
            }
        }
        Value::Set(elements) => {
            for value in elements.as_slice() {
                known_at(value, path, found);
            }
        }
        Value::Map(entries) => {
            for (key, value) in entries {
                known_at(value, &path.key(key), found);
            }
        }
        Value::Object(entries) => {
            for (name, value) in entries {
                known_at(value, &path.attribute(name), found);
            }
        }
        Value::Dynamic(dynamic) => known_at(&dynamic.1, path, found),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Every write-only attribute is null.
pub(crate) fn no_write_only(attributes: &[AttributeSpec], value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    no_write_only_at(attributes, value, &Place::Root, &mut found);
    found
}

fn no_write_only_at(
    attributes: &[AttributeSpec],
    value: &Value,
    path: &Place<'_>,
    found: &mut Vec<Violation>,
) {
    for spec in attributes {
        let value = value.attribute(spec.name);
        let path = path.attribute(spec.name);
        if spec.rules.write_only && !value.is_null() {
            found.push(Violation::new(&path, "a write-only attribute has a value"));
        } else if let Some((nesting, nested)) = spec.shape.nested() {
            for (value, path) in crate::schema::validation::objects(nesting, value, &path) {
                no_write_only_at(nested, value, &path, found);
            }
        }
    }
}

/// Every path leads somewhere, in the prior or in the planned state.
pub(crate) fn paths_exist(paths: &[Path], prior: &Value, planned: &Value) -> Vec<Violation> {
    let missing =
        paths.iter().filter(|path| prior.at(path).is_none() && planned.at(path).is_none());
    missing
        .map(|path| Violation {
            path: path.clone(),
            message: "a replacement is asked for because of a path that does not exist".to_owned(),
        })
        .collect()
}

/// A value in a message, unless it is sensitive.
fn shown(value: &Value, sensitive: bool) -> String {
    if sensitive { "a sensitive value".to_owned() } else { format!("`{}`", to_json(value)) }
}

#[cfg(test)]
mod tests;
