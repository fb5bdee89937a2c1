//! Which assignments of values to parameters are tried, and what follows from the answers.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::{Answer, Judge, PartAnswer};
use super::matching::{self, Partial};
use super::subject::Role;
use super::{AwsSubject, Binding, Fit, Gap, Outside, Undecided};
use crate::template::expression::{Interpolated, Value};
use crate::template::library::list;
use crate::template::model::{Pattern, Platform, Template};
use crate::text::{Shape, Text};
use crate::verdict::Why;

/// More assignments than these are not tried; an answer that depends on the others is `Undecided`.
const MOST_TRIES: usize = 24;
/// More are not even listed.
const MOST_ASSIGNMENTS: usize = 256;

/// The answer for the only assignment that fits, or for the nearest.
pub(super) fn nearest(
    template: &Template,
    given: &BTreeMap<String, String>,
    subject: &AwsSubject<'_>,
) -> Fit {
    let search = Search::new(template, subject);
    let mut stated = Partial::new();
    for name in template.used_by(Platform::Aws) {
        if let Some(value) = given.get(name) {
            stated.insert(name.to_owned(), Text::from(value.as_str()));
        }
    }
    let mut with_defaults = stated.clone();
    for parameter in template.parameters.values() {
        if let Some(default) = &parameter.default
            && search.used.contains(parameter.name.as_str())
        {
            with_defaults
                .entry(parameter.name.clone())
                .or_insert_with(|| Text::from(default.as_str()));
        }
    }
    let first = search.round(&with_defaults);
    if first.settles() || with_defaults.len() == stated.len() {
        return first.fit();
    }
    let second = search.round(&stated);
    if second.settles() {
        return second.fit();
    }
    // The defaults are what the author of the template expects, so they are what an answer speaks of.
    first.fit()
}

