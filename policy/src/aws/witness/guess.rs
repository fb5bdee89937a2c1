//! Likely actions, resources and principals for a gap.

use std::collections::BTreeMap;

use crate::aws::contains::Gap;
use crate::aws::evaluate::Evaluator;
use crate::aws::pattern::{ResourcePattern, Service};
use crate::aws::plausible::{ACTIONS, PLACES, filled, wants_path};
use crate::aws::principal::{Principal, PrincipalKind, PrincipalValue};
use crate::text::{Hole, Part, Text};

/// Whether a request can speak of it: an ARN of six fields, or the `*` of actions that know no resource.
pub(super) fn is_resource(resource: &str) -> bool {
    resource == "*" || (resource.starts_with("arn:") && resource.matches(':').count() >= 5)
}

/// Spellings of actions in the gap, likely ones first, and whether they exist for certain.
pub(super) fn actions(gap: &Gap<'_>) -> Vec<(String, bool)> {
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
pub(super) fn resources<'g>(
    gap: &Gap<'g>,
    action: &str,
) -> Vec<(Option<&'g ResourcePattern>, Option<Text>)> {
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
                texts.extend(PLACES.iter().map(|place| fill(&pattern.text, *place)));
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
pub(super) fn likely(action: &str) -> Vec<String> {
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

/// Principals in the gap, likely ones first; one that is none for a policy that names nobody.
pub(super) fn principals(own: Option<&Principal>) -> Vec<Option<(PrincipalKind, Text)>> {
    let Some(own) = own else { return vec![None] };
    let some = |id: String| Some((own.kind, Text::from(id)));
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
            vec![Some((own.kind, own.text.clone()))]
        }
    }
}
