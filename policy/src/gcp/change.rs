//! The smallest change of a binding that closes a gap.

use super::{Assigned, Grant, Roles, contains};
use crate::text::Text;
use crate::verdict::{Change, Comparison, Verdict};

/// A role is spelled out as permissions only if they are few enough to be read.
const FEW: usize = 12;

/// The smallest change of `inner` that closes the gap which `comparison` found: to ask for the condition that the nearest
/// outer binding asks for, to move to its resource, to take its role, or to drop what is too much. Each is checked with the
/// engine.
pub fn change(
    roles: &Roles,
    outer: &[Grant],
    inner: &[Grant],
    comparison: &Comparison,
) -> Option<Change> {
    let Verdict::Outside(_) = &comparison.open else { return None };
    let grant = inner.get(comparison.inner?)?;
    let fits = |changed: &Grant| {
        contains(roles, outer, std::slice::from_ref(changed)).open == Verdict::Inside
    };
    let nearest = comparison.outer.and_then(|index| outer.get(index));
    let ordered: Vec<&Grant> = nearest.into_iter().chain(outer).collect();
    condition(grant, &ordered, &fits)
        .or_else(|| resource(grant, &ordered, &fits))
        .or_else(|| content(roles, grant, &ordered, &fits))
}

fn condition(grant: &Grant, outer: &[&Grant], fits: &dyn Fn(&Grant) -> bool) -> Option<Change> {
    if grant.condition.is_some() {
        return None;
    }
    let mut wanted = outer.iter().filter_map(|other| other.condition.as_ref());
    let fitting =
        wanted.find(|one| fits(&Grant { condition: Some((*one).clone()), ..grant.clone() }))?;
    Some(Change::Require(vec![fitting.to_string()]))
}

fn resource(grant: &Grant, outer: &[&Grant], fits: &dyn Fn(&Grant) -> bool) -> Option<Change> {
    let from = grant.resource.as_ref()?;
    let mut places = outer.iter().filter_map(|other| other.resource.as_ref());
    // A pattern is no resource that anything can be granted on.
    let fitting = places.find(|place| {
        let plain = *place != from && !place.to_string().contains('*');
        plain && fits(&Grant { resource: Some((*place).clone()), ..grant.clone() })
    })?;
    Some(Change::Narrow { from: from.to_string(), to: vec![fitting.to_string()] })
}

fn content(
    roles: &Roles,
    grant: &Grant,
    outer: &[&Grant],
    fits: &dyn Fn(&Grant) -> bool,
) -> Option<Change> {
    let with = |what: Assigned| fits(&Grant { what, ..grant.clone() });
    let single = |name: &Text| with(Assigned::Permissions(vec![name.clone()]));
    match &grant.what {
        Assigned::Permissions(all) => {
            let mut dropped: Vec<String> = Vec::new();
            for one in all.iter().filter(|one| !single(one)) {
                let name = one.to_string();
                if !dropped.contains(&name) {
                    dropped.push(name);
                }
            }
            (!dropped.is_empty()).then_some(Change::Drop(dropped))
        }
        Assigned::Role(role) => {
            let mut named = outer.iter().filter_map(|other| match &other.what {
                Assigned::Role(own) if own != role => Some(own),
                Assigned::Role(_) | Assigned::Permissions(_) => None,
            });
            if let Some(own) = named.find(|own| with(Assigned::Role((*own).clone()))) {
                let to = vec![own.to_string()];
                return Some(Change::Narrow { from: role.to_string(), to });
            }
            let all = role.as_str().and_then(|name| roles.get(name)).unwrap_or_default();
            let fitting: Vec<String> = all
                .into_iter()
                .filter(|name| single(&Text::literal(*name)))
                .take(FEW + 1)
                .map(str::to_owned)
                .collect();
            Some(if fitting.is_empty() || fitting.len() > FEW {
                Change::Drop(vec![role.to_string()])
            } else {
                Change::Narrow { from: role.to_string(), to: fitting }
            })
        }
    }
}
