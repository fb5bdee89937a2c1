//! `nhi_certification`: a review of an identity, and what it came to. The outcome takes effect.
//!
//! Guarantees: the reviewer is a person who may decide this; evidence is given; the identity is reviewed again in time; an outcome
//! that changes something changes it in the identity's record together with the decision, and one that would change nothing is
//! refused. A later change of the configuration is a new decision; destroying a certification undoes none.
//!
//! Reading order: the model below; [`check`] (what stands against a decision, which changes nothing); [`decide`] (what a decision
//! makes of the identity); [`narrower`] (whether a template allows no more than another).

mod check;
mod decide;
mod narrower;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use policy::governance::Expiry;

use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::certifications::{
    Certification as Record, CertificationProspect, Certifying, Decision, Outcome,
};
use crate::inventory::record::Created;
use crate::inventory::{InventoryError, fresh_id};
use crate::model::model;
use crate::problem::Problem;
use crate::resource::{Change, Done, Failed, IdentityAttribute, Planned, Resource};
use crate::resources::{claimed, refused, taken_over, whole_seconds};
use crate::schema::{computed, optional, required};
use crate::settings::catalogue::Catalogue;

/// `nhi_certification`.
#[derive(Debug)]
pub(crate) struct Certification;

model! {
    /// The attributes of `nhi_certification`.
    pub(crate) struct CertificationModel {
        /// The `id` of the identity that was reviewed. Another identity is another certification.
        identity: String = required().replaces(),
        /// What the review came to: `approve` (it stays as it is until the next review), `right_size` (it moves to the narrower
        /// `template` and gets a new credential), `rotate` (it gets a new credential), `reassign` (the new `owner` answers for it, and
        /// it gets a new credential), `disable` (it is switched off) or `decommission` (it is switched off, and destroyed once it
        /// was watched for long enough).
        outcome: String = required().one_of(&[
            "approve", "right_size", "rotate", "reassign", "disable", "decommission",
        ]),
        /// E-mail address of the person who reviewed it. Who runs the identity (its owner's steward, an agent's sponsor) may
        /// stop it, and does not certify that it may go on, unless they are accountable for it as well.
        reviewer: String = required(),
        /// On what ground: an `https` address, the digest of a certification packet (`sha256:…`), or a sentence.
        evidence: String = required(),
        /// When it has to be reviewed again: a date, a time as RFC 3339 writes it, or a duration from the decision. At most what
        /// the template and the kind allow, which is also what holds if nothing is said.
        next_review: String = optional(),
        /// For `right_size`: the template that it moves to, `name@1.2.0` or `name@1`. It allows no more than the one before.
        template: String = optional(),
        /// For `reassign`: the name or id of the owner that it moves to.
        owner: String = optional(),
        /// Identifier of the certification in the inventory; never used again.
        id: String = computed().stable(),
        /// When it was decided, as RFC 3339 writes it.
        decided_at: String = computed(),
        /// Until when the decision holds, as RFC 3339 writes it.
        certified_until: String = computed(),
        /// What the decision changed.
        effect: String = computed(),
    }
}

/// What a decision rests on.
#[derive(Debug, Default)]
pub(crate) struct Grounds {
    /// What the inventory says.
    prospect: CertificationProspect,
    /// What templates there are; none while the settings that lead to them are unknown.
    catalogue: Option<Arc<Catalogue>>,
    /// Whether anything was looked up.
    looked_up: bool,
}

impl Grounds {
    /// Whether the identity's configuration has made the change in this very run. What a review changed has a mark.
    fn followed(&self) -> bool {
        let marked = self.prospect.identity.as_ref().is_some_and(|it| it.terms.review.is_some());
        self.prospect.changed_now && !marked
    }
}

