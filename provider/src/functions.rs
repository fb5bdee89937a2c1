//! The table of functions: one line each, in the order of their names.

use crate::function::adapter::Entry;

/// Every function.
pub(crate) fn table() -> Vec<Entry> {
    Vec::new()
}
