//! The lazy product of one generating pattern and any number of others.
//!
//! Each state is the set of positions that all patterns can be in after one string. States are made breadth first from
//! the empty string, along strings of the generator only, so the first string that a visitor stops at is a shortest
//! one. Letters that no pattern mentions at the positions at hand are all alike: one of them stands for the rest.

use std::collections::{HashMap, HashSet};
use std::ops::{ControlFlow, Range};

use super::{Budget, Exhausted, FOREIGN, Symbol};

/// Letters that stand for "any other", in order of preference.
const OTHERS: &str = "xyzabcdefghijklmnopqrstuvw0123456789XYZ";

/// A string of the generator, and which of the patterns match it.
pub(crate) struct Visit<'a> {
    /// One answer for each pattern, in order.
    pub(crate) matched: &'a [bool],
    trail: &'a [(usize, char)],
    state: usize,
}

impl Visit<'_> {
    /// The string. A shortest one with these answers.
    pub(crate) fn word(&self) -> String {
        let mut letters = Vec::new();
        let mut state = self.state;
        while state != 0 {
            let Some(&(parent, letter)) = self.trail.get(state) else { break };
            letters.push(letter);
            state = parent;
        }
        letters.iter().rev().collect()
    }
}

/// Shows the visitor one string of `generator` for every reachable state, shorter ones first, until it breaks.
///
/// Patterns must be in normal form. A special in a pattern matches nothing here: the strings are concrete.
pub(crate) fn explore<B>(
    generator: &[Symbol],
    patterns: &[&[Symbol]],
    budget: &mut Budget,
    mut visit: impl FnMut(&Visit<'_>) -> ControlFlow<B>,
) -> Result<Option<B>, Exhausted> {
    walk(generator, patterns, None, budget, &mut visit)
}

/// What matching a pattern is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    /// Whether it makes a string better, or worse.
    pub(crate) helps: bool,
    /// Patterns with one number, which stand together, are as good as any one of them.
    pub(crate) group: usize,
}

