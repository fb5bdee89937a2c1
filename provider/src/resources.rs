//! The table of managed resources: one line each, in the order of their names; and what they say alike.

mod agent;
pub(crate) mod api_key;
mod binding;
mod certificate;
pub(crate) mod certification;
mod deployment_token;
mod exception;
mod identity;
mod listing;
pub(crate) mod owner;
pub(crate) mod service_account;
mod template;
#[cfg(test)]
pub(crate) mod testing;
mod workload_identity;

use crate::inventory::InventoryError;
use crate::list;
use crate::problem::Problem;
use crate::resource::adapter::Entry;
use crate::wording;

pub(crate) use identity::lifecycle::standing;
use identity::listing::Kind;
use identity::pinned;
pub(crate) use identity::{turned, whole_seconds};

/// Every managed resource.
pub(crate) fn table() -> Vec<Entry> {
    vec![
        Entry::of::<agent::Agent>(),
        Entry::of::<api_key::ApiKey>(),
        Entry::of::<binding::Binding>(),
        Entry::of::<certificate::Certificate>(),
        Entry::of::<certification::Certification>(),
        Entry::of::<deployment_token::DeploymentToken>(),
        Entry::of::<exception::Exception>(),
        Entry::of::<owner::Owner>(),
        Entry::of::<service_account::ServiceAccount>(),
        Entry::of::<template::Template>(),
        Entry::of::<workload_identity::WorkloadIdentity>(),
    ]
}

/// Every list resource, in the order of the names of their resources.
pub(crate) fn lists() -> Vec<list::adapter::Entry> {
    use list::adapter::Entry;
    vec![
        Entry::of::<Kind<agent::AgentModel>>(),
        Entry::of::<Kind<api_key::ApiKeyModel>>(),
        Entry::of::<listing::Bindings>(),
        Entry::of::<Kind<certificate::CertificateModel>>(),
        Entry::of::<listing::Certifications>(),
        Entry::of::<Kind<deployment_token::DeploymentTokenModel>>(),
        Entry::of::<listing::Exceptions>(),
        Entry::of::<listing::Owners>(),
        Entry::of::<Kind<service_account::ServiceAccountModel>>(),
        Entry::of::<listing::Templates>(),
        Entry::of::<Kind<workload_identity::WorkloadIdentityModel>>(),
    ]
}

/// What the inventory refused or could not do.
pub(crate) fn refused(summary: &str, error: &InventoryError) -> Problem {
    wording::problem(summary, &error.to_string(), &error.help())
}

/// Tells that a create found what a crash had left behind.
fn taken_over(what: &str, name: &str, id: &str) -> Problem {
    Problem::warning(
        "Taken over",
        format!(
            "The {what} `{name}` ({id}) was there already: an earlier run of this configuration made it and ended before \
             Terraform's state was written. It was taken over as it is; nothing was made twice."
        ),
    )
}

/// Noting that the state holds a record is a courtesy of refresh: where the inventory can be read and not written, a plan goes
/// on, and says what does not work without it.
fn claimed(outcome: Result<(), InventoryError>) -> Vec<Problem> {
    let Err(error) = outcome else { return Vec::new() };
    vec![Problem::warning(
        "Inventory not writable",
        format!(
            "{} Nothing in it can be changed from here.",
            wording::sentence(&error.to_string())
        ),
    )]
}

/// Whether two names are one person: pipelines say `ada` where records say `ada@example.com`.
fn same_person(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.trim().to_lowercase();
    let local = |name: &str| name.split('@').next().unwrap_or_default().to_owned();
    let (one, other) = (plain(one), plain(other));
    let both_addresses = one.contains('@') && other.contains('@');
    one == other || (!both_addresses && local(&one) == local(&other))
}
