//! JSON, base64, digests.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use policy::text::{Hole, Part, Shape, Text};
use sha2::{Digest as _, Sha256, Sha512};

use crate::evaluate::number_text;
use crate::hcl::json::{Json, JsonKind, parse_json};
use crate::source::Sources;
use crate::value::Value;

fn known(arguments: &[Value]) -> Option<String> {
    match arguments {
        [value] => value.text()?.as_str().map(str::to_owned),
        _ => None,
    }
}

/// Standard base64 of bytes.
pub(super) fn base64(bytes: &[u8]) -> Value {
    BASE64_STANDARD.encode(bytes).as_str().into()
}

/// Lower-case hexadecimal digits of bytes.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn base64encode(arguments: &[Value]) -> Option<Value> {
    Some(base64(known(arguments)?.as_bytes()))
}

pub(super) fn base64decode(arguments: &[Value]) -> Option<Value> {
    let bytes = BASE64_STANDARD.decode(known(arguments)?).ok()?;
    Some(String::from_utf8(bytes).ok()?.as_str().into())
}

pub(super) fn base64sha256(arguments: &[Value]) -> Option<Value> {
    Some(base64(&Sha256::digest(known(arguments)?)))
}

pub(super) fn base64sha512(arguments: &[Value]) -> Option<Value> {
    Some(base64(&Sha512::digest(known(arguments)?)))
}

pub(super) fn sha256(arguments: &[Value]) -> Option<Value> {
    Some(hex(&Sha256::digest(known(arguments)?)).as_str().into())
}

pub(super) fn sha512(arguments: &[Value]) -> Option<Value> {
    Some(hex(&Sha512::digest(known(arguments)?)).as_str().into())
}

pub(super) fn urlencode(arguments: &[Value]) -> Option<Value> {
    let mut out = String::new();
    for byte in known(arguments)?.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.extend(format!("%{byte:02X}").chars()),
        }
    }
    Some(out.as_str().into())
}

pub(super) fn jsonencode(arguments: &[Value]) -> Option<Value> {
    match arguments {
        [value] => Some(Value::String(to_json(value))),
        _ => None,
    }
}

/// Compact JSON as Terraform writes it: keys sorted, `<`, `>` and `&` escaped. Holes stand inside the strings or in
/// the place of values that they are in.
pub(crate) fn to_json(value: &Value) -> Text {
    let mut out = Text::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut Text) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::String(text) => write_string(text, out),
        Value::Unknown(hole) => match value_hole(hole) {
            Ok(text) => write_string(&text, out),
            Err(hole) => out.push_escaped(&hole),
        },
        Value::List(items) => {
            out.push_str("[");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(",");
                }
                write(item, out);
            }
            out.push_str("]");
        }
        Value::Object(fields) => {
            out.push_str("{");
            for (index, (key, field)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(",");
                }
                write_string(&Text::literal(key.as_str()), out);
                out.push_str(":");
                write(field, out);
            }
            out.push_str("}");
        }
    }
}

/// How an unknown value is written into a document: one of a known form is a string, any other a hole that brings its
/// own quotes.
pub(super) fn value_hole(hole: &Hole) -> Result<Text, Hole> {
    match &hole.shape {
        Shape::Glob(_) => Ok(Text::from(hole.clone())),
        Shape::Any => Err(hole.clone()),
        // A number or a truth value looks like a word too.
        Shape::Word => {
            Err(Hole { origin: format!("encode({})", hole.origin).into(), shape: Shape::Any })
        }
    }
}

/// A JSON string with holes left in it.
pub(crate) fn write_string(text: &Text, out: &mut Text) {
    out.push_str("\"");
    for part in text.parts() {
        match part {
            Part::Literal(literal) => out.push_str(&escape(literal)),
            Part::Hole(hole) => out.push_escaped(hole),
        }
    }
    out.push_str("\"");
}

/// As Go's `encoding/json` escapes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.extend(format!("\\u{:04x}", u32::from(c)).chars());
            }
            c => out.push(c),
        }
    }
    out
}

pub(super) fn jsondecode(arguments: &[Value]) -> Option<Value> {
    let text = known(arguments)?;
    let file = Sources::default().add("", "");
    Some(from_json(parse_json(&text, file).ok()?))
}

/// A JSON document as a value.
pub(crate) fn from_json(json: Json) -> Value {
    match json.kind {
        JsonKind::Null => Value::Null,
        JsonKind::Bool(truth) => Value::Bool(truth),
        JsonKind::Number(number) => Value::Number(number),
        JsonKind::String(text) => Value::String(text.into()),
        JsonKind::Array(items) => Value::List(items.into_iter().map(from_json).collect()),
        JsonKind::Object(members) => {
            let fields: BTreeMap<String, Value> =
                members.into_iter().map(|(key, _, member)| (key, from_json(member))).collect();
            Value::Object(fields)
        }
    }
}
