//! Patterns of string and ARN operators, as languages: what is surely in, and what may be.

use super::entry::Tri;
use crate::aws::pattern::shape;
use crate::glob::{self, Symbol};
use crate::text::{Hole, Part, Shape, Text};

/// What the operator makes of the characters of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equals,
    EqualsIgnoreCase,
    Like,
    Arn,
}

/// A longer value is not read: no condition key holds one.
const LONGEST: usize = 1500;

/// One value of an entry.
pub(super) struct Pattern {
    /// For comparison with other patterns: unknown strings stand for themselves.
    word: Vec<Symbol>,
    lower: Reading,
    upper: Reading,
    /// The string, if it is one.
    pub(super) literal: Option<String>,
    /// A variable in it may have no value.
    pub(super) void: bool,
    pub(super) variables: Vec<(String, bool)>,
}

/// The strings of one reading.
enum Reading {
    /// Those of the word.
    Same,
    /// None.
    None,
    /// These.
    Other(Vec<Symbol>),
}

/// What a variable is taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pin {
    Value(String),
    /// It has no value but its default.
    Absent,
}

/// What the variable of a key is taken for, if anything.
pub(super) type Lookup<'p> = dyn Fn(&str) -> Option<Pin> + 'p;

/// Unknown strings under one numbering.
pub(super) struct Specials {
    all: Vec<Special>,
    several: fn(&str) -> Option<bool>,
}

#[derive(PartialEq)]
enum Special {
    /// A policy variable: its key, and what it is without a value.
    Variable(String, Option<String>),
    /// A hole, and all that decides what its value means.
    Hole(Hole, Operator, Option<bool>),
    /// A whole pattern that is not understood well enough.
    Whole(Text, Operator, Option<bool>),
}

/// A part of a pattern.
enum Piece<'t> {
    /// As the policy writes it.
    Written(&'t str),
    /// Characters that stand for themselves.
    Exact(String),
    /// A string that is not known, and all that it can be.
    Unknown(Symbol, Vec<Symbol>),
}

impl Operator {
    pub(super) fn of(plain: &str) -> Option<Self> {
        match plain {
            "StringEquals" | "StringNotEquals" => Some(Self::Equals),
            "StringEqualsIgnoreCase" | "StringNotEqualsIgnoreCase" => Some(Self::EqualsIgnoreCase),
            "StringLike" | "StringNotLike" => Some(Self::Like),
            "ArnEquals" | "ArnLike" | "ArnNotEquals" | "ArnNotLike" => Some(Self::Arn),
            _ => None,
        }
    }
}

impl Specials {
    /// `several`: whether a key holds several values, so that it is no variable.
    pub(super) fn new(several: fn(&str) -> Option<bool>) -> Self {
        Self { all: Vec::new(), several }
    }

    fn symbol(&mut self, special: Special) -> Symbol {
        let index = self.all.iter().position(|known| *known == special).unwrap_or_else(|| {
            self.all.push(special);
            self.all.len() - 1
        });
        Symbol::Special(super::number(index))
    }
}

impl Pattern {
    pub(super) fn new(
        text: &Text,
        operator: Operator,
        variables: Option<bool>,
        specials: &mut Specials,
        pins: Option<&Lookup<'_>>,
    ) -> Self {
        let mut pieces =
            Pieces { specials, pins, variables: Vec::new(), void: false, never: false };
        let Some(list) = pieces.of(text, operator, variables) else {
            return Self::opaque(text, operator, variables, specials, true);
        };
        let (names, void) = (pieces.variables, pieces.void);
        if pieces.never {
            let word = vec![specials.symbol(Special::Whole(text.clone(), operator, variables))];
            let (lower, upper) = (Reading::None, Reading::None);
            return Self { word, lower, upper, literal: None, void, variables: names };
        }
        let mut built = build(&list, operator);
        if built.too_long() {
            return Self::opaque(text, operator, variables, specials, void);
        }
        let unknown = list.iter().any(|piece| matches!(piece, Piece::Unknown(..)));
        if operator == Operator::Arn {
            let colons = built.word.iter().filter(|one| **one == Symbol::Char(':')).count();
            if unknown {
                // Nobody can count the colons in what is not known.
                built.word =
                    vec![specials.symbol(Special::Whole(text.clone(), operator, variables))];
            } else if colons < 5 {
                return Self::opaque(text, operator, variables, specials, void);
            } else {
                built.word = segments(&built.word);
                built.wide = None;
            }
        }
        if operator == Operator::EqualsIgnoreCase && (built.foreign || unknown) {
            let own = specials.symbol(Special::Whole(text.clone(), operator, variables));
            let sure = std::mem::replace(&mut built.word, vec![own]);
            let lower = if unknown { Reading::None } else { Reading::Other(sure) };
            let wide = if unknown { vec![Symbol::Many] } else { built.wide.unwrap_or_default() };
            let upper = Reading::Other(wide);
            return Self { word: built.word, lower, upper, literal: None, void, variables: names };
        }
        let literal = glob::is_literal(&built.word).then(|| letters(&built.word));
        Self {
            word: built.word,
            lower: if unknown { Reading::None } else { Reading::Same },
            upper: built.wide.map_or(Reading::Same, Reading::Other),
            literal,
            void,
            variables: names,
        }
    }

