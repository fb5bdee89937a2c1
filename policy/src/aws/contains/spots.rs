//! The search for gaps among the resources of one class of actions.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::super::relation::{Asked, Piece, Stand, explore};
use super::super::solver::Context;
use super::engine::Engine;
use super::scope::{Scope, Spots, filled};
use crate::glob::Exhausted;

/// Resources of one gap that a counterexample can be chosen from.
const ENOUGH: usize = 4;

/// A gap in one piece of resources: a string of it, but for the attached resource, and a context, if one was found.
struct Spot {
    word: Option<String>,
    context: Option<Context>,
}

impl<'e> Engine<'e> {
    /// The gaps among the resources, for actions that just these statements match.
    pub(super) fn resources(
        &mut self,
        scope: &mut Scope<'e>,
        class: Vec<bool>,
    ) -> Result<Spots, Exhausted> {
        if let Some(known) = scope.known.get(&class) {
            return Ok(known.clone());
        }
        let mut spots = Spots::default();
        for (number, piece) in scope.pieces.iter().enumerate() {
            let Some(Spot { word, context }) = self.resource(scope, &class, piece.as_ref())? else {
                continue;
            };
            if let Some(context) = context {
                spots.resources.insert(0, (number, word));
                spots.contexts.push(context);
                break;
            }
            spots.resources.push((number, word));
            if spots.resources.len() >= ENOUGH {
                break;
            }
        }
        scope.known.insert(class, spots.clone());
        Ok(spots)
    }

    /// A gap in one piece of resources.
    fn resource(
        &mut self,
        scope: &Scope<'e>,
        class: &[bool],
        piece: Option<&Piece<'e>>,
    ) -> Result<Option<Spot>, Exhausted> {
        self.budget.spend(scope.statements.len() + 1)?;
        let stands = stands(scope, class, piece);
        let loose = stands.iter().enumerate().map(|(index, stand)| match stand {
            Stand::All => true,
            Stand::Some => scope.upper(index),
            Stand::None => false,
        });
        let loose: Vec<bool> = loose.collect();
        let Engine { budget, solving, .. } = self;
        // With every doubtful Deny taken for true, and no doubtful Allow, there is no gap: none of the rest matters.
        if !scope.open(&loose, solving)? {
            return Ok(None);
        }
        let Some(piece) = piece else {
            let context = scope.context(class, &loose, None, None, solving)?;
            return Ok(Some(Spot { word: None, context }));
        };
        let base: Vec<bool> = stands.iter().map(|stand| *stand == Stand::All).collect();
        let mut first = None;
        let mut tried: HashSet<Vec<bool>> = HashSet::new();
        let mut probe = |matched: &[bool], word: &dyn Fn() -> String| {
            if !tried.insert(matched.to_vec()) || !scope.open(matched, solving)? {
                return Ok(None);
            }
            let word = word();
            let context = scope.context(class, matched, Some(piece), Some(&word), solving)?;
            if scope.is_quick() || context.is_some() {
                return Ok(Some(Spot { word: Some(word), context }));
            }
            first.get_or_insert(Spot { word: Some(word), context });
            Ok(None)
        };
        if let Some((word, symbols)) = filled(piece) {
            let matched = scope.matching(&stands, &base, &symbols);
            if let Some(spot) = probe(&matched, &|| word.clone())? {
                return Ok(Some(spot));
            }
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
        let mut matched = base;
        let found = explore(piece, &asked, budget, |answers, word| {
            for (index, answer) in partial.iter().zip(answers) {
                if let Some(slot) = matched.get_mut(*index) {
                    *slot = *answer;
                }
            }
            match probe(&matched, word).transpose() {
                None => ControlFlow::Continue(()),
                Some(end) => ControlFlow::Break(end),
            }
        });
        match found.and_then(Option::transpose) {
            Ok(found) => Ok(found.or(first)),
            // Something was found before the end.
            Err(exhausted) => first.map(Some).ok_or(exhausted),
        }
    }
}

/// How the statements that match an action stand to a piece of resources.
fn stands<'e>(scope: &Scope<'e>, class: &[bool], piece: Option<&Piece<'e>>) -> Vec<Stand> {
    let members = scope.statements.iter().zip(class).enumerate();
    members
        .map(|(index, (statement, member))| match member {
            true if scope.is_twin(index) => Stand::All,
            true => statement.resources(piece, scope.upper(index)),
            false => Stand::None,
        })
        .collect()
}
