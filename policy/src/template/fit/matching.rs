//! Which values would parameters need, so that a string of the template becomes, or takes in, a string of the identity?
//!
//! A search over all ways to lay one string over the other, against a budget of steps.

use std::collections::BTreeMap;

use super::place::Place;
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
}

/// How much work is left. Counted, not timed, so that an answer never depends on the machine.
#[derive(Debug)]
pub(super) struct Budget {
    steps: u32,
    spent: bool,
}

impl Budget {
    pub(super) fn new(steps: u32) -> Self {
        Self { steps, spent: false }
    }

    /// Whether something was left out.
    pub(super) fn is_spent(&self) -> bool {
        self.spent
    }

    fn take(&mut self, steps: u32) -> bool {
        match self.steps.checked_sub(steps) {
            Some(left) => self.steps = left,
            None => self.spent = true,
        }
        !self.spent
    }
}

/// More ways than that make the answer ambiguous anyhow.
const MOST_WAYS: usize = 24;
/// More wildcards and parameters in one string are not followed: each is a level of recursion.
const MOST_TURNS: usize = 64;
/// No value of a parameter is longer than the longest ARN.
const LONGEST_VALUE: usize = 2048;

/// One element of a string of the template.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Char(char),
    One,
    Many,
    Slot(String),
}

/// One element of a string of the identity.
#[derive(Clone, Debug)]
pub(super) enum Letter {
    Char(char),
    Hole(Hole),
}

/// The elements of a string of the identity.
pub(super) fn letters(text: &Text) -> Vec<Letter> {
    let mut letters = Vec::new();
    for part in text.parts() {
        match part {
            Part::Literal(text) => letters.extend(text.chars().map(Letter::Char)),
            Part::Hole(hole) => letters.push(Letter::Hole(hole.clone())),
        }
    }
    letters
}

/// The ways to read a string of the template, in which parameters that are known are what they are. None if there is nothing to find, or
/// if a known value has unknown parts, which cannot be compared letter by letter.
pub(super) fn patterns(place: Place, string: &Interpolated, known: &Partial) -> Vec<Vec<Pattern>> {
    let Some(exact) = pattern(place, string, known) else { return Vec::new() };
    if !place.is_nested() {
        return vec![exact];
    }
    let mut below = exact.clone();
    below.extend([Pattern::Char('/'), Pattern::Many]);
    vec![exact, below]
}

fn pattern(place: Place, string: &Interpolated, known: &Partial) -> Option<Vec<Pattern>> {
    let mut out: Vec<Pattern> = Vec::new();
    for piece in string.pieces() {
        match piece {
            Piece::Literal(text) => push(place, text, &mut out),
            Piece::Parameter(name) => match known.get(&name.value) {
                Some(value) => out.extend(value.as_str()?.chars().map(Pattern::Char)),
                None => out.push(Pattern::Slot(name.value.clone())),
            },
        }
    }
    out.iter().any(|it| matches!(it, Pattern::Slot(_))).then_some(out)
}

fn push(place: Place, text: &str, out: &mut Vec<Pattern>) {
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let mut segment = |out: &[Pattern]| {
            matches!(out.last(), None | Some(Pattern::Char('/')))
                && letters.peek().is_none_or(|after| *after == '/')
        };
        let wild = letter == '*' || letter == '+' && place.has_segments() && segment(out);
        match letter {
            _ if wild && matches!(out.last(), Some(Pattern::Many)) => {}
            _ if wild => out.push(Pattern::Many),
            '?' if place.has_single_wildcard() => out.push(Pattern::One),
            letter => out.push(Pattern::Char(letter)),
        }
    }
}

/// How strings of the template are laid over strings of the identity.
#[derive(Clone, Copy)]
pub(super) struct Lay<'a> {
    pub(super) template: &'a Template,
    pub(super) place: Place,
    /// Whether only values count that the parameters may have.
    pub(super) strict: bool,
}

impl Lay<'_> {
    /// Lays a string of the template over a string of the identity.
    pub(super) fn over(
        self,
        pattern: &[Pattern],
        letters: &[Letter],
        budget: &mut Budget,
    ) -> Matches {
        let slots = pattern.iter().filter(|it| matches!(it, Pattern::Many | Pattern::Slot(_)));
        let turns = slots.count();
        let mut search = Search { lay: self, budget, matches: Matches::default() };
        if turns > MOST_TURNS {
            search.budget.spent = true;
        } else {
            search.walk(pattern, letters, &mut Partial::new());
        }
        search.matches
    }

    fn same(self, one: char, other: char) -> bool {
        one == other || self.place.ignores_case() && one.to_lowercase().eq(other.to_lowercase())
    }
}

