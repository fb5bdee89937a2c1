//! Which grant of the outer side comes nearest to allowing a counterexample.

use super::evaluate::{self, Request};
use super::{Grant, Roles, Tree};
use crate::verdict::Counterexample;

/// The nearest grant: one that lists the operation at another scope, or else one that holds here and lists operations of the
/// same provider, or else one that holds here.
pub(super) fn nearest(
    tree: &Tree,
    roles: &Roles,
    outer: &[Grant],
    found: &Counterexample,
) -> Option<usize> {
    let data = found.context.contains_key("dataAction");
    let asked = found.resource.clone().unwrap_or_default();
    let provider = found.action.split('/').next().unwrap_or_default().to_lowercase();
    let score = |grant: &Grant| {
        let own = evaluate::filled(&grant.scope);
        let here = evaluate::holds(tree, &own, &asked) != Some(false);
        let request = Request { operation: found.action.clone(), data, scope: own };
        let elsewhere = evaluate::allows(tree, roles, std::slice::from_ref(grant), &request);
        let same = evaluate::patterns(roles, grant, data).any(|pattern| {
            let first = pattern.split('/').next().unwrap_or_default().to_lowercase();
            first == provider || first.contains('*')
        });
        u8::from(elsewhere != Some(false)) * 4 + u8::from(here) * 2 + u8::from(same)
    };
    let mut best: Option<(u8, usize)> = None;
    for (index, grant) in outer.iter().enumerate() {
        let score = score(grant);
        if score > best.map_or(0, |(own, _)| own) {
            best = Some((score, index));
        }
    }
    best.map(|(_, index)| index)
}
