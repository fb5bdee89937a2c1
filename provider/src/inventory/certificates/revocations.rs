//! What is revoked at a time, by rotation or because the holder has stopped, and the lists that said so.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use policy::governance::State;
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;

use super::authorities::{AuthorityRecord, authorities};
use super::{CertificateRecord, decoded, read, reason_of};
use crate::inventory::record::{Identity, Lineage};
use crate::inventory::{Inventory, InventoryError, audit, columns, identities, rows};
use crate::issuer::x509::crl::{HOLDS, Reason, Revoked};

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
    /// Every authority with what it has revoked at a time, oldest first.
    pub(crate) async fn revocations(
        &self,
        now: Timestamp,
    ) -> Result<Vec<Standing>, InventoryError> {
        self.read(move |db| standings(db, now)).await
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
        let certificate = read(row)?;
        let mut revocation = by_rotation(&certificate, now)?;
        if row.get::<_, bool>("may_have_stopped")? {
            let holder = identities::by_id(db, &certificate.identity_id)?;
            let left_at = columns::time(row, "owner_updated_at")?;
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
    let sql = "SELECT max(not_after) AS not_after FROM certificates WHERE authority = ?1";
    let end = rows::first(db, sql, [authority], |row| columns::some_time(row, "not_after"))?;
    Ok(end.flatten())
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
    rows::first(db, "SELECT * FROM revocation_lists WHERE authority = ?1", [authority], read_list)
}

fn read_list(row: &Row<'_>) -> Result<KeptList, InventoryError> {
    let entries: Vec<(String, Timestamp, String)> = columns::json(row, "entries")?;
    let entry = |(serial, at, reason): (String, Timestamp, String)| {
        Ok(Revoked { serial, at, reason: reason_of(&reason)? })
    };
    Ok(KeptList {
        number: u64::try_from(row.get::<_, i64>("number")?).unwrap_or_default(),
        issued_at: columns::time(row, "issued_at")?,
        entries: entries.into_iter().map(entry).collect::<Result<_, InventoryError>>()?,
        list: decoded(&row.get::<_, String>("list")?)?,
    })
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
    let subject = format!("{}{}", audit::OCCURRENCE, audit::subject::<AuthorityRecord>(authority));
    audit::append(db, lineage, now, ("crl.issue", subject, &event))?;
    Ok(made)
}
