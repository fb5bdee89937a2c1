//! Google Cloud: whether what one set of role bindings allows stays inside another.
//!
//! A role is a set of permissions, a binding gives it on a resource and everything below, under a condition or none.
//! Bindings add up. A condition that cannot be evaluated grants nothing.

use crate::hierarchy::merge;
use crate::text::{Part, Text};
use crate::verdict::{Comparison, Verdict};

pub use crate::hierarchy::Tree;

mod change;
mod compare;
mod condition;
mod evaluate;
mod facts;
mod file;
mod nearest;
mod permissions;
mod resource;
mod roles;
mod solve;

pub use change::change;
pub use roles::Roles;

use compare::Comparer;

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

/// Whether everything that `inner` allows is allowed by `outer` too, at what the roles consist of today.
///
/// Roles have no wildcards, so nothing depends on permissions that Google may add, and both worlds have the same answer. Deny
/// policies and principal access boundaries are not looked at: on the inner side they only take away, so `Inside` stays true; do not
/// count on those of the outer side.
pub fn contains(roles: &Roles, outer: &[Grant], inner: &[Grant]) -> Comparison {
    contains_in(&Tree::new(), roles, outer, inner)
}

/// The same, where some is known of which bucket is in which project, and which project below which folder.
pub fn contains_in(tree: &Tree, roles: &Roles, outer: &[Grant], inner: &[Grant]) -> Comparison {
    let mut comparer = Comparer::new(tree, roles, outer, inner);
    let mut verdict = Verdict::Inside;
    let mut culprit = None;
    for (index, grant) in inner.iter().enumerate() {
        if merge(&mut verdict, comparer.grant(grant)) {
            culprit = Some(index);
        }
        if matches!(verdict, Verdict::Outside(_)) {
            break;
        }
    }
    let nearest = match &verdict {
        Verdict::Outside(found) => nearest::nearest(tree, roles, outer, found),
        Verdict::Inside | Verdict::Undecided(_) => None,
    };
    Comparison::same(verdict, culprit, nearest)
}

/// Why no permission can have the name, if that is so.
pub fn check_permission(permission: &Text) -> Result<(), String> {
    let literals = permission.parts().iter().filter_map(|part| match part {
        Part::Literal(known) => Some(known.as_str()),
        Part::Hole(_) => None,
    });
    let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '.' | '-' | '_');
    for text in literals {
        if text.contains('*') {
            return Err("permissions of Google Cloud have no wildcards".to_owned());
        }
        if !text.chars().all(plain) {
            return Err("a permission has letters, digits and dots only".to_owned());
        }
    }
    let formed = |known: &str| {
        known.split('.').count() >= 3 && known.split('.').all(|piece| !piece.is_empty())
    };
    match permission.as_str() {
        Some(known) if !formed(known) => Err("a permission is `service.resource.verb`".to_owned()),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