impl Resource for Certification {
    const TYPE: &'static str = "nhi_certification";
    const DESCRIPTION: &'static str = "A review of a governed identity, with its evidence, its outcome and the date of the next \
        one. The outcome takes effect in the identity's record when it is applied; what the configuration of the identity says \
        differently has to follow, and a plan that would only take the decision back is refused. A changed certification is a \
        new decision. Destroying it removes it from the configuration; the decision and what it changed stay.";
    const IDENTITY: &'static [IdentityAttribute] = &[IdentityAttribute {
        name: CertificationModel::id,
        description: "Identifier of the certification in the inventory.",
        required_for_import: true,
    }];

    type Model = CertificationModel;
    type Facts = Grounds;

    fn validate(config: &CertificationModel) -> Vec<Problem> {
        check::alone(config)
    }

    async fn facts(
        subject: &CertificationModel,
        context: &Context,
    ) -> Result<Grounds, Vec<Problem>> {
        let configured = context.configured()?;
        let Some(inventory) = &configured.inventory else { return Ok(Grounds::default()) };
        let key = (subject.id.as_str(), subject.identity.as_str(), subject.owner.as_str());
        let prospect = inventory.certification_prospect(key.0, key.1, key.2).await;
        let prospect = prospect.map_err(|error| vec![refused("Inventory not readable", &error)])?;
        let catalogue = match &configured.catalogues {
            Some(catalogues) => Some(catalogues.current(inventory, &configured.planned).await?),
            None => None,
        };
        Ok(Grounds { prospect, catalogue, looked_up: true })
    }

    fn plan(
        change: Change<'_, CertificationModel>,
        grounds: &Grounds,
        context: &Context,
    ) -> Result<Planned<CertificationModel>, Vec<Problem>> {
        let Change { prior, mut proposed, config: _ } = change;
        if prior.is_some_and(|prior| *prior == proposed) {
            return Ok(proposed.into());
        }
        let next = proposed.next_review.as_str().and_then(|text| Expiry::parse(text).ok());
        proposed.certified_until = match next {
            Some(at @ (Expiry::Date(_) | Expiry::Time(_))) => {
                at.resolve(Timestamp::UNIX_EPOCH).to_string().into()
            }
            Some(Expiry::Duration(_)) | None => Attribute::Unknown,
        };
        if let Some(left) = leftover(&proposed, grounds) {
            let warnings = vec![found_again(left)];
            return Ok(Planned { warnings, ..proposed.into() });
        }
        let problems = check::decision(&proposed, grounds, context);
        if !problems.is_empty() {
            return Err(problems);
        }
        let warnings = decide::consequence(&proposed, grounds).into_iter().collect();
        Ok(Planned { warnings, ..proposed.into() })
    }

    async fn create(
        planned: CertificationModel,
        context: &Context,
    ) -> Result<Done<CertificationModel>, Failed<CertificationModel>> {
        let made = certify(&planned, context).await?;
        let warnings = match &made {
            Created::New(_) => Vec::new(),
            Created::TakenOver(left) => vec![found_again(left)],
        };
        let state = model_of(made.into_record(), planned.owner);
        Ok(Done { state, warnings, private: None })
    }

    async fn read(
        state: CertificationModel,
        context: &Context,
    ) -> Result<Option<Done<CertificationModel>>, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let failed = |error: InventoryError| vec![refused("Inventory not readable", &error)];
        let Some(key) = state.id.as_str() else { return Ok(None) };
        let found = inventory.certification(key).await.map_err(failed)?;
        let Some(record) = found else { return Ok(None) };
        let mut owner = Attribute::Null;
        if let Some(id) = &record.decision.owner_id {
            let name = inventory.owner(id).await.map_err(failed)?.map(|owner| owner.facts.name);
            // It may be written as a name or an id.
            let kept = state.owner.as_str().filter(|it| it == id || Some(*it) == name.as_deref());
            owner = kept.map(str::to_owned).or(name).unwrap_or_else(|| id.clone()).into();
        }
        let warnings = claimed(inventory.claim_certification(&record.id).await);
        Ok(Some(Done { state: model_of(record, owner), warnings, private: None }))
    }

    async fn update(
        prior: CertificationModel,
        planned: CertificationModel,
        context: &Context,
    ) -> Result<Done<CertificationModel>, Failed<CertificationModel>> {
        let inventory = context.configured()?.inventory()?;
        let id = prior.id.as_str().unwrap_or_default();
        let missing = || InventoryError::NotFound { what: "certification", key: id.to_owned() };
        let found = inventory.certification(id).await.map_err(|error| refusal(&error))?;
        let current = found.ok_or_else(|| refusal(&missing()))?;
        if Some(current.decided_at.to_string().as_str()) != prior.decided_at.as_str() {
            let name = current.decision.identity_id;
            let what = "certification of";
            return Err(refusal(&InventoryError::Changed { what, name }).into());
        }
        let made = certify(&planned, context).await?.into_record();
        Ok(model_of(made, planned.owner).into())
    }

    async fn delete(
        prior: CertificationModel,
        context: &Context,
    ) -> Result<Vec<Problem>, Failed<CertificationModel>> {
        let inventory = context.configured()?.inventory()?;
        let id = prior.id.as_str().unwrap_or_default();
        let now = whole_seconds(context.now());
        inventory.remove_certification(now, id).await.map_err(|error| refusal(&error))?;
        Ok(Vec::new())
    }
}

