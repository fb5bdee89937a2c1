//! The assignments that the identity's own strings suggest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use super::matching::{self, Budget, Lay, Letter, Partial};
use super::place::Place;
use crate::glob::Symbol;
use crate::template::expression::{Interpolated, Value};
use crate::template::model::{Platform, Spanned, Template};
use crate::text::Text;

/// More are not listed.
const MOST_ASSIGNMENTS: usize = 256;
/// Steps of the comparison of all strings with all strings.
const STEPS: u32 = 400_000;

/// The strings of both sides.
pub(super) struct Space<'a> {
    pub(super) template: &'a Template,
    /// Those with parameters.
    pub(super) outer: Vec<(Place, &'a Interpolated)>,
    pub(super) inner: Vec<Inner<'a>>,
}

/// A string of the identity.
pub(super) struct Inner<'a> {
    pub(super) place: Place,
    pub(super) text: &'a Text,
    pub(super) letters: Vec<Letter>,
    /// What it can become.
    symbols: Vec<Symbol>,
    /// Whether a string of the template takes it in that has no parameters.
    taken: bool,
}

/// Values for parameters.
#[derive(Clone, Debug, Default)]
pub(super) struct Assignment {
    pub(super) values: Partial,
    /// How many of the identity's strings some string of the template takes in.
    pub(super) explained: usize,
}

impl<'a> Space<'a> {
    pub(super) fn new(template: &'a Template, subject: &'a Subject<'a>) -> Self {
        let mut strings: BTreeSet<(Place, &Text)> = BTreeSet::new();
        subject.visit_strings(&mut |place, text, _| {
            strings.insert((place, text));
        });
        let mut outer = Vec::new();
        for platform in subject.platforms() {
            strings_of(template, platform, &mut |place, string| outer.push((place, string)));
        }
        let fixed: Vec<(Place, Vec<Symbol>)> = outer
            .iter()
            .filter_map(|(place, string)| Some((*place, place.compile(string.as_literal()?))))
            .collect();
        outer.retain(|(_, string)| string.as_literal().is_none());
        let inner = strings.into_iter().map(|(place, text)| {
            let symbols = place.symbols(text, &[]);
            let taken = fixed.iter().any(|(at, glob)| *at == place && at.covers(glob, &symbols));
            Inner { place, text, letters: matching::letters(text), symbols, taken }
        });
        Self { template, outer, inner: inner.collect() }
    }

    /// How many strings there are to explain.
    pub(super) fn strings(&self) -> usize {
        self.inner.len()
    }

    /// How many of them have to be.
    pub(super) fn resources(&self) -> usize {
        self.inner.iter().filter(|inner| inner.place.must_be_explained()).count()
    }

    /// Every combination of values that are worth trying, and whether there may be more.
    pub(super) fn assignments(
        &self,
        known: &Partial,
        defaults: &BTreeMap<&str, Text>,
    ) -> (Vec<Assignment>, bool) {
        let (mut candidates, mut cut_short) = self.candidates(known);
        for (name, default) in defaults {
            if known.contains_key(*name) {
                continue;
            }
            let values = candidates.entry((*name).to_owned()).or_default();
            if !values.contains(default) {
                values.insert(0, default.clone());
            }
        }
        let mut all = vec![known.clone()];
        for (name, values) in &candidates {
            let mut more = Vec::new();
            for (binding, value) in
                all.iter().flat_map(|binding| values.iter().map(move |value| (binding, value)))
            {
                if more.len() >= MOST_ASSIGNMENTS {
                    cut_short = true;
                    break;
                }
                let mut binding = binding.clone();
                binding.insert(name.clone(), value.clone());
                more.push(binding);
            }
            all = more;
        }
        let all = all.into_iter().map(|values| {
            let explained = self.explained(&values);
            Assignment { values, explained }
        });
        (all.collect(), cut_short)
    }

    /// The values that each parameter could have, the most frequent first.
    fn candidates(&self, known: &Partial) -> (BTreeMap<String, Vec<Text>>, bool) {
        let mut whole = Counted::default();
        let mut beginnings = Counted::default();
        let mut budget = Budget::new(STEPS);
        for (place, pattern) in &self.outer {
            for pattern in matching::patterns(*place, pattern, known) {
                let lay = Lay { template: self.template, place: *place, strict: true };
                for inner in self.inner.iter().filter(|inner| inner.place == *place) {
                    let ways = lay.over(&pattern, &inner.letters, &mut budget);
                    ways.whole.into_iter().flatten().for_each(|value| whole.count(value));
                    ways.beginnings.into_iter().flatten().for_each(|value| beginnings.count(value));
                }
            }
        }
        for (name, values) in beginnings.values {
            whole.values.entry(name).or_insert(values);
        }
        let values = whole.values.into_iter().map(|(name, mut values)| {
            values.sort_by_key(|(_, count)| Reverse(*count));
            (name, values.into_iter().map(|(value, _)| value).collect())
        });
        (values.collect(), budget.is_spent())
    }

