//! The certificates of issuer keys: made once, and kept for as long as anybody may have to check what they signed.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};
use serde::Serialize;

use super::decoded;
use crate::inventory::record::Lineage;
use crate::inventory::{Inventory, InventoryError, audit, columns};

/// The certificate of an issuer key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct AuthorityRecord {
    /// Key and trust domain.
    pub(crate) id: String,
    /// The key's RFC 7638 thumbprint.
    pub(crate) key_id: String,
    /// The trust domain; empty for none.
    pub(crate) trust_domain: String,
    /// The certificate, as DER in base64.
    pub(crate) certificate: String,
    /// When it was made.
    pub(crate) created_at: Timestamp,
}

impl AuthorityRecord {
    /// The certificate, as DER.
    pub(crate) fn der(&self) -> Result<Vec<u8>, InventoryError> {
        decoded(&self.certificate)
    }
}

impl Inventory {
    /// Keeps the certificate of an issuer key, or finds the one that was kept before.
    pub(crate) async fn keep_authority(
        &self,
        authority: AuthorityRecord,
    ) -> Result<AuthorityRecord, InventoryError> {
        self.write(move |db, lineage| keep_authority(db, lineage, authority)).await
    }

    /// The certificate that was kept of an issuer key.
    pub(crate) async fn authority(
        &self,
        id: &str,
    ) -> Result<Option<AuthorityRecord>, InventoryError> {
        let id = id.to_owned();
        self.read(move |db| authority(db, &id)).await
    }

    /// The authorities of which a certificate has not ended yet, oldest first.
    pub(crate) async fn living_authorities(
        &self,
        now: Timestamp,
    ) -> Result<Vec<AuthorityRecord>, InventoryError> {
        self.read(move |db| living_authorities(db, now)).await
    }
}

fn keep_authority(
    db: &Connection,
    lineage: &Lineage,
    made: AuthorityRecord,
) -> Result<AuthorityRecord, InventoryError> {
    if let Some(kept) = authority(db, &made.id)? {
        return Ok(kept);
    }
    db.prepare_cached(
        "INSERT INTO authorities (id, key_id, trust_domain, certificate, created_at)
         VALUES (:id, :key_id, :trust_domain, :certificate, :created_at)",
    )?
    .execute(named_params! {
        ":id": made.id, ":key_id": made.key_id, ":trust_domain": made.trust_domain,
        ":certificate": made.certificate, ":created_at": made.created_at.to_string(),
    })?;
    let event = ("authority.create", authority_subject(&made.id), &made);
    audit::append(db, lineage, made.created_at, event)?;
    Ok(made)
}

fn authority(db: &Connection, id: &str) -> Result<Option<AuthorityRecord>, InventoryError> {
    let mut statement = db.prepare_cached("SELECT * FROM authorities WHERE id = ?1")?;
    statement.query_row([id], read_authority).optional()?.transpose()
}

/// Every authority, oldest first.
pub(in crate::inventory) fn authorities(
    db: &Connection,
) -> Result<Vec<AuthorityRecord>, InventoryError> {
    let mut statement = db.prepare_cached("SELECT * FROM authorities ORDER BY created_at, id")?;
    statement.query_map([], read_authority)?.map(|row| row?).collect()
}

fn living_authorities(
    db: &Connection,
    now: Timestamp,
) -> Result<Vec<AuthorityRecord>, InventoryError> {
    let mut statement = db.prepare_cached(
        "SELECT * FROM authorities WHERE EXISTS (
             SELECT 1 FROM certificates WHERE authority = authorities.id AND not_after > ?1)
         ORDER BY created_at, id",
    )?;
    let now = columns::whole_seconds(now);
    statement.query_map([now], read_authority)?.map(|row| row?).collect()
}

fn read_authority(row: &Row<'_>) -> rusqlite::Result<Result<AuthorityRecord, InventoryError>> {
    let (id, key_id, trust_domain, certificate) =
        (row.get("id")?, row.get("key_id")?, row.get("trust_domain")?, row.get("certificate")?);
    let created_at = columns::time(row, "created_at")?;
    Ok(created_at.map(|created_at| AuthorityRecord {
        id,
        key_id,
        trust_domain,
        certificate,
        created_at,
    }))
}

/// The subject of an authority's events.
pub(in crate::inventory) fn authority_subject(id: &str) -> String {
    format!("authority:{id}")
}
