//! Strict JSON with byte spans, for policy documents that may have unknown parts.
//!
//! No library gives the three things that a policy needs at once: the span of every node (messages point into the
//! text), refusal of repeated names (a parser that lets the last one win hides statements from a reviewer), and
//! [`Hole`]s inside strings and in the place of values. Holes are pieces of a [`Text`], never characters, so no user
//! text can pass for one.
//!
//! Spans count bytes of `text.to_string()`, in which a hole prints as `<origin>`.
//!
//! A hole inside quotes stands for the characters that it has *after* decoding: a value that would end the string
//! early is not considered here. [`Text::raw_hole`] says whether there can be one. Where a value of unknown type stands, put a bare hole; where its type is a string, put the
//! hole between quotes.

use std::collections::BTreeMap;

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::text::{Hole, Text};

mod parser;

/// The deepest nesting that is read. No policy language needs more than a dozen levels.
pub const MAX_DEPTH: usize = 128;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// The bytes of the rendered text that it covers.
    pub span: SourceSpan,
}

/// A JSON value, or an unknown one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written: no digit is lost.
    Number(String),
    /// A string, decoded.
    String(Text),
    /// A list.
    Array(Vec<Node>),
    /// An object in the order of the text; names are unique.
    Object(Vec<Member>),
    /// A value of which nothing is known.
    Hole(Hole),
}

/// One name and value of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name, which may have unknown parts: `"${local.issuer}:sub"`.
    pub name: Text,
    /// Where the name stands.
    pub name_span: SourceSpan,
    /// The value.
    pub value: Node,
}

/// Why a text is not JSON as this parser wants it.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum JsonError {
    /// Not JSON.
    #[error("expected {expected}, found {found}")]
    Syntax {
        /// What would have been right.
        expected: &'static str,
        /// What is there.
        found: String,
        /// Where.
        #[label("here")]
        span: SourceSpan,
    },
    /// An object with the same name twice.
    #[error("the name `{name}` appears twice in one object")]
    #[diagnostic(help("programs disagree on which of the two counts: keep one"))]
    Duplicate {
        /// The name.
        name: String,
        /// Where it appears again.
        #[label("again here")]
        span: SourceSpan,
        /// Where it appeared first.
        #[label("first here")]
        first: SourceSpan,
    },
    /// More than [`MAX_DEPTH`] levels.
    #[error("nested more than {MAX_DEPTH} levels deep")]
    TooDeep {
        /// Where the level begins that is one too many.
        #[label("here")]
        span: SourceSpan,
    },
    /// An unknown part where it decides about the structure of the text.
    #[error("`{origin}` is not known, and what the text says depends on it")]
    #[diagnostic(help("an unknown part can stand inside quotes or in the place of a value"))]
    UnknownPart {
        /// Where its value will come from.
        origin: String,
        /// Where it stands.
        #[label("unknown")]
        span: SourceSpan,
    },
}

/// Reads one JSON value that makes up the whole text.
pub fn parse(text: &Text) -> Result<Node, JsonError> {
    parser::whole(text)
}

/// The error that [`parse`] would give for the first name that appears twice.
pub(crate) fn repeated(members: &[Member]) -> Option<JsonError> {
    let mut seen: BTreeMap<&Text, SourceSpan> = BTreeMap::new();
    members.iter().find_map(|Member { name, name_span, .. }| {
        let first = seen.insert(name, *name_span)?;
        Some(JsonError::Duplicate { name: name.to_string(), span: *name_span, first })
    })
}

impl Node {
    /// The string, if it is one.
    pub fn as_text(&self) -> Option<&Text> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The string, if it is one and all of it is known.
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().and_then(Text::as_str)
    }

    /// The members, if it is an object.
    pub fn as_object(&self) -> Option<&[Member]> {
        if let Value::Object(members) = &self.value { Some(members) } else { None }
    }

    /// The hole, if the whole value is unknown.
    pub fn as_hole(&self) -> Option<&Hole> {
        if let Value::Hole(hole) = &self.value { Some(hole) } else { None }
    }

    /// The items of a list; anything else is a list of itself, as many a policy language has it.
    pub fn one_or_many(&self) -> &[Node] {
        if let Value::Array(items) = &self.value { items } else { std::slice::from_ref(self) }
    }

    /// The value of a name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        let mut members = self.as_object()?.iter();
        members.find(|member| member.name.as_str() == Some(name)).map(|member| &member.value)
    }

    /// What kind of value it is, as messages name it.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
            Value::Hole(_) => "an unknown value",
        }
    }
}

#[cfg(test)]
mod tests;
