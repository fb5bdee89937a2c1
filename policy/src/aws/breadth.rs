//! Grants that are wide in themselves, whatever template they are held against.

use super::StatementRef;
use super::document::{Document, Effect, Statement};
use super::pattern::{Actions, Resources, Service};
use crate::glob::{self, Symbol};

/// A statement that allows very much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroadGrant {
    /// Which one; the document is 0.
    pub statement: StatementRef,
    /// How much.
    pub breadth: Breadth,
    /// Whether it holds under conditions only.
    pub conditional: bool,
}

/// How much a broad grant takes in, on every resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breadth {
    /// Every action.
    Everything,
    /// Every action but those of `NotAction`.
    EverythingExcept,
    /// Every action of a service, by its name in lower case.
    Service(String),
}

impl Document {
    /// The first statement that allows every action on every resource without a condition. A document that also denies
    /// everything has none; one that denies a part still has: who takes a crumb from everything keeps nearly all.
    ///
    /// Holds in every reading of the document. A document with unknown parts may grant everything and not be known to.
    pub fn grants_everything(&self) -> Option<StatementRef> {
        let all = |statement: &Statement| {
            breadth(statement).contains(&Breadth::Everything) && statement.conditions.is_empty()
        };
        let denied = self.statements.iter().any(|statement| {
            let unknown = !statement.opaque.is_empty() && statement.effect != Effect::Allow;
            unknown || (statement.effect == Effect::Deny && all(statement))
        });
        let granted = self
            .statements
            .iter()
            .enumerate()
            .find(|(_, statement)| statement.effect == Effect::Allow && all(statement));
        granted.filter(|_| !denied).map(|(index, statement)| StatementRef::new(0, index, statement))
    }

    /// Every statement that allows all of a service or more on every resource, in order. Denies are left aside.
    pub fn broad_grants(&self) -> Vec<BroadGrant> {
        let mut out = Vec::new();
        for (index, statement) in self.statements.iter().enumerate() {
            if statement.effect != Effect::Allow {
                continue;
            }
            for breadth in breadth(statement) {
                out.push(BroadGrant {
                    statement: StatementRef::new(0, index, statement),
                    breadth,
                    conditional: !statement.conditions.is_empty(),
                });
            }
        }
        out
    }
}

fn breadth(statement: &Statement) -> Vec<Breadth> {
    let Some(resources) = &statement.resources else { return Vec::new() };
    if !statement.opaque.is_empty() || statement.principals.is_some() || !everywhere(resources) {
        return Vec::new();
    }
    actions(&statement.actions)
}

/// Whether the list takes in every ARN that there can be, `*` itself left aside.
fn everywhere(resources: &Resources) -> bool {
    // Whoever writes `arn:aws:…` names the partition of the account, which is no limit.
    let all = glob::compile("arn:aws:*:*:*:*");
    !resources.negated
        && resources
            .patterns
            .iter()
            .any(|pattern| !pattern.opaque && glob::covers(&pattern.symbols, &all))
}

fn actions(actions: &Actions) -> Vec<Breadth> {
    if actions.negated {
        let sure = actions.patterns.iter().all(|pattern| pattern.service != Service::All);
        return if sure { vec![Breadth::EverythingExcept] } else { Vec::new() };
    }
    let mut out = Vec::new();
    for pattern in actions.patterns.iter().filter(|pattern| pattern.doubt.is_none()) {
        let any = glob::covers(&pattern.name, &[Symbol::One, Symbol::Many]);
        match &pattern.service {
            Service::All => out.push(Breadth::Everything),
            Service::Named(name) if any => out.push(Breadth::Service(name.to_string())),
            Service::Named(_) | Service::Never => {}
        }
    }
    out
}
