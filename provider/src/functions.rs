//! The table of functions: one line each, in the order of their names.

pub(crate) mod expires_after;
mod governance_tags;
mod parse_spiffe_id;
mod policy_contains;
mod render_policy;
pub(crate) mod spiffe_id;
mod texts;

use crate::function::adapter::Entry;

/// Every function.
pub(crate) fn table() -> Vec<Entry> {
    vec![
        Entry::of::<expires_after::ExpiresAfter>(),
        Entry::of::<governance_tags::GovernanceTags>(),
        Entry::of::<parse_spiffe_id::ParseSpiffeId>(),
        Entry::of::<policy_contains::PolicyContains>(),
        Entry::of::<render_policy::RenderPolicy>(),
        Entry::of::<spiffe_id::SpiffeId>(),
    ]
}
