//! Functions over strings, holes included where the outcome does not hang on them.

use std::sync::Arc;

use policy::text::{Hole, Part, Shape, Text};
use regex::Regex;

use crate::evaluate::expression::push_value;
use crate::value::Value;

pub(super) fn text(value: &Value) -> Option<Text> {
    match value {
        Value::Null => None,
        value => value.text(),
    }
}

pub(super) fn known(value: &Value) -> Option<String> {
    text(value)?.as_str().map(str::to_owned)
}

#[expect(clippy::unnecessary_wraps, reason = "every function ends in an optional value")]
fn give(text: impl Into<Text>) -> Option<Value> {
    Some(Value::String(text.into()))
}

fn one_known(arguments: &[Value]) -> Option<String> {
    match arguments {
        [value] => known(value),
        _ => None,
    }
}

pub(super) fn two_known(arguments: &[Value]) -> Option<(String, String)> {
    match arguments {
        [first, second] => Some((known(first)?, known(second)?)),
        _ => None,
    }
}

/// Applies a change of case to every piece. A changed hole is another unknown than the one before.
fn recase(arguments: &[Value], name: &str, change: fn(&str) -> String) -> Option<Value> {
    let [value] = arguments else { return None };
    let parts = text(value)?.parts().to_vec();
    give(
        parts
            .into_iter()
            .map(|part| match part {
                Part::Literal(literal) => Part::Literal(change(&literal)),
                Part::Hole(hole) => Part::Hole(Hole {
                    origin: format!("{name}({})", hole.origin).into(),
                    shape: match hole.shape {
                        Shape::Glob(glob) => Shape::Glob(Arc::from(change(&glob))),
                        shape @ (Shape::Any | Shape::Word) => shape,
                    },
                }),
            })
            .collect::<Text>(),
    )
}

pub(super) fn lower(arguments: &[Value]) -> Option<Value> {
    recase(arguments, "lower", str::to_lowercase)
}

pub(super) fn upper(arguments: &[Value]) -> Option<Value> {
    recase(arguments, "upper", str::to_uppercase)
}

pub(super) fn title(arguments: &[Value]) -> Option<Value> {
    let mut start = true;
    let titled: String = one_known(arguments)?
        .chars()
        .flat_map(|c| {
            let upper = start && c.is_alphabetic();
            start = !(c.is_alphanumeric() || c == '_');
            if upper { c.to_uppercase().collect::<Vec<_>>() } else { vec![c] }
        })
        .collect();
    give(titled)
}

pub(super) fn strrev(arguments: &[Value]) -> Option<Value> {
    give(one_known(arguments)?.chars().rev().collect::<String>())
}

pub(super) fn chomp(arguments: &[Value]) -> Option<Value> {
    give(one_known(arguments)?.trim_end_matches(['\r', '\n']))
}

pub(super) fn trim(arguments: &[Value]) -> Option<Value> {
    let (text, cut) = two_known(arguments)?;
    give(text.trim_matches(|c| cut.contains(c)))
}

pub(super) fn trimspace(arguments: &[Value]) -> Option<Value> {
    let [value] = arguments else { return None };
    let text = text(value)?;
    // At an end that is a hole, there may be white space to cut; a word has none.
    let settled = |part: Option<&Part>| match part {
        Some(Part::Hole(hole)) => hole.shape == Shape::Word,
        Some(Part::Literal(literal)) => !literal.trim().is_empty() || text.parts().len() == 1,
        None => true,
    };
    if !settled(text.parts().first()) || !settled(text.parts().last()) {
        return None;
    }
    let last = text.parts().len().saturating_sub(1);
    give(
        text.parts()
            .iter()
            .enumerate()
            .map(|(index, part)| match part {
                Part::Literal(literal) => {
                    let literal = if index == 0 { literal.trim_start() } else { literal };
                    Part::Literal(
                        if index == last { literal.trim_end() } else { literal }.to_owned(),
                    )
                }
                Part::Hole(hole) => Part::Hole(hole.clone()),
            })
            .collect::<Text>(),
    )
}

