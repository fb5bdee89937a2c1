//! Quoted strings, heredocs and bare templates.
//!
//! A template is first read into a flat list of tokens, as HCL does, because trimming (`~`) and the indentation of
//! `<<-` work on tokens; then the directives are put into a tree.

use unicode_normalization::char::is_combining_mark;

use super::items::{heredoc_end, heredoc_start};
use super::parse::{Parser, Result};
use super::{Expr, ExprKind, Piece, PieceFor, SyntaxError};
use crate::source::Span;

/// A token of a template.
enum Token {
    Literal(String),
    Value(Expr),
    If(Expr),
    Else,
    EndIf,
    For(Option<String>, String, Expr),
    EndFor,
}

/// What a literal ends at.
enum Until<'a> {
    Quote,
    /// The delimiter, and where it was announced.
    Delimiter(&'a str, Span),
    End,
}

impl Parser<'_> {
    /// `"…"`
    pub(super) fn string(&mut self) -> Result<Expr> {
        let start = self.at;
        self.at += 1;
        let tokens = self.tokens(&Until::Quote)?;
        self.at += 1;
        let span = self.span(start);
        let kind = match <[Token; 1]>::try_from(tokens) {
            // `"${x}"` is x itself, of whatever type.
            Ok([Token::Value(inner)]) => ExprKind::Parens(Box::new(inner)),
            Ok([token]) => ExprKind::Template(self.tree(vec![token])?),
            Err(tokens) => ExprKind::Template(self.tree(tokens)?),
        };
        Ok(Expr { kind, span })
    }

    /// `<<EOT` or `<<-EOT`
    pub(super) fn heredoc(&mut self) -> Result<Expr> {
        let start = self.at;
        let Some((delimiter, body)) = heredoc_start(self.text, self.at) else {
            return Err(self.error("expected an expression"));
        };
        let flush = self.byte_at(2) == b'-';
        self.at = delimiter.end;
        let opening = self.span(start);
        let delimiter = self.text.get(delimiter).unwrap_or("");
        self.at = body;
        let mut tokens = self.tokens(&Until::Delimiter(delimiter, opening))?;
        let end = heredoc_end(self.text, self.at, delimiter).unwrap_or(self.at);
        if self.text.get(self.at..end).is_some_and(|line| line.contains('\r')) {
            return Err(self.error("a carriage return stands alone"));
        }
        self.at = end;
        if flush {
            flush_indentation(&mut tokens);
        }
        let span = self.span(start);
        Ok(Expr { kind: ExprKind::Template(self.tree(tokens)?), span })
    }

    /// The whole text as a template without escapes.
    pub(super) fn bare_template(&mut self) -> Result<Vec<Piece>> {
        let tokens = self.tokens(&Until::End)?;
        self.tree(tokens)
    }

    fn tokens(&mut self, until: &Until<'_>) -> Result<Vec<Token>> {
        let mut tokens = Vec::new();
        let mut literal = String::new();
        // A `~}` cuts white space off the next literal, and off no further one.
        let mut trim_next = false;
        loop {
            super::work::add(1);
            let line_start = self.at == 0 || self.text.as_bytes().get(self.at - 1) == Some(&b'\n');
            let done = match until {
                Until::Quote => self.byte() == b'"',
                Until::Delimiter(delimiter, _) => {
                    line_start
                        && heredoc_end(self.text, self.at, delimiter)
                            .is_some_and(|end| end <= self.end)
                }
                Until::End => self.at >= self.end,
            };
            let rest = self.rest();
            let control = rest.starts_with("${") || rest.starts_with("%{");
            if done || control {
                let trim_end = control && self.byte_at(2) == b'~';
                push_literal(&mut tokens, &mut literal, &mut trim_next, trim_end);
            }
            if done {
                return Ok(tokens);
            }
            if control {
                trim_next = self.control(&mut tokens)?;
                continue;
            }
            let newline = self.byte() == b'\n';
            self.character(until, &mut literal)?;
            if newline && !matches!(until, Until::Quote) {
                push_literal(&mut tokens, &mut literal, &mut trim_next, false);
            }
        }
    }

    /// One character, escapes resolved.
    fn character(&mut self, until: &Until<'_>, literal: &mut String) -> Result<()> {
        let rest = self.rest();
        if rest.starts_with("$${") || rest.starts_with("%%{") {
            literal.extend(rest.chars().next());
            literal.push('{');
            self.at += 3;
            return Ok(());
        }
        let Some(next) = rest.chars().next() else {
            return Err(match until {
                Until::Quote => self.error("the string is not closed"),
                Until::Delimiter(delimiter, opening) => SyntaxError {
                    message: format!("the heredoc is not closed by a line `{delimiter}`"),
                    span: *opening,
                },
                Until::End => self.error("the template is not closed"),
            });
        };
        match (until, next) {
            (Until::Quote, '\n' | '\r') => {
                Err(self.error("a quoted string cannot go over several lines"))
            }
            (Until::Delimiter(..), '\r') if self.byte_at(1) != b'\n' => {
                Err(self.error("a carriage return stands alone"))
            }
            (Until::Quote, '\\') => self.escape(literal),
            _ => {
                literal.push(next);
                self.at += next.len_utf8();
                Ok(())
            }
        }
    }

    fn escape(&mut self, literal: &mut String) -> Result<()> {
        let (c, length) = match self.byte_at(1) {
            b'n' => ('\n', 2),
            b'r' => ('\r', 2),
            b't' => ('\t', 2),
            b'"' => ('"', 2),
            b'\\' => ('\\', 2),
            b'u' => (self.code_point(4)?, 6),
            b'U' => (self.code_point(8)?, 10),
            _ => return Err(self.error("unknown escape sequence")),
        };
        literal.push(c);
        self.at += length;
        Ok(())
    }

    fn code_point(&self, digits: usize) -> Result<char> {
        self.rest()
            .get(2..2 + digits)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32)
            .ok_or_else(|| self.error("unknown escape sequence"))
    }

    /// `${…}` or `%{…}`; whether white space after it goes away.
    fn control(&mut self, tokens: &mut Vec<Token>) -> Result<bool> {
        let directive = self.byte() == b'%';
        self.at += 2;
        if self.byte() == b'~' {
            self.at += 1;
        }
        let token = self.nested(|parser| {
            parser.with_newlines(true, |parser| {
                if directive { parser.directive() } else { parser.expression().map(Token::Value) }
            })
        })?;
        tokens.push(token);
        self.with_newlines(true, |parser| {
            if parser.take("~}") { Ok(true) } else { parser.expect("}").map(|()| false) }
        })
    }

    fn directive(&mut self) -> Result<Token> {
        match self.word() {
            Some("if") => self.expression().map(Token::If),
            Some("else") => Ok(Token::Else),
            Some("endif") => Ok(Token::EndIf),
            Some("for") => {
                let (key, value) = self.for_names()?;
                Ok(Token::For(key, value, self.expression()?))
            }
            Some("endfor") => Ok(Token::EndFor),
            _ => Err(self.error("expected `if`, `else`, `endif`, `for` or `endfor`")),
        }
    }

    fn tree(&self, tokens: Vec<Token>) -> Result<Vec<Piece>> {
        let mut tokens = tokens.into_iter();
        let (pieces, end) = self.pieces(&mut tokens, 0)?;
        if end.is_some() { Err(self.mismatch()) } else { Ok(pieces) }
    }

    fn mismatch(&self) -> SyntaxError {
        self.error("template directives do not match")
    }

    /// Pieces up to the directive that ends them.
    fn pieces(
        &self,
        tokens: &mut std::vec::IntoIter<Token>,
        depth: usize,
    ) -> Result<(Vec<Piece>, Option<Token>)> {
        if depth > super::MAX_DEPTH {
            return Err(self.error("template directives are nested too deep"));
        }
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(token) = tokens.next() {
            match token {
                Token::Literal(text) => match pieces.last_mut() {
                    Some(Piece::Literal(last)) => last.push_str(&text),
                    _ => pieces.push(Piece::Literal(text)),
                },
                Token::Value(value) => pieces.push(Piece::Value(value)),
                Token::If(condition) => {
                    let (yes, end) = self.pieces(tokens, depth + 1)?;
                    let (no, end) = match end {
                        Some(Token::Else) => self.pieces(tokens, depth + 1)?,
                        end => (Vec::new(), end),
                    };
                    let Some(Token::EndIf) = end else { return Err(self.mismatch()) };
                    pieces.push(Piece::If(condition, yes, no));
                }
                Token::For(key, value, collection) => {
                    let (body, end) = self.pieces(tokens, depth + 1)?;
                    let Some(Token::EndFor) = end else { return Err(self.mismatch()) };
                    pieces.push(Piece::For(Box::new(PieceFor { key, value, collection, body })));
                }
                end @ (Token::Else | Token::EndIf | Token::EndFor) => {
                    return Ok((pieces, Some(end)));
                }
            }
        }
        Ok((pieces, None))
    }
}

