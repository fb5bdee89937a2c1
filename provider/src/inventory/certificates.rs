//! Certificates on record: who signed them, whom they name, and which of them are revoked.
//!
//! What is written down is what a rotation decides. That the holder is switched off, quarantined, expired or gone is in the
//! holder's own record, and so revokes its certificates in the same transaction, and gives them back with it.

mod authorities;
mod revocations;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;

use super::audit::{Recorded, log};
use super::error::InventoryError;
use super::issues::{self, Issue};
use super::record::{Credential, Identity, Lineage};
use super::{Inventory, columns, rows};
use crate::issuer::x509::crl::Reason;

pub(crate) use authorities::AuthorityRecord;
pub(super) use authorities::authorities;
pub(crate) use revocations::{KeptList, Standing};

/// A certificate of an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CertificateRecord {
    /// In lowercase hexadecimal digits.
    pub(crate) serial: String,
    /// Whose it is.
    pub(crate) identity_id: String,
    /// Who signed it.
    pub(crate) authority: String,
    /// Under which version of the identity's credential it was made.
    pub(crate) credential_version: i64,
    /// The identity's `rotation.epoch` at that time: another one may mean that others know the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) epoch: Option<i64>,
    /// Whom it names, as RFC 4514 writes it.
    pub(crate) subject: String,
    /// What its key hashes to.
    pub(crate) key_hash: String,
    /// When it begins.
    pub(crate) not_before: Timestamp,
    /// When it ends.
    pub(crate) not_after: Timestamp,
    /// When it was made.
    pub(crate) issued_at: Timestamp,
    /// Since when a rotation has revoked it; may lie ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revoked_at: Option<Timestamp>,
    /// Why, as RFC 5280 spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revocation_reason: Option<&'static str>,
}

impl Inventory {
    /// Puts a certificate on record before it is handed out, together with its issue.
    pub(crate) async fn record_certificate(
        &self,
        now: Timestamp,
        (certificate, issue): (CertificateRecord, Issue),
    ) -> Result<(), InventoryError> {
        self.write(move |db, lineage| {
            issues::record(db, lineage, now, &issue)?;
            insert(db, lineage, now, &certificate)
        })
        .await
    }

    /// Every certificate of an identity, oldest first.
    pub(crate) async fn certificates_of(
        &self,
        id: &str,
    ) -> Result<Vec<CertificateRecord>, InventoryError> {
        let id = id.to_owned();
        self.read(move |db| of_identity(db, &id)).await
    }

    /// Whether a certificate of the key was revoked because others may know the key.
    pub(crate) async fn is_compromised(&self, key_hash: &str) -> Result<bool, InventoryError> {
        let key_hash = key_hash.to_owned();
        self.read(move |db| is_compromised(db, &key_hash)).await
    }
}

fn is_compromised(db: &Connection, key_hash: &str) -> Result<bool, InventoryError> {
    let mut statement = db.prepare_cached(
        "SELECT 1 FROM certificates WHERE key_hash = ?1 AND revocation_reason = 'keyCompromise'",
    )?;
    Ok(statement.exists([key_hash])?)
}

fn insert(
    db: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    made: &CertificateRecord,
) -> Result<(), InventoryError> {
    db.prepare_cached(
        "INSERT INTO certificates (serial, identity_id, authority, credential_version, epoch, subject, key_hash, not_before,
             not_after, issued_at)
         VALUES (:serial, :identity, :authority, :version, :epoch, :subject, :key_hash, :not_before, :not_after, :issued_at)",
    )?
    .execute(named_params! {
        ":serial": made.serial, ":identity": made.identity_id, ":authority": made.authority,
        ":version": made.credential_version, ":epoch": made.epoch, ":subject": made.subject, ":key_hash": made.key_hash,
        ":not_before": columns::whole_seconds(made.not_before),
        ":not_after": columns::whole_seconds(made.not_after),
        ":issued_at": columns::whole_seconds(made.issued_at),
    })?;
    log(db, lineage, now, "certificate.issue", made)
}

fn of_identity(db: &Connection, id: &str) -> Result<Vec<CertificateRecord>, InventoryError> {
    let sql = "SELECT * FROM certificates WHERE identity_id = ?1 ORDER BY issued_at, serial";
    rows::all(db, sql, [id], read)
}

/// Every certificate, by serial number.
pub(super) fn all(db: &Connection) -> Result<Vec<CertificateRecord>, InventoryError> {
    rows::all(db, "SELECT * FROM certificates ORDER BY serial", [], read)
}

