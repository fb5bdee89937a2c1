//! The values of one instance: JSON or msgpack, with unknowns and sensitive marks joined in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use policy::text::{Hole, Shape, Text};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value as Json;
use thiserror::Error;

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
pub(super) struct ChangeParts<'a> {
    pub(super) after: Option<&'a [u8]>,
    pub(super) unknown: Option<&'a [u8]>,
    pub(super) sensitive: Vec<&'a [u8]>,
}

/// Reads `change` of plan JSON.
pub(super) fn change(parts: &ChangeParts<'_>, address: &str) -> Result<Values, ValueError> {
    let known = |bytes: &[u8]| serde_json::from_slice::<Known>(bytes).map(|known| known.0);
    let mut after = parts.after.map(known).transpose()?.unwrap_or_default();
    if let Some(unknown) = parts.unknown {
        join_unknown(&mut after, &serde_json::from_slice(unknown)?, address, "");
    }
    let mut sensitive = BTreeSet::new();
    for marks in &parts.sensitive {
        collect_marks(&serde_json::from_slice(marks)?, "", &mut sensitive);
    }
    Ok(Values { after, sensitive })
}

/// Reads the values of a state.
pub(super) fn state(
    values: &[u8],
    sensitive: Option<&[u8]>,
    paths: &[String],
) -> Result<Values, ValueError> {
    let after = serde_json::from_slice::<Known>(values)?.0;
    let mut marks: BTreeSet<String> = paths.iter().cloned().collect();
    if let Some(sensitive) = sensitive {
        collect_marks(&serde_json::from_slice(sensitive)?, "", &mut marks);
    }
    Ok(Values { after, sensitive: marks })
}

/// Reads the values of a plan file.
pub(super) fn packed(
    after: Option<&[u8]>,
    sensitive: &BTreeSet<String>,
    address: &str,
) -> Result<Values, ValueError> {
    let read = |bytes| msgpack::value(bytes, address);
    let after = after.map(read).transpose()?.unwrap_or_default();
    Ok(Values { after, sensitive: sensitive.clone() })
}

/// Puts a hole wherever `unknown` says true.
fn join_unknown(value: &mut Value, unknown: &Json, address: &str, path: &str) {
    match unknown {
        Json::Bool(true) => {
            let origin = place::key(address, path);
            let origin = origin.trim_end_matches('.').into();
            *value = Value::Unknown(Hole { origin, shape: Shape::Any });
        }
        Json::Object(fields) if fields.values().any(marks_something) => {
            if value.is_null() {
                *value = Value::Object(BTreeMap::new());
            }
            let Value::Object(known) = value else { return };
            for (key, unknown) in fields {
                if marks_something(unknown) {
                    let inner = known.entry(key.clone()).or_default();
                    join_unknown(inner, unknown, address, &place::key(path, key));
                }
            }
        }
        Json::Array(items) if items.iter().any(marks_something) => {
            if value.is_null() {
                *value = Value::List(Vec::new());
            }
            let Value::List(known) = value else { return };
            if known.len() < items.len() {
                known.resize(items.len(), Value::Null);
            }
            for (index, (inner, unknown)) in known.iter_mut().zip(items).enumerate() {
                join_unknown(inner, unknown, address, &place::index(path, index));
            }
        }
        Json::Null
        | Json::Bool(false)
        | Json::Number(_)
        | Json::String(_)
        | Json::Object(_)
        | Json::Array(_) => {}
    }
}

/// Whether there is a true anywhere within.
fn marks_something(marks: &Json) -> bool {
    match marks {
        Json::Bool(truth) => *truth,
        Json::Object(fields) => fields.values().any(marks_something),
        Json::Array(items) => items.iter().any(marks_something),
        Json::Null | Json::Number(_) | Json::String(_) => false,
    }
}

/// The paths at which `marks` says true.
fn collect_marks(marks: &Json, path: &str, out: &mut BTreeSet<String>) {
    match marks {
        Json::Bool(true) => {
            out.insert(path.to_owned());
        }
        Json::Object(fields) => {
            for (key, inner) in fields {
                collect_marks(inner, &place::key(path, key), out);
            }
        }
        Json::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                collect_marks(inner, &place::index(path, index), out);
            }
        }
        Json::Bool(false) | Json::Null | Json::Number(_) | Json::String(_) => {}
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
            out.insert(key, value);
        }
        Ok(Known(Value::Object(out)))
    }
}
