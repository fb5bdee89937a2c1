//! Where a string stands, and how strings are compared there.
//!
//! Only strings at the same place are laid over each other: that is what makes a value found in the identity the value of a parameter.
//! What counts in the end is the engine of the platform; this only has to propose no fewer values than could fit.

use crate::glob::{self, Symbol};
use crate::text::{Hole, Part, Shape, Text};

/// At which place a string stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::template) enum Place {
    // AWS.
    Resource,
    Principal,
    ConditionKey,
    ConditionValue,
    // Kubernetes.
    Namespace,
    ApiGroup,
    ResourceType,
    Object,
    Verb,
    // Vault.
    Path,
    // Azure.
    Action,
    DataAction,
    Scope,
    // Google Cloud.
    Role,
    Permission,
    FullResource,
    // GitHub.
    Repository,
}

impl Place {
    /// Whether `?` stands for any character.
    pub(super) fn has_single_wildcard(self) -> bool {
        matches!(self, Self::Resource | Self::Principal | Self::ConditionKey | Self::ConditionValue)
    }

    /// Whether upper and lower case are the same.
    pub(super) fn ignores_case(self) -> bool {
        matches!(self, Self::Action | Self::DataAction | Self::Scope | Self::Repository)
    }

    /// Whether what stands here takes in what lies below it: `/subscriptions/a` its resource groups.
    pub(super) fn is_nested(self) -> bool {
        matches!(self, Self::Scope | Self::FullResource)
    }

    /// Whether an identity can only fit if the template takes in every string that stands here.
    pub(super) fn must_be_explained(self) -> bool {
        matches!(self, Self::Resource | Self::Namespace | Self::FullResource | Self::Scope)
    }

    /// Whether a `+` at this place of a path stands for any segment.
    pub(super) fn has_segments(self) -> bool {
        self == Self::Path
    }

    /// A string of the template as a glob; one that has no unknown parts.
    pub(super) fn compile(self, text: &str) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        self.push(text, &mut symbols);
        glob::normal(symbols)
    }

    /// Whether a string of the template takes in a string of the identity.
    pub(super) fn covers(self, outer: &[Symbol], inner: &[Symbol]) -> bool {
        glob::covers(outer, inner)
            || (self.is_nested() && {
                let below = [Symbol::Char('/'), Symbol::Many];
                glob::covers(&[outer, &below].concat(), inner)
            })
    }

    fn push(self, text: &str, out: &mut Vec<Symbol>) {
        let single = self.has_single_wildcard();
        let mut letters = text.chars().peekable();
        let mut before = '/';
        while let Some(letter) = letters.next() {
            let segment = before == '/' && letters.peek().is_none_or(|after| *after == '/');
            match letter {
                '*' => out.push(Symbol::Many),
                '?' if single => out.push(Symbol::One),
                '+' if segment && self.has_segments() => out.push(Symbol::Many),
                letter if self.ignores_case() => {
                    out.extend(letter.to_lowercase().map(Symbol::Char));
                }
                letter => out.push(Symbol::Char(letter)),
            }
            before = letter;
        }
    }

    /// A string as a glob in which the known holes are themselves, and the others whatever they can become.
    pub(super) fn symbols(self, text: &Text, known: &[&Hole]) -> Vec<Symbol> {
        let mut symbols = Vec::new();
        for part in text.parts() {
            match part {
                Part::Literal(text) => self.push(text, &mut symbols),
                Part::Hole(hole) => match known.iter().position(|it| *it == hole) {
                    Some(index) => {
                        symbols.push(Symbol::Special(u32::try_from(index).unwrap_or(u32::MAX)));
                    }
                    None => match &hole.shape {
                        Shape::Any | Shape::Word => symbols.push(Symbol::Many),
                        Shape::Glob(glob) => symbols.extend(glob::compile(glob)),
                    },
                },
            }
        }
        glob::normal(symbols)
    }

    /// Whether every string that `text` can become is taken in by the glob, whatever the unknown parts are.
    pub(super) fn takes_in(self, pattern: &Text, text: &Text) -> bool {
        let known: Vec<&Hole> = pattern.holes().collect();
        self.covers(&self.symbols(pattern, &known), &self.symbols(text, &known))
    }
}
