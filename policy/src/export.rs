//! Reading what the clouds' own command line tools write about roles and assignments.
//!
//! [`crate::azure`] and [`crate::gcp`] read such files the same way: strictly, with the place of every mistake, and
//! without guessing what a field of the wrong type could have meant.

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::json::{self, JsonError, Node};
use crate::text::Text;

/// Why an export cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum ExportError {
    /// The text is not JSON.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Json(#[from] JsonError),
    /// A value of another type than the tool writes.
    #[error("`{what}` is {found}, not {expected}")]
    Type {
        /// The field.
        what: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
        /// Where.
        #[label("here")]
        span: SourceSpan,
    },
    /// A field that is always there is not.
    #[error("{what} has no `{field}`")]
    #[diagnostic(help("{help}"))]
    Missing {
        /// What lacks it.
        what: &'static str,
        /// The field.
        field: &'static str,
        /// Where to get a complete file.
        help: &'static str,
        /// Where the object stands.
        #[label("here")]
        span: SourceSpan,
    },
    /// Something that a comparison would have to take into account and cannot.
    #[error("{what}")]
    #[diagnostic(help("{help}"))]
    Refused {
        /// What, and why not.
        what: String,
        /// What to do instead.
        help: &'static str,
        /// Where.
        #[label("here")]
        span: SourceSpan,
    },
    /// A value that is only known later.
    #[error("`{what}` is not known")]
    Unknown {
        /// The field.
        what: String,
        /// Where.
        #[label("here")]
        span: SourceSpan,
    },
}

/// The JSON value that a text is.
pub(crate) fn parse(text: &Text) -> Result<Node, ExportError> {
    Ok(json::parse(text)?)
}

/// The objects of a list of objects, or the one object.
pub(crate) fn objects<'a>(node: &'a Node, what: &str) -> Result<Vec<&'a Node>, ExportError> {
    let all = node.one_or_many();
    for one in all {
        if one.as_object().is_none() {
            return Err(wrong(one, what, "an object"));
        }
    }
    Ok(all.iter().collect())
}

/// The value of the first of these names that is there and not null, here or under `properties`.
pub(crate) fn field<'a>(node: &'a Node, names: &[&str]) -> Option<&'a Node> {
    let present = |node: &'a Node| {
        let mut found = names.iter().filter_map(|name| node.get(name));
        found.find(|value| value.value != json::Value::Null)
    };
    present(node).or_else(|| present(node.get("properties")?))
}

/// The spelling that an object has of a name, whose case and underscores tools differ in. Two at once are refused: no one knows
/// which of them counts.
pub(crate) fn spelling<'a>(node: &'a Node, name: &'a str) -> Result<&'a str, ExportError> {
    let plain = |text: &str| text.replace('_', "").to_lowercase();
    let here = [Some(node), node.get("properties")];
    let members = here.into_iter().flatten().filter_map(Node::as_object).flatten();
    let mut found = members.filter(|member| {
        member.value.value != json::Value::Null
            && member.name.as_str().is_some_and(|own| plain(own) == plain(name))
    });
    let first = found.next().and_then(|member| member.name.as_str());
    match found.find(|other| other.name.as_str() != first) {
        Some(other) => Err(ExportError::Refused {
            what: format!("`{name}` is there in two spellings"),
            help: "keep one of them",
            span: other.name_span,
        }),
        None => Ok(first.unwrap_or(name)),
    }
}

/// A string field, which may have unknown parts.
pub(crate) fn text(node: &Node, names: &[&str]) -> Result<Option<Text>, ExportError> {
    let Some(value) = field(node, names) else { return Ok(None) };
    let name = names.first().copied().unwrap_or_default();
    as_text(value, name).map(Some)
}

/// A string field whose value is known.
pub(crate) fn known(node: &Node, names: &[&str]) -> Result<Option<String>, ExportError> {
    let Some(value) = field(node, names) else { return Ok(None) };
    let name = names.first().copied().unwrap_or_default();
    let text = as_text(value, name)?;
    match text.as_str() {
        Some(known) => Ok(Some(known.to_owned())),
        None => Err(ExportError::Unknown { what: name.to_owned(), span: value.span }),
    }
}

/// A list of strings; none if it is not there.
pub(crate) fn strings(node: &Node, names: &[&str]) -> Result<Option<Vec<Text>>, ExportError> {
    let Some(value) = field(node, names) else { return Ok(None) };
    let name = names.first().copied().unwrap_or_default();
    let json::Value::Array(items) = &value.value else {
        return Err(wrong(value, name, "a list of strings"));
    };
    items.iter().map(|item| as_text(item, name)).collect::<Result<_, _>>().map(Some)
}

/// A field that is `true`, `false` or not there.
pub(crate) fn flag(node: &Node, name: &str) -> Result<bool, ExportError> {
    match field(node, &[name]) {
        None => Ok(false),
        Some(Node { value: json::Value::Bool(value), .. }) => Ok(*value),
        Some(other) => Err(wrong(other, name, "a boolean")),
    }
}

fn as_text(value: &Node, name: &str) -> Result<Text, ExportError> {
    if let Some(hole) = value.as_hole() {
        return Ok(Text::from(hole.clone()));
    }
    value.as_text().cloned().ok_or_else(|| wrong(value, name, "a string"))
}

/// The value has another type.
pub(crate) fn wrong(node: &Node, what: &str, expected: &'static str) -> ExportError {
    ExportError::Type { what: what.to_owned(), expected, found: node.kind(), span: node.span }
}

/// A grant out of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<G> {
    /// The grant.
    pub grant: G,
    /// The name of its role, if it has one.
    pub name: Option<String>,
    /// Where it stands.
    pub span: SourceSpan,
}
