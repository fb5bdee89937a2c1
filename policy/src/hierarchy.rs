//! Places that lie inside each other by name: the scopes of Azure, the resource names of Google Cloud.
//!
//! `/subscriptions/s` covers `/subscriptions/s/resourceGroups/rg`, and `…/rg` does not cover `…/rg2`: whole segments
//! count. Where names do not tell (which management group a subscription is in, which project a bucket is in), a
//! [`Tree`] may; without it the answer is "maybe", never a guess.

use std::collections::{BTreeMap, BTreeSet};

use crate::glob::{self, Symbol};
use crate::text::{Hole, Part, Shape, Text};
use crate::verdict::Verdict;

/// What is known about which place lies in which: child to parent, as full names.
///
/// A parent that is not there is unknown, so that a tree may be as partial as the knowledge is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    parents: BTreeMap<String, String>,
}

impl Tree {
    /// A tree that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes down where a place is.
    pub fn place(&mut self, child: impl Into<String>, parent: impl Into<String>) {
        self.parents.insert(key(&child.into()), key(&parent.into()));
    }

    /// The places that this one is known to lie in, nearest first.
    pub(crate) fn above(&self, place: &str) -> Vec<&str> {
        let mut out: Vec<&str> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut at = self.parents.get(&key(place));
        while let Some(parent) = at {
            if !seen.insert(parent) {
                break;
            }
            out.push(parent);
            at = self.parents.get(parent);
        }
        out
    }
}

/// Names are compared in lower case; a slash at the end means nothing.
pub(crate) fn key(place: &str) -> String {
    place.trim_end_matches('/').to_lowercase()
}

/// Whether one place takes in another, for every value of the holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends: why, and on which unknown values.
    Maybe(String, Vec<String>),
}

impl Reach {
    /// It depends on the values of the holes.
    pub(crate) fn unknown<'a>(texts: impl IntoIterator<Item = &'a Text>) -> Self {
        let origins: Vec<String> = origins(texts);
        let reason = match origins.first() {
            Some(origin) => format!("`{origin}` is not known before apply"),
            None => "a value is not known before apply".to_owned(),
        };
        Self::Maybe(reason, origins)
    }
}

/// Where the unknown parts come from, in order, without repeats.
pub(crate) fn origins<'a>(texts: impl IntoIterator<Item = &'a Text>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for hole in texts.into_iter().flat_map(Text::holes) {
        if !out.iter().any(|known| **known == *hole.origin) {
            out.push(hole.origin.to_string());
        }
    }
    out
}

/// Why something is granted perhaps only, and which unknown values that depends on.
pub(crate) type Doubt = (String, Vec<String>);

/// The doubt about a text that is not known as a whole.
pub(crate) fn unknown(text: &Text) -> Doubt {
    let origins = origins([text]);
    let first = origins.first().map_or("", String::as_str);
    (format!("`{first}` is not known before apply"), origins)
}

/// Outside beats undecided beats inside; the first of a kind stays, with all unknown values.
pub(crate) fn merge(own: &mut Verdict, other: Verdict) -> bool {
    match (&mut *own, other) {
        (Verdict::Outside(_), _) | (_, Verdict::Inside) => false,
        (Verdict::Undecided(why), Verdict::Undecided(more)) => {
            for origin in more.unknown {
                if !why.unknown.contains(&origin) {
                    why.unknown.push(origin);
                }
            }
            false
        }
        (_, other) => {
            *own = other;
            true
        }
    }
}

/// Numbers for holes: the same unknown gets the same number on both sides.
#[derive(Debug, Default)]
pub(crate) struct Holes {
    numbers: BTreeMap<Hole, u32>,
}

impl Holes {
    /// Whether no hole has a number.
    pub(crate) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The symbol for a hole, equal to itself only.
    pub(crate) fn symbol(&mut self, hole: &Hole) -> Symbol {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        Symbol::Special(*self.numbers.entry(hole.clone()).or_insert(next))
    }
}

