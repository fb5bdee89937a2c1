//! Reading the audit trail: the events of one identity, of a stretch of time, and what a record was at a time.

use jiff::Timestamp;
use rusqlite::{Connection, named_params};

use super::error::InventoryError;
use super::record::{Event, Identity, Pinned};
use super::{Inventory, audit, columns, identities, rows, search};

/// Which events are read; all of them by default.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// The id of the identity that they concern: its record, what was issued to it, its bindings, exceptions and reviews.
    pub(crate) identity: Option<String>,
    /// The one record that they are of, such as `template:reader@1.2.0`.
    pub(crate) subject: Option<String>,
    /// The first time that counts.
    pub(crate) since: Option<Timestamp>,
    /// The first time that does not count any more.
    pub(crate) until: Option<Timestamp>,
}

/// Whatever concerns an identity; one look-up in the index by subject each.
const CONCERNS: &str = "subject IN (
    SELECT 'identity:' || :identity
    UNION ALL SELECT 'issue:' || :identity
    UNION ALL SELECT 'binding:' || id FROM bindings WHERE identity_id = :identity
    UNION ALL SELECT 'certificate:' || serial FROM certificates WHERE identity_id = :identity
    UNION ALL SELECT 'exception:' || id FROM exceptions WHERE subject = :identity
    UNION ALL SELECT 'certification:' || id || ':' || version FROM certifications WHERE identity_id = :identity)";

impl Inventory {
    /// What `tell` makes of each event and of the record before it, oldest first. Records are not kept, so that a long trail
    /// takes no more room than what is made of it.
    pub(crate) async fn trail<T: Send + 'static>(
        &self,
        scope: Scope,
        tell: impl Fn(Event, Option<&str>) -> T + Send + 'static,
    ) -> Result<Vec<T>, InventoryError> {
        self.read(move |db| trail(db, &scope, &tell)).await
    }

    /// The record of a subject such as `owner:own-…` as it was at a time, as JSON.
    pub(crate) async fn recorded(
        &self,
        subject: &str,
        at: Timestamp,
    ) -> Result<Option<String>, InventoryError> {
        let subject = subject.to_owned();
        self.read(move |db| {
            let sql = "SELECT record FROM audit_events WHERE subject = :subject AND at <= :at
                       ORDER BY seq DESC LIMIT 1";
            let values = named_params! { ":subject": subject, ":at": columns::whole_seconds(at) };
            rows::first(db, sql, values, |row| Ok(row.get(0)?))
        })
        .await
    }

    /// The text of a template by the hash of its content.
    pub(crate) async fn template_text(
        &self,
        digest: &str,
    ) -> Result<Option<Pinned>, InventoryError> {
        let digest = digest.to_owned();
        self.read(move |db| search::text(db, &digest)).await
    }

    /// The identities that were derived from one, and those from them, decommissioned ones left out: by kind and name.
    pub(crate) async fn derived_from(&self, id: &str) -> Result<Vec<Identity>, InventoryError> {
        let id = id.to_owned();
        self.read(move |db| {
            let sql = format!(
                "{} WHERE identities.decommissioned_at IS NULL AND identities.id IN (
                     WITH RECURSIVE below (id) AS (
                         SELECT id FROM identities WHERE parent = ?1
                         UNION SELECT it.id FROM below JOIN identities AS it ON it.parent = below.id)
                     SELECT id FROM below) AND identities.id <> ?1
                 ORDER BY identities.kind, identities.name",
                identities::SELECT
            );
            rows::all(db, &sql, [id], identities::read)
        })
        .await
    }
}

fn trail<T>(
    db: &Connection,
    scope: &Scope,
    tell: &impl Fn(Event, Option<&str>) -> T,
) -> Result<Vec<T>, InventoryError> {
    let concerns = match (&scope.identity, &scope.subject) {
        (Some(_), _) => CONCERNS,
        (None, Some(_)) => "subject = :subject AND :identity IS NULL",
        (None, None) => ":identity IS NULL",
    };
    let mut statement = db.prepare_cached(&format!(
        "SELECT seq, at, actor, lineage, action, subject, record, previous, hash,
                (SELECT earlier.record FROM audit_events AS earlier
                 WHERE earlier.subject = audit_events.subject AND earlier.seq < audit_events.seq
                 ORDER BY earlier.seq DESC LIMIT 1) AS earlier
         FROM audit_events
         WHERE {concerns} AND (:subject IS NULL OR subject = :subject)
           AND (:since IS NULL OR at >= :since) AND (:until IS NULL OR at < :until)
         ORDER BY seq"
    ))?;
    let time = |time: Option<Timestamp>| time.map(columns::whole_seconds);
    let values = named_params! {
        ":identity": scope.identity, ":subject": scope.subject, ":since": time(scope.since), ":until": time(scope.until),
    };
    let mut rows = statement.query(values)?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        let earlier: Option<String> = row.get("earlier")?;
        told.push(tell(audit::event(row)?, earlier.as_deref()));
    }
    Ok(told)
}
