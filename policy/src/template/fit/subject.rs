//! A policy of an identity: what it means, and the strings in it that parameters are inferred from.

use crate::aws::{Document, DocumentError};
use crate::json::{self, Node, Value};
use crate::text::Text;

/// A policy document of an identity.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What it means.
    pub document: Document,
    pub(super) strings: Vec<(Role, Text)>,
    /// Whether all of it is known.
    pub(super) plain: bool,
}

/// At which place of a document a string stands. Only strings at the same place are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Resource,
    Principal,
    ConditionKey,
    ConditionValue,
}

impl Policy {
    /// Reads a policy document. The spans count bytes of `text.to_string()`.
    pub fn parse(text: &Text) -> Result<Self, DocumentError> {
        let mut strings = Vec::new();
        let document = match json::parse(text) {
            Ok(node) => {
                for statement in items(node.get("Statement")) {
                    collect(statement, &mut strings);
                }
                Document::from_tree(&node)?
            }
            // It says what is wrong, or that nothing is known.
            Err(_) => Document::parse(text)?,
        };
        strings.dedup();
        Ok(Self { document, strings, plain: !text.has_holes() })
    }

    /// The same for one that may have been put together as a string; see [`Document::parse_template`].
    pub fn parse_template(text: &Text) -> Result<Self, DocumentError> {
        let Self { document, strings, plain } = Self::parse(text)?;
        Ok(Self { document: document.written_as(text), strings, plain })
    }
}

fn collect(statement: &Node, strings: &mut Vec<(Role, Text)>) {
    for (name, role) in [
        ("Resource", Role::Resource),
        ("NotResource", Role::Resource),
        ("Principal", Role::Principal),
        ("NotPrincipal", Role::Principal),
    ] {
        if let Some(node) = statement.get(name) {
            texts(node, role, strings);
        }
    }
    for operator in members(statement.get("Condition")) {
        for key in members(Some(&operator.value)) {
            strings.push((Role::ConditionKey, key.name.clone()));
            texts(&key.value, Role::ConditionValue, strings);
        }
    }
}

fn texts(node: &Node, role: Role, strings: &mut Vec<(Role, Text)>) {
    match &node.value {
        Value::String(text) => strings.push((role, text.clone())),
        Value::Array(nodes) => nodes.iter().for_each(|node| texts(node, role, strings)),
        Value::Object(members) => members.iter().for_each(|it| texts(&it.value, role, strings)),
        Value::Hole(hole) => strings.push((role, Text::from(hole.clone()))),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn members(node: Option<&Node>) -> &[json::Member] {
    match node.map(|node| &node.value) {
        Some(Value::Object(members)) => members,
        _ => &[],
    }
}

fn items(node: Option<&Node>) -> &[Node] {
    match node {
        Some(Node { value: Value::Array(nodes), .. }) => nodes,
        Some(node) => std::slice::from_ref(node),
        None => &[],
    }
}
