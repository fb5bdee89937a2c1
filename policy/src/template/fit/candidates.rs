//! The assignments that the identity's own strings suggest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::AwsSubject;
use super::judge::{symbols, takes_in};
use super::matching::{self, Budget, Letter, Partial};
use super::subject::Role;
use crate::glob::{self, Symbol};
use crate::template::expression::{Interpolated, Value};
use crate::template::model::Template;
use crate::text::Text;

/// More are not listed.
const MOST_ASSIGNMENTS: usize = 256;
/// Steps of the comparison of all strings with all strings.
const STEPS: u32 = 400_000;

/// The strings of both sides.
pub(super) struct Space<'a> {
    template: &'a Template,
    outer: Vec<(Role, &'a Interpolated)>,
    inner: Vec<Inner<'a>>,
}

/// A string of the identity.
struct Inner<'a> {
    role: Role,
    text: &'a Text,
    letters: Vec<Letter>,
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
    pub(super) fn new(template: &'a Template, subject: &'a AwsSubject<'a>) -> Self {
        let policies = subject.permissions.iter().copied().chain(subject.trust);
        let strings: BTreeSet<(Role, &Text)> = policies
            .flat_map(|policy| policy.strings.iter().map(|(role, text)| (*role, text)))
            .collect();
        let mut outer = Vec::new();
        if let Some(aws) = &template.aws {
            for document in [&aws.permissions, &aws.trust].into_iter().flatten() {
                outer.extend(strings_of(&document.value));
            }
        }
        let fixed: Vec<(Role, Vec<Symbol>)> = outer
            .iter()
            .filter_map(|(role, string)| Some((*role, glob::compile(string.as_literal()?))))
            .collect();
        outer.retain(|(_, string)| string.as_literal().is_none());
        let inner = strings.into_iter().map(|(role, text)| {
            let symbols = symbols(text, &[]);
            let taken = fixed.iter().any(|(at, glob)| *at == role && glob::covers(glob, &symbols));
            Inner { role, text, letters: matching::letters(text), symbols, taken }
        });
        Self { template, outer, inner: inner.collect() }
    }

    /// How many strings there are to explain.
    pub(super) fn strings(&self) -> usize {
        self.inner.len()
    }

    /// How many resources the identity names.
    pub(super) fn resources(&self) -> usize {
        self.inner.iter().filter(|inner| inner.role == Role::Resource).count()
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
        for (role, pattern) in &self.outer {
            let Some(pattern) = matching::pattern(pattern, known) else { continue };
            for inner in self.inner.iter().filter(|inner| inner.role == *role) {
                let ways = matching::lay(self.template, &pattern, &inner.letters, &mut budget);
                ways.whole.into_iter().flatten().for_each(|value| whole.count(value));
                ways.beginnings.into_iter().flatten().for_each(|value| beginnings.count(value));
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
        let filled: Vec<(Role, Text, Vec<Symbol>)> = self
            .outer
            .iter()
            .filter_map(|(role, pattern)| {
                let filled = pattern.fill_text(values)?;
                let symbols = symbols(&filled, &[]);
                Some((*role, filled, symbols))
            })
            .collect();
        let takes = |inner: &Inner<'_>| {
            filled.iter().any(|(role, pattern, glob)| {
                *role == inner.role
                    && if pattern.has_holes() {
                        takes_in(pattern, inner.text)
                    } else {
                        glob::covers(glob, &inner.symbols)
                    }
            })
        };
        self.inner.iter().filter(|inner| inner.taken || takes(inner)).count()
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

/// The strings of a template's document with the place at which they stand.
fn strings_of(document: &Value) -> Vec<(Role, &Interpolated)> {
    let mut out = Vec::new();
    let Some(list) = document.get("Statement") else { return out };
    for statement in list.items() {
        for (name, role) in [
            ("Resource", Role::Resource),
            ("NotResource", Role::Resource),
            ("Principal", Role::Principal),
            ("NotPrincipal", Role::Principal),
        ] {
            if let Some(value) = statement.value.get(name) {
                value.value.visit_values(&mut |string| out.push((role, string)));
            }
        }
        let Some(Value::Object(operators)) = statement.value.get("Condition").map(|it| &it.value)
        else {
            continue;
        };
        for operator in operators {
            let Value::Object(keys) = &operator.value.value else { continue };
            for key in keys {
                out.push((Role::ConditionKey, &key.name.value));
                key.value
                    .value
                    .visit_values(&mut |string| out.push((Role::ConditionValue, string)));
            }
        }
    }
    out
}
