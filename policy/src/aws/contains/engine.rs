//! The search for gaps.

use std::collections::{BTreeSet, HashSet};
use std::ops::ControlFlow;

use super::super::document::Effect;
use super::super::principal::{Asker, Caller, Principal};
use super::super::relation::{Asked, Piece, Prepared, Stand, explore};
use super::super::solver::Context;
use super::callers::callers;
use super::scope::{ActionPiece, Resources, Scope, Sides, Spots, actions};
use super::solved::{Solving, speaks_of_caller};
use super::world::{World, names};
use crate::glob::{Budget, Exhausted};

/// Something that the inner side may allow and the outer side may not.
pub(in crate::aws) struct Gap<'e> {
    /// The inner statement that allows it.
    pub(in crate::aws) statement: &'e Prepared<'e>,
    pub(in crate::aws) asker: Asker<'e>,
    /// The one that a policy names.
    pub(in crate::aws) principal: Option<&'e Principal>,
    /// Which of the statement's action patterns; none if it is a complement or opaque.
    pub(in crate::aws) pattern: Option<usize>,
    /// In lower case; none for a service that no document mentions.
    pub(in crate::aws) service: Option<String>,
    /// In lower case.
    pub(in crate::aws) name: String,
    /// An action of the gap that exists, as AWS spells it, where only such ones were looked at.
    pub(in crate::aws) spelled: Option<String>,
    /// Which of the statement's resource patterns, each with a resource; none for the attached one.
    pub(in crate::aws) resources: Resources,
    /// Contexts in which the gap shows, found by solving the conditions.
    pub(in crate::aws) contexts: Vec<Context>,
    /// Whether they were looked for: then guesses hardly find any.
    pub(in crate::aws) solved: bool,
}

/// A name for which there are gaps.
struct Found {
    name: String,
    spelled: Option<String>,
    spots: Spots,
}

/// How far the search is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// The inner statement at hand, from 1.
    pub(super) statement: usize,
    /// Its action patterns, by service, and how many of them are settled.
    pub(super) pieces: usize,
    pub(super) settled: usize,
}

/// All statements of both sides in one reading.
pub(in crate::aws) struct Engine<'e> {
    sides: Sides<'e>,
    world: World,
    pub(super) budget: Budget,
    steps: u64,
    /// Made for the first gap that text alone does not close.
    pub(super) solving: Option<Solving<'e>>,
    /// The services that other statements than the one at hand name; likewise.
    mentioned: Option<BTreeSet<&'e str>>,
    pub(super) progress: Progress,
    /// How far the search was when one question turned out too hard; the others were looked at all the same.
    pub(super) tired: Option<Progress>,
}

impl<'e> Engine<'e> {
    pub(in crate::aws) fn new(sides: Sides<'e>, world: World, steps: u64) -> Self {
        let (solving, mentioned, progress) = (None, None, Progress::default());
        let (budget, tired) = (Budget::new(steps), None);
        Self { sides, world, budget, steps, solving, mentioned, progress, tired }
    }

