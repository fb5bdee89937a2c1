//! Values of policy variables with which patterns match one resource.

use std::collections::BTreeMap;

use super::super::pattern::Special;
use super::super::relation::{Specials, may_be_empty};
use crate::glob::Symbol;

/// Values of variables by the name of their key.
pub(super) type Binding = BTreeMap<String, String>;

/// Ways of matching that are tried.
const TRIES: usize = 2_000;

/// The key that a variable reads.
pub(in crate::aws) fn key_of(variable: &str) -> String {
    variable.split(',').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The variables of a pattern, by key.
pub(super) fn variables(pattern: &[Symbol], specials: &Specials) -> impl Iterator<Item = String> {
    pattern.iter().filter_map(|symbol| variable(*symbol, specials))
}

fn variable(symbol: Symbol, specials: &Specials) -> Option<String> {
    let Symbol::Special(index) = symbol else { return None };
    match specials.get(index) {
        Some(Special::Variable(name)) => Some(key_of(name)),
        Some(Special::Hole(..)) | None => None,
    }
}

/// Values with which the pattern matches the text, the given ones among them; each as short as can be, and empty only if
/// nothing else will do.
pub(super) fn unify(
    pattern: &[Symbol],
    text: &str,
    specials: &Specials,
    given: &Binding,
) -> Option<Binding> {
    let letters: Vec<char> = text.chars().collect();
    let mut search = Search { specials, tries: TRIES };
    search.go(pattern, &letters, given.clone())
}

struct Search<'s> {
    specials: &'s Specials,
    tries: usize,
}

impl Search<'_> {
    fn go(&mut self, pattern: &[Symbol], text: &[char], binding: Binding) -> Option<Binding> {
        self.tries = self.tries.checked_sub(1)?;
        let Some((first, rest)) = pattern.split_first() else {
            return text.is_empty().then_some(binding);
        };
        let run = |least: usize, segment: bool| {
            let most = text.iter().take_while(|letter| !segment || **letter != ':').count();
            least..most + 1
        };
        let mut last = None;
        let lengths = match first {
            Symbol::Char(own) => {
                let (letter, after) = text.split_first()?;
                return if own == letter { self.go(rest, after, binding) } else { None };
            }
            Symbol::One | Symbol::SegmentOne => {
                let (letter, after) = text.split_first()?;
                let taken = *first == Symbol::One || *letter != ':';
                return if taken { self.go(rest, after, binding) } else { None };
            }
            Symbol::Many => run(0, false),
            Symbol::SegmentMany => run(0, true),
            Symbol::Special(index) => {
                let empty = match self.specials.get(*index) {
                    Some(Special::Variable(name)) => may_be_empty(name),
                    Some(Special::Hole(..)) | None => true,
                };
                last = empty.then_some(0);
                run(1, false)
            }
            // No resource holds one.
            Symbol::AnyCase { .. } => return None,
        };
        let name = variable(*first, self.specials);
        if let Some(known) = name.as_ref().and_then(|name| binding.get(name)) {
            let length = known.chars().count();
            let (own, after) = text.split_at_checked(length)?;
            return if own.iter().copied().eq(known.chars()) {
                self.go(rest, after, binding.clone())
            } else {
                None
            };
        }
        for length in lengths.chain(last) {
            let (own, after) = text.split_at_checked(length)?;
            let mut next = binding.clone();
            if let Some(name) = &name {
                next.insert(name.clone(), own.iter().collect());
            }
            if let Some(found) = self.go(rest, after, next) {
                return Some(found);
            }
        }
        None
    }
}

/// The pattern with the values in the place of the variables.
pub(super) fn bound(pattern: &[Symbol], specials: &Specials, binding: &Binding) -> Vec<Symbol> {
    let mut out = Vec::with_capacity(pattern.len());
    for &symbol in pattern {
        match variable(symbol, specials).and_then(|name| binding.get(&name)) {
            Some(value) => out.extend(value.chars().map(Symbol::Char)),
            None => out.push(symbol),
        }
    }
    out
}
