//! The files of a run, and places in them.

use std::sync::Arc;

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
    files: Vec<(String, Arc<str>)>,
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
        self.files.push((name.into(), text.into()));
        FileId(id)
    }

    /// The file's name.
    pub(crate) fn name(&self, id: FileId) -> &str {
        self.files.get(id.0 as usize).map_or("", |(name, _)| name)
    }

    /// The file's text.
    pub(crate) fn text(&self, id: FileId) -> &str {
        self.files.get(id.0 as usize).map_or("", |(_, text)| text)
    }

    /// The file's text, shared.
    pub(crate) fn shared(&self, id: FileId) -> Arc<str> {
        self.files.get(id.0 as usize).map_or_else(|| Arc::from(""), |(_, text)| Arc::clone(text))
    }

    /// Line and column of a byte offset.
    pub(crate) fn position(&self, id: FileId, offset: usize) -> Position {
        position(self.text(id), offset)
    }
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
}
