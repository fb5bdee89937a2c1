//! The one place where the governance facts of an identity are judged, for a plan of the provider and for a finding of the linter alike.
//!
//! A fact that is not known yet breaks no rule; it is looked at again when it is known.

use std::fmt;

use jiff::Timestamp;

use super::owner::{self, OwnerProblem};
use super::purpose::{self, PurposeProblem};
use super::{Baseline, Expiry, ExpiryError, Fact, Field, Kind, Lifetime, Record};
use crate::template::Template;

/// The identity that is judged.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Its name on the platform, if known.
    pub name: Option<&'a str>,
    /// Its kind, if known.
    pub kind: Option<Kind>,
    /// What is stated about it.
    pub record: &'a Record,
}

/// What it is judged against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time of judgement.
    pub now: Timestamp,
    /// When the identity was created. None: it is being created now.
    pub created: Option<Timestamp>,
    /// When it was to end before this change, if it exists.
    pub prior_expiry: Option<Timestamp>,
    /// Whether somebody certified it since the prior end date was set.
    pub certified: bool,
    /// The template that it names, if it names a usable one.
    pub template: Option<&'a Template>,
    /// The caps of its kind.
    pub baseline: &'a Baseline,
}

/// A rule that the facts break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// No owner.
    MissingOwner,
    /// An owner that nobody can ask.
    UnfitOwner {
        /// The owner as stated.
        owner: String,
        /// What is wrong with it.
        problem: OwnerProblem,
    },
    /// No purpose.
    MissingPurpose,
    /// A text that is no purpose.
    UnfitPurpose {
        /// The purpose as stated.
        purpose: String,
        /// What is wrong with it.
        problem: PurposeProblem,
    },
    /// No end date.
    MissingExpiry,
    /// A text that is no end date.
    MalformedExpiry(ExpiryError),
    /// The end date has passed.
    Expired {
        /// When the identity ended.
        expired: Timestamp,
    },
    /// The end date is beyond the cap.
    ExpiryTooFar {
        /// When it would end.
        expires: Timestamp,
        /// When it must end at the latest.
        latest: Timestamp,
        /// The cap, from creation.
        cap: Lifetime,
        /// Who says so.
        source: CapSource,
    },
    /// The end date moved on, and nobody certified the identity.
    ExtendedWithoutReview {
        /// When it was to end.
        from: Timestamp,
        /// When it would end.
        to: Timestamp,
    },
    /// No template is named.
    MissingTemplate,
    /// The template is for other kinds.
    WrongKind {
        /// The kind of the identity.
        kind: Kind,
        /// The template as written: `name@1.2.0`.
        template: String,
        /// The kinds that it is for.
        allowed: Vec<Kind>,
    },
    /// The template is for other environments.
    WrongEnvironment {
        /// The environment of the identity.
        environment: String,
        /// The template as written: `name@1.2.0`.
        template: String,
        /// The environments that it is for.
        allowed: Vec<String>,
    },
    /// The template asks for a fact that is not stated.
    MissingMetadata {
        /// The fact.
        fact: Fact,
        /// The template as written: `name@1.2.0`.
        template: String,
    },
}

/// Who sets a cap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CapSource {
    /// The template of that reference.
    Template(String),
    /// The baseline of that kind.
    Baseline(Kind),
}

/// Everything that is wrong with the facts, in the order owner, purpose, expiry, template, metadata.
pub fn assess(facts: &Facts<'_>, context: &Context<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    violations.extend(owner(facts));
    violations.extend(purpose(facts));
    violations.extend(expiry(facts, context));
    violations.extend(template(facts, context));
    violations
}

fn owner(facts: &Facts<'_>) -> Option<Violation> {
    let owner = match &facts.record.owner {
        Field::Absent => return Some(Violation::MissingOwner),
        Field::Unknown(_) => return None,
        Field::Value(owner) => owner,
    };
    let problem = owner::check(owner, facts.name)?;
    Some(if problem == OwnerProblem::Missing {
        Violation::MissingOwner
    } else {
        Violation::UnfitOwner { owner: owner.clone(), problem }
    })
}

