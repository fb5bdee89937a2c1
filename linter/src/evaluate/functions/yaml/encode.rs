//! YAML as Terraform's `yamlencode` writes it: strings in double quotes or, with line breaks, as blocks; lists at the
//! indent of their key; long strings folded at spaces.

use policy::text::{Hole, Part, Shape, Text};

use crate::evaluate::functions::encoding::value_hole;
use crate::evaluate::number_text;
use crate::value::Value;

/// Behind this column a string is folded at its next space.
const BEST_WIDTH: usize = 80;

/// A longer key stands on a line of its own, behind a question mark.
const MAX_SIMPLE_KEY: usize = 128;

pub(in crate::evaluate::functions) fn yamlencode(arguments: &[Value]) -> Option<Value> {
    let [value] = arguments else { return None };
    let mut writer = Writer { out: Text::new(), column: 0 };
    writer.node(value, None, Place::Root);
    if writer.column > 0 {
        writer.push("\n");
    }
    if matches!(value, Value::Null | Value::Bool(_) | Value::Number(_)) {
        writer.push("...\n");
    }
    Some(Value::String(writer.out))
}

/// What stands before a node on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    /// `- ` or `: `, behind which lists and maps begin at once.
    Indicator,
    /// `"key":`, behind which they begin on the next line.
    Key,
}

struct Writer {
    out: Text,
    column: usize,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    /// Begins a line.
    fn line(&mut self, indent: usize) {
        if self.column > 0 {
            self.push("\n");
        }
        self.push(&" ".repeat(indent));
    }

    /// A value inside a block of that indent.
    fn node(&mut self, value: &Value, indent: Option<usize>, place: Place) {
        match value {
            Value::List(items) if !items.is_empty() => self.sequence(items, indent, place),
            Value::Object(fields) if !fields.is_empty() => {
                let inner = indent.map_or(0, |indent| indent + 2);
                for (index, (key, field)) in fields.iter().enumerate() {
                    if index > 0 || place == Place::Key {
                        self.line(inner);
                    }
                    self.member(key, field, inner);
                }
            }
            value => {
                // What is not known may begin on the next line.
                let space = place == Place::Key && !matches!(value, Value::Unknown(_));
                self.push(if space { " " } else { "" });
                self.scalar(value, indent.map_or(2, |indent| indent + 2));
            }
        }
    }

    fn sequence(&mut self, items: &[Value], indent: Option<usize>, place: Place) {
        let inner = match (indent, place) {
            (None, _) => 0,
            (Some(indent), Place::Key) => indent,
            (Some(indent), _) => indent + 2,
        };
        for (index, item) in items.iter().enumerate() {
            if index > 0 || place == Place::Key {
                self.line(inner);
            }
            self.push("- ");
            self.node(item, Some(inner), Place::Indicator);
        }
    }

    fn member(&mut self, key: &str, field: &Value, indent: usize) {
        let multiline = key.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
        if !multiline && key.len() <= MAX_SIMPLE_KEY {
            self.quoted(key, None);
            self.push(":");
            self.node(field, Some(indent), Place::Key);
            return;
        }
        self.push("? ");
        self.string(key, indent + 2);
        self.line(indent);
        self.push(": ");
        self.node(field, Some(indent), Place::Indicator);
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(truth) => self.push(if *truth { "true" } else { "false" }),
            Value::Number(number) => self.push(&number_text(number)),
            Value::List(_) => self.push("[]"),
            Value::Object(_) => self.push("{}"),
            Value::String(text) => match text.as_str() {
                Some(text) => self.string(text, indent),
                None => self.open_string(text),
            },
            Value::Unknown(hole) => match value_hole(hole) {
                Ok(text) => self.open_string(&text),
                Err(hole) => self.hole(&hole),
            },
        }
    }

    fn hole(&mut self, hole: &Hole) {
        self.out.push_escaped(hole);
        self.column += 1;
    }

    /// A string with holes: in quotes, as long as it is sure that nothing makes a block of it or folds it.
    fn open_string(&mut self, text: &Text) {
        let mut settled = true;
        let mut after_hole = false;
        for part in text.parts() {
            match part {
                Part::Literal(literal) => {
                    settled &= !(literal.contains('\n') || after_hole && literal.contains(' '));
                }
                Part::Hole(hole) => {
                    settled &= hole.shape != Shape::Any;
                    after_hole = true;
                }
            }
        }
        if !settled {
            let origin = crate::evaluate::opaque_origin(format!("yamlencode({text})"), text);
            return self.hole(&Hole { origin: origin.into(), shape: Shape::Any });
        }
        self.push("\"");
        for part in text.parts() {
            match part {
                Part::Literal(literal) => self.characters(literal, None),
                Part::Hole(hole) => self.hole(hole),
            }
        }
        self.push("\"");
    }

    fn string(&mut self, text: &str, indent: usize) {
        if text.contains('\n') && is_block(text) {
            self.block(text, indent);
        } else {
            self.quoted(text, Some(indent));
        }
    }

    fn block(&mut self, text: &str, indent: usize) {
        self.push("|");
        if text.starts_with(|c| c == ' ' || is_break(c)) {
            self.push("2");
        }
        let mut last = text.chars().rev();
        match (last.next().is_some_and(is_break), last.next()) {
            (false, _) => self.push("-"),
            (true, before) if before.is_none_or(is_break) => self.push("+"),
            (true, _) => {}
        }
        self.push("\n");
        let mut breaks = true;
        for c in text.chars() {
            if is_break(c) {
                self.push(c.encode_utf8(&mut [0; 4]));
                self.column = 0;
                breaks = true;
            } else {
                if breaks {
                    self.line(indent);
                }
                self.push(c.encode_utf8(&mut [0; 4]));
                breaks = false;
            }
        }
    }

    /// In quotes, folded where there is an indent to continue at.
    fn quoted(&mut self, text: &str, indent: Option<usize>) {
        self.push("\"");
        self.characters(text, indent);
        self.push("\"");
    }

    fn characters(&mut self, text: &str, indent: Option<usize>) {
        let mut spaces = false;
        let mut rest = text.chars();
        let mut first = true;
        while let Some(c) = rest.next() {
            if c == ' ' {
                let next = rest.clone().next();
                match indent {
                    Some(indent)
                        if !spaces && !first && next.is_some() && self.column > BEST_WIDTH =>
                    {
                        self.line(indent);
                        self.push(if next == Some(' ') { "\\" } else { "" });
                    }
                    _ => self.push(" "),
                }
                spaces = true;
            } else {
                if is_printable(c) && !is_break(c) && c != '"' && c != '\\' {
                    self.push(c.encode_utf8(&mut [0; 4]));
                } else {
                    self.push(&escape(c));
                }
                spaces = false;
            }
            first = false;
        }
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Whether text with line breaks can stand as a block.
fn is_block(text: &str) -> bool {
    let space_before_break = text
        .chars()
        .zip(text.chars().skip(1))
        .any(|(first, second)| first == ' ' && is_break(second));
    !text.ends_with(' ') && !space_before_break && text.chars().all(is_printable)
}

fn escape(c: char) -> String {
    let short = match c {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        c => {
            return match u32::from(c) {
                code @ ..=0xff => format!("\\x{code:02X}"),
                code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            };
        }
    };
    short.to_owned()
}
