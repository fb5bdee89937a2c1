//! AWS policies: what they say, whether one stays inside another, and what one request gets.
//!
//! [`Document::parse`] reads identity, trust and resource policies, with unknown parts. [`contains()`] compares two sets
//! of documents (the policies attached to one identity count together: the union of their Allows less every Deny).
//! [`evaluate()`] answers for one concrete request; it shares no matching code with [`contains()`] and checks every
//! counterexample before it leaves this module.
//!
//! Every statement has a lower and an upper reading, with what AWS does in between. They differ where something is
//! not understood or not known yet. `Inside` is proved from the inner side's upper and the outer side's lower reading,
//! so a construct that is not understood can lead to `Undecided` and to nothing else.
//!
//! Reading order: `document` (the model), `parse` (JSON to model), `pattern`, `principal` and `condition` (the four
//! dimensions of a statement), `relation` (how a statement stands to a piece of the inner side), `contains`, `witness`
//! (from a gap to a request), `evaluate`, `breadth` (grants that are wide in themselves).

use std::collections::BTreeMap;

use miette::SourceSpan;

use crate::verdict::{Counterexample, Verdict};

mod breadth;
mod change;
mod composition;
mod condition;
mod contains;
mod document;
mod escalation;
mod evaluate;
mod outline;
mod parse;
mod pattern;
mod plausible;
mod principal;
mod relation;
mod solver;
mod witness;

#[cfg(test)]
mod tests;

pub use breadth::{Breadth, BroadGrant};
pub use change::change;
pub use composition::Composition;
pub use contains::{contains, contains_within};
pub use document::{Document, Effect, Statement, Warning};
pub use escalation::{Escalation, PATHS, Path, escalations};
pub use evaluate::{Access, evaluate, evaluate_within};
pub use parse::DocumentError;
pub use principal::PrincipalKind;

/// The answer of [`contains()`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Over every action that could ever exist. This is the verdict that counts.
    pub open: Verdict,
    /// Over the actions that exist today, as far as [`crate::catalogue::actions`] knows them, and those that a policy
    /// writes out in full. Inside the larger world is inside this one; the reverse does not hold.
    pub catalogue: Verdict,
    /// The inner statement that led to the counterexample or that could not be decided.
    pub inner_statement: Option<StatementRef>,
    /// The outer statement that comes nearest to allowing the counterexample.
    pub outer_statement: Option<StatementRef>,
}

/// One statement of a set of documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementRef {
    /// Which document of the slice that was passed in.
    pub document: usize,
    /// Which statement of it, from 0.
    pub statement: usize,
    /// Its `Sid`, if it has one that is known.
    pub sid: Option<String>,
    /// Where it stands in the document's text, as [`crate::json`] counts.
    pub span: SourceSpan,
}

/// One concrete request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `s3:PutObject`; upper and lower case are the same.
    pub action: String,
    /// An ARN, or `*` for an action that knows no resource. None where a trust policy speaks of its own role.
    pub resource: Option<String>,
    /// Who asks, for trust and resource policies. None: the identity that the policies are attached to.
    pub principal: Option<(PrincipalKind, String)>,
    /// The condition keys that are present, in lower case, each with its values.
    pub context: BTreeMap<String, Vec<String>>,
}

impl From<&Request> for Counterexample {
    fn from(request: &Request) -> Self {
        Self {
            action: request.action.clone(),
            resource: request.resource.clone(),
            principal: request.principal.as_ref().map(|(_, id)| id.clone()),
            context: request.context.clone(),
            escalation: None,
        }
    }
}

impl StatementRef {
    fn new(document: usize, index: usize, statement: &Statement) -> Self {
        let sid = statement.sid().map(ToOwned::to_owned);
        Self { document, statement: index, sid, span: statement.span() }
    }
}
