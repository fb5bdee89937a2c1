//! Members of groups have what their groups are given.

use std::collections::BTreeSet;

use crate::value::Value;

use super::super::{Builder, Platform};
use super::PRINCIPALS;

/// The machine identities in the group of the model that an argument names, through groups in groups. Empty if it names no group,
/// or one of which the model knows no member.
pub(super) fn members(
    builder: &mut Builder<'_>,
    from: usize,
    argument: &str,
    value: &Value,
) -> Vec<usize> {
    let mut open = groups(builder, from, argument, value);
    let mut seen: BTreeSet<usize> = open.iter().copied().collect();
    let mut found = Vec::new();
    while let Some(group) = open.pop() {
        let mut within: Vec<(usize, &str)> = vec![(group, "members")];
        for index in builder.links.of_kind("azuread_group_member") {
            let named = builder.links.value(index, "group_object_id");
            if groups(builder, index, "group_object_id", named).contains(&group) {
                within.push((index, "member_object_id"));
            }
        }
        for (index, argument) in within {
            let members = builder.links.value(index, argument).elements();
            for member in members {
                let inner = groups(builder, index, argument, member);
                if inner.is_empty() {
                    found.extend(builder.targets_or_elsewhere(
                        index,
                        argument,
                        member,
                        PRINCIPALS,
                        Platform::Azure,
                    ));
                }
                open.extend(inner.into_iter().filter(|group| seen.insert(*group)));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The groups of the model that a value names.
fn groups(builder: &Builder<'_>, from: usize, argument: &str, value: &Value) -> Vec<usize> {
    let all = builder.links.of_kind("azuread_group");
    if let Some(id) = value.as_str() {
        let is = |index: &usize| builder.links.value(*index, "object_id").as_str() == Some(id);
        return all.into_iter().filter(is).collect();
    }
    let named = builder.links.references(from, argument).into_iter().map(|(index, _)| index);
    named.filter(|index| all.contains(index)).collect()
}
