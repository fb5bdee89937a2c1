//! The values of one instance: JSON or msgpack, with unknowns and sensitive marks joined in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use policy::text::{Hole, Shape, Text};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use thiserror::Error;

use super::marks::Marks;
use super::msgpack::{self, MsgpackError};
use super::{Values, place};
use crate::value::Value;

/// Why the values of an instance cannot be read.
#[derive(Debug, Error)]
pub(super) enum ValueError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Msgpack(#[from] MsgpackError),
}

/// The parts of `change` of plan JSON, each as it stands in the text.
#[derive(Debug, Default)]
pub(super) struct ChangeBytes<'a> {
    pub(super) before: Option<&'a [u8]>,
    pub(super) after: Option<&'a [u8]>,
    pub(super) unknown: Option<&'a [u8]>,
    pub(super) sensitive: Vec<&'a [u8]>,
}

/// Reads `change` of plan JSON.
pub(super) fn change(parts: &ChangeBytes<'_>, address: &str) -> Result<Values, ValueError> {
    let known = |bytes: Option<&[u8]>| bytes.map(json).transpose().map(Option::unwrap_or_default);
    let before = known(parts.before)?;
    let mut after = known(parts.after)?;
    if let Some(unknown) = parts.unknown {
        join_unknown(&mut after, &serde_json::from_slice(unknown)?, address, "");
    }
    let mut sensitive = BTreeSet::new();
    for marks in &parts.sensitive {
        serde_json::from_slice::<Marks<'_>>(marks)?.paths("", &mut sensitive);
    }
    Ok(Values { before, after, sensitive })
}

/// Reads the values of a state.
pub(super) fn state(
    values: &[u8],
    sensitive: Option<&[u8]>,
    paths: &[String],
) -> Result<Values, ValueError> {
    let mut marks: BTreeSet<String> = paths.iter().cloned().collect();
    if let Some(sensitive) = sensitive {
        serde_json::from_slice::<Marks<'_>>(sensitive)?.paths("", &mut marks);
    }
    Ok(Values { before: Value::Null, after: json(values)?, sensitive: marks })
}

/// Reads the values of a plan file, before and after.
pub(super) fn packed(
    values: [Option<&[u8]>; 2],
    sensitive: &BTreeSet<String>,
    address: &str,
) -> Result<Values, ValueError> {
    let [before, after] = values.map(|bytes| match bytes {
        Some(bytes) => msgpack::value(bytes, address),
        None => Ok(Value::Null),
    });
    Ok(Values { before: before?, after: after?, sensitive: sensitive.clone() })
}

fn json(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice::<Known>(bytes).map(|known| known.0)
}

/// The id of what is imported, from what a plan says of it: the id itself, or an identity; a hole where it says neither.
pub(super) fn imported(said: Option<String>, identity: Option<&Value>, address: &str) -> Text {
    let unknown = || Text::hole(format!("import id of {address}"), Shape::Any);
    match said.filter(|said| !said.is_empty()) {
        Some(said) => Text::literal(said),
        None => identity.and_then(id).unwrap_or_else(unknown),
    }
}

/// The id in the identity of what is imported: what it is called where it has a usual name, or all that there is.
fn id(identity: &Value) -> Option<Text> {
    let Value::Object(fields) = identity else { return identity.text() };
    let usual = ["id", "arn", "name"].iter().find_map(|name| fields.get(*name)?.text());
    let mut set = fields.values().filter(|value| !value.is_null());
    usual.or_else(|| set.next().filter(|_| set.next().is_none())?.text())
}

/// Puts a hole wherever `unknown` says so. Where the two have not the same form, nothing is known.
fn join_unknown(value: &mut Value, unknown: &Marks<'_>, address: &str, path: &str) {
    match (unknown, &mut *value) {
        (Marks::None, _) => {}
        (Marks::Fields(_), Value::Null) => {
            *value = Value::Object(BTreeMap::new());
            join_unknown(value, unknown, address, path);
        }
        (Marks::Items(_), Value::Null) => {
            *value = Value::List(Vec::new());
            join_unknown(value, unknown, address, path);
        }
        (Marks::Fields(fields), Value::Object(known)) => {
            for (key, unknown) in fields {
                let inner = known.entry(key.clone().into_owned()).or_default();
                join_unknown(inner, unknown, address, &place::key(path, key));
            }
        }
        (Marks::Items(items), Value::List(known)) => {
            if known.len() < items.len() {
                known.resize(items.len(), Value::Null);
            }
            for (index, (inner, unknown)) in known.iter_mut().zip(items).enumerate() {
                join_unknown(inner, unknown, address, &place::index(path, index));
            }
        }
        (Marks::All | Marks::Fields(_) | Marks::Items(_), _) => {
            let origin = place::key(address, path);
            let origin = origin.trim_end_matches('.').into();
            *value = Value::Unknown(Hole { origin, shape: Shape::Any });
        }
    }
}

/// A value that JSON knows as a whole.
#[derive(Debug)]
pub(super) struct Known(pub(super) Value);

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KnownVisitor)
    }
}

struct KnownVisitor;

/// The name under which `serde_json` hands over a number with all its digits.
const NUMBER: &str = "$serde_json::private::Number";

impl<'de> Visitor<'de> for KnownVisitor {
    type Value = Known;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Known, E> {
        Ok(Known(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Known, E> {
        Ok(Known(Value::Null))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Known, E> {
        Ok(Known(Value::Bool(truth)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Known, E> {
        Ok(Known(Value::Number(number.into())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Known, E> {
        Ok(Known(Value::Number(number.into())))
    }

    fn visit_str<E>(self, text: &str) -> Result<Known, E> {
        Ok(Known(Value::String(Text::literal(text))))
    }

    fn visit_string<E>(self, text: String) -> Result<Known, E> {
        Ok(Known(Value::String(Text::literal(text))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Known, A::Error> {
        let mut out = Vec::new();
        while let Some(Known(item)) = items.next_element()? {
            out.push(item);
        }
        Ok(Known(Value::List(out)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Known, A::Error> {
        let mut out = BTreeMap::new();
        while let Some(key) = fields.next_key::<String>()? {
            if key == NUMBER {
                let digits: String = fields.next_value()?;
                return digits
                    .parse()
                    .map(|number| Known(Value::Number(number)))
                    .map_err(A::Error::custom);
            }
            let Known(value) = fields.next_value()?;
            if out.insert(key, value).is_some() {
                // Programs differ in which of the two they take, so neither is what will be.
                return Err(A::Error::custom("an object has a key twice"));
            }
        }
        Ok(Known(Value::Object(out)))
    }
}
