//! From a gap to a request that proves it.
//!
//! Requests are guessed, likely ones first, and each guess is put to the evaluator: only one that the inner side
//! certainly allows and the outer side certainly does not is handed out. Guessing badly costs an answer, never a wrong
//! one.
//!
//! Where the inner statement has holes, one value proves nothing: `Outside` must hold for all of them. Then the outer
//! side must be unable to allow *anything* that the hole can become, and the request shows one likely value.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::condition::{Condition, plain};
use super::contains::Gap;
use super::document::{Document, Effect};
use super::evaluate::{Access, Evaluator};
use super::pattern::{ResourcePattern, Service};
use super::plausible::{ACTIONS, PLACES, filled, wants_path};
use super::principal::{Overlap, Principal, PrincipalKind, PrincipalValue};
use super::relation::{Piece, Prepared, Stand};
use super::{Request, StatementRef};
use crate::glob::{self, Symbol};
use crate::text::{Hole, Part, Shape, Text};

mod context;

/// A confirmed request.
pub(super) struct Witness {
    pub(super) request: Request,
    /// Whether its action certainly exists today: a policy names it in full, or it is a known one.
    pub(super) exists: bool,
}

/// Finds witnesses, within a limit of work.
pub(super) struct Witnesses<'a> {
    outer: &'a [&'a Document],
    inner: &'a [&'a Document],
    contexts: context::Contexts,
    /// Pattern comparisons that may still be made.
    left: usize,
    /// Pattern comparisons of one guess.
    cost: usize,
}

/// Pattern comparisons for all guesses of one decision: a few milliseconds.
const COMPARISONS: usize = 60_000;

