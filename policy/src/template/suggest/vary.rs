//! In which strings identities differ, and which parameters say so.
//!
//! Strings are taken apart at `:` and `/`. A string of one identity and one of another that stand at the same place and differ in some
//! parts are the same string of the template if each part of the first goes with one part of the second everywhere.

use std::collections::{BTreeMap, BTreeSet};

use super::collect::{Collected, Slot};
use crate::template::fit::place::Place;
use crate::text::{Part, Shape, Text};

/// A parameter of the draft.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    /// What it is in each identity.
    pub(super) values: BTreeSet<Text>,
}

/// What the identities have in common, with holes called `param.x` where they differ.
pub(super) struct Common {
    pub(super) each: Vec<Collected>,
    pub(super) variables: Vec<Variable>,
}

type Strings = BTreeSet<(Slot, Text)>;
type Mapping = BTreeMap<Text, Text>;

/// More pairs of strings are not compared.
const MOST_PAIRS: usize = 200_000;

/// Finds the parameters of a draft.
pub(super) fn common(identities: &[Collected]) -> Common {
    let strings: Vec<Strings> = identities.iter().map(Collected::strings).collect();
    let Some((base, others)) = strings.split_first() else {
        return Common { each: Vec::new(), variables: Vec::new() };
    };
    let mappings: Vec<Mapping> = others.iter().map(|other| mapping(base, other)).collect();
    let mut names = Names::default();
    // By part of the first identity: the parameter that it is.
    let mut parameters: BTreeMap<Text, Text> = BTreeMap::new();
    for (slot, text) in base {
        let parts = parts(text);
        let place = &slot.place;
        for (index, part) in varying(*place, &parts) {
            let others: BTreeSet<Text> =
                mappings.iter().filter_map(|it| it.get(part)).cloned().collect();
            let varies = others.iter().any(|other| other != part);
            if varies && !parameters.contains_key(part) {
                let name = names.choose(&name_at(*place, &parts, index));
                names.note(&name, others.into_iter().chain([part.clone()]));
                parameters.insert(part.clone(), parameter(&name));
            }
        }
    }
    let own = |mapping: Option<&Mapping>| -> BTreeMap<Text, Text> {
        let of = |part: &Text| match mapping {
            None => Some(part.clone()),
            Some(mapping) => mapping.get(part).cloned(),
        };
        parameters.iter().filter_map(|(part, hole)| Some((of(part)?, hole.clone()))).collect()
    };
    let mut each = Vec::new();
    for (index, identity) in identities.iter().enumerate() {
        let replaced = own(index.checked_sub(1).and_then(|index| mappings.get(index)));
        each.push(identity.map(&mut |slot, text| {
            let place = slot.place;
            let parts = parts(text);
            let with = parts.iter().enumerate().map(|(index, part)| match replaced.get(part) {
                Some(hole) if may_vary(place, &parts, index) => hole.clone(),
                _ => names.without_holes(part, &name_at(place, &parts, index)),
            });
            let mut out = Text::new();
            with.for_each(|part| out.push(&part));
            out
        }));
    }
    Common { each, variables: names.variables() }
}

/// Which part of the first identity goes with which of the other.
fn mapping(base: &Strings, other: &Strings) -> Mapping {
    let mut mapping = Mapping::new();
    for (slot, text) in base.intersection(other) {
        let parts = parts(text);
        for (_, part) in varying(slot.place, &parts) {
            mapping.insert(part.clone(), part.clone());
        }
    }
    let mut pairs = Vec::new();
    for (slot, one) in base.difference(other) {
        let first = parts(one);
        for (_, two) in other.difference(base).filter(|(at, _)| at == slot) {
            let second = parts(two);
            if let Some(differing) = differing(slot.place, &first, &second) {
                pairs.push((differing.len(), (slot, one), (slot, two), differing));
            }
            if pairs.len() >= MOST_PAIRS {
                break;
            }
        }
    }
    pairs.sort();
    let mut taken: BTreeSet<(&Slot, &Text)> = BTreeSet::new();
    for (_, one, two, differing) in pairs {
        let fits = differing.iter().all(|(a, b)| match mapping.get(a) {
            Some(known) => known == b,
            None => !mapping.values().any(|known| known == b),
        });
        // Each has one partner at most, on either side.
        if fits && !taken.contains(&one) && !taken.contains(&two) {
            taken.extend([one, two]);
            mapping.extend(differing);
        }
    }
    mapping
}

/// The parts in which two strings differ, with the equal ones that may vary as well. None if they differ elsewhere.
fn differing(place: Place, one: &[Text], other: &[Text]) -> Option<Vec<(Text, Text)>> {
    if one.len() != other.len() {
        return None;
    }
    let mut out = Vec::new();
    for (index, pair) in one.iter().zip(other).enumerate() {
        let vary = may_vary(place, one, index) && may_vary(place, other, index);
        match pair {
            (a, b) if a == b && !vary => {}
            (a, b) if vary && is_number(a) == is_number(b) => out.push((a.clone(), b.clone())),
            _ => return None,
        }
    }
    // Within one string as well, each name goes with one other.
    let consistent = out.iter().all(|(a, b)| out.iter().all(|(c, d)| (a == c) == (b == d)));
    consistent.then_some(out)
}

/// An account is no name.
fn is_number(part: &Text) -> bool {
    part.as_str().is_some_and(|text| text.chars().all(|it| it.is_ascii_digit()))
}

