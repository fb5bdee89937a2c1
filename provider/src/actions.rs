//! The table of actions: one line each, in the order of their names.

use crate::action::adapter::Entry;

/// Every action.
pub(crate) fn table() -> Vec<Entry> {
    Vec::new()
}