    /// A pattern of which nothing is known but that it is equal to itself.
    fn opaque(
        text: &Text,
        operator: Operator,
        variables: Option<bool>,
        specials: &mut Specials,
        void: bool,
    ) -> Self {
        Self {
            word: vec![specials.symbol(Special::Whole(text.clone(), operator, variables))],
            lower: Reading::None,
            upper: Reading::Other(vec![Symbol::Many]),
            literal: None,
            void,
            variables: Vec::new(),
        }
    }

    /// The strings that match for certain.
    pub(super) fn lower(&self) -> Option<&[Symbol]> {
        match &self.lower {
            Reading::Same => Some(&self.word),
            Reading::None => None,
            Reading::Other(symbols) => Some(symbols),
        }
    }

    /// The strings that may match.
    pub(super) fn upper(&self) -> Option<&[Symbol]> {
        match &self.upper {
            Reading::Same => Some(&self.word),
            Reading::None => None,
            Reading::Other(symbols) => Some(symbols),
        }
    }

    pub(super) fn is_exact(&self) -> bool {
        matches!((&self.lower, &self.upper), (Reading::Same, Reading::Same))
    }

    pub(super) fn on(&self, value: &str) -> Tri {
        if let Some(literal) = &self.literal {
            return (literal == value).into();
        }
        if self.lower().is_some_and(|lower| glob::accepts(lower, value)) {
            Tri::Yes
        } else if !self.is_exact() && self.upper().is_some_and(|upper| glob::accepts(upper, value))
        {
            Tri::Maybe
        } else {
            Tri::No
        }
    }

    /// Whether every string of `other` is one of this, whatever the unknown strings are.
    pub(super) fn covers(&self, other: &Self) -> bool {
        glob::covers(&self.word, &other.word)
    }
}

struct Pieces<'s> {
    specials: &'s mut Specials,
    pins: Option<&'s Lookup<'s>>,
    variables: Vec<(String, bool)>,
    void: bool,
    /// Whether there is a variable that never has a value: one of a key that holds several.
    never: bool,
}

