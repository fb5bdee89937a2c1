//! Functions over numbers.

use crate::evaluate::number::{from_f64, to_f64};
use crate::value::Value;

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => to_f64(number),
        Value::String(text) => text.as_str()?.parse().ok(),
        _ => None,
    }
}

fn give(value: f64) -> Option<Value> {
    from_f64(value).map(Value::Number)
}

fn only(arguments: &[Value]) -> Option<f64> {
    match arguments {
        [value] => number(value),
        _ => None,
    }
}

fn numbers(arguments: &[Value]) -> Option<Vec<f64>> {
    arguments.iter().map(number).collect()
}

pub(super) fn abs(arguments: &[Value]) -> Option<Value> {
    give(only(arguments)?.abs())
}

pub(super) fn ceil(arguments: &[Value]) -> Option<Value> {
    give(only(arguments)?.ceil())
}

pub(super) fn floor(arguments: &[Value]) -> Option<Value> {
    give(only(arguments)?.floor())
}

pub(super) fn signum(arguments: &[Value]) -> Option<Value> {
    let value = only(arguments)?;
    give(if value == 0.0 { 0.0 } else { value.signum() })
}

pub(super) fn max(arguments: &[Value]) -> Option<Value> {
    give(numbers(arguments)?.into_iter().reduce(f64::max)?)
}

pub(super) fn min(arguments: &[Value]) -> Option<Value> {
    give(numbers(arguments)?.into_iter().reduce(f64::min)?)
}

pub(super) fn log(arguments: &[Value]) -> Option<Value> {
    match numbers(arguments)?.as_slice() {
        [value, base] => give(value.ln() / base.ln()),
        _ => None,
    }
}

pub(super) fn pow(arguments: &[Value]) -> Option<Value> {
    match numbers(arguments)?.as_slice() {
        [base, exponent] => give(base.powf(*exponent)),
        _ => None,
    }
}

pub(super) fn sum(arguments: &[Value]) -> Option<Value> {
    match arguments {
        [Value::List(items)] if !items.is_empty() => give(numbers(items)?.into_iter().sum()),
        _ => None,
    }
}

pub(super) fn parseint(arguments: &[Value]) -> Option<Value> {
    let [text, base] = arguments else { return None };
    let text = text.text()?;
    let base = format!("{}", number(base)?).parse().ok().filter(|base| (2..=36).contains(base))?;
    let parsed = i64::from_str_radix(text.as_str()?, base).ok()?;
    Some(Value::Number(parsed.into()))
}