/// Whether a place covers another by name alone. A whole segment `*` of `outer` stands for any one segment.
pub(crate) fn covers(outer: &Text, inner: &Text, ignore_case: bool) -> Reach {
    let mut holes = Holes::default();
    let (own, below) = prefixes(symbols(outer, ignore_case, true, Some(&mut holes)));
    // A segment `*` of the inner side is as wide as it looks; a hole is one unknown string.
    let theirs = symbols(inner, ignore_case, true, Some(&mut holes));
    if glob::covers(&own, &theirs) || glob::covers(&below, &theirs) {
        return Reach::Yes;
    }
    let wide = symbols(inner, ignore_case, true, None);
    if inner.has_holes() && (glob::covers(&own, &wide) || glob::covers(&below, &wide)) {
        return Reach::Yes;
    }
    if !outer.has_holes() && !inner.has_holes() {
        return Reach::No;
    }
    let (own, below) = prefixes(symbols(outer, ignore_case, true, None));
    if glob::meets(&own, &wide) || glob::meets(&below, &wide) {
        return Reach::unknown([inner, outer]);
    }
    Reach::No
}

/// The place itself, and everything below it.
fn prefixes(own: Vec<Symbol>) -> (Vec<Symbol>, Vec<Symbol>) {
    let mut below = own.clone();
    below.extend([Symbol::Char(':'), Symbol::Many]);
    (own, glob::normal(below))
}

/// A place as a pattern in which `/` and `:` have changed places, so that the wildcards that stop at a colon stop at a
/// slash. Holes become specials, or, without `holes`, all that they can become.
fn symbols(
    place: &Text,
    ignore_case: bool,
    stars: bool,
    mut holes: Option<&mut Holes>,
) -> Vec<Symbol> {
    let mut out = Vec::new();
    for part in place.parts() {
        match (part, holes.as_deref_mut()) {
            (Part::Literal(known), _) => out.extend(known.chars().flat_map(|letter| {
                let lower = ignore_case.then(|| letter.to_lowercase());
                let same = lower.is_none().then_some(letter);
                lower.into_iter().flatten().chain(same).map(|one| Symbol::Char(turned(one)))
            })),
            (Part::Hole(hole), Some(holes)) => out.push(holes.symbol(hole)),
            (Part::Hole(hole), None) => match &hole.shape {
                Shape::Any => out.push(Symbol::Many),
                Shape::Word => out.extend([Symbol::SegmentOne, Symbol::SegmentMany]),
                Shape::Glob(pattern) => {
                    let pattern =
                        if ignore_case { pattern.to_lowercase() } else { pattern.to_string() };
                    out.extend(glob::compile(&turned_text(&pattern)));
                }
            },
        }
    }
    while out.last() == Some(&Symbol::Char(':')) {
        out.pop();
    }
    if stars {
        out = widen(&out);
    }
    glob::normal(out)
}

fn turned(letter: char) -> char {
    match letter {
        '/' => ':',
        ':' => '/',
        _ => letter,
    }
}

fn turned_text(known: &str) -> String {
    known.chars().map(turned).collect()
}

/// Every segment that is one `*` becomes "some segment".
fn widen(symbols: &[Symbol]) -> Vec<Symbol> {
    let slash = Symbol::Char(':');
    let mut out = Vec::with_capacity(symbols.len() + 1);
    for (index, segment) in symbols.split(|symbol| *symbol == slash).enumerate() {
        if index > 0 {
            out.push(slash);
        }
        if segment == [Symbol::Char('*')] {
            out.extend([Symbol::SegmentOne, Symbol::SegmentMany]);
        } else {
            out.extend_from_slice(segment);
        }
    }
    out
}

/// The text with a likely value for every hole and every segment `*`.
pub(crate) fn example(text: &Text) -> String {
    let filled: String = text
        .parts()
        .iter()
        .map(|part| match part {
            Part::Literal(known) => known.as_str(),
            Part::Hole(_) => "example",
        })
        .collect();
    let segments: Vec<&str> =
        filled.split('/').map(|segment| if segment == "*" { "example" } else { segment }).collect();
    segments.join("/")
}
