//! From a gap to a request that proves it.
//!
//! Requests are guessed, likely ones first, and each guess is put to the evaluator: only one that the inner side
//! certainly allows and the outer side certainly does not is handed out. Guessing badly costs an answer, never a wrong
//! one.
//!
//! Where the inner statement has holes, one value proves nothing: `Outside` must hold for all of them. Then the outer
//! side must be unable to allow *anything* that the hole can become, and the request shows one likely value. (A value
//! with which the inner pattern matches nothing that exists is left aside.)

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::contains::{Gap, Sides};
use super::document::{Document, Effect};
use super::evaluate::{Access, Evaluator};
use super::pattern::ResourcePattern;
use super::principal::{Overlap, Principal, PrincipalKind, PrincipalValue};
use super::relation::{Piece, Prepared, Stand};
use super::{Composition, Request, StatementRef};
use crate::glob::{self, Symbol};
use crate::text::{Hole, Part};

mod context;
mod guess;
mod values;

use guess::{State, actions, is_resource, principals, resources};
use values::Values;

pub(super) use context::variable;

/// A confirmed request.
pub(super) struct Witness {
    pub(super) request: Request,
    /// Whether its action certainly exists today: a policy names it in full, or it is a known one.
    pub(super) exists: bool,
}

/// Finds witnesses, within a limit of work.
pub(super) struct Witnesses<'a> {
    outer: &'a [&'a Document],
    inner: &'a Composition<'a>,
    /// Made for the first gap: most comparisons have none.
    contexts: OnceCell<context::Contexts>,
    /// Pattern comparisons of one guess; likewise.
    cost: OnceCell<usize>,
    /// Pattern comparisons that may still be made.
    left: usize,
}

/// Pattern comparisons for all guesses of one decision: a few milliseconds.
const COMPARISONS: usize = 60_000;

