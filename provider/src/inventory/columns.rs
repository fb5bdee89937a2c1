//! Columns that hold more than text: times as RFC 3339, lists and maps as JSON.

use jiff::Timestamp;
use rusqlite::Row;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::InventoryError;

/// A column that must hold a time.
pub(super) fn time(row: &Row<'_>, column: &str) -> Result<Timestamp, InventoryError> {
    parse(&row.get::<_, String>(column)?)
}

/// A column that may hold a time.
pub(super) fn some_time(row: &Row<'_>, column: &str) -> Result<Option<Timestamp>, InventoryError> {
    row.get::<_, Option<String>>(column)?.map(|text| parse(&text)).transpose()
}

/// A time as the columns hold it. Texts of whole seconds compare as the times do.
pub(super) fn whole_seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

fn parse(text: &str) -> Result<Timestamp, InventoryError> {
    text.parse().map_err(|_| InventoryError::Corrupt(format!("`{text}` is not a time")))
}

/// A JSON column.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, InventoryError> {
    from_json(&row.get::<_, String>(column)?)
}

/// A column that may hold JSON.
pub(super) fn some_json<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> Result<Option<T>, InventoryError> {
    row.get::<_, Option<String>>(column)?.map(|text| from_json(&text)).transpose()
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, InventoryError> {
    serde_json::from_str(text).map_err(|error| InventoryError::Corrupt(error.to_string()))
}

/// A value for a JSON column.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, InventoryError> {
    serde_json::to_string(value).map_err(|error| InventoryError::Storage(error.to_string()))
}