impl<'a> Witnesses<'a> {
    pub(super) fn new(outer: &'a [&'a Document], inner: &'a [&'a Document]) -> Self {
        let all = outer.iter().chain(inner);
        let size = all.flat_map(|document| &document.statements).map(|statement| {
            let resources = statement.resources.as_ref();
            1 + statement.actions.patterns.len() + resources.map_or(0, |list| list.patterns.len())
        });
        let cost = size.sum();
        Self {
            outer,
            inner,
            contexts: context::Contexts::new(outer, inner),
            left: COMPARISONS,
            cost,
        }
    }

    /// A request in the gap, if one can be found. The statements are prepared with the widest upper reading.
    pub(super) fn confirm(
        &mut self,
        gap: &Gap<'_>,
        inner: &[Prepared<'_>],
        outer: &[Prepared<'_>],
    ) -> Option<Witness> {
        let statement = gap.statement.statement;
        if !statement.opaque.is_empty() || self.exhausted() {
            return None;
        }
        let mut contexts = None;
        for (action, exists) in actions(gap) {
            for (piece, resource) in resources(gap, &action) {
                for (principal, overlap) in principals(gap.principal) {
                    let values = Values::of(gap, piece, &action)?;
                    if !values.map.is_empty() && !clear(gap, piece, &action, overlap, inner, outer)
                    {
                        continue;
                    }
                    let contexts = contexts.get_or_insert_with(|| {
                        self.contexts.of(statement, &values.map, gap.principal.is_some())
                    });
                    for context in contexts.iter() {
                        let request = Request {
                            action: action.clone(),
                            resource: resource
                                .as_ref()
                                .map(|resource| values.fill(resource, context)),
                            principal: principal
                                .clone()
                                .map(|(kind, text)| (kind, values.fill(&text, context))),
                            context: context.clone(),
                        };
                        let real = request.resource.as_deref().is_none_or(is_resource);
                        if !real || !self.contexts.agrees(&request) {
                            continue;
                        }
                        self.left = self.left.checked_sub(self.cost)?;
                        if self.proves(&request, &values.map) {
                            return Some(Witness { request: trimmed(request, self), exists });
                        }
                    }
                }
            }
        }
        None
    }

    /// Whether the limit of work is reached: no gap will be confirmed any more.
    pub(super) fn exhausted(&self) -> bool {
        self.left < self.cost
    }

    fn proves(&self, request: &Request, values: &BTreeMap<Hole, String>) -> bool {
        let evaluator = Evaluator { values };
        evaluator.evaluate(self.outer, request) == Access::Denied
            && evaluator.evaluate(self.inner, request) == Access::Allowed
    }

    /// The outer statement that comes nearest to allowing the request: a Deny that refuses it, or else an Allow for the
    /// same action.
    pub(super) fn nearest(&self, request: &Request) -> Option<StatementRef> {
        let none = BTreeMap::new();
        let evaluator = Evaluator { values: &none };
        let statements = || {
            self.outer.iter().enumerate().flat_map(|(number, document)| {
                let statements = document.statements.iter().enumerate();
                statements.map(move |(index, statement)| (number, index, statement))
            })
        };
        let denies = statements().find(|(_, _, statement)| {
            statement.effect == Effect::Deny && evaluator.matches(statement, request) == Some(true)
        });
        let allows = || {
            statements().find(|(_, _, statement)| {
                let hit = statement
                    .actions
                    .patterns
                    .iter()
                    .any(|pattern| evaluator.action_matches(&pattern.text, &request.action));
                statement.effect == Effect::Allow && hit != statement.actions.negated
            })
        };
        denies
            .or_else(allows)
            .map(|(number, index, statement)| StatementRef::new(number, index, statement))
    }
}

/// Context keys that are there only for variables of other statements say nothing: without them the proof must hold
/// as well, or they stay.
fn trimmed(request: Request, witnesses: &Witnesses<'_>) -> Request {
    let mut request = request;
    let none = BTreeMap::new();
    let keys: Vec<String> = request.context.keys().cloned().collect();
    for key in keys {
        if witnesses.contexts.is_always_present(&key) {
            continue;
        }
        let mut shorter = request.clone();
        shorter.context.remove(&key);
        if witnesses.proves(&shorter, &none) {
            request = shorter;
        }
    }
    request
}

/// Whether a request can speak of it: an ARN of six fields, or the `*` of actions that know no resource.
fn is_resource(resource: &str) -> bool {
    resource == "*" || (resource.starts_with("arn:") && resource.matches(':').count() >= 5)
}

/// Spellings of actions in the gap, likely ones first, and whether they exist for certain.
fn actions(gap: &Gap<'_>) -> Vec<(String, bool)> {
    let patterns = &gap.statement.statement.actions.patterns;
    let none = BTreeMap::new();
    let evaluator = Evaluator { values: &none };
    let pattern = gap.pattern.and_then(|index| patterns.get(index));
    if let Some(pattern) = pattern
        && let Some(known) = pattern.text.as_str()
        && matches!(pattern.service, Service::Named(_))
        && !known.contains(['*', '?'])
    {
        return vec![(known.to_owned(), true)];
    }
    let mut out: Vec<(String, bool)> = Vec::new();
    let service = gap.service.as_deref();
    let likely = ACTIONS.iter().map(|(action, _)| *action).filter(|action| {
        let own = action.split_once(':').map(|(service, _)| service);
        (service.is_none() || own == service)
            && pattern.is_none_or(|pattern| evaluator.action_matches(&pattern.text, action))
    });
    out.extend(likely.take(12).map(|action| (action.to_owned(), true)));
    let service = service.unwrap_or("example");
    let name = &gap.name;
    // Likely spelling: the letters of the pattern, and a capital where a word begins.
    let written = pattern.and_then(|pattern| pattern.text.as_str()?.split_once(':'));
    let start = written.map_or("", |(_, written)| written.split(['*', '?']).next().unwrap_or(""));
    let fitting = name.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start));
    let (start, rest) = match name.get(start.len()..) {
        Some(rest) if fitting => (start, rest),
        _ => ("", name.as_str()),
    };
    let (service, start) = (written.map_or(service, |(written, _)| written), start);
    let service = if service == "*" { "example" } else { service };
    let rest = if start.is_empty() { capital(rest) } else { rest.to_owned() };
    out.push((format!("{service}:{start}Example"), false));
    out.push((format!("{service}:{start}{rest}"), false));
    out
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Resources in the gap, likely ones first, each with the pattern that it comes from.
fn resources<'g>(gap: &Gap<'g>, action: &str) -> Vec<(Option<&'g ResourcePattern>, Option<Text>)> {
    let listed = gap.statement.statement.resources.as_ref();
    let Some(listed) = listed else { return vec![(None, None)] };
    let mut out: Vec<(bool, Option<&ResourcePattern>, Option<Text>)> = Vec::new();
    let path = wants_path(action);
    let rank = |text: &Text| {
        let literal = text.parts().iter().any(|part| match part {
            Part::Literal(known) => known.contains('/'),
            Part::Hole(_) => false,
        });
        path.is_some_and(|path| path != literal)
    };
    for (index, word) in &gap.resources {
        let pattern = listed.patterns.get(*index).filter(|_| !listed.negated);
        let mut texts = Vec::new();
        match pattern {
            Some(pattern) if pattern.text.as_str() != Some("*") => {
                for place in PLACES {
                    texts.push(pattern.text.map_literals(|known| known.to_owned()));
                    if let Some(text) = texts.last_mut() {
                        *text = fill(text, *place);
                    }
                }
            }
            Some(_) | None => texts.extend(likely(action).into_iter().map(Text::from)),
        }
        if let Some(word) = word
            && is_resource(word)
        {
            if word.ends_with('/') {
                texts.push(Text::from(format!("{word}x")));
            }
            texts.push(Text::from(word.as_str()));
        }
        out.extend(texts.into_iter().map(|text| (rank(&text), pattern, Some(text))));
    }
    out.sort_by_key(|(late, _, _)| *late);
    out.into_iter().map(|(_, pattern, text)| (pattern, text)).collect()
}

