//! The older HCL that Vault reads its policies in, with spans and unknown parts.
//!
//! It is not the HCL of Terraform: blocks nest inside of attributes, names may be quoted, commas are optional. What is read
//! here becomes the same tree that JSON becomes; a value that has labels (`factor "ops" { … }`) goes by all of them.
//! Repeated names are refused, as programs disagree on which of the two counts.

use std::collections::BTreeSet;

use miette::SourceSpan;

use crate::json::{MAX_DEPTH, Member, Node, Value};
use crate::problem::Problem;
use crate::text::{Hole, Part, Text};

/// `key "label" … = value` or `key "label" … { … }`.
pub(super) struct Entry {
    /// The key and its labels; never empty.
    pub(super) keys: Vec<(Text, SourceSpan)>,
    /// What it is set to.
    pub(super) value: Node,
}

/// Reads a whole text.
pub(super) fn parse(text: &Text) -> Result<Vec<Entry>, Problem> {
    let mut parser = Parser::new(text);
    let entries = parser.entries(0, false)?;
    parser.blanks()?;
    match parser.peek() {
        None => Ok(entries),
        Some(_) => Err(parser.unexpected("a block or the end of the text")),
    }
}

#[derive(Clone, Copy)]
enum Symbol<'a> {
    Char(char),
    Hole(&'a Hole),
}

