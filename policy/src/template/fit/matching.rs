//! Which values would parameters need, so that a string of the template becomes, or takes in, a string of the identity?
//!
//! A search over all ways to lay one string over the other, against a budget of steps.

use std::collections::BTreeMap;

use crate::template::expression::{Interpolated, Piece};
use crate::template::model::Template;
use crate::text::{Hole, Part, Text};

/// Values for some of the parameters.
pub(super) type Partial = BTreeMap<String, Text>;

/// What came of laying one string over another.
#[derive(Debug, Default)]
pub(super) struct Matches {
    /// Ways in which the whole string is taken in.
    pub(super) whole: Vec<Partial>,
    /// Ways that went well up to a letter after a parameter: the identity means this object, and does something else
    /// with it.
    pub(super) beginnings: Vec<Partial>,
    /// Whether the budget was used up, so that there may be more.
    pub(super) cut_short: bool,
}

/// More ways than that make the answer ambiguous anyhow.
const MOST_WAYS: usize = 24;
const STEPS: u32 = 20_000;

#[derive(Clone, Debug)]
enum Pattern {
    Char(char),
    One,
    Many,
    Slot(String),
}

#[derive(Clone, Debug)]
enum Letter {
    Char(char),
    Hole(Hole),
}

/// Lays a string of the template over a string of the identity. Parameters in `known` are what they are there; the others are found.
pub(super) fn lay(
    template: &Template,
    known: &Partial,
    pattern: &Interpolated,
    text: &Text,
) -> Matches {
    let Some(pattern) = compile(pattern, known) else { return Matches::default() };
    if !pattern.iter().any(|it| matches!(it, Pattern::Slot(_))) {
        return Matches::default();
    }
    let letters = text
        .parts()
        .iter()
        .flat_map(|part| match part {
            Part::Literal(text) => text.chars().map(Letter::Char).collect::<Vec<_>>(),
            Part::Hole(hole) => vec![Letter::Hole(hole.clone())],
        })
        .collect::<Vec<_>>();
    let mut search = Search { template, steps: STEPS, matches: Matches::default() };
    search.walk(&pattern, &letters, &mut Partial::new());
    search.matches
}

/// None if a known value has unknown parts, which cannot be compared letter by letter.
fn compile(pattern: &Interpolated, known: &Partial) -> Option<Vec<Pattern>> {
    let mut out = Vec::new();
    for piece in pattern.pieces() {
        match piece {
            Piece::Literal(text) => out.extend(text.chars().map(|letter| match letter {
                '*' => Pattern::Many,
                '?' => Pattern::One,
                letter => Pattern::Char(letter),
            })),
            Piece::Parameter(name) => match known.get(&name.value) {
                Some(value) => out.extend(value.as_str()?.chars().map(Pattern::Char)),
                None => out.push(Pattern::Slot(name.value.clone())),
            },
        }
    }
    Some(out)
}

struct Search<'a> {
    template: &'a Template,
    steps: u32,
    matches: Matches,
}

impl Search<'_> {
    fn walk(&mut self, pattern: &[Pattern], letters: &[Letter], found: &mut Partial) {
        if self.steps == 0 || self.matches.whole.len() >= MOST_WAYS {
            self.matches.cut_short = true;
            return;
        }
        self.steps -= 1;
        let Some((first, rest)) = pattern.split_first() else {
            if letters.is_empty() {
                note(&mut self.matches.whole, found);
            } else {
                self.beginning(found);
            }
            return;
        };
        match first {
            Pattern::Char(wanted) => match letters.split_first() {
                Some((Letter::Char(letter), tail)) if letter == wanted => {
                    self.walk(rest, tail, found);
                }
                _ => self.beginning(found),
            },
            Pattern::One => match letters.split_first() {
                Some((Letter::Char(letter), tail)) if *letter != '*' => {
                    self.walk(rest, tail, found);
                }
                _ => self.beginning(found),
            },
            // Whatever is left is taken in, unknown or wild.
            Pattern::Many if rest.is_empty() => note(&mut self.matches.whole, found),
            Pattern::Many => {
                for taken in 0..=letters.len() {
                    self.walk(rest, letters.get(taken..).unwrap_or_default(), found);
                }
            }
            Pattern::Slot(name) => self.slot(name, rest, letters, found),
        }
    }

    fn slot(&mut self, name: &str, rest: &[Pattern], letters: &[Letter], found: &mut Partial) {
        if let Some(value) = found.get(name) {
            // The same parameter again has the same value again.
            if let Some(tail) = strip(letters, value) {
                self.walk(rest, tail, found);
            }
            return;
        }
        let mut value = Text::new();
        for taken in 0..=letters.len() {
            let tail = letters.get(taken..).unwrap_or_default();
            if may_follow(rest, tail) && self.admits(name, &value) {
                found.insert(name.to_owned(), value.clone());
                self.walk(rest, tail, found);
                found.remove(name);
            }
            match tail.first() {
                // No value of a parameter holds a wildcard.
                Some(Letter::Char('*' | '?')) | None => break,
                Some(Letter::Char(letter)) => value.push_str(letter.encode_utf8(&mut [0; 4])),
                Some(Letter::Hole(hole)) => value.push(&Text::from(hole.clone())),
            }
        }
    }

    /// Whether the parameter may have this value, as far as it is known.
    fn admits(&mut self, name: &str, value: &Text) -> bool {
        self.steps = self.steps.saturating_sub(4);
        let Some(parameter) = self.template.parameters.get(name) else { return false };
        match value.as_str() {
            Some(known) => self.template.check_value(parameter, known).is_ok(),
            None => true,
        }
    }

    fn beginning(&mut self, found: &Partial) {
        if !found.is_empty() && self.matches.beginnings.len() < MOST_WAYS {
            note(&mut self.matches.beginnings, found);
        }
    }
}

fn note(ways: &mut Vec<Partial>, found: &Partial) {
    if !ways.contains(found) {
        ways.push(found.clone());
    }
}

/// A quick look at the next letter, which spares most of the ways.
fn may_follow(rest: &[Pattern], tail: &[Letter]) -> bool {
    match (rest.first(), tail.first()) {
        (Some(Pattern::Char(wanted)), Some(Letter::Char(letter))) => wanted == letter,
        (Some(Pattern::Char(_)), Some(Letter::Hole(_)) | None)
        | (Some(Pattern::One), None)
        | (None, Some(_)) => false,
        (Some(_), _) | (None, None) => true,
    }
}

fn strip<'a>(letters: &'a [Letter], value: &Text) -> Option<&'a [Letter]> {
    let mut rest = letters;
    for part in value.parts() {
        match part {
            Part::Literal(text) => {
                for wanted in text.chars() {
                    rest = match rest.split_first() {
                        Some((Letter::Char(letter), tail)) if *letter == wanted => tail,
                        _ => return None,
                    };
                }
            }
            Part::Hole(wanted) => {
                rest = match rest.split_first() {
                    Some((Letter::Hole(hole), tail)) if hole == wanted => tail,
                    _ => return None,
                };
            }
        }
    }
    Some(rest)
}
