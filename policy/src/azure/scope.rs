//! Which scope lies in which.

use crate::hierarchy::{self, Reach, Tree};
use crate::text::Text;

const MANAGEMENT_GROUPS: &str = "/providers/microsoft.management/managementgroups/";
const SUBSCRIPTIONS: &str = "/subscriptions/";

/// Whether what is assigned at `outer` holds at `inner`.
pub(super) fn reach(tree: &Tree, outer: &Text, inner: &Text) -> Reach {
    let nowhere = Text::new();
    if *outer == nowhere || *inner == nowhere {
        return if outer == inner {
            Reach::Yes
        } else {
            let reason = "one side does not say the scope that its roles hold at";
            Reach::Maybe(reason.to_owned(), Vec::new())
        };
    }
    let group = match outer.as_str() {
        Some("/") => return Reach::Yes,
        Some(known) if is_half(&hierarchy::key(known)) => {
            let reason = format!("`{outer}` is no scope that a role can be assigned at");
            return Reach::Maybe(reason, Vec::new());
        }
        Some(known) => hierarchy::key(known),
        None => return hierarchy::covers(outer, inner, true),
    };
    match hierarchy::covers(outer, inner, true) {
        Reach::No if group.starts_with(MANAGEMENT_GROUPS) => below(tree, &group, inner),
        reach @ (Reach::Yes | Reach::No | Reach::Maybe(..)) => reach,
    }
}

/// Whether a scope ends where a name should follow: it would look as if it held all of them.
fn is_half(key: &str) -> bool {
    let groups = MANAGEMENT_GROUPS.trim_end_matches('/');
    let depth = key.split('/').count();
    matches!(key, "" | "/subscriptions" | "/providers" | "/providers/microsoft.management")
        || key == groups
        || (depth == 4 && key.starts_with(SUBSCRIPTIONS) && key.ends_with("/resourcegroups"))
}

/// Whether a scope lies in a management group, which its name does not say.
fn below(tree: &Tree, group: &str, inner: &Text) -> Reach {
    let start = inner.to_string();
    let start = start.to_lowercase();
    // Resources of the tenant itself are in no group.
    let top = match inner.as_str().map(hierarchy::key) {
        Some(known) if known.starts_with(MANAGEMENT_GROUPS) => first_segments(&known, 4),
        Some(known) if known.starts_with(SUBSCRIPTIONS) => first_segments(&known, 2),
        Some(_) => return Reach::No,
        None if start.starts_with(MANAGEMENT_GROUPS) || start.starts_with(SUBSCRIPTIONS) => {
            String::new()
        }
        None => return Reach::unknown([inner]),
    };
    let above = tree.above(&top);
    if above.contains(&group) {
        return Reach::Yes;
    }
    if above.last().is_some_and(|last| last.is_empty()) {
        return Reach::No;
    }
    let reason = format!("whether `{inner}` is below the management group `{group}` is not known");
    Reach::Maybe(reason, hierarchy::origins([inner]))
}

fn first_segments(scope: &str, count: usize) -> String {
    let segments: Vec<&str> = scope.split('/').take(count + 1).collect();
    segments.join("/")
}