impl<'a> Witnesses<'a> {
    pub(super) fn new(outer: &'a [&'a Document], inner: &'a Composition<'a>) -> Self {
        let (contexts, cost) = (OnceCell::new(), OnceCell::new());
        Self { outer, inner, contexts, cost, left: COMPARISONS }
    }

    fn contexts(&self) -> &context::Contexts {
        self.contexts.get_or_init(|| context::Contexts::new(self.outer, self.inner))
    }

    fn cost(&self) -> usize {
        *self.cost.get_or_init(|| {
            let documents = || self.outer.iter().copied().chain(self.inner.documents());
            let all = || documents().flat_map(|document| &document.statements);
            let resources = || all().flat_map(|statement| &statement.resources);
            let lengths =
                || resources().flat_map(|list| &list.patterns).map(|pattern| pattern.symbols.len());
            // A request is about as long as the longest pattern. Only patterns beyond all reason weigh more than others.
            let longest = lengths().max().unwrap_or(0);
            let actions: usize = all().map(|statement| 1 + statement.actions.patterns.len()).sum();
            let weight = |length: usize| 1 + length.saturating_mul(longest) / 8_192;
            actions + lengths().map(weight).sum::<usize>()
        })
    }

    /// A request in the gap, if one can be found. The statements are prepared with the widest upper reading.
    pub(super) fn confirm(&mut self, gap: &Gap<'_>, sides: Sides<'_>) -> Option<Witness> {
        if !gap.statement.statement.opaque.is_empty() || self.exhausted() {
            return None;
        }
        let actions = match &gap.spelled {
            Some(spelled) => vec![(spelled.clone(), true)],
            None => actions(gap, &|service, name| self.state(service, name)),
        };
        // Contexts that the solver has found need no guessing.
        if !gap.contexts.is_empty() {
            let contexts = gap.contexts.iter().map(|context| self.contexts().completed(context));
            let contexts: Vec<context::Context> = contexts.collect();
            let found = self.first(gap, sides, &actions, Some(contexts));
            if found.is_some() {
                return found;
            }
        }
        // One gap must not take the work of all others, nor the actions that exist that of a name that may come: in an open
        // world only the latter may be outside.
        let (known, new): (Vec<_>, Vec<_>) = actions.into_iter().partition(|(_, exists)| *exists);
        let part = if gap.solved { 32 } else { 6 };
        [known, new].iter().filter(|actions| !actions.is_empty()).find_map(|actions| {
            let share = (self.left / part).max(self.cost()).min(self.left);
            let kept = self.left - share;
            self.left -= kept;
            let found = self.first(gap, sides, actions, None);
            self.left += kept;
            found
        })
    }

    /// The first request that proves the gap, in the contexts that are given, or else in guessed ones.
    fn first(
        &mut self,
        gap: &Gap<'_>,
        sides: Sides<'_>,
        actions: &[(String, bool)],
        contexts: Option<Vec<context::Context>>,
    ) -> Option<Witness> {
        let mut contexts = contexts;
        let statement = gap.statement.statement;
        for (action, exists) in actions {
            for (piece, resource) in resources(gap, action) {
                for principal in principals(gap.principal) {
                    let values = Values::of(gap, piece, action)?;
                    if !values.map.is_empty() && !clear(gap, piece, action, sides) {
                        continue;
                    }
                    let contexts = contexts.get_or_insert_with(|| {
                        self.contexts().of(statement, &values.map, gap.principal.is_some())
                    });
                    for context in contexts.iter() {
                        let principal = principal
                            .clone()
                            .map(|(kind, text)| (kind, values.fill(&text, context)));
                        let (principal, context) = caller(gap.principal, principal, context);
                        let fill = |resource| aligned(values.fill(resource, &context), &context);
                        let request = Request {
                            action: action.clone(),
                            resource: resource.as_ref().map(fill),
                            principal,
                            context: context.clone(),
                        };
                        let real = request.resource.as_deref().is_none_or(is_resource);
                        if !real
                            || !context::Contexts::agrees(&request)
                            || !context::Contexts::is_of_caller(&request)
                        {
                            continue;
                        }
                        self.left = self.left.checked_sub(self.cost())?;
                        if self.proves(&request, &values.map) {
                            let request = trimmed(request, self);
                            return Some(Witness { request, exists: *exists });
                        }
                    }
                }
            }
        }
        None
    }

    /// How the policies stand to an action of this service and name, both in lower case, as far as the name tells.
    fn state(&self, service: Option<&str>, name: &str) -> State {
        let named = |documents: &[&Document], effect: Effect| {
            let statements = documents.iter().flat_map(|document| &document.statements);
            statements.filter(|statement| statement.effect == effect).any(|statement| {
                let mut names = statement.actions.names(service, true, false);
                names.any(|own| glob::accepts(own, name)) != statement.actions.negated
            })
        };
        State {
            granted: named(self.outer, Effect::Allow),
            refused: named(self.outer, Effect::Deny),
            withheld: self.inner.documents().any(|one| named(&[one], Effect::Deny)),
        }
    }

    /// Whether the limit of work is reached: no gap will be confirmed any more.
    pub(super) fn exhausted(&self) -> bool {
        self.left < self.cost()
    }

    fn proves(&self, request: &Request, values: &BTreeMap<Hole, String>) -> bool {
        let evaluator = Evaluator { values };
        evaluator.evaluate(self.outer, request) == Access::Denied
            && evaluator.evaluate_within(self.inner, request) == Access::Allowed
    }

    /// The outer statement that comes nearest to allowing the request: a Deny that refuses it, or else an Allow for the
    /// same action.
    pub(super) fn nearest(&self, request: &Request) -> Option<StatementRef> {
        let none = BTreeMap::new();
        let evaluator = Evaluator { values: &none };
        let statements = || {
            self.outer.iter().enumerate().flat_map(|(number, document)| {
                let statements = document.statements.iter().enumerate();
                statements.map(move |(index, statement)| (number, index, statement))
            })
        };
        let denies = statements().find(|(_, _, statement)| {
            statement.effect == Effect::Deny && evaluator.matches(statement, request) == Some(true)
        });
        let allows = || {
            statements().find(|(_, _, statement)| {
                let hit = statement
                    .actions
                    .patterns
                    .iter()
                    .any(|pattern| evaluator.action_matches(&pattern.text, &request.action));
                statement.effect == Effect::Allow && hit != statement.actions.negated
            })
        };
        denies
            .or_else(allows)
            .map(|(number, index, statement)| StatementRef::new(number, index, statement))
    }
}

/// Whether a principal stands for many.
fn broad(value: &PrincipalValue) -> bool {
    matches!(value, PrincipalValue::Everyone | PrincipalValue::Account(_))
}

