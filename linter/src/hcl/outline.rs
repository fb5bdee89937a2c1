//! What the reader saw in a file, as JSON, for those who hold it against other readers: the oracle, the fuzz corpus, the
//! benchmarks. The body has the shape that the `hcl2json` programs give: a block is a list below its kind and labels, an
//! expression that is no literal is its source text in `${}`.

use serde_json::{Map, Value, json};

use super::{
    Body, Expr, ExprKind, Piece, PieceFor, SyntaxError, json::parse_json_body, parse_body,
};
use crate::evaluate::number_text;
use crate::source::{Sources, Span};

/// What a file holds: `problems`, `blocks` (the top-level ones with their places) and `body`.
pub(crate) fn outline(text: &str, json: bool) -> Value {
    let file = Sources::default().add("", "");
    let (body, errors) = if json { parse_json_body(text, file) } else { parse_body(text, file) };
    let place = |span: Span| json!([span.start, span.end]);
    let problems: Vec<Value> = errors
        .iter()
        .map(|SyntaxError { message, span }| json!([message, span.start, span.end]))
        .collect();
    let blocks: Vec<Value> = body
        .blocks
        .iter()
        .map(|block| json!([block.kind, block.labels, place(block.header), place(block.span)]))
        .collect();
    let body = Outline { text }.body(&body);
    json!({ "problems": problems, "blocks": blocks, "body": body })
}

/// How many blocks and problems a file has: all that a benchmark needs to know that it was read.
pub(crate) fn count(text: &str, json: bool) -> (usize, usize) {
    let file = Sources::default().add("", "");
    let (body, errors) = if json { parse_json_body(text, file) } else { parse_body(text, file) };
    (body.blocks.len(), errors.len())
}

struct Outline<'a> {
    text: &'a str,
}

impl Outline<'_> {
    fn source(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or("<no place>")
    }

    fn body(&self, body: &Body) -> Value {
        let mut out = Map::new();
        for block in &body.blocks {
            let inner = self.body(&block.body);
            let path: Vec<&String> = [&block.kind].into_iter().chain(&block.labels).collect();
            put(&mut out, &path, inner);
        }
        for attribute in &body.attributes {
            out.insert(attribute.name.clone(), self.value(&attribute.value));
        }
        Value::Object(out)
    }

    /// A quoted string of nothing but `${…}` is what is inside.
    fn wrapped<'e>(&self, expression: &'e Expr) -> Option<&'e Expr> {
        match &expression.kind {
            ExprKind::Parens(inner) if self.source(expression.span).starts_with('"') => Some(inner),
            _ => None,
        }
    }

    fn value(&self, expression: &Expr) -> Value {
        if let Some(inner) = self.wrapped(expression) {
            return self.value(inner);
        }
        match &expression.kind {
            ExprKind::Null => Value::Null,
            ExprKind::Bool(truth) => json!(truth),
            ExprKind::Number(number) => Value::Number(number.clone()),
            ExprKind::Negate(inner) => match &inner.kind {
                ExprKind::Number(number) => format!("-{number}").parse().unwrap_or(Value::Null),
                _ => self.embedded(expression).into(),
            },
            ExprKind::Not(inner) => match inner.kind {
                ExprKind::Bool(truth) => json!(!truth),
                _ => self.embedded(expression).into(),
            },
            ExprKind::Template(pieces) => self.pieces(pieces).into(),
            ExprKind::List(items) => items.iter().map(|item| self.value(item)).collect(),
            ExprKind::Object(pairs) => {
                let pairs = pairs.iter().map(|(key, value)| (self.key(key), self.value(value)));
                Value::Object(pairs.collect())
            }
            _ => self.embedded(expression).into(),
        }
    }

    fn key(&self, key: &Expr) -> String {
        match &key.kind {
            ExprKind::Attr(..) | ExprKind::Index(..) if reference(key) => {
                self.source(key.span).to_owned()
            }
            _ => self.part(key),
        }
    }

    fn embedded(&self, expression: &Expr) -> String {
        format!("${{{}}}", self.source(expression.span))
    }

    fn pieces(&self, pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| self.piece(piece)).collect()
    }

    fn piece(&self, piece: &Piece) -> String {
        match piece {
            Piece::Literal(text) => text.replace("${", "$${").replace("%{", "%%{"),
            Piece::Value(value) => self.part(value),
            Piece::If(condition, yes, no) => {
                self.conditional(condition, &self.pieces(yes), &self.pieces(no))
            }
            Piece::For(repeat) => {
                let PieceFor { key, value, collection, body } = &**repeat;
                let key = key.as_ref().map_or(String::new(), |key| format!("{key}, "));
                let (collection, body) = (self.source(collection.span), self.pieces(body));
                format!("%{{for {key}{value} in {collection}}}{body}%{{endfor}}")
            }
        }
    }

    /// An expression inside a template.
    fn part(&self, expression: &Expr) -> String {
        if let Some(inner) = self.wrapped(expression) {
            return self.part(inner);
        }
        match &expression.kind {
            ExprKind::Null => "null".to_owned(),
            ExprKind::Bool(truth) => truth.to_string(),
            ExprKind::Number(number) => number_text(number),
            ExprKind::Template(pieces) => self.pieces(pieces),
            ExprKind::Conditional(parts) => {
                let [condition, yes, no] = &**parts;
                self.conditional(condition, &self.part(yes), &self.part(no))
            }
            _ => self.embedded(expression),
        }
    }

    fn conditional(&self, condition: &Expr, yes: &str, no: &str) -> String {
        let condition = self.source(condition.span);
        let no = if no.is_empty() { String::new() } else { format!("%{{else}}{no}") };
        format!("%{{if {condition}}}{yes}{no}%{{endif}}")
    }
}

/// Whether an expression is a name with literal steps, as in `a.b["c"]`.
fn reference(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Name(_) => true,
        ExprKind::Attr(value, _) => reference(value),
        ExprKind::Index(value, key) => {
            let literal =
                matches!(key.kind, ExprKind::Number(_) | ExprKind::Bool(_) | ExprKind::Null);
            reference(value) && (literal || key.as_literal().is_some())
        }
        _ => false,
    }
}

/// Adds a block to the list below its kind and labels.
fn put(level: &mut Map<String, Value>, path: &[&String], block: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    let place = level.entry((*first).clone()).or_insert(Value::Null);
    match place {
        Value::Array(list) if rest.is_empty() => list.push(block),
        place if rest.is_empty() => *place = json!([block]),
        Value::Object(inner) => put(inner, rest, block),
        place => {
            let mut inner = Map::new();
            put(&mut inner, rest, block);
            *place = Value::Object(inner);
        }
    }
}
