//! The packet as data, for programs: what [`gather`](super::gather) fills in and [`markdown`](super::markdown) tells.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::inventory::record::Rotation;

/// Everything that a reviewer has to know.
#[derive(Debug, Serialize)]
pub(super) struct Packet {
    /// Of this form.
    pub(super) version: u8,
    /// The time that it is of, where one was asked for.
    pub(super) as_of: Option<Timestamp>,
    /// What is reviewed.
    pub(super) identity: About,
    /// Who answers for it.
    pub(super) ownership: Ownership,
    /// What it may do.
    pub(super) access: Access,
    /// What it was used for.
    pub(super) usage: Usage,
    /// How it proves itself.
    pub(super) credential: Posture,
    /// What breaks if it goes.
    pub(super) dependencies: Dependencies,
    /// Where it comes from.
    pub(super) lineage: Vec<Step>,
    /// What happened out of order.
    pub(super) incidents: Vec<Incident>,
    /// Rules that it may break.
    pub(super) exceptions: Vec<Permission>,
    /// How it was reviewed.
    pub(super) review: Reviews,
    /// What it is evidence for, together with a decision.
    pub(super) evidences: [&'static str; 9],
}

/// What is reviewed.
#[derive(Debug, Serialize)]
pub(super) struct About {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) name: String,
    pub(super) purpose: String,
    pub(super) service: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) status: &'static str,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) principal_name: String,
    pub(super) spiffe_id: Option<String>,
    pub(super) agent: Option<Agent>,
}

/// What is stated about an agent.
#[derive(Debug, Serialize)]
pub(super) struct Agent {
    pub(super) sponsor: String,
    pub(super) tools: Vec<String>,
    pub(super) on_behalf_of: Vec<String>,
}

/// Who answers for it.
#[derive(Debug, Serialize)]
pub(super) struct Ownership {
    pub(super) owner: String,
    pub(super) accountable: String,
    pub(super) steward: String,
    pub(super) contacts: Vec<String>,
    pub(super) active: bool,
}

/// What it may do.
#[derive(Debug, Serialize)]
pub(super) struct Access {
    pub(super) template: String,
    pub(super) digest: String,
    pub(super) description: Option<String>,
    pub(super) parameters: BTreeMap<String, String>,
    /// By platform, in words.
    pub(super) in_words: BTreeMap<&'static str, Vec<String>>,
    /// By file, as the platforms have it.
    pub(super) documents: BTreeMap<String, String>,
}

/// What it was used for, as far as credentials were issued here.
#[derive(Debug, Default, Serialize)]
pub(super) struct Usage {
    pub(super) issued: usize,
    pub(super) issued_30_days: usize,
    pub(super) issued_90_days: usize,
    pub(super) refused_90_days: usize,
    pub(super) last_issued_at: Option<String>,
    pub(super) audiences: BTreeSet<String>,
}

/// How it proves itself.
#[derive(Debug, Serialize)]
pub(super) struct Posture {
    /// `short_lived` or `static`.
    pub(super) lifetime: &'static str,
    pub(super) version: i64,
    pub(super) made_at: Timestamp,
    pub(super) age_days: i64,
    pub(super) previous_valid_until: Option<Timestamp>,
    pub(super) rotation: Rotation,
    pub(super) rotation_due: Option<Timestamp>,
    pub(super) rotation_overdue: bool,
    pub(super) max_session: Option<String>,
    pub(super) key_id: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) not_after: Option<Timestamp>,
}

/// What breaks if it goes.
#[derive(Debug, Serialize)]
pub(super) struct Dependencies {
    pub(super) consumers: Vec<String>,
    pub(super) principals: Vec<Bound>,
    pub(super) parent: Option<String>,
    pub(super) derived: Vec<String>,
}

/// A principal that is bound to it.
#[derive(Debug, Serialize)]
pub(super) struct Bound {
    pub(super) platform: String,
    pub(super) principal: String,
    pub(super) consumers: Vec<String>,
    pub(super) retired_by: Option<String>,
}

/// A change and where it came from.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) at: String,
    pub(super) action: String,
    pub(super) actor: String,
    pub(super) origin: String,
    pub(super) revision: Option<String>,
    pub(super) pipeline: Option<String>,
}

/// Something out of order: a rotation, a suspension, a refusal, with its reason.
#[derive(Debug, Serialize)]
pub(super) struct Incident {
    pub(super) at: String,
    pub(super) action: String,
    pub(super) actor: String,
    pub(super) because: String,
}

/// An exception.
#[derive(Debug, Serialize)]
pub(super) struct Permission {
    pub(super) rule: String,
    pub(super) reason: String,
    pub(super) compensating_control: String,
    pub(super) approver: String,
    pub(super) expires_at: String,
    pub(super) expired: bool,
}

/// How it was reviewed.
#[derive(Debug, Serialize)]
pub(super) struct Reviews {
    pub(super) certified_until: Option<Timestamp>,
    pub(super) overdue: bool,
    /// The longest time between reviews.
    pub(super) every: Option<String>,
    /// The day before which the next one has to be, if this one is held on the day of the packet.
    pub(super) next_by: Option<String>,
    pub(super) earlier: Vec<Review>,
}

/// An earlier review.
#[derive(Debug, Serialize)]
pub(super) struct Review {
    pub(super) decided_at: String,
    pub(super) outcome: String,
    pub(super) reviewer: String,
    pub(super) evidence: String,
    pub(super) effect: String,
    pub(super) certified_until: String,
}
