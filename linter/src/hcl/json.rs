//! `*.tf.json`: the same tree from JSON.
//!
//! JSON has no blocks, so Terraform reads the first levels by what it knows of them, and there a repeated key is one
//! more block: a reader that keeps the last of two keys hides resources. Hence a JSON parser of our own, which keeps
//! every key in order, with its place.

use std::collections::BTreeMap;

use serde_json::Number;

use super::parse::{Result, parse_template};
use super::{Attribute, Block, Body, Expr, ExprKind, MAX_DEPTH, Piece, SyntaxError};
use crate::source::{FileId, Span};

/// A JSON value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Json {
    /// What it is.
    pub(crate) kind: JsonKind,
    /// Where.
    pub(crate) span: Span,
}

/// The JSON types.
#[derive(Clone, Debug)]
pub(crate) enum JsonKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number with its digits.
    Number(Number),
    /// A string, escapes resolved.
    String(String),
    /// `[…]`
    Array(Vec<Json>),
    /// `{…}`: every member, repeated keys included.
    Object(Vec<(String, Span, Json)>),
}

/// Reads JSON text.
pub(crate) fn parse_json(text: &str, file: FileId) -> Result<Json> {
    let mut reader = Reader { text, file, at: 0, depth: 0 };
    let value = reader.value()?;
    reader.space();
    if reader.at < text.len() {
        Err(reader.error("expected the end of the file"))
    } else {
        Ok(value)
    }
}

/// The body of a `*.tf.json` file.
pub(crate) fn parse_json_body(text: &str, file: FileId) -> (Body, Vec<SyntaxError>) {
    let mut body = Body::default();
    let mut errors = Vec::new();
    let root = match parse_json(text, file) {
        Ok(root) => root,
        Err(error) => return (body, vec![error]),
    };
    let mut roots = Vec::new();
    let items = match root.kind {
        JsonKind::Array(items) => items,
        kind => vec![Json { kind, span: root.span }],
    };
    for item in items {
        if let JsonKind::Object(members) = item.kind {
            roots.push(members);
        } else {
            errors.push(expected_object(item.span));
        }
    }
    for (key, span, value) in roots.into_iter().flatten() {
        if key != "//" {
            blocks(
                &key,
                &mut Vec::new(),
                labels_of(&key),
                span,
                value,
                &mut body.blocks,
                &mut errors,
            );
        }
    }
    (body, errors)
}

/// How many labels a top-level block of this kind has.
fn labels_of(kind: &str) -> usize {
    match kind {
        "resource" | "data" | "ephemeral" | "list" | "action" => 2,
        "module" | "variable" | "output" | "provider" | "check" => 1,
        _ => 0,
    }
}

fn expected_object(span: Span) -> SyntaxError {
    SyntaxError { message: "expected an object".into(), span }
}

/// The blocks that a value stands for: an object is one, an array is one each, and below that come labels.
fn blocks(
    kind: &str,
    labels: &mut Vec<String>,
    missing: usize,
    key: Span,
    value: Json,
    out: &mut Vec<Block>,
    errors: &mut Vec<SyntaxError>,
) {
    match value.kind {
        JsonKind::Null => {}
        JsonKind::Array(items) => {
            for item in items {
                blocks(kind, labels, missing, key, item, out, errors);
            }
        }
        JsonKind::Object(members) if missing > 0 => {
            for (label, span, member) in members {
                labels.push(label);
                blocks(kind, labels, missing - 1, span, member, out, errors);
                labels.pop();
            }
        }
        JsonKind::Object(mut members) => {
            let data = nested_data(kind, &mut members, errors);
            match block_body(members).map(|body| Body { blocks: data, ..body }) {
                Ok(body) => out.push(Block {
                    kind: kind.to_owned(),
                    labels: labels.clone(),
                    header: key,
                    span: Span { start: key.start, ..value.span },
                    body,
                }),
                Err(error) => errors.push(error),
            }
        }
        JsonKind::Bool(_) | JsonKind::Number(_) | JsonKind::String(_) => {
            errors.push(expected_object(value.span));
        }
    }
}

/// The data sources inside of a check.
fn nested_data(
    kind: &str,
    members: &mut Vec<(String, Span, Json)>,
    errors: &mut Vec<SyntaxError>,
) -> Vec<Block> {
    let mut data = Vec::new();
    if kind == "check" {
        for (key, span, value) in members.extract_if(.., |(key, _, _)| key == "data") {
            blocks(&key, &mut Vec::new(), 2, span, value, &mut data, errors);
        }
    }
    data
}

fn block_body(members: Vec<(String, Span, Json)>) -> Result<Body> {
    let mut body = Body::default();
    for (name, _, value) in together(members)? {
        if name != "//" {
            body.attributes.push(Attribute { name, value: expression(value)? });
        }
    }
    Ok(body)
}

/// Members with one key as one member each. Repeated blocks are as good as a list of them; arguments must not be repeated.
fn together(members: Vec<(String, Span, Json)>) -> Result<Vec<(String, Span, Json)>> {
    let mut out: Vec<(String, Span, Json)> = Vec::with_capacity(members.len());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (key, span, value) in members {
        let earlier = seen.get(&key).and_then(|at| out.get_mut(*at));
        let Some((_, _, earlier)) = earlier else {
            seen.insert(key.clone(), out.len());
            out.push((key, span, value));
            continue;
        };
        if key == "//" {
            continue;
        }
        let first = std::mem::replace(&mut earlier.kind, JsonKind::Null);
        match (listed(first, earlier.span), listed(value.kind, value.span)) {
            (Some(mut items), Some(more)) => {
                items.extend(more);
                earlier.kind = JsonKind::Array(items);
            }
            _ => {
                return Err(SyntaxError { message: format!("`{key}` is set twice"), span });
            }
        }
    }
    Ok(out)
}