fn purpose(facts: &Facts<'_>) -> Option<Violation> {
    let purpose = match &facts.record.purpose {
        Field::Absent => return Some(Violation::MissingPurpose),
        Field::Unknown(_) => return None,
        Field::Value(purpose) => purpose,
    };
    let problem = purpose::check(purpose, facts.name)?;
    Some(if problem == PurposeProblem::Missing {
        Violation::MissingPurpose
    } else {
        Violation::UnfitPurpose { purpose: purpose.clone(), problem }
    })
}

fn expiry(facts: &Facts<'_>, context: &Context<'_>) -> Vec<Violation> {
    let text = match &facts.record.expiry {
        Field::Absent => return vec![Violation::MissingExpiry],
        Field::Unknown(_) => return Vec::new(),
        Field::Value(text) if text.trim().is_empty() => return vec![Violation::MissingExpiry],
        Field::Value(text) => text.trim(),
    };
    let expiry = match Expiry::parse(text) {
        Ok(expiry) => expiry,
        Err(error) => return vec![Violation::MalformedExpiry(error)],
    };
    let created = context.created.unwrap_or(context.now);
    let expires = expiry.resolve(created);
    let mut violations = Vec::new();
    if expires <= context.now {
        violations.push(Violation::Expired { expired: expires });
    }
    if let Some((cap, source)) = cap(facts.kind, context) {
        let latest = cap.after(created);
        if !expiry.is_within(created, latest) {
            violations.push(Violation::ExpiryTooFar { expires, latest, cap, source });
        }
    }
    if let Some(from) = context.prior_expiry
        && expires > from
        && !context.certified
    {
        violations.push(Violation::ExtendedWithoutReview { from, to: expires });
    }
    violations
}

/// The shorter of the template's cap and the kind's.
fn cap(kind: Option<Kind>, context: &Context<'_>) -> Option<(Lifetime, CapSource)> {
    let of_template = context.template.and_then(|template| {
        let cap = template.require.max_lifetime.as_ref()?.value;
        Some((cap, CapSource::Template(template.reference().to_string())))
    });
    let of_kind = kind.and_then(|kind| {
        Some((context.baseline.caps(kind).max_lifetime?, CapSource::Baseline(kind)))
    });
    of_template.into_iter().chain(of_kind).min_by_key(|(cap, _)| *cap)
}

fn template(facts: &Facts<'_>, context: &Context<'_>) -> Vec<Violation> {
    let record = facts.record;
    let missing = match &record.template {
        Field::Absent => true,
        Field::Unknown(_) => false,
        Field::Value(text) => text.trim().is_empty(),
    };
    if missing {
        return vec![Violation::MissingTemplate];
    }
    let Some(template) = context.template else { return Vec::new() };
    let reference = template.reference().to_string();
    let applies_to = &template.applies_to;
    let mut violations = Vec::new();
    if let Some(kind) = facts.kind
        && !applies_to.kinds.is_empty()
        && !applies_to.kinds.contains(&kind)
    {
        let allowed = applies_to.kinds.iter().copied().collect();
        violations.push(Violation::WrongKind { kind, template: reference.clone(), allowed });
    }
    if let Field::Value(environment) = &record.environment
        && !environment.trim().is_empty()
        && !applies_to.environments.is_empty()
        && !applies_to.environments.contains(environment)
    {
        violations.push(Violation::WrongEnvironment {
            environment: environment.clone(),
            template: reference.clone(),
            allowed: applies_to.environments.clone(),
        });
    }
    let mut needed = template.require.metadata.clone();
    if !applies_to.environments.is_empty() {
        // Without it nobody can tell whether the template may be used.
        needed.insert(Fact::Environment);
    }
    for fact in needed {
        let stated = match record.get(fact) {
            Field::Absent => false,
            Field::Unknown(_) => true,
            Field::Value(value) => !value.trim().is_empty(),
        };
        if !stated {
            violations.push(Violation::MissingMetadata { fact, template: reference.clone() });
        }
    }
    violations
}

