//! AWS's accounts of wildcards and the colons of an ARN: they contradict each other, so all of them are kept.

use std::borrow::Cow;

use super::super::pattern::{ResourcePattern, Special};
use crate::glob::{self, Symbol};
use crate::text::Shape;

/// Which of AWS's accounts of `*` and the colons of an ARN is taken for a reading. Each one matches a part of what the
/// one before it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Cut {
    /// Wildcards cross colons.
    Whole,
    /// Only a `*` that ends its segment does.
    Trailing,
    /// None does, but in the last segment and at the end of the pattern.
    Segments,
}

/// The cuts for the two readings. The same for both: one consistent account. Different: valid under every account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) struct Reading {
    pub(in crate::aws) lower: Cut,
    pub(in crate::aws) upper: Cut,
}

/// Whether AWS's accounts of the colons differ on whether a pattern matches a string.
pub(in crate::aws) fn disputed(pattern: &ResourcePattern, word: &[Symbol]) -> bool {
    let segments = cut(&pattern.symbols, &[], Cut::Segments, false);
    glob::covers(&pattern.symbols, word) && !glob::covers(&segments, word)
}

/// Whether AWS's accounts of the colons differ on a pattern of the document.
pub(in crate::aws) fn crosses(pattern: &ResourcePattern, specials: &[Special]) -> bool {
    matches!(cut(&pattern.symbols, specials, Cut::Segments, false), Cow::Owned(_))
}

/// The pattern with the wildcards that must not cross a colon turned into ones that do not. Behind a special that may
/// hold colons nobody can count them: there the upper reading lets wildcards cross, and the lower one does not.
pub(super) fn cut<'s>(
    symbols: &'s [Symbol],
    specials: &[Special],
    cut: Cut,
    upper: bool,
) -> Cow<'s, [Symbol]> {
    if cut == Cut::Whole {
        return Cow::Borrowed(symbols);
    }
    let mut colons = 0;
    let mut lost = false;
    let mut changed = false;
    let mut out = Vec::with_capacity(symbols.len());
    for (index, &symbol) in symbols.iter().enumerate() {
        let inside = colons < 5 && !(lost && upper);
        let next = symbols.get(index + 1);
        let ends = next.is_none() || (cut == Cut::Trailing && next == Some(&Symbol::Char(':')));
        let free = !inside || (symbol == Symbol::Many && ends);
        let replaced = if free { symbol } else { symbol.within_segment() };
        colons += usize::from(symbol == Symbol::Char(':'));
        if let Symbol::Special(own) = symbol {
            match specials.get(own as usize).and_then(colons_in) {
                Some(more) => colons += more,
                None => lost = true,
            }
        }
        changed |= replaced != symbol;
        out.push(replaced);
    }
    if changed { Cow::Owned(glob::normal(out)) } else { Cow::Borrowed(symbols) }
}

/// How many colons a special has at least, if that tells in which field of an ARN it ends.
fn colons_in(special: &Special) -> Option<usize> {
    let Special::Hole(hole, _) = special else { return None };
    match &hole.shape {
        Shape::Word => Some(0),
        Shape::Glob(pattern) => Some(pattern.matches(':').count()).filter(|count| *count >= 5),
        Shape::Any => None,
    }
}
