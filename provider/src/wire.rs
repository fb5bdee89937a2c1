//! The codec of values: the only place that knows msgpack and the JSON of states. Every input is taken for hostile: depth
//! and lengths are bounded before anything is allocated, and what does not fit its type is an error with a path.

use std::collections::BTreeMap;
use std::fmt;

use proto::tfplugin6;

use crate::path::{Path, Step};
use crate::ty::Type;
use crate::value::Value;

pub(crate) mod json;
pub(crate) mod msgpack;

/// Why a value could not be read or written. Never quotes the value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WireError {
    message: String,
    /// From the innermost step outwards, as the error comes up.
    steps: Vec<Step>,
}

impl WireError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), steps: Vec::new() }
    }

    fn mismatch(ty: &Type) -> Self {
        Self::new(format!("{} is needed", ty.name()))
    }

    fn within(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Where.
    pub(crate) fn path(&self) -> Path {
        self.steps.iter().rev().cloned().fold(Path::root(), Path::then)
    }
}

impl std::error::Error for WireError {}

impl fmt::Display for WireError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return formatter.write_str(&self.message);
        }
        write!(formatter, "at `{}`: {}", self.path(), self.message)
    }
}

/// Reads a value of a type. Nothing at all (which OpenTofu sends for a null argument) is null.
pub(crate) fn decode(
    dynamic: Option<&tfplugin6::DynamicValue>,
    ty: &Type,
) -> Result<Value, WireError> {
    let Some(tfplugin6::DynamicValue { msgpack, json }) = dynamic else { return Ok(Value::Null) };
    match (msgpack.as_slice(), json.as_slice()) {
        ([], []) => Ok(Value::Null),
        ([], json) => json::decode(json, ty, json::Unknown::Refused),
        (msgpack, _) => msgpack::decode(msgpack, ty),
    }
}

/// Writes a value of a type.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<tfplugin6::DynamicValue, WireError> {
    Ok(tfplugin6::DynamicValue { msgpack: msgpack::encode(value, ty)?, json: Vec::new() })
}

/// Puts an entry into a map or object; a name that is there twice is an error.
fn insert(
    entries: &mut BTreeMap<String, Value>,
    name: String,
    value: Value,
) -> Result<(), WireError> {
    if entries.contains_key(&name) {
        return Err(WireError::new(format!("`{name}` is there twice")));
    }
    entries.insert(name, value);
    Ok(())
}

#[cfg(test)]
mod tests;
