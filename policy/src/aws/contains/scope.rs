//! What matters for one inner statement: which outer and inner statements bear on it, and what they answer.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::super::condition::implied;
use super::super::document::Effect;
use super::super::pattern::Service;
use super::super::principal::Principal;
use super::super::relation::{Piece, Prepared, Specials, Stand};
use crate::glob::{self, Symbol};

/// Gaps among resources: which pattern of the inner statement, and a resource; none for the attached one.
pub(super) type Resources = Vec<(usize, Option<String>)>;

/// A glob of action names of one service: which pattern of the statement it is, if it is one, and the service; none for
/// a service that no document mentions.
pub(super) type ActionPiece<'e> = (Option<usize>, Option<String>, Piece<'e>);

/// The statements that matter for one inner statement and principal.
pub(super) struct Scope<'e> {
    pub(super) pieces: Vec<Option<Piece<'e>>>,
    /// Outer Allows whose conditions hold whenever the inner statement's do; then outer Denies; then inner Denies.
    pub(super) statements: Vec<&'e Prepared<'e>>,
    pub(super) allows: usize,
    pub(super) denies: usize,
    /// For each outer Allow, whether it says the same as the inner statement, so that even what is not understood about
    /// them is the same.
    twins: Vec<bool>,
    /// For each inner Deny, whether it holds whenever the inner statement does.
    holds: Vec<bool>,
    /// For each outer Deny, the inner Denies that hold whenever it and the inner statement do.
    answers: Vec<Vec<usize>>,
    /// For each outer Allow, whether it covers all resources of the inner statement; found out once.
    covers: Vec<Option<bool>>,
    /// For each outer Deny, whether it can meet any of them.
    pub(super) meets: Vec<bool>,
    /// The gaps of a class of actions.
    pub(super) known: HashMap<Vec<bool>, Resources>,
}

