//! The two readings of what may cover one pattern, and what keeps them apart.

use super::super::pattern::{Lists, Pattern};
use crate::glob::{self, Symbol};
use crate::hierarchy::{Doubt, unknown};
use crate::text::Text;

/// One block of the outer side that may reach the inner scope.
pub(super) struct Source<'s> {
    pub(super) lists: &'s Lists,
    /// None if it grants for certain.
    pub(super) doubt: Option<Doubt>,
}

/// Where in the inner side a pattern stands, and what may cover it.
pub(super) struct At<'s> {
    pub(super) data: bool,
    pub(super) scope: &'s Text,
    pub(super) minus: &'s [Pattern],
    pub(super) sources: Vec<Source<'s>>,
    /// Roles of the outer side that may grant anything.
    pub(super) wild: Vec<Doubt>,
    /// Whether a condition stands before what is granted.
    pub(super) guarded: bool,
}

/// The patterns of an exploration, those left out that have nothing in common with the one under test.
pub(super) struct Table<'p> {
    pub(super) generator: &'p Pattern,
    pub(super) patterns: Vec<&'p [Symbol]>,
}

/// Which patterns of a [`Table`] a list became: those that count in both readings, and those with unknown parts, which
/// count in the upper one.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) sure: Vec<usize>,
    pub(super) perhaps: Vec<usize>,
}

impl<'p> Table<'p> {
    pub(super) fn new(generator: &'p Pattern) -> Self {
        Self { generator, patterns: Vec::new() }
    }

    pub(super) fn rows(&mut self, list: &'p [Pattern]) -> Rows {
        let mut rows = Rows::default();
        for pattern in list.iter().filter(|own| own.meets(self.generator)) {
            let row = self.patterns.len();
            self.patterns.push(pattern.wide());
            if pattern.has_holes() { &mut rows.perhaps } else { &mut rows.sure }.push(row);
        }
        rows
    }
}

impl Rows {
    pub(super) fn any(&self, lower: bool, hit: impl Fn(usize) -> bool) -> bool {
        let perhaps = self.perhaps.iter().filter(|_| !lower);
        self.sure.iter().chain(perhaps).any(|row| hit(*row))
    }
}

/// Whether one block covers the pattern alone.
pub(super) fn covered(pattern: &Pattern, at: &At<'_>) -> bool {
    at.sources.iter().filter(|source| source.doubt.is_none()).any(|source| {
        let Lists { plus, minus } = source.lists;
        let wide = |own: &Pattern| glob::covers(&own.symbols, pattern.wide());
        plus.iter().any(|own| own.covers(pattern) || wide(own))
            && minus
                .iter()
                .all(|gone| !gone.meets(pattern) || at.minus.iter().any(|own| own.covers(gone)))
    })
}

/// What has operations in common with one pattern.
pub(super) struct Near<'s> {
    pub(super) minus: Vec<&'s Pattern>,
    /// What each source gives and takes away.
    pub(super) sources: Vec<(Vec<&'s Pattern>, Vec<&'s Pattern>)>,
}

pub(super) fn near<'s>(pattern: &Pattern, at: &At<'s>) -> Near<'s> {
    let meets = |list: &'s [Pattern]| -> Vec<&'s Pattern> {
        list.iter().filter(|own| own.meets(pattern)).collect()
    };
    let sources = at.sources.iter().map(|source| {
        let Lists { plus, minus } = source.lists;
        (meets(plus), meets(minus))
    });
    Near { minus: meets(at.minus), sources: sources.filter(|(plus, _)| !plus.is_empty()).collect() }
}

impl Near<'_> {
    /// Whether a literal is granted by the inner side for certain and by the outer side certainly not.
    pub(super) fn escape(&self, word: &[Symbol]) -> bool {
        let perhaps = |list: &[&Pattern]| list.iter().any(|own| glob::covers(own.wide(), word));
        let surely = |list: &[&Pattern]| {
            list.iter().any(|own| !own.has_holes() && glob::covers(&own.symbols, word))
        };
        !perhaps(&self.minus)
            && !self.sources.iter().any(|(plus, minus)| perhaps(plus) && !surely(minus))
    }
}

/// What keeps the two readings apart at a pattern.
pub(super) fn doubt(pattern: &Pattern, at: &At<'_>) -> Doubt {
    if pattern.has_holes() {
        return unknown(&pattern.text);
    }
    let near = |source: &&Source<'_>| source.lists.plus.iter().any(|own| own.meets(pattern));
    let sources = || at.sources.iter().filter(near);
    if let Some(doubt) = sources().find_map(|source| source.doubt.clone()) {
        return doubt;
    }
    if let Some(doubt) = at.wild.first() {
        return doubt.clone();
    }
    let lists = sources().flat_map(|source| source.lists.plus.iter().chain(&source.lists.minus));
    let mut all = lists.chain(at.minus);
    if let Some(open) = all.find(|own| own.has_holes() && own.meets(pattern)) {
        return unknown(&open.text);
    }
    if at.guarded {
        let reason =
            format!("`{}` is granted under a condition, which is not decided", pattern.text);
        return (reason, Vec::new());
    }
    (format!("no operation shows that `{}` is outside", pattern.text), Vec::new())
}

pub(super) fn not_known(role: &Text) -> Doubt {
    if role.has_holes() {
        return unknown(role);
    }
    let reason =
        format!("the content of the role `{role}` is not known: give it with `--azure-roles FILE`");
    (reason, Vec::new())
}

pub(super) fn conditional(condition: &Text) -> Doubt {
    let reason =
        format!("the outer side grants under a condition that is not decided: `{condition}`");
    (reason, crate::hierarchy::origins([condition]))
}