impl Violation {
    /// The fact that is wrong, which the provider turns into an attribute and the linter into a key.
    pub fn fact(&self) -> Fact {
        match self {
            Self::MissingOwner | Self::UnfitOwner { .. } => Fact::Owner,
            Self::MissingPurpose | Self::UnfitPurpose { .. } => Fact::Purpose,
            Self::MissingExpiry
            | Self::MalformedExpiry(_)
            | Self::Expired { .. }
            | Self::ExpiryTooFar { .. }
            | Self::ExtendedWithoutReview { .. } => Fact::Expiry,
            Self::MissingTemplate | Self::WrongKind { .. } => Fact::Template,
            Self::WrongEnvironment { .. } => Fact::Environment,
            Self::MissingMetadata { fact, .. } => *fact,
        }
    }

    /// The way out, as a phrase.
    pub fn help(&self) -> String {
        match self {
            Self::MissingOwner => {
                "name the team that answers for it, or a person by e-mail address".to_owned()
            }
            Self::UnfitOwner { .. } => {
                "name a team or a person who can be asked, not a thing that runs".to_owned()
            }
            Self::MissingPurpose | Self::UnfitPurpose { .. } => {
                "say in a sentence what it is for, so that a reviewer can tell whether it is still needed"
                    .to_owned()
            }
            Self::MissingExpiry => {
                "state the last day on which it is needed, such as `2027-06-30`, or a duration such as `90d`"
                    .to_owned()
            }
            Self::MalformedExpiry(error) => {
                miette::Diagnostic::help(error).map_or_else(String::new, |help| help.to_string())
            }
            Self::Expired { .. } => {
                "choose a later end date if it is still needed, or remove it".to_owned()
            }
            Self::ExpiryTooFar { latest, cap, .. } => {
                format!("choose `{cap}` or less; the last moment is {latest}")
            }
            Self::ExtendedWithoutReview { .. } => {
                "certify the identity first; a later end date is the result of a review".to_owned()
            }
            Self::MissingTemplate => {
                "name the template that it fits into, such as `s3-object-reader@1`".to_owned()
            }
            Self::WrongKind { allowed, .. } => {
                let names: Vec<_> = allowed.iter().map(|kind| format!("`{kind}`")).collect();
                format!("the template is for {}", names.join(", "))
            }
            Self::WrongEnvironment { allowed, .. } => {
                let names: Vec<_> = allowed.iter().map(|name| format!("`{name}`")).collect();
                format!("the template is for {}", names.join(", "))
            }
            Self::MissingMetadata { fact: Fact::Service, .. } => {
                "name the business service that it serves".to_owned()
            }
            Self::MissingMetadata { fact, .. } => format!("state the {}", fact.name()),
        }
    }
}

/// A lowercase phrase.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingOwner => write!(f, "the identity has no owner"),
            Self::UnfitOwner { owner, problem } => write!(f, "the owner `{owner}` {problem}"),
            Self::MissingPurpose => write!(f, "the identity has no purpose"),
            Self::UnfitPurpose { purpose, problem } => {
                write!(f, "the purpose `{purpose}` {problem}")
            }
            Self::MissingExpiry => write!(f, "the identity has no end date"),
            Self::MalformedExpiry(error) => write!(f, "{error}"),
            Self::Expired { expired } => write!(f, "the identity expired at {expired}"),
            Self::ExpiryTooFar { expires, cap, source, .. } => match source {
                CapSource::Template(name) => {
                    write!(
                        f,
                        "the identity ends at {expires}, beyond the {cap} of template `{name}`"
                    )
                }
                CapSource::Baseline(kind) => {
                    write!(f, "the identity ends at {expires}, beyond the {cap} of kind `{kind}`")
                }
            },
            Self::ExtendedWithoutReview { from, to } => {
                write!(f, "the end date moves from {from} to {to} without a review")
            }
            Self::MissingTemplate => write!(f, "the identity names no template"),
            Self::WrongKind { kind, template, .. } => {
                write!(f, "template `{template}` is not for kind `{kind}`")
            }
            Self::WrongEnvironment { environment, template, .. } => {
                write!(f, "template `{template}` is not for environment `{environment}`")
            }
            Self::MissingMetadata { fact, template } => {
                write!(f, "template `{template}` asks for the {} and none is stated", fact.name())
            }
        }
    }
}

#[cfg(test)]
mod tests;
