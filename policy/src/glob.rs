//! Glob patterns as languages: does one cover another, can two meet, and what lies in one but not in a combination of
//! others.
//!
//! [`covers`] and [`meets`] look at two patterns and take polynomial time. [`product`] decides about any number of
//! patterns at once; that problem is PSPACE-complete, so it works against a [`Budget`].

use crate::text::{Part, Shape, Text};

pub(crate) mod product;

/// One element of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Symbol {
    /// This character.
    Char(char),
    /// Any one character.
    One,
    /// Any run of characters, the empty one too.
    Many,
    /// Any one character but `:`.
    SegmentOne,
    /// Any run of characters without `:`.
    SegmentMany,
    /// One particular string that is not known: a policy variable or a hole. It equals itself and nothing else.
    Special(u32),
    /// This letter, written small or large.
    AnyCase {
        /// The small one, of ASCII.
        small: char,
        /// Whether letters beyond ASCII count that have this one as their small or large form.
        loose: bool,
    },
}

/// Letters beyond ASCII whose small or large form is in it.
const FOREIGN: &[(char, char)] =
    &[('i', '\u{130}'), ('i', '\u{131}'), ('k', '\u{212a}'), ('s', '\u{17f}')];

/// The largest comparison of two patterns, as the product of their lengths, that is worth its time. AWS's own limits are
/// far below.
const LARGEST: usize = 4_000_000;

/// How much work is left. Counted, not timed, so that a verdict never depends on the machine.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    left: u64,
}

/// The budget was used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted;

impl Budget {
    pub(crate) fn new(steps: u64) -> Self {
        Self { left: steps }
    }

    /// So many eighths of what is left, so that one hard question does not take the work of all others. What remains of
    /// them goes back with [`Self::give_back`].
    pub(crate) fn share(&mut self, eighths: u64) -> Self {
        let share = self.left / 8 * eighths.min(8);
        self.left -= share;
        Self { left: share }
    }

    pub(crate) fn give_back(&mut self, share: Self) {
        self.left = self.left.saturating_add(share.left);
    }

    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        let left = self.left.checked_sub(steps as u64);
        self.left = left.unwrap_or(0);
        left.map(|_| ()).ok_or(Exhausted)
    }
}

impl Symbol {
    /// The same, kept from crossing a colon.
    pub(crate) fn within_segment(self) -> Self {
        match self {
            Self::One => Self::SegmentOne,
            Self::Many => Self::SegmentMany,
            Self::Char(_)
            | Self::SegmentOne
            | Self::SegmentMany
            | Self::Special(_)
            | Self::AnyCase { .. } => self,
        }
    }

    /// The same special under another number.
    pub(crate) fn renumbered(self, number: impl FnOnce(u32) -> u32) -> Self {
        if let Self::Special(own) = self { Self::Special(number(own)) } else { self }
    }

    fn is_run(self) -> bool {
        matches!(self, Self::Many | Self::SegmentMany)
    }

    /// Whether a pattern element that stands for one character, or for a run, takes in this character.
    fn takes(self, letter: char) -> bool {
        match self {
            Self::Char(own) => own == letter,
            Self::One | Self::Many => true,
            Self::SegmentOne | Self::SegmentMany => letter != ':',
            Self::Special(_) => false,
            Self::AnyCase { small, loose } => {
                letter.to_ascii_lowercase() == small
                    || (loose && FOREIGN.contains(&(small, letter)))
            }
        }
    }

    /// Whether this element absorbs whatever one element of the inner pattern can become.
    fn absorbs(self, inner: Symbol) -> bool {
        match self {
            Self::Char(_) | Self::Special(_) => self == inner,
            Self::One => {
                matches!(inner, Self::Char(_) | Self::One | Self::SegmentOne | Self::AnyCase { .. })
            }
            Self::Many => true,
            Self::SegmentOne => match inner {
                Self::Char(letter) => letter != ':',
                Self::SegmentOne | Self::AnyCase { .. } => true,
                Self::One | Self::Many | Self::SegmentMany | Self::Special(_) => false,
            },
            Self::SegmentMany => match inner {
                Self::Char(letter) => letter != ':',
                Self::SegmentOne | Self::SegmentMany | Self::AnyCase { .. } => true,
                Self::One | Self::Many | Self::Special(_) => false,
            },
            Self::AnyCase { small, loose } => match inner {
                Self::Char(letter) => self.takes(letter),
                Self::AnyCase { small: own, loose: also } => own == small && (loose || !also),
                Self::One
                | Self::Many
                | Self::SegmentOne
                | Self::SegmentMany
                | Self::Special(_) => false,
            },
        }
    }

