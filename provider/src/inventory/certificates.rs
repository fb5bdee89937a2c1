//! Certificates on record: who signed them, whom they name, and which of them are revoked.
//!
//! What is written down is what a rotation decides. That the holder is switched off, quarantined, expired or gone is in the
//! holder's own record, and so revokes its certificates in the same transaction, and gives them back with it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use policy::governance::State;
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};
use serde::Serialize;

use super::error::InventoryError;
use super::issues::{self, Issue};
use super::record::{Credential, Identity, Lineage};
use super::{Inventory, audit, columns, identities};
use crate::issuer::x509::crl::{HOLDS, Reason, Revoked};

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

/// The latest revocation list of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptList {
    /// Grows by one with each list.
    pub(crate) number: u64,
    /// When it was made.
    pub(crate) issued_at: Timestamp,
    /// What is in it.
    pub(crate) entries: Vec<Revoked>,
    /// As DER.
    pub(crate) list: Vec<u8>,
}

/// An authority that relying parties need, and what it has revoked.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The authority.
    pub(crate) authority: AuthorityRecord,
    /// Whether something that it signed is valid, or may be again.
    pub(crate) has_valid: bool,
    /// When the last of what it signed was valid, where that is over.
    pub(crate) over_since: Option<Timestamp>,
    /// What is revoked, by serial number.
    pub(crate) revoked: Vec<Revoked>,
    /// The latest list.
    pub(crate) list: Option<KeptList>,
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

    /// Every authority with what it has revoked at a time, oldest first.
    pub(crate) async fn revocations(
        &self,
        now: Timestamp,
    ) -> Result<Vec<Standing>, InventoryError> {
        self.read(move |db| standings(db, now)).await
    }

    /// The authorities of which a certificate has not ended yet, oldest first.
    pub(crate) async fn living_authorities(
        &self,
        now: Timestamp,
    ) -> Result<Vec<AuthorityRecord>, InventoryError> {
        self.read(move |db| living_authorities(db, now)).await
    }

    /// Whether a certificate of the key was revoked because others may know the key.
    pub(crate) async fn is_compromised(&self, key_hash: &str) -> Result<bool, InventoryError> {
        let key_hash = key_hash.to_owned();
        self.read(move |db| is_compromised(db, &key_hash)).await
    }

    /// Keeps a revocation list, unless another run was faster: then that one is the list.
    pub(crate) async fn keep_list(
        &self,
        now: Timestamp,
        (authority, list): (String, KeptList),
    ) -> Result<KeptList, InventoryError> {
        self.write(move |db, lineage| keep_list(db, lineage, now, (&authority, list))).await
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
pub(super) fn authorities(db: &Connection) -> Result<Vec<AuthorityRecord>, InventoryError> {
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

fn is_compromised(db: &Connection, key_hash: &str) -> Result<bool, InventoryError> {
    let mut statement = db.prepare_cached(
        "SELECT 1 FROM certificates WHERE key_hash = ?1 AND revocation_reason = 'keyCompromise'",
    )?;
    Ok(statement.exists([key_hash])?)
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
    audit::append(db, lineage, now, ("certificate.issue", subject(&made.serial), made))
}

fn of_identity(db: &Connection, id: &str) -> Result<Vec<CertificateRecord>, InventoryError> {
    let mut statement = db.prepare_cached(
        "SELECT * FROM certificates WHERE identity_id = ?1 ORDER BY issued_at, serial",
    )?;
    statement.query_map([id], read)?.map(|row| row?).collect()
}

/// Every certificate, by serial number.
pub(super) fn all(db: &Connection) -> Result<Vec<CertificateRecord>, InventoryError> {
    let mut statement = db.prepare_cached("SELECT * FROM certificates ORDER BY serial")?;
    statement.query_map([], read)?.map(|row| row?).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<CertificateRecord, InventoryError>> {
    let (serial, identity_id, authority, subject) =
        (row.get("serial")?, row.get("identity_id")?, row.get("authority")?, row.get("subject")?);
    let (credential_version, epoch, key_hash) =
        (row.get("credential_version")?, row.get("epoch")?, row.get("key_hash")?);
    let reason: Option<String> = row.get("revocation_reason")?;
    let not_before = columns::time(row, "not_before")?;
    let not_after = columns::time(row, "not_after")?;
    let issued_at = columns::time(row, "issued_at")?;
    let revoked_at = columns::some_time(row, "revoked_at")?;
    Ok((|| {
        Ok(CertificateRecord {
            serial,
            identity_id,
            authority,
            credential_version,
            epoch,
            subject,
            key_hash,
            not_before: not_before?,
            not_after: not_after?,
            issued_at: issued_at?,
            revoked_at: revoked_at?,
            revocation_reason: reason.map(|text| reason_of(&text)).transpose()?.map(Reason::as_str),
        })
    })())
}

fn reason_of(text: &str) -> Result<Reason, InventoryError> {
    let known = Reason::ALL.into_iter().find(|reason| reason.as_str() == text);
    known.ok_or_else(|| InventoryError::Corrupt(format!("revocation reason `{text}`")))
}

/// The subject of a certificate's events.
pub(super) fn subject(serial: &str) -> String {
    format!("certificate:{serial}")
}

/// The subject of an authority's events.
pub(super) fn authority_subject(id: &str) -> String {
    format!("authority:{id}")
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
    let mut statement = db.prepare_cached(
        "SELECT * FROM certificates WHERE identity_id = :id AND not_after > :now AND credential_version < :version",
    )?;
    let now_text = columns::whole_seconds(now);
    let older = statement
        .query_map(
            named_params! { ":id": id, ":now": now_text, ":version": terms.credential_version },
            read,
        )?
        .map(|row| row?)
        .collect::<Result<Vec<_>, InventoryError>>()?;
    for certificate in older {
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
    let serial = certificate.serial.clone();
    db.prepare_cached(
        "UPDATE certificates SET revoked_at = :at, revocation_reason = :reason WHERE serial = :serial",
    )?
    .execute(named_params! {
        ":serial": serial, ":at": columns::whole_seconds(at), ":reason": reason.as_str(),
    })?;
    let revoked = CertificateRecord {
        revoked_at: Some(at),
        revocation_reason: Some(reason.as_str()),
        ..certificate
    };
    audit::append(db, lineage, now, ("certificate.revoke", subject(&serial), &revoked))
}

/// What every authority has revoked at a time, and whether it is needed.
fn standings(db: &Connection, now: Timestamp) -> Result<Vec<Standing>, InventoryError> {
    let mut found: BTreeMap<String, (bool, Vec<Revoked>)> = BTreeMap::new();
    // RFC 5280, 3.3: an entry stays until a list that was made after the certificate's end has had it.
    let since = now.checked_sub(HOLDS).unwrap_or(Timestamp::MIN);
    let mut statement = db.prepare_cached(
        "SELECT certificates.*, owners.updated_at AS owner_updated_at,
                identities.status <> 'active' OR owners.active = 0 OR identities.parent IS NOT NULL
                    OR identities.expires_at < certificates.not_after AS may_have_stopped
         FROM certificates JOIN identities ON identities.id = certificates.identity_id
                           JOIN owners ON owners.id = identities.owner_id
         WHERE certificates.not_after > ?1 ORDER BY certificates.serial",
    )?;
    let mut rows = statement.query([columns::whole_seconds(since)])?;
    while let Some(row) = rows.next()? {
        let certificate = read(row)??;
        let mut revocation = by_rotation(&certificate, now)?;
        if row.get::<_, bool>("may_have_stopped")? {
            let holder = identities::by_id(db, &certificate.identity_id)?;
            let left_at = columns::time(row, "owner_updated_at")??;
            let stopped =
                holder.and_then(|holder| by_holder(&certificate, &holder, (now, left_at)));
            // The earlier one; what is revoked for good does not come back with its holder.
            revocation = match (revocation, stopped) {
                (Some(one), Some(other))
                    if other.at < one.at && other.reason != Reason::CertificateHold =>
                {
                    Some(other)
                }
                (one, other) => one.or(other),
            };
        }
        let (has_valid, revoked) = found.entry(certificate.authority).or_default();
        let may_come_back =
            revocation.as_ref().is_none_or(|it| it.reason == Reason::CertificateHold);
        *has_valid |= may_come_back && certificate.not_after > now;
        revoked.extend(revocation);
    }
    let standing = |authority: AuthorityRecord| {
        let (has_valid, revoked): (bool, Vec<Revoked>) =
            found.remove(&authority.id).unwrap_or_default();
        let list = kept_list(db, &authority.id)?;
        let end = last_end(db, &authority.id)?;
        let over_since = match end {
            Some(end) if end > now => revoked.iter().map(|revoked| revoked.at).max(),
            end => end,
        };
        let over_since = over_since.filter(|_| !has_valid);
        Ok(Standing { authority, has_valid, over_since, revoked, list })
    };
    authorities(db)?.into_iter().map(standing).collect()
}

fn last_end(db: &Connection, authority: &str) -> Result<Option<Timestamp>, InventoryError> {
    let mut statement = db.prepare_cached(
        "SELECT max(not_after) AS not_after FROM certificates WHERE authority = ?1",
    )?;
    statement.query_row([authority], |row| columns::some_time(row, "not_after"))?
}

/// Whether a rotation has revoked it at a time.
fn by_rotation(
    certificate: &CertificateRecord,
    now: Timestamp,
) -> Result<Option<Revoked>, InventoryError> {
    let Some(at) = certificate.revoked_at.filter(|at| *at <= now && *at < certificate.not_after)
    else {
        return Ok(None);
    };
    let reason = reason_of(certificate.revocation_reason.unwrap_or_default())?;
    Ok(Some(Revoked { serial: certificate.serial.clone(), at, reason }))
}

/// Whether it is revoked because its holder has stopped, and since when. `left_at` is when the owner changed last.
fn by_holder(
    certificate: &CertificateRecord,
    holder: &Identity,
    (now, left_at): (Timestamp, Timestamp),
) -> Option<Revoked> {
    let (at, reason) = match holder.state_at(now) {
        State::Requested | State::Active | State::Rotating => return None,
        State::Decommissioned => (holder.decommissioned_at?, Reason::CessationOfOperation),
        State::Expired => (holder.terms.expires_at, Reason::CessationOfOperation),
        State::Disabled => (holder.disabled_at?, Reason::CertificateHold),
        State::Quarantined if holder.owner_active => {
            let until = holder.parent_until.filter(|until| *until > certificate.issued_at);
            (until.unwrap_or(certificate.issued_at), Reason::CertificateHold)
        }
        State::Quarantined => (left_at, Reason::CertificateHold),
    };
    (at < certificate.not_after).then(|| Revoked { serial: certificate.serial.clone(), at, reason })
}

fn kept_list(db: &Connection, authority: &str) -> Result<Option<KeptList>, InventoryError> {
    let mut statement = db.prepare_cached("SELECT * FROM revocation_lists WHERE authority = ?1")?;
    statement.query_row([authority], read_list).optional()?.transpose()
}

fn read_list(row: &Row<'_>) -> rusqlite::Result<Result<KeptList, InventoryError>> {
    let (number, entries, list): (i64, String, String) =
        (row.get("number")?, row.get("entries")?, row.get("list")?);
    let issued_at = columns::time(row, "issued_at")?;
    Ok((|| {
        let entries: Vec<(String, Timestamp, String)> = columns::json(&entries)?;
        let entry = |(serial, at, reason): (String, Timestamp, String)| {
            Ok(Revoked { serial, at, reason: reason_of(&reason)? })
        };
        Ok(KeptList {
            number: u64::try_from(number).unwrap_or_default(),
            issued_at: issued_at?,
            entries: entries.into_iter().map(entry).collect::<Result<_, InventoryError>>()?,
            list: decoded(&list)?,
        })
    })())
}

/// What an event says of a list.
#[derive(Serialize)]
struct ListEvent {
    number: u64,
    revoked: usize,
}

fn keep_list(
    db: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (authority, made): (&str, KeptList),
) -> Result<KeptList, InventoryError> {
    if let Some(kept) = kept_list(db, authority)?
        && kept.number >= made.number
    {
        return Ok(kept);
    }
    let entries: Vec<_> =
        made.entries.iter().map(|it| (&it.serial, it.at, it.reason.as_str())).collect();
    db.prepare_cached(
        "INSERT INTO revocation_lists (authority, number, issued_at, entries, list)
         VALUES (:authority, :number, :issued_at, :entries, :list)
         ON CONFLICT (authority) DO UPDATE SET number = :number, issued_at = :issued_at, entries = :entries, list = :list",
    )?
    .execute(named_params! {
        ":authority": authority, ":number": i64::try_from(made.number).unwrap_or(i64::MAX),
        ":issued_at": columns::whole_seconds(made.issued_at), ":entries": columns::to_json(&entries)?,
        ":list": STANDARD.encode(&made.list),
    })?;
    let event = ListEvent { number: made.number, revoked: made.entries.len() };
    let subject = format!("{}{}", audit::OCCURRENCE, authority_subject(authority));
    audit::append(db, lineage, now, ("crl.issue", subject, &event))?;
    Ok(made)
}

fn decoded(text: &str) -> Result<Vec<u8>, InventoryError> {
    STANDARD.decode(text).map_err(|error| InventoryError::Corrupt(error.to_string()))
}
