//! Owners in the database.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};

use super::claim::{Claim, Table, take_over};
use super::error::InventoryError;
use super::record::{Created, Lineage, Owner, OwnerFacts};
use super::{audit, columns, fresh_id};

/// The owner with that id or, among those not removed, that name. Ids come first: a name cannot look like one.
pub(super) fn find(connection: &Connection, key: &str) -> Result<Option<Owner>, InventoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM owners WHERE removed_at IS NULL AND (id = :key OR name = :key)
         ORDER BY id = :key DESC LIMIT 1",
    )?;
    statement.query_row(named_params! { ":key": key }, read).optional()?.transpose()
}

/// All owners, removed ones too, by id.
pub(super) fn all(connection: &Connection) -> Result<Vec<Owner>, InventoryError> {
    let mut statement = connection.prepare_cached("SELECT * FROM owners ORDER BY id")?;
    statement.query_map([], read)?.map(|row| row?).collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<Owner, InventoryError>> {
    let (id, contacts): (String, String) = (row.get("id")?, row.get("contacts")?);
    let (created_at, removed_at) =
        (columns::time(row, "created_at")?, columns::some_time(row, "removed_at")?);
    let facts = OwnerFacts {
        name: row.get("name")?,
        accountable: row.get("accountable")?,
        steward: row.get("steward")?,
        contacts: Vec::new(),
        active: row.get("active")?,
    };
    let version = row.get("version")?;
    Ok((|| {
        Ok(Owner {
            facts: OwnerFacts { contacts: columns::json(&contacts)?, ..facts },
            id,
            created_at: created_at?,
            removed_at: removed_at?,
            version,
        })
    })())
}

/// Registers an owner, or finds the one that a crash left behind.
pub(super) fn create(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    facts: OwnerFacts,
) -> Result<Created<Owner>, InventoryError> {
    let existing = connection
        .prepare_cached("SELECT * FROM owners WHERE name = ?1 AND removed_at IS NULL")?
        .query_row([&facts.name], |row| Ok((read(row)?, Claim::of(row)?)))
        .optional()?;
    if let Some((owner, claim)) = existing {
        let owner = owner?;
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
    let mut statement = connection.prepare_cached(
        "SELECT kind || ' ' || name FROM identities WHERE owner_id = ?1 AND decommissioned_at IS NULL ORDER BY 1",
    )?;
    let identities =
        statement.query_map([id], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
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

pub(super) fn subject(id: &str) -> String {
    format!("owner:{id}")
}

fn log(
    connection: &Connection,
    lineage: &Lineage,
    now: Timestamp,
    action: &str,
    owner: &Owner,
) -> Result<(), InventoryError> {
    audit::append(connection, lineage, now, (action, subject(&owner.id), owner))
}
