//! The search for gaps among the resources of one class of actions.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::ControlFlow;

use super::super::relation::{Asked, Piece, Stand, explore};
use super::super::solver::Context;
use super::engine::Engine;
use super::scope::{Scope, Spots, filled};
use crate::glob::{Budget, Exhausted};

/// Resources of one gap that a counterexample can be chosen from.
const ENOUGH: usize = 4;

/// A gap in one piece of resources: a string of it, but for the attached resource and where the search was given up, and
/// a context, if one was found.
#[derive(PartialEq)]
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
        let Engine { budget, solving, progress, tired, .. } = self;
        // Too hard a question may be a gap.
        let mut judge = |matched: &[bool], solving: &mut _| {
            scope.open(matched, solving).unwrap_or_else(|Exhausted| {
                tired.get_or_insert(*progress);
                true
            })
        };
        // With every doubtful Deny taken for true, and no doubtful Allow, there is no gap: none of the rest matters.
        if !judge(&loose, solving) {
            return Ok(None);
        }
        let Some(piece) = piece else {
            let context = scope.context(class, &loose, None, None, solving).unwrap_or_default();
            return Ok(Some(Spot { word: None, context }));
        };
        let base: Vec<bool> = stands.iter().map(|stand| *stand == Stand::All).collect();
        let first = RefCell::new(None);
        let mut tried: HashSet<Vec<bool>> = HashSet::new();
        let mut probe = |matched: &[bool], word: &dyn Fn() -> String| {
            if !tried.insert(matched.to_vec()) || !judge(matched, solving) {
                return None;
            }
            let word = word();
            let found = scope.context(class, matched, Some(piece), Some(&word), solving);
            let context = found.unwrap_or_default();
            let enough = scope.is_quick() || context.is_some();
            let spot = Spot { word: Some(word), context };
            if enough {
                return Some(spot);
            }
            first.borrow_mut().get_or_insert(spot);
            None
        };
        if let Some((word, symbols)) = filled(piece) {
            let matched = scope.matching(&stands, &base, &symbols);
            if let Some(spot) = probe(&matched, &|| word.clone()) {
                return Ok(Some(spot));
            }
        }
        let mut asked = Vec::new();
        let mut partial = Vec::new();
        for (index, statement) in scope.statements.iter().enumerate() {
            if stands.get(index) == Some(&Stand::Some) {
                let (negated, globs) = statement.resource_globs(scope.upper(index));
                asked.push(Asked { negated, opens: scope.opens(index), globs });
                partial.push(index);
            }
        }
        let mut matched = base;
        let mut search = |all: bool, budget: &mut Budget| {
            let mut share = budget.share(if all { 1 } else { 6 });
            let found = explore(piece, &asked, all, &mut share, |answers, word| {
                for (index, answer) in partial.iter().zip(answers) {
                    if let Some(slot) = matched.get_mut(*index) {
                        *slot = *answer;
                    }
                }
                probe(&matched, word).map_or(ControlFlow::Continue(()), ControlFlow::Break)
            });
            budget.give_back(share);
            found
        };
        // The likeliest strings are enough for a proof. For an example another one may do.
        let mut found = search(false, budget);
        if found == Ok(None) && first.borrow().is_some() {
            found = search(true, budget).or(Ok(None));
        }
        let given_up = found.is_err();
        if given_up {
            tired.get_or_insert(*progress);
        }
        // Something may have been found before the end, or may come.
        let unknown = || given_up.then_some(Spot { word: None, context: None });
        Ok(found.ok().flatten().or(first.take()).or_else(unknown))
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
