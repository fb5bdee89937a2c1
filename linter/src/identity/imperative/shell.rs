//! The commands of a shell script, each as its words, with what is unknown left in.
//!
//! It is read as a POSIX shell (or `PowerShell`) splits it: quotes, escapes, line continuations, comments, substitutions,
//! here-documents, redirections. Nothing is run; a variable has the value that the script itself gives it, or none.

mod redirection;
mod substitution;

use std::collections::BTreeMap;

use policy::text::{Part, Text};

use redirection::HereDocument;

/// A command of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// The program and its arguments.
    pub(super) words: Vec<Text>,
    /// What it reads: a here-document, or what the command before it in the pipe says.
    pub(super) input: Option<Text>,
    /// Whether what it says goes into the next one.
    pub(super) piped: bool,
}

/// Which shell reads a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `sh` and its kin.
    Posix,
    /// `PowerShell`, which escapes with a grave accent.
    Power,
}

/// Substitutions inside substitutions end here, whatever a script says.
const DEEPEST: usize = 16;

/// Words that may stand before a command.
const RESERVED: &[&str] =
    &["if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "fi", "done", "}"];

/// The commands of a script in order, those inside of substitutions before the one that uses them.
pub(super) fn commands(
    script: &Text,
    variables: &BTreeMap<String, Text>,
    dialect: Dialect,
) -> Vec<Command> {
    let mut reader = Reader::new(script, variables.clone(), dialect, DEEPEST);
    reader.list(None);
    reader.out
}

/// A character or an unknown part.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Char(char),
    Hole(Text),
}

struct Reader {
    items: Vec<Item>,
    at: usize,
    out: Vec<Command>,
    variables: BTreeMap<String, Text>,
    dialect: Dialect,
    depth: usize,
    /// Here-documents whose text begins after this line, with the command that reads each.
    waiting: Vec<(usize, HereDocument)>,
}

/// The command that is being read.
#[derive(Default)]
struct Open {
    words: Vec<Text>,
    word: Option<Text>,
    /// Whether any of the word was quoted, so that it is no reserved word.
    quoted: bool,
    input: Option<Text>,
    here_documents: Vec<HereDocument>,
}

impl Open {
    fn push(&mut self, text: &Text) {
        self.word.get_or_insert_with(Text::new).push(text);
    }

    fn push_char(&mut self, character: char) {
        let mut buffer = [0; 4];
        self.word.get_or_insert_with(Text::new).push_str(character.encode_utf8(&mut buffer));
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        let reserved = self.words.is_empty()
            && !self.quoted
            && word.as_str().is_some_and(|word| RESERVED.contains(&word));
        if !reserved {
            self.words.push(word);
        }
        self.quoted = false;
    }
}

impl Reader {
    fn new(
        script: &Text,
        variables: BTreeMap<String, Text>,
        dialect: Dialect,
        depth: usize,
    ) -> Self {
        let mut items = Vec::new();
        for part in script.parts() {
            match part {
                Part::Literal(text) => items.extend(text.chars().map(Item::Char)),
                Part::Hole(hole) => items.push(Item::Hole(Text::from(hole.clone()))),
            }
        }
        Self { items, at: 0, out: Vec::new(), variables, dialect, depth, waiting: Vec::new() }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        match self.items.get(self.at + ahead) {
            Some(Item::Char(character)) => Some(*character),
            Some(Item::Hole(_)) | None => None,
        }
    }

    fn take(&mut self) -> Option<Item> {
        let item = self.items.get(self.at).cloned();
        self.at += 1;
        item
    }

    fn skip_if(&mut self, character: char) -> bool {
        let found = self.peek(0) == Some(character);
        self.at += usize::from(found);
        found
    }

    /// Reads commands up to a closing character, or to the end.
    fn list(&mut self, close: Option<char>) {
        let mut open = Open::default();
        while let Some(item) = self.take() {
            let character = match item {
                Item::Hole(hole) => {
                    open.push(&hole);
                    continue;
                }
                Item::Char(character) => character,
            };
            if Some(character) == close {
                self.end(&mut open, false);
                return;
            }
            match character {
                '\n' => {
                    self.end(&mut open, false);
                    self.here_documents();
                }
                ' ' | '\t' | '\r' => open.end_word(),
                '#' if open.word.is_none() => self.comment(),
                '<' if self.dialect == Dialect::Power && self.peek(0) == Some('#') => {
                    self.block_comment();
                }
                ';' | '(' | ')' => self.end(&mut open, false),
                '&' if self.peek(0) == Some('>') => {}
                '&' => {
                    self.skip_if('&');
                    self.end(&mut open, false);
                }
                '|' => {
                    let either = self.skip_if('|');
                    self.skip_if('&');
                    self.end(&mut open, !either);
                }
                '<' | '>' => self.redirection(character, &mut open),
                other => self.word(other, &mut open),
            }
        }
        self.end(&mut open, false);
    }

