//! Whose a row is. A create that was committed but never reached Terraform's state (a crash in between) must be found again
//! by its natural key; a name that another configuration uses must not be.
//!
//! Each row keeps its **origin** (the configuration that made it), its **run** (the process) and whether it is **claimed**:
//! whether Terraform has been seen to hold it in a state, which it shows by reading it. A row is a leftover, and is taken over,
//! only if it has never been claimed, comes from the same origin, was not made by this very run, and says exactly what the
//! configuration says now. Everything else is a name in use.

use rusqlite::{Connection, Row, params};

use super::error::InventoryError;
use super::record::Lineage;

/// Whose a row is.
pub(super) struct Claim {
    origin: String,
    run: String,
    claimed: bool,
}

impl Claim {
    /// Reads the three columns.
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { origin: row.get("origin")?, run: row.get("run")?, claimed: row.get("claimed")? })
    }

    /// Reads a record together with whose it is.
    pub(super) fn beside<T>(
        read: fn(&Row<'_>) -> Result<T, InventoryError>,
    ) -> impl Fn(&Row<'_>) -> Result<(T, Self), InventoryError> {
        move |row| Ok((read(row)?, Self::of(row)?))
    }

    /// Whether a crash of an earlier run of the same configuration left the row behind.
    pub(super) fn is_leftover(&self, lineage: &Lineage) -> bool {
        !self.claimed && self.origin == lineage.origin && self.run != lineage.run
    }

    /// Whether an earlier run of the same configuration made the row: then what is planned may be what comes in its place,
    /// and the apply, which removes it first, decides.
    pub(super) fn may_give_way(&self, lineage: &Lineage) -> bool {
        self.origin == lineage.origin && self.run != lineage.run
    }

    /// The refusal, for a name that is in use.
    pub(super) fn in_use(
        self,
        lineage: &Lineage,
        what: &str,
        name: &str,
        id: &str,
    ) -> InventoryError {
        InventoryError::NameInUse {
            what: what.to_owned(),
            name: name.to_owned(),
            id: id.to_owned(),
            this_run: !self.claimed && self.run == lineage.run,
            origin: self.origin,
        }
    }
}

/// Notes that this run holds the row now.
pub(super) fn take_over(
    connection: &Connection,
    table: Table,
    key: &str,
    lineage: &Lineage,
) -> Result<(), InventoryError> {
    let (table, column) = table.keyed();
    let sql = format!("UPDATE {table} SET run = ?2 WHERE {column} = ?1");
    connection.prepare_cached(&sql)?.execute(params![key, lineage.run])?;
    Ok(())
}

/// Notes that Terraform's state holds the row. No event: nothing that is governed changes.
pub(super) fn claim(
    connection: &Connection,
    table: Table,
    key: &str,
) -> Result<(), InventoryError> {
    let (table, column) = table.keyed();
    let sql = format!("UPDATE {table} SET claimed = 1 WHERE {column} = ?1 AND claimed = 0");
    connection.prepare_cached(&sql)?.execute([key])?;
    Ok(())
}

/// The tables whose rows belong to a configuration.
#[derive(Clone, Copy, Debug)]
pub(super) enum Table {
    /// Owners, by id.
    Owner,
    /// Identities, by id.
    Identity,
    /// Published templates, by `name@version`.
    Template,
    /// Bindings, by id.
    Binding,
    /// Exceptions, by id.
    Exception,
    /// Certifications, by id; all decisions of one belong together, and a later one is made by whoever holds the state.
    Certification,
}

impl Table {
    /// Its name, and what tells its rows apart.
    fn keyed(self) -> (&'static str, &'static str) {
        match self {
            Self::Owner => ("owners", "id"),
            Self::Identity => ("identities", "id"),
            Self::Template => ("templates", "name || '@' || version"),
            Self::Binding => ("bindings", "id"),
            Self::Exception => ("exceptions", "id"),
            Self::Certification => ("certifications", "id"),
        }
    }
}

/// Whether Terraform's state is known to hold the row.
pub(super) fn is_claimed(
    connection: &Connection,
    table: Table,
    key: &str,
) -> Result<bool, InventoryError> {
    let (table, column) = table.keyed();
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} = ?1 AND claimed = 1)");
    Ok(connection.prepare_cached(&sql)?.query_row([key], |row| row.get(0))?)
}
