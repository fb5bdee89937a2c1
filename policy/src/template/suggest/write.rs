//! HCL as `terraform fmt` would write it: two blanks a level, `=` under `=` in a row of one-line attributes.

use std::fmt::Write as _;

use crate::text::{Part, Text};

/// A value of an attribute. Holes called `param.x` are parameters.
#[derive(Clone, Debug)]
pub(super) enum Value {
    String(Text),
    Bool(bool),
    List(Vec<Value>),
    Object(Vec<Item>),
    Json(Vec<Item>),
}

/// What stands in a block or an object.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Attribute(Text, Value),
    Block(String, Vec<Item>),
    Comment(String),
    Blank,
}

/// A list or object that is no longer than that stands on one line.
const WIDEST: usize = 72;

pub(super) fn attribute(name: &str, value: Value) -> Item {
    Item::Attribute(Text::literal(name), value)
}

pub(super) fn string(text: &str) -> Value {
    Value::String(Text::literal(text))
}

pub(super) fn strings<'a>(texts: impl IntoIterator<Item = &'a Text>) -> Value {
    Value::List(texts.into_iter().map(|text| Value::String(text.clone())).collect())
}

/// The same where a single string may stand for a list of one.
pub(super) fn one_or_many<'a>(texts: impl IntoIterator<Item = &'a Text>) -> Value {
    let texts: Vec<&Text> = texts.into_iter().collect();
    match texts.as_slice() {
        [one] => Value::String((*one).clone()),
        all => strings(all.iter().copied()),
    }
}

/// The items on lines of their own.
pub(super) fn file(items: &[Item]) -> String {
    let mut out = String::new();
    lines(items, 0, &mut out);
    out
}

fn lines(items: &[Item], depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let width = |row: &[Item]| -> usize {
        let names = row.iter().filter_map(one_line).map(|(name, _)| name.chars().count());
        names.max().unwrap_or_default()
    };
    for row in items.chunk_by(|one, next| one_line(one).is_some() && one_line(next).is_some()) {
        let width = width(row);
        for item in row {
            let _ = match (item, one_line(item)) {
                (_, Some((name, value))) => writeln!(out, "{indent}{name:width$} = {value}"),
                (Item::Attribute(name, value), None) => {
                    let _ = write!(out, "{indent}{} = ", key(name));
                    several_lines(value, depth, out);
                    writeln!(out)
                }
                (Item::Block(head, body), _) => {
                    let _ = writeln!(out, "{indent}{head} {{");
                    lines(body, depth + 1, out);
                    writeln!(out, "{indent}}}")
                }
                (Item::Comment(text), _) => writeln!(out, "{indent}# {text}"),
                (Item::Blank, _) => writeln!(out),
            };
        }
    }
}

/// An attribute whose value stands on the line of its name.
fn one_line(item: &Item) -> Option<(String, String)> {
    match item {
        Item::Attribute(name, value) => Some((key(name), inline(value)?)),
        Item::Block(..) | Item::Comment(_) | Item::Blank => None,
    }
}

fn inline(value: &Value) -> Option<String> {
    let out = match value {
        Value::String(text) => return Some(quoted(text)),
        Value::Bool(value) => return Some(value.to_string()),
        Value::Json(_) => return None,
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(inline).collect::<Option<_>>()?;
            format!("[{}]", items.join(", "))
        }
        Value::Object(items) => match items.as_slice() {
            [Item::Attribute(name, value)] => format!("{{ {} = {} }}", key(name), inline(value)?),
            _ => return None,
        },
    };
    (out.chars().count() <= WIDEST).then_some(out)
}

fn several_lines(value: &Value, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    let _ = match value {
        Value::String(_) | Value::Bool(_) => {
            write!(out, "{}", inline(value).unwrap_or_default())
        }
        Value::List(items) => {
            let _ = writeln!(out, "[");
            for item in items {
                let _ = write!(out, "{indent}  ");
                match inline(item) {
                    Some(line) => out.push_str(&line),
                    None => several_lines(item, depth + 1, out),
                }
                let _ = writeln!(out, ",");
            }
            write!(out, "{indent}]")
        }
        Value::Object(items) => {
            let _ = writeln!(out, "{{");
            lines(items, depth + 1, out);
            write!(out, "{indent}}}")
        }
        Value::Json(items) => {
            let _ = writeln!(out, "jsonencode({{");
            lines(items, depth + 1, out);
            write!(out, "{indent}}})")
        }
    };
}

/// A name as it is, if it is one, else in quotes.
fn key(name: &Text) -> String {
    let plain = name.as_str().filter(|name| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-')
    });
    plain.map_or_else(|| quoted(name), str::to_owned)
}

/// A string in quotes, with `${param.x}` for the holes.
pub(super) fn quoted(text: &Text) -> String {
    let mut out = String::from("\"");
    for part in text.parts() {
        match part {
            Part::Hole(hole) => {
                let _ = write!(out, "${{{}}}", hole.origin);
            }
            Part::Literal(literal) => escape(literal, &mut out),
        }
    }
    out.push('"');
    out
}

fn escape(text: &str, out: &mut String) {
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if letters.peek() == Some(&'{') => out.extend([letter, letter]),
            letter if letter.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
}
