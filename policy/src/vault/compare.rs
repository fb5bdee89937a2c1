//! One cell at a time: does the rule that decides on the inner side allow more than the one on the outer side?
//!
//! Where a rule with unknown parts may match as well, the answer has to hold whether it does or not. A rule that both sides
//! have decides on both or on none, unless a known rule of one side comes between.

use super::cells::Cell;
use super::path::Rank;
use super::side::{Joined, Mask, Names};

/// The two sides, pattern by pattern.
pub(super) struct Pair<'a> {
    pub(super) rank: Option<&'a Rank>,
    pub(super) inner: Option<&'a Joined<'a>>,
    pub(super) outer: Option<&'a Joined<'a>>,
}

/// What a request is about, beside the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Listing.
    List,
    /// Anything else.
    Other,
}

/// What a cell shows about one kind of request.
#[derive(Debug, Default)]
pub(super) struct Gap {
    /// Capabilities that the inner side has for certain, and the outer side has not.
    pub(super) certain: Mask,
    /// Capabilities that the inner side may have and the outer side may not.
    pub(super) possible: Mask,
    /// Capabilities that the inner side may have, and those that it has for certain.
    pub(super) has: (Mask, Mask),
    /// The pattern that decides on the inner side, and the one on the outer side.
    pub(super) inner: Option<usize>,
    pub(super) outer: Option<usize>,
    /// Capabilities that no inner rule but this one would take from a request that it matches, and that the outer side
    /// gives to none, for each inner rule with unknown parts.
    pub(super) alone: Vec<(usize, Mask)>,
}

/// When a matching pattern counts; the last that does decides.
type Stage = u8;

