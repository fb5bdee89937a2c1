//! Action and resource patterns in the two readings that containment needs.

use std::collections::BTreeMap;

use super::solver::Facts;
use crate::glob::{self, Symbol};
use crate::text::{Hole, Part, Shape, Text};
use crate::verdict::Why;

/// `Action` or `NotAction`.
#[derive(Clone, Debug, Default)]
pub(super) struct Actions {
    pub(super) negated: bool,
    /// In the order of the text.
    pub(super) patterns: Vec<ActionPattern>,
    /// Which patterns speak of one service.
    by_service: BTreeMap<Box<str>, Bucket>,
    /// Which patterns speak of every service.
    of_all: Vec<usize>,
}

/// The patterns of one service.
#[derive(Clone, Debug, Default)]
struct Bucket {
    /// All of them, in the order of the text.
    all: Vec<usize>,
    /// Those with wildcards.
    wild: Vec<usize>,
    /// The names of the others, in order.
    literals: Vec<Vec<Symbol>>,
}

/// One pattern of actions.
#[derive(Clone, Debug)]
pub(super) struct ActionPattern {
    pub(super) text: Text,
    pub(super) service: Service,
    /// The part behind the colon, in lower case; where it is not known, all that it can become.
    pub(super) name: Vec<Symbol>,
    /// Why the pattern is more in the upper than in the lower reading, in which it is nothing.
    pub(super) doubt: Option<Why>,
}

/// The part of an action before the colon.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Service {
    /// Every service: `*`.
    All,
    /// This one, in lower case.
    Named(Box<str>),
    /// None: no action is spelled like this.
    Never,
}

/// `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub(super) struct Resources {
    pub(super) negated: bool,
    pub(super) patterns: Vec<ResourcePattern>,
}

/// One pattern of resources.
#[derive(Clone, Debug)]
pub(super) struct ResourcePattern {
    pub(super) text: Text,
    /// The whole text as one glob. Specials are variables and holes.
    pub(super) symbols: Vec<Symbol>,
    /// Whether `${…}` is a variable in this document; none: not known.
    pub(super) variables: Option<bool>,
    /// Whether the pattern is nothing in the lower reading. Holes and variables alone are no reason.
    pub(super) opaque: bool,
    /// What is not known or not understood about it.
    pub(super) doubt: Option<Why>,
}

/// An unknown string inside a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Special {
    /// `${aws:username}`: the text between the braces.
    Variable(String),
    /// An unknown value of the configuration, and whether `${…}` in it would be a variable, where it can hold one.
    Hole(Hole, Option<bool>),
}

impl Special {
    /// Whether this is a variable that never has a value: of a key that holds several.
    pub(super) fn never_resolves(&self) -> bool {
        match self {
            Self::Variable(name) => {
                let key = name.split(',').next().unwrap_or_default().trim().to_ascii_lowercase();
                (Facts::new(true).several)(&key) == Some(true)
            }
            Self::Hole(..) => false,
        }
    }
}

/// Why a hole stands in the way.
pub(super) fn unknown(hole: &Hole) -> Why {
    Why {
        reason: format!("`{}` is not known before apply", hole.origin),
        unknown: vec![hole.origin.to_string()],
    }
}

/// The strings that a hole can become, as a glob; never too few. A word has no colon, and a value of the shape of an ARN is
/// one: no field of it but the last has a colon inside.
pub(super) fn shape(hole: &Hole) -> Vec<Symbol> {
    let pattern = match &hole.shape {
        Shape::Any => return vec![Symbol::Many],
        Shape::Word => return vec![Symbol::SegmentOne, Symbol::SegmentMany],
        Shape::Glob(pattern) => pattern,
    };
    let symbols = glob::compile(pattern);
    if !pattern.starts_with("arn:") || pattern.matches(':').count() < 5 {
        return symbols;
    }
    let mut colons = 0;
    let fields = symbols.into_iter().map(|symbol| {
        colons += usize::from(symbol == Symbol::Char(':'));
        if colons < 5 { symbol.within_segment() } else { symbol }
    });
    glob::normal(fields.collect())
}

