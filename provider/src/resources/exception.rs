//! `nhi_exception`: an explicit, approved, expiring permission to break one rule for one subject.
//!
//! Guarantees: one subject and one rule, never a pattern; a reason and a compensating control in words; an approver who is a
//! person, is not who applies, and does not answer for the subject; an end at most [`LONGEST`] days after the exception was
//! made, however often it is changed. Who needs it for longer makes a new one, and each that follows another is counted. An
//! expired exception stays on record and says so; it excepts from nothing.

#[cfg(test)]
mod tests;
mod words;

use jiff::Timestamp;
use policy::governance::owner::{self, OwnerProblem};
use policy::governance::{Expiry, Lifetime, purpose};

use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::InventoryError;
use crate::inventory::exceptions::{
    Exception as Record, ExceptionFacts, ExceptionProspect, IDENTITY_PREFIX,
};
use crate::inventory::record::{Created, Standing};
use crate::model::model;
use crate::problem::Problem;
use crate::resource::{Change, Done, Failed, IdentityAttribute, Planned, Resource};
use crate::resources::{claimed, refused, same_person, taken_over, whole_seconds};
use crate::schema::{computed, required};
use crate::wording;

/// For how many days an exception lasts at most.
const LONGEST: u16 = 90;

/// `nhi_exception`.
#[derive(Debug)]
pub(crate) struct Exception;

model! {
    /// The attributes of `nhi_exception`.
    pub(crate) struct ExceptionModel {
        /// What is excepted: the `id` of an identity, or the address of one resource (`aws_iam_user.legacy`,
        /// `module.a["x"].aws_iam_role.r[0]`). Never a pattern. Another subject is another exception.
        subject: String = required().replaces().check(words::subject),
        /// The rule that it is excepted from: a code of `nhi-lint` such as `TPL001`, or a control as `framework:control`, such
        /// as `pci-dss-4.0.1:8.6.3`. Another rule is another exception.
        rule: String = required().replaces().check(words::rule),
        /// Why the rule cannot be kept, in a sentence.
        reason: String = required(),
        /// What holds the risk down in its place, in a sentence.
        compensating_control: String = required(),
        /// E-mail address of the person who approves it: neither who applies it, nor who answers for the subject.
        approver: String = required(),
        /// When it ends: a date (the last day on which it holds, in UTC), a time as RFC 3339 writes it, or a duration from its
        /// creation. At most 90 days after its creation, changed or not; who needs it for longer makes a new one
        /// (`terraform apply -replace=…`).
        expiry: String = required(),
        /// Identifier of the exception in the inventory; never used again.
        id: String = computed().stable(),
        /// When it ends, as RFC 3339 writes it.
        expires_at: String = computed(),
        /// `active` or `expired`.
        status: String = computed(),
        /// How many exceptions of the same subject from the same rule there were before it.
        renewals: i64 = computed().stable(),
    }
}