/// The blocks that a value may stand for.
fn listed(kind: JsonKind, span: Span) -> Option<Vec<Json>> {
    match kind {
        JsonKind::Array(items)
            if items.iter().all(|item| matches!(item.kind, JsonKind::Object(_))) =>
        {
            Some(items)
        }
        kind @ JsonKind::Object(_) => Some(vec![Json { kind, span }]),
        _ => None,
    }
}

/// A JSON value as an expression: strings are templates.
fn expression(value: Json) -> Result<Expr> {
    let span = value.span;
    let kind = match value.kind {
        JsonKind::Null => ExprKind::Null,
        JsonKind::Bool(truth) => ExprKind::Bool(truth),
        JsonKind::Number(number) => ExprKind::Number(number),
        JsonKind::String(text) => return template(&text, span),
        JsonKind::Array(items) => {
            ExprKind::List(items.into_iter().map(expression).collect::<Result<_>>()?)
        }
        JsonKind::Object(members) => {
            let mut items: Vec<(Expr, Expr)> = Vec::with_capacity(members.len());
            for (key, place, member) in together(members)? {
                items.push((template(&key, place)?, expression(member)?));
            }
            ExprKind::Object(items)
        }
    };
    Ok(Expr { kind, span })
}

fn template(text: &str, span: Span) -> Result<Expr> {
    let pieces = parse_template(text, span.file, Some(span))?;
    let kind = match <[Piece; 1]>::try_from(pieces) {
        Ok([Piece::Value(inner)]) => ExprKind::Parens(Box::new(inner)),
        Ok(pieces) => ExprKind::Template(pieces.into()),
        Err(pieces) => ExprKind::Template(pieces),
    };
    Ok(Expr { kind, span })
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.byte(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    fn error(&self, message: impl Into<String>) -> SyntaxError {
        let next = self.rest().chars().next().map_or(0, char::len_utf8);
        let span = Span { file: self.file, start: self.at, end: self.at + next };
        SyntaxError { message: message.into(), span }
    }

    fn value(&mut self) -> Result<Json> {
        self.space();
        let start = self.at;
        let kind = match self.byte() {
            b'{' => self.deeper(Self::object)?,
            b'[' => self.deeper(Self::array)?,
            b'"' => JsonKind::String(self.string()?),
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.keyword()?,
        };
        Ok(Json { kind, span: Span { file: self.file, start, end: self.at } })
    }

    fn deeper(&mut self, inner: impl FnOnce(&mut Self) -> Result<JsonKind>) -> Result<JsonKind> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        self.at += 1;
        let kind = inner(self);
        self.depth -= 1;
        kind
    }

    fn keyword(&mut self) -> Result<JsonKind> {
        let words = [
            ("null", JsonKind::Null),
            ("true", JsonKind::Bool(true)),
            ("false", JsonKind::Bool(false)),
        ];
        for (word, kind) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.error("expected a value"))
    }

    fn number(&mut self) -> Result<JsonKind> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(rest.len());
        let digits = rest.get(..length).unwrap_or("");
        match serde_json::from_str(digits) {
            Ok(number) => {
                self.at += length;
                Ok(JsonKind::Number(number))
            }
            Err(_) => Err(self.error(format!("`{digits}` is no number"))),
        }
    }

    fn array(&mut self) -> Result<JsonKind> {
        let mut items = Vec::new();
        self.space();
        if self.byte() == b']' {
            self.at += 1;
            return Ok(JsonKind::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            match self.byte() {
                b',' => self.at += 1,
                b']' => {
                    self.at += 1;
                    return Ok(JsonKind::Array(items));
                }
                _ => return Err(self.error("expected `,` or `]`")),
            }
        }
    }

    fn object(&mut self) -> Result<JsonKind> {
        let mut members = Vec::new();
        self.space();
        if self.byte() == b'}' {
            self.at += 1;
            return Ok(JsonKind::Object(members));
        }
        loop {
            self.space();
            let start = self.at;
            if self.byte() != b'"' {
                return Err(self.error("expected a key in quotes"));
            }
            let key = self.string()?;
            let span = Span { file: self.file, start, end: self.at };
            self.space();
            if self.byte() != b':' {
                return Err(self.error("expected `:`"));
            }
            self.at += 1;
            members.push((key, span, self.value()?));
            self.space();
            match self.byte() {
                b',' => self.at += 1,
                b'}' => {
                    self.at += 1;
                    return Ok(JsonKind::Object(members));
                }
                _ => return Err(self.error("expected `,` or `}`")),
            }
        }
    }

    fn string(&mut self) -> Result<String> {
        let rest = self.rest();
        let mut length = 1;
        loop {
            match rest.as_bytes().get(length) {
                Some(b'"') => break,
                Some(b'\\') => length += 2,
                Some(_) => length += 1,
                None => return Err(self.error("the string is not closed")),
            }
        }
        let quoted = rest.get(..=length).unwrap_or("");
        match serde_json::from_str(quoted) {
            Ok(text) => {
                self.at += quoted.len();
                Ok(text)
            }
            Err(_) => Err(self.error("this is no JSON string")),
        }
    }
}
