//! The classes of values that atoms cannot tell apart.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::{Class, Sample};
use crate::gcp::condition::{Atom, Attribute, Test};
use crate::gcp::facts::Place;
use crate::glob::{self, Budget, Exhausted, Symbol, product};

/// How many words of a class are kept to choose from.
const WORDS: usize = 8;

/// One list of classes for each attribute that some atom asks about.
pub(super) fn classes(
    atoms: &[&Atom],
    place: &Place,
    budget: &mut Budget,
) -> Result<Vec<Vec<Class>>, Exhausted> {
    let mut out = Vec::new();
    for attribute in Attribute::ALL {
        let tests: Vec<(usize, &Test)> = atoms
            .iter()
            .enumerate()
            .filter_map(|(index, atom)| match atom {
                Atom::String(own, test) => (*own == attribute).then_some((index, test)),
                Atom::Time(..) | Atom::Only(..) | Atom::Tag(_) | Atom::Opaque(_) => None,
            })
            .collect();
        if !tests.is_empty() {
            out.push(strings(attribute, &tests, place, budget)?);
        }
    }
    let times = times(atoms);
    if !times.is_empty() {
        out.push(times);
    }
    let mut lists: BTreeMap<&str, Vec<(usize, &BTreeSet<String>)>> = BTreeMap::new();
    for (index, atom) in atoms.iter().enumerate() {
        if let Atom::Only(name, values) = atom {
            lists.entry(name).or_default().push((index, values));
        }
    }
    for (name, all) in lists {
        out.push(sets(name, &all, budget)?);
    }
    Ok(out)
}

fn letters(known: &str) -> impl Iterator<Item = Symbol> {
    known.chars().map(Symbol::Char)
}

/// The strings that pass a test.
fn pattern(test: &Test) -> Vec<Symbol> {
    match test {
        Test::Equals(known) => letters(known).collect(),
        Test::StartsWith(known) => letters(known).chain([Symbol::Many]).collect(),
        Test::EndsWith(known) => std::iter::once(Symbol::Many).chain(letters(known)).collect(),
    }
}

fn strings(
    attribute: Attribute,
    tests: &[(usize, &Test)],
    place: &Place,
    budget: &mut Budget,
) -> Result<Vec<Class>, Exhausted> {
    let patterns: Vec<Vec<Symbol>> = tests.iter().map(|(_, test)| pattern(test)).collect();
    let rows: Vec<&[Symbol]> = patterns.iter().map(Vec::as_slice).collect();
    let (generators, always) = place.values(attribute);
    let mut found: BTreeMap<Vec<bool>, Vec<String>> = BTreeMap::new();
    let mut candidates = place.candidates(attribute);
    for (_, test) in tests {
        candidates.extend(examples(attribute, test));
    }
    for word in candidates {
        let symbols: Vec<Symbol> = letters(&word).collect();
        if generators.iter().any(|generator| glob::covers(generator, &symbols)) {
            let truth = rows.iter().map(|row| glob::covers(row, &symbols)).collect();
            let words: &mut Vec<String> = found.entry(truth).or_default();
            if words.len() < WORDS && !words.contains(&word) {
                words.push(word);
            }
        }
    }
    for generator in &generators {
        product::explore(generator, &rows, budget, |visit| {
            found.entry(visit.matched.to_vec()).or_insert_with(|| vec![visit.word()]);
            ControlFlow::<()>::Continue(())
        })?;
    }
    let class = |truth: Vec<Option<bool>>, sample: Sample| Class {
        truth: tests.iter().map(|(index, _)| *index).zip(truth).collect(),
        sample,
    };
    let mut out: Vec<Class> = found
        .into_iter()
        .map(|(truth, words)| {
            class(truth.into_iter().map(Some).collect(), Sample::Words(attribute, words))
        })
        .collect();
    if !always {
        out.push(class(vec![None; tests.len()], Sample::Absent));
    }
    Ok(out)
}

