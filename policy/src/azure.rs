//! Azure: whether what one set of role assignments allows stays inside another.
//!
//! An operation is allowed if, at its scope or above, some permission block of some assigned role lists it and does not
//! take it away again: `notActions` is subtraction inside its block, not a deny, and another block or assignment can
//! give the same operation back. Control plane and data plane are two worlds. `assignableScopes` grants nothing.

use crate::text::{Part, Text};
use crate::verdict::{Comparison, Verdict};

pub use crate::hierarchy::Tree;

mod change;
mod compare;
mod evaluate;
mod file;
mod nearest;
mod operations;
mod pattern;
mod roles;
mod scope;

pub use change::change;
pub use roles::Roles;

use compare::{Answer, Comparer};

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
///
/// The open world is every operation that a provider could ever have; in the catalogue's, operations end in `/read`, `/write`,
/// `/delete` or `/action`, as all of today's do. Conditions count as written: what is guarded on the outer side is granted
/// only to what has the same condition, and what is guarded on the inner side shows nothing. Deny assignments are not
/// looked at: they take away from both sides.
pub fn contains(roles: &Roles, outer: &[Grant], inner: &[Grant]) -> Comparison {
    contains_in(&Tree::new(), roles, outer, inner)
}

/// The same, where some is known of which subscription is below which management group.
pub fn contains_in(tree: &Tree, roles: &Roles, outer: &[Grant], inner: &[Grant]) -> Comparison {
    let mut comparer = Comparer::new(tree, roles, outer, inner);
    let mut answer = Answer::inside();
    let mut culprit = None;
    for (index, grant) in inner.iter().enumerate() {
        if answer.add(comparer.grant(grant)) {
            culprit = Some(index);
        }
        if answer.is_final() {
            break;
        }
    }
    let Answer { open, catalogue } = answer;
    let nearest = match &open {
        Verdict::Outside(found) => nearest::nearest(tree, roles, outer, found),
        Verdict::Inside | Verdict::Undecided(_) => None,
    };
    Comparison { open, catalogue, inner: culprit, outer: nearest }
}

/// Why no operation can ever match the pattern, if that is so.
pub fn check_action(action: &Text) -> Result<(), String> {
    let known = action.parts().iter().filter_map(|part| match part {
        Part::Literal(known) => Some(known.as_str()),
        Part::Hole(_) => None,
    });
    for text in known {
        if text.contains(char::is_whitespace) {
            return Err("an operation has no blanks".to_owned());
        }
        if text.contains('?') {
            return Err("`?` is no wildcard in an operation: there is only `*`".to_owned());
        }
    }
    match action.as_str() {
        Some(known) if !known.contains(['/', '*']) => {
            Err("an operation is `Provider/resource/verb`, or a pattern with `*`".to_owned())
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
