//! Certifications in the database: reviews of identities, with what they decided. A decision, the change of the identity that it
//! brings about, and both events are one transaction.
//!
//! Each decision is a row that is not changed any more; a later decision of the same certification is another version of it.

use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;

use super::audit::{self, Recorded, log};
use super::bindings::{self, Binding};
use super::claim::{Claim, Table, take_over};
use super::error::InventoryError;
use super::record::{Created, Facts, Identity, Lineage, Owner, Terms};
use super::{Inventory, columns, identities, owners, rows};

/// What a review came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It stays as it is.
    Approve,
    /// It moves to a narrower template.
    RightSize,
    /// It gets a new credential.
    Rotate,
    /// Somebody else answers for it.
    Reassign,
    /// It is switched off.
    Disable,
    /// It is switched off for good.
    Decommission,
}

impl Outcome {
    /// All outcomes, in the order of their weight.
    pub(crate) const ALL: [Self; 6] = [
        Self::Approve,
        Self::RightSize,
        Self::Rotate,
        Self::Reassign,
        Self::Disable,
        Self::Decommission,
    ];

    /// The name in configurations and in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::RightSize => "right_size",
            Self::Rotate => "rotate",
            Self::Reassign => "reassign",
            Self::Disable => "disable",
            Self::Decommission => "decommission",
        }
    }

    /// The outcome of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// What a reviewer says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Decision {
    /// The identity's id.
    pub(crate) identity_id: String,
    /// What the review came to.
    pub(crate) outcome: Outcome,
    /// Who reviewed.
    pub(crate) reviewer: String,
    /// On what ground.
    pub(crate) evidence: String,
    /// When it is reviewed again, as written.
    pub(crate) next_review: Option<String>,
    /// The template that it moves to, as written.
    pub(crate) template: Option<String>,
    /// The id of the owner that it moves to.
    pub(crate) owner_id: Option<String>,
}

/// A decision on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Certification {
    /// Of the certification; its decisions share it.
    pub(crate) id: String,
    /// As stated.
    #[serde(flatten)]
    pub(crate) decision: Decision,
    /// When it was decided.
    pub(crate) decided_at: Timestamp,
    /// Until when it holds.
    pub(crate) certified_until: Timestamp,
    /// What it changed, in a sentence.
    pub(crate) effect: String,
    /// When the certification was taken out of its configuration. What it changed stays.
    pub(crate) removed_at: Option<Timestamp>,
    /// Which decision of the certification it is, from 1.
    pub(crate) version: i64,
}

/// A decision to record and what it makes of the identity.
#[derive(Clone, Debug)]
pub(crate) struct Certifying {
    /// The decision.
    pub(crate) certification: Certification,
    /// The version of the identity that was decided about.
    pub(crate) identity_version: i64,
    /// What the identity is from now on.
    pub(crate) becomes: (Facts, Terms),
}

/// What deciding about an identity has to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct CertificationProspect {
    /// The last decision of the certification itself.
    pub(crate) existing: Option<Certification>,
    /// The identity.
    pub(crate) identity: Option<Identity>,
    /// Its owner.
    pub(crate) owner: Option<Owner>,
    /// The owner that it is to move to.
    pub(crate) successor: Option<Owner>,
    /// Its bindings.
    pub(crate) bindings: Vec<Binding>,
    /// Who runs Terraform.
    pub(crate) actor: String,
    /// Whether this very run has changed the identity already.
    pub(crate) changed_now: bool,
    /// The unclaimed decision that a crash of an earlier run of this configuration left behind.
    pub(crate) leftover: Option<Certification>,
}

impl Inventory {
    /// The last decision of the certification with that id.
    pub(crate) async fn certification(
        &self,
        id: &str,
    ) -> Result<Option<Certification>, InventoryError> {
        let id = id.to_owned();
        self.read(move |db| find(db, &id)).await
    }

    /// Every decision about an identity, the latest first, those that left their configuration too.
    pub(crate) async fn certifications_of(
        &self,
        identity: &str,
    ) -> Result<Vec<Certification>, InventoryError> {
        let identity = identity.to_owned();
        self.read(move |db| {
            let sql =
                "SELECT * FROM certifications WHERE identity_id = ?1 ORDER BY decided_at DESC, rowid DESC";
            rows::all(db, sql, [identity], read)
        })
        .await
    }

