//! Owners in the database.

use jiff::Timestamp;
use rusqlite::{Connection, Row, named_params};

use super::audit::{Recorded, log};
use super::claim::{Claim, Table, take_over};
use super::error::InventoryError;
use super::record::{Created, Lineage, Owner, OwnerFacts};
use super::{columns, fresh_id, rows};

/// The owner with that id or, among those not removed, that name. Ids come first: a name cannot look like one.
pub(super) fn find(connection: &Connection, key: &str) -> Result<Option<Owner>, InventoryError> {
    let sql = "SELECT * FROM owners WHERE removed_at IS NULL AND (id = :key OR name = :key)
               ORDER BY id = :key DESC LIMIT 1";
    rows::first(connection, sql, named_params! { ":key": key }, read)
}

/// All owners, removed ones too, by id.
pub(super) fn all(connection: &Connection) -> Result<Vec<Owner>, InventoryError> {
    rows::all(connection, "SELECT * FROM owners ORDER BY id", [], read)
}

fn read(row: &Row<'_>) -> Result<Owner, InventoryError> {
    Ok(Owner {
        id: row.get("id")?,
        facts: OwnerFacts {
            name: row.get("name")?,
            accountable: row.get("accountable")?,
            steward: row.get("steward")?,
            contacts: columns::json(row, "contacts")?,
            active: row.get("active")?,
        },
        created_at: columns::time(row, "created_at")?,
        removed_at: columns::some_time(row, "removed_at")?,
        version: row.get("version")?,
    })
}

impl Recorded for Owner {
    const WHAT: &'static str = "owner";

    fn key(&self) -> String {
        self.id.clone()
    }
}

/// Registers an owner, or finds the one that a crash left behind.
pub(super) fn create(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    facts: OwnerFacts,
) -> Result<Created<Owner>, InventoryError> {
    let sql = "SELECT * FROM owners WHERE name = ?1 AND removed_at IS NULL";
    let existing = rows::first(connection, sql, [&facts.name], Claim::beside(read))?;
    if let Some((owner, claim)) = existing {
        if !claim.is_leftover(lineage) || owner.facts != facts {
            return Err(claim.in_use(lineage, "owner", &facts.name, &owner.id));
        }
        take_over(connection, Table::Owner, &owner.id, lineage)?;
        log(connection, lineage, now, "owner.take_over", &owner)?;
        return Ok(Created::TakenOver(owner));
    }
    let owner =
        Owner { id: fresh_id("own")?, facts, created_at: now, removed_at: None, version: 1 };
    connection
        .prepare_cached(
            "INSERT INTO owners (id, name, accountable, steward, contacts, active, created_at, updated_at,
                                version, origin, run)
             VALUES (:id, :name, :accountable, :steward, :contacts, :active, :now, :now, 1, :origin, :run)",
        )?
        .execute(named_params! {
            ":id": owner.id, ":name": owner.facts.name, ":accountable": owner.facts.accountable,
            ":steward": owner.facts.steward, ":contacts": columns::to_json(&owner.facts.contacts)?,
            ":active": owner.facts.active, ":now": now.to_string(), ":origin": lineage.origin,
            ":run": lineage.run,
        })?;
    log(connection, lineage, now, "owner.create", &owner)?;
    Ok(Created::New(owner))
}

/// Changes an owner whose record is still `version`.
pub(super) fn update(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    (id, version, facts): (&str, i64, OwnerFacts),
) -> Result<Owner, InventoryError> {
    let before = find(connection, id)?.ok_or_else(|| missing(id))?;
    let owner = Owner { facts, version: version + 1, ..before };
    let changed = connection
        .prepare_cached(
            "UPDATE owners SET name = :name, accountable = :accountable, steward = :steward, contacts = :contacts,
                              active = :active, updated_at = :now, version = version + 1, claimed = 1
             WHERE id = :id AND version = :version AND removed_at IS NULL",
        )?
        .execute(named_params! {
            ":id": id, ":version": version, ":name": owner.facts.name,
            ":accountable": owner.facts.accountable, ":steward": owner.facts.steward,
            ":contacts": columns::to_json(&owner.facts.contacts)?, ":active": owner.facts.active,
            ":now": now.to_string(),
        })
        .map_err(|error| taken(error, &owner.facts.name))?;
    if changed == 0 {
        return Err(InventoryError::Changed { what: "owner", name: owner.facts.name });
    }
    log(connection, lineage, now, "owner.update", &owner)?;
    Ok(owner)
}

/// Removes an owner that answers for nothing that lives.
pub(super) fn remove(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    id: &str,
) -> Result<(), InventoryError> {
    let Some(mut owner) = find(connection, id)? else { return Ok(()) };
    let sql = "SELECT kind || ' ' || name FROM identities WHERE owner_id = ?1 AND decommissioned_at IS NULL ORDER BY 1";
    let identities = rows::all(connection, sql, [id], |row| Ok(row.get(0)?))?;
    if !identities.is_empty() {
        return Err(InventoryError::OwnerInUse { owner: owner.facts.name, identities });
    }
    owner.removed_at = Some(now);
    owner.version += 1;
    connection
        .prepare_cached("UPDATE owners SET removed_at = ?2, version = version + 1 WHERE id = ?1")?
        .execute([id, &now.to_string()])?;
    log(connection, lineage, now, "owner.remove", &owner)
}

fn missing(id: &str) -> InventoryError {
    InventoryError::NotFound { what: "owner", key: id.to_owned() }
}

/// A new name that another owner has.
fn taken(error: rusqlite::Error, name: &str) -> InventoryError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => InventoryError::NameInUse {
            what: "owner".to_owned(),
            name: name.to_owned(),
            id: name.to_owned(),
            origin: "another configuration".to_owned(),
            this_run: false,
        },
        Some(_) | None => error.into(),
    }
}
