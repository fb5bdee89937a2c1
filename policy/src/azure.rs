//! Azure: whether what one set of role assignments allows stays inside another.
//!
//! An operation is allowed if, at its scope or above, some permission block of some assigned role lists it and does not
//! take it away again: `notActions` is subtraction inside its block, not a deny, and another block or assignment can
//! give the same operation back. Control plane and data plane are two worlds. `assignableScopes` grants nothing.

use crate::text::Text;
use crate::verdict::{Change, Comparison, Verdict, Why};

pub use crate::hierarchy::Tree;

mod roles;

pub use roles::Roles;

/// A role and where it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What is assigned.
    pub what: Assigned,
    /// The scope of the assignment: `/subscriptions/…/resourceGroups/…`. A whole segment `*` stands for any one segment. The
    /// empty text means that no place is said; two of these are the same place, and no other covers it.
    pub scope: Text,
    /// The condition of the assignment, as it is written.
    pub condition: Option<Text>,
}

/// A role by name, or what it consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// The name, the GUID or the resource id of a role.
    Role(Text),
    /// The content of a role.
    Definition(Definition),
}

/// The content of a role: what any of its blocks allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// The permission blocks.
    pub blocks: Vec<Block>,
}

/// One element of a role's `permissions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Operations of the control plane, with `*` for any run of characters, slashes too.
    pub actions: Vec<Text>,
    /// Operations of the control plane that this block does not give.
    pub not_actions: Vec<Text>,
    /// Operations of the data plane.
    pub data_actions: Vec<Text>,
    /// Operations of the data plane that this block does not give.
    pub not_data_actions: Vec<Text>,
    /// A condition that the role itself carries.
    pub condition: Option<Text>,
}

impl Definition {
    /// A role of one block without condition.
    pub fn of(block: Block) -> Self {
        Self { blocks: vec![block] }
    }
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
        Assigned::Definition(_) => None,
    }
}
