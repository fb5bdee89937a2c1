//! Bindings of identities to principals on platforms, in the database. A principal belongs to one identity: (platform,
//! principal) is the natural key of the bindings that are in force.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;

use super::audit::{Recorded, log};
use super::claim::{Claim, Table, take_over};
use super::error::InventoryError;
use super::record::{Created, Identity, Lineage};
use super::{Inventory, columns, fresh_id, identities, rows};

/// What a configuration says about a binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct BindingFacts {
    /// The identity's id.
    pub(crate) identity_id: String,
    /// Where the principal is: `aws`, `kubernetes`.
    pub(crate) platform: String,
    /// What the platform calls it.
    pub(crate) principal: String,
    /// Who uses it there.
    pub(crate) consumers: BTreeSet<String>,
    /// What takes the principal away at the end.
    pub(crate) retired_by: Option<String>,
}

/// A binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Binding {
    /// Never reused.
    pub(crate) id: String,
    /// As configured.
    #[serde(flatten)]
    pub(crate) facts: BindingFacts,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// When it was removed.
    pub(crate) removed_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub(crate) version: i64,
}

/// What planning a binding has to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct BindingProspect {
    /// The identity, if it exists.
    pub(crate) identity: Option<Identity>,
    /// Why the principal cannot be bound.
    pub(crate) bound: Option<InventoryError>,
    /// The binding that a crash of an earlier run of this configuration left behind.
    pub(crate) leftover: Option<Binding>,
}

impl Inventory {
    /// The binding with that id, or of that principal, written `platform:principal`.
    pub(crate) async fn binding(&self, key: &str) -> Result<Option<Binding>, InventoryError> {
        let key = key.to_owned();
        self.read(move |db| find(db, &key)).await
    }

    /// The bindings in force of an identity, by platform and principal.
    pub(crate) async fn bindings_of(&self, identity: &str) -> Result<Vec<Binding>, InventoryError> {
        let identity = identity.to_owned();
        self.read(move |db| of_identity(db, &identity)).await
    }

    /// What planning a binding has to know: its identity's id, its platform and principal, as far as they are known, and its
    /// own id if it exists.
    pub(crate) async fn binding_prospect(
        &self,
        own: Option<&str>,
        identity: Option<&str>,
        principal: Option<(&str, &str)>,
    ) -> Result<BindingProspect, InventoryError> {
        let (own, identity) = (own.map(str::to_owned), identity.map(str::to_owned));
        let principal = principal.map(|(one, other)| (one.to_owned(), other.to_owned()));
        let lineage = std::sync::Arc::clone(&self.lineage);
        self.read(move |db| {
            let mut found = BindingProspect::default();
            if let Some(identity) = &identity {
                found.identity = identities::by_id(db, identity)?;
            }
            let existing = match &principal {
                Some((platform, principal)) => by_principal(db, platform, principal)?,
                None => None,
            };
            match existing {
                Some((other, _)) if own.as_ref() == Some(&other.id) => {}
                Some((other, claim)) if own.is_none() && claim.is_leftover(&lineage) => {
                    found.leftover = Some(other);
                }
                Some((other, claim))
                    if own.is_none()
                        && identity.as_ref() == Some(&other.facts.identity_id)
                        && claim.may_give_way(&lineage) => {}
                Some((other, _)) => found.bound = Some(bound(db, &other)?),
                None => {}
            }
            Ok(found)
        })
        .await
    }

    /// Binds a principal to a living identity.
    pub(crate) async fn bind(
        &self,
        now: Timestamp,
        facts: BindingFacts,
    ) -> Result<Created<Binding>, InventoryError> {
        self.write(move |db, lineage| create(db, lineage, now, facts)).await
    }

    /// Changes a binding whose record is still `version`.
    pub(crate) async fn rebind(
        &self,
        now: Timestamp,
        (id, version): (&str, i64),
        facts: BindingFacts,
    ) -> Result<Binding, InventoryError> {
        let id = id.to_owned();
        self.write(move |db, lineage| update(db, lineage, now, (&id, version, facts))).await
    }

    /// Removes a binding. Removing what is gone is no error.
    pub(crate) async fn unbind(&self, now: Timestamp, id: &str) -> Result<(), InventoryError> {
        let id = id.to_owned();
        self.write(move |db, lineage| remove(db, lineage, now, &id)).await
    }

    /// Notes that Terraform's state holds the binding.
    pub(crate) async fn claim_binding(&self, id: &str) -> Result<(), InventoryError> {
        self.claim(Table::Binding, id).await
    }
}

/// Ids come first: no platform is called like one.
fn find(connection: &Connection, key: &str) -> Result<Option<Binding>, InventoryError> {
    let sql = "SELECT * FROM bindings WHERE removed_at IS NULL AND id = ?1
               UNION ALL
               SELECT * FROM bindings WHERE removed_at IS NULL AND platform = ?2 AND principal = ?3 LIMIT 1";
    let (platform, principal) = key.split_once(':').unwrap_or_default();
    rows::first(connection, sql, [key, platform, principal], read)
}

fn by_principal(
    connection: &Connection,
    platform: &str,
    principal: &str,
) -> Result<Option<(Binding, Claim)>, InventoryError> {
    let sql =
        "SELECT * FROM bindings WHERE platform = ?1 AND principal = ?2 AND removed_at IS NULL";
    rows::first(connection, sql, [platform, principal], Claim::beside(read))
}