    /// Ends a command.
    fn end(&mut self, open: &mut Open, piped: bool) {
        open.end_word();
        let Open { words, input, here_documents, .. } = std::mem::take(open);
        if words.is_empty() && input.is_none() && here_documents.is_empty() {
            return;
        }
        let assigned = |word: &Text| {
            let Some(Part::Literal(first)) = word.parts().first() else { return None };
            let (name, _) = first.split_once('=')?;
            let plain = |it: char| it.is_ascii_alphanumeric() || it == '_';
            (!name.is_empty() && name.chars().all(plain)).then(|| name.len() + 1)
        };
        let own = usize::from(words.first().is_some_and(|word| {
            word.as_str().is_some_and(|word| ["export", "local", "readonly"].contains(&word))
        }));
        let rest = words.get(own..).unwrap_or_default();
        if !rest.is_empty() && rest.iter().all(|word| assigned(word).is_some()) {
            for word in rest {
                let Some(length) = assigned(word) else { continue };
                let name = prefix(word, length - 1);
                self.variables.insert(name, without(word, length));
            }
            return;
        }
        self.power_assignment(&words);
        let first = words.iter().take_while(|word| assigned(word).is_some()).count();
        let words = words.get(first..).unwrap_or_default().to_vec();
        let index = self.out.len();
        self.waiting.extend(here_documents.into_iter().map(|document| (index, document)));
        self.out.push(Command { words, input, piped });
    }

    /// `$name = value`
    fn power_assignment(&mut self, words: &[Text]) {
        let [name, equals, value] = words else { return };
        let Some([Part::Hole(hole)]) = Some(name.parts()) else { return };
        if equals.as_str() == Some("=")
            && let Some(name) = hole.origin.strip_prefix('$')
        {
            self.variables.insert(name.to_owned(), value.clone());
        }
    }

    fn comment(&mut self) {
        while self.at < self.items.len() && self.peek(0) != Some('\n') {
            self.at += 1;
        }
    }

    fn block_comment(&mut self) {
        while self.at < self.items.len() {
            if self.peek(0) == Some('#') && self.peek(1) == Some('>') {
                self.at += 2;
                return;
            }
            self.at += 1;
        }
    }

    /// A character that belongs to a word.
    fn word(&mut self, character: char, open: &mut Open) {
        let escape = if self.dialect == Dialect::Power { '`' } else { '\\' };
        match character {
            '\'' => {
                open.quoted = true;
                open.push(&Text::new());
                while let Some(item) = self.take() {
                    match item {
                        Item::Char('\'') => break,
                        Item::Char(other) => open.push_char(other),
                        Item::Hole(hole) => open.push(&hole),
                    }
                }
            }
            '"' => {
                open.quoted = true;
                open.push(&Text::new());
                self.double_quoted(open);
            }
            '^' if self.peek(0) == Some('\n') => self.at += 1,
            '^' if self.peek(0) == Some('\r') && self.peek(1) == Some('\n') => self.at += 2,
            it if it == escape => match self.take() {
                Some(Item::Char('\n')) | None => {}
                Some(Item::Char('\r')) if self.peek(0) == Some('\n') => self.at += 1,
                Some(Item::Char(other)) => {
                    open.quoted = true;
                    open.push_char(other);
                }
                Some(Item::Hole(hole)) => open.push(&hole),
            },
            '`' => self.backticks(open),
            '$' => self.dollar(open),
            other => open.push_char(other),
        }
    }

    fn double_quoted(&mut self, open: &mut Open) {
        let escape = if self.dialect == Dialect::Power { '`' } else { '\\' };
        while let Some(item) = self.take() {
            match item {
                Item::Char('"') => return,
                Item::Char(it) if it == escape => match self.take() {
                    Some(Item::Char('\n')) | None => {}
                    Some(Item::Char(other)) => {
                        if escape == '\\' && !['"', '\\', '$', '`'].contains(&other) {
                            open.push_char('\\');
                        }
                        open.push_char(other);
                    }
                    Some(Item::Hole(hole)) => open.push(&hole),
                },
                Item::Char('`') => self.backticks(open),
                Item::Char('$') => self.dollar(open),
                Item::Char(other) => open.push_char(other),
                Item::Hole(hole) => open.push(&hole),
            }
        }
    }
}

/// The first characters of a text, all of which are known.
fn prefix(text: &Text, length: usize) -> String {
    let first = match text.parts().first() {
        Some(Part::Literal(first)) => first.as_str(),
        Some(Part::Hole(_)) | None => "",
    };
    first.get(..length).unwrap_or_default().to_owned()
}

/// A text without its first characters.
fn without(text: &Text, length: usize) -> Text {
    let mut out = Text::new();
    for (number, part) in text.parts().iter().enumerate() {
        match part {
            Part::Literal(literal) if number == 0 => {
                out.push_str(literal.get(length..).unwrap_or_default());
            }
            Part::Literal(literal) => out.push_str(literal),
            Part::Hole(hole) => out.push(&Text::from(hole.clone())),
        }
    }
    out
}
