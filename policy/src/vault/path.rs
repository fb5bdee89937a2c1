//! Paths of rules: their kinds, which of two decides, and the requests that they match.

use std::cmp::Reverse;

use crate::text::{Hole, Part, Shape, Text};

/// One step of a path pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Char(char),
    /// Any run of characters.
    Run,
    /// Any run without `/`.
    Segment,
}

/// How specific a path is. The greatest that matches a request decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    exact: bool,
    first_wildcard: usize,
    whole: bool,
    plusses: Reverse<usize>,
    length: usize,
    path: String,
}

/// A path as it is compared.
#[derive(Clone, Debug)]
pub(super) struct Path {
    /// Every request path that it can match, for some value of its unknown parts.
    pub(super) steps: Vec<Step>,
    /// How specific it is; none if parts of it are unknown.
    pub(super) rank: Option<Rank>,
}

/// The text without the slash that a path may begin with, its templates (`{{identity…}}`) being holes.
pub(super) fn normal(path: &Text) -> Text {
    let mut out = Text::new();
    for (index, part) in path.parts().iter().enumerate() {
        match part {
            Part::Literal(known) => {
                let stripped = known.strip_prefix('/').filter(|_| index == 0);
                let mut rest = stripped.unwrap_or(known);
                while let Some((before, after)) = rest.split_once("{{")
                    && let Some((name, later)) = after.split_once("}}")
                {
                    out.push_str(before);
                    out.push(&Text::hole(format!("{{{{{}}}}}", name.trim()), Shape::Any));
                    rest = later;
                }
                out.push_str(rest);
            }
            Part::Hole(hole) => out.push(&Text::from(hole.clone())),
        }
    }
    out
}

/// Why Vault refuses the path, if it does for certain.
pub(super) fn check(path: &Text) -> Result<(), String> {
    for part in path.parts() {
        let Part::Literal(known) = part else { continue };
        if known.contains("+*") {
            return Err(format!("path `{path}` has `+*`, which no path can have"));
        }
        if known.matches("{{").count() != known.matches("}}").count() && !path.has_holes() {
            return Err(format!("path `{path}` has `{{{{` without `}}}}`"));
        }
    }
    Ok(())
}

/// Why the path can never match a request, if that is so.
pub(super) fn pointless(path: &Text) -> Option<String> {
    let known = path.as_str()?;
    let known = known.strip_prefix('/').unwrap_or(known);
    if known.is_empty() {
        return Some("an empty path matches no request".to_owned());
    }
    known
        .starts_with('/')
        .then(|| format!("path `{path}` begins with two slashes: it matches nothing"))
}

impl Path {
    /// Reads a path in normal form; none if it is known and Vault refuses it.
    pub(super) fn new(path: &Text) -> Option<Self> {
        match path.as_str() {
            Some(known) => Self::known(known),
            None => Some(Self { steps: wide(path), rank: None }),
        }
    }

    fn known(path: &str) -> Option<Self> {
        if path.contains("+*") {
            return None;
        }
        let segmented = path == "+" || path.contains("/+") || path.starts_with("+/");
        let whole = path.strip_suffix('*');
        let stem = whole.unwrap_or(path);
        let mut steps = Vec::new();
        let mut plusses = 0;
        for (index, segment) in stem.split('/').enumerate() {
            if index > 0 {
                steps.push(Step::Char('/'));
            }
            if segmented && segment == "+" {
                plusses += 1;
                steps.push(Step::Segment);
            } else {
                steps.extend(segment.chars().map(Step::Char));
            }
        }
        if whole.is_some() {
            steps.push(Step::Run);
        }
        let rank = Rank {
            exact: whole.is_none() && !segmented,
            first_wildcard: if segmented { path.find('+').unwrap_or(0) } else { stem.len() },
            whole: whole.is_none(),
            plusses: Reverse(plusses),
            length: stem.len(),
            path: stem.to_owned(),
        };
        Some(Self { steps, rank: Some(rank) })
    }
}

impl Rank {
    pub(super) fn is_exact(&self) -> bool {
        self.exact
    }
}

/// What a path with unknown parts can match at most. A value can hold slashes, a `+` as a whole segment, or a star at its
/// end, so whatever touches a hole is read as a wildcard where it could become one.
fn wide(path: &Text) -> Vec<Step> {
    let mut steps = Vec::new();
    let parts = path.parts();
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Hole(hole) => steps.extend(values(hole)),
            Part::Literal(known) => {
                let before = index > 0;
                let after = index + 1 < parts.len();
                let holes_follow =
                    parts.iter().skip(index + 1).all(|part| matches!(part, Part::Hole(_)));
                let mut letters = known.chars().peekable();
                let mut last = None;
                while let Some(letter) = letters.next() {
                    let next = letters.peek();
                    let starts = matches!(last, Some('/')) || last.is_none();
                    let ends = matches!(next, Some('/')) || next.is_none();
                    let step = match letter {
                        '+' if starts && ends => Step::Segment,
                        '+' if (last.is_none() && before) || (next.is_none() && after) => {
                            Step::Segment
                        }
                        '*' if next.is_none() && holes_follow => Step::Run,
                        _ => Step::Char(letter),
                    };
                    steps.push(step);
                    last = Some(letter);
                }
            }
        }
    }
    steps.dedup_by(|next, last| *next == *last && !matches!(next, Step::Char(_)));
    steps
}

fn values(hole: &Hole) -> Vec<Step> {
    match &hole.shape {
        Shape::Any => vec![Step::Run],
        Shape::Word => vec![Step::Segment],
        Shape::Glob(pattern) => {
            let letters = pattern
                .chars()
                .map(|letter| (!matches!(letter, '*' | '?' | '+')).then_some(Step::Char(letter)));
            letters.collect::<Option<Vec<Step>>>().unwrap_or_else(|| vec![Step::Run])
        }
    }
}
