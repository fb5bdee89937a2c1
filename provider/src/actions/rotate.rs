//! `nhi_rotate`: a new credential for an identity at once, whatever its configuration says.
//!
//! Guarantees: what `rotation.epoch` does, without a change of configuration; the old credential works for as long as was asked
//! for and no longer; the reason is in the audit trail.

use jiff::SignedDuration;
use policy::governance::Lifetime;

use super::{found, living, reason};
use crate::action::{Action, Progress};
use crate::context::Context;
use crate::inventory::lifecycle::Turn;
use crate::model::model;
use crate::problem::Problem;
use crate::resources::{refused, turned, whole_seconds};
use crate::schema::{optional, required};

/// `nhi_rotate`.
#[derive(Debug)]
pub(crate) struct Rotate;

model! {
    /// What is rotated, and why.
    pub(crate) struct Rotation {
        /// The `id` of the identity.
        identity: String = required(),
        /// Why: an incident number, for example. It is kept in the audit trail.
        reason: String = required().check(reason),
        /// How long the old credential works beside the new one, such as `1h`; `0s` ends it at once. Defaults to what the identity's
        /// `rotation.overlap` says.
        overlap: String = optional().check(overlap),
    }
}

impl Action for Rotate {
    const TYPE: &'static str = "nhi_rotate";
    const DESCRIPTION: &'static str = "Rotates the credential of an identity at once, in place, for the day on which a secret \
        leaked: the configuration stays as it is, and the next plan shows the new `credential_version`. What takes the credential from \
        the identity's resource or from an ephemeral resource gets the new one in the next apply.";

    type Model = Rotation;

    async fn plan(config: Rotation, context: &Context) -> Vec<Problem> {
        living(&config.identity, context).await.err().unwrap_or_default()
    }

    async fn invoke(
        config: Rotation,
        progress: &Progress,
        context: &Context,
    ) -> Result<Vec<Problem>, Vec<Problem>> {
        let now = whole_seconds(context.now());
        let record = found(&config.identity, context).await?;
        let terms = turned(&record, record.terms.clone(), now, context).await?;
        let stated = config.overlap.as_str().and_then(length);
        let usual = terms.previous_valid_until.map(|until| until.duration_since(now));
        let turn = Turn {
            reason: config.reason.as_str().unwrap_or_default().to_owned(),
            overlap: stated.or(usual).unwrap_or_default(),
            credential: terms.credential,
        };
        let inventory = context.configured()?.inventory()?;
        let done = inventory.rotate(now, (&record.id, record.version), turn).await;
        let done = done.map_err(|error| vec![refused("Identity not rotated", &error)])?;
        let until = done.terms.previous_valid_until.filter(|until| *until > now);
        let old = until.map_or_else(
            || "the old credential does not work any more".to_owned(),
            |until| format!("the old credential works until {until}"),
        );
        let (kind, name) = (done.facts.kind, &done.facts.name);
        let version = done.terms.credential_version;
        progress.tell(format!("The {kind} `{name}` has credential {version}; {old}.")).await;
        Ok(Vec::new())
    }
}

/// How long an overlap is.
fn length(text: &str) -> Option<SignedDuration> {
    if text == "0s" {
        return Some(SignedDuration::ZERO);
    }
    let length = Lifetime::parse(text).ok()?;
    Some(SignedDuration::from_secs(i64::from(length.as_seconds())))
}

fn overlap(text: &str) -> Result<(), String> {
    match length(text) {
        Some(_) => Ok(()),
        None => Err(format!("`{text}` is not a duration. Write `1h`, `2d`, or `0s` for none.")),
    }
}
