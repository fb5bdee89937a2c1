//! The standing of an identity: what it is at a time, what it may become, and when it may be destroyed.

use jiff::{SignedDuration, Timestamp};
use policy::governance::State;

use super::facts::{Facts, OwnerFact};
use super::{Common, Governed};
use crate::attribute::Attribute;
use crate::inventory::InventoryError;
use crate::inventory::record::Identity as Record;
use crate::problem::Problem;
use crate::resources::refused;
use crate::wording;

/// Where an identity stands at a time.
pub(crate) fn standing(record: &Record, now: Timestamp) -> State {
    record.state_at(now)
}

/// What is disabled is disabled whatever the time; all else is for the clock to say.
pub(crate) fn status_of(common: &Common) -> Attribute<String> {
    match common.state.as_str() {
        Some("disabled") => State::Disabled.name().into(),
        _ => Attribute::Unknown,
    }
}

/// Whether the identity may become what the configuration asks for. Before there is a record it is requested.
pub(crate) fn lifecycle(common: &Common, facts: &Facts, now: Timestamp) -> Option<Problem> {
    let from = facts.prospect.existing.as_ref().map_or(State::Requested, |it| it.state_at(now));
    let to = if common.state.as_str()? == "disabled" {
        State::Disabled
    } else {
        let owner_active = match &facts.owner {
            OwnerFact::Known { active, .. } => active.unwrap_or(true),
            OwnerFact::Unknown | OwnerFact::Absent => true,
        };
        let ends = common.expires_at.as_str().and_then(|text| text.parse::<Timestamp>().ok());
        if !owner_active {
            State::Quarantined
        } else if ends.is_some_and(|ends| ends <= now) {
            State::Expired
        } else {
            State::Active
        }
    };
    // A new identity whose end is past is refused for that, in better words.
    if from == State::Requested && to == State::Expired {
        return None;
    }
    let error = from.step_to(to).err()?;
    Some(wording::diagnosed("Step out of order", &error).at(Common::state))
}

/// Whether nothing but the standing changes, and that only for the safer.
pub(crate) fn is_harmless<G: Governed>(prior: &G, proposed: &G) -> bool {
    let same_own = prior.subject() == proposed.subject() && prior.details() == proposed.details();
    let (prior, common) = (prior.common(), proposed.common());
    let same = prior.name == common.name
        && prior.owner == common.owner
        && prior.purpose == common.purpose
        && prior.expiry == common.expiry
        && prior.template == common.template
        && prior.parameters == common.parameters
        && prior.service == common.service
        && prior.environment == common.environment
        && prior.consumers == common.consumers
        && prior.parent == common.parent
        && prior.rotation == common.rotation;
    let safer = prior.state == common.state || common.state.as_str() == Some("disabled");
    same && same_own && safer
}

/// The identity as it is, with the standing that was asked for.
pub(crate) fn only_standing<G: Governed>(prior: &G, asked: &Common) -> G {
    let mut planned = prior.clone();
    let common = planned.common_mut();
    if common.state != asked.state {
        common.status = status_of(asked);
    }
    common.state = asked.state.clone();
    common.break_glass_reason = asked.break_glass_reason.clone();
    common.review_outcome = asked.review_outcome.clone();
    planned.follow(prior, Attribute::Known(false));
    planned
}

/// Why an identity may not be destroyed now, and who uses it.
pub(crate) fn destroy_refusal(
    record: &Record,
    observation: SignedDuration,
    now: Timestamp,
) -> Option<Problem> {
    let error = record.may_go(now, observation).err()?;
    let headline = if matches!(error, InventoryError::UnderObservation { .. }) {
        "Identity under observation"
    } else {
        "Active identities are not destroyed"
    };
    let mut problem = refused(headline, &error);
    if !record.facts.consumers.is_empty() {
        let consumers: Vec<_> =
            record.facts.consumers.iter().map(|name| format!("`{name}`")).collect();
        problem.detail = format!("{} It is used by {}.", problem.detail, consumers.join(", "));
    }
    Some(problem)
}

/// Decides on a destroy: refused while it is in use or under observation; where it is bound still, that is said.
pub(crate) fn plan_destroy(facts: &Facts, now: Timestamp) -> Vec<Problem> {
    let Some(record) = &facts.prospect.existing else { return Vec::new() };
    let refusal = destroy_refusal(record, facts.observation, now);
    let bound = facts.prospect.bindings.iter().map(|binding| {
        let bound = &binding.facts;
        let mut detail = format!(
            "`{}` is bound to `{}` on `{}`, which does not end with it: take its access away there.",
            record.facts.name, bound.principal, bound.platform
        );
        if !bound.consumers.is_empty() {
            let consumers: Vec<_> = bound.consumers.iter().map(|name| format!("`{name}`")).collect();
            detail = format!("{detail} It is used there by {}.", consumers.join(", "));
        }
        Problem::warning("Still bound", detail)
    });
    refusal.into_iter().chain(bound).collect()
}
