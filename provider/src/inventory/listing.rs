//! Everything that is there, for lists.

use std::collections::BTreeMap;

use super::bindings::{self, Binding};
use super::certifications::{self, Certification};
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

    /// The last decision of each configured certification with the name of the owner that it moves to, by identity and time.
    pub(crate) async fn certifications(
        &self,
    ) -> Result<Vec<(Certification, Option<String>)>, InventoryError> {
        self.read(|db| {
            let mut last = BTreeMap::new();
            for certification in certifications::all(db)? {
                let seen = last.get(&certification.id);
                if seen.is_none_or(|it: &Certification| it.version < certification.version) {
                    last.insert(certification.id.clone(), certification);
                }
            }
            let mut found = Vec::new();
            for certification in last.into_values().filter(|it| it.removed_at.is_none()) {
                let owner = match &certification.decision.owner_id {
                    Some(id) => {
                        Some(owners::find(db, id)?.map_or_else(|| id.clone(), |it| it.facts.name))
                    }
                    None => None,
                };
                found.push((certification, owner));
            }
            found.sort_by(|(one, _), (other, _)| {
                let key = |it: &Certification| (it.decision.identity_id.clone(), it.decided_at);
                key(one).cmp(&key(other))
            });
            Ok(found)
        })
        .await
    }
}
