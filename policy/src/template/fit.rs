//! Is this identity inside this template?
//!
//! Parameters that the identity states are bound to what it states. For the others the engine looks for values: first the defaults, then what
//! stands in the identity's own policies at the place of the parameter. It succeeds only if exactly one assignment
//! makes the whole identity fit; a parameter that the identity does not touch at all may have any value. If none fits, the
//! answer is about the nearest: the one that explains most of what the identity says.
//!
//! Reading order: [`Subject`] (the identity, on every platform that it is something on), [`fit`], `place` (where strings stand), `matching`
//! (strings against strings with parameters), `candidates` (the assignments worth trying), `search` (what follows from the answers),
//! `judge` (one assignment against the whole identity), [`Miss`] (why no value fits).

mod candidates;
mod judge;
mod matching;
mod miss;
pub(super) mod place;
mod search;
mod subject;

use std::collections::{BTreeMap, BTreeSet};

use miette::SourceSpan;

use super::bind::ParameterError;
use super::model::{Platform, Template};
use crate::aws::StatementRef;
use crate::governance::{Field, Kind};
use crate::text::Text;
use crate::verdict::{Change, Counterexample, Why};
use crate::{azure, gcp, github, kubernetes, vault};

pub use miss::{Found, Miss};
pub use subject::Policy;

/// An identity as a template sees it.
#[derive(Clone, Debug, Default)]
pub struct Subject<'a> {
    /// Its kind, if known.
    pub kind: Option<Kind>,
    /// Its environment, if known.
    pub environment: Option<&'a str>,
    /// What it is on AWS. None: it is nothing there.
    pub aws: Option<AwsSubject<'a>>,
    /// What it is on Google Cloud; likewise for the other platforms.
    pub gcp: Option<GcpSubject<'a>>,
    /// What it is on Azure.
    pub azure: Option<AzureSubject<'a>>,
    /// The rules that are bound to it on Kubernetes. For whom the bindings are does not matter here.
    pub kubernetes: Option<&'a [kubernetes::Grant]>,
    /// The policies of its tokens on Vault; they count together.
    pub vault: Option<&'a [&'a vault::Policy]>,
    /// What its tokens may do on GitHub.
    pub github: Option<&'a [github::Grant]>,
    /// The parameters that it states with values that are not known yet, and are held against their patterns when they are.
    pub unknown: Option<&'a BTreeMap<String, Text>>,
}

/// An identity on AWS.
#[derive(Clone, Debug)]
pub struct AwsSubject<'a> {
    /// Every policy that is attached to it; they count together. Empty: it may do nothing.
    pub permissions: &'a [&'a Policy],
    /// Who may become it. None: it has no such policy, as users and groups.
    pub trust: Option<&'a Policy>,
    /// The ARN of its permissions boundary.
    pub boundary: Field<Text>,
}

/// An identity on Google Cloud.
#[derive(Clone, Copy, Debug)]
pub struct GcpSubject<'a> {
    /// What is known about the content of roles.
    pub roles: &'a gcp::Roles,
    /// The roles that are bound to it.
    pub grants: &'a [gcp::Grant],
}

/// An identity on Azure.
#[derive(Clone, Copy, Debug)]
pub struct AzureSubject<'a> {
    /// What is known about the content of roles.
    pub roles: &'a azure::Roles,
    /// The roles that are assigned to it.
    pub grants: &'a [azure::Grant],
}

/// How an identity stands to a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Everything that it may do, the template allows.
    Inside(Binding),
    /// It may do something that the template does not allow, whatever its parameters are.
    Outside(Outside),
    /// Neither could be shown.
    Undecided(Undecided),
    /// The values that it states are not values of the template's parameters.
    Unbindable(Vec<ParameterError>),
    /// The template is for other kinds or environments; a lowercase phrase says which.
    Inapplicable(String),
}

