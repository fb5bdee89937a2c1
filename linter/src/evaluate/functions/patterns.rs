//! Functions with a language of their own: `format` and regular expressions.

use policy::text::Text;
use regex::Regex;

use super::strings::{known, text, two_known};
use crate::evaluate::expression::push_value;
use crate::evaluate::number_text;
use crate::value::Value;

/// One match: the whole where there are no groups, a list of groups, or an object of named groups.
fn matched(regex: &Regex, captures: &regex::Captures<'_>) -> Value {
    let group =
        |group: Option<regex::Match<'_>>| group.map_or(Value::Null, |group| group.as_str().into());
    if regex.captures_len() == 1 {
        return group(captures.get(0));
    }
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    if names.iter().all(Option::is_some) {
        let fields =
            names.iter().flatten().map(|name| ((*name).to_owned(), group(captures.name(name))));
        return Value::Object(fields.collect());
    }
    Value::List(captures.iter().skip(1).map(group).collect())
}

pub(super) fn regex(arguments: &[Value]) -> Option<Value> {
    let (pattern, text) = two_known(arguments)?;
    match Regex::new(&pattern) {
        Ok(regex) => Some(matched(&regex, &regex.captures(&text)?)),
        // Go may know this pattern.
        Err(_) => Some(super::open("regex", arguments)),
    }
}

pub(super) fn regexall(arguments: &[Value]) -> Option<Value> {
    let (pattern, text) = two_known(arguments)?;
    let Ok(regex) = Regex::new(&pattern) else { return Some(super::open("regexall", arguments)) };
    Some(Value::List(
        regex.captures_iter(&text).map(|captures| matched(&regex, &captures)).collect(),
    ))
}

/// `format`: the verbs that stand for strings, numbers and JSON. Terraform knows more, so what is not known here is not
/// an error.
pub(super) fn format(arguments: &[Value]) -> Option<Value> {
    formatted(arguments).or_else(|| Some(super::open("format", arguments)))
}

fn formatted(arguments: &[Value]) -> Option<Value> {
    let (template, arguments) = arguments.split_first()?;
    let template = known(template)?;
    let mut out = Text::new();
    let mut next = arguments.iter();
    let mut rest = template.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic() || c == '%')?;
        let (flags, verb) = after.split_at_checked(end)?;
        let kind = verb.chars().next()?;
        rest = verb.get(1..)?;
        if kind == '%' {
            out.push_str("%");
            continue;
        }
        let argument = next.next()?;
        match (flags, kind) {
            ("", 'd') => {
                let whole = known(argument).is_none_or(|digits| !digits.contains('.'));
                push_value(&mut out, argument).ok().filter(|()| whole)?;
            }
            ("", 's' | 'v') => match argument {
                Value::List(_) | Value::Object(_) if kind == 'v' => {
                    out.push(&super::encoding::to_json(argument));
                }
                argument => push_value(&mut out, argument).ok()?,
            },
            ("", 't') => push_value(&mut out, argument).ok()?,
            ("", 'q') => super::encoding::write_string(&text(argument)?, &mut out),
            (flags, kind) => out.push_str(&padded(flags, kind, argument)?),
        }
    }
    out.push_str(rest);
    next.next().is_none().then_some(Value::String(out))
}

/// `%05d`, `%-10s`, `%.2f`, `%x`
fn padded(flags: &str, kind: char, argument: &Value) -> Option<String> {
    let left = flags.contains('-');
    let digits = flags.trim_start_matches('-');
    let zero = digits.starts_with('0');
    let (width, precision) = digits.split_once('.').unwrap_or((digits, ""));
    let width: usize = if width.is_empty() { 0 } else { width.parse().ok()? };
    let precision: Option<usize> =
        if precision.is_empty() { None } else { Some(precision.parse().ok()?) };
    if width > 1_000 || precision.is_some_and(|precision| precision > 1_000) {
        return None;
    }
    let body = match (kind, argument) {
        ('d', Value::Number(number)) => number_text(number),
        ('f', Value::Number(number)) => {
            format!("{:.*}", precision.unwrap_or(6), number_text(number).parse::<f64>().ok()?)
        }
        ('x', Value::Number(number)) => format!("{:x}", number.as_i64()?),
        ('X', Value::Number(number)) => format!("{:X}", number.as_i64()?),
        ('b', Value::Number(number)) => format!("{:b}", number.as_i64()?),
        ('o', Value::Number(number)) => format!("{:o}", number.as_i64()?),
        ('s' | 'v', argument) => {
            known(argument)?.chars().take(precision.unwrap_or(usize::MAX)).collect()
        }
        _ => return None,
    };
    let missing = width.saturating_sub(body.chars().count());
    Some(if left {
        format!("{body}{}", " ".repeat(missing))
    } else if zero && kind != 's' {
        match body.strip_prefix('-') {
            Some(digits) => format!("-{}{digits}", "0".repeat(missing)),
            None => format!("{}{body}", "0".repeat(missing)),
        }
    } else {
        format!("{}{body}", " ".repeat(missing))
    })
}

pub(super) fn formatlist(arguments: &[Value]) -> Option<Value> {
    let length = arguments.iter().find_map(|argument| match argument {
        Value::List(items) => Some(items.len()),
        _ => None,
    })?;
    let mut out = Vec::with_capacity(length);
    for index in 0..length {
        let row = arguments.iter().map(|argument| match argument {
            Value::List(items) => items.get(index).cloned(),
            other => Some(other.clone()),
        });
        out.push(format(&row.collect::<Option<Vec<_>>>()?)?);
    }
    Some(Value::List(out))
}