    /// Shows every gap until `stop` returns true: one for each action pattern, service and principal at most.
    pub(in crate::aws) fn run(
        &mut self,
        actions: &mut Budget,
        stop: &mut dyn FnMut(Gap<'e>) -> bool,
    ) -> Result<(), Exhausted> {
        for statement in self.sides.inner {
            if statement.statement.effect == Effect::Deny {
                continue;
            }
            self.progress = Progress { statement: statement.index + 1, pieces: 0, settled: 0 };
            let named = |principal: &'e Principal| {
                (Asker::Named(Caller { principal, rest: false }), Some(principal))
            };
            let askers = match &statement.statement.principals {
                Some(_) if !statement.statement.opaque.is_empty() => vec![(Asker::Attached, None)],
                Some(list) if list.negated.is_some() => vec![(Asker::Vague, None)],
                Some(list) => list.list.iter().map(named).collect(),
                None => vec![(Asker::Attached, None)],
            };
            let pieces = self.pieces(statement);
            self.progress.pieces = pieces.len() * askers.len();
            for (asker, principal) in askers {
                if self.asker(statement, (asker, principal), &pieces, actions, stop)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Whether `stop` has returned true.
    fn asker(
        &mut self,
        statement: &'e Prepared<'e>,
        (asker, principal): (Asker<'e>, Option<&'e Principal>),
        pieces: &[ActionPiece<'e>],
        actions: &mut Budget,
        stop: &mut dyn FnMut(Gap<'e>) -> bool,
    ) -> Result<bool, Exhausted> {
        let mut quick = Scope::implied(statement, asker, self.sides);
        let mut exact: Option<Vec<(Asker<'e>, Scope<'e>)>> = None;
        for (pattern, service, piece) in pieces {
            let at = service.as_deref();
            let found = self.action(&mut quick, at, piece, actions)?;
            self.progress.settled += usize::from(found.is_none());
            let Some(found) = found else { continue };
            let gap = |asker: Asker<'e>, principal, found: Found, solved| Gap {
                statement,
                asker,
                principal,
                pattern: *pattern,
                service: service.clone(),
                name: found.name,
                spelled: found.spelled,
                resources: found.spots.resources,
                contexts: found.spots.contexts,
                solved,
            };
            if self.is_plain(statement, asker, at, piece) {
                if stop(gap(asker, principal, found, false)) {
                    return Ok(true);
                }
                continue;
            }
            let mut closed = true;
            for (asker, scope) in exact.get_or_insert_with(|| self.exact(statement, asker)) {
                self.solving.iter_mut().for_each(Solving::forget);
                if let Some(found) = self.action(scope, at, piece, actions)? {
                    closed = false;
                    let principal = match asker {
                        Asker::Named(caller) => Some(caller.principal),
                        Asker::Attached | Asker::Vague => None,
                    };
                    if stop(gap(*asker, principal, found, true)) {
                        return Ok(true);
                    }
                }
            }
            self.progress.settled += usize::from(closed);
        }
        Ok(false)
    }

    /// The actions of a statement, piece by piece.
    fn pieces(&mut self, statement: &'e Prepared<'e>) -> Vec<ActionPiece<'e>> {
        let sides = self.sides;
        let mut every = || {
            let mentioned = self.mentioned.get_or_insert_with(|| {
                let granting = |one: &Prepared<'_>| {
                    one.serial < sides.inner.len() && one.statement.effect == Effect::Allow
                };
                let all = sides.all().filter(|one| !granting(one));
                all.flat_map(|one| one.statement.actions.services()).collect()
            });
            mentioned.clone()
        };
        actions(statement, &mut every)
    }

    /// The scopes of the exact judgement, one for each group of those who ask.
    fn exact(
        &mut self,
        statement: &'e Prepared<'e>,
        asker: Asker<'e>,
    ) -> Vec<(Asker<'e>, Scope<'e>)> {
        let sides = self.sides;
        let principals = sides.all().any(|one| one.statement.principals.is_some());
        let steps = self.steps;
        self.solving.get_or_insert_with(|| Solving::new(principals, steps));
        let askers = match asker {
            Asker::Named(caller) => {
                let derived = speaks_of_caller(sides);
                let callers = callers(caller.principal, sides.all()).into_iter();
                let used = |facts| if derived { facts } else { Vec::new() };
                callers.map(|(caller, facts)| (Asker::Named(caller), used(facts))).collect()
            }
            Asker::Attached | Asker::Vague => vec![(asker, Vec::new())],
        };
        let scope = |(asker, facts)| (asker, Scope::solved(statement, asker, sides, facts));
        askers.into_iter().map(scope).collect()
    }

    /// Whether neither conditions nor limits nor those who ask bear on the piece: then nothing is to be solved.
    fn is_plain(
        &self,
        own: &Prepared<'e>,
        asker: Asker<'e>,
        service: Option<&str>,
        piece: &Piece<'e>,
    ) -> bool {
        let whole = match asker {
            Asker::Attached | Asker::Vague => true,
            Asker::Named(caller) => callers(caller.principal, self.sides.all()).len() == 1,
        };
        whole
            && self.sides.limits.is_empty()
            && own.statement.conditions.is_empty()
            && !self.sides.inner.iter().chain(self.sides.outer).any(|other| {
                let inner = other.serial < self.sides.inner.len();
                let bears = !inner || other.statement.effect != Effect::Allow;
                bears
                    && !other.statement.conditions.is_empty()
                    && other.actions(service, piece, true) != Stand::None
            })
    }

    /// The first name of the piece for which there are gaps; of the exact judgement rather one with a context.
    fn action(
        &mut self,
        scope: &mut Scope<'e>,
        service: Option<&str>,
        piece: &Piece<'_>,
        budget: &mut Budget,
    ) -> Result<Option<Found>, Exhausted> {
        budget.spend(scope.statements.len() + 1)?;
        let mut stands = vec![None; scope.statements.len()];
        if scope.covered(&mut stands, service, piece) {
            return Ok(None);
        }
        for index in 0..scope.statements.len() {
            scope.stand(&mut stands, index, service, piece);
        }
        let mut partial = Vec::new();
        for index in 0..scope.statements.len() {
            if stands.get(index) == Some(&Some(Stand::Some)) {
                partial.push(index);
            }
        }
        let base: Vec<bool> = stands.iter().map(|stand| *stand == Some(Stand::All)).collect();
        let quick = scope.is_quick();
        let good = |found: &Found| quick || !found.spots.contexts.is_empty();
        if self.world == World::Catalogue
            && let Some(names) = names(self.sides, service, piece)
        {
            return self.existing(scope, service, names, (&partial, &base));
        }
        let mut first: Option<Found> = None;
        let mut seen: HashSet<Vec<bool>> = HashSet::new();
        // One name may do: only if it does not are the others looked at, class by class.
        if let Some((name, class)) = scope.simple_name(service, piece, &partial, &base) {
            let spots = self.resources(scope, class.clone())?;
            if !spots.resources.is_empty() {
                let found = Found { name, spelled: None, spots };
                if good(&found) {
                    return Ok(Some(found));
                }
                first = Some(found);
            }
            seen.insert(class);
        }
        if partial.is_empty() && !seen.is_empty() {
            return Ok(first);
        }
        let mut asked = Vec::with_capacity(partial.len());
        for index in &partial {
            if let Some(statement) = scope.statements.get(*index) {
                let (negated, globs) = statement.action_globs(service, scope.upper(*index));
                asked.push(Asked { negated, opens: scope.opens(*index), globs });
            }
        }
        let found = explore(piece, &asked, true, budget, |answers, word| {
            let mut class = base.clone();
            for (index, answer) in partial.iter().zip(answers) {
                if let Some(slot) = class.get_mut(*index) {
                    *slot = *answer;
                }
            }
            if !seen.insert(class.clone()) {
                return ControlFlow::Continue(());
            }
            match self.resources(scope, class) {
                Ok(spots) if spots.resources.is_empty() => ControlFlow::Continue(()),
                Ok(spots) => {
                    let found = Found { name: word(), spelled: None, spots };
                    if good(&found) {
                        return ControlFlow::Break(Ok(found));
                    }
                    first.get_or_insert(found);
                    ControlFlow::Continue(())
                }
                Err(exhausted) => ControlFlow::Break(Err(exhausted)),
            }
        });
        match found {
            Ok(found) => Ok(found.transpose()?.or(first)),
            // Something was found before the end.
            Err(exhausted) => first.map(Some).ok_or(exhausted),
        }
    }

    /// The same among the names that exist.
    fn existing(
        &mut self,
        scope: &mut Scope<'e>,
        service: Option<&str>,
        names: Vec<super::world::Name>,
        (partial, base): (&[usize], &[bool]),
    ) -> Result<Option<Found>, Exhausted> {
        let mut first: Option<Found> = None;
        let mut seen: HashSet<Vec<bool>> = HashSet::new();
        for (symbols, spelled) in names {
            self.budget.spend(partial.len() + 1)?;
            let class = scope.class(service, &symbols, partial, base);
            if !seen.insert(class.clone()) {
                continue;
            }
            let spots = self.resources(scope, class)?;
            if spots.resources.is_empty() {
                continue;
            }
            let name = spelled.split_once(':').map_or("", |(_, name)| name).to_ascii_lowercase();
            let enough = scope.is_quick() || !spots.contexts.is_empty();
            let found = Found { name, spelled: Some(spelled), spots };
            if enough {
                return Ok(Some(found));
            }
            first.get_or_insert(found);
        }
        Ok(first)
    }
}
