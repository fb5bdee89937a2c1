//! `nhi_certify`: a review that needs no resource of its own.
//!
//! Guarantees: those of `nhi_certification`, whose checks and effects these are; the decision is on record, and no configuration
//! holds it.

use super::living;
use crate::action::{Action, Progress};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::model::model;
use crate::problem::Problem;
use crate::resource::{Change, Resource as _};
use crate::resources::certification::{Certification, CertificationModel, certify};
use crate::resources::refused;
use crate::schema::{optional, required};

/// `nhi_certify`.
#[derive(Debug)]
pub(crate) struct Certify;

model! {
    /// A review and its outcome.
    pub(crate) struct Conclusion {
        /// The `id` of the identity.
        identity: String = required(),
        /// What was decided.
        outcome: String = required().one_of(&["approve", "right_size", "rotate", "reassign", "disable", "decommission"]),
        /// E-mail address of the person who decided.
        reviewer: String = required(),
        /// What the decision rests on.
        evidence: String = required(),
        /// When the next review is due: a date, a time or a duration from now.
        next_review: String = optional(),
        /// For `right_size`: the template that it moves to.
        template: String = optional(),
        /// For `reassign`: the name or id of the owner that it moves to.
        owner: String = optional(),
    }
}

impl Action for Certify {
    const TYPE: &'static str = "nhi_certify";
    const DESCRIPTION: &'static str = "Records a review of an identity and makes its outcome effective, as an `nhi_certification` does, \
        for reviews that are decided outside of the configuration. What the identity's own configuration says differently has to \
        follow.";

    type Model = Conclusion;

    fn validate(config: &Conclusion) -> Vec<Problem> {
        Certification::validate(&stated(config))
    }

    async fn plan(config: Conclusion, context: &Context) -> Vec<Problem> {
        match planned(&config, context).await {
            Ok(problems) | Err(problems) => problems,
        }
    }

    async fn invoke(
        config: Conclusion,
        progress: &Progress,
        context: &Context,
    ) -> Result<Vec<Problem>, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let record = certify(&stated(&config), context).await?.into_record();
        // No configuration will ever hold it, so that none may take it for what a crash left behind.
        let noted = inventory.claim_certification(&record.id).await;
        noted.map_err(|error| vec![refused("Certification not noted", &error)])?;
        progress.tell(record.effect).await;
        Ok(Vec::new())
    }
}

async fn planned(config: &Conclusion, context: &Context) -> Result<Vec<Problem>, Vec<Problem>> {
    if living(&config.identity, context).await?.is_none() {
        return Ok(Vec::new());
    }
    let stated = stated(config);
    let grounds = Certification::facts(&stated, context).await?;
    let change = Change { prior: None, config: &stated, proposed: stated.clone() };
    Ok(Certification::plan(change, &grounds, context)?.warnings)
}

/// The certification that the action makes.
fn stated(config: &Conclusion) -> CertificationModel {
    let Conclusion { identity, outcome, reviewer, evidence, next_review, template, owner } =
        config.clone();
    CertificationModel {
        identity,
        outcome,
        reviewer,
        evidence,
        next_review,
        template,
        owner,
        id: Attribute::Null,
        decided_at: Attribute::Unknown,
        certified_until: Attribute::Unknown,
        effect: Attribute::Unknown,
    }
}
