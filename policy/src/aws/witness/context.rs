//! Contexts that satisfy one statement's conditions and perhaps not another's.

use std::collections::{BTreeMap, BTreeSet};

use super::values::substituted;
use crate::aws::condition::{Condition, Direction, Entry, direction, plain};
use crate::aws::contains::key_of;
use crate::aws::document::{Document, Statement};
use crate::aws::pattern::Special;
use crate::aws::plausible::{PLACES, filled};
use crate::aws::{Composition, PrincipalKind, Request};
use crate::text::{Hole, Part, Text};

pub(super) type Context = BTreeMap<String, Vec<String>>;

/// Keys that AWS puts into every request, each with a likely value. A request without one proves nothing.
const ALWAYS: &[(&str, &str)] = &[
    ("aws:currenttime", "2026-01-01T00:00:00Z"),
    ("aws:epochtime", "1767225600"),
    ("aws:principalaccount", "111122223333"),
    ("aws:principalarn", "arn:aws:iam::111122223333:role/example"),
    ("aws:principalisawsservice", "false"),
    ("aws:principaltype", "AssumedRole"),
    ("aws:requestedregion", "us-east-1"),
    ("aws:resourceaccount", "111122223333"),
    ("aws:securetransport", "true"),
    ("aws:userid", "AROAEXAMPLE:session"),
    ("aws:viaawsservice", "false"),
];

/// Keys that follow from the principal: in a policy that names principals they are not free.
const OF_PRINCIPAL: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principaltype",
    "aws:userid",
];

/// A value that no policy names.
const OTHER: &str = "something-else";

/// The most contexts that are tried with one resource.
const MOST: usize = 24;

/// Contexts to be tried.
#[derive(Default)]
pub(super) struct Tries {
    whole: Vec<Context>,
    /// Changes to the first of them, each by itself: a key with a value, or without.
    choices: Vec<(String, Option<String>)>,
}

impl Tries {
    pub(super) fn given(whole: Vec<Context>) -> Self {
        Self { whole, choices: Vec::new() }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Context> {
        let base = || self.whole.first().cloned().unwrap_or_default();
        let changed = self.choices.iter().map(move |(key, value)| {
            let mut context = base();
            match value {
                Some(value) => context.insert(key.clone(), vec![value.clone()]),
                None => context.remove(key),
            };
            context
        });
        self.whole.iter().cloned().chain(changed)
    }
}

fn entries(statement: &Statement) -> impl Iterator<Item = &Entry> {
    statement.conditions.iter().filter_map(|condition| match condition {
        Condition::Entry(entry) => Some(entry),
        Condition::Resolves(_) | Condition::Unclear(_) => None,
    })
}

/// What the conditions of both sides speak of.
pub(super) struct Contexts {
    /// Every key that a condition or variable of either side mentions.
    keys: BTreeSet<String>,
    /// Keys that variables mention.
    variables: BTreeSet<String>,
}

impl Contexts {
    pub(super) fn new(outer: &[&Document], inner: &Composition<'_>) -> Self {
        let inner: Vec<&Document> = inner.documents().collect();
        let mut variables = BTreeSet::new();
        for special in outer.iter().chain(&inner).flat_map(|document| &document.specials) {
            if let Special::Variable(name) = special {
                variables.insert(key_of(name));
            }
        }
        let mut keys = variables.clone();
        let documents = outer.iter().chain(&inner);
        for entry in documents.flat_map(|document| &document.statements).flat_map(entries) {
            keys.extend(entry.key.as_str().map(ToOwned::to_owned));
            for value in entry.values.iter().filter(|_| entry.variables == Some(true)) {
                for part in value.parts() {
                    if let Part::Literal(known) = part {
                        let inside =
                            known.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
                        let found: Vec<String> = inside.map(|(name, _)| key_of(name)).collect();
                        keys.extend(found.iter().cloned());
                        variables.extend(found);
                    }
                }
            }
        }
        Self { keys, variables }
    }

    pub(super) fn is_always_present(key: &str) -> bool {
        ALWAYS.iter().any(|(always, _)| *always == key) || is_claim(key)
    }

