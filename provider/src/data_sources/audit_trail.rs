//! `nhi_audit_trail`: who did what to an identity, when, from which commit, and whether the trail is whole.

mod changes;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::known::{self, is_moment, moment, unreadable};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::inventory::record;
use crate::inventory::trail::Scope;
use crate::model::model;
use crate::problem::Problem;
use crate::resource::Done;
use crate::schema::{computed, optional};

pub(super) use changes::{flat, hex};

/// `nhi_audit_trail`.
#[derive(Debug)]
pub(crate) struct AuditTrail;

model! {
    /// What an event changed about a record.
    pub(crate) struct Change {
        /// What it is, such as `purpose` or `rotation.every`.
        attribute: String = computed(),
        /// What it was; null where it was not there.
        before: String = computed(),
        /// What it is since then; null where it is not there.
        after: String = computed(),
    }
}

model! {
    /// One event.
    pub(crate) struct Event {
        /// Its place in the chain.
        seq: i64 = computed(),
        /// When.
        at: String = computed(),
        /// Who: a person, or the pipeline that acted.
        actor: String = computed(),
        /// What was done, such as `identity.create` or `token.issue`.
        action: String = computed(),
        /// To what, such as `identity:` and an id.
        subject: String = computed(),
        /// Why, where somebody had to say so.
        because: String = computed(),
        /// What changed in the record since its last event; empty where the event is its first.
        changes: Vec<Change> = computed(),
        /// What it was about, for bindings, exceptions, reviews, and what was issued or refused.
        details: BTreeMap<String, String> = computed(),
        /// The configuration that was applied: repository or folder, and workspace.
        origin: String = computed(),
        /// The commit that was applied.
        revision: String = computed(),
        /// The pipeline run that applied it.
        pipeline: String = computed(),
        /// The hash of the event. It covers the event before it, and so the whole trail up to here: keep it elsewhere, and
        /// nobody can rewrite what happened before.
        hash: String = computed(),
    }
}

model! {
    /// What is looked up, and what is found.
    pub(crate) struct AuditTrailModel {
        /// The `id` of an identity: what happened to its record, what was issued to it or refused, its bindings, exceptions and
        /// reviews. Without it, everything.
        identity: String = optional(),
        /// The first time that counts, as RFC 3339 writes it, or a day (`2026-11-21`: from its beginning, in UTC).
        since: String = optional().check(is_moment),
        /// The first time that does not count any more.
        until: String = optional().check(is_moment),
        /// The events, oldest first.
        events: Vec<Event> = computed(),
        /// Whether the whole trail is intact, these events and all others: no event was altered, removed or inserted, and each
        /// record is what its last event says.
        verified: bool = computed(),
        /// What does not agree; empty if `verified`.
        breaks: Vec<String> = computed(),
    }
}

impl DataSource for AuditTrail {
    const TYPE: &'static str = "nhi_audit_trail";
    const DESCRIPTION: &'static str = "The audit trail of the inventory, or of one identity, checked against the records. Each \
         change and its event are one transaction, and each event holds the hash of the one before it.";

    type Model = AuditTrailModel;

    fn validate(config: &AuditTrailModel) -> Vec<Problem> {
        let time = |text: &Attribute<String>| text.as_str().and_then(|text| moment(text).ok());
        let mut problems: Vec<Problem> =
            known::empty(AuditTrailModel::identity, &config.identity).into_iter().collect();
        if let (Some(since), Some(until)) = (time(&config.since), time(&config.until))
            && since >= until
        {
            let detail =
                "Nothing lies between `since` and `until`: the first must be before the second.";
            problems.push(Problem::error("No time in between", detail).at(AuditTrailModel::until));
        }
        problems
    }

    async fn read(
        config: AuditTrailModel,
        context: &Context,
    ) -> Result<Done<AuditTrailModel>, Vec<Problem>> {
        if let Some(id) = config.identity.as_str() {
            known::identity(context, id, AuditTrailModel::identity).await?;
        }
        let time = |text: &Attribute<String>| text.as_str().and_then(|text| moment(text).ok());
        let scope = Scope {
            identity: config.identity.as_str().map(str::to_owned),
            subject: None,
            since: time(&config.since),
            until: time(&config.until),
        };
        let inventory = context.configured()?.inventory()?;
        let events = inventory.trail(scope, tell).await.map_err(unreadable)?;
        let verification = inventory.verify().await.map_err(unreadable)?;
        let found = AuditTrailModel {
            events: events.into(),
            verified: verification.is_intact().into(),
            breaks: verification.breaks.into(),
            ..config
        };
        Ok(found.into())
    }
}

/// Where an event came from, as it is kept with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default)]
pub(super) struct Source {
    /// The person or pipeline.
    pub(super) actor: String,
    /// The configuration.
    pub(super) origin: String,
    /// The commit.
    pub(super) revision: Option<String>,
    /// The pipeline run.
    pub(super) pipeline: Option<String>,
}

impl Source {
    /// That of an event. One that cannot be read is one that says nothing; `verified` tells of it.
    pub(super) fn of(event: &record::Event) -> Self {
        serde_json::from_str(&event.lineage).unwrap_or_default()
    }
}

fn tell(event: record::Event, earlier: Option<&str>) -> Event {
    let source = Source::of(&event);
    let mut after = flat(&event.record);
    let because = after.remove("because");
    let family = event.subject.split(':').next().unwrap_or_default();
    // A moment has nothing before it: the event before is another moment.
    let told_whole = !matches!(family, "identity" | "owner" | "template");
    let changes = match earlier {
        Some(earlier) if family != "issue" => changes::between(&flat(earlier), &after),
        _ => Vec::new(),
    };
    let changes = changes.into_iter().map(|(attribute, before, after)| Change {
        attribute: attribute.into(),
        before: before.into(),
        after: after.into(),
    });
    Event {
        seq: event.seq.into(),
        at: event.at.into(),
        actor: event.actor.into(),
        action: event.action.into(),
        subject: event.subject.into(),
        because: because.into(),
        changes: changes.collect::<Vec<_>>().into(),
        details: told_whole.then_some(after).into(),
        origin: source.origin.into(),
        revision: source.revision.into(),
        pipeline: source.pipeline.into(),
        hash: event.hash.into(),
    }
}

#[cfg(test)]
mod tests;