struct Search<'a> {
    lay: Lay<'a>,
    budget: &'a mut Budget,
    matches: Matches,
}

impl Search<'_> {
    /// INVARIANT: recursion only at `*` and at parameters, so its depth does not depend on the identity.
    fn walk(&mut self, pattern: &[Pattern], letters: &[Letter], found: &mut Partial) {
        let (mut pattern, mut letters) = (pattern, letters);
        loop {
            if !self.budget.take(1) {
                return;
            }
            let Some((first, rest)) = pattern.split_first() else {
                if letters.is_empty() {
                    self.whole(found);
                } else {
                    self.beginning(found);
                }
                return;
            };
            match (first, letters.split_first()) {
                (Pattern::Char(wanted), Some((Letter::Char(letter), tail)))
                    if self.lay.same(*letter, *wanted) =>
                {
                    (pattern, letters) = (rest, tail);
                }
                (Pattern::One, Some((Letter::Char(letter), tail))) if *letter != '*' => {
                    (pattern, letters) = (rest, tail);
                }
                (Pattern::Char(_) | Pattern::One, _) => return self.beginning(found),
                // Whatever is left is taken in, unknown or wild.
                (Pattern::Many, _) if rest.is_empty() => return self.whole(found),
                (Pattern::Many, _) => {
                    for taken in 0..=letters.len() {
                        self.walk(rest, letters.get(taken..).unwrap_or_default(), found);
                    }
                    return;
                }
                (Pattern::Slot(name), _) => return self.slot(name, rest, letters, found),
            }
        }
    }

    fn whole(&mut self, found: &Partial) {
        if self.matches.whole.len() < MOST_WAYS {
            note(&mut self.matches.whole, found);
        } else {
            self.budget.spent = true;
        }
    }

    fn slot(&mut self, name: &str, rest: &[Pattern], letters: &[Letter], found: &mut Partial) {
        if let Some(value) = found.get(name) {
            // The same parameter again has the same value again.
            if let Some(tail) = self.lay.strip(letters, value) {
                self.walk(rest, tail, found);
            }
            return;
        }
        let mut value = Text::new();
        for taken in 0..=letters.len() {
            let tail = letters.get(taken..).unwrap_or_default();
            if self.lay.may_follow(rest, tail) && self.admits(name, &value) {
                found.insert(name.to_owned(), value.clone());
                self.walk(rest, tail, found);
                found.remove(name);
            }
            match tail.first() {
                None => break,
                // No value of a parameter holds a wildcard.
                Some(Letter::Char('*')) if self.lay.strict => break,
                Some(Letter::Char('?'))
                    if self.lay.strict && self.lay.place.has_single_wildcard() =>
                {
                    break;
                }
                Some(_) if taken >= LONGEST_VALUE => {
                    self.budget.spent = true;
                    break;
                }
                Some(Letter::Char(letter)) => value.push_str(letter.encode_utf8(&mut [0; 4])),
                Some(Letter::Hole(hole)) => value.push(&Text::from(hole.clone())),
            }
        }
    }

    /// Whether the parameter may have this value, as far as it is known.
    fn admits(&mut self, name: &str, value: &Text) -> bool {
        let template = self.lay.template;
        let Some(parameter) = template.parameters.get(name) else { return false };
        match value.as_str() {
            Some(_) if !self.lay.strict => true,
            Some(known) => {
                let work = u32::try_from(1 + known.len() / 16).unwrap_or(u32::MAX);
                self.budget.take(work) && template.check_value(parameter, known).is_ok()
            }
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

impl Lay<'_> {
    /// A quick look at the next letter, which spares most of the ways.
    fn may_follow(self, rest: &[Pattern], tail: &[Letter]) -> bool {
        match (rest.first(), tail.first()) {
            (Some(Pattern::Char(wanted)), Some(Letter::Char(letter))) => {
                self.same(*wanted, *letter)
            }
            (Some(Pattern::Char(_)), Some(Letter::Hole(_)) | None)
            | (Some(Pattern::One), None)
            | (None, Some(_)) => false,
            (Some(_), _) | (None, None) => true,
        }
    }

    fn strip<'a>(self, letters: &'a [Letter], value: &Text) -> Option<&'a [Letter]> {
        let mut rest = letters;
        for part in value.parts() {
            match part {
                Part::Literal(text) => {
                    for wanted in text.chars() {
                        rest = match rest.split_first() {
                            Some((Letter::Char(letter), tail)) if self.same(*letter, wanted) => {
                                tail
                            }
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
}
