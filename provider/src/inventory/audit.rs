//! The audit trail: one event for each change, in the change's own transaction, each holding the hash of the one before. Who
//! alters, removes or inserts an event breaks the chain; who alters a record behind its back no longer agrees with it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::error::InventoryError;
use super::record::{Event, Lineage};
use super::rows;

/// How the subject of an event begins that is about a moment, not about a record: `issue:nhi-…`.
pub(super) const OCCURRENCE: &str = "issue:";

/// The key of a record in an event that says why it was changed; the record itself does not.
const REASON: &str = "because";

/// What a check of the whole trail found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many events there are.
    pub events: i64,
    /// What does not agree, in the order of the chain; empty when nothing was tampered with.
    pub breaks: Vec<String>,
}

impl Verification {
    /// Whether everything agrees.
    pub fn is_intact(&self) -> bool {
        self.breaks.is_empty()
    }
}

/// A record whose changes are events.
pub(super) trait Recorded: Serialize {
    /// What the subjects of its events begin with: `owner`.
    const WHAT: &'static str;

    /// What tells it from others of its sort: an id.
    fn key(&self) -> String;
}

/// The subject of the events of a record.
pub(super) fn subject<R: Recorded>(key: &str) -> String {
    format!("{}:{key}", R::WHAT)
}

/// Adds the event that a record is now as it is, in the current transaction.
pub(super) fn log<R: Recorded>(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    action: &str,
    record: &R,
) -> Result<(), InventoryError> {
    append(connection, lineage, now, (action, subject::<R>(&record.key()), record))
}

/// Adds an event in the current transaction.
pub(super) fn append<R: Serialize>(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (action, subject, record): (&str, String, &R),
) -> Result<(), InventoryError> {
    let json = |error: serde_json::Error| InventoryError::Storage(error.to_string());
    let (seq, previous) = head(connection)?;
    let mut event = Event {
        seq: seq + 1,
        at: now.to_string(),
        actor: lineage.actor.clone(),
        lineage: serde_json::to_string(lineage).map_err(json)?,
        action: action.to_owned(),
        subject,
        record: serde_json::to_string(record).map_err(json)?,
        previous,
        hash: String::new(),
    };
    event.hash = hash(&event);
    connection
        .prepare_cached(
            "INSERT INTO audit_events (seq, at, actor, lineage, action, subject, record, previous, hash)
             VALUES (:seq, :at, :actor, :lineage, :action, :subject, :record, :previous, :hash)",
        )?
        .execute(named_params! {
            ":seq": event.seq, ":at": event.at, ":actor": event.actor, ":lineage": event.lineage,
            ":action": event.action, ":subject": event.subject, ":record": event.record,
            ":previous": event.previous, ":hash": event.hash,
        })?;
    connection
        .prepare_cached("UPDATE audit_head SET seq = :seq, hash = :hash WHERE one = 1")?
        .execute(named_params! { ":seq": event.seq, ":hash": event.hash })?;
    Ok(())
}

fn head(connection: &Connection) -> Result<(i64, String), InventoryError> {
    let mut statement =
        connection.prepare_cached("SELECT seq, hash FROM audit_head WHERE one = 1")?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Each field with its length in front, so that no two events have the same bytes.
fn hash(event: &Event) -> String {
    let mut hasher = Sha256::new();
    let seq = event.seq.to_string();
    let Event { seq: _, at, actor, lineage, action, subject, record, previous, hash: _ } = event;
    for field in [previous, &seq, at, actor, lineage, action, subject, record] {
        hasher.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The events, or those of one subject, oldest first.
pub(super) fn events(
    connection: &Connection,
    subject: Option<&str>,
) -> Result<Vec<Event>, InventoryError> {
    let sql =
        "SELECT * FROM audit_events WHERE :subject IS NULL OR subject = :subject ORDER BY seq";
    rows::all(connection, sql, named_params! { ":subject": subject }, |row| Ok(event(row)?))
}

/// A row that has the columns of the trail.
pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        seq: row.get("seq")?,
        at: row.get("at")?,
        actor: row.get("actor")?,
        lineage: row.get("lineage")?,
        action: row.get("action")?,
        subject: row.get("subject")?,
        record: row.get("record")?,
        previous: row.get("previous")?,
        hash: row.get("hash")?,
    })
}

/// Checks the chain, its end, and that each of `records` (by subject) is what its last event says.
pub(super) fn verify(
    connection: &Connection,
    records: &BTreeMap<String, String>,
) -> Result<Verification, InventoryError> {
    let mut found = Verification::default();
    let mut previous = String::new();
    let mut latest = BTreeMap::new();
    for event in events(connection, None)? {
        found.events += 1;
        if event.seq != found.events {
            found.breaks.push(format!("event {} is missing", found.events));
            found.events = event.seq;
        }
        if event.previous != previous {
            found.breaks.push(format!("event {} does not follow the event before it", event.seq));
        }
        if hash(&event) != event.hash {
            found.breaks.push(format!("event {} was altered", event.seq));
        }
        previous = event.hash;
        // What was issued or refused happened; there is no record that could change afterwards.
        if !event.subject.starts_with(OCCURRENCE) {
            latest.insert(event.subject, event.record);
        }
    }
    if head(connection)? != (found.events, previous) {
        found.breaks.push(format!("events after {} are missing", found.events));
    }
    for (subject, record) in records {
        match latest.remove(subject) {
            Some(recorded) if agrees(&recorded, record) => {}
            Some(_) => found.breaks.push(format!("`{subject}` was altered without an event")),
            None => found.breaks.push(format!("`{subject}` was added without an event")),
        }
    }
    found.breaks.extend(latest.keys().map(|subject| format!("`{subject}` was removed")));
    Ok(found)
}

/// Whether the record is what the event says. Keys that the event does not have are of columns that were empty then, or that only
/// later versions know: they have to be empty.
fn agrees(recorded: &str, record: &str) -> bool {
    let read = |text| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text);
    match (read(recorded), read(record)) {
        (Ok(recorded), Ok(record)) => {
            let mut facts = recorded.iter().filter(|(key, _)| *key != REASON);
            facts.all(|(key, value)| record.get(key) == Some(value))
                && record.iter().all(|(key, value)| value.is_null() || recorded.contains_key(key))
        }
        _ => false,
    }
}