impl Resource for Exception {
    const TYPE: &'static str = "nhi_exception";
    const DESCRIPTION: &'static str = "An explicit, approved and expiring permission to break one rule for one subject, with \
        the control that stands in for the rule. It lasts at most 90 days. One that has expired stays on record and excepts \
        from nothing.";
    const IDENTITY: &'static [IdentityAttribute] = &[IdentityAttribute {
        name: ExceptionModel::id,
        description: "Identifier of the exception in the inventory.",
        required_for_import: true,
    }];

    type Model = ExceptionModel;
    type Facts = ExceptionProspect;

    fn validate(config: &ExceptionModel) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (attribute, text) in [
            (ExceptionModel::reason, &config.reason),
            (ExceptionModel::compensating_control, &config.compensating_control),
        ] {
            let found = text.as_str().and_then(|text| Some((text, purpose::check(text, None)?)));
            problems.extend(found.map(|(text, problem)| {
                let phrase = format!("`{text}` {problem}");
                let help = "say it in a sentence that an auditor can hold the team to";
                wording::problem("Nothing is said", &phrase, help).at(attribute)
            }));
        }
        let approver = config.approver.as_str();
        problems.extend(approver.and_then(|it| Some(unfit(it, owner::check_person(it, None)?))));
        if let Some(Err(error)) = config.expiry.as_str().map(Expiry::parse) {
            let problem = wording::diagnosed("Malformed expiry", &error);
            problems.push(problem.at(ExceptionModel::expiry));
        }
        problems
    }

    async fn facts(
        subject: &ExceptionModel,
        context: &Context,
    ) -> Result<ExceptionProspect, Vec<Problem>> {
        let Some(inventory) = &context.configured()?.inventory else {
            return Ok(ExceptionProspect::default());
        };
        let (own, of) = (subject.id.as_str(), subject.subject.as_str());
        let found = inventory.exception_prospect(own, of, subject.rule.as_str()).await;
        found.map_err(|error| vec![refused("Inventory not readable", &error)])
    }

    fn plan(
        change: Change<'_, ExceptionModel>,
        facts: &ExceptionProspect,
        context: &Context,
    ) -> Result<Planned<ExceptionModel>, Vec<Problem>> {
        let Change { prior, mut proposed, config: _ } = change;
        // Another subject or rule makes another exception.
        let prior = prior.filter(|it| it.subject == proposed.subject && it.rule == proposed.rule);
        if prior.is_some_and(|prior| *prior == proposed) {
            let warnings = expired(&proposed, context.now()).into_iter().collect();
            return Ok(Planned { warnings, ..proposed.into() });
        }
        let created = prior.and(facts.existing.as_ref()).map(|it| it.created_at);
        let mut problems = Vec::new();
        if prior.is_none() {
            if context.configured()?.inventory.is_some() {
                problems.extend(unfit_subject(&proposed, facts));
            }
            problems.extend(facts.in_use.as_ref().map(refusal));
        }
        problems.extend(second_pair_of_eyes(&proposed, facts, actor(context)));
        problems.extend(ends(&mut proposed, (created, prior), context.now()));
        if !problems.is_empty() {
            return Err(problems);
        }
        let left = facts.leftover.iter();
        let warnings = left.map(|it| taken_over("exception", &named(it), &it.id)).collect();
        Ok(Planned { warnings, ..proposed.into() })
    }

    async fn create(
        planned: ExceptionModel,
        context: &Context,
    ) -> Result<Done<ExceptionModel>, Failed<ExceptionModel>> {
        let now = whole_seconds(context.now());
        let expires_at = settled(&planned, None, context).await?;
        let inventory = context.configured()?.inventory()?;
        let made = inventory.except(now, facts_of(&planned), expires_at).await;
        let made = made.map_err(|error| refusal(&error))?;
        let warnings = match &made {
            Created::New(_) => Vec::new(),
            Created::TakenOver(left) => vec![taken_over("exception", &named(left), &left.id)],
        };
        Ok(Done { state: model_of(made.into_record(), now), warnings, private: None })
    }

    async fn read(
        state: ExceptionModel,
        context: &Context,
    ) -> Result<Option<Done<ExceptionModel>>, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let Some(key) = state.id.as_str() else { return Ok(None) };
        let found = inventory.exception(key).await;
        let found = found.map_err(|error| vec![refused("Inventory not readable", &error)])?;
        let Some(exception) = found else { return Ok(None) };
        let warnings = claimed(inventory.claim_exception(&exception.id).await);
        Ok(Some(Done { state: model_of(exception, context.now()), warnings, private: None }))
    }

    async fn update(
        prior: ExceptionModel,
        planned: ExceptionModel,
        context: &Context,
    ) -> Result<Done<ExceptionModel>, Failed<ExceptionModel>> {
        let now = whole_seconds(context.now());
        let inventory = context.configured()?.inventory()?;
        let id = prior.id.as_str().unwrap_or_default();
        let missing = || InventoryError::NotFound { what: "exception", key: id.to_owned() };
        let found = inventory.exception(id).await.map_err(|error| refusal(&error))?;
        let current = found.ok_or_else(|| refusal(&missing()))?;
        if current.facts != facts_of(&prior) {
            let name = named(&current);
            return Err(refusal(&InventoryError::Changed { what: "exception", name }).into());
        }
        let expires_at = settled(&planned, Some(&prior), context).await?;
        let key = (current.id.as_str(), current.version);
        let change = (facts_of(&planned), expires_at);
        let made = inventory.update_exception(now, key, change).await;
        Ok(model_of(made.map_err(|error| refusal(&error))?, now).into())
    }

    async fn delete(
        prior: ExceptionModel,
        context: &Context,
    ) -> Result<Vec<Problem>, Failed<ExceptionModel>> {
        let inventory = context.configured()?.inventory()?;
        let id = prior.id.as_str().unwrap_or_default();
        let now = whole_seconds(context.now());
        inventory.remove_exception(now, id).await.map_err(|error| refusal(&error))?;
        Ok(Vec::new())
    }
}

