//! JSON that keeps the order of its keys and has holes in it.

use std::collections::BTreeSet;

use policy::text::{Part, Text};

use crate::evaluate::functions::write_string;
use crate::hcl::json::{Json, JsonKind, parse_json};
use crate::source::Sources;

/// A piece of JSON whose keys keep their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(Text),
    /// A value that is not a string and known.
    Raw(String),
    /// A value in whose place there is a hole.
    Open(Text),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}
/// Stands for a hole while a text is parsed as JSON; no policy holds this character.
const MARK: char = '\u{f8ff}';

/// Parses a text that may have holes inside its strings, or in the place of values: JSON with a mark for each hole, and
/// the holes. None where an unknown part could leave the quotes that it stands in.
pub(super) fn parse_with_holes(text: &Text) -> Option<(Json, Vec<Text>)> {
    if text.raw_hole().is_some() {
        return None;
    }
    let mut holes = Vec::new();
    let mut marked = String::new();
    let mut in_string = false;
    for part in text.parts() {
        match part {
            Part::Literal(literal) => {
                if literal.contains(MARK) {
                    return None;
                }
                let mut escaped = false;
                for c in literal.chars() {
                    if c == '"' && !escaped {
                        in_string = !in_string;
                    }
                    escaped = c == '\\' && !escaped;
                }
                marked.push_str(literal);
            }
            Part::Hole(hole) => {
                let mark = format!("{MARK}{}{MARK}", holes.len());
                let mark = if in_string { mark } else { format!("\"{MARK}{mark}\"") };
                marked.push_str(&mark);
                let mut escaped = Text::new();
                escaped.push_escaped(hole);
                holes.push(escaped);
            }
        }
    }
    let json = parse_json(&marked, Sources::default().add("", "")).ok()?;
    Some((json, holes))
}

/// JSON with its holes back in their places; None for what no policy document is, such as a repeated key.
pub(super) fn node(json: Json, holes: &[Text]) -> Option<Node> {
    Some(match json.kind {
        JsonKind::Null => Node::Raw("null".into()),
        JsonKind::Bool(truth) => Node::Raw(truth.to_string()),
        JsonKind::Number(number) => Node::Raw(number.to_string()),
        JsonKind::String(text) => {
            let doubled = format!("{MARK}{MARK}");
            if text.starts_with(&doubled) {
                Node::Open(restore(text.strip_prefix(MARK)?, holes)?)
            } else {
                Node::Text(restore(&text, holes)?)
            }
        }
        JsonKind::Array(items) => {
            Node::List(items.into_iter().map(|item| node(item, holes)).collect::<Option<_>>()?)
        }
        JsonKind::Object(members) => {
            let mut seen = BTreeSet::new();
            let mut out = Vec::with_capacity(members.len());
            for (key, _, member) in members {
                if key.contains(MARK) || !seen.insert(key.clone()) {
                    return None;
                }
                out.push((key, node(member, holes)?));
            }
            Node::Object(out)
        }
    })
}

/// Puts the holes back where their marks are.
pub(super) fn restore(marked: &str, holes: &[Text]) -> Option<Text> {
    let mut out = Text::new();
    for (index, piece) in marked.split(MARK).enumerate() {
        if index % 2 == 0 {
            out.push_str(piece);
        } else {
            out.push(holes.get(piece.parse::<usize>().ok()?)?);
        }
    }
    Some(out)
}

pub(super) fn write(node: &Node, indent: Option<usize>, out: &mut Text) {
    let inner = indent.map(|indent| indent + 2);
    let line = |indent: Option<usize>, out: &mut Text| {
        if let Some(indent) = indent {
            out.push_str("\n");
            out.push_str(&" ".repeat(indent));
        }
    };
    match node {
        Node::Text(text) => write_string(text, out),
        Node::Raw(raw) => out.push_str(raw),
        Node::Open(hole) => out.push(hole),
        Node::List(items) if items.is_empty() => out.push_str("[]"),
        Node::List(items) => {
            out.push_str("[");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(",");
                }
                line(inner, out);
                write(item, inner, out);
            }
            line(indent, out);
            out.push_str("]");
        }
        Node::Object(members) if members.is_empty() => out.push_str("{}"),
        Node::Object(members) => {
            out.push_str("{");
            for (index, (key, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push_str(",");
                }
                line(inner, out);
                write_string(&Text::literal(key.as_str()), out);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write(member, inner, out);
            }
            line(indent, out);
            out.push_str("}");
        }
    }
}