    fn explained(&self, values: &Partial) -> usize {
        self.inner.len() - self.unexplained(values).len()
    }

    /// The strings of the identity that no string of the template takes in.
    pub(super) fn unexplained(&self, values: &Partial) -> Vec<&Inner<'a>> {
        let filled: Vec<(Place, Text, Vec<Symbol>)> = self
            .outer
            .iter()
            .filter_map(|(place, pattern)| {
                let filled = pattern.fill_text(values)?;
                let symbols = place.symbols(&filled, &[]);
                Some((*place, filled, symbols))
            })
            .collect();
        let takes = |inner: &Inner<'_>| {
            filled.iter().any(|(place, pattern, glob)| {
                *place == inner.place
                    && if pattern.has_holes() {
                        place.takes_in(pattern, inner.text)
                    } else {
                        place.covers(glob, &inner.symbols)
                    }
            })
        };
        self.inner.iter().filter(|inner| !inner.taken && !takes(inner)).collect()
    }
}

#[derive(Default)]
struct Counted {
    values: BTreeMap<String, Vec<(Text, usize)>>,
}

impl Counted {
    fn count(&mut self, (name, value): (String, Text)) {
        let values = self.values.entry(name).or_default();
        match values.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => values.push((value, 1)),
        }
    }
}

/// The strings of a template's block with the place at which they stand.
fn strings_of<'a>(
    template: &'a Template,
    platform: Platform,
    put: &mut dyn FnMut(Place, &'a Interpolated),
) {
    let mut all = |place, list: &'a [Spanned<Interpolated>]| {
        for string in list {
            put(place, &string.value);
        }
    };
    match platform {
        Platform::Aws => {
            let documents = template.aws.iter().flat_map(|aws| [&aws.permissions, &aws.trust]);
            for document in documents.flatten() {
                document_strings(&document.value, put);
            }
        }
        Platform::Kubernetes => {
            if let Some(block) = &template.kubernetes {
                all(Place::Namespace, &block.namespaces);
                for rule in &block.rules {
                    all(Place::ApiGroup, &rule.api_groups);
                    all(Place::ResourceType, &rule.resources);
                    all(Place::Object, &rule.resource_names);
                    all(Place::Verb, &rule.verbs);
                }
            }
        }
        Platform::Vault => {
            for rule in template.vault.iter().flat_map(|block| &block.rules) {
                put(Place::Path, &rule.path.value);
            }
        }
        Platform::Azure => {
            if let Some(block) = &template.azure {
                all(Place::Action, &block.actions);
                all(Place::Action, &block.not_actions);
                all(Place::DataAction, &block.data_actions);
                all(Place::DataAction, &block.not_data_actions);
                all(Place::Scope, &block.scopes);
            }
        }
        Platform::Gcp => {
            if let Some(block) = &template.gcp {
                all(Place::Role, &block.roles);
                all(Place::Permission, &block.permissions);
                all(Place::FullResource, &block.resources);
            }
        }
        Platform::GitHub => {
            if let Some(block) = &template.github {
                all(Place::Repository, &block.repositories);
            }
        }
    }
}

fn document_strings<'a>(document: &'a Value, put: &mut dyn FnMut(Place, &'a Interpolated)) {
    let Some(list) = document.get("Statement") else { return };
    for statement in list.items() {
        for (name, place) in [
            ("Resource", Place::Resource),
            ("NotResource", Place::Resource),
            ("Principal", Place::Principal),
            ("NotPrincipal", Place::Principal),
        ] {
            if let Some(value) = statement.value.get(name) {
                value.value.visit_values(&mut |string| put(place, string));
            }
        }
        let Some(Value::Object(operators)) = statement.value.get("Condition").map(|it| &it.value)
        else {
            continue;
        };
        for operator in operators {
            let Value::Object(keys) = &operator.value.value else { continue };
            for key in keys {
                put(Place::ConditionKey, &key.name.value);
                key.value.value.visit_values(&mut |string| put(Place::ConditionValue, string));
            }
        }
    }
}