impl Actions {
    pub(super) fn new(negated: bool, patterns: Vec<ActionPattern>) -> Self {
        let mut by_service: BTreeMap<Box<str>, Bucket> = BTreeMap::new();
        let mut of_all = Vec::new();
        for (index, pattern) in patterns.iter().enumerate() {
            match &pattern.service {
                Service::All => of_all.push(index),
                Service::Named(service) => {
                    let bucket = by_service.entry(service.clone()).or_default();
                    bucket.all.push(index);
                    if glob::is_literal(&pattern.name) {
                        bucket.literals.push(pattern.name.clone());
                    } else {
                        bucket.wild.push(index);
                    }
                }
                Service::Never => {}
            }
        }
        for bucket in by_service.values_mut() {
            bucket.literals.sort_unstable();
        }
        Self { negated, patterns, by_service, of_all }
    }

    /// The names of one service in the lower or in the upper reading, before negation. None: a service that no
    /// document mentions. With `but_literals` only those with wildcards.
    pub(super) fn names(
        &self,
        service: Option<&str>,
        upper: bool,
        but_literals: bool,
    ) -> impl Iterator<Item = &[Symbol]> + Clone {
        let own = service.and_then(|service| self.by_service.get(service));
        let own = own.map(|bucket| if but_literals { &bucket.wild } else { &bucket.all });
        self.of_all
            .iter()
            .chain(own.into_iter().flatten())
            .filter_map(|index| self.patterns.get(*index))
            .filter(move |pattern| upper || pattern.doubt.is_none())
            .map(|pattern| pattern.name.as_slice())
    }

    /// Whether a name is listed without wildcards.
    pub(super) fn lists(&self, service: Option<&str>, name: &[Symbol]) -> bool {
        let bucket = service.and_then(|service| self.by_service.get(service));
        bucket.is_some_and(|bucket| {
            bucket.literals.binary_search_by(|own| own.as_slice().cmp(name)).is_ok()
        })
    }

    /// The services that are named, in order.
    pub(super) fn services(&self) -> impl Iterator<Item = &str> {
        self.by_service.keys().map(AsRef::as_ref)
    }
}

impl Resources {
    /// The variables that must have a value for the statement to hold, in order of appearance.
    pub(super) fn variables(&self, specials: &[Special]) -> impl Iterator<Item = String> {
        let symbols = self.patterns.iter().flat_map(|pattern| &pattern.symbols);
        symbols.filter_map(|symbol| match symbol {
            Symbol::Special(index) => match specials.get(*index as usize) {
                // `${key, 'default'}` always has one.
                Some(Special::Variable(name)) if !name.contains(',') => Some(name.clone()),
                _ => None,
            },
            Symbol::Char(_)
            | Symbol::One
            | Symbol::Many
            | Symbol::SegmentOne
            | Symbol::SegmentMany
            | Symbol::AnyCase { .. } => None,
        })
    }
}

impl ActionPattern {
    /// Reads `service:name`. Upper and lower case are the same.
    pub(super) fn new(text: &Text) -> Self {
        let pattern = |service, name, doubt| Self { text: text.clone(), service, name, doubt };
        let all = vec![Symbol::Many];
        let first = match text.parts().first() {
            Some(Part::Literal(first)) => first.as_str(),
            Some(Part::Hole(_)) | None => "",
        };
        let hole = text.holes().next().map(unknown);
        if text.as_str() == Some("*") {
            return pattern(Service::All, all, None);
        }
        let Some((service, _)) = first.split_once(':') else {
            let why = hole.unwrap_or_else(|| Why::construct(format!("`{text}` is not an action")));
            return pattern(Service::All, all, Some(why));
        };
        if text.as_str() == Some("*:*") {
            return pattern(Service::All, all, None);
        }
        if service.contains(['*', '?']) {
            let reason = format!("`{text}` has a wildcard in the name of the service");
            return pattern(Service::All, all, Some(Why::construct(reason)));
        }
        if never(text) {
            return pattern(Service::Never, Vec::new(), None);
        }
        let mut name = Vec::new();
        for (index, part) in text.parts().iter().enumerate() {
            match part {
                Part::Literal(known) => {
                    let known = if index == 0 {
                        known.split_once(':').map_or("", |(_, name)| name)
                    } else {
                        known
                    };
                    name.extend(glob::compile(&known.to_ascii_lowercase()));
                }
                // Its value may hold wildcards of the policy language.
                Part::Hole(_) => name.push(Symbol::Many),
            }
        }
        let service = service.to_ascii_lowercase().into_boxed_str();
        pattern(Service::Named(service), glob::normal(name), hole)
    }
}

