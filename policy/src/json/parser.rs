//! The recursive descent behind [`super::parse`].

use std::collections::BTreeMap;

use miette::SourceSpan;

use super::{JsonError, MAX_DEPTH, Member, Node, Value};
use crate::text::{Hole, Part, Text};

/// Reads one value that makes up the whole text.
pub(super) fn whole(text: &Text) -> Result<Node, JsonError> {
    let mut parser = Parser { parts: text.parts(), offset: 0, base: 0 };
    let node = parser.value(0)?;
    parser.blanks();
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.unexpected("the end of the text")),
    }
}

/// What comes next in the text.
enum Next<'a> {
    Byte(u8),
    Hole(&'a Hole),
}

struct Parser<'a> {
    /// The pieces that are not read yet; the first one may be read in part.
    parts: &'a [Part],
    /// Bytes read of the first piece.
    offset: usize,
    /// Where the first piece begins in the rendered text.
    base: usize,
}

impl<'a> Parser<'a> {
    /// The rest of the known piece at hand. Steps over a piece that is used up.
    fn rest(&mut self) -> &'a str {
        while let Some((Part::Literal(text), later)) = self.parts.split_first() {
            match text.get(self.offset..) {
                Some(rest) if !rest.is_empty() => return rest,
                _ => {
                    self.base += text.len();
                    self.offset = 0;
                    self.parts = later;
                }
            }
        }
        ""
    }

    fn peek(&mut self) -> Option<Next<'a>> {
        if let Some(byte) = self.rest().as_bytes().first() {
            return Some(Next::Byte(*byte));
        }
        match self.parts.first() {
            Some(Part::Hole(hole)) => Some(Next::Hole(hole)),
            Some(Part::Literal(_)) | None => None,
        }
    }

    fn byte(&mut self) -> Option<u8> {
        match self.peek() {
            Some(Next::Byte(byte)) => Some(byte),
            Some(Next::Hole(_)) | None => None,
        }
    }

    fn position(&self) -> usize {
        self.base + self.offset
    }

    fn span_from(&self, start: usize) -> SourceSpan {
        (start, self.position() - start).into()
    }

    fn take_hole(&mut self) -> Option<&'a Hole> {
        let (Part::Hole(hole), later) = self.parts.split_first()? else { return None };
        self.base += rendered(hole);
        self.offset = 0;
        self.parts = later;
        Some(hole)
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.offset += 1;
        }
    }

    fn unexpected(&mut self, expected: &'static str) -> JsonError {
        let start = self.position();
        match self.peek() {
            Some(Next::Hole(hole)) => JsonError::UnknownPart {
                origin: hole.origin.to_string(),
                span: (start, rendered(hole)).into(),
            },
            Some(Next::Byte(_)) => {
                let found = self.rest().chars().next().unwrap_or_default();
                JsonError::Syntax {
                    expected,
                    found: format!("`{}`", found.escape_debug()),
                    span: (start, found.len_utf8()).into(),
                }
            }
            None => JsonError::Syntax {
                expected,
                found: "the end of the text".to_owned(),
                span: (start, 0).into(),
            },
        }
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), JsonError> {
        if self.byte() == Some(byte) {
            self.offset += 1;
            return Ok(());
        }
        Err(self.unexpected(expected))
    }

    fn value(&mut self, depth: usize) -> Result<Node, JsonError> {
        self.blanks();
        let start = self.position();
        if depth > MAX_DEPTH {
            return Err(JsonError::TooDeep { span: (start, 0).into() });
        }
        let value = match self.peek() {
            Some(Next::Hole(_)) => {
                let hole = self.take_hole().cloned();
                hole.map(Value::Hole).ok_or_else(|| self.unexpected("a value"))?
            }
            Some(Next::Byte(b'{')) => self.object(depth)?,
            Some(Next::Byte(b'[')) => self.array(depth)?,
            Some(Next::Byte(b'"')) => Value::String(self.string()?),
            Some(Next::Byte(b'-' | b'0'..=b'9')) => Value::Number(self.number()?),
            Some(Next::Byte(b't')) => self.word("true", Value::Bool(true))?,
            Some(Next::Byte(b'f')) => self.word("false", Value::Bool(false))?,
            Some(Next::Byte(b'n')) => self.word("null", Value::Null)?,
            Some(Next::Byte(_)) | None => return Err(self.unexpected("a value")),
        };
        Ok(Node { value, span: self.span_from(start) })
    }

    fn word(&mut self, word: &'static str, value: Value) -> Result<Value, JsonError> {
        if self.rest().starts_with(word) {
            self.offset += word.len();
            return Ok(value);
        }
        Err(self.unexpected("a value"))
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.offset += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.byte() == Some(b']') {
            self.offset += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.byte() == Some(b',') {
                self.offset += 1;
                continue;
            }
            self.expect(b']', "`,` or `]`")?;
            return Ok(Value::Array(items));
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.offset += 1;
        let mut members = Vec::new();
        let mut seen: BTreeMap<Text, SourceSpan> = BTreeMap::new();
        self.blanks();
        if self.byte() == Some(b'}') {
            self.offset += 1;
            return Ok(Value::Object(members));
        }
        loop {
            self.blanks();
            let start = self.position();
            if self.byte() != Some(b'"') {
                return Err(self.unexpected("a name in quotes"));
            }
            let name = self.string()?;
            let name_span = self.span_from(start);
            if let Some(first) = seen.insert(name.clone(), name_span) {
                let name = name.to_string();
                return Err(JsonError::Duplicate { name, span: name_span, first });
            }
            self.blanks();
            self.expect(b':', "`:`")?;
            let value = self.value(depth + 1)?;
            members.push(Member { name, name_span, value });
            self.blanks();
            if self.byte() == Some(b',') {
                self.offset += 1;
                continue;
            }
            self.expect(b'}', "`,` or `}`")?;
            return Ok(Value::Object(members));
        }
    }

    fn string(&mut self) -> Result<Text, JsonError> {
        self.offset += 1;
        let mut out = Text::new();
        loop {
            match self.peek() {
                Some(Next::Hole(_)) => {
                    if let Some(hole) = self.take_hole() {
                        out.push(&Text::from(hole.clone()));
                    }
                }
                Some(Next::Byte(b'"')) => {
                    self.offset += 1;
                    return Ok(out);
                }
                Some(Next::Byte(b'\\')) => {
                    let character = self.escape()?;
                    out.push_str(character.encode_utf8(&mut [0; 4]));
                }
                Some(Next::Byte(0..=0x1f)) => {
                    return Err(
                        self.unexpected("an escape sequence instead of a control character")
                    );
                }
                Some(Next::Byte(_)) => {
                    let rest = self.rest();
                    let end = rest
                        .bytes()
                        .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
                        .unwrap_or(rest.len());
                    out.push_str(rest.get(..end).unwrap_or(rest));
                    self.offset += end;
                }
                None => return Err(self.unexpected("the closing quote")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        self.offset += 1;
        let character = match self.byte() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.offset += 1;
                return self.code_point();
            }
            Some(_) | None => return Err(self.unexpected("an escape sequence")),
        };
        self.offset += 1;
        Ok(character)
    }

    fn code_point(&mut self) -> Result<char, JsonError> {
        let high = self.four_digits()?;
        let code = if (0xd800..0xdc00).contains(&high) {
            self.expect(b'\\', "the second half of a surrogate pair")?;
            self.expect(b'u', "the second half of a surrogate pair")?;
            let low = self.four_digits()?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(self.unexpected("the second half of a surrogate pair before this"));
            }
            0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
        } else {
            high
        };
        char::from_u32(code).ok_or_else(|| self.unexpected("a whole character before this"))
    }

    fn four_digits(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.unexpected("four hexadecimal digits"))?;
            self.offset += 1;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<String, JsonError> {
        let mut out = String::new();
        self.copy_if(&mut out, b"-");
        if !self.copy_if(&mut out, b"0") {
            self.digits(&mut out)?;
        }
        if self.copy_if(&mut out, b".") {
            self.digits(&mut out)?;
        }
        if self.copy_if(&mut out, b"eE") {
            self.copy_if(&mut out, b"+-");
            self.digits(&mut out)?;
        }
        Ok(out)
    }

    fn copy_if(&mut self, out: &mut String, wanted: &[u8]) -> bool {
        match self.byte() {
            Some(byte) if wanted.contains(&byte) => {
                out.push(char::from(byte));
                self.offset += 1;
                true
            }
            Some(_) | None => false,
        }
    }

    fn digits(&mut self, out: &mut String) -> Result<(), JsonError> {
        if !self.copy_if(out, b"0123456789") {
            return Err(self.unexpected("a digit"));
        }
        while self.copy_if(out, b"0123456789") {}
        Ok(())
    }
}

/// How many bytes a hole takes in the rendered text: `<origin>`.
fn rendered(hole: &Hole) -> usize {
    hole.origin.len() + 2
}
