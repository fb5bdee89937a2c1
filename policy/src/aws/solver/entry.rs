//! One entry of a condition block, read for the solver: how it answers when its key is absent, and what it asks of a value.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::keys::is_clock;
use super::scalar::{self, Network, Order, Unit};
use super::text::{Lookup, Operator, Pattern, Specials};
use super::{KeyId, Mode};
use crate::aws::condition::{Direction, Entry, direction, plain};
use crate::text::Text;

/// Yes, no, or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tri {
    No,
    Maybe,
    Yes,
}

/// The text of a condition.
#[derive(PartialEq)]
pub(super) enum Known<'a> {
    Entry(Cow<'a, Entry>),
    /// The key, in lower case, has exactly one value.
    Resolves(String),
}

/// What a set operator makes of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Many {
    /// There is none.
    Plain,
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// What is asked of one value, before negation.
pub(super) enum Kind {
    /// Something that is not understood.
    Free,
    /// Nothing but to be there: `Null`, with its answer.
    Presence(Tri),
    /// To be the only one.
    Resolves,
    Text(Operator, Vec<Pattern>),
    Scalar(Unit, Order, Vec<Option<i128>>),
    Address(Vec<Option<Network>>),
    Bool(Vec<Option<bool>>),
    Binary(Vec<Option<String>>),
}

/// An entry.
pub(super) struct Test {
    pub(super) key: KeyId,
    pub(super) many: Many,
    pub(super) negated: bool,
    /// The answer without a value.
    pub(super) absent: Tri,
    /// A variable in it may have no value, which may make the statement void: it never holds for certain.
    pub(super) void: bool,
    pub(super) kind: Kind,
    /// Whether it calls the time of the request `aws:EpochTime`.
    pub(super) epoch: bool,
    /// The variables in its values: the key, and whether there is a default.
    pub(super) variables: Vec<(String, bool)>,
}

impl Tri {
    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }

    pub(super) fn any(all: impl Iterator<Item = Self>) -> Self {
        all.max().unwrap_or(Self::No)
    }

    /// Whether this will do for something that has to hold or to fail.
    pub(super) fn serves(self, holds: bool, mode: Mode) -> bool {
        match (mode, holds) {
            (Mode::Possible, true) => self >= Self::Maybe,
            (Mode::Possible, false) => self <= Self::Maybe,
            (Mode::Certain, true) => self == Self::Yes,
            (Mode::Certain, false) => self == Self::No,
        }
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

impl Known<'_> {
    pub(super) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self {
            Self::Entry(entry) => {
                entry.operator.hash(&mut hasher);
                entry.key.hash(&mut hasher);
                entry.values.hash(&mut hasher);
            }
            Self::Resolves(name) => name.hash(&mut hasher),
        }
        hasher.finish()
    }

    pub(super) fn key(&self) -> Cow<'_, Text> {
        match self {
            Self::Entry(entry) => Cow::Borrowed(&entry.key),
            Self::Resolves(name) => Cow::Owned(Text::literal(name.as_str())),
        }
    }

    /// Whether this holds wherever `other` holds, whatever the operator means: more values make a positive one weaker
    /// and a negated one stronger.
    pub(super) fn follows_from(&self, other: &Self) -> bool {
        let (Self::Entry(own), Self::Entry(other)) = (self, other) else { return self == other };
        if own.operator != other.operator
            || own.key != other.key
            || own.variables != other.variables
        {
            return false;
        }
        // A variable that only one of them has may have no value, which may make its whole statement void.
        match direction(&own.operator).filter(|_| own.variables.is_none()) {
            Some(Direction::Positive) => other.values.is_subset(&own.values),
            Some(Direction::Negated) => own.values.is_subset(&other.values),
            None => own.values == other.values,
        }
    }
}

