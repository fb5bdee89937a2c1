//! The table of functions: one line each, in the order of their names.

pub(crate) mod expires_after;
pub(crate) mod spiffe_id;

use crate::function::adapter::Entry;

/// Every function.
pub(crate) fn table() -> Vec<Entry> {
    vec![Entry::of::<expires_after::ExpiresAfter>(), Entry::of::<spiffe_id::SpiffeId>()]
}