    /// What deciding has to know: the certification's own id if it exists, the identity's id, and the name or id of the owner
    /// that it is to move to.
    pub(crate) async fn certification_prospect(
        &self,
        own: Option<&str>,
        identity: Option<&str>,
        successor: Option<&str>,
    ) -> Result<CertificationProspect, InventoryError> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let (own, identity, successor) = (owned(own), owned(identity), owned(successor));
        let lineage = Arc::clone(&self.lineage);
        self.read(move |db| {
            let mut found = CertificationProspect {
                actor: lineage.actor.clone(),
                ..CertificationProspect::default()
            };
            if let Some(own) = &own {
                found.existing = find(db, own)?;
            }
            if let Some(successor) = &successor {
                found.successor = owners::find(db, successor)?;
            }
            let Some(id) = &identity else { return Ok(found) };
            found.identity = identities::by_id(db, id)?;
            if let Some(identity) = &found.identity {
                found.owner = owners::find(db, &identity.facts.owner_id)?;
                found.bindings = bindings::of_identity(db, id)?;
                found.changed_now = changed_by(db, &lineage, id)?;
            }
            if own.is_none() {
                found.leftover = leftover(db, &lineage, id)?;
            }
            Ok(found)
        })
        .await
    }

    /// Records a decision and changes the identity accordingly.
    pub(crate) async fn certify(
        &self,
        certifying: Certifying,
    ) -> Result<Created<Certification>, InventoryError> {
        self.write(move |db, lineage| certify(db, lineage, certifying)).await
    }

    /// Notes that a certification left its configuration. What it decided stays, and so does the record.
    pub(crate) async fn remove_certification(
        &self,
        now: Timestamp,
        id: &str,
    ) -> Result<(), InventoryError> {
        let id = id.to_owned();
        self.write(move |db, lineage| remove(db, lineage, now, &id)).await
    }

    /// Notes that Terraform's state holds the certification.
    pub(crate) async fn claim_certification(&self, id: &str) -> Result<(), InventoryError> {
        self.claim(Table::Certification, id).await
    }
}

fn find(connection: &Connection, id: &str) -> Result<Option<Certification>, InventoryError> {
    let sql = "SELECT * FROM certifications WHERE id = ?1 AND removed_at IS NULL ORDER BY version DESC LIMIT 1";
    rows::first(connection, sql, [id], read)
}

/// All decisions, by id and version.
pub(super) fn all(connection: &Connection) -> Result<Vec<Certification>, InventoryError> {
    rows::all(connection, "SELECT * FROM certifications ORDER BY id, version", [], read)
}

/// The latest decision about an identity, if a crash of an earlier run of the same configuration left it behind.
fn leftover(
    connection: &Connection,
    lineage: &Lineage,
    identity: &str,
) -> Result<Option<Certification>, InventoryError> {
    let sql =
        "SELECT * FROM certifications WHERE identity_id = ?1 AND removed_at IS NULL AND version = 1
               ORDER BY decided_at DESC, rowid DESC LIMIT 1";
    let found = rows::first(connection, sql, [identity], Claim::beside(read))?;
    Ok(found
        .filter(|(_, claim)| claim.is_leftover(lineage))
        .map(|(certification, _)| certification))
}

/// Whether the last event of an identity is a change by this run.
fn changed_by(
    connection: &Connection,
    lineage: &Lineage,
    identity: &str,
) -> Result<bool, InventoryError> {
    let sql = "SELECT CASE action WHEN 'identity.create' THEN NULL ELSE lineage ->> 'run' END
               FROM audit_events WHERE subject = ?1 ORDER BY seq DESC LIMIT 1";
    let subject = [audit::subject::<Identity>(identity)];
    let run: Option<Option<String>> = rows::first(connection, sql, subject, |row| Ok(row.get(0)?))?;
    Ok(run.flatten().is_some_and(|run| run == lineage.run))
}