impl Kind {
    /// Whether every value that the other one hits is hit by this, whatever the unknown strings in both are.
    fn includes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(_, wide), Self::Text(_, narrow)) => {
                narrow.iter().all(|narrow| wide.iter().any(|wide| wide.covers(narrow)))
            }
            (Self::Scalar(unit, above, wide), Self::Scalar(own, below, narrow)) if unit == own => {
                let constants: Option<Vec<i128>> = wide.iter().chain(narrow).copied().collect();
                let hits = |order: &Order, constants: &[Option<i128>], value: i128| {
                    constants.iter().flatten().any(|constant| order.holds(value.cmp(constant)))
                };
                constants.is_some_and(|constants| {
                    unit.representatives(constants)
                        .into_iter()
                        .all(|value| !hits(below, narrow, value) || hits(above, wide, value))
                })
            }
            (Self::Address(wide), Self::Address(narrow)) => {
                let networks: Option<Vec<Network>> = wide.iter().chain(narrow).copied().collect();
                let hits = |networks: &[Option<Network>], address: scalar::Address| {
                    networks.iter().flatten().any(|network| network.contains(address))
                };
                networks.is_some_and(|networks| {
                    let all = scalar::addresses(&networks);
                    all.iter()
                        .filter_map(|address| scalar::address(address))
                        .all(|address| !hits(narrow, address) || hits(wide, address))
                })
            }
            (Self::Bool(wide), Self::Bool(narrow)) => {
                narrow.iter().all(|value| value.is_some() && wide.contains(value))
            }
            (Self::Binary(wide), Self::Binary(narrow)) => {
                narrow.iter().all(|value| value.is_some() && wide.contains(value))
            }
            _ => false,
        }
    }
}

impl Test {
    /// Reads an entry. `pins` gives variables their values: none for one that is not pinned.
    pub(super) fn new(
        known: &Known<'_>,
        key: KeyId,
        specials: &mut Specials,
        pins: Option<&Lookup<'_>>,
    ) -> Self {
        let test = |kind, absent| Self {
            key,
            many: Many::Plain,
            negated: false,
            absent,
            void: false,
            kind,
            epoch: false,
            variables: Vec::new(),
        };
        let entry = match known {
            Known::Entry(entry) => entry,
            Known::Resolves(_) => return test(Kind::Resolves, Tri::Maybe),
        };
        let operator = plain(&entry.operator);
        let (Some(name), Some(direction)) = (entry.key.as_str(), direction(&entry.operator)) else {
            return test(Kind::Free, Tri::Maybe);
        };
        let many = if entry.operator.starts_with("ForAllValues:") {
            Many::All
        } else if entry.operator.starts_with("ForAnyValue:") {
            Many::Any
        } else {
            Many::Plain
        };
        if operator == "Null" {
            if entry.operator != "Null" {
                return test(Kind::Free, Tri::Maybe);
            }
            let answer = |present: &str, absent: &str| {
                Tri::any(entry.values.iter().map(|value| match value.as_str() {
                    Some(value) if value == present => Tri::Yes,
                    Some(value) if value == absent => Tri::No,
                    Some(_) | None => Tri::Maybe,
                }))
            };
            return test(Kind::Presence(answer("false", "true")), answer("true", "false"));
        }
        let negated = direction == Direction::Negated;
        let lenient = entry.operator.ends_with("IfExists") || negated;
        let mut out =
            test(Kind::Free, (many == Many::All || (many == Many::Plain && lenient)).into());
        out.many = many;
        out.negated = negated;
        out.epoch = name == "aws:epochtime";
        if let Some(operator) = Operator::of(operator) {
            let mut patterns = Vec::with_capacity(entry.values.len());
            for value in &entry.values {
                patterns.push(Pattern::new(value, operator, entry.variables, specials, pins));
            }
            out.void = patterns.iter().any(|pattern| pattern.void);
            for pattern in &mut patterns {
                out.variables.append(&mut pattern.variables);
            }
            if out.void && out.absent == Tri::Yes {
                out.absent = Tri::Maybe;
            }
            out.kind = Kind::Text(operator, patterns);
        } else {
            out.kind = typed(operator, entry, name);
        }
        if is_clock(name) && !matches!(out.kind, Kind::Scalar(Unit::Date, ..)) {
            out.kind = Kind::Free;
        }
        out
    }

    pub(super) fn is_set(&self) -> bool {
        self.many != Many::Plain
    }