    /// The context with the keys that AWS always sends, where the policies speak of them.
    pub(super) fn completed(&self, context: &Context) -> Context {
        let mut context = context.clone();
        for (key, value) in ALWAYS.iter().filter(|(key, _)| self.keys.contains(*key)) {
            context.entry((*key).to_owned()).or_insert_with(|| vec![(*value).to_owned()]);
        }
        context
    }

    /// Contexts in which the statement may hold, the plainest first; the others change one key, so that one of the outer
    /// statements may not hold.
    pub(super) fn of<'s>(
        &self,
        statement: &Statement,
        outer: impl Iterator<Item = &'s Statement>,
        values: &BTreeMap<Hole, String>,
        principal: bool,
    ) -> Tries {
        // Two clocks would have to be kept in step.
        let clocks = ["aws:currenttime", "aws:epochtime"];
        if clocks.iter().all(|clock| self.keys.contains(*clock))
            || (principal && OF_PRINCIPAL.iter().any(|key| self.keys.contains(*key)))
        {
            return Tries::default();
        }
        let mut base = Context::new();
        for (index, key) in self.variables.iter().enumerate() {
            base.insert(key.clone(), vec![variable(key, index)]);
        }
        for (key, value) in ALWAYS.iter().filter(|(key, _)| self.keys.contains(*key)) {
            base.insert((*key).to_owned(), vec![(*value).to_owned()]);
        }
        for key in self.keys.iter().filter(|key| is_claim(key)) {
            base.entry(key.clone()).or_insert_with(|| vec![OTHER.to_owned()]);
        }
        let mut choices: Vec<(String, Option<String>)> = Vec::new();
        let is_null = |condition: &&Condition| match condition {
            Condition::Entry(entry) => plain(&entry.operator) == "Null",
            Condition::Resolves(_) | Condition::Unclear(_) => false,
        };
        // Whether a key has to be there decides how the others are satisfied.
        let (presence, others): (Vec<_>, Vec<_>) = statement.conditions.iter().partition(is_null);
        for condition in presence.into_iter().chain(others) {
            let entry = match condition {
                Condition::Entry(entry) => entry,
                Condition::Resolves(_) => continue,
                Condition::Unclear(_) => return Tries::default(),
            };
            let Some(key) = known(&entry.key, values) else { return Tries::default() };
            self.satisfy(&mut base, &key, entry, values);
            choices.extend(entry.values.iter().skip(1).filter_map(|value| {
                Some((key.clone(), Some(likely(&entry.operator, &known(value, values)?))))
            }));
        }
        for entry in outer.flat_map(entries) {
            if choices.len() >= MOST {
                break;
            }
            let Some(key) = known(&entry.key, values) else { continue };
            for value in entry.values.iter().filter_map(|value| known(value, values)) {
                choices.push((key.clone(), Some(likely(&entry.operator, &value))));
            }
            let other = match plain(&entry.operator) {
                "Bool" => ["true", "false"].map(ToOwned::to_owned).to_vec(),
                "Null" => Vec::new(),
                _ => vec![OTHER.to_owned()],
            };
            choices.extend(other.into_iter().map(|value| (key.clone(), Some(value))));
            if !Self::is_always_present(&key) && !self.variables.contains(&key) {
                choices.push((key, None));
            }
        }
        let mut different: Vec<(String, Option<String>)> = Vec::new();
        for (key, value) in choices {
            let own = base.get(&key).map(Vec::as_slice);
            let same = match (&value, own) {
                (Some(value), Some([only])) => value == only,
                (None, None) => true,
                (Some(_) | None, _) => false,
            };
            if !same
                && different.len() + 1 < MOST
                && !different.contains(&(key.clone(), value.clone()))
            {
                different.push((key, value));
            }
        }
        Tries { whole: vec![base], choices: different }
    }

