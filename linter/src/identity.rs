//! The identity graph: which machine identities a model holds, what each may do, who may become it, what proves it,
//! and which governance record answers for it.
//!
//! One file a platform knows that platform's resource types; all of them fill the same [`Graph`]. Where a link is not
//! known before apply (`role = aws_iam_role.export.id`), the reference in the configuration joins the two resources.

mod aws;
mod awscc;
mod azure;
mod consumers;
mod generic;
mod github;
mod google;
mod governance;
mod imperative;
mod kubernetes;
mod links;
mod nhi;
mod provenance;
mod text;
mod vault;

use std::collections::{BTreeMap, BTreeSet};

use policy::governance::{Keys, Kind, Record};
use policy::kubernetes::Rule;
use policy::text::{Part, Text};
use policy::verdict::Why;
use policy::{azure as arm, gcp, github as hub};

use crate::model::Model;
use crate::value::Value;

pub(crate) use consumers::{Consumer, uses};
pub(crate) use governance::{Governance, Source, dig};
pub(crate) use imperative::{Imperative, command};
use links::Links;
pub(crate) use links::base;
#[cfg(test)]
pub(crate) use provenance::names;
pub(crate) use provenance::{Provenance, Reason, plain};
pub(crate) use text::{expand, holds_text};

/// Every identity and credential of a model.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// Identities in the model's order.
    pub(crate) identities: Vec<Identity>,
    /// Credentials in the model's order.
    pub(crate) credentials: Vec<Credential>,
    /// Who runs as them, in the model's order.
    pub(crate) consumers: Vec<Consumer>,
    /// Who ran as them, and goes away with the plan.
    pub(crate) former: Vec<Consumer>,
    /// Governed resources that the plan certifies anew.
    pub(crate) certified: BTreeSet<usize>,
    /// Policies of the model that nothing of the model uses.
    pub(crate) loose: Vec<Grant>,
}

/// Whose vocabulary grants and trusts speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Platform {
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Google,
    /// Microsoft Entra ID and Azure.
    Azure,
    /// Kubernetes.
    Kubernetes,
    /// Vault and `OpenBao`.
    Vault,
    /// GitHub.
    GitHub,
    /// The governed resources themselves.
    Nhi,
    /// A catalogued type of another platform.
    Other,
}

/// One machine identity.
#[derive(Debug)]
pub(crate) struct Identity {
    /// The resource that makes it; of an identity that is made elsewhere, the first resource that grants it something.
    pub(crate) resource: usize,
    /// Whether this model makes it.
    pub(crate) origin: Origin,
    /// Whose identity it is.
    pub(crate) platform: Platform,
    /// What sort it is.
    pub(crate) kind: Kind,
    /// Its name, if known.
    pub(crate) name: Option<String>,
    /// What it may do.
    pub(crate) grants: Vec<Grant>,
    /// Who may become it.
    pub(crate) trusts: Vec<Grant>,
    /// The ceiling that is set.
    pub(crate) boundary: Option<Grant>,
    /// What the boundary says, where the model writes it.
    pub(crate) ceiling: Option<Text>,
    /// Who answers for it, why, until when, inside which template.
    pub(crate) governance: Governance,
}

/// Where an identity is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// In this model.
    Here,
    /// Elsewhere; only its grants are here.
    Elsewhere,
}

/// Something that proves an identity.
#[derive(Debug)]
pub(crate) struct Credential {
    /// The resource that makes it.
    pub(crate) resource: usize,
    /// What sort it is.
    pub(crate) kind: Kind,
    /// The identities that it proves, as far as the model has them.
    pub(crate) holders: Vec<usize>,
    /// Its own record, or that of its holder.
    pub(crate) governance: Governance,
}

/// A piece of permission or trust, and where it is written.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The resource.
    pub(crate) resource: usize,
    /// The attribute: `inline_policy[0].policy`.
    pub(crate) path: String,
    /// What it says.
    pub(crate) content: Content,
}

/// What a grant says, in its platform's words.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// An AWS policy document: its JSON text, holes included.
    Document(Text),
    /// An AWS policy that is named by its ARN and not part of the model.
    Arn(Text),
    /// A role of Google Cloud, or what it consists of, on a resource.
    Google(gcp::Grant),
    /// A role of Azure, or what it consists of, at a scope.
    Azure(arm::Grant),
    /// A role of the directory itself (Entra), which no template speaks of.
    Directory {
        /// `Global Administrator`.
        role: Text,
        /// Where it holds.
        scope: Text,
    },
    /// Kubernetes rules.
    Rules {
        /// The rules.
        rules: Vec<Rule>,
        /// Where they hold; None: everywhere.
        namespace: Option<Text>,
    },
    /// A Kubernetes role of which only the name is known: it is not part of the model, or put together from others.
    KubernetesRole {
        /// `cluster-admin`
        role: Text,
        /// Where it holds; None: everywhere.
        namespace: Option<Text>,
    },
    /// A Vault policy.
    Vault {
        /// Its name.
        name: Text,
        /// Its text; None if it is not part of the model.
        text: Option<Text>,
    },
    /// What a GitHub token may do.
    GitHub(hub::Grant),
    /// Something that may be any permission: a text that cannot be read, or is not known before apply.
    Unread(Why),
    /// What a governed resource rendered from its template, untouched: inside that template by construction.
    Rendered {
        /// The governed resource.
        governed: usize,
        /// The unknown value.
        text: Text,
    },
}

