//! The governed resources themselves, and what they are tied to.

use std::collections::BTreeMap;

use policy::governance::Kind;

use crate::model::{Mode, Model};

use super::governance::{Governance, Source};
use super::links::Links;
use super::{Builder, Identity, Origin, Platform};

/// A governed resource that other resources can derive from.
#[derive(Debug)]
pub(super) struct Governed {
    /// Its place in the model.
    pub(super) resource: usize,
    /// What it states.
    pub(super) governance: Governance,
    /// Its kind, which the derived principal shares. A data source does not tell.
    pub(super) kind: Option<Kind>,
}

impl Governed {
    /// The record, as another resource has it.
    pub(super) fn shared(&self) -> Governance {
        let mut governance = self.governance.clone();
        governance.source = Source::Governed(self.resource);
        governance
    }
}

/// The kind that a resource type makes.
fn kind_of(name: &str) -> Option<Kind> {
    Kind::from_name(name.strip_prefix("nhi_")?)
}

/// Every governed resource and data source by its place in the model.
pub(super) fn governed(model: &Model) -> BTreeMap<usize, Governed> {
    let mut found = BTreeMap::new();
    for (index, resource) in model.resources.iter().enumerate() {
        let kind = kind_of(&resource.kind);
        let is_data = resource.mode == Mode::Data && resource.kind == "nhi_identity";
        if (kind.is_none() && !is_data) || !resource.action.leaves_it() {
            continue;
        }
        let governance = Governance::of_governed(index, resource);
        found.insert(index, Governed { resource: index, governance, kind });
    }
    found
}

/// Adds the governed resources as identities: their permissions are their template's.
pub(super) fn extract(builder: &mut Builder<'_>) {
    let mut identities = Vec::new();
    for governed in builder.governed.values() {
        let Some(resource) = builder.links.resource(governed.resource) else { continue };
        let (Some(kind), Mode::Managed) = (governed.kind, resource.mode) else { continue };
        identities.push(Identity {
            resource: governed.resource,
            origin: Origin::Here,
            platform: Platform::Nhi,
            kind,
            name: resource.after.get("name").as_str().map(str::to_owned),
            grants: Vec::new(),
            trusts: Vec::new(),
            boundary: None,
            ceiling: None,
            governance: governed.governance.clone(),
        });
    }
    for identity in identities {
        builder.add(identity);
    }
}

/// The resources that an `nhi_binding` names as principals, each with its governed resource.
pub(super) fn bindings(
    links: &Links<'_>,
    governed: &BTreeMap<usize, Governed>,
) -> BTreeMap<usize, usize> {
    let mut found = BTreeMap::new();
    for binding in links.of_kind("nhi_binding") {
        let identity = links.references(binding, "identity");
        let Some((identity, _)) =
            identity.into_iter().find(|(index, _)| governed.contains_key(index))
        else {
            continue;
        };
        for (principal, _) in links.references(binding, "principal") {
            found.insert(principal, identity);
        }
    }
    found
}