/// The caller and the context as they fit each other: where many may ask, the context can say who it is.
fn caller(
    own: Option<&Principal>,
    principal: Option<(PrincipalKind, String)>,
    context: &context::Context,
) -> (Option<(PrincipalKind, String)>, context::Context) {
    let mut context = context.clone();
    let (Some(own), Some((kind, id))) = (own, &principal) else { return (principal, context) };
    let single = |key: &str| match context.get(key).map(Vec::as_slice) {
        Some([only]) => Some(only.clone()),
        _ => None,
    };
    let (arn, account) = (single("aws:principalarn"), single("aws:principalaccount"));
    if *kind != PrincipalKind::Aws || !broad(&own.value) {
        return (principal, context);
    }
    let asks = match (arn, account) {
        (Some(arn), None) => arn,
        (Some(arn), Some(account)) if arn.split(':').nth(4) == Some(account.as_str()) => arn,
        (None, Some(account)) => format!("arn:aws:iam::{account}:role/anyone"),
        (Some(_), Some(account)) => {
            let asks = format!("arn:aws:iam::{account}:role/anyone");
            context.insert("aws:principalarn".to_owned(), vec![asks.clone()]);
            asks
        }
        (None, None) => id.clone(),
    };
    (Some((*kind, asks)), context)
}

/// The resource in the region and the account that the context speaks of, if it is of another one. Whether the policies
/// still match it is for the evaluator to say.
fn aligned(resource: String, context: &context::Context) -> String {
    let mut fields: Vec<&str> = resource.splitn(6, ':').collect();
    let of = |key: &str| match context.get(key).map(Vec::as_slice) {
        Some([only]) => Some(only.as_str()),
        _ => None,
    };
    for (index, key) in [(3, "aws:requestedregion"), (4, "aws:resourceaccount")] {
        if let (Some(field), Some(value)) = (fields.get_mut(index), of(key))
            && !field.is_empty()
        {
            *field = value;
        }
    }
    fields.join(":")
}

/// Context keys that are there only for variables of other statements say nothing: without them the proof must hold
/// as well, or they stay.
fn trimmed(request: Request, witnesses: &Witnesses<'_>) -> Request {
    let mut request = request;
    let none = BTreeMap::new();
    let keys: Vec<String> = request.context.keys().cloned().collect();
    for key in keys {
        if context::Contexts::is_always_present(&key) {
            continue;
        }
        let mut shorter = request.clone();
        shorter.context.remove(&key);
        if witnesses.proves(&shorter, &none) {
            request = shorter;
        }
    }
    request
}

/// Whether the outer side cannot allow the action on anything that the pattern can become, and no inner Deny can take
/// it away: then every value of the holes gives a request like the one at hand.
fn clear(gap: &Gap<'_>, pattern: Option<&ResourcePattern>, action: &str, sides: Sides<'_>) -> bool {
    // What limits the inner side would have to allow every value as well.
    if !sides.limits.is_empty() {
        return false;
    }
    let Some((service, name)) = action.split_once(':') else { return false };
    let service = service.to_ascii_lowercase();
    let name: Vec<Symbol> = name.to_ascii_lowercase().chars().map(Symbol::Char).collect();
    let name = Piece::plain(Cow::Borrowed(&name), Vec::new());
    let wide = pattern.map(|pattern| {
        let mut wide = Vec::new();
        for part in pattern.text.parts() {
            match part {
                // Variables too: `$` and braces of the known text are kept out by taking everything in their place.
                Part::Literal(known) if known.contains('$') => wide.push(Symbol::Many),
                Part::Literal(known) => wide.extend(glob::compile(known)),
                Part::Hole(hole) => wide.extend(super::pattern::shape(hole)),
            }
        }
        let wide = glob::normal(wide);
        Piece::plain(Cow::Owned(wide), Vec::new())
    });
    let touched = |other: &Prepared<'_>| {
        let apart = match (&other.statement.principals, gap.principal) {
            (Some(list), Some(own))
                if list.negated.is_none() && other.statement.opaque.is_empty() =>
            {
                list.list.iter().all(|one| one.overlap(own) == Overlap::Disjoint)
            }
            _ => false,
        };
        !apart
            && other.actions(Some(&service), &name, true) != Stand::None
            && other.resources(wide.as_ref(), true) != Stand::None
    };
    let allowing = sides.outer.iter().filter(|other| other.statement.effect != Effect::Deny);
    let denying = sides.inner.iter().filter(|other| other.statement.effect != Effect::Allow);
    debug_assert!(gap.statement.statement.effect == Effect::Allow, "only an Allow opens a gap");
    !allowing.chain(denying).any(touched)
}
