//! One concrete request: the check that every counterexample has to pass.
//!
//! Written from the documentation of Google Cloud alone; it shares the reading of conditions with the comparison, and none of
//! its reasoning.

use super::condition::{Atom, Expr, Order, Test};
use super::facts::Facts;
use super::{Assigned, Grant, Roles, Tree};
use crate::hierarchy::example;
use crate::text::Text;

/// What is asked of Google Cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) permission: String,
    pub(super) resource: Option<String>,
    pub(super) facts: Facts,
}

/// Whether some grant allows the request. None if that depends on what is not known.
pub(super) fn allows(
    tree: &Tree,
    roles: &Roles,
    grants: &[Grant],
    request: &Request,
) -> Option<bool> {
    let mut certain = true;
    for grant in grants {
        let place = grant.resource.as_ref().map(example);
        let here = match (&place, &request.resource) {
            (Some(own), Some(asked)) => holds(tree, own, asked),
            (None, None) => Some(true),
            _ => None,
        };
        let gives = gives(roles, &grant.what, &request.permission);
        let condition = match &grant.condition {
            None => Some(true),
            Some(text) => Some(value(&Expr::parse(text), &request.facts)).flatten(),
        };
        match [here, gives, condition] {
            [Some(true), Some(true), Some(true)] => return Some(true),
            all if all.contains(&Some(false)) => {}
            _ => certain = false,
        }
    }
    certain.then_some(false)
}

/// Whether what is granted on one resource holds on another. Names say so within one service and for the project that they
/// mention; all else is for the tree to tell.
fn holds(tree: &Tree, own: &str, asked: &str) -> Option<bool> {
    const MANAGER: &str = "//cloudresourcemanager.googleapis.com/";
    let plain = |name: &str| {
        let name = name.trim_end_matches('/');
        if name.starts_with("//") { name.to_owned() } else { format!("{MANAGER}{name}") }
    };
    let (own, asked) = (plain(own), plain(asked));
    if asked == own || asked.strip_prefix(&own).is_some_and(|rest| rest.starts_with('/')) {
        return Some(true);
    }
    let node = |name: &str| name.strip_prefix(MANAGER).map(str::to_owned);
    let project = |name: &str| {
        let (service, rest) = name.strip_prefix("//")?.split_once("/projects/")?;
        let id = rest.split('/').next()?;
        (!service.contains('/') && !matches!(id, "_" | "-")).then(|| id.to_owned())
    };
    let Some(own_node) = node(&own) else {
        // Below a resource lies only what its name begins; a number may stand for the project's id.
        let digits =
            |name: &str| project(name).is_some_and(|id| id.bytes().all(|it| it.is_ascii_digit()));
        let aliased = node(&asked).is_none() && digits(&own) != digits(&asked);
        return (!aliased).then_some(false);
    };
    if node(&asked).is_some_and(|one| one.starts_with("organizations/")) {
        return Some(false);
    }
    let mut above = tree.above(&asked);
    if let Some(short) = node(&asked) {
        above.extend(tree.above(&short));
    }
    let home = project(&asked).map(|id| format!("projects/{id}"));
    if let Some(home) = &home {
        above.push(home);
        above.extend(tree.above(home));
    }
    if above.iter().any(|place| plain(place) == own) {
        return Some(true);
    }
    if above.iter().any(|place| plain(place).contains("/organizations/")) {
        return Some(false);
    }
    match (own_node.strip_prefix("projects/"), home) {
        (Some(own), Some(home)) => {
            let digits = |id: &str| id.bytes().all(|it| it.is_ascii_digit());
            let home = home.trim_start_matches("projects/");
            (digits(own) == digits(home)).then_some(false)
        }
        // A folder lies in no project.
        (Some(_), None) if node(&asked).is_some() => Some(false),
        _ => None,
    }
}

/// Whether a role or list has the permission.
pub(super) fn gives(roles: &Roles, what: &Assigned, permission: &str) -> Option<bool> {
    match what {
        Assigned::Role(role) => roles.gives(role.as_str()?, permission),
        Assigned::Permissions(all) => {
            let literal = |text: &Text| text.as_str().map(|own| own == permission);
            let answers: Vec<Option<bool>> = all.iter().map(literal).collect();
            if answers.contains(&Some(true)) {
                return Some(true);
            }
            // What an unknown part becomes is filled in the same way on both sides.
            Some(all.iter().any(|own| own.has_holes() && example(own) == permission))
        }
    }
}

/// The value of a condition, as far as the facts tell.
fn value(expr: &Expr, facts: &Facts) -> Option<bool> {
    match expr {
        Expr::Constant(value) => Some(*value),
        Expr::Not(one) => Some(!value(one, facts)?),
        Expr::And(all) => {
            let values: Vec<Option<bool>> = all.iter().map(|one| value(one, facts)).collect();
            if values.contains(&Some(false)) {
                return Some(false);
            }
            (!values.contains(&None)).then_some(true)
        }
        Expr::Or(all) => {
            let values: Vec<Option<bool>> = all.iter().map(|one| value(one, facts)).collect();
            if values.contains(&Some(true)) {
                return Some(true);
            }
            (!values.contains(&None)).then_some(false)
        }
        Expr::Atom(atom) => answer(atom, facts),
    }
}

fn answer(atom: &Atom, facts: &Facts) -> Option<bool> {
    match atom {
        Atom::String(attribute, test) => {
            let own = facts.strings.get(attribute)?;
            Some(match test {
                Test::Equals(known) => own == known,
                Test::StartsWith(known) => own.starts_with(known.as_str()),
                Test::EndsWith(known) => own.ends_with(known.as_str()),
            })
        }
        Atom::Time(order, constant) => {
            let own = facts.time?.cmp(constant);
            Some(match order {
                Order::Before => own.is_lt(),
                Order::AtMost => own.is_le(),
                Order::At => own.is_eq(),
                Order::AtLeast => own.is_ge(),
                Order::After => own.is_gt(),
            })
        }
        Atom::Only(name, values) => {
            Some(facts.lists.get(name)?.iter().all(|one| values.contains(one)))
        }
        Atom::Tag(tag) => facts.tags.get(tag).copied(),
        Atom::Opaque(_) => None,
    }
}
