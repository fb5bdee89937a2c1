//! Values as rules see them: Terraform's types, with unknowns as values.
//!
//! A rule never meets an unknown as an absence: [`Value::Null`] says "not set", [`Value::Unknown`] says "set, but not
//! known before apply", and a string that is known in part is a [`Text`] with holes.

use std::collections::BTreeMap;

use policy::text::{Hole, Text};

/// A value of configuration, plan or state.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Value {
    /// Not set.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A number, with the digits as they were written.
    Number(serde_json::Number),
    /// A string, of which parts may be unknown.
    String(Text),
    /// A list, set or tuple.
    List(Vec<Value>),
    /// A map or object; a nested block is a list of objects.
    Object(BTreeMap<String, Value>),
    /// Of any type, not known before apply.
    Unknown(Hole),
}

impl Value {
    /// The attribute or key of an object; `Null` where there is none. Of an unknown value, every part is unknown.
    pub(crate) fn get(&self, key: &str) -> &Value {
        const NULL: &Value = &Value::Null;
        match self {
            Self::Object(fields) => fields.get(key).unwrap_or(NULL),
            Self::Unknown(_) => self,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) | Self::List(_) => NULL,
        }
    }

    /// The string, whole or in part; None for other types. An unknown value is a string of one hole.
    pub(crate) fn text(&self) -> Option<Text> {
        match self {
            Self::String(text) => Some(text.clone()),
            Self::Unknown(hole) => Some(Text::from(hole.clone())),
            Self::Number(number) => Some(Text::literal(number.to_string())),
            Self::Bool(truth) => Some(Text::literal(truth.to_string())),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// The string, if all of it is known.
    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { text.as_str() } else { None }
    }

    /// The elements of a list; the value itself where it is not a list and not null (Terraform's splat).
    pub(crate) fn elements(&self) -> &[Value] {
        match self {
            Self::List(items) => items,
            Self::Null => &[],
            Self::Bool(_)
            | Self::Number(_)
            | Self::String(_)
            | Self::Object(_)
            | Self::Unknown(_) => std::slice::from_ref(self),
        }
    }

    /// Whether nothing was set.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether this value, or anything inside it, is unknown.
    pub(crate) fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::String(text) => text.has_holes(),
            Self::List(items) => items.iter().any(Self::has_unknown),
            Self::Object(fields) => fields.values().any(Self::has_unknown),
            Self::Null | Self::Bool(_) | Self::Number(_) => false,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(Text::literal(text))
    }
}