impl Grant {
    /// The governed resource that rendered it, if one did.
    pub(crate) fn governed(&self) -> Option<usize> {
        match self.content {
            Content::Rendered { governed, .. } => Some(governed),
            Content::Document(_)
            | Content::Arn(_)
            | Content::Google(_)
            | Content::Azure(_)
            | Content::Directory { .. }
            | Content::Rules { .. }
            | Content::KubernetesRole { .. }
            | Content::Vault { .. }
            | Content::GitHub(_)
            | Content::Unread(_) => None,
        }
    }
}

impl Graph {
    /// Finds every identity of a model.
    pub(crate) fn new(model: &Model, keys: &Keys) -> Self {
        let links = Links::new(model);
        let governed = nhi::governed(model);
        let bindings = nhi::bindings(&links, &governed);
        let mut builder = Builder {
            links,
            keys,
            governed,
            bindings,
            graph: Self::default(),
            by_resource: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
            by_name: BTreeMap::new(),
        };
        nhi::extract(&mut builder);
        builder.graph.certified = nhi::certified(&builder.links);
        generic::identities(&mut builder);
        aws::extract(&mut builder);
        awscc::extract(&mut builder);
        google::extract(&mut builder);
        azure::extract(&mut builder);
        kubernetes::extract(&mut builder);
        vault::extract(&mut builder);
        github::extract(&mut builder);
        text::extract(&mut builder);
        imperative::extract(&mut builder);
        generic::credentials(&mut builder);
        builder.adopt();
        consumers::extract(&mut builder);
        builder.graph
    }

    /// The identity that a governed resource is.
    pub(crate) fn governed(&self, resource: usize) -> Option<&Identity> {
        self.identities
            .iter()
            .find(|identity| identity.resource == resource && identity.platform == Platform::Nhi)
    }
}

/// Attributes whose values other resources name an identity by.
const NAMES: &[&str] =
    &["name", "id", "arn", "email", "unique_id", "object_id", "principal_id", "client_id"];

/// The argument that says who may become a role.
const TRUST: &str = "assume_role_policy";

/// The graph while it is being made.
struct Builder<'a> {
    links: Links<'a>,
    keys: &'a Keys,
    governed: BTreeMap<usize, nhi::Governed>,
    bindings: BTreeMap<usize, nhi::Bound>,
    graph: Graph,
    by_resource: BTreeMap<usize, usize>,
    elsewhere: BTreeMap<(Platform, String), usize>,
    by_name: BTreeMap<String, Vec<usize>>,
}

