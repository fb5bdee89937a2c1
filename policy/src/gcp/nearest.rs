//! Which binding of the outer side comes nearest to allowing a counterexample.

use super::{Assigned, Grant, Roles, Tree, evaluate, resource};
use crate::hierarchy::{Reach, example};
use crate::text::Text;
use crate::verdict::Counterexample;

/// The nearest binding: one that grants the permission elsewhere or under a condition, or else one that holds here and grants
/// others of the same service, or else one that holds here.
pub(super) fn nearest(
    tree: &Tree,
    roles: &Roles,
    outer: &[Grant],
    found: &Counterexample,
) -> Option<usize> {
    let asked = found.resource.as_deref().map(Text::literal);
    let service = found.action.split('.').next().unwrap_or_default();
    let score = |grant: &Grant| {
        let reach = resource::reach(tree, grant.resource.as_ref(), asked.as_ref());
        let gives = evaluate::gives(roles, &grant.what, &found.action) != Some(false);
        let same = match &grant.what {
            Assigned::Permissions(all) => {
                all.iter().any(|one| example(one).split('.').next() == Some(service))
            }
            Assigned::Role(role) => {
                let name = role.to_string();
                name.rsplit('/').next().and_then(|name| name.split('.').next()) == Some(service)
            }
        };
        u8::from(gives) * 4 + u8::from(reach != Reach::No) * 2 + u8::from(same)
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
