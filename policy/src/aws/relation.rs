//! How a statement stands to one piece of the inner side.
//!
//! The inner side is taken apart into pieces (an action glob of one service, a resource glob, a principal), and for
//! each piece every other statement is asked whether it matches all of it, some of it or none of it.

use std::borrow::Cow;

use super::Document;
use super::document::{Effect, Statement};
use super::pattern::{ResourcePattern, Special, shape};
use super::principal::Asker;
use crate::glob::{self, Budget, Exhausted, Symbol};

mod colons;

pub(super) use colons::{Cut, Reading, crosses, disputed};

use colons::cut;

/// How much of a piece a statement matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    All,
    Some,
    None,
}

/// A piece of one dimension of an inner statement.
pub(super) struct Piece<'p> {
    /// The glob; specials stand for themselves.
    pub(super) word: Cow<'p, [Symbol]>,
    /// The glob with every string that the specials can become.
    pub(super) wide: Cow<'p, [Symbol]>,
    /// Globs whose strings are not part of the piece.
    pub(super) except: Vec<Cow<'p, [Symbol]>>,
    /// Whether the piece is one string.
    literal: bool,
    /// Whether `word` and `wide` differ.
    special: bool,
}

impl<'p> Piece<'p> {
    pub(super) fn new(
        word: Cow<'p, [Symbol]>,
        wide: Cow<'p, [Symbol]>,
        except: Vec<Cow<'p, [Symbol]>>,
    ) -> Self {
        let literal = glob::is_literal(&wide);
        let special = word.iter().any(|symbol| matches!(symbol, Symbol::Special(_)));
        Self { word, wide, except, literal, special }
    }

    /// A piece without specials.
    pub(super) fn plain(glob: Cow<'p, [Symbol]>, except: Vec<Cow<'p, [Symbol]>>) -> Self {
        Self::new(glob.clone(), glob, except)
    }
}

/// A statement prepared for one reading.
pub(super) struct Prepared<'a> {
    pub(super) document: usize,
    pub(super) index: usize,
    pub(super) statement: &'a Statement,
    /// Its number among all statements of the comparison.
    pub(super) serial: usize,
    resources: Option<Listed<'a>>,
}

struct Listed<'a> {
    negated: bool,
    lower: Vec<Cow<'a, [Symbol]>>,
    upper: Vec<Cow<'a, [Symbol]>>,
    /// With a variable that may have no value the complement is nothing for certain.
    voidable: bool,
}

/// The specials of all documents of one comparison under one numbering.
#[derive(Default)]
pub(super) struct Specials {
    all: Vec<Special>,
}

impl Specials {
    pub(super) fn get(&self, index: u32) -> Option<&Special> {
        self.all.get(index as usize)
    }

    fn renumber(&mut self, own: &[Special]) -> Vec<u32> {
        own.iter()
            .map(|special| {
                let known = self.all.iter().position(|known| known == special);
                let index = known.unwrap_or_else(|| {
                    self.all.push(special.clone());
                    self.all.len() - 1
                });
                u32::try_from(index).unwrap_or(u32::MAX)
            })
            .collect()
    }

    /// Every string that the specials can become.
    fn widen<'s>(&self, symbols: &Cow<'s, [Symbol]>) -> Cow<'s, [Symbol]> {
        if !symbols.iter().any(|symbol| matches!(symbol, Symbol::Special(_))) {
            return symbols.clone();
        }
        let mut out = Vec::with_capacity(symbols.len());
        for &symbol in symbols.iter() {
            let Symbol::Special(index) = symbol else {
                out.push(symbol);
                continue;
            };
            match self.all.get(index as usize) {
                Some(Special::Hole(hole, _)) => out.extend(shape(hole)),
                Some(Special::Variable(name)) if !may_be_empty(name) => {
                    out.extend([Symbol::One, Symbol::Many]);
                }
                Some(Special::Variable(_)) | None => out.push(Symbol::Many),
            }
        }
        Cow::Owned(glob::normal(out))
    }
}

/// Whether a variable can stand for nothing: a tag can, and what is no key of AWS's own. A name or a number cannot.
pub(super) fn may_be_empty(variable: &str) -> bool {
    let lower = variable.to_ascii_lowercase();
    !lower.trim_start().starts_with("aws:") || lower.contains("tag") || lower.contains(',')
}

