//! The table of data sources: one line each, in the order of their names.

mod identity;
mod inventory;
mod known;
mod policy;
mod template;
#[cfg(test)]
mod testing;
mod trust_bundle;

use crate::data_source::adapter::Entry;

/// The kinds of identities by name, as arguments take them.
const KINDS: &[&str] = &[
    "service_account",
    "workload_identity",
    "api_key",
    "deployment_token",
    "certificate",
    "agent",
];

/// Every data source.
pub(crate) fn table() -> Vec<Entry> {
    vec![
        Entry::of::<identity::Identity>(),
        Entry::of::<inventory::Inventory>(),
        Entry::of::<policy::Policy>(),
        Entry::of::<template::Template>(),
        Entry::of::<trust_bundle::TrustBundle>(),
    ]
}
