//! The search for gaps.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::super::document::Effect;
use super::super::principal::Principal;
use super::super::relation::{Asked, Piece, Prepared, Specials, Stand, explore};
use super::scope::{Resources, Scope};
use crate::glob::{Budget, Exhausted};

/// Something that the inner side may allow and the outer side may not.
pub(in crate::aws) struct Gap<'e> {
    /// The inner statement that allows it.
    pub(in crate::aws) statement: &'e Prepared<'e>,
    pub(in crate::aws) principal: Option<&'e Principal>,
    /// Which of the statement's action patterns; none if it is a complement or opaque.
    pub(in crate::aws) pattern: Option<usize>,
    /// In lower case; none for a service that no document mentions.
    pub(in crate::aws) service: Option<String>,
    /// In lower case.
    pub(in crate::aws) name: String,
    /// Which of the statement's resource patterns, each with a resource; none for the attached one.
    pub(in crate::aws) resources: Resources,
}

/// All statements of both sides in one reading.
pub(in crate::aws) struct Engine<'e> {
    inner: &'e [Prepared<'e>],
    outer: &'e [Prepared<'e>],
    specials: &'e Specials,
    budget: Budget,
}

/// Resources of one gap that a counterexample can be chosen from.
const ENOUGH: usize = 4;

impl<'e> Engine<'e> {
    pub(in crate::aws) fn new(
        inner: &'e [Prepared<'e>],
        outer: &'e [Prepared<'e>],
        specials: &'e Specials,
        steps: u64,
    ) -> Self {
        Self { inner, outer, specials, budget: Budget::new(steps) }
    }

    /// Shows every gap until `stop` returns true: one for each action pattern, service and principal at most.
    pub(in crate::aws) fn run(
        &mut self,
        actions: &mut Budget,
        stop: &mut dyn FnMut(&Gap<'e>) -> bool,
    ) -> Result<(), Exhausted> {
        for statement in self.inner {
            if statement.statement.effect == Effect::Deny {
                continue;
            }
            let list = statement.statement.principals.as_ref();
            let principals: Vec<Option<&Principal>> = match list {
                Some(list) if statement.statement.opaque.is_empty() => {
                    list.list.iter().map(Some).collect()
                }
                Some(_) | None => vec![None],
            };
            for principal in principals {
                let mut scope =
                    Scope::new(statement, principal, self.inner, self.outer, self.specials);
                for (pattern, service, piece) in scope.actions(statement) {
                    let service = service.as_deref();
                    let Some((name, resources)) =
                        self.action(&mut scope, service, &piece, actions)?
                    else {
                        continue;
                    };
                    let service = service.map(ToOwned::to_owned);
                    if stop(&Gap { statement, principal, pattern, service, name, resources }) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// The first name of the piece for which there are gaps.
    fn action(
        &mut self,
        scope: &mut Scope<'e>,
        service: Option<&str>,
        piece: &Piece<'_>,
        budget: &mut Budget,
    ) -> Result<Option<(String, Resources)>, Exhausted> {
        budget.spend(scope.statements.len() + 1)?;
        let mut stands = vec![None; scope.statements.len()];
        let clear = !(scope.allows..scope.allows + scope.denies).any(|index| {
            scope.meets.get(index - scope.allows) == Some(&true)
                && scope.stand(&mut stands, index, service, piece) != Stand::None
        });
        if clear && (0..scope.allows).any(|index| scope.grants(&mut stands, index, service, piece))
        {
            return Ok(None);
        }
        for index in 0..scope.statements.len() {
            scope.stand(&mut stands, index, service, piece);
        }
        let mut asked = Vec::new();
        let mut partial = Vec::new();
        for (index, statement) in scope.statements.iter().enumerate() {
            if stands.get(index) == Some(&Some(Stand::Some)) {
                let (negated, globs) = statement.action_globs(service, scope.upper(index));
                asked.push(Asked { negated, globs });
                partial.push(index);
            }
        }
        let base: Vec<bool> = stands.iter().map(|stand| *stand == Some(Stand::All)).collect();
        // One name may do: only if it does not are the others looked at, class by class.
        if let Some((name, class)) = scope.simple_name(service, piece, &partial, &base) {
            let gaps = self.resources(scope, class)?;
            if !gaps.is_empty() {
                return Ok(Some((name, gaps)));
            }
        }
        let mut seen: HashSet<Vec<bool>> = HashSet::new();
        let found = explore(piece, &asked, budget, |answers, word| {
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
                Ok(gaps) if gaps.is_empty() => ControlFlow::Continue(()),
                Ok(gaps) => ControlFlow::Break(Ok((word(), gaps))),
                Err(exhausted) => ControlFlow::Break(Err(exhausted)),
            }
        })?;
        found.transpose()
    }

    /// The gaps among the resources, for actions that just these statements match.
    fn resources(
        &mut self,
        scope: &mut Scope<'e>,
        class: Vec<bool>,
    ) -> Result<Resources, Exhausted> {
        if let Some(known) = scope.known.get(&class) {
            return Ok(known.clone());
        }
        let mut gaps = Vec::new();
        for (index, piece) in scope.pieces.iter().enumerate() {
            gaps.extend(self.resource(scope, &class, index, piece.as_ref())?);
            if gaps.len() >= ENOUGH {
                break;
            }
        }
        scope.known.insert(class, gaps.clone());
        Ok(gaps)
    }

    fn resource(
        &mut self,
        scope: &Scope<'e>,
        class: &[bool],
        number: usize,
        piece: Option<&Piece<'e>>,
    ) -> Result<Option<(usize, Option<String>)>, Exhausted> {
        self.budget.spend(scope.statements.len() + 1)?;
        let stands: Vec<Stand> =
            scope
                .statements
                .iter()
                .zip(class)
                .enumerate()
                .map(|(index, (statement, member))| {
                    if *member {
                        statement.resources(piece, scope.upper(index))
                    } else {
                        Stand::None
                    }
                })
                .collect();
        let base: Vec<bool> = stands.iter().map(|stand| *stand == Stand::All).collect();
        let loose: Vec<bool> = stands.iter().map(|stand| *stand != Stand::None).collect();
        // With every doubtful Deny taken for true, and no doubtful Allow, there is no gap: none of the rest matters.
        if !scope.gap(&base, &loose) {
            return Ok(None);
        }
        let Some(piece) = piece else { return Ok(Some((number, None))) };
        if let Some(word) = scope.simple_gap(piece, &stands, &base) {
            return Ok(Some((number, Some(word))));
        }
        let mut asked = Vec::new();
        let mut partial = Vec::new();
        for (index, statement) in scope.statements.iter().enumerate() {
            if stands.get(index) == Some(&Stand::Some) {
                let (negated, globs) = statement.resource_globs(scope.upper(index));
                asked.push(Asked { negated, globs });
                partial.push(index);
            }
        }
        let mut matched = base.clone();
        let found = explore(piece, &asked, &mut self.budget, |answers, word| {
            for (index, answer) in partial.iter().zip(answers) {
                if let Some(slot) = matched.get_mut(*index) {
                    *slot = *answer;
                }
            }
            if scope.gap(&matched, &matched) {
                ControlFlow::Break(word())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        Ok(found.map(|word| (number, Some(word))))
    }
}