    /// Whether patterns are ARNs. A value that is none is no hit, but whether it is unlike them nobody says.
    pub(super) fn arn(&self) -> bool {
        matches!(self.kind, Kind::Text(Operator::Arn, _))
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text(..))
    }

    /// Whether nothing but presence is asked.
    pub(super) fn is_presence(&self) -> bool {
        matches!(self.kind, Kind::Presence(_))
    }

    /// Whether this holds wherever `other` holds, whatever the unknown strings in both are. Both speak of one key.
    pub(super) fn follows_from(&self, other: &Self) -> bool {
        if self.many != other.many || self.negated != other.negated {
            return false;
        }
        if other.absent != Tri::No && self.absent == Tri::No {
            return false;
        }
        // A variable that only this one has may have no value, which may make its statement void.
        let named = |(name, default): &(String, bool)| {
            *default || other.variables.iter().any(|(known, _)| known == name)
        };
        if !self.variables.iter().all(named) {
            return false;
        }
        if self.negated { other.kind.includes(&self.kind) } else { self.kind.includes(&other.kind) }
    }

    /// Whether the other cannot hold where this does, whatever the unknown strings in both are: it says that a value is
    /// none of those of which this says that it is one. Both speak of one key with at most one value.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let plain = !self.is_set() && !other.is_set() && !self.negated && other.negated;
        let named = |(name, default): &(String, bool)| {
            *default || self.variables.iter().any(|(known, _)| known == name)
        };
        plain
            && self.absent == Tri::No
            && other.variables.iter().all(named)
            && other.kind.includes(&self.kind)
    }

    /// Whether some value is answered with maybe, even by an entry that is understood.
    pub(super) fn is_vague(&self) -> bool {
        match &self.kind {
            Kind::Free | Kind::Resolves => true,
            Kind::Presence(answer) => *answer == Tri::Maybe || self.absent == Tri::Maybe,
            Kind::Text(_, patterns) => {
                self.void || self.arn() || !patterns.iter().all(Pattern::is_exact)
            }
            Kind::Scalar(_, _, constants) => constants.contains(&None),
            Kind::Address(constants) => constants.contains(&None),
            Kind::Bool(constants) => constants.contains(&None),
            Kind::Binary(constants) => constants.contains(&None),
        }
    }

    /// The answer to one value.
    pub(super) fn on(&self, value: &str, mode: Mode) -> Tri {
        let hit = match &self.kind {
            Kind::Free => return Tri::Maybe,
            Kind::Presence(answer) => return *answer,
            Kind::Resolves => return Tri::Yes,
            Kind::Text(_, patterns) => {
                let hit = Tri::any(patterns.iter().map(|pattern| pattern.on(value)));
                if self.arn() && hit == Tri::No && !is_arn(value) {
                    // Some make a value that is no ARN neither like an ARN nor unlike it.
                    if self.negated || mode == Mode::Certain { Tri::Maybe } else { hit }
                } else {
                    hit
                }
            }
            Kind::Scalar(unit, order, constants) => {
                any_of(constants, unit.read(value), |constant, value| {
                    order.holds(value.cmp(constant))
                })
            }
            Kind::Address(constants) => {
                any_of(constants, scalar::address(value), |network, address| {
                    network.contains(*address)
                })
            }
            Kind::Bool(constants) => any_of(constants, truth(value), |one, other| one == other),
            Kind::Binary(constants) => {
                any_of(constants, scalar::base64(value), |one, other| one == other)
            }
        };
        self.signed(hit)
    }

    /// The answer to a value that is or is not a hit.
    pub(super) fn signed(&self, hit: Tri) -> Tri {
        let answer = if self.negated { hit.not() } else { hit };
        if self.void { answer.min(Tri::Maybe) } else { answer }
    }
}

fn typed(operator: &str, entry: &Entry, name: &str) -> Kind {
    let values = || entry.values.iter().map(Text::as_str);
    if let Some((unit, order)) = Order::of(operator) {
        if unit == Unit::Number && name == "aws:epochtime" {
            let constants = values().map(|value| scalar::seconds(value?)).collect();
            return Kind::Scalar(Unit::Date, order, constants);
        }
        return Kind::Scalar(unit, order, values().map(|value| unit.read(value?)).collect());
    }
    match operator {
        "IpAddress" | "NotIpAddress" => {
            Kind::Address(values().map(|value| Network::read(value?)).collect())
        }
        "Bool" => Kind::Bool(values().map(|value| truth(value?)).collect()),
        "BinaryEquals" => Kind::Binary(values().map(|value| scalar::base64(value?)).collect()),
        _ => Kind::Free,
    }
}

fn any_of<T, V>(constants: &[Option<T>], value: Option<V>, hits: impl Fn(&T, &V) -> bool) -> Tri {
    let Some(value) = value else { return Tri::Maybe };
    Tri::any(constants.iter().map(|constant| match constant {
        Some(constant) => hits(constant, &value).into(),
        None => Tri::Maybe,
    }))
}

fn truth(value: &str) -> Option<bool> {
    let is = |word: &str| value.eq_ignore_ascii_case(word);
    if is("true") { Some(true) } else { is("false").then_some(false) }
}

/// Whether a value has the six components of an ARN.
pub(super) fn is_arn(value: &str) -> bool {
    value.bytes().filter(|byte| *byte == b':').count() >= 5
}
