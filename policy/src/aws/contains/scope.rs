//! What matters for one inner statement: which statements of both sides bear on it, and how they stand to its pieces.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::super::pattern::Service;
use super::super::principal::Asker;
use super::super::relation::{Piece, Prepared, Specials, Stand};
use super::super::solver::Context;
use super::implied::Implied;
use super::solved::{Solved, Solving};
use crate::glob::{self, Exhausted, Symbol};

/// Gaps among resources: which pattern of the inner statement, and a resource; none for the attached one.
pub(super) type Resources = Vec<(usize, Option<String>)>;

/// A glob of action names of one service: which pattern of the statement it is, if it is one, and the service; none for
/// a service that no document mentions.
pub(super) type ActionPiece<'e> = (Option<usize>, Option<String>, Piece<'e>);

/// All statements of a comparison in one reading.
#[derive(Clone, Copy)]
pub(in crate::aws) struct Sides<'e> {
    /// The policies of the inner side.
    pub(in crate::aws) inner: &'e [Prepared<'e>],
    /// What limits them, layer by layer.
    pub(in crate::aws) limits: &'e [Vec<Prepared<'e>>],
    pub(in crate::aws) outer: &'e [Prepared<'e>],
    pub(in crate::aws) specials: &'e Specials,
}

impl<'e> Sides<'e> {
    pub(in crate::aws) fn all(&self) -> impl Iterator<Item = &'e Prepared<'e>> + use<'e> {
        self.inner.iter().chain(self.limits.iter().flatten()).chain(self.outer)
    }
}

/// Where the gaps of one class of actions are, and in which contexts they show.
#[derive(Clone, Debug, Default)]
pub(super) struct Spots {
    pub(super) resources: Resources,
    pub(super) contexts: Vec<Context>,
}

/// The statements that matter for one inner statement and those who ask.
pub(super) struct Scope<'e> {
    pub(super) pieces: Vec<Option<Piece<'e>>>,
    pub(super) statements: Vec<&'e Prepared<'e>>,
    /// Of which statements the upper reading is asked for.
    pub(super) uppers: Vec<bool>,
    /// Which of them are outer Allows that say the same as the inner statement, so that even what is not understood
    /// about them is the same.
    pub(super) twins: Vec<bool>,
    pub(super) judge: Judge<'e>,
    /// The gaps of a class of actions.
    pub(super) known: HashMap<Vec<bool>, Spots>,
}

/// What tells whether the statements that match a request leave a gap.
pub(super) enum Judge<'e> {
    /// Conditions are compared by their text.
    Implied(Implied),
    /// They are solved.
    Solved(Solved<'e>),
}

impl<'e> Scope<'e> {
    /// Which reading of a statement is asked for.
    pub(super) fn upper(&self, index: usize) -> bool {
        self.uppers.get(index).copied().unwrap_or(true)
    }

    /// Whether a request is rather a gap if the statement matches it: one that takes away from the outer side, or that
    /// the inner side needs beside the one at hand.
    pub(super) fn opens(&self, index: usize) -> bool {
        self.upper(index)
    }

    /// Whether this is for the quick judgement.
    pub(super) fn is_quick(&self) -> bool {
        matches!(self.judge, Judge::Implied(_))
    }

    pub(super) fn is_twin(&self, index: usize) -> bool {
        self.twins.get(index).copied().unwrap_or(false)
    }

    pub(super) fn stand(
        &self,
        stands: &mut [Option<Stand>],
        index: usize,
        service: Option<&str>,
        piece: &Piece<'_>,
    ) -> Stand {
        let (Some(slot), Some(statement)) = (stands.get_mut(index), self.statements.get(index))
        else {
            return Stand::None;
        };
        if self.is_twin(index) {
            return *slot.insert(Stand::All);
        }
        *slot.get_or_insert_with(|| statement.actions(service, piece, self.upper(index)))
    }

    /// Whether there is a gap for requests that just these statements match.
    pub(super) fn open(
        &self,
        matched: &[bool],
        solving: &mut Option<Solving<'e>>,
    ) -> Result<bool, Exhausted> {
        match (&self.judge, solving) {
            (Judge::Implied(implied), _) => Ok(implied.gap(matched)),
            (Judge::Solved(solved), Some(solving)) => {
                solved.open(&self.statements, matched, solving)
            }
            (Judge::Solved(_), None) => Ok(true),
        }
    }

    /// Which statements match one string of a piece of resources.
    pub(super) fn matching(
        &self,
        stands: &[Stand],
        base: &[bool],
        symbols: &[Symbol],
    ) -> Vec<bool> {
        let only = Piece::plain(Cow::Borrowed(symbols), Vec::new());
        let mut matched = base.to_vec();
        for (index, statement) in self.statements.iter().enumerate() {
            if stands.get(index) == Some(&Stand::Some)
                && let Some(slot) = matched.get_mut(index)
            {
                *slot = statement.resources(Some(&only), self.upper(index)) == Stand::All;
            }
        }
        matched
    }

