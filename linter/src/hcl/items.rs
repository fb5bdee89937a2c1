//! Cuts a file into its top-level items, as HCL's own scanner sees them.
//!
//! An item is what a top-level line holds, with everything that its brackets, strings, templates, heredocs and comments
//! draw in. It is the net under the parser: no block can hide inside a string that Terraform does not see as one.

use std::ops::Range;

/// What the scanner is inside of.
#[derive(Clone, Debug)]
enum Inside {
    /// Brackets: `(`, `[`, `{`, or a template's `${`.
    Bracket,
    /// A quoted string.
    Quoted,
    /// A heredoc with its delimiter.
    Heredoc(Range<usize>),
}

/// The kinds of Terraform's top-level blocks.
const KINDS: [&str; 15] = [
    "resource",
    "data",
    "module",
    "variable",
    "output",
    "provider",
    "locals",
    "terraform",
    "ephemeral",
    "check",
    "import",
    "moved",
    "removed",
    "action",
    "list",
];

/// How often a text is looked at again because an item in it never ends, before every line that starts like a block is
/// taken for the start of one.
const PATIENCE: usize = 4;

/// The top-level items of a text, in order, without the white space and comments between them.
pub(crate) fn items(text: &str) -> Vec<Range<usize>> {
    let mut scanner = Scanner::new(text);
    let mut items = Vec::new();
    let mut work = 0;
    while let Some(item) = scanner.item() {
        work += scanner.at - item.start;
        super::work::add(scanner.at - item.start);
        if scanner.inside.is_empty() {
            items.push(item);
            continue;
        }
        // Never closed. The item is broken and will say so; what follows it is read all the same, from the next line
        // that starts like a block.
        scanner.inside.clear();
        scanner.hasty |= work > PATIENCE * text.len();
        let resume = next_block(text, item.start);
        items.push(item.start..resume.unwrap_or(item.end));
        match resume {
            Some(at) => scanner.at = at,
            None => break,
        }
    }
    items
}

/// Where the next line begins that starts like a top-level block of Terraform.
fn next_block(text: &str, after: usize) -> Option<usize> {
    let rest = text.get(after..)?;
    let mut lines = rest.match_indices('\n').map(|(at, _)| after + at + 1);
    let line = lines.find(|line| starts_block(text, *line));
    super::work::add(line.unwrap_or(text.len()) - after);
    line
}

/// Whether a line starts like a top-level block of Terraform.
fn starts_block(text: &str, line: usize) -> bool {
    let Some(rest) = text.get(line..) else { return false };
    let Some(after) = rest.get(identifier(rest)..) else { return false };
    let Some(kind) = rest.strip_suffix(after) else { return false };
    KINDS.contains(&kind) && after.trim_start_matches([' ', '\t']).starts_with(['"', '{'])
}

struct Scanner<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    inside: Vec<Inside>,
    /// From here on, no `*/` is left in the text.
    no_comment_end: usize,
    /// An item ends where a line starts like a block, whatever it is inside of.
    hasty: bool,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let (bytes, inside) = (text.as_bytes(), Vec::new());
        Self { bytes, text, at, inside, no_comment_end: usize::MAX, hasty: false }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn starts(&self, with: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(with.as_bytes()))
    }

    /// The next item; leaves `inside` filled when the text ends in the middle of it.
    fn item(&mut self) -> Option<Range<usize>> {
        loop {
            match self.byte(self.at) {
                b' ' | b'\t' | b'\n' => self.at += 1,
                b'\r' if self.byte(self.at + 1) == b'\n' => self.at += 1,
                _ if self.comment() => {}
                _ => break,
            }
        }
        if self.at >= self.bytes.len() {
            return None;
        }
        let start = self.at;
        let mut end = start;
        while self.at < self.bytes.len() {
            if self.byte(self.at) == b'\n'
                && (self.inside.is_empty() || self.hasty && starts_block(self.text, self.at + 1))
            {
                return Some(start..end);
            }
            if self.step() {
                end = self.at;
            }
        }
        Some(start..if self.inside.is_empty() { end } else { self.bytes.len() })
    }

    /// Moves on by one token; whether it belongs to the item (white space and comments do not).
    fn step(&mut self) -> bool {
        match self.inside.last().cloned() {
            Some(Inside::Quoted) => self.quoted(),
            Some(Inside::Heredoc(delimiter)) => self.heredoc(delimiter),
            Some(Inside::Bracket) | None => return self.normal(),
        }
        true
    }

    fn normal(&mut self) -> bool {
        if self.comment() {
            return false;
        }
        match self.byte(self.at) {
            // A carriage return alone is the parser's to report.
            b'\r' if self.byte(self.at + 1) != b'\n' => {}
            b' ' | b'\t' | b'\r' | b'\n' => {
                self.at += 1;
                return false;
            }
            b'"' => self.inside.push(Inside::Quoted),
            b'(' | b'[' | b'{' => self.inside.push(Inside::Bracket),
            // A closing bracket too many is the parser's to report.
            b')' | b']' | b'}' => drop(self.inside.pop()),
            b'<' => {
                if let Some((delimiter, body)) = heredoc_start(self.text, self.at) {
                    self.inside.push(Inside::Heredoc(delimiter));
                    self.at = body;
                    return true;
                }
            }
            _ => {}
        }
        self.at += 1;
        true
    }

    fn comment(&mut self) -> bool {
        if self.byte(self.at) == b'#' || self.starts("//") {
            while self.at < self.bytes.len() && self.byte(self.at) != b'\n' {
                self.at += 1;
            }
            return true;
        }
        // One that nobody closes is no comment but an error, which the parser finds.
        if self.at >= self.no_comment_end || !self.starts("/*") {
            return false;
        }
        let end = self.text.get(self.at + 2..).and_then(|rest| rest.find("*/"));
        super::work::add(end.unwrap_or(self.bytes.len() - self.at));
        match end {
            Some(end) => self.at += 2 + end + 2,
            None => self.no_comment_end = self.at,
        }
        end.is_some()
    }

    fn quoted(&mut self) {
        match self.byte(self.at) {
            b'\\' if self.byte(self.at + 1) != b'\n' => self.at += 2,
            b'"' => {
                self.inside.pop();
                self.at += 1;
            }
            // A string ends with its line; the parser reports it.
            b'\n' => drop(self.inside.pop()),
            _ => self.template(),
        }
        self.at = self.at.min(self.bytes.len());
    }

    fn heredoc(&mut self, delimiter: Range<usize>) {
        let line_start = self.at == 0 || self.byte(self.at - 1) == b'\n';
        if line_start
            && let Some(end) =
                heredoc_end(self.text, self.at, self.text.get(delimiter).unwrap_or(""))
        {
            self.inside.pop();
            self.at = end;
            return;
        }
        self.template();
    }

    /// One character of a template, or the opening of a `${` or `%{`.
    fn template(&mut self) {
        if self.starts("$${") || self.starts("%%{") {
            self.at += 3;
        } else if self.starts("${") || self.starts("%{") {
            self.inside.push(Inside::Bracket);
            self.at += 2;
        } else {
            self.at += 1;
        }
    }
}

