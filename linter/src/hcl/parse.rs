//! The parser's state, its white space and words, and bodies: attributes and blocks.

use std::collections::BTreeSet;

use super::items::{identifier, items};
use super::{Attribute, Block, Body, Expr, MAX_DEPTH, Piece, SyntaxError};
use crate::source::{FileId, Span};

pub(super) type Result<T> = std::result::Result<T, SyntaxError>;

/// Reads a file. What cannot be read is an error each, and the other items are there all the same.
pub(crate) fn parse_body(text: &str, file: FileId) -> (Body, Vec<SyntaxError>) {
    let mut body = Body::default();
    let mut errors = Vec::new();
    let mut seen = BTreeSet::new();
    for item in items(text) {
        let mut parser = Parser::new(text, file, item.start, item.end);
        let result = parser.item(&mut body, &mut seen).and_then(|()| {
            parser.blank();
            if parser.at < parser.end {
                Err(parser.error("expected the end of the line"))
            } else {
                Ok(())
            }
        });
        if let Err(error) = result {
            errors.push(error);
        }
    }
    (body, errors)
}

/// Reads one expression, such as a `--var` of a list.
pub(crate) fn parse_expression(text: &str, file: FileId) -> Result<Expr> {
    let mut parser = Parser::new(text, file, 0, text.len());
    parser.newlines = true;
    let expression = parser.expression()?;
    parser.blank();
    if parser.at < parser.end { Err(parser.error("expected the end")) } else { Ok(expression) }
}

/// Reads a template without quotes or escapes, as JSON strings and template files hold them.
pub(crate) fn parse_template(text: &str, file: FileId, place: Option<Span>) -> Result<Vec<Piece>> {
    let mut parser = Parser::new(text, file, 0, text.len());
    parser.place = place;
    parser.bare_template()
}