    /// Whether two elements that stand for one character each can stand for the same one.
    fn agrees(self, other: Symbol) -> bool {
        match (self, other) {
            (Self::Char(letter), other) | (other, Self::Char(letter)) => other.takes(letter),
            (Self::AnyCase { small, .. }, Self::AnyCase { small: other, .. }) => small == other,
            _ => true,
        }
    }
}

/// `*` and `?` as in a policy; every other character stands for itself.
pub(crate) fn compile(pattern: &str) -> Vec<Symbol> {
    let symbols = pattern.chars().map(|character| match character {
        '*' => Symbol::Many,
        '?' => Symbol::One,
        _ => Symbol::Char(character),
    });
    normal(symbols.collect())
}

/// Every string that a text can become. `shape` reads the globs of its holes.
pub(crate) fn strings(text: &Text, shape: impl Fn(&str) -> Vec<Symbol>) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for part in text.parts() {
        match part {
            Part::Literal(known) => symbols.extend(known.chars().map(Symbol::Char)),
            Part::Hole(hole) => match &hole.shape {
                Shape::Any => symbols.push(Symbol::Many),
                Shape::Word => symbols.extend([Symbol::One, Symbol::Many]),
                Shape::Glob(pattern) => symbols.extend(shape(pattern)),
            },
        }
    }
    normal(symbols)
}

/// Whether the pattern is one string.
pub(crate) fn is_literal(pattern: &[Symbol]) -> bool {
    pattern.iter().all(|symbol| matches!(symbol, Symbol::Char(_)))
}

/// Whether the text is one of the pattern's strings. A special is none.
pub(crate) fn accepts(pattern: &[Symbol], text: &str) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    while let Some((first, rest)) = pattern.split_first()
        && !first.is_run()
    {
        let mut letters = text.chars();
        if !letters.next().is_some_and(|letter| first.takes(letter)) {
            return false;
        }
        (pattern, text) = (rest, letters.as_str());
    }
    match pattern {
        [] => return text.is_empty(),
        [Symbol::Many] => return true,
        _ => {}
    }
    let letters: Vec<Symbol> = text.chars().map(Symbol::Char).collect();
    covers(pattern, &letters)
}

/// The normal form: in a row of wildcards the single ones come first and one run, the wider, comes last.
pub(crate) fn normal(symbols: Vec<Symbol>) -> Vec<Symbol> {
    let busy = |pair: &[Symbol]| {
        let &[first, second] = pair else { return false };
        first.is_run() && (second.is_run() || matches!(second, Symbol::One | Symbol::SegmentOne))
    };
    if !symbols.windows(2).any(busy) {
        return symbols;
    }
    let mut out: Vec<Symbol> = Vec::with_capacity(symbols.len());
    let mut run: Option<Symbol> = None;
    for symbol in symbols {
        match (run, symbol) {
            (_, Symbol::Many) => run = Some(Symbol::Many),
            (_, Symbol::SegmentMany) => run = run.or(Some(Symbol::SegmentMany)),
            // Of equal kind they may change places; of different kind they must not.
            (Some(Symbol::Many), Symbol::One) | (Some(Symbol::SegmentMany), Symbol::SegmentOne) => {
                out.push(symbol);
            }
            _ => {
                out.extend(run.take());
                out.push(symbol);
            }
        }
    }
    out.extend(run);
    out
}

