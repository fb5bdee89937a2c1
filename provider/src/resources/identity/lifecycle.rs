//! The standing of an identity: what it is at a time, what it may become, and when it may be destroyed.

use jiff::{SignedDuration, Timestamp};
use policy::governance::State;

use super::facts::{Facts, OwnerFact};
use super::rotation::after;
use super::{Common, Governed};
use crate::attribute::Attribute;
use crate::inventory::InventoryError;
use crate::inventory::record::{Identity as Record, Standing};
use crate::problem::Problem;
use crate::resources::refused;
use crate::wording;

/// How long an identity is disabled before it may be destroyed. Templates do not say so yet; the next apply may destroy it.
pub(crate) const OBSERVATION: SignedDuration = SignedDuration::ZERO;

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

/// Whether the identity may become what the configuration asks for.
pub(crate) fn lifecycle(common: &Common, facts: &Facts, now: Timestamp) -> Option<Problem> {
    let record = facts.prospect.existing.as_ref()?;
    let to = if common.state.as_str()? == "disabled" {
        State::Disabled
    } else {
        let owner_active = match &facts.owner {
            OwnerFact::Known { active, .. } => active.unwrap_or(true),
            OwnerFact::Unknown | OwnerFact::Absent => true,
        };
        let expires_at: Timestamp = common.expires_at.as_str()?.parse().ok()?;
        match owner_active {
            false => State::Quarantined,
            true if expires_at <= now => State::Expired,
            true => State::Active,
        }
    };
    let error = standing(record, now).step_to(to).err()?;
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
    planned.follow(prior, &Attribute::Known(false));
    planned
}

/// Why an identity may not be destroyed now.
pub(crate) fn destroy_refusal(record: &Record, now: Timestamp) -> Option<Problem> {
    if record.facts.break_glass_reason.is_some() || record.standing == Standing::Decommissioned {
        return None;
    }
    let name = record.facts.name.clone();
    let error = match record.disabled_at {
        None => InventoryError::StillActive(name),
        Some(since) => {
            let until = after(since, OBSERVATION);
            (now < until).then_some(InventoryError::UnderObservation { name, until })?
        }
    };
    Some(refused("Active identities are not destroyed", &error))
}

/// Decides on a destroy.
pub(crate) fn plan_destroy(facts: &Facts, now: Timestamp) -> Vec<Problem> {
    let record = facts.prospect.existing.as_ref();
    record.and_then(|record| destroy_refusal(record, now)).into_iter().collect()
}
