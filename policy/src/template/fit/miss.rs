//! Why no values of the parameters make an identity fit: the one that is missed most narrowly.

use std::collections::BTreeSet;
use std::fmt;

use super::Subject;
use super::candidates::{Inner, Space};
use super::matching::{self, Budget, Lay, Partial};
use super::place::Place;
use super::subject::Source;
use crate::template::bind::ParameterError;
use crate::template::expression::Interpolated;
use crate::template::model::Parameter;
use crate::text::Text;

/// Steps that an explanation is worth.
const STEPS: u32 = 40_000;
/// More strings are not looked at.
const MOST_STRINGS: usize = 64;

/// What is wrong with the value that one parameter would need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Miss {
    /// A string of the identity stands where the parameter does, and is no value of it.
    Refused {
        /// The parameter.
        parameter: String,
        /// What stands there.
        found: Found,
        /// A lowercase phrase that follows the value: ``does not match its pattern `[a-z]+` ``.
        reason: String,
    },
    /// The parameter would need two values at once.
    Conflict {
        /// The parameter.
        parameter: String,
        /// The one that explains most.
        first: Found,
        /// The other one.
        second: Found,
    },
    /// No string of the identity stands where the parameter does.
    Absent {
        /// The parameter.
        parameter: String,
    },
}

/// A value that a parameter would need, and what needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The value, which may have unknown parts.
    pub value: Text,
    /// Where in the identity: `statement 2`.
    pub place: String,
}

impl Miss {
    /// The parameter.
    pub fn parameter(&self) -> &str {
        match self {
            Self::Refused { parameter, .. }
            | Self::Conflict { parameter, .. }
            | Self::Absent { parameter } => parameter,
        }
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { parameter, found: Found { value, place }, reason } => {
                write!(f, "`{parameter}` would have to be `{value}` ({place}), which {reason}")
            }
            Self::Conflict { parameter, first, second } => write!(
                f,
                "`{parameter}` would have to be both `{}` ({}) and `{}` ({})",
                first.value, first.place, second.value, second.place
            ),
            Self::Absent { parameter } => {
                write!(f, "no string of the identity stands where `{parameter}` does")
            }
        }
    }
}

/// What an explanation is about.
pub(super) struct Question<'a> {
    pub(super) space: &'a Space<'a>,
    pub(super) subject: &'a Subject<'a>,
    /// The stated values.
    pub(super) stated: &'a Partial,
    /// The nearest values.
    pub(super) values: &'a Partial,
    /// The parameters of the parts that are not inside.
    pub(super) names: BTreeSet<&'a str>,
}

