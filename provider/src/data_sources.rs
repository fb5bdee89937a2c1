//! The table of data sources: one line each, in the order of their names.

mod audit_trail;
mod certification_packet;
mod identity;
mod inventory;
mod known;
mod lineage;
mod owner;
mod policy;
mod template;
#[cfg(test)]
mod testing;
pub(crate) mod trust_bundle;

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
        Entry::of::<audit_trail::AuditTrail>(),
        Entry::of::<certification_packet::CertificationPacket>(),
        Entry::of::<identity::Identity>(),
        Entry::of::<inventory::Inventory>(),
        Entry::of::<lineage::Lineage>(),
        Entry::of::<owner::Owner>(),
        Entry::of::<policy::Policy>(),
        Entry::of::<template::Template>(),
        Entry::of::<trust_bundle::TrustBundle>(),
    ]
}
