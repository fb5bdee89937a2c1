//! What a command reads from or writes to: redirections and here-documents.

use policy::text::{Shape, Text};

use super::{Dialect, Item, Open, Reader};

/// `<<-'EOF'`
pub(super) struct HereDocument {
    delimiter: String,
    /// Whether the tabs at the beginning of a line are not part of it.
    tabs: bool,
    /// Whether it is as it is written.
    quoted: bool,
}

impl Reader {
    /// `> file`, `2>&1`, `<<EOF`, `<<< word`, `<( … )`
    pub(super) fn redirection(&mut self, sign: char, open: &mut Open) {
        // The number before it belongs to it.
        if open.word.as_ref().and_then(Text::as_str).is_some_and(|it| it.parse::<u8>().is_ok()) {
            open.word = None;
        }
        open.end_word();
        if sign == '<' && self.peek(0) == Some('<') {
            self.at += 1;
            if self.skip_if('<') {
                open.input = Some(self.next_word());
                return;
            }
            let tabs = self.skip_if('-');
            let quoted = {
                let mut ahead = 0;
                while self.peek(ahead).is_some_and(|it| it == ' ' || it == '\t') {
                    ahead += 1;
                }
                matches!(self.peek(ahead), Some('\'' | '"' | '\\'))
            };
            let delimiter = self.next_word().to_string();
            open.here_documents.push(HereDocument { delimiter, tabs, quoted });
            return;
        }
        if self.peek(0) == Some('(') {
            self.at += 1;
            self.inner(Some(')'));
            open.words.push(Text::hole("<(…)", Shape::Any));
            return;
        }
        for more in ['>', '&', '|'] {
            self.skip_if(more);
        }
        let _file = self.next_word();
    }

    /// The word that an operator takes.
    fn next_word(&mut self) -> Text {
        let mut open = Open { quoted: true, ..Open::default() };
        while self.peek(0).is_some_and(|it| it == ' ' || it == '\t') {
            self.at += 1;
        }
        while let Some(item) = self.items.get(self.at).cloned() {
            match item {
                Item::Char(it) if it.is_whitespace() || ";|&<>()".contains(it) => break,
                Item::Char(it) => {
                    self.at += 1;
                    self.word(it, &mut open);
                }
                Item::Hole(hole) => {
                    self.at += 1;
                    open.push(&hole);
                }
            }
        }
        open.word.unwrap_or_default()
    }

    /// The texts of the here-documents of the line that just ended.
    pub(super) fn here_documents(&mut self) {
        for (index, HereDocument { delimiter, tabs, quoted }) in std::mem::take(&mut self.waiting) {
            let mut body = Text::new();
            while self.at < self.items.len() {
                let line = self.line(tabs);
                if line.as_str().map(|line| line.trim_end_matches('\r')) == Some(&delimiter) {
                    break;
                }
                body.push(&line);
                body.push_str("\n");
            }
            if !quoted {
                body = self.expanded(&body);
            }
            if let Some(command) = self.out.get_mut(index) {
                command.input = Some(body);
            }
        }
    }

    fn line(&mut self, tabs: bool) -> Text {
        let mut line = Text::new();
        while tabs && self.peek(0) == Some('\t') {
            self.at += 1;
        }
        while let Some(item) = self.take() {
            match item {
                Item::Char('\n') => break,
                Item::Char(it) => line.push_str(it.encode_utf8(&mut [0; 4])),
                Item::Hole(hole) => line.push(&hole),
            }
        }
        line
    }

    /// A text with the variables of the script put in.
    fn expanded(&mut self, body: &Text) -> Text {
        let mut reader = Self::new(body, self.variables.clone(), Dialect::Posix, self.depth);
        let mut open = Open { quoted: true, ..Open::default() };
        while let Some(item) = reader.take() {
            match item {
                Item::Char('$') => reader.dollar(&mut open),
                Item::Char('`') => reader.backticks(&mut open),
                Item::Char('\\') if matches!(reader.peek(0), Some('$' | '`' | '\\')) => {
                    if let Some(Item::Char(it)) = reader.take() {
                        open.push_char(it);
                    }
                }
                Item::Char(it) => open.push_char(it),
                Item::Hole(hole) => open.push(&hole),
            }
        }
        self.out.append(&mut reader.out);
        open.word.unwrap_or_default()
    }
}