/// Checks a decision, records it and makes it effective. A model with an `id` is the next decision of that certification.
pub(crate) async fn certify(
    stated: &CertificationModel,
    context: &Context,
) -> Result<Created<Record>, Vec<Problem>> {
    let inventory = context.configured()?.inventory()?;
    let now = whole_seconds(context.now());
    let grounds = Certification::facts(stated, context).await?;
    let problems = match leftover(stated, &grounds) {
        Some(_) => Vec::new(),
        None => check::decision(stated, &grounds, context),
    };
    if !problems.is_empty() {
        return Err(problems);
    }
    let prospect = &grounds.prospect;
    let existing = prospect.existing.as_ref();
    let (id, version) = match existing {
        Some(existing) => (existing.id.clone(), existing.version + 1),
        None => (fresh_id("rev").map_err(|error| vec![refusal(&error)])?, 1),
    };
    let decision = decision_of(stated, &grounds)?;
    let identity = prospect.identity.as_ref().ok_or_else(|| {
        let key = decision.identity_id.clone();
        vec![refusal(&InventoryError::NotFound { what: "identity", key })]
    })?;
    let verdict = decide::decide((&id, &decision), &grounds, context).await?;
    let certifying = Certifying {
        certification: Record {
            id,
            decision,
            decided_at: now,
            certified_until: verdict.certified_until,
            effect: verdict.effect,
            removed_at: None,
            version,
        },
        identity_version: identity.version,
        becomes: verdict.becomes,
    };
    inventory.certify(certifying).await.map_err(|error| vec![refusal(&error)])
}

/// What an earlier run of this configuration has decided already, and was cut off before Terraform's state was written.
fn leftover<'a>(stated: &CertificationModel, grounds: &'a Grounds) -> Option<&'a Record> {
    let left = grounds.prospect.leftover.as_ref()?;
    let same = decision_of(stated, grounds).is_ok_and(|decision| decision == left.decision);
    same.then_some(left)
}

/// The decision in the words of the inventory.
fn decision_of(stated: &CertificationModel, grounds: &Grounds) -> Result<Decision, Vec<Problem>> {
    let text = |attribute: &Attribute<String>| attribute.as_str().unwrap_or_default().to_owned();
    let some = |attribute: &Attribute<String>| attribute.as_str().map(str::to_owned);
    let outcome = stated.outcome.as_str().and_then(Outcome::from_name);
    let outcome = outcome.ok_or_else(|| vec![Problem::bug("the outcome is not known at apply")])?;
    let owner_id = match (&grounds.prospect.successor, stated.owner.as_str()) {
        (Some(owner), _) => Some(owner.id.clone()),
        (None, None) => None,
        (None, Some(key)) => {
            let key = key.to_owned();
            return Err(vec![refusal(&InventoryError::NotFound { what: "owner", key })]);
        }
    };
    Ok(Decision {
        identity_id: text(&stated.identity),
        outcome,
        reviewer: text(&stated.reviewer),
        evidence: text(&stated.evidence),
        next_review: some(&stated.next_review),
        template: some(&stated.template),
        owner_id,
    })
}

fn found_again(left: &Record) -> Problem {
    taken_over("certification of", &left.decision.identity_id, &left.id)
}

fn refusal(error: &InventoryError) -> Problem {
    let problem = refused("Certification refused", error);
    let of_owner = matches!(
        error,
        InventoryError::NotFound { what: "owner", .. } | InventoryError::OwnerInactive(_)
    );
    if of_owner {
        problem.at(CertificationModel::owner)
    } else if matches!(error, InventoryError::NotFound { what: "identity", .. }) {
        problem.at(CertificationModel::identity)
    } else {
        problem
    }
}

/// The record, with the owner as it is written.
pub(super) fn model_of(record: Record, owner: Attribute<String>) -> CertificationModel {
    let decision = record.decision;
    CertificationModel {
        identity: decision.identity_id.into(),
        outcome: decision.outcome.name().into(),
        reviewer: decision.reviewer.into(),
        evidence: decision.evidence.into(),
        next_review: decision.next_review.into(),
        template: decision.template.into(),
        owner,
        id: record.id.into(),
        decided_at: record.decided_at.to_string().into(),
        certified_until: record.certified_until.to_string().into(),
        effect: record.effect.into(),
    }
}
