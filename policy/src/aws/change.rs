//! The smallest change of the inner side that closes a gap.
//!
//! Changes are tried, likely ones first, on the statement that the counterexample comes from: each is made on a copy, which is compared
//! anew. So a change that is handed out is one that works, for this statement; other statements may have gaps of their own.

use super::condition::Condition;
use super::contains::inside;
use super::document::{Document, Effect, Statement};
use super::evaluate::Evaluator;
use super::pattern::{ActionPattern, Actions, ResourcePattern, Resources, Service};
use super::principal::{Principal, Principals};
use super::{Composition, Decision};
use crate::glob::{self, Symbol};
use crate::verdict::{Change, Counterexample, Verdict};
use std::collections::BTreeMap;

/// Lists longer than this are not gone through element by element.
const LONGEST: usize = 48;

/// What to change in the statement behind a counterexample so that the outer side allows all of it.
///
/// None without a counterexample, for a statement that is not understood, and where nothing short of writing the statement anew helps.
/// Compares many times: ask only for what is shown to somebody.
pub fn change(outer: &[&Document], inner: &[&Document], decision: &Decision) -> Option<Change> {
    let Verdict::Outside(example) = &decision.open else { return None };
    let place = decision.inner_statement.as_ref()?;
    let document = *inner.get(place.document)?;
    let statement = document.statements.get(place.statement)?;
    if !statement.opaque.is_empty() || statement.actions.negated {
        return None;
    }
    let bench = Bench::new(outer, inner, document, statement, example);
    let listed = statement.actions.patterns.len();
    let every = 0..listed;
    let bad: Vec<usize> = if listed <= LONGEST {
        every.filter(|index| !bench.fits(&bench.only_action(*index))).collect()
    } else {
        every.filter(|index| bench.asks_for(*index)).collect()
    };
    let culprit = bad.iter().copied().find(|index| bench.asks_for(*index))?;
    bench
        .fewer_principals(&bad)
        .or_else(|| bench.foreign_actions(&bad))
        .or_else(|| bench.narrower_action(culprit))
        .or_else(|| bench.fewer_resources(culprit))
        .or_else(|| bench.narrower_resource(culprit))
        .or_else(|| bench.conditions(culprit))
        .or_else(|| Some(bench.drop_actions(&bad)))
}

/// What a change is tried on.
struct Bench<'a> {
    outer: &'a [&'a Document],
    /// What the inner side refuses: it counts whatever else is changed.
    refusals: Vec<Document>,
    document: &'a Document,
    statement: &'a Statement,
    example: &'a Counterexample,
}