/// Whether every string of `inner` is one of `outer`. Never wrong when true; false can also mean that a single
/// left-to-right comparison does not show it.
pub(crate) fn covers(outer: &[Symbol], inner: &[Symbol]) -> bool {
    let (mut outer, mut inner) = (outer, inner);
    while let (Some((&first, outer_rest)), Some((&other, inner_rest))) =
        (outer.split_first(), inner.split_first())
    {
        if !matches!(first, Symbol::Char(_) | Symbol::Special(_)) {
            break;
        }
        if first != other {
            return false;
        }
        (outer, inner) = (outer_rest, inner_rest);
    }
    while let (Some((&last, outer_rest)), Some((&other, inner_rest))) =
        (outer.split_last(), inner.split_last())
    {
        if !matches!(last, Symbol::Char(_) | Symbol::Special(_)) {
            break;
        }
        if last != other {
            return false;
        }
        (outer, inner) = (outer_rest, inner_rest);
    }
    match outer {
        [] => return inner.is_empty(),
        [Symbol::Many] => return true,
        _ if outer.len().saturating_mul(inner.len()) > LARGEST => return false,
        _ => {}
    }
    // The positions of `outer` that can be reached after the part of `inner` read so far.
    let mut reached = vec![false; outer.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    skip_runs(outer, &mut reached);
    let mut next = vec![false; outer.len() + 1];
    for &letter in inner {
        next.fill(false);
        let mut alive = false;
        for (position, &symbol) in outer.iter().enumerate() {
            if !reached.get(position).copied().unwrap_or(false) || !symbol.absorbs(letter) {
                continue;
            }
            let target = if symbol.is_run() { position } else { position + 1 };
            if let Some(slot) = next.get_mut(target) {
                *slot = true;
                alive = true;
            }
        }
        if !alive {
            return false;
        }
        skip_runs(outer, &mut next);
        std::mem::swap(&mut reached, &mut next);
    }
    reached.last().copied().unwrap_or(false)
}

/// A run can be empty: who stands before it stands behind it as well.
fn skip_runs(pattern: &[Symbol], reached: &mut [bool]) {
    for (position, symbol) in pattern.iter().enumerate() {
        if symbol.is_run()
            && reached.get(position).copied().unwrap_or(false)
            && let Some(slot) = reached.get_mut(position + 1)
        {
            *slot = true;
        }
    }
}

/// Whether some string is in both. A special counts as any string, so true can be too much; false never is.
pub(crate) fn meets(left: &[Symbol], right: &[Symbol]) -> bool {
    let fixed = |symbol: Option<&Symbol>| match symbol {
        Some(Symbol::Char(letter)) => Some(*letter),
        Some(_) | None => None,
    };
    for (one, other) in left.iter().zip(right) {
        let (Some(one), Some(other)) = (fixed(Some(one)), fixed(Some(other))) else { break };
        if one != other {
            return false;
        }
    }
    if let (Some(one), Some(other)) = (fixed(left.last()), fixed(right.last()))
        && one != other
    {
        return false;
    }
    if left.len().saturating_mul(right.len()) > LARGEST {
        return true;
    }
    let run = |symbol: Symbol| symbol.is_run() || matches!(symbol, Symbol::Special(_));
    let wide =
        |symbol: Symbol| if matches!(symbol, Symbol::Special(_)) { Symbol::Many } else { symbol };
    // reached[j]: `left` up to the row at hand and `right` up to j can have read the same string.
    let mut reached = vec![false; right.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    let mut next = vec![false; right.len() + 1];
    for row in 0..=left.len() {
        let own = left.get(row).copied();
        next.fill(false);
        for (column, other) in right.iter().copied().map(Some).chain([None]).enumerate() {
            if !reached.get(column).copied().unwrap_or(false) {
                continue;
            }
            let own_run = own.is_some_and(run);
            let other_run = other.is_some_and(run);
            let both = match (own, other) {
                (Some(own), Some(other)) => wide(own).agrees(wide(other)),
                _ => false,
            };
            // `right` moves on: over its own empty run, or swallowed by the run of `left`.
            if (other_run || (own_run && both))
                && let Some(slot) = reached.get_mut(column + 1)
            {
                *slot = true;
            }
            // `left` moves on, likewise.
            if (own_run || (other_run && both))
                && let Some(slot) = next.get_mut(column)
            {
                *slot = true;
            }
            if both
                && !own_run
                && !other_run
                && let Some(slot) = next.get_mut(column + 1)
            {
                *slot = true;
            }
        }
        if row < left.len() {
            if !next.contains(&true) {
                return false;
            }
            std::mem::swap(&mut reached, &mut next);
        }
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests;