impl Pieces<'_> {
    /// None for a variable that does not end.
    fn of<'t>(
        &mut self,
        text: &'t Text,
        operator: Operator,
        variables: Option<bool>,
    ) -> Option<Vec<Piece<'t>>> {
        let mut out = Vec::new();
        for (index, part) in text.parts().iter().enumerate() {
            match part {
                Part::Literal(known) if variables != Some(true) => out.push(Piece::Written(known)),
                Part::Literal(known) => {
                    if known.ends_with('$') && index + 1 < text.parts().len() {
                        return None;
                    }
                    self.literal(known, &mut out)?;
                }
                Part::Hole(hole) => {
                    self.void |= variables == Some(true) && hole.shape != Shape::Word;
                    let special = Special::Hole(hole.clone(), operator, variables);
                    out.push(Piece::Unknown(self.specials.symbol(special), shape(hole)));
                }
            }
        }
        Some(out)
    }

    fn literal<'t>(&mut self, known: &'t str, out: &mut Vec<Piece<'t>>) -> Option<()> {
        let mut rest = known;
        while let Some((before, from)) = rest.split_once("${") {
            let (inside, after) = from.split_once('}')?;
            out.push(Piece::Written(before));
            out.push(match inside {
                "*" | "?" | "$" => Piece::Exact(inside.to_owned()),
                _ => self.variable(inside)?,
            });
            rest = after;
        }
        out.push(Piece::Written(rest));
        Some(())
    }

    fn variable<'t>(&mut self, inside: &str) -> Option<Piece<'t>> {
        let (name, default) = match inside.split_once(',') {
            Some((name, default)) => {
                let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
                (name, Some(default.to_owned()))
            }
            None => (inside, None),
        };
        let name = name.trim().to_ascii_lowercase();
        self.variables.push((name.clone(), default.is_some()));
        let several = (self.specials.several)(&name) == Some(true);
        match self.pins.filter(|_| !several).and_then(|pins| pins(&name)) {
            Some(Pin::Value(value)) => return Some(Piece::Exact(value)),
            Some(Pin::Absent) if default.is_some() => return default.map(Piece::Exact),
            Some(Pin::Absent) | None => {}
        }
        self.void |= default.is_none() || several;
        if several && default.is_none() {
            self.never = true;
        }
        let symbol = self.specials.symbol(Special::Variable(name, default));
        Some(Piece::Unknown(symbol, vec![Symbol::Many]))
    }
}

/// The symbols of a pattern.
struct Built {
    word: Vec<Symbol>,
    /// All that it can be, where that is more than the word.
    wide: Option<Vec<Symbol>>,
    /// Whether it has letters beyond ASCII of which the case does not count.
    foreign: bool,
}

impl Built {
    fn too_long(&self) -> bool {
        self.word.len() > LONGEST || self.wide.as_ref().is_some_and(|wide| wide.len() > LONGEST)
    }
}

fn build(pieces: &[Piece<'_>], operator: Operator) -> Built {
    let mut word = Vec::new();
    let mut wide = Vec::new();
    let mut foreign = false;
    let mut differs = false;
    for piece in pieces {
        let (text, wild) = match piece {
            Piece::Written(text) => (*text, matches!(operator, Operator::Like | Operator::Arn)),
            Piece::Exact(text) => (text.as_str(), false),
            Piece::Unknown(symbol, all) => {
                word.push(*symbol);
                wide.extend(all.iter().copied());
                differs = true;
                continue;
            }
        };
        for letter in text.chars() {
            let (sure, possible) = match letter {
                '*' if wild => (Symbol::Many, Symbol::Many),
                '?' if wild => (Symbol::One, Symbol::One),
                _ if operator != Operator::EqualsIgnoreCase => {
                    (Symbol::Char(letter), Symbol::Char(letter))
                }
                _ if letter.is_ascii_alphabetic() => {
                    let small = letter.to_ascii_lowercase();
                    let loose = matches!(small, 'i' | 'k' | 's');
                    differs |= loose;
                    (Symbol::AnyCase { small, loose: false }, Symbol::AnyCase { small, loose })
                }
                _ if letter.is_ascii() => (Symbol::Char(letter), Symbol::Char(letter)),
                _ => {
                    foreign = true;
                    differs = true;
                    (Symbol::Char(letter), Symbol::Many)
                }
            };
            word.push(sure);
            wide.push(possible);
        }
    }
    let wide = differs.then(|| glob::normal(wide));
    Built { word: glob::normal(word), wide, foreign }
}

/// The pattern of an ARN: wildcards stay inside their component, but in the sixth.
fn segments(word: &[Symbol]) -> Vec<Symbol> {
    let mut colons = 0;
    let symbols = word.iter().map(|symbol| {
        colons += usize::from(*symbol == Symbol::Char(':'));
        if colons < 5 { symbol.within_segment() } else { *symbol }
    });
    glob::normal(symbols.collect())
}

fn letters(word: &[Symbol]) -> String {
    word.iter()
        .filter_map(|symbol| match symbol {
            Symbol::Char(letter) => Some(*letter),
            Symbol::One
            | Symbol::Many
            | Symbol::SegmentOne
            | Symbol::SegmentMany
            | Symbol::Special(_)
            | Symbol::AnyCase { .. } => None,
        })
        .collect()
}
