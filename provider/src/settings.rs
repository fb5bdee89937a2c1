//! The provider's configuration, and what configuring makes of it.

use crate::model::model;
use crate::problem::Problem;
use crate::schema::optional;

/// What the provider is, in Markdown.
pub(crate) const DESCRIPTION: &str = "Governed non-human identities.";

model! {
    /// The `provider "nhi"` block.
    pub(crate) struct Settings {
        /// Where the inventory is kept: `sqlite:PATH` or `postgres://…`.
        inventory: String = optional(),
    }
}

/// The configured provider, which every call shares.
#[derive(Debug)]
pub(crate) struct Configured {}

/// What is wrong with the configuration on its own; with unknowns anywhere.
pub(crate) fn validate(_settings: &Settings) -> Vec<Problem> {
    Vec::new()
}

/// Makes the configured provider. In a plan the settings may hold unknowns; in reattach mode this is called repeatedly.
pub(crate) async fn configure(_settings: Settings) -> Result<Configured, Vec<Problem>> {
    Ok(Configured {})
}
