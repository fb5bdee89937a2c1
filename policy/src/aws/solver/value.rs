//! One value of a key for which some entries hold and others fail.
//!
//! First what is likely to do, then what is complete: every representative of numbers, dates and addresses, every
//! string of the patterns' product automaton.

use std::ops::ControlFlow;

use super::entry::{Kind, Test};
use super::scalar::{self, Unit};
use super::text::Pattern;
use super::{Key, KeyId, Mode, Solver, keys};
use crate::glob::{self, Budget, Exhausted, Symbol, product};

/// An entry and whether it has to hold.
type Want<'t> = (&'t Test, bool);

/// Types of values. Values of one are no values of another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Text,
    Number,
    Date,
    Address,
    Bool,
    Binary,
}

const FAMILIES: [Family; 6] =
    [Family::Text, Family::Number, Family::Date, Family::Address, Family::Bool, Family::Binary];

impl Solver<'_> {
    /// A single value with which these entries, taken without their set operators, hold or fail as they should.
    pub(super) fn value(
        &self,
        key: KeyId,
        wants: &[Want<'_>],
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Option<String>, Exhausted> {
        let mut active = Vec::with_capacity(wants.len());
        for &(test, holds) in wants {
            let fixed = match &test.kind {
                Kind::Free | Kind::Presence(_) | Kind::Resolves => Some(test.on("", mode)),
                Kind::Text(..)
                | Kind::Scalar(..)
                | Kind::Address(_)
                | Kind::Bool(_)
                | Kind::Binary(_) => None,
            };
            match fixed {
                Some(answer) if !answer.serves(holds, mode) => return Ok(None),
                Some(_) => {}
                None if test.void && mode == Mode::Possible && !holds => {}
                None => active.push((test, holds)),
            }
        }
        let Some(key) = self.key_of(key) else { return Ok(None) };
        budget.spend(active.len() + 1)?;
        find(key, &active, mode, budget)
    }
}

fn find(
    key: &Key,
    wants: &[Want<'_>],
    mode: Mode,
    budget: &mut Budget,
) -> Result<Option<String>, Exhausted> {
    let serves =
        |value: &str| wants.iter().all(|(test, holds)| test.on(value, mode).serves(*holds, mode));
    if let Some(literals) = wants.iter().find_map(|want| literals(*want, mode)) {
        budget.spend(literals.len() * wants.len())?;
        return Ok(literals.into_iter().find(|value| serves(value)).map(ToOwned::to_owned));
    }
    if key.text && mode == Mode::Possible && wants.iter().any(|(test, _)| !test.is_text()) {
        // What operators on numbers and the like say to other text nobody knows.
        let text: Vec<Want<'_>> =
            wants.iter().copied().filter(|(test, _)| test.is_text()).collect();
        return find(key, &text, mode, budget);
    }
    let families: Vec<Family> = FAMILIES
        .into_iter()
        .filter(|family| wants.iter().any(|(test, _)| of(test) == Some(*family)))
        .collect();
    let likely = keys::likely(key.name.as_deref().unwrap_or_default());
    match families.as_slice() {
        [] => return Ok(likely.first().map(|value| (*value).to_owned())),
        [Family::Text] => {
            if let Some(value) = likely.iter().find(|value| serves(value)) {
                return Ok(Some((*value).to_owned()));
            }
            return string(wants, mode, budget);
        }
        [family] => {
            let values = representatives(*family, wants);
            budget.spend(values.len() * wants.len())?;
            return Ok(values.into_iter().find(|value| serves(value)));
        }
        _ => {}
    }
    // Values of several types: which values of one are values of another is not looked into, but for those at hand.
    let mut first = None;
    for family in families {
        let own: Vec<Want<'_>> =
            wants.iter().copied().filter(|(test, _)| of(test) == Some(family)).collect();
        let values = match family {
            Family::Text => named(wants),
            Family::Number | Family::Date | Family::Address | Family::Bool | Family::Binary => {
                representatives(family, wants)
            }
        };
        budget.spend(values.len() * wants.len())?;
        if let Some(value) = values.into_iter().find(|value| serves(value)) {
            return Ok(Some(value));
        }
        let Some(value) = find(key, &own, mode, budget)? else { return Ok(None) };
        first = first.or(Some(value));
    }
    Ok(first.filter(|_| mode == Mode::Possible))
}

fn of(test: &Test) -> Option<Family> {
    match &test.kind {
        Kind::Text(..) => Some(Family::Text),
        Kind::Scalar(Unit::Number, ..) => Some(Family::Number),
        Kind::Scalar(Unit::Date, ..) => Some(Family::Date),
        Kind::Address(_) => Some(Family::Address),
        Kind::Bool(_) => Some(Family::Bool),
        Kind::Binary(_) => Some(Family::Binary),
        Kind::Free | Kind::Presence(_) | Kind::Resolves => None,
    }
}

/// Strings that policies name.
fn named(wants: &[Want<'_>]) -> Vec<String> {
    let mut out = Vec::new();
    for (test, _) in wants {
        if let Kind::Text(_, patterns) = &test.kind {
            out.extend(patterns.iter().filter_map(|pattern| pattern.literal.clone()));
        }
    }
    out
}

/// One value of the family for each way to answer the entries.
fn representatives(family: Family, wants: &[Want<'_>]) -> Vec<String> {
    let line = |unit: Unit| {
        let mut constants = Vec::new();
        for (test, _) in wants {
            if let Kind::Scalar(own, _, values) = &test.kind
                && *own == unit
            {
                constants.extend(values.iter().flatten().copied());
            }
        }
        let mut values = unit.representatives(constants);
        if values.is_empty() {
            values.push(0);
        }
        values.into_iter().filter_map(|value| unit.write(value)).collect()
    };
    match family {
        Family::Text => named(wants),
        Family::Number => line(Unit::Number),
        Family::Date => line(Unit::Date),
        Family::Address => {
            let mut networks = Vec::new();
            for (test, _) in wants {
                if let Kind::Address(values) = &test.kind {
                    networks.extend(values.iter().flatten().copied());
                }
            }
            scalar::addresses(&networks)
        }
        Family::Bool => vec!["true".to_owned(), "false".to_owned()],
        Family::Binary => {
            let mut named = Vec::new();
            for (test, _) in wants {
                if let Kind::Binary(values) = &test.kind {
                    named.extend(values.iter().flatten().cloned());
                }
            }
            let other = ('A'..='Z')
                .flat_map(|one| ('A'..='Z').map(move |two| format!("{one}{two}AA")))
                .find(|value| !named.contains(value));
            named.extend(other);
            named
        }
    }
}

/// Whether the strings that have to be hit are in the upper reading, or those that must not be in the lower one; and in
/// the mode for certain the other way round.
fn is_upper(hit: bool, mode: Mode) -> bool {
    hit == (mode == Mode::Possible)
}

/// The strings that an entry leaves, if it names each of them.
fn literals((test, holds): Want<'_>, mode: Mode) -> Option<Vec<&str>> {
    let Kind::Text(_, patterns) = &test.kind else { return None };
    let hit = holds != test.negated;
    if !hit || (test.arn() && test.negated && mode == Mode::Possible) {
        return None;
    }
    let mut out = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        match &pattern.literal {
            Some(literal) => out.push(literal.as_str()),
            // What is hit only perhaps is not hit for certain.
            None if mode == Mode::Certain && pattern.lower().is_none() => {}
            None => return None,
        }
    }
    Some(out)
}

/// What one entry asks of a string.
struct Ask<'t> {
    globs: Vec<&'t [Symbol]>,
    /// Whether one of the globs has to match, or none may.
    hit: bool,
    /// What is no ARN will do as well.
    or_no_arn: bool,
    /// It has to be an ARN.
    and_arn: bool,
}

impl<'t> Ask<'t> {
    fn new((test, holds): Want<'t>, mode: Mode) -> Option<Self> {
        let Kind::Text(_, patterns) = &test.kind else { return None };
        let hit = holds != test.negated;
        let reading = if is_upper(hit, mode) { Pattern::upper } else { Pattern::lower };
        Some(Self {
            globs: patterns.iter().filter_map(reading).collect(),
            hit,
            or_no_arn: test.arn() && test.negated && hit && mode == Mode::Possible,
            and_arn: test.arn() && !hit && mode == Mode::Certain,
        })
    }
}

/// A string for entries on strings only.
fn string(
    wants: &[Want<'_>],
    mode: Mode,
    budget: &mut Budget,
) -> Result<Option<String>, Exhausted> {
    if mode == Mode::Certain && wants.iter().any(|(test, holds)| test.void && *holds) {
        return Ok(None);
    }
    let asks: Vec<Ask<'_>> = wants.iter().filter_map(|want| Ask::new(*want, mode)).collect();
    let arn = arn();
    let everything = [Symbol::Many];
    let narrow = asks.iter().filter(|ask| ask.hit && !ask.or_no_arn);
    let generators: Vec<&[Symbol]> = match narrow.min_by_key(|ask| ask.globs.len()) {
        Some(ask) => ask.globs.clone(),
        None if asks.iter().any(|ask| ask.and_arn) => vec![&arn],
        None => vec![&everything],
    };
    for generator in generators {
        let serves = |value: &str| {
            wants.iter().all(|(test, holds)| test.on(value, mode).serves(*holds, mode))
        };
        let filled = ["example", "x", ""].into_iter().map(|filler| fill(generator, filler));
        if let Some(value) = filled.into_iter().find(|value| serves(value)) {
            return Ok(Some(value));
        }
        if let Some(value) = walk(generator, &asks, &arn, budget)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// Looks at one string of the generator for each way to answer what is asked.
fn walk(
    generator: &[Symbol],
    asks: &[Ask<'_>],
    arn: &[Symbol],
    budget: &mut Budget,
) -> Result<Option<String>, Exhausted> {
    let mut patterns: Vec<&[Symbol]> = Vec::new();
    let mut wanted = Vec::with_capacity(asks.len());
    for ask in asks {
        let start = patterns.len();
        for glob in &ask.globs {
            budget.spend(glob.len() + generator.len())?;
            if glob::covers(glob, generator) {
                if !ask.hit {
                    return Ok(None);
                }
                // Hit by all strings of the generator: nothing is left to ask.
                patterns.truncate(start);
                wanted.push((start..start, ask, true));
                break;
            }
            if glob::meets(glob, generator) {
                patterns.push(glob);
            }
        }
        if wanted.last().is_none_or(|(_, last, _)| !std::ptr::eq(*last, ask)) {
            if ask.hit && !ask.or_no_arn && start == patterns.len() {
                return Ok(None);
            }
            wanted.push((start..patterns.len(), ask, false));
        }
    }
    let arns = asks.iter().any(|ask| ask.or_no_arn || ask.and_arn);
    patterns.extend(arns.then_some(arn));
    product::explore(generator, &patterns, budget, |visit| {
        let is_arn = arns && visit.matched.last() == Some(&true);
        let serves = wanted.iter().all(|(range, ask, always)| {
            let hits = *always
                || visit.matched.get(range.clone()).is_some_and(|matched| matched.contains(&true));
            if ask.hit {
                hits || (ask.or_no_arn && !is_arn)
            } else {
                !hits && (is_arn || !ask.and_arn)
            }
        });
        if serves { ControlFlow::Break(visit.word()) } else { ControlFlow::Continue(()) }
    })
}

/// Strings of six components.
fn arn() -> Vec<Symbol> {
    let mut out = Vec::with_capacity(11);
    for _ in 0..5 {
        out.extend([Symbol::SegmentMany, Symbol::Char(':')]);
    }
    out.push(Symbol::Many);
    out
}

/// The glob with something readable in the place of its wildcards.
fn fill(glob: &[Symbol], filler: &str) -> String {
    let mut out = String::new();
    for (index, symbol) in glob.iter().enumerate() {
        match symbol {
            Symbol::Char(letter) => out.push(*letter),
            Symbol::AnyCase { small, .. } => out.push(*small),
            Symbol::One | Symbol::SegmentOne => out.push('x'),
            Symbol::Special(_) => {}
            Symbol::Many | Symbol::SegmentMany => {
                let whole =
                    out.ends_with(':') && matches!(glob.get(index + 1), Some(Symbol::Char(':')));
                out.push_str(match out.matches(':').count() {
                    1 if whole && out == "arn:" => "aws",
                    3 if whole && out.starts_with("arn:") => "us-east-1",
                    4 if whole && out.starts_with("arn:") => "111122223333",
                    _ => filler,
                });
            }
        }
    }
    out
}
