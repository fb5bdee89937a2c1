//! Known ways to more privileges: what a policy opens beside what it says.
//!
//! A path is a list of actions that together give whoever has them the rights of somebody else. Each step is a request
//! of its own, on a resource of its own, so a path is open if the policies allow every step on something, in some
//! context. That is asked of the engine itself: whether the policies stay inside of a policy that allows everything but
//! the step. Conditions, Denies and limits count as they always do, and what is not certain opens nothing.

use std::collections::BTreeMap;

use super::contains::granting;
use super::{Composition, Decision, Document, StatementRef};
use crate::verdict::{Counterexample, Verdict};

mod paths;

pub use paths::{PATHS, Path};

/// A path that documents open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// The path.
    pub path: &'static Path,
    /// For each step, a statement that allows it.
    pub statements: Vec<StatementRef>,
}

/// Every known path that the documents open together, in the order of the table.
pub fn escalations(documents: &[&Document]) -> Vec<Escalation> {
    let inner = Composition::of(documents);
    let mut steps = Steps::default();
    let open = |path: &'static Path| {
        let statements: Option<Vec<_>> =
            path.steps.iter().map(|step| steps.granting(&inner, step)).collect();
        statements.map(|statements| Escalation { path, statements })
    };
    PATHS.iter().filter_map(open).collect()
}

/// Notes in a decision which path its counterexamples open, alone or with what else the inner side allows: ``passes a
/// role to a new EC2 instance (ec2-001)``. Costs nothing to speak of for an action that is on no path.
pub(super) fn mark(inner: &Composition<'_>, decision: &mut Decision) {
    // Mostly one request shows both.
    let mut last: Option<(String, Option<String>)> = None;
    for verdict in [&mut decision.open, &mut decision.catalogue] {
        if let Verdict::Outside(Counterexample { action, escalation, .. }) = verdict {
            let known = last.take().filter(|(known, _)| known == action);
            let (_, tag) =
                last.insert(known.unwrap_or_else(|| (action.clone(), tagged(inner, action))));
            escalation.clone_from(tag);
        }
    }
}

fn tagged(inner: &Composition<'_>, action: &str) -> Option<String> {
    let mut steps = Steps::default();
    let mut open = |path: &&Path| {
        path.steps.iter().any(|step| step.eq_ignore_ascii_case(action))
            && path.steps.iter().all(|step| {
                step.eq_ignore_ascii_case(action) || steps.granting(inner, step).is_some()
            })
    };
    PATHS.iter().find(|path| open(path)).map(ToString::to_string)
}

/// What has been asked already: many paths share a step.
#[derive(Default)]
struct Steps {
    known: BTreeMap<&'static str, Option<StatementRef>>,
}

impl Steps {
    fn granting(&mut self, inner: &Composition<'_>, step: &'static str) -> Option<StatementRef> {
        self.known.entry(step).or_insert_with(|| granting(inner, step)).clone()
    }
}

#[cfg(test)]
mod tests;
