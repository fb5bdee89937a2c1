//! The table of ephemeral resources: one line each, in the order of their names.

mod api_key_secret;

use crate::ephemeral::adapter::Entry;

/// Every ephemeral resource.
pub(crate) fn table() -> Vec<Entry> {
    vec![Entry::of::<api_key_secret::ApiKeySecret>()]
}
