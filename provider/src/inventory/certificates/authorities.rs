//! The certificates of issuer keys: made once, and kept for as long as anybody may have to check what they signed.

use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;

use super::decoded;
use crate::inventory::audit::{Recorded, log};
use crate::inventory::record::Lineage;
use crate::inventory::{Inventory, InventoryError, columns, rows};

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
    log(db, lineage, made.created_at, "authority.create", &made)?;
    Ok(made)
}

fn authority(db: &Connection, id: &str) -> Result<Option<AuthorityRecord>, InventoryError> {
    rows::first(db, "SELECT * FROM authorities WHERE id = ?1", [id], read_authority)
}

/// Every authority, oldest first.
pub(in crate::inventory) fn authorities(
    db: &Connection,
) -> Result<Vec<AuthorityRecord>, InventoryError> {
    rows::all(db, "SELECT * FROM authorities ORDER BY created_at, id", [], read_authority)
}

fn living_authorities(
    db: &Connection,
    now: Timestamp,
) -> Result<Vec<AuthorityRecord>, InventoryError> {
    let sql = "SELECT * FROM authorities WHERE EXISTS (
                   SELECT 1 FROM certificates WHERE authority = authorities.id AND not_after > ?1)
               ORDER BY created_at, id";
    rows::all(db, sql, [columns::whole_seconds(now)], read_authority)
}

fn read_authority(row: &Row<'_>) -> Result<AuthorityRecord, InventoryError> {
    Ok(AuthorityRecord {
        id: row.get("id")?,
        key_id: row.get("key_id")?,
        trust_domain: row.get("trust_domain")?,
        certificate: row.get("certificate")?,
        created_at: columns::time(row, "created_at")?,
    })
}

impl Recorded for AuthorityRecord {
    const WHAT: &'static str = "authority";

    fn key(&self) -> String {
        self.id.clone()
    }
}
