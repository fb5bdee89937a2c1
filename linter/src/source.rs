//! The files of a run, and places in them.

use std::sync::{Arc, OnceLock};

/// A place in a source file: byte offsets, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    /// Which file of [`Sources`].
    pub(crate) file: FileId,
    /// First byte.
    pub(crate) start: usize,
    /// First byte after it.
    pub(crate) end: usize,
}

/// The number of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileId(u32);

/// Every source text that was read, with the name that a person would type for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    files: Vec<File>,
}

#[derive(Clone, Debug)]
struct File {
    name: String,
    text: Arc<str>,
    /// Where each line but the first begins: found out when somebody asks for a place, and then for all of them.
    lines: OnceLock<Vec<usize>>,
}

/// A place as people count: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Sources {
    /// Keeps a text and numbers it.
    pub(crate) fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(File { name: name.into(), text: text.into(), lines: OnceLock::new() });
        FileId(id)
    }

    /// The file's name.
    pub(crate) fn name(&self, id: FileId) -> &str {
        self.files.get(id.0 as usize).map_or("", |file| &file.name)
    }

    /// The file's text.
    pub(crate) fn text(&self, id: FileId) -> &str {
        self.files.get(id.0 as usize).map_or("", |file| &file.text)
    }

    /// The file's text, shared.
    pub(crate) fn shared(&self, id: FileId) -> Arc<str> {
        self.files.get(id.0 as usize).map_or_else(|| Arc::from(""), |file| Arc::clone(&file.text))
    }

    /// Line and column of a byte offset.
    pub(crate) fn position(&self, id: FileId, offset: usize) -> Position {
        let Some(file) = self.files.get(id.0 as usize) else { return position("", offset) };
        let lines = file.lines.get_or_init(|| line_starts(&file.text));
        let offset = offset.min(file.text.len());
        let before = lines.partition_point(|start| *start <= offset);
        let start = before.checked_sub(1).and_then(|last| lines.get(last)).copied().unwrap_or(0);
        let line = file.text.get(start..offset).unwrap_or_default();
        Position { line: before + 1, column: line.chars().count() + 1 }
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    text.match_indices('\n').map(|(at, _)| at + 1).collect()
}

/// Line and column of a byte offset of a text.
pub(crate) fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    Position { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let mut sources = Sources::default();
        let id = sources.add("main.tf", "a = \"ü\"\nb = 1\n");
        assert_eq!(sources.position(id, 0), Position { line: 1, column: 1 });
        assert_eq!(sources.position(id, 7), Position { line: 1, column: 7 });
        assert_eq!(sources.position(id, 9), Position { line: 2, column: 1 });
        assert_eq!(sources.position(id, 999), Position { line: 3, column: 1 });
    }

    #[test]
    fn kept_lines_say_what_counting_says() {
        for text in ["", "\n", "a", "a\n\nü\r\nb", "\n\n", "last line ends\n"] {
            let mut sources = Sources::default();
            let id = sources.add("main.tf", text);
            for offset in (0..text.len() + 2).filter(|at| text.get(*at..).is_some()) {
                assert_eq!(
                    sources.position(id, offset),
                    position(text, offset),
                    "{text:?} {offset}"
                );
            }
        }
    }
}