/// The values of a template's parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binding {
    /// Stated, by default and inferred values. An inferred value may have unknown parts.
    pub values: BTreeMap<String, Text>,
    /// Parameters that nothing in the identity speaks of: any value fits as well or as badly.
    pub free: BTreeSet<String>,
}

/// What an identity may do beyond a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// One for each part that is outside; never empty.
    pub gaps: Vec<Gap>,
    /// The nearest values of the parameters.
    pub binding: Binding,
    /// Why no other values fit, if it is the parameters that stand in the way.
    pub nearest: Option<Miss>,
}

/// A part of an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What it may do.
    Permissions,
    /// Who may become it.
    Trust,
    /// The ceiling that the platform itself holds it to.
    Boundary,
}

/// One part that is outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The platform.
    pub platform: Platform,
    /// The part.
    pub part: Part,
    /// A request that the identity may make and the template does not allow. None for a boundary.
    pub counterexample: Option<Counterexample>,
    /// On AWS, the statement of the identity that allows it; `document` counts in [`AwsSubject::permissions`].
    pub statement: Option<StatementRef>,
    /// On the other platforms, which of the grants in [`Subject`] allows it; on Vault, which rule of all its policies in order.
    pub grant: Option<usize>,
    /// The part of the template that comes nearest to allowing it, in the template's file.
    pub template_span: Option<SourceSpan>,
    /// A lowercase phrase that says what is wrong.
    pub reason: String,
    /// The smallest change of the identity that closes the gap.
    pub change: Option<Change>,
}

/// What stood in the way of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The platform. None: which values the parameters have.
    pub platform: Option<Platform>,
    /// The part that could not be decided. None: which values the parameters have.
    pub part: Option<Part>,
    /// Why.
    pub why: Why,
    /// On AWS, the statement of the identity that could not be decided.
    pub statement: Option<StatementRef>,
    /// On the other platforms, which of the grants in [`Subject`] could not be decided; on Vault, which rule.
    pub grant: Option<usize>,
    /// The values that were tried, if it was one assignment.
    pub binding: Binding,
    /// Why no other values fit, if it is the parameters that stand in the way.
    pub nearest: Option<Miss>,
}

/// How an identity stands to a template, given the parameters that it states, and what to do about it.
pub fn fit(template: &Template, given: &BTreeMap<String, String>, subject: &Subject<'_>) -> Fit {
    search(template, given, subject, true)
}

/// The same without [`Gap::change`] and the nearest [`Miss`], whose search takes longer than the answer itself: for who holds an
/// identity against many templates.
pub fn decide(template: &Template, given: &BTreeMap<String, String>, subject: &Subject<'_>) -> Fit {
    search(template, given, subject, false)
}

fn search(
    template: &Template,
    given: &BTreeMap<String, String>,
    subject: &Subject<'_>,
    explained: bool,
) -> Fit {
    if let Some(reason) = inapplicable(template, subject) {
        return Fit::Inapplicable(reason);
    }
    let errors = template.check_given(given);
    if !errors.is_empty() {
        return Fit::Unbindable(errors);
    }
    if subject.platforms().next().is_none() {
        return Fit::Inside(Binding::default());
    }
    search::nearest(template, given, subject, explained)
}

fn inapplicable(template: &Template, subject: &Subject<'_>) -> Option<String> {
    let applies_to = &template.applies_to;
    if let Some(kind) = subject.kind
        && !applies_to.kinds.is_empty()
        && !applies_to.kinds.contains(&kind)
    {
        return Some(format!("template `{}` is not for kind `{kind}`", template.reference()));
    }
    let environment = subject.environment?;
    let allowed = applies_to.environments.is_empty()
        || applies_to.environments.iter().any(|allowed| allowed == environment);
    (!allowed).then(|| {
        format!("template `{}` is not for environment `{environment}`", template.reference())
    })
}

impl Part {
    /// The name in JSON and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Permissions => "permissions",
            Self::Trust => "trust",
            Self::Boundary => "boundary",
        }
    }
}

#[cfg(test)]
mod tests;
