//! What stands for something else: variables, and commands whose output is put in their place.

use policy::text::{Shape, Text};

use super::{Item, Open, Reader};

impl Reader {
    /// What follows a dollar: a variable, or commands whose output it is.
    pub(super) fn dollar(&mut self, open: &mut Open) {
        match self.peek(0) {
            Some('(') => {
                self.at += 1;
                if self.peek(0) == Some('(') {
                    self.skip_to_balance();
                } else {
                    self.inner(Some(')'));
                }
                open.push(&Text::hole("$(…)", Shape::Any));
            }
            Some('{') => {
                self.at += 1;
                let mut name = String::new();
                let mut plain = true;
                while let Some(item) = self.take() {
                    match item {
                        Item::Char('}') => break,
                        Item::Char(it) if it.is_ascii_alphanumeric() || it == '_' => name.push(it),
                        Item::Char(_) | Item::Hole(_) => plain = false,
                    }
                }
                self.variable(&name, plain, open);
            }
            Some(it) if it.is_ascii_alphanumeric() || it == '_' => {
                let mut name = String::new();
                while let Some(it) =
                    self.peek(0).filter(|it| it.is_ascii_alphanumeric() || *it == '_')
                {
                    name.push(it);
                    self.at += 1;
                }
                self.variable(&name, true, open);
            }
            Some('@' | '*' | '?' | '#' | '!' | '-' | '$') => {
                self.at += 1;
                open.push(&Text::hole("$@", Shape::Any));
            }
            // `$'…'` has escapes of its own; `$"…"` is `"…"`.
            Some('\'') => self.escaped(open),
            Some('"') => {}
            Some(_) | None => open.push_char('$'),
        }
    }

    /// `$'…'`, of which nothing is known where it has escapes.
    fn escaped(&mut self, open: &mut Open) {
        let at = self.at;
        let mut plain = true;
        self.at += 1;
        while let Some(item) = self.take() {
            match item {
                Item::Char('\'') => break,
                Item::Char('\\') => {
                    plain = false;
                    self.at += 1;
                }
                Item::Char(_) | Item::Hole(_) => {}
            }
        }
        if plain {
            self.at = at;
        } else {
            open.push(&Text::hole("$'…'", Shape::Any));
        }
    }

    fn variable(&self, name: &str, plain: bool, open: &mut Open) {
        match self.variables.get(name).filter(|_| plain) {
            Some(value) => {
                // An unquoted value is split into words, as the shell does it.
                let value = value.clone();
                let split = !open.quoted && value.as_str().is_some_and(|it| it.contains(' '));
                if let (true, Some(text)) = (split, value.as_str()) {
                    for (number, word) in text.split_whitespace().enumerate() {
                        if number > 0 {
                            open.end_word();
                        }
                        open.push(&Text::literal(word));
                    }
                } else {
                    open.push(&value);
                }
            }
            None => open.push(&Text::hole(format!("${name}"), Shape::Any)),
        }
    }

    /// `$(( … ))`
    fn skip_to_balance(&mut self) {
        let mut depth = 1;
        while let (Some(item), true) = (self.take(), depth > 0) {
            match item {
                Item::Char('(') => depth += 1,
                Item::Char(')') => depth -= 1,
                Item::Char(_) | Item::Hole(_) => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    pub(super) fn backticks(&mut self, open: &mut Open) {
        let mut script = Text::new();
        while let Some(item) = self.take() {
            match item {
                Item::Char('`') => break,
                Item::Char('\\') => {
                    if let Some(Item::Char(it)) = self.take() {
                        script.push_str(it.encode_utf8(&mut [0; 4]));
                    }
                }
                Item::Char(it) => script.push_str(it.encode_utf8(&mut [0; 4])),
                Item::Hole(hole) => script.push(&hole),
            }
        }
        self.nested(&script);
        open.push(&Text::hole("`…`", Shape::Any));
    }

    /// The commands of a substitution that begins here.
    pub(super) fn inner(&mut self, close: Option<char>) {
        let Some(depth) = self.depth.checked_sub(1) else {
            self.at = self.items.len();
            return;
        };
        let outer = std::mem::replace(&mut self.depth, depth);
        self.list(close);
        self.depth = outer;
    }

    /// The commands of a script inside this one.
    fn nested(&mut self, script: &Text) {
        let Some(depth) = self.depth.checked_sub(1) else { return };
        let mut reader = Self::new(script, self.variables.clone(), self.dialect, depth);
        reader.list(None);
        self.out.append(&mut reader.out);
    }
}