/// Resources for an action that may be used on anything.
fn likely(action: &str) -> Vec<String> {
    let service = action.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let known = ACTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(action));
    let mut out: Vec<String> =
        known.into_iter().map(|(_, resource)| (*resource).to_owned()).collect();
    for (partition, region, account) in PLACES {
        if service == "s3" {
            out.push(format!("arn:{partition}:s3:::example-bucket/example-object"));
            out.push(format!("arn:{partition}:s3:::example-bucket"));
        }
        out.push(format!("arn:{partition}:{service}:{region}:{account}:example/x"));
        out.push(format!("arn:{partition}:{service}::{account}:example/x"));
    }
    out.push("*".to_owned());
    out
}

/// Wildcards replaced; holes and variables stay for later.
fn fill(text: &Text, place: (&str, &str, &str)) -> Text {
    // Holes are set aside as characters that no known part has, so that the fields of an ARN can be told apart.
    let holes: Vec<Hole> = text.holes().cloned().collect();
    let known = text.parts().iter().map(|part| match part {
        Part::Literal(known) => known.as_str(),
        Part::Hole(_) => "\0",
    });
    let known: String = known.collect();
    if known.matches('\0').count() != holes.len() {
        return text.clone();
    }
    let whole = filled(&known, place);
    let mut holes = holes.into_iter();
    let mut out = Text::new();
    for (index, piece) in whole.split('\0').enumerate() {
        if index > 0
            && let Some(hole) = holes.next()
        {
            out.push(&Text::from(hole));
        }
        out.push_str(piece);
    }
    out
}

/// Principals in the gap, likely ones first, each with the one that the policy names.
fn principals(own: Option<&Principal>) -> Vec<(Option<(PrincipalKind, Text)>, Option<&Principal>)> {
    let Some(own) = own else { return vec![(None, None)] };
    let some = |id: String| (Some((own.kind, Text::from(id))), Some(own));
    match &own.value {
        PrincipalValue::Everyone => vec![
            some("arn:aws:iam::444455556666:role/anyone".to_owned()),
            some("arn:aws:iam::123456789012:role/anyone".to_owned()),
        ],
        PrincipalValue::Account(id) => vec![
            some(format!("arn:aws:iam::{id}:role/anyone")),
            some(format!("arn:aws:iam::{id}:root")),
        ],
        PrincipalValue::Exact | PrincipalValue::Unclear(_) => {
            vec![(Some((own.kind, own.text.clone())), Some(own))]
        }
    }
}

/// Likely values for the holes of one guess.
struct Values {
    map: BTreeMap<Hole, String>,
}

impl Values {
    /// None if a hole stands where no single value can be guessed.
    fn of(gap: &Gap<'_>, piece: Option<&ResourcePattern>, action: &str) -> Option<Self> {
        let statement = gap.statement.statement;
        let mut map = BTreeMap::new();
        for text in piece.iter().map(|pattern| &pattern.text) {
            let first = matches!(text.parts(), [Part::Hole(_), ..]);
            for hole in text.holes() {
                map.insert(hole.clone(), value(hole, first, action));
            }
        }
        if let Some(principal) = gap.principal {
            let first = matches!(principal.text.parts(), [Part::Hole(_), ..]);
            for hole in principal.text.holes() {
                let likely = match (&hole.shape, principal.kind) {
                    (Shape::Any, PrincipalKind::Aws) if first => {
                        "arn:aws:iam::111122223333:role/example".to_owned()
                    }
                    (Shape::Any, PrincipalKind::Federated) if first => {
                        "arn:aws:iam::111122223333:oidc-provider/example.com".to_owned()
                    }
                    _ => value(hole, false, action),
                };
                map.insert(hole.clone(), likely);
            }
        }
        for condition in &statement.conditions {
            let Condition::Entry(entry) = condition else { continue };
            for hole in entry.values.iter().chain([&entry.key]).flat_map(Text::holes) {
                // Of these, some value of the key satisfies every value of the hole.
                if !matches!(plain(&entry.operator), "StringEquals" | "StringLike") {
                    return None;
                }
                map.insert(hole.clone(), value(hole, false, action));
            }
        }
        Some(Self { map })
    }