/// Prepares all statements of one side.
pub(super) fn prepare<'a>(
    documents: &[&'a Document],
    reading: Reading,
    specials: &mut Specials,
    serials: &mut usize,
) -> Vec<Prepared<'a>> {
    let mut out = Vec::with_capacity(documents.iter().map(|it| it.statements.len()).sum());
    for (number, document) in documents.iter().enumerate() {
        let numbers = specials.renumber(&document.specials);
        for (index, statement) in document.statements.iter().enumerate() {
            let resources = statement.resources.as_ref().map(|resources| {
                let renumbered = |pattern: &'a ResourcePattern, wanted: Cut, upper: bool| {
                    let symbols = cut(&pattern.symbols, &document.specials, wanted, upper);
                    if numbers.is_empty() {
                        return symbols;
                    }
                    let number = |own: u32| numbers.get(own as usize).copied().unwrap_or(u32::MAX);
                    let rename = |symbol: &Symbol| symbol.renumbered(number);
                    Cow::Owned(symbols.iter().map(rename).collect())
                };
                let patterns = resources.patterns.iter();
                let upper: Vec<_> = patterns
                    .clone()
                    .map(|pattern| renumbered(pattern, reading.upper, true))
                    .collect();
                Listed {
                    negated: resources.negated,
                    lower: patterns
                        .filter(|pattern| !pattern.opaque)
                        .map(|pattern| renumbered(pattern, reading.lower, false))
                        .collect(),
                    upper: upper.iter().map(|symbols| specials.widen(symbols)).collect(),
                    voidable: resources.negated
                        && resources.variables(&document.specials).next().is_some(),
                }
            });
            out.push(Prepared { document: number, index, statement, serial: *serials, resources });
            *serials += 1;
        }
    }
    out
}

impl Prepared<'_> {
    /// The resources of an inner statement, piece by piece. None: the resource that the policy is attached to.
    pub(super) fn pieces(&self, specials: &Specials) -> Vec<Option<Piece<'_>>> {
        let everything = Cow::Borrowed(&[Symbol::Many] as &[Symbol]);
        if !self.statement.opaque.is_empty() {
            return vec![Some(Piece::plain(everything, Vec::new()))];
        }
        let Some(listed) = &self.resources else { return vec![None] };
        if listed.negated {
            return vec![Some(Piece::plain(everything, listed.lower.clone()))];
        }
        let void = |symbols: &[Symbol]| {
            symbols.iter().any(|symbol| {
                let Symbol::Special(index) = symbol else { return false };
                specials.get(*index).is_some_and(Special::never_resolves)
            })
        };
        // The upper list is in the order of the patterns; the lower one may be shorter.
        let mut lower = listed.lower.iter();
        let patterns = self.statement.resources.iter().flat_map(|resources| &resources.patterns);
        patterns
            .zip(&listed.upper)
            .map(|(pattern, wide)| {
                let exact = if pattern.opaque { None } else { lower.next() };
                let special = |symbols: &&Cow<'_, [Symbol]>| {
                    symbols.iter().any(|symbol| matches!(symbol, Symbol::Special(_)))
                };
                if exact.is_some_and(|symbols| void(symbols)) {
                    return Some(Piece::plain(everything.clone(), vec![everything.clone()]));
                }
                // Without specials the upper form says it all, and is the wider of the two.
                let word = exact.filter(special).unwrap_or(wide);
                let wide = specials.widen(wide);
                Some(Piece::new(word.clone(), wide, Vec::new()))
            })
            .collect()
    }

    /// How the statement's actions stand to a piece.
    pub(super) fn actions(&self, service: Option<&str>, piece: &Piece<'_>, upper: bool) -> Stand {
        if !self.statement.opaque.is_empty() {
            return if upper { Stand::All } else { Stand::None };
        }
        let actions = &self.statement.actions;
        // The complement of the one reading is the other.
        let upper = upper != actions.negated;
        if piece.literal && piece.except.is_empty() {
            if actions.lists(service, &piece.wide) {
                return if actions.negated { Stand::None } else { Stand::All };
            }
            return stand(actions.negated, actions.names(service, upper, true), piece);
        }
        stand(actions.negated, actions.names(service, upper, false), piece)
    }

    /// The globs behind [`Self::actions`], and whether matching none of them is a match.
    pub(super) fn action_globs(
        &self,
        service: Option<&str>,
        upper: bool,
    ) -> (bool, Vec<&[Symbol]>) {
        let actions = &self.statement.actions;
        (actions.negated, actions.names(service, upper != actions.negated, false).collect())
    }

    /// How the statement's resources stand to a piece.
    pub(super) fn resources(&self, piece: Option<&Piece<'_>>, upper: bool) -> Stand {
        let sure = |sure: bool| if sure { Stand::All } else { Stand::None };
        if !self.statement.opaque.is_empty() {
            return sure(upper);
        }
        match (&self.resources, piece) {
            (None, None) => Stand::All,
            // A policy that names no resource against one that does: they are of different kinds.
            (None, Some(_)) => sure(upper),
            (Some(listed), None) => {
                let everything =
                    listed.lower.iter().any(|glob| matches!(glob.as_ref(), [Symbol::Many]));
                sure(upper || (everything && !listed.negated))
            }
            (Some(listed), Some(_)) if listed.voidable && !upper => Stand::None,
            (Some(listed), Some(piece)) => {
                let globs = if upper == listed.negated { &listed.lower } else { &listed.upper };
                stand(listed.negated, globs.iter().map(AsRef::as_ref), piece)
            }
        }
    }

    /// The globs behind [`Self::resources`].
    pub(super) fn resource_globs(&self, upper: bool) -> (bool, Vec<&[Symbol]>) {
        let Some(listed) = &self.resources else { return (false, Vec::new()) };
        let globs = if upper == listed.negated { &listed.lower } else { &listed.upper };
        (listed.negated, globs.iter().map(AsRef::as_ref).collect())
    }

    /// The patterns of its resources as they are written, before negation.
    pub(super) fn written(&self) -> impl Iterator<Item = &[Symbol]> {
        self.resources.iter().flat_map(|listed| &listed.lower).map(AsRef::as_ref)
    }

    /// Whether the statement's resources match one string, with some of its specials filled in. None where nothing is to
    /// be filled in.
    pub(super) fn matches_filled(
        &self,
        word: &[Symbol],
        fill: impl Fn(&[Symbol]) -> Vec<Symbol>,
    ) -> Option<bool> {
        let listed = self.resources.as_ref().filter(|_| self.statement.opaque.is_empty())?;
        let special = |glob: &Cow<'_, [Symbol]>| {
            glob.iter().any(|symbol| matches!(symbol, Symbol::Special(_)))
        };
        if !listed.lower.iter().any(special) {
            return None;
        }
        Some(listed.lower.iter().any(|glob| glob::covers(&fill(glob), word)) != listed.negated)
    }

    /// Whether the statement speaks of those who ask: of all of them (lower), or of some of them (upper).
    pub(super) fn speaks_of(&self, asker: Asker<'_>, upper: bool) -> bool {
        if !self.statement.opaque.is_empty() {
            return upper;
        }
        match (&self.statement.principals, asker) {
            (None, Asker::Attached) => true,
            // `NotPrincipal` with Allow lets in whoever it does not name, services and strangers too: nobody means that.
            (Some(list), Asker::Named(caller))
                if list.negated.is_none() || self.statement.effect == Effect::Deny =>
            {
                list.speaks_of(caller, upper)
            }
            (None | Some(_), _) => upper,
        }
    }
}