    /// Changes the context so that the entry holds, if that is simple. The evaluator has the last word.
    fn satisfy(
        &self,
        context: &mut Context,
        key: &str,
        entry: &Entry,
        values: &BTreeMap<Hole, String>,
    ) {
        let free = !Self::is_always_present(key) && !self.variables.contains(key);
        let operator = plain(&entry.operator);
        let values: Vec<String> =
            entry.values.iter().filter_map(|value| known(value, values)).collect();
        if operator == "Null" {
            if values.iter().any(|value| value == "true") {
                context.remove(key);
            } else {
                context.entry(key.to_owned()).or_insert_with(|| vec!["example".to_owned()]);
            }
            return;
        }
        let negated = direction(&entry.operator) == Some(Direction::Negated);
        let lenient = entry.operator.ends_with("IfExists")
            || entry.operator.starts_with("ForAllValues:")
            || (negated && !entry.operator.starts_with("ForAnyValue:"));
        if lenient && free && !context.contains_key(key) {
            return;
        }
        if negated {
            context.insert(key.to_owned(), vec![OTHER.to_owned()]);
        } else if let Some(first) = values.first() {
            let value = substituted(&likely(&entry.operator, first), context);
            context.insert(key.to_owned(), vec![value]);
        }
    }

    /// Whether keys that follow from the resource fit it.
    pub(super) fn agrees(request: &Request) -> bool {
        let Some(resource) = &request.resource else { return true };
        let field = |index: usize| resource.split(':').nth(index).filter(|field| !field.is_empty());
        let fits = |key: &str, index: usize| match (request.context.get(key), field(index)) {
            (Some(values), Some(field)) => values.iter().all(|value| value == field),
            _ => true,
        };
        fits("aws:requestedregion", 3) && fits("aws:resourceaccount", 4)
    }

    /// Whether keys that follow from the caller fit it.
    pub(super) fn is_of_caller(request: &Request) -> bool {
        let Some((PrincipalKind::Aws, id)) = &request.principal else { return true };
        let single = |key: &str, fits: &dyn Fn(&str) -> bool| {
            request.context.get(key).is_none_or(|values| values.iter().all(|value| fits(value)))
        };
        let session = |role: &str| {
            let fields = |arn: &str| arn.split(':').nth(5).map(ToOwned::to_owned);
            let name = fields(id).and_then(|it| it.split('/').nth(1).map(ToOwned::to_owned));
            id.contains(":assumed-role/")
                && fields(role).and_then(|it| it.rsplit('/').next().map(ToOwned::to_owned)) == name
        };
        single("aws:principalaccount", &|value| id.split(':').nth(4).unwrap_or(id) == value)
            && single("aws:principalarn", &|value| value == id || session(value))
    }
}

/// Subject and audience of a web identity: no token comes without.
fn is_claim(key: &str) -> bool {
    key.ends_with(":sub") || key.ends_with(":aud")
}

/// A value for a variable, different for each.
pub(in crate::aws) fn variable(key: &str, index: usize) -> String {
    match ALWAYS.iter().find(|(always, _)| *always == key) {
        Some((_, value)) => (*value).to_owned(),
        None if key == "aws:username" => "jdoe".to_owned(),
        None => format!("value-{}", index + 1),
    }
}

fn known(text: &Text, values: &BTreeMap<Hole, String>) -> Option<String> {
    let mut out = String::new();
    for part in text.parts() {
        match part {
            Part::Literal(known) => out.push_str(known),
            Part::Hole(hole) => out.push_str(values.get(hole)?),
        }
    }
    Some(out)
}

/// A value that satisfies a positive operator.
fn likely(operator: &str, value: &str) -> String {
    let place = PLACES.first().copied().unwrap_or(("aws", "us-east-1", "111122223333"));
    match plain(operator) {
        "StringLike" | "ArnLike" | "ArnEquals" if value == "*" => "example".to_owned(),
        "StringLike" | "ArnLike" | "ArnEquals" => filled(value, place),
        "NumericLessThan" => shifted(value, -1),
        "NumericGreaterThan" => shifted(value, 1),
        "DateLessThan" => "2000-01-01T00:00:00Z".to_owned(),
        "DateGreaterThan" => "2100-01-01T00:00:00Z".to_owned(),
        "IpAddress" => value.split('/').next().unwrap_or_default().to_owned(),
        _ => value.to_owned(),
    }
}

fn shifted(value: &str, by: i64) -> String {
    value
        .parse::<i64>()
        .map_or_else(|_| value.to_owned(), |number| number.saturating_add(by).to_string())
}