/// The known beginning of a string, and whether it is all of it.
fn start(text: &Text) -> (&str, bool) {
    match text.parts() {
        [] => ("", true),
        [Part::Literal(only)] => (only, true),
        [Part::Literal(first), ..] => (first, false),
        [Part::Hole(_), ..] => ("", false),
    }
}

fn end(text: &Text) -> (&str, bool) {
    match text.parts() {
        [] => ("", true),
        [Part::Literal(only)] => (only, true),
        [.., Part::Literal(last)] => (last, false),
        [.., Part::Hole(_)] => ("", false),
    }
}

/// Whether a string starts with a prefix, as far as its known beginning tells.
fn starts(text: &Text, prefix: &str) -> Option<bool> {
    let (known, whole) = start(text);
    if known.starts_with(prefix) {
        return Some(true);
    }
    (whole || !prefix.starts_with(known)).then_some(false)
}

fn ends(text: &Text, suffix: &str) -> Option<bool> {
    let (known, whole) = end(text);
    if known.ends_with(suffix) {
        return Some(true);
    }
    (whole || !suffix.ends_with(known)).then_some(false)
}

pub(super) fn startswith(arguments: &[Value]) -> Option<Value> {
    let [value, prefix] = arguments else { return None };
    starts(&text(value)?, &known(prefix)?).map(Value::Bool)
}

pub(super) fn endswith(arguments: &[Value]) -> Option<Value> {
    let [value, suffix] = arguments else { return None };
    ends(&text(value)?, &known(suffix)?).map(Value::Bool)
}

pub(super) fn strcontains(arguments: &[Value]) -> Option<Value> {
    let [value, part] = arguments else { return None };
    let (text, part) = (text(value)?, known(part)?);
    let found = text
        .parts()
        .iter()
        .any(|piece| matches!(piece, Part::Literal(literal) if literal.contains(&part)));
    (found || !text.has_holes()).then_some(Value::Bool(found))
}

pub(super) fn trimprefix(arguments: &[Value]) -> Option<Value> {
    let [value, prefix] = arguments else { return None };
    let (text, prefix) = (text(value)?, known(prefix)?);
    let cut = starts(&text, &prefix)?;
    let mut first = true;
    give(text.map_literals(|literal| {
        let literal =
            if cut && first { literal.strip_prefix(&*prefix).unwrap_or(literal) } else { literal };
        first = false;
        literal.to_owned()
    }))
}

pub(super) fn trimsuffix(arguments: &[Value]) -> Option<Value> {
    let [value, suffix] = arguments else { return None };
    let (text, suffix) = (text(value)?, known(suffix)?);
    if !ends(&text, &suffix)? {
        return give(text);
    }
    let last = text.parts().len().saturating_sub(1);
    give(
        text.parts()
            .iter()
            .enumerate()
            .map(|(index, part)| match part {
                Part::Literal(literal) if index == last => {
                    Part::Literal(literal.strip_suffix(&*suffix).unwrap_or(literal).to_owned())
                }
                part => part.clone(),
            })
            .collect::<Text>(),
    )
}

pub(super) fn substr(arguments: &[Value]) -> Option<Value> {
    let [value, offset, length] = arguments else { return None };
    let number = |value: &Value| known(value)?.parse::<i64>().ok();
    let (text, offset, length) = (text(value)?, number(offset)?, number(length)?);
    let (beginning, whole) = start(&text);
    let count = i64::try_from(beginning.chars().count()).ok()?;
    if !whole && (offset < 0 || length < 0 || offset + length > count) {
        return None;
    }
    let from = if offset < 0 { (count + offset).max(0) } else { offset };
    let take = if length < 0 { i64::MAX } else { length };
    let cut: String = beginning
        .chars()
        .skip(usize::try_from(from).ok()?)
        .take(usize::try_from(take).unwrap_or(usize::MAX))
        .collect();
    give(cut)
}

/// Whether nothing that a hole can become holds any of these characters, so that no match can lie in or across it.
fn holes_lack(text: &Text, characters: &str) -> bool {
    let never_in_words = |c: char| matches!(c, ':' | '/' | '*' | '?' | '$') || c.is_whitespace();
    !characters.is_empty()
        && characters.chars().all(never_in_words)
        && text.holes().all(|hole| hole.shape == Shape::Word)
}