/// Values at the edges of a test.
fn examples(attribute: Attribute, test: &Test) -> Vec<String> {
    match (test, attribute) {
        (Test::Equals(known), _) => vec![known.clone(), format!("{known}/example")],
        (Test::StartsWith(known), Attribute::Name) => {
            let mut out = vec![format!("{known}example"), known.clone()];
            if known.starts_with("projects/_/buckets/") && !known.contains("/objects/") {
                let bucket = known.trim_end_matches('/');
                out.insert(0, format!("{bucket}/objects/example"));
            }
            out
        }
        (Test::StartsWith(known), Attribute::Type | Attribute::Service) => {
            vec![format!("{known}example"), known.clone()]
        }
        (Test::EndsWith(known), Attribute::Name) => {
            vec![format!("projects/_/buckets/example/objects/example{known}"), known.clone()]
        }
        (Test::EndsWith(known), Attribute::Type | Attribute::Service) => {
            vec![format!("example{known}"), known.clone()]
        }
    }
}

/// Every constant, and a time in every gap.
fn times(atoms: &[&Atom]) -> Vec<Class> {
    const SECOND: i128 = 1_000_000_000;
    let of = |atom: &&Atom| match atom {
        Atom::Time(_, time) => Some(*time),
        Atom::String(..) | Atom::Only(..) | Atom::Tag(_) | Atom::Opaque(_) => None,
    };
    let constants: BTreeSet<i128> = atoms.iter().filter_map(of).collect();
    let Some(first) = constants.first() else { return Vec::new() };
    let mut points = vec![first - SECOND];
    let mut rest = constants.iter().skip(1);
    for constant in &constants {
        points.push(*constant);
        let gap = rest.next().map_or(2 * SECOND, |next| next - constant);
        if gap > 1 {
            points.push(constant + if gap > SECOND { SECOND } else { 1 });
        }
    }
    let class = |time: i128| {
        let truth = atoms.iter().enumerate().filter_map(|(index, atom)| match atom {
            Atom::Time(order, constant) => Some((index, Some(order.holds(time, *constant)))),
            Atom::String(..) | Atom::Only(..) | Atom::Tag(_) | Atom::Opaque(_) => None,
        });
        Class { truth: truth.collect(), sample: Sample::Time(time) }
    };
    points.into_iter().map(class).collect()
}

/// The lists that can be, by which of the limits they break. An attribute that is not there is the empty list.
fn sets(
    name: &str,
    limits: &[(usize, &BTreeSet<String>)],
    budget: &mut Budget,
) -> Result<Vec<Class>, Exhausted> {
    let mut elements: BTreeSet<&str> =
        limits.iter().flat_map(|(_, values)| values.iter()).map(String::as_str).collect();
    let mut other = "roles/example".to_owned();
    while elements.contains(other.as_str()) {
        other.push('x');
    }
    elements.insert(&other);
    let breaks = |element: &str| -> Vec<bool> {
        limits.iter().map(|(_, values)| !values.contains(element)).collect()
    };
    let mut found: Vec<(Vec<bool>, Vec<String>)> = vec![(vec![false; limits.len()], Vec::new())];
    let mut at = 0;
    while let Some((broken, list)) = found.get(at).cloned() {
        for element in &elements {
            budget.spend(limits.len() + found.len())?;
            let more: Vec<bool> =
                broken.iter().zip(breaks(element)).map(|(own, new)| *own || new).collect();
            if !found.iter().any(|(known, _)| *known == more) {
                let mut list = list.clone();
                list.push((*element).to_owned());
                found.push((more, list));
            }
        }
        at += 1;
    }
    let class = |(broken, list): (Vec<bool>, Vec<String>)| Class {
        truth: limits
            .iter()
            .zip(broken)
            .map(|((index, _), broken)| (*index, Some(!broken)))
            .collect(),
        sample: Sample::List(name.to_owned(), list),
    };
    Ok(found.into_iter().map(class).collect())
}
