//! JSON, base64, URLs and the encodings of characters.

use std::collections::BTreeMap;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;
use policy::text::{Hole, Part, Shape, Text};

use super::arguments::{one_known, text, two_known};
use super::open;
use crate::evaluate::number_text;
use crate::hcl::json::{Json, JsonKind, parse_json};
use crate::source::Sources;
use crate::value::Value;

/// Standard base64 of bytes.
pub(super) fn base64(bytes: &[u8]) -> Value {
    BASE64_STANDARD.encode(bytes).as_str().into()
}

/// Lower-case hexadecimal digits of bytes.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As Go reads base64: line breaks do not count, nor do bits behind the last byte.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    LENIENT.decode(text.replace(['\r', '\n'], "")).ok()
}

pub(super) fn base64encode(arguments: &[Value]) -> Option<Value> {
    Some(base64(one_known(arguments)?.as_bytes()))
}

pub(super) fn base64decode(arguments: &[Value]) -> Option<Value> {
    let bytes = from_base64(&one_known(arguments)?)?;
    Some(String::from_utf8(bytes).ok()?.as_str().into())
}

/// What does not fit is not unpacked.
const MAX_UNPACKED: u64 = 16 << 20;

pub(super) fn base64gunzip(arguments: &[Value]) -> Option<Value> {
    let bytes = from_base64(&one_known(arguments)?)?;
    let mut unpacked = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(MAX_UNPACKED + 1);
    reader.read_to_end(&mut unpacked).ok()?;
    if unpacked.len() as u64 > MAX_UNPACKED {
        return Some(open("base64gunzip", arguments));
    }
    Some(String::from_utf8(unpacked).ok()?.as_str().into())
}

pub(super) fn urlencode(arguments: &[Value]) -> Option<Value> {
    let mut out = String::new();
    for byte in one_known(arguments)?.bytes() {
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

pub(super) fn urldecode(arguments: &[Value]) -> Option<Value> {
    let text = one_known(arguments)?;
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    // What is no UTF-8 comes out with other characters in its place.
    Some(
        String::from_utf8(out)
            .map_or_else(|_| open("urldecode", arguments), |text| text.as_str().into()),
    )
}

/// The encodings that are known here. Terraform knows more of those of the IANA.
#[derive(Clone, Copy)]
enum Charset {
    /// Terraform refuses it.
    Refused,
    Utf8,
    Utf16 {
        big: bool,
        mark: bool,
    },
    Latin1,
}

fn charset(name: &str) -> Option<Charset> {
    Some(match name.to_ascii_lowercase().as_str() {
        "utf-8" => Charset::Utf8,
        "utf-16" => Charset::Utf16 { big: true, mark: true },
        "utf-16be" => Charset::Utf16 { big: true, mark: false },
        "utf-16le" => Charset::Utf16 { big: false, mark: false },
        "iso-8859-1" | "latin1" => Charset::Latin1,
        "us-ascii" | "ascii" => Charset::Refused,
        _ => return None,
    })
}

pub(super) fn textencodebase64(arguments: &[Value]) -> Option<Value> {
    let (text, name) = two_known(arguments)?;
    let Some(charset) = charset(&name) else { return Some(open("textencodebase64", arguments)) };
    let bytes: Vec<u8> = match charset {
        Charset::Refused => return None,
        Charset::Utf8 => text.into_bytes(),
        Charset::Latin1 => text.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>()?,
        Charset::Utf16 { big, mark } => {
            let mark = mark.then_some(0xfeff);
            let units = mark.into_iter().chain(text.encode_utf16());
            units
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect()
        }
    };
    Some(base64(&bytes))
}

pub(super) fn textdecodebase64(arguments: &[Value]) -> Option<Value> {
    let (text, name) = two_known(arguments)?;
    let unclear = || Some(open("textdecodebase64", arguments));
    let Some(charset) = charset(&name) else { return unclear() };
    let bytes = from_base64(&text)?;
    let text = match charset {
        Charset::Refused => return None,
        Charset::Utf8 => String::from_utf8(bytes).ok()?,
        Charset::Latin1 => bytes.into_iter().map(char::from).collect(),
        Charset::Utf16 { big, mark } => {
            let units: Vec<u16> = bytes
                .chunks(2)
                .map(|pair| match pair {
                    [first, second] if big => u16::from_be_bytes([*first, *second]),
                    [first, second] => u16::from_le_bytes([*first, *second]),
                    _ => 0,
                })
                .collect();
            // What is broken comes out with other characters in its place, and a mark turns the rest around.
            let marked = mark && units.first().is_some_and(|unit| matches!(unit, 0xfeff | 0xfffe));
            match String::from_utf16(&units) {
                Ok(text) if bytes.len() % 2 == 0 && !marked => text,
                _ => return unclear(),
            }
        }
    };
    Some(text.as_str().into())
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

/// JSON of which parts may be unknown, as long as none of them could say something of its own.
pub(super) fn jsondecode(arguments: &[Value]) -> Option<Value> {
    let [value] = arguments else { return None };
    let text = text(value)?;
    match text.as_str() {
        Some(text) => {
            let file = Sources::default().add("", "");
            Some(from_json(parse_json(text, file).ok()?))
        }
        None if text.raw_hole().is_some() => None,
        None => from_open_json(policy::json::parse(&text).ok()?),
    }
}

fn from_open_json(node: policy::json::Node) -> Option<Value> {
    use policy::json::Value as Json;
    Some(match node.value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => Value::Number(serde_json::from_str(&number).ok()?),
        Json::String(text) => Value::String(text),
        Json::Array(items) => {
            Value::List(items.into_iter().map(from_open_json).collect::<Option<_>>()?)
        }
        Json::Object(members) => {
            let fields = members.into_iter().map(|member| {
                Some((member.name.as_str()?.to_owned(), from_open_json(member.value)?))
            });
            Value::Object(fields.collect::<Option<_>>()?)
        }
        Json::Hole(hole) if hole.shape == Shape::Any => Value::Unknown(hole),
        // A word in the place of a value may be several, or the end of a list.
        Json::Hole(_) => return None,
    })
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