impl Question<'_> {
    /// The nearest miss, if it is the parameters that stand in the way.
    pub(super) fn answer(&self) -> Option<Miss> {
        let mut budget = Budget::new(STEPS);
        let open: Vec<&Inner<'_>> =
            self.space.unexplained(self.values).into_iter().take(MOST_STRINGS).collect();
        self.other_value(&open, &mut budget)
            .or_else(|| self.refused_value(&open, &mut budget))
            .or_else(|| self.absent(&open))
    }

    /// A parameter that nothing in the identity says the value of, if something could: not where another string is one too many.
    fn absent(&self, open: &[&Inner<'_>]) -> Option<Miss> {
        let free = self.names.iter().find(|name| {
            let mut here = self.space.outer.iter().filter(|(_, string)| {
                !self.values.contains_key(**name) && string.parameters().any(|it| it == **name)
            });
            here.any(|(place, _)| open.is_empty() || open.iter().any(|it| it.place == *place))
        })?;
        Some(Miss::Absent { parameter: (*free).to_owned() })
    }

    /// Something that is not explained would be with another value.
    fn other_value(&self, open: &[&Inner<'_>], budget: &mut Budget) -> Option<Miss> {
        self.find(open, true, budget, |inner, way| {
            let mut differing = way.iter().filter(|(name, _)| self.is_inferred(name));
            differing.find_map(|(name, value)| {
                let own = self.values.get(name).filter(|own| *own != value)?;
                let first = Found { value: own.clone(), place: self.holder(name, own)? };
                let second = Found { value: value.clone(), place: self.place_of(inner)? };
                let parameter = name.clone();
                Some((value.to_string().len(), Miss::Conflict { parameter, first, second }))
            })
        })
    }

    /// Something that is not explained would be with a value that is refused.
    fn refused_value(&self, open: &[&Inner<'_>], budget: &mut Budget) -> Option<Miss> {
        self.find(open, false, budget, |inner, way| {
            way.iter().filter(|(name, _)| self.is_inferred(name)).find_map(|(name, value)| {
                let reason = self.refusal(self.space.template.parameters.get(name)?, value)?;
                let found = Found { value: value.clone(), place: self.place_of(inner)? };
                let parameter = name.clone();
                Some((value.to_string().len(), Miss::Refused { parameter, found, reason }))
            })
        })
    }

    fn is_inferred(&self, name: &str) -> bool {
        self.names.contains(name) && !self.stated.contains_key(name)
    }

    /// Lays the strings of the template over those that are not explained, until one of these says something; the shortest value is what is
    /// meant.
    fn find(
        &self,
        open: &[&Inner<'_>],
        strict: bool,
        budget: &mut Budget,
        say: impl Fn(&Inner<'_>, &Partial) -> Option<(usize, Miss)>,
    ) -> Option<Miss> {
        open.iter().find_map(|inner| {
            let here = self.space.outer.iter().filter(|(place, string)| {
                *place == inner.place && string.parameters().any(|name| self.is_inferred(name))
            });
            let ways: Vec<Partial> =
                here.flat_map(|it| self.ways(*it, inner, strict, self.stated, budget)).collect();
            let misses = ways.iter().filter_map(|way| say(inner, way));
            misses.min_by_key(|(length, _)| *length).map(|(_, miss)| miss)
        })
    }

    fn ways(
        &self,
        (place, string): (Place, &Interpolated),
        inner: &Inner<'_>,
        strict: bool,
        known: &Partial,
        budget: &mut Budget,
    ) -> Vec<Partial> {
        let lay = Lay { template: self.space.template, place, strict };
        let patterns = matching::patterns(place, string, known);
        patterns.iter().flat_map(|it| lay.over(it, &inner.letters, budget).whole).collect()
    }

    /// Why a parameter may not have a value.
    fn refusal(&self, parameter: &Parameter, value: &Text) -> Option<String> {
        match self.space.template.check_value(parameter, value.as_str()?).err()? {
            ParameterError::Pattern { pattern, .. } => {
                Some(format!("does not match its pattern `{pattern}`"))
            }
            ParameterError::Unfit { reason, .. } => Some(reason),
            ParameterError::Unknown { .. }
            | ParameterError::Collision { .. }
            | ParameterError::Missing { .. } => None,
        }
    }

    /// What needs this value.
    fn holder(&self, name: &str, value: &Text) -> Option<String> {
        let parameter = self.space.template.parameters.get(name)?;
        if parameter.default.as_deref().is_some_and(|default| value.as_str() == Some(default)) {
            return Some("the default".to_owned());
        }
        let mut budget = Budget::new(STEPS);
        let inner = self.space.inner.iter().take(MOST_STRINGS).find(|inner| {
            let mut here = self.space.outer.iter().filter(|(place, string)| {
                *place == inner.place && string.parameters().any(|it| it == name)
            });
            here.any(|(place, string)| {
                let ways = self.ways((*place, *string), inner, true, self.stated, &mut budget);
                ways.iter().any(|way| way.get(name) == Some(value))
            })
        })?;
        self.place_of(inner)
    }

    fn place_of(&self, inner: &Inner<'_>) -> Option<String> {
        let mut found: Option<Source> = None;
        self.subject.visit_strings(&mut |place, text, source| {
            if place == inner.place && text == inner.text {
                found.get_or_insert(source);
            }
        });
        found.map(|source| source.describe(self.subject))
    }
}
