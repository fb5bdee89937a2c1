//! Functions over strings, holes included where the outcome does not hang on them.

use policy::text::{Hole, Part, Shape, Text};

use super::arguments::{integer, known, one_known, text, two_known};
use super::{characters, open};
use crate::evaluate::expression::push_value;
use crate::value::Value;

#[expect(clippy::unnecessary_wraps, reason = "every function ends in an optional value")]
fn give(text: impl Into<Text>) -> Option<Value> {
    Some(Value::String(text.into()))
}

/// Changes the case of each character on its own. Where that makes several of one, releases differ.
fn changed<I: Iterator<Item = char>>(text: &str, change: fn(char) -> I) -> Option<String> {
    text.chars()
        .map(|c| {
            let mut changed = change(c);
            changed.next().filter(|_| changed.next().is_none())
        })
        .collect()
}

/// Applies a change of case to every piece. A changed hole is another unknown than the one before.
fn recase<I: Iterator<Item = char>>(
    arguments: &[Value],
    name: &str,
    change: fn(char) -> I,
) -> Option<Value> {
    let [value] = arguments else { return None };
    let text = text(value)?;
    let recased: Option<Text> = text
        .parts()
        .iter()
        .map(|part| {
            Some(match part {
                Part::Literal(literal) => Part::Literal(changed(literal, change)?),
                Part::Hole(hole) => Part::Hole(Hole {
                    origin: format!("{name}({})", hole.origin).into(),
                    shape: match &hole.shape {
                        Shape::Glob(glob) => Shape::Glob(changed(glob, change)?.into()),
                        shape @ (Shape::Any | Shape::Word) => shape.clone(),
                    },
                }),
            })
        })
        .collect();
    Some(recased.map_or_else(|| open(name, arguments), Value::String))
}

pub(super) fn lower(arguments: &[Value]) -> Option<Value> {
    recase(arguments, "lower", char::to_lowercase)
}

pub(super) fn upper(arguments: &[Value]) -> Option<Value> {
    recase(arguments, "upper", char::to_uppercase)
}

pub(super) fn title(arguments: &[Value]) -> Option<Value> {
    let text = one_known(arguments)?;
    let mut start = true;
    let titled: Option<String> = text
        .chars()
        .map(|c| {
            let first = start;
            start = if c.is_ascii() {
                !(c.is_ascii_alphanumeric() || c == '_')
            } else {
                !c.is_alphanumeric() && c.is_whitespace()
            };
            // Some characters have a form for titles of their own.
            if first && !c.is_ascii() && c > '\u{17f}' {
                return None;
            }
            let mut upper = c.to_uppercase();
            if first { upper.next().filter(|_| upper.next().is_none()) } else { Some(c) }
        })
        .collect();
    Some(titled.map_or_else(|| open("title", arguments), |text| text.as_str().into()))
}

pub(super) fn strrev(arguments: &[Value]) -> Option<Value> {
    let text = one_known(arguments)?;
    match characters(&text) {
        Some(characters) => give(characters.into_iter().rev().collect::<String>()),
        None => Some(open("strrev", arguments)),
    }
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
    let found = part.is_empty()
        || text
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
    let (text, offset, length) = (text(value)?, integer(offset)?, integer(length)?);
    let (beginning, whole) = start(&text);
    let Some(characters) = characters(beginning) else { return Some(open("substr", arguments)) };
    // No characters from the end are all of them in some releases.
    if offset < 0 && length == 0 {
        return Some(open("substr", arguments));
    }
    let count = i64::try_from(characters.len()).ok()?;
    // What comes next may make one character with the last one.
    if !whole && (offset < 0 || length < 0 || offset.saturating_add(length) >= count) {
        return None;
    }
    let from = if offset < 0 { (count + offset).max(0) } else { offset };
    let take = if length < 0 { i64::MAX } else { length };
    let cut: String = characters
        .into_iter()
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
        return Some(open("replace", arguments));
    }
    let expression = pattern.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    match (expression, text.as_str()) {
        (Some(expression), Some(text)) => {
            super::patterns::replaced(expression, text, &replacement, arguments)
        }
        (None, Some(text)) => give(text.replace(&*pattern, &replacement)),
        (None, None) if holes_lack(&text, &pattern) => {
            give(text.map_literals(|literal| literal.replace(&*pattern, &replacement)))
        }
        (_, None) => None,
    }
}

pub(super) fn join(arguments: &[Value]) -> Option<Value> {
    let (separator, lists) = arguments.split_first().filter(|(_, lists)| !lists.is_empty())?;
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
    let spaces = usize::try_from(integer(spaces)?).ok()?;
    let text = known(value)?;
    if spaces > 1_000 || text.len().saturating_mul(spaces) > MAX_LENGTH {
        return Some(open("indent", arguments));
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
    give(clean(
        path.rsplit_once('/')
            .map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder }),
    ))
}

/// A path without `.`, `..` and doubled slashes inside, as Go writes it.
pub(super) fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => drop(kept.pop()),
            ".." if absolute => {}
            part => kept.push(part),
        }
    }
    match (absolute, kept.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".to_owned(),
        (false, path) => path,
    }
}

/// Only a path that begins with `~` hangs on who runs Terraform.
pub(super) fn pathexpand(arguments: &[Value]) -> Option<Value> {
    let [path] = arguments else { return None };
    let path_text = text(path)?;
    match starts(&path_text, "~") {
        Some(false) => Some(Value::String(path_text)),
        Some(true) | None => Some(open("pathexpand", arguments)),
    }
}
