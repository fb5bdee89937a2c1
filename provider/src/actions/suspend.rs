//! `nhi_suspend`: switches an identity off at once, whatever its configuration says.
//!
//! Guarantees: no credential from that moment on; a plan that would merely switch it on again is refused until the suspension is
//! dealt with; the reason is in the audit trail.

use super::{found, living, reason};
use crate::action::{Action, Progress};
use crate::context::Context;
use crate::inventory::record::Standing;
use crate::model::model;
use crate::problem::Problem;
use crate::resources::{refused, whole_seconds};
use crate::schema::{optional, required};

/// `nhi_suspend`.
#[derive(Debug)]
pub(crate) struct Suspend;

model! {
    /// What is suspended, and why.
    pub(crate) struct Suspension {
        /// The `id` of the identity.
        identity: String = required(),
        /// Why: an incident number, for example. It is kept in the audit trail.
        reason: String = required().check(reason),
        /// Whether a suspension ends instead. What a configuration or a review switched off stays off.
        resume: bool = optional(),
    }
}

impl Action for Suspend {
    const TYPE: &'static str = "nhi_suspend";
    const DESCRIPTION: &'static str = "Switches an identity off at once, while something is looked into: it gets no credential from \
        that moment on. The configuration stays as it is; a plan that would merely switch the identity on again is refused, and says \
        how to go on. With `resume` it ends the suspension.";

    type Model = Suspension;

    async fn plan(config: Suspension, context: &Context) -> Vec<Problem> {
        living(&config.identity, context).await.err().unwrap_or_default()
    }

    async fn invoke(
        config: Suspension,
        progress: &Progress,
        context: &Context,
    ) -> Result<Vec<Problem>, Vec<Problem>> {
        let now = whole_seconds(context.now());
        let record = found(&config.identity, context).await?;
        let (kind, name) = (record.facts.kind, &record.facts.name);
        let resumes = config.resume.known() == Some(&true);
        if !resumes && record.standing == Standing::Disabled {
            progress.tell(format!("The {kind} `{name}` is switched off already.")).await;
            return Ok(Vec::new());
        }
        let reason = config.reason.as_str().unwrap_or_default();
        let inventory = context.configured()?.inventory()?;
        if resumes {
            let done = inventory.resume(now, &record.id, reason).await;
            done.map_err(|error| vec![refused("Identity not resumed", &error)])?;
            progress.tell(format!("The suspension of the {kind} `{name}` is over.")).await;
            return Ok(Vec::new());
        }
        let done = inventory.suspend(now, &record.id, reason).await;
        done.map_err(|error| vec![refused("Identity not suspended", &error)])?;
        progress.tell(format!("The {kind} `{name}` is suspended.")).await;
        Ok(Vec::new())
    }
}
