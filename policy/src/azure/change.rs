//! The smallest change of an assignment that closes a gap.

use super::{Assigned, Block, Definition, Grant, Roles, contains, evaluate};
use crate::text::Text;
use crate::verdict::{Change, Comparison, Counterexample, Verdict};

/// The smallest change of `inner` that closes the gap which `comparison` found: to ask for the condition that the nearest
/// outer grant asks for, to move to its scope, to take its role, or to drop what is too much. Changes that leave nothing else to
/// do come first; each is checked with the engine.
pub fn change(
    roles: &Roles,
    outer: &[Grant],
    inner: &[Grant],
    comparison: &Comparison,
) -> Option<Change> {
    let Verdict::Outside(found) = &comparison.open else { return None };
    let grant = inner.get(comparison.inner?)?;
    let fits = |changed: &Grant| {
        contains(roles, outer, std::slice::from_ref(changed)).open == Verdict::Inside
    };
    let nearest = comparison.outer.and_then(|index| outer.get(index));
    nearest
        .and_then(|nearest| condition(grant, nearest, &fits))
        .or_else(|| scope(grant, outer, nearest, &fits))
        .or_else(|| content(grant, nearest, found, &fits))
}

fn condition(grant: &Grant, nearest: &Grant, fits: &dyn Fn(&Grant) -> bool) -> Option<Change> {
    let wanted = nearest.condition.as_ref().filter(|_| grant.condition.is_none())?;
    let changed = Grant { condition: Some(wanted.clone()), ..grant.clone() };
    fits(&changed).then(|| Change::Require(vec![wanted.to_string()]))
}

fn scope(
    grant: &Grant,
    outer: &[Grant],
    nearest: Option<&Grant>,
    fits: &dyn Fn(&Grant) -> bool,
) -> Option<Change> {
    let mut scopes: Vec<&Text> = Vec::new();
    for other in nearest.into_iter().chain(outer) {
        // A pattern is no scope that anything can be assigned at.
        let plain = other.scope != Text::new() && !other.scope.to_string().contains('*');
        if plain && other.scope != grant.scope && !scopes.contains(&&other.scope) {
            scopes.push(&other.scope);
        }
    }
    let fitting = scopes.into_iter().find(|scope| {
        let changed = Grant { scope: (*scope).clone(), ..grant.clone() };
        fits(&changed)
    })?;
    Some(Change::Narrow { from: grant.scope.to_string(), to: vec![fitting.to_string()] })
}

fn content(
    grant: &Grant,
    nearest: Option<&Grant>,
    found: &Counterexample,
    fits: &dyn Fn(&Grant) -> bool,
) -> Option<Change> {
    let definition = match &grant.what {
        Assigned::Role(role) => return Some(other_role(grant, role, nearest, fits)),
        Assigned::Definition(definition) => definition,
    };
    let data = found.context.contains_key("dataAction");
    let culprit = definition
        .blocks
        .iter()
        .flat_map(|block| list(block, data))
        .find(|pattern| evaluate::matches(&evaluate::filled(pattern), &found.action))?;
    if let Some(to) = narrower(grant, definition, culprit, data, nearest, fits) {
        return Some(Change::Narrow { from: culprit.to_string(), to });
    }
    // Everything that does not fit by itself goes at once, if something is left.
    let mut dropped = Vec::new();
    for block in &definition.blocks {
        for data in [false, true] {
            for pattern in list(block, data) {
                let alone =
                    Block { condition: block.condition.clone(), ..only(block, data, pattern) };
                let changed = with(grant, Definition::of(alone));
                let name = pattern.to_string();
                if !fits(&changed) && !dropped.contains(&name) {
                    dropped.push(name);
                }
            }
        }
    }
    if dropped.is_empty() {
        dropped.push(culprit.to_string());
    }
    Some(Change::Drop(dropped))
}

/// Another role for the role: the one that the nearest outer grant names, or none.
fn other_role(
    grant: &Grant,
    role: &Text,
    nearest: Option<&Grant>,
    fits: &dyn Fn(&Grant) -> bool,
) -> Change {
    if let Some(Grant { what: Assigned::Role(own), .. }) = nearest
        && own != role
        && fits(&Grant { what: Assigned::Role(own.clone()), ..grant.clone() })
    {
        return Change::Narrow { from: role.to_string(), to: vec![own.to_string()] };
    }
    Change::Drop(vec![role.to_string()])
}

/// The patterns of the nearest outer grant that lie in the culprit and fit in its place.
fn narrower(
    grant: &Grant,
    definition: &Definition,
    culprit: &Text,
    data: bool,
    nearest: Option<&Grant>,
    fits: &dyn Fn(&Grant) -> bool,
) -> Option<Vec<String>> {
    let Assigned::Definition(own) = &nearest?.what else { return None };
    let wide = culprit.as_str()?;
    let inside: Vec<&Text> = own
        .blocks
        .iter()
        .flat_map(|block| list(block, data))
        // A pattern is a word of a wider one: its stars match the wider one's star.
        .filter(|one| {
            one.as_str().is_some_and(|one| evaluate::matches(wide, one)) && *one != culprit
        })
        .collect();
    if inside.is_empty() {
        return None;
    }
    let mut changed = definition.clone();
    for block in &mut changed.blocks {
        let patterns = if data { &mut block.data_actions } else { &mut block.actions };
        if patterns.contains(culprit) {
            patterns.retain(|one| one != culprit);
            patterns.extend(inside.iter().copied().cloned());
        }
    }
    fits(&with(grant, changed)).then(|| inside.iter().map(ToString::to_string).collect())
}

fn with(grant: &Grant, definition: Definition) -> Grant {
    Grant { what: Assigned::Definition(definition), ..grant.clone() }
}

fn list(block: &Block, data: bool) -> &[Text] {
    if data { &block.data_actions } else { &block.actions }
}

/// The block with one pattern left.
fn only(block: &Block, data: bool, pattern: &Text) -> Block {
    let (mut actions, mut data_actions) = (Vec::new(), Vec::new());
    if data { &mut data_actions } else { &mut actions }.push(pattern.clone());
    Block { actions, data_actions, ..block.clone() }
}