impl<'a> Bench<'a> {
    fn new(
        outer: &'a [&'a Document],
        inner: &[&Document],
        document: &'a Document,
        statement: &'a Statement,
        example: &'a Counterexample,
    ) -> Self {
        let refusals = inner.iter().filter_map(|document| {
            let mut refusing = (*document).clone();
            refusing.statements.retain(|statement| statement.effect == Effect::Deny);
            (!refusing.statements.is_empty()).then_some(refusing)
        });
        Self { outer, refusals: refusals.collect(), document, statement, example }
    }

    /// Whether a statement in the place of the one at hand is inside.
    fn fits(&self, statement: &Statement) -> bool {
        let changed = Document {
            statements: vec![statement.clone()],
            specials: self.document.specials.clone(),
            warnings: Vec::new(),
            loose: None,
        };
        let inner: Vec<&Document> = self.refusals.iter().chain([&changed]).collect();
        inside(self.outer, &Composition::of(&inner))
    }

    fn action(&self, index: usize) -> Option<&'a ActionPattern> {
        self.statement.actions.patterns.get(index)
    }

    /// Whether the counterexample's action comes from this pattern.
    fn asks_for(&self, index: usize) -> bool {
        let evaluator = Evaluator { values: &BTreeMap::new() };
        self.action(index)
            .is_some_and(|own| evaluator.action_matches(&own.text, &self.example.action))
    }

    fn only_action(&self, index: usize) -> Statement {
        self.with_actions(self.action(index).into_iter().cloned().collect())
    }

    fn with_actions(&self, patterns: Vec<ActionPattern>) -> Statement {
        Statement { actions: Actions::new(false, patterns), ..self.statement.clone() }
    }

    /// The statement with one of its actions, on these resources.
    fn on(&self, action: usize, patterns: Vec<ResourcePattern>) -> Statement {
        let resources = Some(Resources { negated: false, patterns });
        Statement { resources, ..self.only_action(action) }
    }

    fn grants(&self) -> impl Iterator<Item = &'a Statement> {
        let statements = self.outer.iter().flat_map(|document| &document.statements);
        statements.filter(|other| other.effect == Effect::Allow && other.opaque.is_empty())
    }

    /// What the outer side grants for actions of a pattern.
    fn relevant(&self, action: usize) -> impl Iterator<Item = &'a Statement> {
        let own = self.action(action);
        self.grants().filter(move |other| {
            let meets = |theirs: &ActionPattern| own.is_some_and(|own| may_meet(own, theirs));
            other.actions.negated || other.actions.patterns.iter().any(meets)
        })
    }

    /// Principals that are let in and must not be.
    fn fewer_principals(&self, bad: &[usize]) -> Option<Change> {
        let listed = self.statement.principals.as_ref()?;
        if listed.negated.is_some() || listed.list.len() > LONGEST {
            return None;
        }
        // With an action too many, no principal would fit.
        let granted =
            |index: &usize| !bad.contains(index) || self.relevant(*index).next().is_some();
        let actions: Vec<ActionPattern> = (0..self.statement.actions.patterns.len())
            .filter(granted)
            .filter_map(|index| self.action(index).cloned())
            .collect();
        if actions.is_empty() || self.conditioned(bad) {
            return None;
        }
        let reduced = self.with_actions(actions);
        let alone = |principal: &&Principal| {
            let principals = Some(Principals { negated: None, list: vec![(*principal).clone()] });
            !self.fits(&Statement { principals, ..reduced.clone() })
        };
        let culprits: Vec<String> =
            listed.list.iter().filter(alone).map(|principal| principal.text.to_string()).collect();
        (!culprits.is_empty()).then_some(Change::Drop(culprits))
    }

    /// Whether the conditions of the outer side alone would do, which asks for less than dropping somebody.
    fn conditioned(&self, bad: &[usize]) -> bool {
        bad.first().is_some_and(|action| self.conditions(*action).is_some())
    }

    /// Actions that the outer side grants nowhere.
    fn foreign_actions(&self, bad: &[usize]) -> Option<Change> {
        let foreign: Vec<usize> =
            bad.iter().copied().filter(|index| self.relevant(*index).next().is_none()).collect();
        foreign.iter().any(|index| self.asks_for(*index)).then(|| self.drop_actions(&foreign))
    }

    fn drop_actions(&self, actions: &[usize]) -> Change {
        let texts = actions.iter().filter_map(|index| self.action(*index));
        Change::Drop(texts.map(|pattern| pattern.text.to_string()).collect())
    }

    /// The part of an action pattern that is granted.
    fn narrower_action(&self, action: usize) -> Option<Change> {
        let own = self.action(action)?;
        if !own.text.as_str()?.contains(['*', '?']) {
            return None;
        }
        let mut parts: Vec<&ActionPattern> = Vec::new();
        for theirs in self.relevant(action).flat_map(|other| {
            let listed =
                if other.actions.negated { &[] } else { other.actions.patterns.as_slice() };
            listed.iter().take(LONGEST)
        }) {
            let known = parts.iter().any(|part| part.text == theirs.text);
            if !known
                && theirs.doubt.is_none()
                && covers_action(own, theirs)
                && self.fits(&self.with_actions(vec![theirs.clone()]))
            {
                parts.push(theirs);
            }
        }
        let to: Vec<String> = parts.iter().map(|part| part.text.to_string()).collect();
        (!to.is_empty()).then(|| Change::Narrow { from: own.text.to_string(), to })
    }

    /// The resources that are listed and not granted, if others are.
    fn fewer_resources(&self, action: usize) -> Option<Change> {
        let listed = self.resources()?;
        if listed.len() < 2 || listed.len() > LONGEST {
            return None;
        }
        let bad: Vec<&ResourcePattern> = listed
            .iter()
            .filter(|one| !self.fits(&self.on(action, vec![(*one).clone()])))
            .collect();
        let some = !bad.is_empty() && bad.len() < listed.len();
        some.then(|| Change::Drop(bad.iter().map(|one| one.text.to_string()).collect()))
    }

    /// The part of a resource pattern that is granted.
    fn narrower_resource(&self, action: usize) -> Option<Change> {
        for own in self.resources()?.iter().take(LONGEST) {
            let mut parts: Vec<&ResourcePattern> = Vec::new();
            for theirs in self.relevant(action).flat_map(|other| {
                let listed = other.resources.as_ref().filter(|resources| !resources.negated);
                listed.into_iter().flat_map(|resources| resources.patterns.iter().take(LONGEST))
            }) {
                let known = parts.iter().any(|part| part.text == theirs.text);
                if !known
                    && narrower(own, theirs)
                    && self.fits(&self.on(action, vec![theirs.clone()]))
                {
                    parts.push(theirs);
                }
            }
            let to: Vec<String> = parts.iter().map(|part| part.text.to_string()).collect();
            if !to.is_empty() {
                return Some(Change::Narrow { from: own.text.to_string(), to });
            }
        }
        None
    }

    /// Conditions under which the outer side grants it.
    fn conditions(&self, action: usize) -> Option<Change> {
        self.relevant(action).take(LONGEST).find_map(|other| {
            let own = &self.statement.conditions;
            let missing: Vec<&Condition> =
                other.conditions.iter().filter(|one| !own.contains(one)).collect();
            let texts: Option<Vec<String>> = missing.iter().map(|one| described(one)).collect();
            let texts = texts.filter(|texts| !texts.is_empty())?;
            let mut changed = self.only_action(action);
            changed.conditions.extend(missing.into_iter().cloned());
            self.fits(&changed).then_some(Change::Require(texts))
        })
    }

    fn resources(&self) -> Option<&'a [ResourcePattern]> {
        let listed = self.statement.resources.as_ref()?;
        (!listed.negated).then_some(listed.patterns.as_slice())
    }
}