fn read(row: &Row<'_>) -> Result<CertificateRecord, InventoryError> {
    let reason: Option<String> = row.get("revocation_reason")?;
    Ok(CertificateRecord {
        serial: row.get("serial")?,
        identity_id: row.get("identity_id")?,
        authority: row.get("authority")?,
        credential_version: row.get("credential_version")?,
        epoch: row.get("epoch")?,
        subject: row.get("subject")?,
        key_hash: row.get("key_hash")?,
        not_before: columns::time(row, "not_before")?,
        not_after: columns::time(row, "not_after")?,
        issued_at: columns::time(row, "issued_at")?,
        revoked_at: columns::some_time(row, "revoked_at")?,
        revocation_reason: reason.map(|text| reason_of(&text)).transpose()?.map(Reason::as_str),
    })
}

impl Recorded for CertificateRecord {
    const WHAT: &'static str = "certificate";

    fn key(&self) -> String {
        self.serial.clone()
    }
}

fn reason_of(text: &str) -> Result<Reason, InventoryError> {
    let known = Reason::ALL.into_iter().find(|reason| reason.as_str() == text);
    known.ok_or_else(|| InventoryError::Corrupt(format!("revocation reason `{text}`")))
}

/// Follows a change of an identity in its own transaction: the certificate that it got is put on record, and those of the
/// versions before it end with their overlap. Another epoch without an overlap means that others may know the key.
pub(super) fn follow(
    db: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    identity: &Identity,
) -> Result<(), InventoryError> {
    let (id, terms) = (identity.id.as_str(), &identity.terms);
    if let Some(Credential::Certificate {
        serial,
        authority,
        subject,
        key_hash,
        not_before,
        not_after,
        certificate_pem: _,
        chain_pem: _,
    }) = &terms.credential
        && !is_known(db, serial)?
    {
        let made = CertificateRecord {
            serial: serial.clone(),
            identity_id: id.to_owned(),
            authority: authority.clone(),
            credential_version: terms.credential_version,
            epoch: identity.facts.rotation.epoch,
            subject: subject.clone(),
            key_hash: key_hash.clone(),
            not_before: *not_before,
            not_after: *not_after,
            issued_at: terms.rotated_at,
            revoked_at: None,
            revocation_reason: None,
        };
        insert(db, lineage, now, &made)?;
    }
    let sql = "SELECT * FROM certificates WHERE identity_id = :id AND not_after > :now AND credential_version < :version";
    let now_text = columns::whole_seconds(now);
    let values =
        named_params! { ":id": id, ":now": now_text, ":version": terms.credential_version };
    for certificate in rows::all(db, sql, values, read)? {
        // There are two slots: a third certificate ends when the second begins.
        let is_previous = certificate.credential_version + 1 == terms.credential_version;
        let until = terms.previous_valid_until.filter(|_| is_previous).unwrap_or(terms.rotated_at);
        let epoch = identity.facts.rotation.epoch;
        let another = epoch.is_some() && epoch != certificate.epoch;
        let compromised = another && until <= terms.rotated_at;
        let reason = if compromised { Reason::KeyCompromise } else { Reason::Superseded };
        if certificate.revoked_at.is_none_or(|at| until < at) {
            revoke(db, lineage, now, (certificate, until, reason))?;
        }
    }
    Ok(())
}

fn is_known(db: &Connection, serial: &str) -> Result<bool, InventoryError> {
    let mut statement = db.prepare_cached("SELECT 1 FROM certificates WHERE serial = ?1")?;
    Ok(statement.exists([serial])?)
}

fn revoke(
    db: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (certificate, at, reason): (CertificateRecord, Timestamp, Reason),
) -> Result<(), InventoryError> {
    db.prepare_cached(
        "UPDATE certificates SET revoked_at = :at, revocation_reason = :reason WHERE serial = :serial",
    )?
    .execute(named_params! {
        ":serial": certificate.serial, ":at": columns::whole_seconds(at), ":reason": reason.as_str(),
    })?;
    let revoked = CertificateRecord {
        revoked_at: Some(at),
        revocation_reason: Some(reason.as_str()),
        ..certificate
    };
    log(db, lineage, now, "certificate.revoke", &revoked)
}

fn decoded(text: &str) -> Result<Vec<u8>, InventoryError> {
    STANDARD.decode(text).map_err(|error| InventoryError::Corrupt(error.to_string()))
}
