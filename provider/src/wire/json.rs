//! The JSON of states: what upgrades are given, and what older cores may send instead of msgpack. It has no form for
//! unknown values.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{WireError, insert};
use crate::number::Number;
use crate::path::Step;
use crate::ty::{MAX_DEPTH, Type};
use crate::value::{Value, nfc};

/// What to do with an attribute that the schema does not have, and with one that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// An error: both sides speak of the same schema.
    Refused,
    /// Dropped, and null: a state written under another schema.
    Dropped,
}

pub(crate) fn decode(bytes: &[u8], ty: &Type, unknown: Unknown) -> Result<Value, WireError> {
    let json = serde_json::from_slice(bytes)
        .map_err(|error| WireError::new(format!("the JSON does not parse: {error}")))?;
    from_json(&json, ty, unknown)
}

/// The value of a type in parsed JSON.
pub(crate) fn from_json(json: &Json, ty: &Type, unknown: Unknown) -> Result<Value, WireError> {
    value(json, ty, unknown, MAX_DEPTH)
}

fn value(json: &Json, ty: &Type, unknown: Unknown, depth: usize) -> Result<Value, WireError> {
    let depth = depth.checked_sub(1).ok_or_else(|| WireError::new("nested too deeply"))?;
    let mismatch = || WireError::mismatch(ty);
    if json.is_null() {
        return Ok(Value::Null);
    }
    match ty {
        Type::Bool => json.as_bool().map(Value::Bool).ok_or_else(mismatch),
        Type::Number => {
            let text = match json {
                Json::Number(number) => Some(number.to_string()),
                Json::String(text) => Some(text.clone()),
                Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
            };
            let number = text.and_then(|text| Number::from_text(&text));
            number.map(Value::Number).ok_or_else(mismatch)
        }
        Type::String => json.as_str().map(Value::text).ok_or_else(mismatch),
        Type::List(element) => {
            elements(json, ty, |_| Some(element), unknown, depth).map(Value::List)
        }
        Type::Set(element) => {
            let elements = elements(json, ty, |_| Some(element), unknown, depth)?;
            Ok(Value::Set(elements.into_iter().collect()))
        }
        Type::Tuple(types) => {
            let elements = elements(json, ty, |index| types.get(index), unknown, depth)?;
            if elements.len() == types.len() { Ok(Value::List(elements)) } else { Err(mismatch()) }
        }
        Type::Map(element) => {
            let mut entries = BTreeMap::new();
            for (key, json) in json.as_object().ok_or_else(mismatch)? {
                let value = value(json, element, unknown, depth);
                let value = value.map_err(|error| error.within(Step::Key(key.clone())))?;
                insert(&mut entries, nfc(key.clone()), value)?;
            }
            Ok(Value::Map(entries))
        }
        Type::Object(types) => object(json, ty, types, unknown, depth),
        Type::Dynamic => {
            let ty = json.get("type").and_then(Type::from_json);
            let ty = ty.ok_or_else(|| WireError::new("a pair of type and value is needed"))?;
            let value = value(json.get("value").unwrap_or(&Json::Null), &ty, unknown, depth)?;
            Ok(Value::Dynamic(Box::new((ty, value))))
        }
    }
}

fn elements<'t>(
    json: &Json,
    ty: &Type,
    element: impl Fn(usize) -> Option<&'t Type>,
    unknown: Unknown,
    depth: usize,
) -> Result<Vec<Value>, WireError>
where
    Type: 't,
{
    let array = json.as_array().ok_or_else(|| WireError::mismatch(ty))?.iter().enumerate();
    let elements = array.map(|(index, json)| {
        let value = match element(index) {
            Some(element) => value(json, element, unknown, depth),
            None => Err(WireError::new("there are too many elements")),
        };
        value.map_err(|error| error.within(Step::Index(index)))
    });
    elements.collect()
}

fn object(
    json: &Json,
    ty: &Type,
    types: &BTreeMap<String, Type>,
    unknown: Unknown,
    depth: usize,
) -> Result<Value, WireError> {
    let attributes = json.as_object().ok_or_else(|| WireError::mismatch(ty))?;
    if unknown == Unknown::Refused {
        if let Some(name) = attributes.keys().find(|name| !types.contains_key(*name)) {
            return Err(WireError::new(format!("an attribute named `{name}` is not expected")));
        }
        if let Some(name) = types.keys().find(|name| !attributes.contains_key(*name)) {
            return Err(WireError::new(format!("the attribute `{name}` is missing")));
        }
    }
    let entries = types.iter().map(|(name, ty)| {
        let json = attributes.get(name).unwrap_or(&Json::Null);
        let value = value(json, ty, unknown, depth);
        let value = value.map_err(|error| error.within(Step::Attribute(name.clone())))?;
        Ok((name.clone(), value))
    });
    entries.collect::<Result<_, _>>().map(Value::Object)
}

/// The JSON of a value. Unknown values, which JSON cannot hold, become the text that Terraform shows for them.
pub(crate) fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Unknown(_) => Json::from("(known after apply)"),
        Value::Bool(value) => Json::from(*value),
        Value::Number(number) => {
            // JSON takes the same digits, except for a leading plus sign or a bare point, which only text forms have.
            serde_json::from_str(&number.to_string()).unwrap_or_else(|_| number.to_string().into())
        }
        Value::String(text) => Json::from(text.as_str()),
        Value::List(elements) => elements.iter().map(to_json).collect(),
        Value::Set(elements) => elements.as_slice().iter().map(to_json).collect(),
        Value::Map(entries) | Value::Object(entries) => {
            entries.iter().map(|(name, value)| (name.clone(), to_json(value))).collect()
        }
        Value::Dynamic(dynamic) => {
            let (ty, value) = dynamic.as_ref();
            serde_json::json!({ "type": ty.to_json(), "value": to_json(value) })
        }
    }
}