/// Plans once more, now that everything is known; when it ends.
async fn settled(
    planned: &ExceptionModel,
    prior: Option<&ExceptionModel>,
    context: &Context,
) -> Result<Timestamp, Vec<Problem>> {
    let facts = Exception::facts(planned, context).await?;
    let change = Change { prior, config: planned, proposed: planned.clone() };
    Exception::plan(change, &facts, context)?;
    let created = facts.existing.map_or(whole_seconds(context.now()), |it| it.created_at);
    let expiry = planned.expiry.as_str().unwrap_or_default();
    let expiry = Expiry::parse(expiry).map_err(|error| vec![Problem::bug(error.to_string())])?;
    Ok(expiry.resolve(created))
}

/// Who runs Terraform, if the environment says it.
fn actor(context: &Context) -> Option<&str> {
    let configured = context.configured.as_ref()?;
    Some(configured.inventory.as_ref()?.actor())
}

fn unfit_subject(proposed: &ExceptionModel, facts: &ExceptionProspect) -> Option<Problem> {
    let subject = proposed.subject.as_str().filter(|it| it.starts_with(IDENTITY_PREFIX))?;
    let phrase = match &facts.identity {
        None => format!("there is no identity `{subject}` in the inventory"),
        Some(it) if it.standing == Standing::Decommissioned => {
            format!("the {} `{}` ({subject}) is decommissioned", it.facts.kind, it.facts.name)
        }
        Some(_) => return None,
    };
    let help = "name the `id` of a living identity, or the address of a resource";
    Some(wording::problem("Unsuitable subject", &phrase, help).at(ExceptionModel::subject))
}

/// Who wants an exception does not approve it, nor does who answers for its subject.
fn second_pair_of_eyes(
    proposed: &ExceptionModel,
    facts: &ExceptionProspect,
    actor: Option<&str>,
) -> Option<Problem> {
    let approver = proposed.approver.as_str()?;
    let same = |other: &str| same_person(approver, other);
    let phrase = match &facts.owner {
        _ if actor.is_some_and(same) => format!("`{approver}` is who applies this"),
        Some(owner) if same(&owner.facts.accountable) => {
            format!("`{approver}` is accountable for the subject")
        }
        Some(owner) if same(&owner.facts.steward) => {
            format!("`{approver}` is the subject's steward")
        }
        Some(_) | None => return None,
    };
    let help = "an exception needs a second pair of eyes: name somebody who did not ask for it";
    Some(wording::problem("Unfit approver", &phrase, help).at(ExceptionModel::approver))
}