    /// A name of the piece, its wildcards filled in one way, and the statements that match it.
    pub(super) fn simple_name(
        &self,
        service: Option<&str>,
        piece: &Piece<'_>,
        partial: &[usize],
        base: &[bool],
    ) -> Option<(String, Vec<bool>)> {
        let (word, symbols) = filled(piece)?;
        Some((word, self.class(service, &symbols, partial, base)))
    }

    /// The statements that match one name.
    pub(super) fn class(
        &self,
        service: Option<&str>,
        name: &[Symbol],
        partial: &[usize],
        base: &[bool],
    ) -> Vec<bool> {
        let only = Piece::plain(Cow::Borrowed(name), Vec::new());
        let mut class = base.to_vec();
        for index in partial {
            if let (Some(slot), Some(statement)) =
                (class.get_mut(*index), self.statements.get(*index))
            {
                *slot = statement.actions(service, &only, self.upper(*index)) == Stand::All;
            }
        }
        class
    }
}

/// The actions of an inner statement, piece by piece, in the order of the text. `mentioned` tells the services that
/// other statements of the comparison name.
pub(super) fn actions<'e>(
    own: &'e Prepared<'e>,
    mentioned: &mut dyn FnMut() -> BTreeSet<&'e str>,
) -> Vec<ActionPiece<'e>> {
    // No action has an empty name.
    const ANY: &[Symbol] = &[Symbol::One, Symbol::Many];
    let piece = |name: &'e [Symbol], except: Vec<Cow<'e, [Symbol]>>| {
        let name = Cow::Borrowed(if name == [Symbol::Many] { ANY } else { name });
        Piece::plain(name, except)
    };
    let actions = &own.statement.actions;
    let mut services = || {
        let mut named = mentioned();
        named.extend(actions.services());
        std::iter::once(None).chain(named.into_iter().map(|name| Some(name.to_owned())))
    };
    if !own.statement.opaque.is_empty() {
        return services().map(|service| (None, service, piece(ANY, Vec::new()))).collect();
    }
    if actions.negated {
        return services()
            .map(|service| {
                let (_, except) = own.action_globs(service.as_deref(), true);
                let except = except.into_iter().map(Cow::Borrowed).collect();
                (None, service, piece(ANY, except))
            })
            .collect();
    }
    let mut out = Vec::with_capacity(actions.patterns.len());
    for (index, pattern) in actions.patterns.iter().enumerate() {
        match &pattern.service {
            Service::Never => {}
            Service::Named(service) => {
                let service = Some(service.as_ref().to_owned());
                out.push((Some(index), service, piece(&pattern.name, Vec::new())));
            }
            Service::All => out.extend(
                services().map(|service| (Some(index), service, piece(&pattern.name, Vec::new()))),
            ),
        }
    }
    out
}

/// Whether two statements match the same requests, conditions left aside: they say the same.
pub(super) fn same(one: &Prepared<'_>, other: &Prepared<'_>) -> bool {
    let (one, other) = (one.statement, other.statement);
    if !one.opaque.is_empty() || !other.opaque.is_empty() {
        return false;
    }
    let actions = one.actions.negated == other.actions.negated
        && one.actions.patterns.iter().map(|pattern| &pattern.text).eq(other
            .actions
            .patterns
            .iter()
            .map(|pattern| &pattern.text));
    let resources = match (&one.resources, &other.resources) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.negated == other.negated
                && one
                    .patterns
                    .iter()
                    .map(|pattern| (&pattern.text, pattern.variables))
                    .eq(other.patterns.iter().map(|pattern| (&pattern.text, pattern.variables)))
        }
        (None, Some(_)) | (Some(_), None) => false,
    };
    let principals = match (&one.principals, &other.principals) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.negated.is_none()
                && other.negated.is_none()
                && one
                    .list
                    .iter()
                    .map(|one| (one.kind, &one.text))
                    .eq(other.list.iter().map(|one| (one.kind, &one.text)))
        }
        (None, Some(_)) | (Some(_), None) => false,
    };
    actions && resources && principals
}

/// Whether a statement says nothing of principals that depends on who asks, or there is nobody to tell apart.
pub(super) fn vague(asker: Asker<'_>) -> bool {
    matches!(asker, Asker::Vague)
}

/// A string of the piece that is not excepted, if filling in its wildcards gives one.
pub(super) fn filled(piece: &Piece<'_>) -> Option<(String, Vec<Symbol>)> {
    let letters = piece.wide.iter().map(|symbol| match symbol {
        Symbol::Char(letter) => *letter,
        Symbol::One
        | Symbol::Many
        | Symbol::SegmentOne
        | Symbol::SegmentMany
        | Symbol::AnyCase { .. }
        | Symbol::Special(_) => 'x',
    });
    let word: String = letters.collect();
    let symbols: Vec<Symbol> = word.chars().map(Symbol::Char).collect();
    let excepted = piece.except.iter().any(|except| glob::covers(except, &symbols));
    (!excepted).then_some((word, symbols))
}