struct Parser<'a> {
    /// What the text is made of, each with the place in the rendered text.
    symbols: Vec<(usize, Symbol<'a>)>,
    at: usize,
    end: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a Text) -> Self {
        let mut symbols = Vec::new();
        let mut end = 0;
        for part in text.parts() {
            match part {
                Part::Literal(known) => {
                    symbols.extend(known.char_indices().map(|(i, it)| (end + i, Symbol::Char(it))));
                    end += known.len();
                }
                Part::Hole(hole) => {
                    symbols.push((end, Symbol::Hole(hole)));
                    end += hole.origin.len() + 2;
                }
            }
        }
        Self { symbols, at: 0, end }
    }

    fn peek(&self) -> Option<Symbol<'a>> {
        self.symbols.get(self.at).map(|(_, symbol)| *symbol)
    }

    fn character(&self) -> Option<char> {
        self.ahead(0)
    }

    fn ahead(&self, by: usize) -> Option<char> {
        match self.symbols.get(self.at + by) {
            Some((_, Symbol::Char(letter))) => Some(*letter),
            Some((_, Symbol::Hole(_))) | None => None,
        }
    }

    fn position(&self) -> usize {
        self.symbols.get(self.at).map_or(self.end, |(position, _)| *position)
    }

    fn span_from(&self, start: usize) -> SourceSpan {
        (start, self.position() - start).into()
    }

    fn unexpected(&self, expected: &str) -> Problem {
        let start = self.position();
        let end = self.symbols.get(self.at + 1).map_or(self.end, |(position, _)| *position);
        let found = match self.peek() {
            Some(Symbol::Char(letter)) => format!("`{}`", letter.escape_debug()),
            Some(Symbol::Hole(hole)) => format!("the unknown `{}`", hole.origin),
            None => "the end of the text".to_owned(),
        };
        Problem::element(format!("expected {expected}, found {found}"), (start, end - start).into())
    }

    /// Blanks, newlines and comments.
    fn blanks(&mut self) -> Result<(), Problem> {
        loop {
            match (self.character(), self.ahead(1)) {
                (Some(letter), _) if letter.is_whitespace() => self.at += 1,
                (Some('#'), _) | (Some('/'), Some('/')) => {
                    while self.peek().is_some() && self.character() != Some('\n') {
                        self.at += 1;
                    }
                }
                (Some('/'), Some('*')) => {
                    self.at += 2;
                    while (self.character(), self.ahead(1)) != (Some('*'), Some('/')) {
                        if self.peek().is_none() {
                            return Err(self.unexpected("`*/` after a comment"));
                        }
                        self.at += 1;
                    }
                    self.at += 2;
                }
                _ => return Ok(()),
            }
        }
    }

    fn entries(&mut self, depth: usize, braces: bool) -> Result<Vec<Entry>, Problem> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: BTreeSet<Vec<Text>> = BTreeSet::new();
        loop {
            self.blanks()?;
            match self.character() {
                Some('}') if braces => return Ok(entries),
                None if self.peek().is_none() && !braces => return Ok(entries),
                _ => {}
            }
            let entry = self.entry(depth)?;
            let name: Vec<Text> = entry.keys.iter().map(|(key, _)| key.clone()).collect();
            // Blocks for the same path stand side by side in one policy; their rules are joined.
            if depth > 0
                && let Some((key, span)) = entry.keys.first()
                && !seen.insert(name)
            {
                return Err(Problem::element(format!("`{key}` appears twice"), *span)
                    .with_help("programs disagree on which of the two counts: keep one"));
            }
            entries.push(entry);
            self.blanks()?;
            if let Some(',' | ';') = self.character() {
                self.at += 1;
            }
        }
    }

    fn entry(&mut self, depth: usize) -> Result<Entry, Problem> {
        let mut keys = Vec::new();
        loop {
            self.blanks()?;
            let start = self.position();
            match self.character() {
                Some('"') => {
                    let key = self.quoted()?;
                    keys.push((key, self.span_from(start)));
                }
                Some(letter) if letter.is_alphabetic() || letter == '_' => {
                    let mut key = String::new();
                    while let Some(letter) = self.character()
                        && (letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.'))
                    {
                        key.push(letter);
                        self.at += 1;
                    }
                    keys.push((Text::literal(key), self.span_from(start)));
                }
                Some('=') if !keys.is_empty() => {
                    self.at += 1;
                    self.blanks()?;
                    let value = self.value(depth)?;
                    return Ok(Entry { keys, value });
                }
                Some('{') if !keys.is_empty() => {
                    let value = self.value(depth)?;
                    return Ok(Entry { keys, value });
                }
                _ if keys.is_empty() => return Err(self.unexpected("a name")),
                _ => return Err(self.unexpected("`=` or `{`")),
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Problem> {
        let start = self.position();
        if depth >= MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            return Err(Problem::element(message, (start, 1).into()));
        }
        let value = match self.peek() {
            Some(Symbol::Char('"')) => Value::String(self.quoted()?),
            Some(Symbol::Char('{')) => {
                self.at += 1;
                let entries = self.entries(depth + 1, true)?;
                self.at += 1;
                Value::Object(entries.into_iter().map(member).collect())
            }
            Some(Symbol::Char('[')) => self.list(depth)?,
            Some(Symbol::Char('<')) if self.ahead(1) == Some('<') => Value::String(self.heredoc()?),
            Some(Symbol::Char(letter)) if letter.is_alphanumeric() || letter == '-' => self.word(),
            Some(Symbol::Hole(hole)) => {
                self.at += 1;
                Value::Hole(hole.clone())
            }
            Some(Symbol::Char(_)) | None => return Err(self.unexpected("a value")),
        };
        Ok(Node { value, span: self.span_from(start) })
    }

    fn list(&mut self, depth: usize) -> Result<Value, Problem> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blanks()?;
            if self.character() == Some(']') {
                self.at += 1;
                return Ok(Value::Array(items));
            }
            items.push(self.value(depth + 1)?);
            self.blanks()?;
            match self.character() {
                Some(',') => self.at += 1,
                Some(']') => {}
                _ => return Err(self.unexpected("`,` or `]`")),
            }
        }
    }

    /// `true`, `false`, or a number with its unit.
    fn word(&mut self) -> Value {
        let mut word = String::new();
        while let Some(letter) = self.character()
            && (letter.is_alphanumeric() || matches!(letter, '-' | '+' | '.' | '_'))
        {
            word.push(letter);
            self.at += 1;
        }
        match word.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::Number(word),
        }
    }

    fn quoted(&mut self) -> Result<Text, Problem> {
        self.at += 1;
        let mut out = Text::new();
        loop {
            match self.peek() {
                Some(Symbol::Char('"')) => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(Symbol::Char('\\')) => {
                    self.at += 1;
                    let letter = self.escape()?;
                    out.push_str(letter.encode_utf8(&mut [0; 4]));
                }
                Some(Symbol::Char('\n')) | None => return Err(self.unexpected("`\"`")),
                Some(Symbol::Char(letter)) => {
                    self.at += 1;
                    out.push_str(letter.encode_utf8(&mut [0; 4]));
                }
                Some(Symbol::Hole(hole)) => {
                    self.at += 1;
                    out.push(&Text::from(hole.clone()));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let letter = match self.character() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some(letter @ ('"' | '\\')) => letter,
            Some('u') => {
                self.at += 1;
                let mut code = 0;
                for _ in 0..4 {
                    let digit = self.character().and_then(|it| it.to_digit(16));
                    let Some(digit) = digit else {
                        return Err(self.unexpected("four hexadecimal digits"));
                    };
                    code = code * 16 + digit;
                    self.at += 1;
                }
                return char::from_u32(code)
                    .ok_or_else(|| self.unexpected("a whole character before this"));
            }
            Some(_) | None => return Err(self.unexpected("an escape sequence")),
        };
        self.at += 1;
        Ok(letter)
    }

    fn heredoc(&mut self) -> Result<Text, Problem> {
        self.at += 2;
        if self.character() == Some('-') {
            self.at += 1;
        }
        let mut marker = String::new();
        while let Some(letter) = self.character()
            && (letter.is_alphanumeric() || letter == '_')
        {
            marker.push(letter);
            self.at += 1;
        }
        if marker.is_empty() || self.character() != Some('\n') {
            return Err(self.unexpected("the marker of a heredoc and a new line"));
        }
        self.at += 1;
        let mut out = Text::new();
        loop {
            let mut line = Text::new();
            while let Some(symbol) = self.peek()
                && self.character() != Some('\n')
            {
                match symbol {
                    Symbol::Char(letter) => line.push_str(letter.encode_utf8(&mut [0; 4])),
                    Symbol::Hole(hole) => line.push(&Text::from(hole.clone())),
                }
                self.at += 1;
            }
            if line.as_str().is_some_and(|it| it.trim() == marker) {
                return Ok(out);
            }
            if self.peek().is_none() {
                return Err(self.unexpected("the end of the heredoc"));
            }
            self.at += 1;
            out.push(&line);
            out.push_str("\n");
        }
    }
}

/// An entry inside of a value: its labels become part of its name.
fn member(entry: Entry) -> Member {
    let mut name = Text::new();
    let mut span: Option<SourceSpan> = None;
    for (index, (key, place)) in entry.keys.iter().enumerate() {
        if index > 0 {
            name.push_str(" ");
        }
        name.push(key);
        span = span.or(Some(*place));
    }
    let name_span = span.unwrap_or(entry.value.span);
    Member { name, name_span, value: entry.value }
}
