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
use super::document::{Document, Effect, Statement};
use super::evaluate::{Access, Bearing, Evaluator};
use super::pattern::ResourcePattern;
use super::principal::{Overlap, Principal, PrincipalKind, PrincipalValue};
use super::relation::{Piece, Prepared, Stand};
use super::{Composition, Request, StatementRef};
use crate::glob::{self, Symbol};
use crate::text::{Hole, Part};

mod context;
mod guess;
mod values;

use context::Tries;
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
    /// Pattern comparisons for one action, and the most for one guess; likewise.
    cost: OnceCell<(usize, usize)>,
    /// Pattern comparisons that may still be made.
    left: usize,
    /// The same for a first look at every gap.
    glances: usize,
}

/// How hard to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// Only likely requests for actions that exist: another gap may be easier.
    Glance,
    /// Everything.
    Full,
}

/// Pattern comparisons for all guesses of one decision: a few milliseconds.
const COMPARISONS: usize = 60_000;

/// The same for first looks at gaps, and for one of them.
const GLANCES: usize = 20_000;
const GLANCE: usize = 600;

/// What a guess costs beside its comparisons.
const GUESS: usize = 8;

/// The statements of both sides that speak of one action.
struct Both<'a> {
    outer: Bearing<'a>,
    inner: Bearing<'a>,
    /// What one guess costs.
    cost: usize,
}