/// The text cut at separators, which are parts themselves.
fn parts(text: &Text) -> Vec<Text> {
    let mut out = vec![Text::new()];
    let mut put = |part: Option<Text>, cut: bool| {
        if let (Some(part), Some(last)) = (&part, out.last_mut())
            && !cut
        {
            last.push(part);
        }
        if cut {
            out.extend(part);
            out.push(Text::new());
        }
    };
    for part in text.parts() {
        match part {
            Part::Hole(hole) => put(Some(Text::from(hole.clone())), false),
            Part::Literal(literal) => {
                for piece in literal.split_inclusive([':', '/']) {
                    let name = piece.trim_end_matches([':', '/']);
                    put(Some(Text::literal(name)), false);
                    if let Some(separator) = piece.strip_prefix(name).filter(|it| !it.is_empty()) {
                        put(Some(Text::literal(separator)), true);
                    }
                }
            }
        }
    }
    out
}

/// Whether the part at this index can be the value of a parameter. The beginning of an ARN says what it is the name of.
fn may_vary(place: Place, parts: &[Text], index: usize) -> bool {
    let Some(part) = parts.get(index) else { return false };
    let is_arn = parts.first().and_then(Text::as_str) == Some("arn");
    let wild = |text: &str| {
        text.contains(['*', '?', '{', '$', ':', '/'])
            || text == "+"
            || text.chars().any(char::is_control)
    };
    let literal = part.parts().iter().any(|it| matches!(it, Part::Literal(text) if wild(text)));
    let head = is_arn && index < 6;
    let partial = part.has_holes() && part.parts().len() > 1;
    // `issuer.example.com/id/1:sub`: the issuer may vary, and what is said about it may not.
    let issuer = parts.first().and_then(Text::as_str).is_some_and(|it| it.contains('.'));
    let fixed = place == Place::ConditionKey && (!issuer || index + 1 == parts.len());
    !literal && !head && !partial && !fixed && *part != Text::new()
}

fn varying(place: Place, parts: &[Text]) -> impl Iterator<Item = (usize, &Text)> {
    parts.iter().enumerate().filter(move |(index, _)| may_vary(place, parts, *index))
}

fn parameter(name: &str) -> Text {
    Text::hole(format!("param.{name}"), Shape::Word)
}

/// What a part is called where it stands.
fn name_at(place: Place, parts: &[Text], index: usize) -> String {
    let part = |index: usize| parts.get(index).and_then(Text::as_str);
    if part(0) == Some("arn") {
        // arn : partition : service : region : account : resource, separators included.
        match index {
            6 => return "region".to_owned(),
            8 => return "account".to_owned(),
            _ => {}
        }
        if index == 10 {
            let name = match part(4) {
                Some("s3") => "bucket",
                Some("sqs") => "queue",
                Some("sns") => "topic",
                _ => "name",
            };
            return name.to_owned();
        }
    }
    let before = index.checked_sub(2).and_then(part).map(str::to_lowercase);
    let known = match before.as_deref() {
        Some("subscriptions") => Some("subscription"),
        Some("resourcegroups") => Some("resource_group"),
        Some("projects") => Some("project"),
        Some("buckets") => Some("bucket"),
        _ => None,
    };
    if let Some(name) = known {
        return name.to_owned();
    }
    let singular = before.as_deref().map(|word| word.trim_end_matches('s'));
    let word = singular.filter(|word| {
        word.len() > 2 && word.chars().all(|it| it.is_ascii_lowercase() || it == '-')
    });
    match (place, word) {
        (Place::Namespace, _) | (Place::ConditionValue, Some("serviceaccount")) => {
            "namespace".to_owned()
        }
        (Place::Repository, _) => if index == 0 { "organisation" } else { "repository" }.to_owned(),
        (Place::Path, _) => "path".to_owned(),
        (_, Some("lambda")) => "function".to_owned(),
        (_, Some(word)) => word.replace('-', "_"),
        (_, None) => "name".to_owned(),
    }
}

/// The parameters so far.
#[derive(Default)]
struct Names {
    values: BTreeMap<String, BTreeSet<Text>>,
    /// By origin and shape of the unknown value.
    holes: BTreeMap<Text, String>,
}

impl Names {
    /// A name that is not taken.
    fn choose(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 1;
        while self.values.contains_key(&name) {
            number += 1;
            name = format!("{wanted}_{number}");
        }
        self.values.insert(name.clone(), BTreeSet::new());
        name
    }

    fn note(&mut self, name: &str, values: impl IntoIterator<Item = Text>) {
        self.values.entry(name.to_owned()).or_default().extend(values);
    }

    /// A part with a parameter in the place of each unknown value.
    fn without_holes(&mut self, part: &Text, name: &str) -> Text {
        let mut out = Text::new();
        for piece in part.parts() {
            match piece {
                Part::Literal(text) => out.push_str(text),
                Part::Hole(hole) => {
                    let value = Text::from(hole.clone());
                    let name = match self.holes.get(&value) {
                        Some(name) => name.clone(),
                        None => self.choose(name),
                    };
                    self.note(&name, [value.clone()]);
                    self.holes.insert(value, name.clone());
                    out.push(&parameter(&name));
                }
            }
        }
        out
    }

    fn variables(self) -> Vec<Variable> {
        let all = self.values.into_iter();
        all.map(|(name, values)| Variable { name, values }).collect()
    }
}
