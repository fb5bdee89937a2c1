//! Rows as domain types: how every table is read.

use rusqlite::{Connection, Params, Row};

use super::error::InventoryError;

/// The first row of a query, where there is one.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, InventoryError>,
) -> Result<Option<T>, InventoryError> {
    let mut statement = connection.prepare_cached(sql)?;
    let first = statement.query_and_then(values, read)?.next();
    first.transpose()
}

/// Every row of a query, in its order.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    values: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T, InventoryError>,
) -> Result<Vec<T>, InventoryError> {
    connection.prepare_cached(sql)?.query_and_then(values, read)?.collect()
}