    /// The text with holes and variables replaced.
    fn fill(&self, text: &Text, context: &BTreeMap<String, Vec<String>>) -> String {
        let mut out = String::new();
        for part in text.parts() {
            match part {
                Part::Literal(known) => out.push_str(&substituted(known, context)),
                Part::Hole(hole) => {
                    out.push_str(self.map.get(hole).map_or("example", String::as_str));
                }
            }
        }
        out
    }
}

fn value(hole: &Hole, first: bool, action: &str) -> String {
    match &hole.shape {
        Shape::Glob(pattern) => {
            PLACES.first().map_or_else(|| pattern.to_string(), |place| filled(pattern, *place))
        }
        Shape::Any if first => likely(action).into_iter().next().unwrap_or_default(),
        Shape::Any | Shape::Word => "example".to_owned(),
    }
}

/// Policy variables replaced by what the context says.
fn substituted(known: &str, context: &BTreeMap<String, Vec<String>>) -> String {
    let mut out = String::new();
    let mut rest = known;
    while let Some((before, from)) = rest.split_once("${") {
        let Some((inside, after)) = from.split_once('}') else { break };
        out.push_str(before);
        let key = inside.split(',').next().unwrap_or_default().trim().to_ascii_lowercase();
        match (inside, context.get(&key).map(Vec::as_slice)) {
            ("*" | "?" | "$", _) => out.push_str(inside),
            (_, Some([only])) => out.push_str(only),
            (_, _) => out.push_str("example"),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether the outer side cannot allow the action on anything that the pattern can become, and no inner Deny can take
/// it away: then every value of the holes gives a request like the one at hand.
fn clear(
    gap: &Gap<'_>,
    pattern: Option<&ResourcePattern>,
    action: &str,
    principal: Option<&Principal>,
    inner: &[Prepared<'_>],
    outer: &[Prepared<'_>],
) -> bool {
    let Some((service, name)) = action.split_once(':') else { return false };
    let service = service.to_ascii_lowercase();
    let name: Vec<Symbol> = name.to_ascii_lowercase().chars().map(Symbol::Char).collect();
    let name = Piece { word: Cow::Borrowed(&name), wide: Cow::Borrowed(&name), except: Vec::new() };
    let wide = pattern.map(|pattern| {
        let mut wide = Vec::new();
        for part in pattern.text.parts() {
            match part {
                // Variables too: `$` and braces of the known text are kept out by taking everything in their place.
                Part::Literal(known) if known.contains('$') => wide.push(Symbol::Many),
                Part::Literal(known) => wide.extend(glob::compile(known)),
                Part::Hole(hole) => wide.extend(super::pattern::shape(hole)),
            }
        }
        let wide = glob::normal(wide);
        Piece { word: Cow::Owned(wide.clone()), wide: Cow::Owned(wide), except: Vec::new() }
    });
    let touched = |other: &Prepared<'_>| {
        let apart = match (&other.statement.principals, principal) {
            (Some(list), Some(own))
                if list.negated.is_none() && other.statement.opaque.is_empty() =>
            {
                list.list.iter().all(|one| one.overlap(own) == Overlap::Disjoint)
            }
            _ => false,
        };
        !apart
            && other.actions(Some(&service), &name, true) != Stand::None
            && other.resources(wide.as_ref(), true) != Stand::None
    };
    let allowing = outer.iter().filter(|other| other.statement.effect != Effect::Deny);
    let denying = inner.iter().filter(|other| other.statement.effect != Effect::Allow);
    debug_assert!(gap.statement.statement.effect == Effect::Allow, "only an Allow opens a gap");
    !allowing.chain(denying).any(touched)
}