fn stand<'s>(
    negated: bool,
    globs: impl Iterator<Item = &'s [Symbol]> + Clone,
    piece: &Piece<'_>,
) -> Stand {
    let all = |glob: &[Symbol]| {
        glob::covers(glob, &piece.wide) || (piece.special && glob::covers(glob, &piece.word))
    };
    let some = |glob: &[Symbol]| {
        glob::meets(glob, &piece.wide)
            && !piece.except.iter().any(|except| glob::covers(except, glob))
    };
    let (hit, miss) = if negated { (Stand::None, Stand::All) } else { (Stand::All, Stand::None) };
    if globs.clone().any(all) {
        hit
    } else if globs.clone().any(some) {
        Stand::Some
    } else {
        miss
    }
}

/// What [`explore`] asks about one statement.
pub(super) struct Asked<'a> {
    pub(super) negated: bool,
    /// Whether a string that it matches is rather a gap than one that it does not.
    pub(super) opens: bool,
    pub(super) globs: Vec<&'a [Symbol]>,
}

/// Shows the visitor strings of the piece, each with the answers of the statements, until it finds something: all kinds
/// of strings, or only those that are gaps if any is.
pub(super) fn explore<B>(
    piece: &Piece<'_>,
    asked: &[Asked<'_>],
    all: bool,
    budget: &mut Budget,
    mut visit: impl FnMut(&[bool], &dyn Fn() -> String) -> std::ops::ControlFlow<B>,
) -> Result<Option<B>, Exhausted> {
    let mut globs: Vec<&[Symbol]> = piece.except.iter().map(AsRef::as_ref).collect();
    let excepted = globs.len();
    for statement in asked {
        let relevant = statement.globs.iter().filter(|glob| glob::meets(glob, &piece.wide));
        globs.extend(relevant);
    }
    let counts: Vec<usize> = asked
        .iter()
        .map(|statement| {
            statement.globs.iter().filter(|glob| glob::meets(glob, &piece.wide)).count()
        })
        .collect();
    let mut roles = vec![glob::product::Role { helps: false, group: 0 }; excepted];
    for (number, (statement, count)) in asked.iter().zip(&counts).enumerate() {
        let helps = statement.opens != statement.negated;
        roles.resize(roles.len() + count, glob::product::Role { helps, group: number + 1 });
    }
    let mut answers = vec![false; asked.len()];
    let visit = |found: &glob::product::Visit<'_>| {
        let (except, mut rest) = found.matched.split_at_checked(excepted).unwrap_or_default();
        if except.contains(&true) {
            return std::ops::ControlFlow::Continue(());
        }
        for ((answer, statement), count) in answers.iter_mut().zip(asked).zip(&counts) {
            let (own, later) = rest.split_at_checked(*count).unwrap_or_default();
            *answer = own.contains(&true) != statement.negated;
            rest = later;
        }
        visit(&answers, &|| found.word())
    };
    if all {
        glob::product::explore(&piece.wide, &globs, budget, visit)
    } else {
        glob::product::explore_best(&piece.wide, &globs, &roles, budget, visit)
    }
}