impl<'a> Witnesses<'a> {
    pub(super) fn new(outer: &'a [&'a Document], inner: &'a Composition<'a>) -> Self {
        let (contexts, cost) = (OnceCell::new(), OnceCell::new());
        Self { outer, inner, contexts, cost, left: COMPARISONS, glances: GLANCES }
    }

    fn contexts(&self) -> &context::Contexts {
        self.contexts.get_or_init(|| context::Contexts::new(self.outer, self.inner))
    }

    fn costs(&self) -> (usize, usize) {
        *self.cost.get_or_init(|| {
            let documents = || self.outer.iter().copied().chain(self.inner.documents());
            let all = || documents().flat_map(|document| &document.statements);
            // Most patterns are of another service, which is quickly told.
            let actions = all().map(|statement| 1 + statement.actions.patterns.len() / 8);
            (1 + actions.sum::<usize>(), guess(all))
        })
    }

    /// Pattern comparisons for one action.
    fn cost(&self) -> usize {
        self.costs().0
    }

    /// What one action and one guess for it may cost.
    fn least(&self) -> usize {
        let (action, guess) = self.costs();
        action + guess
    }

    /// What speaks of an action. None if there is no work left.
    fn bearing(&mut self, action: &str) -> Option<Both<'a>> {
        self.left = self.left.checked_sub(self.cost())?;
        let (outer, inner) = (Bearing::of(self.outer, action), Bearing::within(self.inner, action));
        let cost = guess(|| outer.statements().chain(inner.statements()));
        Some(Both { outer, inner, cost })
    }

    /// A request in the gap, if one can be found. The statements are prepared with the widest upper reading.
    pub(super) fn confirm(
        &mut self,
        gap: &Gap<'_>,
        sides: Sides<'_>,
        effort: Effort,
    ) -> Option<Witness> {
        if !gap.statement.statement.opaque.is_empty() {
            return None;
        }
        match effort {
            Effort::Glance => {
                let share = GLANCE + 4 * self.cost();
                self.glances = self.glances.checked_sub(share)?;
                let kept = std::mem::replace(&mut self.left, share);
                let found = self.tried(gap, sides, effort);
                self.glances += std::mem::replace(&mut self.left, kept);
                found
            }
            Effort::Full if self.exhausted() => None,
            Effort::Full => self.tried(gap, sides, effort),
        }
    }

    fn tried(&mut self, gap: &Gap<'_>, sides: Sides<'_>, effort: Effort) -> Option<Witness> {
        let actions = match &gap.spelled {
            Some(spelled) => vec![(spelled.clone(), true)],
            None => actions(gap, &|service, name| self.state(service, name)),
        };
        let (known, new): (Vec<_>, Vec<_>) = actions.into_iter().partition(|(_, exists)| *exists);
        let lists = match effort {
            Effort::Glance => vec![known],
            Effort::Full => vec![known, new],
        };
        let lists = || lists.iter().filter(|actions| !actions.is_empty());
        // Contexts that the solver has found need no guessing.
        if !gap.contexts.is_empty() {
            let contexts = gap.contexts.iter().map(|context| self.contexts().completed(context));
            let contexts = Tries::given(contexts.collect());
            let found = lists().find_map(|list| self.first(gap, sides, list, Some(&contexts)));
            if found.is_some() {
                return found;
            }
        }
        // One gap must not take the work of all others, nor the actions that exist that of a name that may come: in an open
        // world only the latter may be outside.
        let part = match effort {
            Effort::Glance => 1,
            Effort::Full if gap.solved => 32,
            Effort::Full => 6,
        };
        lists().find_map(|list| {
            let share = (self.left / part).max(self.least()).min(self.left);
            let kept = self.left - share;
            self.left -= kept;
            let found = self.first(gap, sides, list, None);
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
        given: Option<&Tries>,
    ) -> Option<Witness> {
        let statement = gap.statement.statement;
        for (action, exists) in actions {
            let both = self.bearing(action)?;
            let mut guessed = None;
            for (piece, resource) in resources(gap, action) {
                for principal in principals(gap.principal) {
                    let values = Values::of(gap, piece, action)?;
                    if !values.map.is_empty() && !clear(gap, piece, action, sides) {
                        continue;
                    }
                    let contexts = given.unwrap_or_else(|| {
                        guessed.get_or_insert_with(|| {
                            let outer = both.outer.statements();
                            let named = gap.principal.is_some();
                            self.contexts().of(statement, outer, &values.map, named)
                        })
                    });
                    for context in contexts.iter() {
                        let principal = principal
                            .clone()
                            .map(|(kind, text)| (kind, values.fill(&text, &context)));
                        let (principal, context) = caller(gap.principal, principal, context);
                        let fill = |resource| aligned(values.fill(resource, &context), &context);
                        let resource = resource.as_ref().map(fill);
                        let action = action.clone();
                        let request = Request { action, resource, principal, context };
                        let real = request.resource.as_deref().is_none_or(is_resource);
                        if !real
                            || !context::Contexts::agrees(&request)
                            || !context::Contexts::is_of_caller(&request)
                        {
                            continue;
                        }
                        self.left = self.left.checked_sub(both.cost)?;
                        if both.proves(&request, &values.map) {
                            let request = trimmed(request, &both);
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
        self.left < self.least()
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

/// What one guess costs, held against these statements.
fn guess<'s, I: Iterator<Item = &'s Statement>>(all: impl Fn() -> I) -> usize {
    let lists = || all().flat_map(|statement| &statement.resources);
    let lengths = || lists().flat_map(|list| &list.patterns).map(|one| one.symbols.len());
    let longest = lengths().max().unwrap_or(0);
    // A request is about as long as the longest pattern. Only patterns beyond all reason weigh more than others.
    let weight = |length: usize| 1 + length.saturating_mul(longest) / 8_192;
    GUESS + all().count() + lengths().map(weight).sum::<usize>()
}

impl Both<'_> {
    fn proves(&self, request: &Request, values: &BTreeMap<Hole, String>) -> bool {
        let evaluator = Evaluator { values };
        self.inner.access(&evaluator, request) == Access::Allowed
            && self.outer.access(&evaluator, request) == Access::Denied
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
    mut context: context::Context,
) -> (Option<(PrincipalKind, String)>, context::Context) {
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
fn trimmed(request: Request, both: &Both<'_>) -> Request {
    let mut request = request;
    let none = BTreeMap::new();
    let keys: Vec<String> = request.context.keys().cloned().collect();
    for key in keys {
        if context::Contexts::is_always_present(&key) {
            continue;
        }
        let mut shorter = request.clone();
        shorter.context.remove(&key);
        if both.proves(&shorter, &none) {
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