/// Compares the sides for one kind of request at one path.
pub(super) fn gap(pairs: &[Pair<'_>], cell: &Cell<'_>, kind: Kind, names: &Names) -> Gap {
    let listing = names.bit("list") | names.bit("scan");
    let sudo = names.bit("sudo");
    let care = if kind == Kind::List { listing | sudo } else { !listing };
    let matching = matching(pairs, cell, kind);
    let known = |side: fn(&Pair<'_>) -> bool| {
        let own = matching.iter().filter_map(|(at, stage)| {
            let pair = pairs.get(*at)?;
            Some((*stage, pair.rank?, *at)).filter(|_| side(pair))
        });
        own.max()
    };
    let (inner, outer) = (known(|pair| pair.inner.is_some()), known(|pair| pair.outer.is_some()));
    let own = inner.and_then(|(_, _, at)| pairs.get(at)?.inner);
    let theirs = outer.and_then(|(_, _, at)| pairs.get(at)?.outer);
    let open: Vec<(usize, &Pair<'_>)> = matching
        .iter()
        .filter_map(|(at, _)| Some((*at, pairs.get(*at)?)))
        .filter(|(_, pair)| pair.rank.is_none())
        .collect();
    let mut gap = Gap {
        inner: inner.map(|(_, _, at)| at),
        outer: outer.map(|(_, _, at)| at),
        ..Gap::default()
    };
    gap.possible = exceeds(own, theirs) & care;
    gap.certain = own.map_or(0, |own| own.some) & !theirs.map_or(0, |it| it.upper) & care;
    gap.has = (own.map_or(0, |it| it.upper), own.map_or(0, |it| it.some));
    let order =
        |it: Option<(Stage, &Rank, usize)>| it.map(|(stage, rank, _)| (stage, rank.clone()));
    for (at, pair) in &open {
        match (pair.inner, pair.outer) {
            (Some(mine), Some(other)) => {
                gap.possible |= exceeds_strictly(Some(mine), Some(other)) & care;
                // Only a known rule that is less specific than the other one lets this one come between.
                if order(inner) > order(outer) {
                    gap.possible |= exceeds_strictly(own, Some(other)) & care;
                }
                if order(outer) > order(inner) {
                    gap.possible |= exceeds_strictly(Some(mine), theirs) & care;
                }
            }
            (Some(mine), None) => gap.possible |= exceeds_strictly(Some(mine), theirs) & care,
            (None, Some(other)) => gap.possible |= exceeds_strictly(own, Some(other)) & care,
            (None, None) => {}
        }
        if gap.inner.is_none() && pair.inner.is_some() {
            gap.inner = Some(*at);
        }
        gap.has.0 |= pair.inner.map_or(0, |it| it.upper);
    }
    crossed(&open, care, &mut gap);
    if !open.is_empty() {
        certainty(&open, own, theirs, care, &mut gap);
    }
    // `sudo` adds to another capability and is nothing by itself.
    if gap.has.0 & care & !sudo == 0 {
        gap.possible &= !sudo;
    }
    if gap.has.1 & care & !sudo == 0 {
        gap.certain &= !sudo;
    }
    gap
}

/// Rules with unknown parts of one side only, against those of the other.
fn crossed(open: &[(usize, &Pair<'_>)], care: Mask, gap: &mut Gap) {
    for (at, one) in open {
        for (other_at, other) in open {
            let both = |pair: &Pair<'_>| pair.inner.is_some() && pair.outer.is_some();
            if at != other_at
                && one.inner.is_some()
                && other.outer.is_some()
                && !(both(one) && both(other))
            {
                gap.possible |= exceeds_strictly(one.inner, other.outer) & care;
            }
        }
    }
}

/// What holds whether the rules with unknown parts match or not.
fn certainty(
    open: &[(usize, &Pair<'_>)],
    own: Option<&Joined<'_>>,
    theirs: Option<&Joined<'_>>,
    care: Mask,
    gap: &mut Gap,
) {
    let mut outer_upper = theirs.map_or(0, |it| it.upper);
    for (_, pair) in open {
        outer_upper |= pair.outer.map_or(0, |it| it.upper);
        if let Some(mine) = pair.inner {
            gap.certain &= mine.some;
        }
    }
    gap.certain &= !outer_upper;
    for (at, pair) in open {
        let Some(mine) = pair.inner else { continue };
        let mut alone = mine.some & own.map_or(Mask::MAX, |it| it.some);
        for (other_at, other) in open {
            if other_at != at
                && let Some(other) = other.inner
            {
                alone &= other.some;
            }
        }
        gap.alone.push((*at, alone & !outer_upper | !care));
    }
}

/// What the first may allow and the second may not. The same rules do the same, whatever they mean.
fn exceeds(inner: Option<&Joined<'_>>, outer: Option<&Joined<'_>>) -> Mask {
    let Some(inner) = inner else { return 0 };
    let Some(outer) = outer else { return inner.upper };
    if inner.upper & !outer.lower == 0 || inner.is_like(outer) {
        return 0;
    }
    inner.upper & !outer.lower
}

/// Likewise where the rules may melt together with others: then a rule that denies takes from these as well.
fn exceeds_strictly(inner: Option<&Joined<'_>>, outer: Option<&Joined<'_>>) -> Mask {
    let silent = |joined: Option<&Joined<'_>>| joined.is_none_or(|it| it.deny && it.upper == 0);
    if outer.is_some_and(|it| it.deny) && !silent(inner) {
        let same = inner.zip(outer).is_some_and(|(inner, outer)| inner.is_like(outer));
        return if same { 0 } else { Mask::MAX };
    }
    exceeds(inner, outer)
}

/// The patterns that match the request, each with when it counts: exact paths before others; of a listing, those that match
/// the path itself, then those that match it without its last slash, and the other way round for paths with wildcards.
fn matching(pairs: &[Pair<'_>], cell: &Cell<'_>, kind: Kind) -> Vec<(usize, Stage)> {
    let exact = |at: usize| pairs.get(at).and_then(|pair| pair.rank).is_some_and(Rank::is_exact);
    let stage = |at: usize, exactly: Stage, otherwise: Stage| {
        (at, if exact(at) { exactly } else { otherwise })
    };
    let mut out: Vec<(usize, Stage)> = cell.matched.iter().map(|at| stage(*at, 3, 0)).collect();
    if kind == Kind::List {
        for at in cell.stem.into_iter().flatten() {
            let (at, stage) = stage(*at, 2, 1);
            match out.iter_mut().find(|(own, _)| *own == at) {
                Some((_, own)) => *own = (*own).max(stage),
                None => out.push((at, stage)),
            }
        }
    }
    out
}
