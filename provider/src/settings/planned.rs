//! What this run plans and has not made yet.
//!
//! A configuration may register an owner, publish a template and create the identity that refers to both, all in one apply.
//! Terraform plans them in the order of their references and in one process, so the identity's plan can be held to what its
//! owner and its template will be. At apply all of it is in the inventory, and is looked up there.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Owners and templates that are planned.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// By name.
    owners: BTreeMap<String, PlannedOwner>,
    /// Source text by reference.
    templates: BTreeMap<String, String>,
    /// Grows with each change of the templates.
    edition: u64,
}

/// An owner as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedOwner {
    /// Its id, if it exists already.
    pub(crate) id: Option<String>,
    /// Its name.
    pub(crate) name: String,
    /// Whether it will be active; none if that is not known yet.
    pub(crate) active: Option<bool>,
}

impl Planned {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an owner that will be.
    pub(crate) fn note_owner(&self, owner: PlannedOwner) {
        self.inner().owners.insert(owner.name.clone(), owner);
    }

    /// The owner with that name or id.
    pub(crate) fn owner(&self, key: &str) -> Option<PlannedOwner> {
        let inner = self.inner();
        let by_id = || inner.owners.values().find(|owner| owner.id.as_deref() == Some(key));
        inner.owners.get(key).or_else(by_id).cloned()
    }

    /// Notes a template that will be.
    pub(crate) fn note_template(&self, reference: String, source: String) {
        let mut inner = self.inner();
        if inner.templates.get(&reference) != Some(&source) {
            inner.templates.insert(reference, source);
            inner.edition += 1;
        }
    }

    /// Notes that the published templates changed.
    pub(crate) fn templates_changed(&self) {
        self.inner().edition += 1;
    }

    /// The templates that will be, with the edition of the collection: what was read under the same edition is current.
    pub(crate) fn templates(&self) -> (u64, Vec<(String, String)>) {
        let inner = self.inner();
        let templates = inner.templates.iter();
        (inner.edition, templates.map(|(name, text)| (name.clone(), text.clone())).collect())
    }

    /// The edition alone.
    pub(crate) fn edition(&self) -> u64 {
        self.inner().edition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_found_by_name_and_id() {
        let planned = Planned::default();
        let owner =
            PlannedOwner { id: Some("own-1".into()), name: "payments".into(), active: Some(true) };
        planned.note_owner(owner.clone());
        assert_eq!(planned.owner("payments"), Some(owner.clone()));
        assert_eq!(planned.owner("own-1"), Some(owner));
        assert_eq!(planned.owner("ledger"), None);
    }

    #[test]
    fn the_edition_grows_with_each_change_and_only_then() {
        let planned = Planned::default();
        planned.note_template("a@1.0.0".into(), "x".into());
        planned.note_template("a@1.0.0".into(), "x".into());
        assert_eq!(planned.edition(), 1);
        planned.note_template("a@1.0.0".into(), "y".into());
        assert_eq!(planned.templates(), (2, vec![("a@1.0.0".into(), "y".into())]));
    }
}