/// Whether a heredoc starts here: the place of its delimiter, and where its first line begins.
pub(super) fn heredoc_start(text: &str, at: usize) -> Option<(Range<usize>, usize)> {
    let rest = text.get(at..)?.strip_prefix("<<")?;
    let (rest, skipped) = match rest.strip_prefix('-') {
        Some(rest) => (rest, at + 3),
        None => (rest, at + 2),
    };
    let length = identifier(rest);
    if length == 0 {
        return None;
    }
    let after = rest.get(length..)?;
    let newline =
        if after.starts_with('\n') { 1 } else { after.starts_with("\r\n").then_some(2)? };
    Some((skipped..skipped + length, skipped + length + newline))
}

/// Where the line of the delimiter ends, if the line that begins here holds it and nothing else but white space. The line must have
/// an end: Terraform does not close a heredoc at the end of the file.
pub(super) fn heredoc_end(text: &str, line: usize, delimiter: &str) -> Option<usize> {
    let rest = text.get(line..)?;
    let content = rest.get(..rest.find('\n')?)?;
    super::work::add(content.len());
    let end = content.strip_suffix('\r').unwrap_or(content).len();
    (content.trim() == delimiter).then_some(line + end)
}

/// How many bytes of a text are an identifier.
pub(super) fn identifier(text: &str) -> usize {
    let mut length = 0;
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => length += 1,
            b'0'..=b'9' | b'-' if length > 0 => length += 1,
            0x80.. => return length + rest_of_identifier(text, length),
            _ => break,
        }
    }
    length
}

/// What starts identifiers though its normal form does not, which is where Unicode's `XID_Start` differs from `ID_Start`.
const NOT_NORMAL: [char; 23] = [
    '\u{37a}', '\u{e33}', '\u{eb3}', '\u{309b}', '\u{309c}', '\u{fc5e}', '\u{fc5f}', '\u{fc60}',
    '\u{fc61}', '\u{fc62}', '\u{fc63}', '\u{fdfa}', '\u{fdfb}', '\u{fe70}', '\u{fe72}', '\u{fe74}',
    '\u{fe76}', '\u{fe78}', '\u{fe7a}', '\u{fe7c}', '\u{fe7e}', '\u{ff9e}', '\u{ff9f}',
];

/// The same from the first character on that is not ASCII: HCL takes Unicode's identifiers.
fn rest_of_identifier(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    let mut length = 0;
    for c in rest.chars() {
        let fits = if from + length == 0 {
            unicode_ident::is_xid_start(c) || NOT_NORMAL.contains(&c)
        } else {
            // HCL's table is older than the joiners' admission.
            (unicode_ident::is_xid_continue(c) || NOT_NORMAL.contains(&c))
                && !matches!(c, '\u{200c}' | '\u{200d}')
                || c == '-'
        };
        if !fits {
            break;
        }
        length += c.len_utf8();
    }
    length
}
