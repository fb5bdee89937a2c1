//! Everything that is there, for lists.

use super::bindings::{self, Binding};
use super::error::InventoryError;
use super::exceptions::{self, Exception};
use super::record::{Owner, Published};
use super::{Inventory, owners, templates};

impl Inventory {
    /// The owners that were not removed, by name.
    pub(crate) async fn owners(&self) -> Result<Vec<Owner>, InventoryError> {
        let mut owners = self.read(owners::all).await?;
        owners.retain(|owner| owner.removed_at.is_none());
        owners.sort_by(|one, other| one.facts.name.cmp(&other.facts.name));
        Ok(owners)
    }

    /// The template versions that were not withdrawn, by name and version.
    pub(crate) async fn published(&self) -> Result<Vec<Published>, InventoryError> {
        let mut templates = self.read(templates::all).await?;
        templates.retain(|template| template.withdrawn_at.is_none());
        Ok(templates)
    }

    /// The bindings in force, by platform and principal.
    pub(crate) async fn bindings(&self) -> Result<Vec<Binding>, InventoryError> {
        let mut bindings = self.read(bindings::all).await?;
        bindings.retain(|binding| binding.removed_at.is_none());
        bindings.sort_by(|one, other| {
            let key = |it: &Binding| (it.facts.platform.clone(), it.facts.principal.clone());
            key(one).cmp(&key(other))
        });
        Ok(bindings)
    }

    /// The exceptions that are configured, expired ones too, by subject and rule.
    pub(crate) async fn exceptions(&self) -> Result<Vec<Exception>, InventoryError> {
        let mut exceptions = self.read(exceptions::all).await?;
        exceptions.retain(|exception| exception.removed_at.is_none());
        exceptions.sort_by(|one, other| {
            let key = |it: &Exception| (it.facts.subject.clone(), it.facts.rule.clone());
            key(one).cmp(&key(other))
        });
        Ok(exceptions)
    }
}