/// The same without strings that cannot be what is looked for if an earlier one is not. If any string is good enough, one
/// is shown that is. Of each group of patterns one that matches may be all that is told.
pub(crate) fn explore_best<B>(
    generator: &[Symbol],
    patterns: &[&[Symbol]],
    roles: &[Role],
    budget: &mut Budget,
    mut visit: impl FnMut(&Visit<'_>) -> ControlFlow<B>,
) -> Result<Option<B>, Exhausted> {
    walk(generator, patterns, Some(roles), budget, &mut visit)
}

fn walk<B>(
    generator: &[Symbol],
    patterns: &[&[Symbol]],
    roles: Option<&[Role]>,
    budget: &mut Budget,
    visit: &mut dyn FnMut(&Visit<'_>) -> ControlFlow<B>,
) -> Result<Option<B>, Exhausted> {
    let machine = Machine::new(generator, patterns);
    let start = machine.start();
    let mut trail: Vec<(usize, char)> = vec![(0, '\0')];
    let mut better = roles.map(|roles| Better::new(&machine, roles));
    if let Some(better) = &mut better {
        better.is_news(&start, budget)?;
    }
    let mut states: Vec<Box<[u64]>> = vec![start.clone()];
    let mut known: HashSet<Box<[u64]>> = HashSet::from([start]);
    let mut matched = vec![false; patterns.len()];
    let mut at = 0;
    while let Some(state) = states.get(at).cloned() {
        budget.spend(state.len() + patterns.len())?;
        if machine.accepts(&state, &mut matched)
            && let ControlFlow::Break(found) =
                visit(&Visit { matched: &matched, trail: &trail, state: at })
        {
            return Ok(Some(found));
        }
        let active = machine.active(&state);
        for letter in letters(&active) {
            budget.spend(active.len() + state.len())?;
            let Some(mut next) = machine.step(&active, letter, state.len()) else { continue };
            if let Some(better) = &better {
                better.settle(&mut next);
            }
            if known.contains(&next) {
                continue;
            }
            if let Some(better) = &mut better
                && !better.is_news(&next, budget)?
            {
                continue;
            }
            known.insert(next.clone());
            states.push(next);
            trail.push((at, letter));
        }
        at += 1;
    }
    Ok(None)
}

/// States that others are held against: from one that is at the same positions of the generator and of what helps, and
/// at no more of what does not, whatever can be reached is as good.
struct Better {
    /// The positions that make a state worse.
    worse: Box<[u64]>,
    /// Runs that end a pattern of a group of several, with what becomes of the others once one is reached: nothing.
    ends: Vec<(usize, Range<usize>)>,
    known: HashMap<Box<[u64]>, Vec<Box<[u64]>>>,
}

/// With more states than this a state is not compared: the first ones are mostly the best.
const RIVALS: usize = 24;

impl Better {
    fn new(machine: &Machine, roles: &[Role]) -> Self {
        let mut worse = vec![0_u64; machine.symbols.len().div_ceil(64)].into_boxed_slice();
        let mut ends = Vec::new();
        let mut patterns = machine.ranges.get(1..).unwrap_or_default().iter().zip(roles).peekable();
        let mut group: Vec<Range<usize>> = Vec::new();
        while let Some((range, role)) = patterns.next() {
            for position in range.clone().filter(|_| !role.helps) {
                set(&mut worse, position);
            }
            group.push(range.clone());
            if patterns.peek().is_some_and(|(_, next)| next.group == role.group) {
                continue;
            }
            let whole = group.first().map_or(0, |first| first.start)..range.end;
            let last =
                group.iter().filter(|_| group.len() > 1).map(|own| own.end.saturating_sub(2));
            let runs = last.filter(|last| machine.symbols.get(*last) == Some(&Some(Symbol::Many)));
            ends.extend(runs.map(|last| (last, whole.clone())));
            group.clear();
        }
        Self { worse, ends, known: HashMap::new() }
    }

    /// Where a group matches whatever follows, the other patterns in it make no difference.
    fn settle(&self, state: &mut [u64]) {
        for (last, group) in &self.ends {
            if !has(state, *last) {
                continue;
            }
            for position in group.clone().filter(|position| position.wrapping_sub(*last) > 1) {
                if let Some(word) = state.get_mut(position / 64) {
                    *word &= !(1 << (position % 64));
                }
            }
        }
    }

    /// Whether no state so far is as good.
    fn is_news(&mut self, state: &[u64], budget: &mut Budget) -> Result<bool, Exhausted> {
        let parts = || state.iter().zip(&self.worse);
        let kept: Box<[u64]> = parts().map(|(word, worse)| word & !worse).collect();
        let rest: Box<[u64]> = parts().map(|(word, worse)| word & worse).collect();
        let rivals = self.known.entry(kept).or_default();
        budget.spend(rivals.len().min(RIVALS))?;
        let within = |rival: &[u64]| rival.iter().zip(&rest).all(|(own, word)| own & !word == 0);
        if rivals.iter().take(RIVALS).any(|rival| within(rival)) {
            return Ok(false);
        }
        if rivals.len() < RIVALS {
            rivals.push(rest);
        }
        Ok(true)
    }
}

/// All patterns side by side: position `p` of the machine is one position of one pattern.
struct Machine {
    /// What stands at each position; none at the end of a pattern.
    symbols: Vec<Option<Symbol>>,
    /// The positions of each pattern; the generator comes first.
    ranges: Vec<Range<usize>>,
}

impl Machine {
    fn new(generator: &[Symbol], patterns: &[&[Symbol]]) -> Self {
        let mut symbols = Vec::new();
        let mut ranges = Vec::with_capacity(patterns.len() + 1);
        for pattern in std::iter::once(&generator).chain(patterns) {
            let start = symbols.len();
            symbols.extend(pattern.iter().copied().map(Some));
            symbols.push(None);
            ranges.push(start..symbols.len());
        }
        Self { symbols, ranges }
    }

    fn start(&self) -> Box<[u64]> {
        let mut state = vec![0; self.symbols.len().div_ceil(64)].into_boxed_slice();
        for range in &self.ranges {
            self.enter(&mut state, range.start);
        }
        state
    }

    /// Marks a position, and the one behind it if a run stands there. In normal form the next is no run that the
    /// same string could skip as well, except where runs of different kind meet.
    fn enter(&self, state: &mut [u64], position: usize) {
        let mut position = position;
        loop {
            set(state, position);
            match self.symbols.get(position) {
                Some(Some(symbol)) if symbol.is_run() => position += 1,
                _ => return,
            }
        }
    }

    fn active(&self, state: &[u64]) -> Vec<(usize, Symbol)> {
        let mut out = Vec::new();
        for (index, &word) in state.iter().enumerate() {
            let mut word = word;
            while word != 0 {
                let position = index * 64 + word.trailing_zeros() as usize;
                word &= word - 1;
                if let Some(Some(symbol)) = self.symbols.get(position) {
                    out.push((position, *symbol));
                }
            }
        }
        out
    }

    /// The state after one more letter, or none if that leaves the generator.
    fn step(&self, active: &[(usize, Symbol)], letter: char, words: usize) -> Option<Box<[u64]>> {
        let mut next = vec![0; words].into_boxed_slice();
        let generator = self.ranges.first()?;
        let mut alive = false;
        for &(position, symbol) in active {
            if position >= generator.end && !alive {
                return None;
            }
            if symbol.takes(letter) {
                self.enter(&mut next, if symbol.is_run() { position } else { position + 1 });
                alive = true;
            }
        }
        alive.then_some(next)
    }

    /// Whether the generator accepts here; if so, which patterns do is written down.
    fn accepts(&self, state: &[u64], matched: &mut [bool]) -> bool {
        let Some((generator, patterns)) = self.ranges.split_first() else { return false };
        if !has(state, generator.end - 1) {
            return false;
        }
        for (slot, range) in matched.iter_mut().zip(patterns) {
            *slot = has(state, range.end - 1);
        }
        true
    }
}

fn has(state: &[u64], position: usize) -> bool {
    state.get(position / 64).is_some_and(|word| word >> (position % 64) & 1 == 1)
}

fn set(state: &mut [u64], position: usize) {
    if let Some(word) = state.get_mut(position / 64) {
        *word |= 1 << (position % 64);
    }
}

/// The letters that can lead to different states, "any other" first.
fn letters(active: &[(usize, Symbol)]) -> Vec<char> {
    let mut named: Vec<char> = Vec::new();
    for &(_, symbol) in active {
        match symbol {
            Symbol::Char(letter) => named.push(letter),
            Symbol::SegmentOne | Symbol::SegmentMany => named.push(':'),
            Symbol::AnyCase { small, loose } => {
                named.extend([small, small.to_ascii_uppercase()]);
                let foreign = FOREIGN.iter().filter(|(ours, _)| loose && *ours == small);
                named.extend(foreign.map(|(_, letter)| *letter));
            }
            Symbol::One | Symbol::Many | Symbol::Special(_) => {}
        }
    }
    named.sort_unstable();
    named.dedup();
    let mut others = OTHERS.chars().chain('\u{100}'..);
    let other = others.find(|letter| named.binary_search(letter).is_err());
    other.into_iter().chain(named).collect()
}