struct Search<'a> {
    used: BTreeSet<&'a str>,
    template: &'a Template,
    outer: Vec<(Role, &'a Interpolated)>,
    inner: Vec<(Role, &'a Text)>,
    judge: Judge<'a>,
}

/// Values worth trying for one parameter.
#[derive(Default)]
struct Candidates {
    values: BTreeMap<String, Vec<Text>>,
    cut_short: bool,
}

struct Assignment {
    binding: Partial,
    /// How many of the identity's strings it explains.
    explained: usize,
}

struct Tried {
    binding: Binding,
    explained: usize,
    answer: Answer,
}

struct Round {
    tried: Vec<Tried>,
    /// Assignments that were not tried, by how many strings the best of them explains.
    untried: Option<usize>,
    cut_short: bool,
}

impl<'a> Search<'a> {
    fn new(template: &'a Template, subject: &'a AwsSubject<'a>) -> Self {
        let policies = subject.permissions.iter().copied().chain(subject.trust);
        let mut inner: Vec<(Role, &Text)> = policies
            .flat_map(|policy| policy.strings.iter().map(|(role, text)| (*role, text)))
            .collect();
        inner.sort_unstable();
        inner.dedup();
        let mut outer = Vec::new();
        if let Some(aws) = &template.aws {
            for document in [&aws.permissions, &aws.trust].into_iter().flatten() {
                outer.extend(strings(&document.value));
            }
        }
        let used = template.used_by(Platform::Aws);
        Self { used, template, outer, inner, judge: Judge::new(template, subject) }
    }

    /// Tries the assignments that agree with what is known.
    fn round(&self, known: &Partial) -> Round {
        let candidates = self.candidates(known);
        let mut assignments = self.assignments(known, &candidates);
        // Stable: of two that explain as much, the first that was found.
        assignments.sort_by_key(|it| std::cmp::Reverse(it.explained));
        let untried = assignments.get(MOST_TRIES).map(|it| it.explained);
        let mut tried: Vec<Tried> = Vec::new();
        for assignment in assignments.into_iter().take(MOST_TRIES) {
            if tried.iter().filter(|it| it.answer.is_inside()).count() > 1 {
                break;
            }
            tried.push(self.attempt(assignment, known));
        }
        Round { tried, untried, cut_short: candidates.cut_short }
    }

    fn candidates(&self, known: &Partial) -> Candidates {
        let mut whole: BTreeMap<String, Vec<(Text, usize)>> = BTreeMap::new();
        let mut beginnings = whole.clone();
        let mut cut_short = false;
        for (role, pattern) in &self.outer {
            for (_, text) in self.inner.iter().filter(|(at, _)| at == role) {
                let matches = matching::lay(self.template, known, pattern, text);
                cut_short |= matches.cut_short;
                for (ways, into) in
                    [(matches.whole, &mut whole), (matches.beginnings, &mut beginnings)]
                {
                    for (name, value) in ways.into_iter().flatten() {
                        let values = into.entry(name).or_default();
                        match values.iter_mut().find(|(known, _)| *known == value) {
                            Some((_, count)) => *count += 1,
                            None => values.push((value, 1)),
                        }
                    }
                }
            }
        }
        for (name, values) in beginnings {
            whole.entry(name).or_insert(values);
        }
        let values = whole.into_iter().map(|(name, mut values)| {
            values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            (name, values.into_iter().map(|(value, _)| value).collect())
        });
        Candidates { values: values.collect(), cut_short }
    }

    fn assignments(&self, known: &Partial, candidates: &Candidates) -> Vec<Assignment> {
        let mut bindings = vec![known.clone()];
        for (name, values) in &candidates.values {
            let mut more = Vec::new();
            for binding in &bindings {
                for value in values {
                    if more.len() >= MOST_ASSIGNMENTS {
                        break;
                    }
                    let mut binding = binding.clone();
                    binding.insert(name.clone(), value.clone());
                    more.push(binding);
                }
            }
            bindings = more;
        }
        bindings
            .into_iter()
            .map(|binding| {
                let explained = self.explained(&binding);
                Assignment { binding, explained }
            })
            .collect()
    }

    /// How many of the identity's strings some string of the template takes in.
    fn explained(&self, binding: &Partial) -> usize {
        let filled: Vec<(Role, Text)> = self
            .outer
            .iter()
            .filter_map(|(role, pattern)| Some((*role, pattern.fill_text(binding)?)))
            .collect();
        let takes = |role: Role, text: &Text| {
            filled.iter().any(|(at, pattern)| *at == role && super::judge::takes_in(pattern, text))
        };
        self.inner.iter().filter(|(role, text)| takes(*role, text)).count()
    }

    fn attempt(&self, assignment: Assignment, known: &Partial) -> Tried {
        let mut values = assignment.binding;
        let mut free = BTreeSet::new();
        for name in &self.used {
            if !values.contains_key(*name) {
                free.insert((*name).to_owned());
            }
        }
        let mut open = values.clone();
        for name in &free {
            open.insert(name.clone(), Text::hole(format!("param.{name}"), Shape::Any));
        }
        let mut answer = self.judge.answer(&open);
        if !free.is_empty() && !answer.is_inside() && !answer.is_outside() {
            // Nothing in the identity looks like a value of these, so none of them makes it fit, and any shows why not.
            let mut sample = values.clone();
            for name in &free {
                let value = self.sample(name);
                sample.insert(name.clone(), value);
            }
            let with_sample = self.judge.answer(&sample);
            if with_sample.is_outside() {
                answer = with_sample;
            } else if answer.depends_on(&free) {
                let names = list(free.iter().map(String::as_str));
                let reason =
                    format!("nothing in the identity shows the value of {names}; state it");
                answer = Answer::undecided(Why::construct(reason));
            }
        }
        if answer.is_inside() {
            answer = self.unchecked(&values, known).unwrap_or(answer);
        }
        values.retain(|name, _| self.used.contains(name.as_str()));
        Tried { binding: Binding { values, free }, explained: assignment.explained, answer }
    }

    /// A value that is not known yet cannot be held against its pattern.
    fn unchecked(&self, values: &Partial, known: &Partial) -> Option<Answer> {
        values.iter().filter(|(name, _)| !known.contains_key(*name)).find_map(|(name, value)| {
            let hole = value.holes().next()?;
            let literal = hole.shape == Shape::Word;
            let pattern = self.template.parameters.get(name)?.pattern.as_ref();
            if pattern.is_none() && literal {
                return None;
            }
            let origin = &hole.origin;
            let reason = match pattern {
                Some(pattern) => format!(
                    "the value of `{origin}` is not known before apply, and parameter `{name}` must match `{}`",
                    pattern.as_str()
                ),
                None => format!(
                    "the value of `{origin}` is not known before apply, and parameter `{name}` must hold no wildcard"
                ),
            };
            Some(Answer::undecided(Why { reason, unknown: vec![origin.to_string()] }))
        })
    }

    fn sample(&self, name: &str) -> Text {
        let Some(parameter) = self.template.parameters.get(name) else { return Text::new() };
        let made_up = parameter.pattern.as_ref().and_then(Pattern::sample);
        let candidates =
            ["example", "111122223333", "us-east-1", made_up.as_deref().unwrap_or_default()];
        let fitting =
            candidates.into_iter().find(|it| self.template.check_value(parameter, it).is_ok());
        match fitting {
            Some(value) => Text::from(value),
            None => Text::hole(format!("param.{name}"), Shape::Word),
        }
    }
}

impl Round {
    /// Whether the other round could not change the answer: something fits.
    fn settles(&self) -> bool {
        self.tried.iter().any(|it| it.answer.is_inside())
    }

    fn fit(self) -> Fit {
        let inside: Vec<&Tried> = self.tried.iter().filter(|it| it.answer.is_inside()).collect();
        if let [one] = inside.as_slice() {
            return match self.untried {
                Some(explained) if explained >= one.explained => too_many(),
                _ if self.cut_short => too_many(),
                _ => Fit::Inside(one.binding.clone()),
            };
        }
        if inside.len() > 1 {
            return ambiguous(&inside);
        }
        let undecided = self.tried.iter().find(|it| !it.answer.is_outside());
        if let Some(Tried { answer, binding, .. }) = undecided {
            return answer.undecided_fit(binding.clone());
        }
        if self.cut_short {
            return too_many();
        }
        let nearest = self
            .tried
            .into_iter()
            .min_by_key(|it| (it.answer.gaps().len(), std::cmp::Reverse(it.explained)));
        match nearest {
            Some(Tried { answer, binding, .. }) => {
                Fit::Outside(Outside { gaps: answer.into_gaps(), binding })
            }
            None => too_many(),
        }
    }
}

fn ambiguous(inside: &[&Tried]) -> Fit {
    let mut names = BTreeSet::new();
    for pair in inside.windows(2) {
        let [one, other] = pair else { continue };
        for (name, value) in &one.binding.values {
            if other.binding.values.get(name) != Some(value) {
                names.insert(name.as_str());
            }
        }
    }
    let names = list(names.into_iter());
    let reason =
        format!("ambiguous: it fits with more than one value of {names}; state which is meant");
    Fit::Undecided(Undecided {
        part: None,
        why: Why::construct(reason),
        statement: None,
        binding: Binding::default(),
    })
}

fn too_many() -> Fit {
    let reason = "there are too many ways to read the parameters out of the policies; state them";
    Fit::Undecided(Undecided {
        part: None,
        why: Why::construct(reason),
        statement: None,
        binding: Binding::default(),
    })
}

/// The strings of a template's document with the place at which they stand.
fn strings(document: &Value) -> Vec<(Role, &Interpolated)> {
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

impl Answer {
    fn undecided_fit(&self, binding: Binding) -> Fit {
        let undecided = self.parts.iter().find_map(|part| match part {
            PartAnswer::Undecided { part, why, statement } => {
                Some((*part, why.clone(), statement.clone()))
            }
            PartAnswer::Inside | PartAnswer::Outside(_) => None,
        });
        let (part, why, statement) =
            undecided.unwrap_or_else(|| (None, Why::construct("not decided"), None));
        Fit::Undecided(Undecided { part, why, statement, binding })
    }

    fn into_gaps(self) -> Vec<Gap> {
        self.parts
            .into_iter()
            .filter_map(|part| match part {
                PartAnswer::Outside(gap) => Some(gap),
                PartAnswer::Inside | PartAnswer::Undecided { .. } => None,
            })
            .collect()
    }
}
