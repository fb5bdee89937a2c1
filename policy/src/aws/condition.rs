//! Conditions, as far as they can be compared without knowing what they mean.
//!
//! A block is a conjunction of entries (operator, key, values), and a conjunction implies each of its parts. Two entries
//! with the same operator and key are compared by their values: more values make a positive operator weaker and a
//! negated one stronger.

use std::collections::BTreeSet;

use crate::text::Text;
use crate::verdict::Why;

/// One part of the conjunction that must hold for a statement to match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// `"operator": {"key": values}`.
    Entry(Entry),
    /// A policy variable in the resources has a value. Without one AWS may take the whole statement for void.
    Resolves(String),
    /// Something that holds for reasons that are not known.
    Unclear(Why),
}

/// One operator, key and set of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) operator: String,
    /// In lower case: names of keys have no case.
    pub(super) key: Text,
    pub(super) values: BTreeSet<Text>,
    /// Whether `${…}` in the values is a variable in this document; none where there is no `${`.
    pub(super) variables: Option<bool>,
}

impl Condition {
    pub(super) fn doubt(&self) -> Option<&Why> {
        match self {
            Self::Unclear(why) => Some(why),
            Self::Entry(_) | Self::Resolves(_) => None,
        }
    }

    /// Whether this holds wherever `other` holds.
    fn follows_from(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Entry(own), Self::Entry(other)) => own.follows_from(other),
            (Self::Resolves(own), Self::Resolves(other)) => own == other,
            _ => false,
        }
    }
}

impl Entry {
    fn follows_from(&self, other: &Self) -> bool {
        if self.operator != other.operator
            || self.key != other.key
            || self.variables != other.variables
        {
            return false;
        }
        if self.variables.is_some() {
            // A variable that only one of them has may have no value, which may make its whole statement void.
            return self.values == other.values;
        }
        match direction(&self.operator) {
            Some(Direction::Positive) => other.values.is_subset(&self.values),
            Some(Direction::Negated) => self.values.is_subset(&other.values),
            None => self.values == other.values,
        }
    }
}

/// What one more value does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// Makes the entry hold more often.
    Positive,
    /// Makes it hold less often.
    Negated,
}

/// The plain operator behind `ForAllValues:`, `ForAnyValue:` and `IfExists`.
pub(super) fn plain(operator: &str) -> &str {
    let plain = operator
        .strip_prefix("ForAllValues:")
        .or_else(|| operator.strip_prefix("ForAnyValue:"))
        .unwrap_or(operator);
    plain.strip_suffix("IfExists").unwrap_or(plain)
}

/// None for an operator that is not one of AWS's.
pub(super) fn direction(operator: &str) -> Option<Direction> {
    match plain(operator) {
        "StringEquals"
        | "StringEqualsIgnoreCase"
        | "StringLike"
        | "NumericEquals"
        | "NumericLessThan"
        | "NumericLessThanEquals"
        | "NumericGreaterThan"
        | "NumericGreaterThanEquals"
        | "DateEquals"
        | "DateLessThan"
        | "DateLessThanEquals"
        | "DateGreaterThan"
        | "DateGreaterThanEquals"
        | "Bool"
        | "BinaryEquals"
        | "IpAddress"
        | "ArnEquals"
        | "ArnLike"
        | "Null" => Some(Direction::Positive),
        "StringNotEquals"
        | "StringNotEqualsIgnoreCase"
        | "StringNotLike"
        | "NumericNotEquals"
        | "DateNotEquals"
        | "NotIpAddress"
        | "ArnNotEquals"
        | "ArnNotLike" => Some(Direction::Negated),
        _ => None,
    }
}

/// Whether all of `wanted` hold wherever all of `given` do.
pub(super) fn implied<'a>(
    given: impl Iterator<Item = &'a Condition> + Clone,
    wanted: &[Condition],
) -> bool {
    wanted.iter().all(|wanted| given.clone().any(|given| wanted.follows_from(given)))
}
