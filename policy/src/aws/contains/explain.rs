//! Why a gap is neither proved nor refuted, in words.

use std::borrow::Cow;

use super::super::condition::{Condition, implied};
use super::super::document::Effect;
use super::super::principal::Principals;
use super::super::relation::{Piece, Prepared, Stand};
use super::engine::Progress;
use super::{Gap, Sides};
use crate::glob::Symbol;
use crate::verdict::Why;

/// The first thing that stands in the way, and all unknown values that do.
pub(super) fn why(gap: &Gap<'_>, sides: Sides<'_>) -> Why {
    let mut reasons: Vec<Why> = own(gap).cloned().collect();
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
    wanted.iter().find_map(|condition| match condition {
        Condition::Entry(entry) => Some(Why::construct(format!(
            "the condition `{}` on `{}` of {side} statement {} is compared with equal conditions only",
            entry.operator,
            entry.key,
            index + 1
        ))),
        Condition::Resolves(name) => Some(Why::construct(format!(
            "`${{{name}}}` in {side} statement {} may have any value",
            index + 1
        ))),
        Condition::Unclear(_) => None,
    })
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
