//! The governed resources themselves, and what they are tied to.

use std::collections::{BTreeMap, BTreeSet};

use policy::governance::Kind;
use policy::text::{Part, Text};

use crate::model::{Action, Mode, Model};
use crate::value::Value;

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
            governance: governed.governance.clone().since(
                resource,
                builder.links.catalogue,
                builder.keys,
            ),
        });
    }
    for identity in identities {
        builder.add(identity);
    }
}

/// Attributes that a platform knows a principal by.
const PRINCIPALS: &[&str] =
    &["arn", "email", "member", "object_id", "principal_id", "client_id", "unique_id", "id"];

/// The governed resources that a review of the plan certifies: one that lets them go on.
pub(super) fn certified(links: &Links<'_>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for index in links.of_kind("nhi_certification") {
        let Some(resource) = links.resource(index) else { continue };
        let is_new = match resource.action {
            Action::Create | Action::Update | Action::Replace => true,
            Action::Delete | Action::Forget | Action::Read | Action::NoOp | Action::Exists => false,
        };
        let outcome = resource.after.get("outcome");
        if is_new && !matches!(outcome.as_str(), None | Some("disable" | "decommission")) {
            let identities = links.derivations(index, "identity").into_iter();
            found.extend(identities.filter(|(.., certain)| *certain).map(|(index, ..)| index));
        }
    }
    found
}

/// What a binding says of a resource.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    /// It is the principal of this governed resource.
    To(usize),
    /// It may be one; where it says so.
    Maybe(String),
}

/// The resources that an `nhi_binding` names as principals: by reference, or by the text that the platform knows them by.
pub(super) fn bindings(
    links: &Links<'_>,
    governed: &BTreeMap<usize, Governed>,
) -> BTreeMap<usize, Bound> {
    let mut found: BTreeMap<usize, Bound> = BTreeMap::new();
    let mut named: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for binding in links.of_kind("nhi_binding") {
        let identity = links.derivations(binding, "identity").into_iter().find(
            |(index, attribute, certain)| {
                *certain
                    && governed.contains_key(index)
                    && links.is_borne_out(binding, "identity", *index, attribute)
            },
        );
        let identity = identity.map(|(index, ..)| index);
        let Some(identity) = identity.or_else(|| by_id(links, binding, governed)) else { continue };
        let principals: Vec<_> = links
            .derivations(binding, "principal")
            .into_iter()
            .filter(|(index, attribute, _)| {
                links.is_borne_out(binding, "principal", *index, attribute)
            })
            .collect();
        // Of several resources, a plan without sources does not tell which one the value is of.
        let several = principals
            .iter()
            .any(|(index, ..)| principals.first().is_some_and(|(first, ..)| first != index))
            && !links.is_written(binding);
        for (principal, _, certain) in principals {
            if certain && !several {
                found.insert(principal, Bound::To(identity));
            } else {
                let place = format!("{}.principal", links.address(binding));
                found.entry(principal).or_insert(Bound::Maybe(place));
            }
        }
        if let Some(text) = links.value(binding, "principal").as_str() {
            named.insert(text, (binding, identity));
        }
    }
    if !named.is_empty() {
        by_name(links, &named, &mut found);
    }
    found
}

/// Finds the resources that go by the names of bindings. An ARN whose account is not known may be of another account.
fn by_name(
    links: &Links<'_>,
    named: &BTreeMap<&str, (usize, usize)>,
    found: &mut BTreeMap<usize, Bound>,
) {
    for index in links.all() {
        for value in PRINCIPALS.iter().map(|name| links.value(index, name)) {
            let Value::String(text) = value else { continue };
            if let Some(known) = text.as_str() {
                if let Some((_, identity)) = named.get(known) {
                    found.insert(index, Bound::To(*identity));
                }
                continue;
            }
            let [Part::Literal(_), .., Part::Literal(_)] = text.parts() else { continue };
            let Some((_, (binding, _))) = named.iter().find(|(name, _)| can_be(text, name)) else {
                continue;
            };
            let place = format!("{}.principal", links.address(*binding));
            found.entry(index).or_insert(Bound::Maybe(place));
        }
    }
}

/// Whether a text with holes can become a name, each hole one step of it.
fn can_be(text: &Text, name: &str) -> bool {
    let mut rest = name;
    let mut open = false;
    for part in text.parts() {
        match part {
            Part::Hole(_) => open = true,
            Part::Literal(literal) => {
                let at = rest.find(literal.as_ref() as &str).filter(|at| open || *at == 0);
                let Some(after) = at.and_then(|at| rest.get(at + literal.len()..)) else {
                    return false;
                };
                rest = after;
                open = false;
            }
        }
    }
    open || rest.is_empty()
}

/// The governed resource whose id a binding states.
fn by_id(links: &Links<'_>, binding: usize, governed: &BTreeMap<usize, Governed>) -> Option<usize> {
    let id = links.value(binding, "identity").as_str()?;
    governed.keys().copied().find(|index| links.value(*index, "id").as_str() == Some(id))
}
