//! What was issued and what was refused, as events, and the keys that signed it. What is issued is in the trail before anybody
//! holds it, in one transaction with a last look at the identity: who was switched off a moment ago gets nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;

use super::audit::{self, Recorded};
use super::error::InventoryError;
use super::record::Lineage;
use super::{Inventory, columns, rows};

/// A credential that is about to be handed out, as far as it may be written down.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Issue {
    /// What was done, such as `token.issue`; the event's action.
    #[serde(skip)]
    pub(crate) action: &'static str,
    /// Id and version of the identity's record that the decision rests on.
    #[serde(skip)]
    pub(crate) identity: (String, i64),
    /// What names the credential: the `jti` of a token, a serial number, the id of an API key. Never the credential.
    pub(crate) credential: String,
    /// Whom it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) audience: Option<String>,
    /// When it ends, where it does before its identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Timestamp>,
    /// The key that signed it.
    #[serde(rename = "key_id", skip_serializing_if = "Option::is_none", serialize_with = "key_id")]
    pub(crate) key: Option<KeyUse>,
}

/// The public half of a key that signs, and until when what it signed may have to be checked.
#[derive(Clone, Debug)]
pub(crate) struct KeyUse {
    /// Its RFC 7638 thumbprint.
    pub(crate) key_id: String,
    /// `ES256` or `EdDSA`.
    pub(crate) algorithm: &'static str,
    /// The DER `SubjectPublicKeyInfo`.
    pub(crate) public_key: Vec<u8>,
    /// When what it signs now ends.
    pub(crate) until: Timestamp,
}

/// A key that signed something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct IssuerKey {
    /// Its RFC 7638 thumbprint.
    pub(crate) key_id: String,
    /// `ES256` or `EdDSA`.
    pub(crate) algorithm: String,
    /// The DER `SubjectPublicKeyInfo`, in base64.
    pub(crate) public_key: String,
    /// When it signed for the first time.
    pub(crate) first_used_at: Timestamp,
    /// When the last of what it signed ends.
    #[serde(skip)]
    pub(crate) needed_until: Timestamp,
}

/// What an event says of a refusal.
#[derive(Serialize)]
struct Refusal {
    reasons: Vec<&'static str>,
}

#[expect(clippy::ref_option, reason = "serde passes a field by reference")]
fn key_id<S: serde::Serializer>(key: &Option<KeyUse>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(key.as_ref().map_or("", |key| &key.key_id))
}

impl Inventory {
    /// Puts a credential on record before it is handed out. Refused if the identity is not what the decision was made on.
    pub(crate) async fn record_issue(
        &self,
        now: Timestamp,
        issue: Issue,
    ) -> Result<(), InventoryError> {
        self.write(move |db, lineage| record(db, lineage, now, &issue)).await
    }

    /// Puts on record that an identity was refused a credential, and why.
    pub(crate) async fn record_refusal(
        &self,
        now: Timestamp,
        id: &str,
        (action, reasons): (&'static str, Vec<&'static str>),
    ) -> Result<(), InventoryError> {
        let subject = subject(id);
        self.write(move |db, lineage| {
            audit::append(db, lineage, now, (action, subject, &Refusal { reasons }))
        })
        .await
    }

    /// Every key that ever signed something, in the order in which they came into use.
    pub(crate) async fn issuer_keys(&self) -> Result<Vec<IssuerKey>, InventoryError> {
        self.read(all_keys).await
    }
}

fn subject(id: &str) -> String {
    format!("{}{id}", audit::OCCURRENCE)
}

/// Puts a credential on record, after a last look at the identity.
pub(super) fn record(
    db: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    issue: &Issue,
) -> Result<(), InventoryError> {
    let (id, version) = &issue.identity;
    let sql = "SELECT identities.name, identities.version = :version AND owners.active = 1
               FROM identities JOIN owners ON owners.id = identities.owner_id WHERE identities.id = :id";
    let values = named_params! { ":id": id, ":version": version };
    match rows::first(db, sql, values, |row| Ok((row.get(0)?, row.get(1)?)))? {
        Some((_, true)) => {}
        Some((name, false)) => return Err(InventoryError::Changed { what: "identity", name }),
        None => return Err(InventoryError::NotFound { what: "identity", key: id.clone() }),
    }
    if let Some(key) = &issue.key {
        use_key(db, lineage, now, key)?;
    }
    audit::append(db, lineage, now, (issue.action, subject(id), issue))
}

/// Notes that a key signs something, in the transaction that records what.
pub(super) fn use_key(
    db: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    key: &KeyUse,
) -> Result<(), InventoryError> {
    let (now_text, until) = (now.to_string(), columns::whole_seconds(key.until));
    let known = db
        .prepare_cached(
            "UPDATE issuer_keys SET last_used_at = :now, needed_until = max(needed_until, :until)
             WHERE key_id = :key_id",
        )?
        .execute(named_params! { ":key_id": key.key_id, ":now": now_text, ":until": until })?;
    if known > 0 {
        return Ok(());
    }
    let row = IssuerKey {
        key_id: key.key_id.clone(),
        algorithm: key.algorithm.to_owned(),
        public_key: STANDARD.encode(&key.public_key),
        first_used_at: now,
        needed_until: key.until,
    };
    db.prepare_cached(
        "INSERT INTO issuer_keys (key_id, algorithm, public_key, first_used_at, last_used_at, needed_until)
         VALUES (:key_id, :algorithm, :public_key, :now, :now, :until)",
    )?
    .execute(named_params! {
        ":key_id": row.key_id, ":algorithm": row.algorithm, ":public_key": row.public_key,
        ":now": now_text, ":until": until,
    })?;
    audit::log(db, lineage, now, "issuer_key.use", &row)
}

impl Recorded for IssuerKey {
    const WHAT: &'static str = "issuer_key";

    fn key(&self) -> String {
        self.key_id.clone()
    }
}

/// Every key, in the order in which they came into use.
pub(super) fn all_keys(db: &Connection) -> Result<Vec<IssuerKey>, InventoryError> {
    rows::all(db, "SELECT * FROM issuer_keys ORDER BY first_used_at, key_id", [], read)
}

fn read(row: &Row<'_>) -> Result<IssuerKey, InventoryError> {
    Ok(IssuerKey {
        key_id: row.get("key_id")?,
        algorithm: row.get("algorithm")?,
        public_key: row.get("public_key")?,
        first_used_at: columns::time(row, "first_used_at")?,
        needed_until: columns::time(row, "needed_until")?,
    })
}
