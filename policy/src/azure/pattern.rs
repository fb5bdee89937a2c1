//! Operations as patterns: compared without case, `*` crosses slashes, and every other character stands for itself.

use crate::glob::{self, Symbol};
use crate::hierarchy::Holes;
use crate::text::{Part, Shape, Text};

use super::{Block, Definition};

/// One element of `actions` and its like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) text: Text,
    /// Holes are specials.
    pub(super) symbols: Vec<Symbol>,
    /// Holes are all that they can become. None without holes.
    wide: Option<Vec<Symbol>>,
}

/// One plane of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lists {
    pub(super) plus: Vec<Pattern>,
    pub(super) minus: Vec<Pattern>,
}

/// A block ready for comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Compiled {
    pub(super) control: Lists,
    pub(super) data: Lists,
    pub(super) condition: Option<Text>,
}

impl Pattern {
    pub(super) fn new(text: &Text, holes: &mut Holes) -> Self {
        let mut symbols = Vec::new();
        let mut wide = Vec::new();
        for part in text.parts() {
            match part {
                Part::Literal(known) => {
                    let letters = lower(known);
                    symbols.extend_from_slice(&letters);
                    wide.extend(letters);
                }
                Part::Hole(hole) => {
                    symbols.push(holes.symbol(hole));
                    match &hole.shape {
                        Shape::Any => wide.push(Symbol::Many),
                        Shape::Word => wide.extend([Symbol::One, Symbol::Many]),
                        Shape::Glob(pattern) => wide.extend(glob::compile(&pattern.to_lowercase())),
                    }
                }
            }
        }
        let wide = text.has_holes().then(|| glob::normal(wide));
        Self { text: text.clone(), symbols: glob::normal(symbols), wide }
    }

    /// Everything that it can stand for.
    pub(super) fn wide(&self) -> &[Symbol] {
        self.wide.as_deref().unwrap_or(&self.symbols)
    }

    pub(super) fn has_holes(&self) -> bool {
        self.wide.is_some()
    }

    pub(super) fn is_literal(&self) -> bool {
        glob::is_literal(&self.symbols)
    }

    /// Whether it stands for everything.
    pub(super) fn is_all(&self) -> bool {
        self.symbols == [Symbol::Many]
    }

    pub(super) fn covers(&self, other: &Self) -> bool {
        glob::covers(&self.symbols, &other.symbols)
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        glob::meets(self.wide(), other.wide())
    }
}

/// The symbols of a known piece.
fn lower(known: &str) -> Vec<Symbol> {
    let letters = known.chars().flat_map(char::to_lowercase);
    letters.map(|letter| if letter == '*' { Symbol::Many } else { Symbol::Char(letter) }).collect()
}

/// The operation as the only string of a pattern.
pub(super) fn word(operation: &str) -> Vec<Symbol> {
    operation.chars().flat_map(char::to_lowercase).map(Symbol::Char).collect()
}

/// A pattern written out in the code.
pub(super) fn pattern(known: &str) -> Vec<Symbol> {
    glob::normal(lower(known))
}

/// Makes a role ready for comparison.
pub(super) fn compile(definition: &Definition, holes: &mut Holes) -> Vec<Compiled> {
    let mut lists = |plus: &[Text], minus: &[Text]| Lists {
        plus: plus.iter().map(|text| Pattern::new(text, holes)).collect(),
        minus: minus.iter().map(|text| Pattern::new(text, holes)).collect(),
    };
    let blocks = definition.blocks.iter().map(|block| {
        let Block { actions, not_actions, data_actions, not_data_actions, condition } = block;
        Compiled {
            control: lists(actions, not_actions),
            data: lists(data_actions, not_data_actions),
            condition: condition.clone(),
        }
    });
    blocks.collect()
}

impl Compiled {
    pub(super) fn lists(&self, data: bool) -> &Lists {
        if data { &self.data } else { &self.control }
    }
}
