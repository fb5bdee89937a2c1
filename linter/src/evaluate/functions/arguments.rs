//! Arguments as the types that a function wants, converted as Terraform converts them.

use policy::text::Text;

use crate::evaluate::number::Big;
use crate::value::Value;

/// A string, whole or in part.
pub(super) fn text(value: &Value) -> Option<Text> {
    match value {
        Value::Number(number) => Some(Text::literal(crate::evaluate::number_text(number))),
        value => value.text(),
    }
}

/// A string that is known as a whole.
pub(super) fn known(value: &Value) -> Option<String> {
    text(value)?.as_str().map(str::to_owned)
}

/// The only argument, as a known string.
pub(super) fn one_known(arguments: &[Value]) -> Option<String> {
    match arguments {
        [value] => known(value),
        _ => None,
    }
}

/// Both arguments, as known strings.
pub(super) fn two_known(arguments: &[Value]) -> Option<(String, String)> {
    match arguments {
        [first, second] => Some((known(first)?, known(second)?)),
        _ => None,
    }
}

/// A number that is known.
pub(super) fn big(value: &Value) -> Option<Big> {
    match value {
        Value::Number(number) => Big::of(number),
        Value::String(text) => Big::parse(text.as_str()?),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Object(_) | Value::Unknown(_) => {
            None
        }
    }
}

/// A whole number that is known and not beyond what a list can count.
pub(super) fn integer(value: &Value) -> Option<i64> {
    i64::try_from(big(value)?.to_whole()?).ok()
}