/// A reader at a place in a text.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) file: FileId,
    pub(super) at: usize,
    pub(super) end: usize,
    /// Whether newlines are white space here, as inside parentheses.
    pub(super) newlines: bool,
    pub(super) depth: usize,
    /// The place of everything, where the text is a decoded string.
    pub(super) place: Option<Span>,
    /// The white space that was skipped last: what ends behind it ended before it.
    skipped: (usize, usize),
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, file: FileId, at: usize, end: usize) -> Self {
        Self { text, file, at, end, newlines: false, depth: 0, place: None, skipped: (at, at) }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..self.end).unwrap_or("")
    }

    pub(super) fn byte(&self) -> u8 {
        self.byte_at(0)
    }

    pub(super) fn byte_at(&self, offset: usize) -> u8 {
        let at = self.at + offset;
        if at < self.end { self.text.as_bytes().get(at).copied().unwrap_or(0) } else { 0 }
    }

    pub(super) fn span(&self, start: usize) -> Span {
        let end = if self.at == self.skipped.1 { self.skipped.0 } else { self.at };
        self.place.unwrap_or(Span { file: self.file, start, end: end.max(start) })
    }

    pub(super) fn error(&self, message: impl Into<String>) -> SyntaxError {
        let next = self.rest().chars().next().map_or(0, char::len_utf8);
        let span = Span { file: self.file, start: self.at, end: self.at + next };
        SyntaxError { message: message.into(), span: self.place.unwrap_or(span) }
    }

    /// Goes one level deeper for the time of `inner`.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= MAX_DEPTH {
            return Err(self.error(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    /// Reads `inner` with newlines as white space, or not.
    pub(super) fn with_newlines<T>(
        &mut self,
        newlines: bool,
        inner: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let before = std::mem::replace(&mut self.newlines, newlines);
        let result = inner(self);
        self.newlines = before;
        result
    }

    /// Skips white space and comments; newlines only where they mean nothing.
    pub(super) fn space(&mut self) {
        let start = self.at;
        self.skip();
        super::work::add(1 + self.at - start);
        if self.at > start {
            let from = if start == self.skipped.1 { self.skipped.0 } else { start };
            self.skipped = (from, self.at);
        }
    }

    fn skip(&mut self) {
        loop {
            match self.byte() {
                b' ' | b'\t' => self.at += 1,
                b'\r' if self.byte_at(1) == b'\n' => self.at += 1,
                b'\n' if self.newlines => self.at += 1,
                b'#' => self.line_comment(),
                b'/' if self.byte_at(1) == b'/' => self.line_comment(),
                b'/' if self.byte_at(1) == b'*' => {
                    let end = self.rest().get(2..).and_then(|rest| rest.find("*/"));
                    let Some(end) = end else {
                        super::work::add(self.end - self.at);
                        return;
                    };
                    self.at += 2 + end + 2;
                }
                _ => return,
            }
        }
    }

    /// Skips white space, comments and newlines.
    pub(super) fn blank(&mut self) {
        let before = std::mem::replace(&mut self.newlines, true);
        self.space();
        self.newlines = before;
    }

    fn line_comment(&mut self) {
        self.at = self.rest().find('\n').map_or(self.end, |end| self.at + end);
    }

    /// Takes the token if it is next.
    pub(super) fn take(&mut self, token: &str) -> bool {
        self.space();
        let next = self.rest().starts_with(token);
        if next {
            self.at += token.len();
        }
        next
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<()> {
        if self.take(token) { Ok(()) } else { Err(self.error(format!("expected `{token}`"))) }
    }

    /// Takes an identifier if one is next.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        self.space();
        let length = identifier(self.rest());
        let word = self.rest().get(..length).filter(|word| !word.is_empty())?;
        self.at += length;
        Some(word)
    }

    /// Takes this identifier if it is next.
    pub(super) fn keyword(&mut self, keyword: &str) -> bool {
        let before = self.at;
        let found = self.word() == Some(keyword);
        if !found {
            self.at = before;
        }
        found
    }

    /// An attribute or a block.
    fn item(&mut self, body: &mut Body, seen: &mut BTreeSet<&'a str>) -> Result<()> {
        let start = self.at;
        let Some(name) = self.word() else {
            return Err(self.error("expected an argument or a block"));
        };
        let span = self.span(start);
        self.space();
        if self.byte() == b'=' && self.byte_at(1) != b'=' {
            self.at += 1;
            let value = self.with_newlines(false, Self::expression)?;
            if !seen.insert(name) {
                let message = format!("`{name}` is set twice");
                return Err(SyntaxError { message, span });
            }
            body.attributes.push(Attribute { name: name.to_owned(), value });
            return Ok(());
        }
        let block = self.block(start, name)?;
        body.blocks.push(block);
        Ok(())
    }

    fn block(&mut self, start: usize, kind: &str) -> Result<Block> {
        let mut labels = Vec::new();
        let mut header = self.span(start);
        loop {
            self.space();
            match self.byte() {
                b'{' => break,
                b'"' => labels.push(self.label()?),
                _ => match self.word() {
                    Some(word) => labels.push(word.to_owned()),
                    None => {
                        return Err(self.error(format!("expected `=` or a block after `{kind}`")));
                    }
                },
            }
            header = self.span(start);
        }
        if labels.is_empty() {
            header = Span { end: start + kind.len(), ..header };
        }
        self.at += 1;
        let body =
            self.nested(|parser| parser.with_newlines(false, |parser| parser.block_body(header)))?;
        Ok(Block { kind: kind.to_owned(), labels, header, span: self.span(start), body })
    }

    fn label(&mut self) -> Result<String> {
        let label = self.string()?;
        label.as_literal().map(str::to_owned).ok_or_else(|| SyntaxError {
            message: "a block label cannot be a template".into(),
            span: label.span,
        })
    }

    fn block_body(&mut self, header: Span) -> Result<Body> {
        let mut body = Body::default();
        let mut seen = BTreeSet::new();
        self.space();
        if !matches!(self.byte(), b'\n' | b'}') {
            // On one line with its braces, a body is one argument.
            self.item(&mut body, &mut seen)?;
            self.space();
            if self.byte() != b'}' || !body.blocks.is_empty() {
                return Err(self.error("expected `}`: a block on one line holds one argument"));
            }
        }
        loop {
            self.blank();
            if self.byte() == b'}' {
                self.at += 1;
                return Ok(body);
            }
            if self.at >= self.end {
                return Err(SyntaxError {
                    message: "the block is not closed".into(),
                    span: header,
                });
            }
            self.item(&mut body, &mut seen)?;
            self.space();
            if self.byte() != b'\n' && self.at < self.end {
                return Err(self.error("expected a new line"));
            }
        }
    }
}
