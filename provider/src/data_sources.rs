//! The table of data sources: one line each, in the order of their names.

mod identity;
mod policy;
mod template;
mod trust_bundle;

use crate::data_source::adapter::Entry;

/// Every data source.
pub(crate) fn table() -> Vec<Entry> {
    vec![
        Entry::of::<identity::Identity>(),
        Entry::of::<policy::Policy>(),
        Entry::of::<template::Template>(),
        Entry::of::<trust_bundle::TrustBundle>(),
    ]
}
