//! Terraform values as a tree: what the wire carries, before and after it takes the shape of a resource's model.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

use crate::number::Number;
use crate::path::{Path, Step};
use crate::ty::Type;

/// A value of any type. Text is normalised to NFC as Terraform does, so make it with [`Value::text`] or `From`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// Not known before apply.
    Unknown(Refinement),
    /// A `bool`.
    Bool(bool),
    /// A `number`.
    Number(Number),
    /// A `string`.
    String(String),
    /// A `list` or `tuple`.
    List(Vec<Self>),
    /// A `set`.
    Set(Elements),
    /// A `map`.
    Map(BTreeMap<String, Self>),
    /// An `object`.
    Object(BTreeMap<String, Self>),
    /// A value of a `dynamic` place, with its type.
    Dynamic(Box<(Type, Self)>),
}

/// What is promised about an unknown value, kept as it came. Comparison ignores it, as Terraform's checks do.
#[derive(Clone, Debug, Default)]
pub struct Refinement(pub(crate) Vec<u8>);

impl PartialEq for Refinement {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Refinement {}

impl PartialOrd for Refinement {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Refinement {
    fn cmp(&self, _: &Self) -> Ordering {
        Ordering::Equal
    }
}

/// The elements of a set: sorted, duplicates coalesced. Elements that are not wholly known stay apart, because they may
/// turn out different.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Elements(Vec<Value>);

impl Elements {
    /// The elements in order.
    pub fn as_slice(&self) -> &[Value] {
        &self.0
    }

    /// The elements by move.
    pub fn into_vec(self) -> Vec<Value> {
        self.0
    }
}

impl FromIterator<Value> for Elements {
    fn from_iter<I: IntoIterator<Item = Value>>(elements: I) -> Self {
        let mut elements: Vec<Value> = elements.into_iter().collect();
        elements.sort();
        elements.dedup_by(|left, right| left == right && left.is_wholly_known());
        Self(elements)
    }
}

impl Value {
    /// An unknown value without refinements.
    pub fn unknown() -> Self {
        Self::Unknown(Refinement::default())
    }

    /// Text, normalised to NFC.
    pub fn text(text: impl Into<String>) -> Self {
        Self::String(nfc(text.into()))
    }

    /// An object of these attributes.
    pub fn object<const N: usize>(attributes: [(&str, Self); N]) -> Self {
        Self::Object(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value as a whole is unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Whether nothing unknown is within.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::Unknown(_) => false,
            Self::List(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Set(elements) => elements.as_slice().iter().all(Self::is_wholly_known),
            Self::Map(entries) | Self::Object(entries) => {
                entries.values().all(Self::is_wholly_known)
            }
            Self::Dynamic(dynamic) => dynamic.1.is_wholly_known(),
        }
    }

    /// The attribute of an object, or null: of a null object too.
    pub fn attribute(&self, name: &str) -> &Self {
        self.as_object().and_then(|attributes| attributes.get(name)).unwrap_or(&Self::Null)
    }

    /// The attributes, of an object.
    pub fn as_object(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Object(attributes) = self { Some(attributes) } else { None }
    }

    /// The text, of a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The elements of a list or set.
    pub fn elements(&self) -> Option<&[Self]> {
        match self {
            Self::List(elements) => Some(elements),
            Self::Set(elements) => Some(elements.as_slice()),
            Self::Null
            | Self::Unknown(_)
            | Self::Bool(_)
            | Self::Number(_)
            | Self::String(_)
            | Self::Map(_)
            | Self::Object(_)
            | Self::Dynamic(_) => None,
        }
    }

    /// What lies at `path`; none where the path leads nowhere.
    pub fn at(&self, path: &Path) -> Option<&Self> {
        path.steps().iter().try_fold(self, |value, step| match (step, value) {
            (Step::Attribute(name), Self::Object(entries))
            | (Step::Key(name), Self::Map(entries)) => entries.get(name),
            (Step::Index(index), Self::List(elements)) => elements.get(*index),
            _ => None,
        })
    }

    /// The same value with every unknown in it replaced by null: what may be saved when an operation failed half way.
    #[must_use]
    pub fn without_unknowns(self) -> Self {
        match self {
            Self::Unknown(_) => Self::Null,
            Self::List(elements) => {
                Self::List(elements.into_iter().map(Self::without_unknowns).collect())
            }
            Self::Set(elements) => {
                Self::Set(elements.into_vec().into_iter().map(Self::without_unknowns).collect())
            }
            Self::Map(entries) => Self::Map(known_entries(entries)),
            Self::Object(entries) => Self::Object(known_entries(entries)),
            Self::Dynamic(dynamic) => {
                let (ty, value) = *dynamic;
                Self::Dynamic(Box::new((ty, value.without_unknowns())))
            }
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => self,
        }
    }
}

fn known_entries(entries: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    entries.into_iter().map(|(name, value)| (name, value.without_unknowns())).collect()
}

/// Normalises to NFC, without copying what already is.
pub(crate) fn nfc(text: String) -> String {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text;
    }
    text.nfc().collect()
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_coalesce_what_is_known_and_keep_unknowns_apart() {
        let set: Elements =
            ["b".into(), Value::unknown(), "a".into(), Value::unknown(), "b".into()]
                .into_iter()
                .collect();
        assert_eq!(set.as_slice().len(), 4);
        let other: Elements =
            [Value::unknown(), Value::unknown(), "a".into(), "b".into()].into_iter().collect();
        assert_eq!(set, other);
    }

    #[test]
    fn text_is_normalised() {
        assert_eq!(Value::from("e\u{301}"), Value::from("\u{e9}"));
    }

    #[test]
    fn paths_lead_into_values() {
        let value = Value::object([(
            "a",
            Value::List(vec![Value::Map([("k".to_owned(), true.into())].into())]),
        )]);
        assert_eq!(value.at(&Path::from("a").index(0).key("k")), Some(&true.into()));
        assert_eq!(value.at(&Path::from("a").index(1)), None);
        assert_eq!(value.at(&Path::from("b")), None);
        assert_eq!(value.attribute("b"), &Value::Null);
    }
}