pub(super) fn split(arguments: &[Value]) -> Option<Value> {
    let [separator, value] = arguments else { return None };
    let (separator, text) = (known(separator)?, text(value)?);
    if let Some(whole) = text.as_str() {
        let parts: Vec<Value> = if separator.is_empty() {
            whole.chars().map(|c| c.to_string().as_str().into()).collect()
        } else {
            whole.split(&*separator).map(Value::from).collect()
        };
        return Some(Value::List(parts));
    }
    if !holes_lack(&text, &separator) {
        return None;
    }
    let mut parts = vec![Text::new()];
    for part in text.parts() {
        match part {
            Part::Literal(literal) => {
                for (index, piece) in literal.split(&*separator).enumerate() {
                    if index > 0 {
                        parts.push(Text::new());
                    }
                    if let Some(last) = parts.last_mut() {
                        last.push_str(piece);
                    }
                }
            }
            Part::Hole(hole) => {
                if let Some(last) = parts.last_mut() {
                    last.push(&Text::from(hole.clone()));
                }
            }
        }
    }
    Some(Value::List(parts.into_iter().map(Value::String).collect()))
}

/// Longer strings than this are not made by replacing or indenting.
const MAX_LENGTH: usize = 64 << 20;

/// `/pattern/` is a regular expression; anything else is taken as it is.
pub(super) fn replace(arguments: &[Value]) -> Option<Value> {
    let [value, pattern, replacement] = arguments else { return None };
    let (text, pattern, replacement) = (text(value)?, known(pattern)?, known(replacement)?);
    let length = text.as_str().map_or(0, str::len);
    if length.saturating_mul(replacement.len()) > MAX_LENGTH {
        return Some(super::open("replace", arguments));
    }
    let expression = pattern.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    match (expression, text.as_str()) {
        (Some(expression), Some(text)) => {
            let Ok(regex) = Regex::new(expression) else {
                return Some(super::open("replace", arguments));
            };
            // `$1x` is the group 1 in Go, and the group `1x` in Rust.
            let groups = Regex::new(r"\$(\d+)").ok()?;
            let replacement = groups.replace_all(&replacement, "$${$1}");
            give(regex.replace_all(text, &*replacement).into_owned())
        }
        (None, Some(text)) => give(text.replace(&*pattern, &replacement)),
        (None, None) if holes_lack(&text, &pattern) => {
            give(text.map_literals(|literal| literal.replace(&*pattern, &replacement)))
        }
        (_, None) => None,
    }
}

pub(super) fn join(arguments: &[Value]) -> Option<Value> {
    let (separator, lists) = arguments.split_first()?;
    let separator = known(separator)?;
    let mut out = Text::new();
    let mut first = true;
    for list in lists {
        let Value::List(items) = list else { return None };
        for item in items {
            if !std::mem::take(&mut first) {
                out.push_str(&separator);
            }
            push_value(&mut out, item).ok()?;
        }
    }
    give(out)
}

pub(super) fn indent(arguments: &[Value]) -> Option<Value> {
    let [spaces, value] = arguments else { return None };
    let spaces: usize = known(spaces)?.parse().ok().filter(|spaces| *spaces <= 1_000)?;
    let text = known(value)?;
    if text.len().saturating_mul(spaces) > MAX_LENGTH {
        return Some(super::open("indent", arguments));
    }
    give(text.replace('\n', &format!("\n{}", " ".repeat(spaces))))
}

pub(super) fn basename(arguments: &[Value]) -> Option<Value> {
    let path = one_known(arguments)?;
    let trimmed = path.trim_end_matches('/');
    give(match trimmed {
        "" if path.is_empty() => ".",
        "" => "/",
        trimmed => trimmed.rsplit('/').next().unwrap_or(trimmed),
    })
}

pub(super) fn dirname(arguments: &[Value]) -> Option<Value> {
    let path = one_known(arguments)?;
    give(match path.rsplit_once('/') {
        None => ".".to_owned(),
        Some(("", _)) => "/".to_owned(),
        Some((folder, _)) => {
            let tidy = crate::evaluate::tidy(std::path::Path::new(folder));
            let tidy = tidy.to_string_lossy().into_owned();
            if tidy.is_empty() { ".".to_owned() } else { tidy }
        }
    })
}
