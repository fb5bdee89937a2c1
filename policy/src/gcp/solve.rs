//! Whether one condition implies that one of several others holds.
//!
//! The attributes that conditions ask about are independent, and each has finitely many classes of values that no atom tells
//! apart: strings by the product automaton of their patterns, times by the constants and the gaps between them, lists by
//! which constants are in them. Opaque questions are true, false or an error, as they like. Over the classes everything is
//! tried, so the answer is exact but for what is opaque, and for attributes that hang together.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::condition::{Atom, Attribute, Expr, Order};
use super::facts::{Facts, Place};
use crate::glob::{Budget, Exhausted};

mod classes;

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Wherever the first condition holds, one of the others does.
    Implied,
    /// Here the first holds and none of the others.
    Gap(Facts),
    /// Neither could be shown.
    Unclear,
}

/// What is asked.
pub(super) struct Question<'e> {
    /// The condition of the inner side.
    pub(super) inner: &'e Expr,
    /// Conditions of what the outer side grants for certain.
    pub(super) lower: &'e [&'e Expr],
    /// Conditions of what it may grant as well.
    pub(super) upper: &'e [&'e Expr],
    /// Where.
    pub(super) place: &'e Place,
}

/// A class of values of one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Class {
    /// The values of the atoms about it; none is an error.
    truth: Vec<(usize, Option<bool>)>,
    sample: Sample,
}

/// Values of a class, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sample {
    /// The attribute is not there.
    Absent,
    Words(Attribute, Vec<String>),
    Time(i128),
    List(String, Vec<String>),
}

/// Answers the question.
pub(super) fn solve(question: &Question<'_>, budget: &mut Budget) -> Result<Outcome, Exhausted> {
    let mut atoms = Vec::new();
    for expr in std::iter::once(&question.inner).chain(question.lower).chain(question.upper) {
        expr.atoms(&mut atoms);
    }
    atoms.sort_unstable();
    atoms.dedup();
    let solver = Solver { question, atoms };
    let variables = classes::classes(&solver.atoms, question.place, budget)?;
    let mut choice = vec![0; variables.len()];
    let mut gap = false;
    loop {
        let chosen: Vec<&Class> = variables
            .iter()
            .zip(&choice)
            .filter_map(|(classes, index)| classes.get(*index))
            .collect();
        match solver.at(&chosen, budget)? {
            ControlFlow::Break(facts) => return Ok(Outcome::Gap(facts)),
            ControlFlow::Continue(here) => gap |= here,
        }
        if !advance(&mut choice, &variables) {
            return Ok(if gap { Outcome::Unclear } else { Outcome::Implied });
        }
    }
}

/// The next choice of one class for each attribute. False after the last one.
fn advance(choice: &mut [usize], variables: &[Vec<Class>]) -> bool {
    for (index, classes) in choice.iter_mut().zip(variables) {
        *index += 1;
        if *index < classes.len() {
            return true;
        }
        *index = 0;
    }
    false
}

struct Solver<'q, 'e> {
    question: &'q Question<'e>,
    atoms: Vec<&'e Atom>,
}

impl Solver<'_, '_> {
    /// One choice of classes: the facts of a gap that is certain, or whether there may be one.
    fn at(
        &self,
        chosen: &[&Class],
        budget: &mut Budget,
    ) -> Result<ControlFlow<Facts, bool>, Exhausted> {
        let mut values: Vec<Option<bool>> = vec![None; self.atoms.len()];
        for (index, truth) in chosen.iter().flat_map(|class| &class.truth) {
            if let Some(slot) = values.get_mut(*index) {
                *slot = *truth;
            }
        }
        let free = |tags: bool| {
            let kind = move |atom: &Atom| match atom {
                Atom::Opaque(_) => true,
                Atom::Tag(_) => tags,
                Atom::String(..) | Atom::Time(..) | Atom::Only(..) => false,
            };
            self.atoms
                .iter()
                .enumerate()
                .filter(move |(_, atom)| kind(atom))
                .map(|(index, _)| index)
        };
        let all: Vec<usize> = free(true).collect();
        if !self.any(&mut values, &all, budget, &mut |values| self.escapes(values, false))? {
            return Ok(ControlFlow::Continue(false));
        }
        if chosen.iter().any(|class| class.sample == Sample::Absent) {
            return Ok(ControlFlow::Continue(true));
        }
        let opaque: Vec<usize> = free(false).collect();
        let tags: Vec<usize> =
            all.iter().copied().filter(|index| !opaque.contains(index)).collect();
        // A resource without tags can always be; tags hang together, so only one of them is set by itself.
        for tagged in [false, true] {
            if tagged && tags.len() != 1 {
                continue;
            }
            for index in &tags {
                if let Some(slot) = values.get_mut(*index) {
                    *slot = Some(tagged);
                }
            }
            let fails = &mut |values: &[Option<bool>]| !self.escapes(values, true);
            if !self.any(&mut values, &opaque, budget, fails)?
                && let Some(mut facts) = facts(chosen, self.question.place)
            {
                for index in &tags {
                    if let Some(Atom::Tag(tag)) = self.atoms.get(*index) {
                        facts.tags.insert(tag.clone(), tagged);
                    }
                }
                return Ok(ControlFlow::Break(facts));
            }
        }
        Ok(ControlFlow::Continue(true))
    }

    /// Whether the test holds for some values of the free atoms.
    fn any(
        &self,
        values: &mut Vec<Option<bool>>,
        free: &[usize],
        budget: &mut Budget,
        test: &mut dyn FnMut(&[Option<bool>]) -> bool,
    ) -> Result<bool, Exhausted> {
        let Some((first, rest)) = free.split_first() else {
            budget.spend(self.atoms.len() + 1)?;
            return Ok(test(values));
        };
        for value in [Some(true), Some(false), None] {
            if let Some(slot) = values.get_mut(*first) {
                *slot = value;
            }
            if self.any(values, rest, budget, test)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the inner condition holds and none of the outer ones, or none that may count either.
    fn escapes(&self, values: &[Option<bool>], upper: bool) -> bool {
        let atom = |atom: &Atom| {
            let index = self.atoms.binary_search(&atom).ok()?;
            values.get(index).copied().flatten()
        };
        let holds = |expr: &Expr| expr.value(&atom) == Some(true);
        let more = self.question.upper.iter().filter(|_| upper);
        holds(self.question.inner)
            && !self.question.lower.iter().chain(more).any(|expr| holds(expr))
    }
}

/// Facts out of the samples, if some go together at this place.
fn facts(chosen: &[&Class], place: &Place) -> Option<Facts> {
    let mut facts = Facts::default();
    let mut words: BTreeMap<Attribute, &[String]> = BTreeMap::new();
    for class in chosen {
        match &class.sample {
            Sample::Absent => return None,
            Sample::Words(attribute, all) => _ = words.insert(*attribute, all),
            Sample::Time(time) => facts.time = Some(*time),
            Sample::List(name, list) => _ = facts.lists.insert(name.clone(), list.clone()),
        }
    }
    place.choose(&words, facts)
}

impl Order {
    /// Whether a time stands so to the constant.
    fn holds(self, time: i128, constant: i128) -> bool {
        match self {
            Self::Before => time < constant,
            Self::AtMost => time <= constant,
            Self::At => time == constant,
            Self::AtLeast => time >= constant,
            Self::After => time > constant,
        }
    }
}
