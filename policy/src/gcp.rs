//! Google Cloud: whether what one set of role bindings allows stays inside another.
//!
//! A role is a set of permissions, a binding gives it on a resource and everything below, under a condition or none.
//! Bindings add up. A condition that cannot be evaluated grants nothing.

use crate::text::Text;
use crate::verdict::{Change, Comparison, Verdict, Why};

pub use crate::hierarchy::Tree;

mod roles;

pub use roles::Roles;

/// A role or permissions, where they hold, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What is granted.
    pub what: Assigned,
    /// The full name of the resource: `//storage.googleapis.com/projects/_/buckets/b`, `//cloudresourcemanager.googleapis.com/projects/p`,
    /// or `projects/p`, `folders/1`, `organizations/1`. A whole segment `*` stands for any one segment. None if no place is
    /// said; two of these are the same place, and no other covers it.
    pub resource: Option<Text>,
    /// The expression of the binding's condition, in CEL.
    pub condition: Option<Text>,
}

/// A role by name, or permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// `roles/viewer`, `roles/storage.objectViewer`, `projects/p/roles/custom`.
    Role(Text),
    /// Permissions by name. There are no wildcards.
    Permissions(Vec<Text>),
}

/// Whether everything that `inner` allows is allowed by `outer` too.
pub fn contains(roles: &Roles, outer: &[Grant], inner: &[Grant]) -> Comparison {
    let _ = roles;
    let missing = inner.iter().position(|grant| !outer.contains(grant));
    match missing {
        None => Comparison::same(Verdict::Inside, None, None),
        Some(index) => Comparison::same(
            Verdict::Undecided(Why::construct("the two sides are not written the same")),
            Some(index),
            None,
        ),
    }
}

/// The smallest change of `inner` that closes the gap which `comparison` found.
pub fn change(
    roles: &Roles,
    outer: &[Grant],
    inner: &[Grant],
    comparison: &Comparison,
) -> Option<Change> {
    let _ = (roles, outer);
    let grant = inner.get(comparison.inner?)?;
    match &grant.what {
        Assigned::Role(role) => Some(Change::Drop(vec![role.to_string()])),
        Assigned::Permissions(_) => None,
    }
}