/// Whether the pattern holds a character that no action has: AWS takes it, and it never matches.
pub(super) fn never(text: &Text) -> bool {
    text.parts().iter().any(|part| match part {
        Part::Literal(known) => known.contains(char::is_whitespace),
        Part::Hole(_) => false,
    })
}

impl ResourcePattern {
    /// Reads a resource pattern. `variables`: whether `${…}` means something in this document; none: not known.
    pub(super) fn new(text: &Text, variables: Option<bool>, specials: &mut Vec<Special>) -> Self {
        let mut doubt = text.holes().next().map(unknown);
        let mut symbols = Vec::new();
        let parts = text.parts();
        for (index, part) in parts.iter().enumerate() {
            match part {
                Part::Hole(hole) => {
                    let dollar = variables.filter(|_| hole.shape != Shape::Word);
                    symbols.push(special(Special::Hole(hole.clone(), dollar), specials));
                }
                Part::Literal(known) if variables == Some(false) => {
                    symbols.extend(glob::compile(known));
                }
                Part::Literal(known) if variables.is_none() && known.contains("${") => {
                    let reason = "what `${` means depends on a `Version` that is not known";
                    return Self::opaque(text, variables, Why::construct(reason));
                }
                Part::Literal(known) => {
                    let torn = known.ends_with('$') && index + 1 < parts.len();
                    match with_variables(known, specials) {
                        Some(known) if !torn => symbols.extend(known),
                        _ => {
                            let broken =
                                || Why::construct(format!("`{text}` has a broken variable"));
                            let why = doubt.take().unwrap_or_else(broken);
                            return Self::opaque(text, variables, why);
                        }
                    }
                }
            }
        }
        let symbols = glob::normal(symbols);
        Self { text: text.clone(), symbols, variables, opaque: false, doubt }
    }

    /// A pattern that can be anything and is nothing for certain.
    fn opaque(text: &Text, variables: Option<bool>, why: Why) -> Self {
        let symbols = vec![Symbol::Many];
        Self { text: text.clone(), symbols, variables, opaque: true, doubt: Some(why) }
    }
}

fn special(special: Special, specials: &mut Vec<Special>) -> Symbol {
    let index = specials.iter().position(|known| *known == special).unwrap_or_else(|| {
        specials.push(special);
        specials.len() - 1
    });
    Symbol::Special(u32::try_from(index).unwrap_or(u32::MAX))
}

/// Symbols of known text in which `${…}` are variables. None if one of them does not end.
fn with_variables(known: &str, specials: &mut Vec<Special>) -> Option<Vec<Symbol>> {
    let mut symbols = Vec::new();
    let mut rest = known;
    while let Some((before, from)) = rest.split_once("${") {
        let (name, after) = from.split_once('}')?;
        symbols.extend(glob::compile(before));
        symbols.push(match name {
            "*" => Symbol::Char('*'),
            "?" => Symbol::Char('?'),
            "$" => Symbol::Char('$'),
            _ => special(Special::Variable(name.to_owned()), specials),
        });
        rest = after;
    }
    symbols.extend(glob::compile(rest));
    Some(symbols)
}