impl Builder<'_> {
    /// Adds an identity that the model makes.
    fn add(&mut self, identity: Identity) {
        let index = self.graph.identities.len();
        self.by_resource.insert(identity.resource, index);
        let said = NAMES.iter().map(|name| self.links.value(identity.resource, name).as_str());
        for name in said.chain([identity.name.as_deref()]).flatten() {
            let known = self.by_name.entry(name.to_owned()).or_default();
            if known.last() != Some(&index) {
                known.push(index);
            }
        }
        self.graph.identities.push(identity);
    }

    /// The identities of these types that go by a name.
    fn named(&self, name: &str, kinds: &[&str]) -> Vec<usize> {
        let is_kind = |index: &usize| {
            let identity = self.graph.identities.get(*index);
            let resource = identity.and_then(|identity| self.links.resource(identity.resource));
            resource.is_some_and(|resource| kinds.contains(&resource.kind.as_str()))
        };
        self.by_name.get(name).into_iter().flatten().copied().filter(is_kind).collect()
    }

    /// The identity that a resource makes.
    fn of_resource(&self, resource: usize) -> Option<usize> {
        self.by_resource.get(&resource).copied()
    }

    /// The identity of that name that is made elsewhere; `from` is the first resource that grants it something.
    fn elsewhere(&mut self, platform: Platform, name: &str, from: usize) -> usize {
        let next = self.graph.identities.len();
        let known = self.elsewhere.entry((platform, name.to_owned())).or_insert(next);
        if *known == next {
            self.graph.identities.push(Identity {
                resource: from,
                origin: Origin::Elsewhere,
                platform,
                kind: Kind::WorkloadIdentity,
                name: Some(name.to_owned()),
                grants: Vec::new(),
                trusts: Vec::new(),
                boundary: None,
                ceiling: None,
                governance: Governance::default(),
            });
        }
        *known
    }

    /// Gives an identity permissions.
    fn grant(&mut self, identity: usize, grants: &[Grant]) {
        if let Some(identity) = self.graph.identities.get_mut(identity) {
            identity.grants.extend_from_slice(grants);
        }
    }

    /// The identities of the model that a value names, by reference and by name.
    fn targets(&self, from: usize, argument: &str, value: &Value, kinds: &[&str]) -> Vec<usize> {
        let mut referenced: Vec<usize> = self
            .links
            .references(from, argument)
            .into_iter()
            .filter_map(|(index, _)| self.of_resource(index))
            .collect();
        referenced.dedup();
        let Some(name) = value.as_str() else { return referenced };
        let named = self.named(name, kinds);
        let both: Vec<usize> =
            referenced.iter().copied().filter(|index| named.contains(index)).collect();
        if !both.is_empty() {
            return both;
        }
        if !named.is_empty() {
            return named;
        }
        // The value is known and the identity's own name is not: the reference is all there is.
        let nameless = |index: &usize| {
            self.graph.identities.get(*index).is_some_and(|identity| identity.name.is_none())
        };
        referenced.into_iter().filter(nameless).collect()
    }

    /// As [`Self::targets`]; an identity that is made elsewhere where the model makes none.
    fn targets_or_elsewhere(
        &mut self,
        from: usize,
        argument: &str,
        value: &Value,
        kinds: &[&str],
        platform: Platform,
    ) -> Vec<usize> {
        let here = self.targets(from, argument, value, kinds);
        match value.text() {
            Some(name) if here.is_empty() => {
                vec![self.elsewhere(platform, &name.to_string(), from)]
            }
            _ => here,
        }
    }

    /// The record that answers for a resource.
    fn governance(&self, index: usize) -> Governance {
        let Some(resource) = self.links.resource(index) else { return Governance::default() };
        let bound = self.bindings.get(&index);
        if let Some(nhi::Bound::To(governed)) = bound
            && let Some(governed) = self.governed.get(governed)
        {
            return governed.shared().since(resource, self.links.catalogue, self.keys);
        }
        let mut governance = Governance::of_resource(index, &self.links, self.keys, &self.governed);
        if let (Some(nhi::Bound::Maybe(place)), Source::Nowhere) = (bound, governance.source) {
            governance.record = Record::unknown(place);
            governance.source = Source::Unknown;
        }
        governance.since(resource, self.links.catalogue, self.keys)
    }

    /// An identity that is made elsewhere, and is given what one governed resource rendered, is governed by that one.
    fn adopt(&mut self) {
        for identity in &mut self.graph.identities {
            let mut rendered: Vec<usize> =
                identity.grants.iter().filter_map(Grant::governed).collect();
            rendered.dedup();
            let is_free = identity.origin == Origin::Elsewhere
                && identity.governance.source == Source::Nowhere;
            if let ([governed], true) = (rendered.as_slice(), is_free)
                && let Some(governed) = self.governed.get(governed)
            {
                identity.governance = governed.shared();
            }
        }
    }

    /// The kind of the governed resource that a record comes from.
    fn kind_of_record(&self, governance: &Governance) -> Option<Kind> {
        match governance.source {
            Source::Governed(index) => self.governed.get(&index)?.kind,
            Source::Nowhere | Source::Own | Source::Holder | Source::Unknown => None,
        }
    }

    /// The governed resource that rendered a text, if it is exactly that: what went through a function has another
    /// origin, whatever it refers to.
    fn rendered(&self, from: usize, argument: &str, text: &Text) -> Option<usize> {
        let [Part::Hole(hole)] = text.parts() else { return None };
        let part = if argument.starts_with(TRUST) { "aws.trust" } else { "aws.permissions" };
        self.links.references(from, argument).into_iter().map(|(index, _)| index).find(|index| {
            let Some(governed) = self.governed.get(index) else { return false };
            let address = self.links.resource(*index).map_or("", |resource| &resource.address);
            let origin = hole.origin.strip_prefix(address).and_then(|rest| rest.strip_prefix('.'));
            // One unknown stands for all instances of `[*]`: it is one ceiling only if they state the same parameters.
            let one = !address.contains("[*]") || !governed.governance.parameters.has_unknown();
            origin == Some(part) && one
        })
    }
}
