//! The governance facts of one identity as they were found, each with three values: stated, absent, or not known yet.

use super::metadata::{Fact, Keys, decode};
use crate::text::Text;

/// A fact that may not be known before apply. Unknown is never an absence.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field<T> {
    /// It is certain that nothing was said.
    #[default]
    Absent,
    /// Something will be said; this is where it will come from, in Terraform's words.
    Unknown(String),
    /// This was said.
    Value(T),
}

impl<T> Field<T> {
    /// The value, if it is known.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Whether it is certain that nothing was said.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// This field, or `other` where this one is absent.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.is_absent() { other } else { self }
    }
}

impl Field<String> {
    /// The value as a string slice, if it is known.
    pub fn as_str(&self) -> Option<&str> {
        self.value().map(String::as_str)
    }
}

/// A text with holes is not known.
impl From<&Text> for Field<String> {
    fn from(text: &Text) -> Self {
        match text.as_str() {
            Some(known) => Self::Value(known.to_owned()),
            None => Self::Unknown(origin(text)),
        }
    }
}

fn origin(text: &Text) -> String {
    text.holes().next().map_or_else(String::new, |hole| hole.origin.to_string())
}

/// The facts of one identity as they were written; nothing is judged here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Who answers for it.
    pub owner: Field<String>,
    /// Why it exists.
    pub purpose: Field<String>,
    /// When it ends.
    pub expiry: Field<String>,
    /// The template reference.
    pub template: Field<String>,
    /// The business service that it serves.
    pub service: Field<String>,
    /// The environment that it lives in.
    pub environment: Field<String>,
    /// The id of its record in the inventory.
    pub id: Field<String>,
}

impl Record {
    /// A record of which nothing is known: all of it will come from there.
    pub fn unknown(origin: &str) -> Self {
        let mut record = Self::default();
        for fact in Fact::ALL {
            record.set(fact, Field::Unknown(origin.to_owned()));
        }
        record
    }

    /// Reads tags, labels or annotations. A key that is not known yet may be any of the facts that are not there.
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a Text, &'a Text)>,
        keys: &Keys,
    ) -> Self {
        let mut record = Self::default();
        let mut unknown_key = None;
        for (name, value) in pairs {
            let Some(known) = name.as_str() else {
                unknown_key.get_or_insert_with(|| origin(name));
                continue;
            };
            let Some((fact, style)) = keys.get(known) else { continue };
            let field = match Field::from(value) {
                Field::Value(value) => Field::Value(decode(fact, &value, style)),
                field @ (Field::Absent | Field::Unknown(_)) => field,
            };
            record.set(fact, field);
        }
        match unknown_key {
            Some(origin) => record.or(Self::unknown(&origin)),
            None => record,
        }
    }

    /// One fact.
    pub fn get(&self, fact: Fact) -> &Field<String> {
        match fact {
            Fact::Owner => &self.owner,
            Fact::Purpose => &self.purpose,
            Fact::Expiry => &self.expiry,
            Fact::Template => &self.template,
            Fact::Service => &self.service,
            Fact::Environment => &self.environment,
            Fact::Id => &self.id,
        }
    }

    /// States one fact.
    pub fn set(&mut self, fact: Fact, value: Field<String>) {
        let field = match fact {
            Fact::Owner => &mut self.owner,
            Fact::Purpose => &mut self.purpose,
            Fact::Expiry => &mut self.expiry,
            Fact::Template => &mut self.template,
            Fact::Service => &mut self.service,
            Fact::Environment => &mut self.environment,
            Fact::Id => &mut self.id,
        };
        *field = value;
    }

    /// The facts of this record, and those of `other` where this one says nothing.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        for fact in Fact::ALL {
            if self.get(fact).is_absent() {
                self.set(fact, other.get(fact).clone());
            }
        }
        self
    }

    /// Whether it is certain that no fact was stated at all.
    pub fn is_absent(&self) -> bool {
        Fact::ALL.into_iter().all(|fact| self.get(fact).is_absent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Shape;

    fn read(pairs: &[(Text, Text)]) -> Record {
        Record::from_pairs(pairs.iter().map(|(key, value)| (key, value)), &Keys::default())
    }

    #[test]
    fn tags_labels_and_flat_labels() {
        let record = read(&[
            ("Name".into(), "x".into()),
            ("nhi:owner".into(), "payments".into()),
            ("nhi.dev/template".into(), "reader_1.2.0".into()),
            ("nhi_expiry".into(), "20270630t120000z".into()),
        ]);
        assert_eq!(record.owner.as_str(), Some("payments"));
        assert_eq!(record.template.as_str(), Some("reader@1.2.0"));
        assert_eq!(record.expiry.as_str(), Some("2027-06-30T12:00:00Z"));
        assert!(record.purpose.is_absent());
    }

    #[test]
    fn unknown_is_not_absent() {
        let mut half = Text::literal("team-");
        half.push(&Text::hole("var.team", Shape::Word));
        let record = read(&[("nhi:owner".into(), half)]);
        assert_eq!(record.owner, Field::Unknown("var.team".to_owned()));
        assert!(record.purpose.is_absent());

        let record = read(&[(Text::hole("local.key", Shape::Any), "x".into())]);
        assert_eq!(record.purpose, Field::Unknown("local.key".to_owned()));
    }

    #[test]
    fn the_first_record_wins() {
        let tags = read(&[("nhi:owner".into(), "payments".into())]);
        let description = super::super::description::parse("nhi:v1;own=other;exp=90d").unwrap();
        let both = tags.or(description);
        assert_eq!(both.owner.as_str(), Some("payments"));
        assert_eq!(both.expiry.as_str(), Some("90d"));
    }
}