fn push_literal(
    tokens: &mut Vec<Token>,
    literal: &mut String,
    trim_start: &mut bool,
    trim_end: bool,
) {
    if literal.is_empty() {
        // A literal that ended with its line was put away already; `%{~` reaches back to it.
        if trim_end && let Some(Token::Literal(last)) = tokens.last_mut() {
            last.truncate(last.trim_end().len());
        }
        return;
    }
    let mut text = std::mem::take(literal);
    if std::mem::take(trim_start) {
        text.drain(..text.len() - text.trim_start().len());
    }
    if trim_end {
        text.truncate(text.trim_end().len());
    }
    tokens.push(Token::Literal(text));
}

/// Whether a character is drawn onto the one before it.
fn joins(c: char) -> bool {
    is_combining_mark(c) || matches!(c, '\u{200c}' | '\u{200d}')
}

/// Takes the smallest indentation of all lines off each line. Blank lines neither count nor change.
fn flush_indentation(tokens: &mut [Token]) {
    let mut smallest = usize::MAX;
    let mut line_start = true;
    let mut starts = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if line_start {
            let spaces = match token {
                Token::Literal(text) if text.trim().is_empty() && text.ends_with('\n') => {
                    usize::MAX
                }
                Token::Literal(text) => {
                    starts.push(index);
                    text.chars().take_while(|c| c.is_whitespace()).count()
                }
                _ => 0,
            };
            smallest = smallest.min(spaces);
        }
        line_start = matches!(token, Token::Literal(text) if text.ends_with('\n'));
    }
    for index in starts {
        if let Some(Token::Literal(text)) = tokens.get_mut(index) {
            // HCL counts what a reader sees as one character: a mark goes with the space that it stands on.
            let rest: String = text.chars().skip(smallest).collect();
            let marks =
                if smallest == 0 { 0 } else { rest.chars().take_while(|c| joins(*c)).count() };
            *text = rest.chars().skip(marks).collect();
        }
    }
}