impl<'e> Scope<'e> {
    pub(super) fn new(
        own: &'e Prepared<'e>,
        principal: Option<&Principal>,
        inner: &'e [Prepared<'e>],
        outer: &'e [Prepared<'e>],
        specials: &Specials,
    ) -> Self {
        let given = own.statement.conditions.iter();
        // Of `NotPrincipal` nobody knows exactly whom it leaves over.
        let vague = own.statement.principals.as_ref().is_some_and(|list| list.negated.is_some());
        let mut statements: Vec<&Prepared<'_>> = Vec::new();
        statements.extend(outer.iter().filter(|other| {
            other.statement.effect == Effect::Allow
                && !vague
                && other.speaks_of(principal, false)
                && implied(given.clone(), &other.statement.conditions)
        }));
        let allows = statements.len();
        let shields: Vec<&Prepared<'_>> = inner
            .iter()
            .filter(|other| {
                other.statement.effect == Effect::Deny
                    && !vague
                    && other.speaks_of(principal, false)
            })
            .collect();
        let both = |deny: &'e Prepared<'e>| given.clone().chain(&deny.statement.conditions);
        statements.extend(outer.iter().filter(|other| {
            other.statement.effect != Effect::Allow
                && (vague || other.speaks_of(principal, true))
                && !shields.iter().any(|shield| {
                    same(shield, other) && implied(both(other), &shield.statement.conditions)
                })
        }));
        let denies = statements.len() - allows;
        let answers = statements.iter().skip(allows).map(|deny| {
            let holding = shields
                .iter()
                .enumerate()
                .filter(|(_, shield)| implied(both(deny), &shield.statement.conditions));
            holding.map(|(index, _)| index).collect()
        });
        let answers = answers.collect();
        let holds = shields
            .iter()
            .map(|shield| implied(given.clone(), &shield.statement.conditions))
            .collect();
        statements.extend(shields);
        let pieces = own.pieces(specials);
        let meets = statements.iter().skip(allows).take(denies).map(|deny| {
            pieces.iter().any(|piece| deny.resources(piece.as_ref(), true) != Stand::None)
        });
        let meets = meets.collect();
        let twins: Vec<bool> = statements.iter().take(allows).map(|one| same(own, one)).collect();
        let covers = twins.iter().map(|twin| twin.then_some(true)).collect();
        let known = HashMap::new();
        Self { pieces, statements, allows, denies, twins, holds, answers, covers, meets, known }
    }

    /// The actions of an inner statement, piece by piece, in the order of the text.
    pub(super) fn actions(&self, own: &'e Prepared<'e>) -> Vec<ActionPiece<'e>> {
        // No action has an empty name.
        const ANY: &[Symbol] = &[Symbol::One, Symbol::Many];
        let piece = |name: &'e [Symbol], except: Vec<Cow<'e, [Symbol]>>| {
            let name = Cow::Borrowed(if name == [Symbol::Many] { ANY } else { name });
            Piece::plain(name, except)
        };
        let services = || {
            let mentioned = self.statements.iter().chain([&own]);
            let named: BTreeSet<&str> =
                mentioned.flat_map(|one| one.statement.actions.services()).collect();
            std::iter::once(None).chain(named.into_iter().map(|name| Some(name.to_owned())))
        };
        let actions = &own.statement.actions;
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
                    services()
                        .map(|service| (Some(index), service, piece(&pattern.name, Vec::new()))),
                ),
            }
        }
        out
    }

    /// Which reading of a statement is asked for: of outer Denies the upper one.
    pub(super) fn upper(&self, index: usize) -> bool {
        (self.allows..self.allows + self.denies).contains(&index)
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

    pub(super) fn is_twin(&self, index: usize) -> bool {
        self.twins.get(index).copied().unwrap_or(false)
    }

    /// Whether one outer Allow alone covers the piece on all resources.
    pub(super) fn grants(
        &mut self,
        stands: &mut [Option<Stand>],
        index: usize,
        service: Option<&str>,
        piece: &Piece<'_>,
    ) -> bool {
        if self.covers.get(index) == Some(&Some(false))
            || self.stand(stands, index, service, piece) != Stand::All
        {
            return false;
        }
        if let Some(Some(known)) = self.covers.get(index) {
            return *known;
        }
        let Some(statement) = self.statements.get(index) else { return false };
        let all = self
            .pieces
            .iter()
            .all(|piece| statement.resources(piece.as_ref(), false) == Stand::All);
        if let Some(slot) = self.covers.get_mut(index) {
            *slot = Some(all);
        }
        all
    }

    /// A gap that needs no search: the piece itself, its wildcards filled in one way.
    pub(super) fn simple_gap(
        &self,
        piece: &Piece<'_>,
        stands: &[Stand],
        base: &[bool],
    ) -> Option<String> {
        let (word, symbols) = filled(piece)?;
        let only = Piece::plain(Cow::Borrowed(symbols.as_slice()), Vec::new());
        let mut matched = base.to_vec();
        for (index, statement) in self.statements.iter().enumerate() {
            if stands.get(index) == Some(&Stand::Some)
                && let Some(slot) = matched.get_mut(index)
            {
                *slot = statement.resources(Some(&only), self.upper(index)) == Stand::All;
            }
        }
        self.gap(&matched, &matched).then_some(word)
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
        let only = Piece::plain(Cow::Borrowed(symbols.as_slice()), Vec::new());
        let mut class = base.to_vec();
        for index in partial {
            if let (Some(slot), Some(statement)) =
                (class.get_mut(*index), self.statements.get(*index))
            {
                *slot = statement.actions(service, &only, self.upper(*index)) == Stand::All;
            }
        }
        Some((word, class))
    }

    /// Whether a request is a gap: `sure` says which statements match it for the benefit of the proof (outer Allows and
    /// inner Denies), `possible` which may match it against the proof (outer Denies).
    pub(super) fn gap(&self, sure: &[bool], possible: &[bool]) -> bool {
        let is = |list: &[bool], index: usize| list.get(index).copied().unwrap_or(false);
        let first = self.allows + self.denies;
        let shield = |index: usize| is(sure, first + index);
        if self.holds.iter().enumerate().any(|(index, holds)| *holds && shield(index)) {
            return false;
        }
        let allowed = (0..self.allows).any(|index| is(sure, index));
        let denied = self.answers.iter().enumerate().any(|(index, answers)| {
            is(possible, self.allows + index) && !answers.iter().any(|answer| shield(*answer))
        });
        !allowed || denied
    }
}

/// Whether two statements match the same requests, conditions left aside: they say the same.
fn same(one: &Prepared<'_>, other: &Prepared<'_>) -> bool {
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

/// A string of the piece that is not excepted, if filling in its wildcards gives one.
fn filled(piece: &Piece<'_>) -> Option<(String, Vec<Symbol>)> {
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
