//! One concrete operation at one concrete scope: the check that every counterexample has to pass.
//!
//! Written from the documentation of Azure alone; it shares nothing with the comparison but the types.

use crate::text::{Part, Text};

use super::{Assigned, Block, Grant, Roles, Tree};

/// What is asked of Azure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) operation: String,
    pub(super) data: bool,
    /// A full scope; the empty string if nobody says one.
    pub(super) scope: String,
}

/// Whether some grant allows the operation. None if that depends on what is not known: a condition, the content of a
/// role, the tree of management groups.
pub(super) fn allows(
    tree: &Tree,
    roles: &Roles,
    grants: &[Grant],
    request: &Request,
) -> Option<bool> {
    let mut certain = true;
    for grant in grants {
        let here = match holds(tree, &filled(&grant.scope), &request.scope) {
            Some(false) => continue,
            here => here.is_some(),
        };
        let Some(blocks) = blocks(roles, grant) else {
            certain = false;
            continue;
        };
        for block in blocks {
            if !lists(block, request) {
                continue;
            }
            if here && grant.condition.is_none() && block.condition.is_none() {
                return Some(true);
            }
            certain = false;
        }
    }
    certain.then_some(false)
}

fn blocks<'a>(roles: &'a Roles, grant: &'a Grant) -> Option<&'a [Block]> {
    match &grant.what {
        Assigned::Definition(definition) => Some(&definition.blocks),
        Assigned::Role(role) => Some(&roles.get(role.as_str()?)?.blocks),
    }
}

/// What a grant lists, as far as it is known.
pub(super) fn patterns<'a>(
    roles: &'a Roles,
    grant: &'a Grant,
    data: bool,
) -> impl Iterator<Item = String> {
    let blocks = blocks(roles, grant).unwrap_or_default();
    blocks
        .iter()
        .flat_map(move |block| if data { &block.data_actions } else { &block.actions })
        .map(filled)
}

fn lists(block: &Block, request: &Request) -> bool {
    let (plus, minus) = if request.data {
        (&block.data_actions, &block.not_data_actions)
    } else {
        (&block.actions, &block.not_actions)
    };
    let any = |list: &[Text]| list.iter().any(|one| matches(&filled(one), &request.operation));
    any(plus) && !any(minus)
}

/// Whether a pattern matches an operation, by walking along both and going back to the last star where it fails.
pub(super) fn matches(pattern: &str, operation: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let operation: Vec<char> = operation.to_lowercase().chars().collect();
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let next = pattern.get(at);
        if next == Some(&'*') {
            star = Some((at, read));
            at += 1;
        } else if read == operation.len() && next.is_none() {
            return true;
        } else if read < operation.len() && next == operation.get(read) {
            at += 1;
            read += 1;
        } else if let Some((place, from)) = star
            && from < operation.len()
        {
            star = Some((place, from + 1));
            at = place + 1;
            read = from + 1;
        } else {
            return false;
        }
    }
}

/// Whether a scope is this one or above it.
pub(super) fn holds(tree: &Tree, own: &str, asked: &str) -> Option<bool> {
    if own.is_empty() || asked.is_empty() {
        return (own == asked).then_some(true);
    }
    let split = |scope: &str| -> Vec<String> {
        scope.to_lowercase().split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let (own, asked) = (split(own), split(asked));
    let same = |(own, asked): (&String, &String)| own == "*" || own == asked;
    if own.len() <= asked.len() && own.iter().zip(&asked).all(same) {
        return Some(true);
    }
    let group = |scope: &[String]| scope.get(1).is_some_and(|one| one == "microsoft.management");
    let subscription = asked.first().is_some_and(|one| one == "subscriptions");
    if !group(&own) || !(group(&asked) || subscription) {
        return Some(false);
    }
    let top = if subscription { asked.get(..2) } else { asked.get(..4) };
    let above = tree.above(&format!("/{}", top?.join("/")));
    if above.iter().any(|place| split(place) == own) {
        return Some(true);
    }
    above.last().is_some_and(|last| last.is_empty()).then_some(false)
}

/// The text with a likely value for every hole.
pub(super) fn filled(text: &Text) -> String {
    let parts = text.parts().iter().map(|part| match part {
        Part::Literal(known) => known.as_str(),
        Part::Hole(_) => "example",
    });
    parts.collect()
}
