//! Marks on parts of a value, as plan JSON writes them: an object or a list in the form of the value, with a true where
//! the mark is. Most of it says nothing, and what says nothing is not kept.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::place;

/// Which parts of a value are marked.
#[derive(Debug, Default)]
pub(super) enum Marks<'a> {
    /// Neither this value nor anything in it.
    #[default]
    None,
    /// All of it.
    All,
    /// These keys of an object or map.
    Fields(Vec<(Cow<'a, str>, Marks<'a>)>),
    /// The elements of a list or set, one for one.
    Items(Vec<Marks<'a>>),
}

impl Marks<'_> {
    /// The paths of what is marked.
    pub(super) fn paths(&self, path: &str, out: &mut BTreeSet<String>) {
        match self {
            Self::None => {}
            Self::All => {
                out.insert(path.to_owned());
            }
            Self::Fields(fields) => {
                for (key, inner) in fields {
                    inner.paths(&place::key(path, key), out);
                }
            }
            Self::Items(items) => {
                for (index, inner) in items.iter().enumerate() {
                    inner.paths(&place::index(path, index), out);
                }
            }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Marks<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MarksVisitor)
    }
}

struct MarksVisitor;

/// A key that is borrowed where it has no escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Visitor<'de> for MarksVisitor {
    type Value = Marks<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("marks: true, false, or an object or list of them")
    }

    fn visit_unit<E>(self) -> Result<Marks<'de>, E> {
        Ok(Marks::None)
    }

    fn visit_bool<E>(self, marked: bool) -> Result<Marks<'de>, E> {
        Ok(if marked { Marks::All } else { Marks::None })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Marks<'de>, A::Error> {
        let mut out = Vec::new();
        let mut says = false;
        while let Some(item) = items.next_element::<Marks<'de>>()? {
            says |= !matches!(item, Marks::None);
            out.push(item);
        }
        Ok(if says { Marks::Items(out) } else { Marks::None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Marks<'de>, A::Error> {
        let mut out = Vec::new();
        while let Some(Key(key)) = fields.next_key::<Key<'de>>()? {
            let marks = fields.next_value::<Marks<'de>>()?;
            if !matches!(marks, Marks::None) {
                out.push((key, marks));
            }
        }
        Ok(if out.is_empty() { Marks::None } else { Marks::Fields(out) })
    }
}