fn read(row: &Row<'_>) -> Result<Certification, InventoryError> {
    let outcome: String = row.get("outcome")?;
    Ok(Certification {
        id: row.get("id")?,
        decision: Decision {
            identity_id: row.get("identity_id")?,
            outcome: Outcome::from_name(&outcome)
                .ok_or_else(|| InventoryError::Corrupt(format!("outcome `{outcome}`")))?,
            reviewer: row.get("reviewer")?,
            evidence: row.get("evidence")?,
            next_review: row.get("next_review")?,
            template: row.get("template")?,
            owner_id: row.get("owner_id")?,
        },
        decided_at: columns::time(row, "decided_at")?,
        certified_until: columns::time(row, "certified_until")?,
        effect: row.get("effect")?,
        removed_at: columns::some_time(row, "removed_at")?,
        version: row.get("version")?,
    })
}

/// Each decision has events of its own.
impl Recorded for Certification {
    const WHAT: &'static str = "certification";

    fn key(&self) -> String {
        format!("{}:{}", self.id, self.version)
    }
}

fn certify(
    connection: &Connection,
    lineage: &Lineage,
    certifying: Certifying,
) -> Result<Created<Certification>, InventoryError> {
    let Certifying { certification, identity_version, becomes: (facts, terms) } = certifying;
    let identity = identities::living(connection, &certification.decision.identity_id)?;
    if certification.version == 1
        && let Some(found) = leftover(connection, lineage, &identity.id)?
        && found.decision == certification.decision
    {
        take_over(connection, Table::Certification, &found.id, lineage)?;
        log(connection, lineage, certification.decided_at, "certification.take_over", &found)?;
        return Ok(Created::TakenOver(found));
    }
    let before = find(connection, &certification.id)?;
    if before.map_or(0, |before| before.version) + 1 != certification.version {
        let name = identity.facts.name;
        return Err(InventoryError::Changed { what: "certification of", name });
    }
    let now = certification.decided_at;
    let because = certification.effect.as_str();
    let change = (identity.id.as_str(), identity_version, facts, terms, because);
    identities::update(connection, lineage, now, change)?;
    insert(connection, lineage, &certification)?;
    log(connection, lineage, now, "certification.decide", &certification)?;
    Ok(Created::New(certification))
}

fn insert(
    connection: &Connection,
    lineage: &Lineage,
    certification: &Certification,
) -> Result<(), InventoryError> {
    let decision = &certification.decision;
    // A later decision is made by whoever holds the state.
    let claimed = certification.version > 1;
    connection
        .prepare_cached(
            "INSERT INTO certifications (id, version, identity_id, outcome, reviewer, evidence, next_review, template,
                                        owner_id, decided_at, certified_until, effect, origin, run, claimed)
             VALUES (:id, :version, :identity_id, :outcome, :reviewer, :evidence, :next_review, :template, :owner_id,
                     :decided_at, :certified_until, :effect, :origin, :run, :claimed)",
        )?
        .execute(named_params! {
            ":id": certification.id, ":version": certification.version, ":identity_id": decision.identity_id,
            ":outcome": decision.outcome.name(), ":reviewer": decision.reviewer, ":evidence": decision.evidence,
            ":next_review": decision.next_review, ":template": decision.template, ":owner_id": decision.owner_id,
            ":decided_at": certification.decided_at.to_string(),
            ":certified_until": certification.certified_until.to_string(), ":effect": certification.effect,
            ":origin": lineage.origin, ":run": lineage.run, ":claimed": claimed,
        })?;
    Ok(())
}

fn remove(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    id: &str,
) -> Result<(), InventoryError> {
    let sql = "SELECT * FROM certifications WHERE id = ?1 AND removed_at IS NULL ORDER BY version";
    let decisions = rows::all(connection, sql, [id], read)?;
    connection
        .prepare_cached(
            "UPDATE certifications SET removed_at = ?2 WHERE id = ?1 AND removed_at IS NULL",
        )?
        .execute([id, &now.to_string()])?;
    decisions.into_iter().try_for_each(|decision| {
        let removed = Certification { removed_at: Some(now), ..decision };
        log(connection, lineage, now, "certification.remove", &removed)
    })
}