/// When it ends, and whether that is past or too far away.
fn ends(
    proposed: &mut ExceptionModel,
    (created, prior): (Option<Timestamp>, Option<&ExceptionModel>),
    now: Timestamp,
) -> Option<Problem> {
    proposed.expires_at = Attribute::Unknown;
    let expiry = Expiry::parse(proposed.expiry.as_str()?).ok()?;
    let known = created.or(match expiry {
        Expiry::Date(_) | Expiry::Time(_) => Some(now),
        Expiry::Duration(_) => None,
    });
    if let Some(start) = known {
        proposed.expires_at = expiry.resolve(start).to_string().into();
    }
    let start = created.unwrap_or(now);
    let (ends, cap) = (expiry.resolve(start), Lifetime::days(LONGEST));
    let latest = cap.after(start);
    let (summary, phrase, help) = if !expiry.is_within(start, latest) {
        let help = match created {
            None => format!("choose `{cap}` or less"),
            Some(_) => "what is needed for longer is a new exception, with a new approval: `terraform apply \
                        -replace=<address>`"
                .to_owned(),
        };
        let phrase = format!(
            "it would end {ends}, and the last moment is {latest}, {cap} after its creation"
        );
        ("Expiry too far", phrase, help)
    } else if ends <= now && prior.is_none_or(|prior| prior.expiry != proposed.expiry) {
        let help = "choose a later end, or keep the rule".to_owned();
        ("Expiry in the past", format!("the end {ends} is in the past"), help)
    } else {
        return None;
    };
    Some(wording::problem(summary, &phrase, &help).at(ExceptionModel::expiry))
}

/// One that excepts from nothing any more.
fn expired(model: &ExceptionModel, now: Timestamp) -> Option<Problem> {
    let end: Timestamp = model.expires_at.as_str()?.parse().ok()?;
    (end <= now).then(|| {
        let detail = format!(
            "It ended {end}: `{}` counts for `{}` again. Remove it, or, if it is still needed, make a new one with a new \
             approval: `terraform apply -replace=<address>`.",
            model.rule.as_str().unwrap_or_default(),
            model.subject.as_str().unwrap_or_default()
        );
        Problem::warning("Exception expired", detail).at(ExceptionModel::expiry)
    })
}

fn unfit(person: &str, problem: OwnerProblem) -> Problem {
    let help = "give the e-mail address of the person who approves it";
    let phrase = format!("`{person}` {problem}");
    wording::problem("Unfit approver", &phrase, help).at(ExceptionModel::approver)
}

fn refusal(error: &InventoryError) -> Problem {
    let problem = refused("Exception refused", error);
    if matches!(error, InventoryError::NameInUse { .. }) {
        problem.at(ExceptionModel::rule)
    } else if matches!(error, InventoryError::NotFound { what: "identity", .. }) {
        problem.at(ExceptionModel::subject)
    } else {
        problem
    }
}

/// How an exception is called where it has to be told from others.
fn named(exception: &Record) -> String {
    format!("{}:{}", exception.facts.rule, exception.facts.subject)
}

fn facts_of(model: &ExceptionModel) -> ExceptionFacts {
    let text = |attribute: &Attribute<String>| attribute.as_str().unwrap_or_default().to_owned();
    ExceptionFacts {
        subject: text(&model.subject),
        rule: text(&model.rule),
        reason: text(&model.reason),
        compensating_control: text(&model.compensating_control),
        approver: text(&model.approver),
        expiry: text(&model.expiry),
    }
}

pub(super) fn model_of(exception: Record, now: Timestamp) -> ExceptionModel {
    let status = if exception.expires_at <= now { "expired" } else { "active" };
    let ExceptionFacts { subject, rule, reason, compensating_control, approver, expiry } =
        exception.facts;
    ExceptionModel {
        subject: subject.into(),
        rule: rule.into(),
        reason: reason.into(),
        compensating_control: compensating_control.into(),
        approver: approver.into(),
        expiry: expiry.into(),
        id: exception.id.into(),
        expires_at: exception.expires_at.to_string().into(),
        status: status.into(),
        renewals: exception.renewals.into(),
    }
}