/// The bindings in force of an identity, by platform and principal.
pub(super) fn of_identity(
    connection: &Connection,
    identity: &str,
) -> Result<Vec<Binding>, InventoryError> {
    let sql = "SELECT * FROM bindings WHERE identity_id = ?1 AND removed_at IS NULL ORDER BY platform, principal";
    rows::all(connection, sql, [identity], read)
}

/// All bindings, removed ones too, by id.
pub(super) fn all(connection: &Connection) -> Result<Vec<Binding>, InventoryError> {
    rows::all(connection, "SELECT * FROM bindings ORDER BY id", [], read)
}

fn read(row: &Row<'_>) -> Result<Binding, InventoryError> {
    Ok(Binding {
        id: row.get("id")?,
        facts: BindingFacts {
            identity_id: row.get("identity_id")?,
            platform: row.get("platform")?,
            principal: row.get("principal")?,
            consumers: columns::json(row, "consumers")?,
            retired_by: row.get("retired_by")?,
        },
        created_at: columns::time(row, "created_at")?,
        removed_at: columns::some_time(row, "removed_at")?,
        version: row.get("version")?,
    })
}

impl Recorded for Binding {
    const WHAT: &'static str = "binding";

    fn key(&self) -> String {
        self.id.clone()
    }
}

/// The refusal of a principal that another binding has.
fn bound(connection: &Connection, other: &Binding) -> Result<InventoryError, InventoryError> {
    let facts = &other.facts;
    let identity = match identities::by_id(connection, &facts.identity_id)? {
        Some(it) => format!("{} `{}` ({})", it.facts.kind, it.facts.name, it.id),
        None => format!("identity {}", facts.identity_id),
    };
    Ok(InventoryError::PrincipalBound {
        platform: facts.platform.clone(),
        principal: facts.principal.clone(),
        identity,
        binding: other.id.clone(),
    })
}

fn create(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    facts: BindingFacts,
) -> Result<Created<Binding>, InventoryError> {
    identities::living(connection, &facts.identity_id)?;
    if let Some((existing, claim)) = by_principal(connection, &facts.platform, &facts.principal)? {
        if !claim.is_leftover(lineage) || existing.facts != facts {
            return Err(bound(connection, &existing)?);
        }
        take_over(connection, Table::Binding, &existing.id, lineage)?;
        log(connection, lineage, now, "binding.take_over", &existing)?;
        return Ok(Created::TakenOver(existing));
    }
    let binding =
        Binding { id: fresh_id("bnd")?, facts, created_at: now, removed_at: None, version: 1 };
    connection
        .prepare_cached(
            "INSERT INTO bindings (id, identity_id, platform, principal, consumers, retired_by, created_at, updated_at,
                                  version, origin, run)
             VALUES (:id, :identity_id, :platform, :principal, :consumers, :retired_by, :now, :now, 1, :origin, :run)",
        )?
        .execute(named_params! {
            ":id": binding.id, ":identity_id": binding.facts.identity_id, ":platform": binding.facts.platform,
            ":principal": binding.facts.principal, ":consumers": columns::to_json(&binding.facts.consumers)?,
            ":retired_by": binding.facts.retired_by, ":now": now.to_string(), ":origin": lineage.origin,
            ":run": lineage.run,
        })?;
    log(connection, lineage, now, "binding.create", &binding)?;
    Ok(Created::New(binding))
}

/// Another identity, platform or principal is the same binding rebound: the audit trail has what it was.
fn update(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (id, version, facts): (&str, i64, BindingFacts),
) -> Result<Binding, InventoryError> {
    let missing = || InventoryError::NotFound { what: "binding", key: id.to_owned() };
    let before = find(connection, id)?.ok_or_else(missing)?;
    if before.version != version {
        let name = before.facts.principal;
        return Err(InventoryError::Changed { what: "binding", name });
    }
    if before.facts.identity_id != facts.identity_id {
        identities::living(connection, &facts.identity_id)?;
    }
    if let Some((other, _)) = by_principal(connection, &facts.platform, &facts.principal)?
        && other.id != before.id
    {
        return Err(bound(connection, &other)?);
    }
    let same = before.facts.identity_id == facts.identity_id
        && before.facts.platform == facts.platform
        && before.facts.principal == facts.principal;
    let action = if same { "binding.update" } else { "binding.rebind" };
    let binding = Binding { facts, version: version + 1, ..before };
    connection
        .prepare_cached(
            "UPDATE bindings SET identity_id = :identity_id, platform = :platform, principal = :principal,
                                consumers = :consumers, retired_by = :retired_by, updated_at = :now,
                                version = :version, claimed = 1
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": id, ":identity_id": binding.facts.identity_id, ":platform": binding.facts.platform,
            ":principal": binding.facts.principal, ":consumers": columns::to_json(&binding.facts.consumers)?,
            ":retired_by": binding.facts.retired_by, ":now": now.to_string(), ":version": binding.version,
        })?;
    log(connection, lineage, now, action, &binding)?;
    Ok(binding)
}

fn remove(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    id: &str,
) -> Result<(), InventoryError> {
    let Some(mut binding) = find(connection, id)? else { return Ok(()) };
    binding.removed_at = Some(now);
    binding.version += 1;
    connection
        .prepare_cached("UPDATE bindings SET removed_at = ?2, version = version + 1 WHERE id = ?1")?
        .execute([id, &now.to_string()])?;
    log(connection, lineage, now, "binding.remove", &binding)
}