/// Whether two action patterns can speak of the same action.
fn may_meet(one: &ActionPattern, other: &ActionPattern) -> bool {
    let services = match (&one.service, &other.service) {
        (Service::Never, _) | (_, Service::Never) => false,
        (Service::All, _) | (_, Service::All) => true,
        (Service::Named(one), Service::Named(other)) => one == other,
    };
    services && glob::meets(&one.name, &other.name)
}

fn covers_action(outer: &ActionPattern, inner: &ActionPattern) -> bool {
    let services = match (&outer.service, &inner.service) {
        (_, Service::Never) | (Service::Never, _) | (Service::Named(_), Service::All) => false,
        (Service::All, _) => true,
        (Service::Named(outer), Service::Named(inner)) => outer == inner,
    };
    services && glob::covers(&outer.name, &inner.name)
}

/// Whether a pattern of the other side says less than one's own. Specials have other numbers there: only without them is it certain.
fn narrower(own: &ResourcePattern, theirs: &ResourcePattern) -> bool {
    let plain = |pattern: &ResourcePattern| {
        !pattern.opaque
            && !pattern.symbols.iter().any(|symbol| matches!(symbol, Symbol::Special(_)))
    };
    plain(own)
        && plain(theirs)
        && own.text != theirs.text
        && glob::covers(&own.symbols, &theirs.symbols)
}

/// A condition in one line. None for one that cannot be written down.
fn described(condition: &Condition) -> Option<String> {
    match condition {
        Condition::Entry(entry) => {
            let values: Vec<String> = entry.values.iter().map(ToString::to_string).collect();
            Some(format!("{} {} = {}", entry.operator, entry.key, values.join(", ")))
        }
        Condition::Resolves(_) | Condition::Unclear(_) => None,
    }
}

#[cfg(test)]
mod tests;
