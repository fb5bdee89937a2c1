//! Why a gap is neither proved nor refuted, in words.

use std::borrow::Cow;

use super::super::condition::{Condition, implied};
use super::super::document::Effect;
use super::super::principal::Principals;
use super::super::relation::{Piece, Prepared, Stand, disputed};
use super::super::solver::Facts;
use super::engine::Progress;
use super::{Gap, Sides};
use crate::glob::Symbol;
use crate::verdict::Why;

/// The first thing that stands in the way, and all unknown values that do.
pub(super) fn why(gap: &Gap<'_>, sides: Sides<'_>) -> Why {
    let mut reasons: Vec<Why> = own(gap).cloned().collect();
    reasons.extend(unsettled(gap, sides));
    let name: Vec<Symbol> = gap.name.chars().map(Symbol::Char).collect();
    let name = Piece::plain(Cow::Borrowed(&name), Vec::new());
    let service = gap.service.as_deref();
    let matching = |statement: &&Prepared<'_>| {
        statement.actions(service, &name, true) != Stand::None
            && statement.speaks_of(gap.asker, true)
            && gap.resources.iter().any(|(_, resource)| on(statement, resource.as_deref()))
    };
    for statement in sides.outer.iter().filter(matching) {
        reasons.extend(statement.statement.doubts().cloned());
        let (given, wanted) =
            (&gap.statement.statement.conditions, &statement.statement.conditions);
        if statement.statement.effect == Effect::Allow && !implied(given.iter(), wanted) {
            reasons.extend(conditions(wanted, statement.index, "outer"));
        }
        if statement.statement.effect == Effect::Deny {
            reasons.extend(conditions(wanted, statement.index, "outer"));
        }
    }
    let within = sides.inner.iter().filter(|one| one.statement.effect != Effect::Allow);
    for statement in within.chain(sides.limits.iter().flatten()) {
        if matching(&statement) {
            reasons.extend(statement.statement.doubts().cloned());
            reasons.extend(conditions(&statement.statement.conditions, statement.index, "inner"));
        }
    }
    let mut unknown: Vec<String> = Vec::new();
    for origin in reasons.iter().flat_map(|why| &why.unknown) {
        if !unknown.contains(origin) {
            unknown.push(origin.clone());
        }
    }
    let reason = reasons.into_iter().next().map(|why| why.reason);
    let reason = reason.unwrap_or_else(|| other(gap));
    Why { reason, unknown }
}

/// What is not known about the inner statement itself.
fn own<'g>(gap: &'g Gap<'_>) -> impl Iterator<Item = &'g Why> {
    let statement = gap.statement.statement;
    let actions = &statement.actions.patterns;
    let action = actions
        .iter()
        .enumerate()
        .filter(|(index, _)| gap.pattern.is_none() || gap.pattern == Some(*index));
    let action = action.filter_map(|(_, pattern)| pattern.doubt.as_ref());
    let resources = statement.resources.iter().flat_map(|resources| &resources.patterns);
    let resources = resources
        .enumerate()
        .filter(|(index, _)| gap.resources.iter().any(|(gap, _)| gap == index));
    let resources = resources.filter_map(|(_, pattern)| pattern.doubt.as_ref());
    let principals = statement.principals.iter().flat_map(Principals::doubts);
    let conditions = statement.conditions.iter().filter_map(Condition::doubt);
    statement.opaque.iter().chain(action).chain(resources).chain(principals).chain(conditions)
}

/// Whether a statement may match a resource.
fn on(statement: &Prepared<'_>, resource: Option<&str>) -> bool {
    let Some(resource) = resource else {
        return statement.resources(None, true) != Stand::None;
    };
    let symbols: Vec<Symbol> = resource.chars().map(Symbol::Char).collect();
    let piece = Piece::plain(Cow::Borrowed(symbols.as_slice()), Vec::new());
    statement.resources(Some(&piece), true) != Stand::None
}

fn conditions(wanted: &[Condition], index: usize, side: &str) -> Option<Why> {
    let number = index + 1;
    wanted.iter().find_map(|condition| match condition {
        Condition::Entry(entry) => {
            let (operator, key) = (&entry.operator, &entry.key);
            let several = key.as_str().and_then(Facts::new(true).several) == Some(true);
            Some(Why::construct(if several && !operator.starts_with("For") {
                format!(
                    "`{key}` holds several values, and what `{operator}` without `ForAllValues:` or `ForAnyValue:` says of them in {side} statement {number} is not documented"
                )
            } else {
                format!(
                    "no request shows what the condition `{operator}` on `{key}` of {side} statement {number} leaves out"
                )
            }))
        }
        Condition::Resolves(name) => Some(Why::construct(format!(
            "`${{{name}}}` in {side} statement {number} may have any value"
        ))),
        Condition::Unclear(_) => None,
    })
}

/// What no policy can help: documents of AWS that contradict each other, and policies of different kinds.
fn unsettled(gap: &Gap<'_>, sides: Sides<'_>) -> Option<Why> {
    let own = gap.statement.statement;
    if own.principals.is_some() != sides.outer.iter().any(|one| one.statement.principals.is_some())
        && own.opaque.is_empty()
        && sides.outer.iter().any(|one| one.statement.opaque.is_empty())
    {
        let reason = "a policy that names principals is compared with one that names none";
        return Some(Why::construct(reason));
    }
    let words = gap.resources.iter().filter_map(|(_, word)| word.as_deref());
    let words: Vec<Vec<Symbol>> =
        words.map(|word| word.chars().map(Symbol::Char).collect()).collect();
    let patterns = sides.all().filter_map(|one| one.statement.resources.as_ref());
    let mut patterns = patterns.flat_map(|resources| &resources.patterns);
    let found = patterns.find(|pattern| words.iter().any(|word| disputed(pattern, word)))?;
    let text = &found.text;
    Some(Why::construct(format!(
        "the documents of AWS disagree on whether a wildcard in `{text}` crosses a colon"
    )))
}

/// How far the proof has come when the work runs out.
pub(super) fn given_up(steps: u64, progress: Progress) -> String {
    let Progress { statement, pieces, settled } = progress;
    format!(
        "the comparison was given up after {steps} steps; {settled} of {pieces} action patterns of inner statement {statement} are proved inside"
    )
}

fn other(gap: &Gap<'_>) -> String {
    let action = match &gap.service {
        Some(service) => format!("{service}:{}", gap.name),
        None => "actions of other services".to_owned(),
    };
    match gap.resources.first() {
        Some((_, Some(resource))) => {
            format!(
                "`{action}` on `{resource}` is not proved inside, and no request shows it outside"
            )
        }
        _ => format!("`{action}` is not proved inside, and no request shows it outside"),
    }
}
