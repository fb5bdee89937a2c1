//! What a scalar of YAML means.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use policy::text::{Part, Text};
use saphyr_parser::Tag;

use super::Refused;
use crate::evaluate::functions::open;
use crate::evaluate::functions::time::yaml_timestamp;
use crate::evaluate::number::parse_number;
use crate::value::Value;

/// What the tags of YAML's own types begin with.
pub(super) const TAGS: &str = "tag:yaml.org,2002:";

const TRUE: &[&str] = &["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
const FALSE: &[&str] =
    &["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];
const NULL: &[&str] = &["", "~", "null", "Null", "NULL"];
/// Infinities and what is not a number.
const BEYOND: &[&str] = &[
    ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN",
    ".NAN",
];

/// A scalar, which as a key may ask for a merge.
pub(super) enum Scalar {
    Value(Value),
    Merge,
}

/// The whole tag; empty where there is none or only `!`.
pub(super) fn tag_name(tag: Option<&Tag>) -> String {
    let name = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix)).unwrap_or_default();
    if name == "!" { String::new() } else { name }
}

fn bool_of(source: &str) -> Option<Value> {
    let known = |words: &[&str]| words.contains(&source);
    (known(TRUE) || known(FALSE)).then(|| Value::Bool(known(TRUE)))
}

/// A scalar that is known as a whole.
pub(super) fn resolve(tag: &str, source: &str, quoted: bool) -> Result<Scalar, Refused> {
    let mut tag = match tag.strip_prefix(TAGS) {
        Some(tag @ ("str" | "bool" | "int" | "float" | "null" | "timestamp" | "binary")) => tag,
        None if tag.is_empty() => "",
        _ => return Err(Refused::Wrong),
    };
    let give = |value: Value| Ok(Scalar::Value(value));
    let first = source.chars().next();
    let numeric = first.is_some_and(|c| c.is_ascii_digit() || matches!(c, '+' | '-'));
    let hinted = first.is_none_or(|c| numeric || ".yYnNtTfFoO~".contains(c));
    if hinted && tag != "str" && tag != "binary" {
        if quoted {
            return give(source.into());
        }
        if let Some(truth) = bool_of(source) {
            return give(truth);
        }
        if NULL.contains(&source) {
            return give(Value::Null);
        }
        if BEYOND.contains(&source) {
            return give(open("yamldecode", &[source.into()]));
        }
        if first == Some('.')
            && let Some(number) = parse_number(source)
        {
            return give(Value::Number(number));
        }
        if numeric {
            if matches!(tag, "" | "timestamp")
                && let Some(time) = yaml_timestamp(source)
            {
                return give(time.as_str().into());
            }
            if differs_by_release(source) {
                return give(open("yamldecode", &[source.into()]));
            }
            if looks_like_number(source) {
                tag = "float";
            }
        }
    }
    match tag {
        "" if source == "<<" => Ok(Scalar::Merge),
        "" | "str" => give(source.into()),
        "binary" => {
            BASE64_STANDARD.decode(source).map_err(|_| Refused::Wrong)?;
            give(source.into())
        }
        "bool" => give(bool_of(source).ok_or(Refused::Wrong)?),
        "float" | "int" => give(Value::Number(parse_number(source).ok_or(Refused::Wrong)?)),
        "timestamp" => give(yaml_timestamp(source).ok_or(Refused::Wrong)?.as_str().into()),
        _ => give(Value::Null),
    }
}

/// Binary, octal and hexadecimal numbers, and those with `_`, are numbers in some releases and strings in others.
fn differs_by_release(source: &str) -> bool {
    let digits = source.trim_start_matches(['+', '-']);
    ["0b", "0o", "0x"].iter().any(|prefix| digits.starts_with(prefix))
        || source.contains('_')
            && !digits.contains(|c: char| !c.is_ascii_digit() && !"._eE+-".contains(c))
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn looks_like_number(source: &str) -> bool {
    let digits = source.strip_prefix(['+', '-']).unwrap_or(source);
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
        }
        None => (digits, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    mantissa && exponent.is_none_or(|exponent| !exponent.is_empty() && all_digits(exponent))
}

/// A scalar with holes.
pub(super) fn resolve_open(tag: &str, text: &Text, quoted: bool) -> Scalar {
    let value = match (tag.strip_prefix(TAGS), text.parts()) {
        (Some("str"), _) => Value::String(text.clone()),
        (None, _) if tag.is_empty() && quoted => Value::String(text.clone()),
        (None, [Part::Hole(hole)]) if tag.is_empty() => Value::Unknown(hole.clone()),
        (None, _) if tag.is_empty() && is_string(text) => Value::String(text.clone()),
        (Some(_) | None, _) => open("yamldecode", &[Value::String(text.clone())]),
    };
    Scalar::Value(value)
}

/// Whether a plain scalar is a string, whatever its holes become.
fn is_string(text: &Text) -> bool {
    let words = || [TRUE, FALSE, NULL, BEYOND, &["<<"]].into_iter().flatten();
    if let Some(Part::Literal(start)) = text.parts().first() {
        let numeric = start.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
        if !numeric && !words().any(|word| word.starts_with(start.as_str())) {
            return true;
        }
    }
    // No number and no time has such a letter.
    text.parts().iter().any(|part| match part {
        Part::Literal(literal) => {
            literal.contains(|c: char| !c.is_ascii_hexdigit() && !"+-._:xXoOtTzZ \t".contains(c))
                && !words().any(|word| word.contains(literal.as_str()))
        }
        Part::Hole(_) => false,
    })
}
