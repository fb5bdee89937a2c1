//! What every kind of identity has: the attributes, and the decisions over them. A kind's own file adds its own attributes
//! and says how they follow from these.
//!
//! Reading order: the model below; [`validate`] (a configuration on its own); [`facts`] (what is looked up); [`plan`] (what
//! an apply will make, or why not), with [`lifecycle`], [`rotation`] and [`spiffe`]; [`render`] (what other providers' resources take from it); [`store`] (create, read,
//! update, delete); [`kinded`] (all of it as a resource).
//!
//! Guarantees: every identity has an owner, a purpose, an end date and a template; what it renders is the template's ceiling
//! with its parameters; the clock enters no planned value; an active identity is not destroyed.

mod facts;
mod kinded;
pub(super) mod lifecycle;
pub(super) mod listing;
mod moving;
mod plan;
mod render;
mod review;
mod rotation;
pub(super) mod spiffe;
mod store;
#[cfg(test)]
mod tests;
mod turn;
pub(super) mod validate;

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, ready};

use jiff::Timestamp;
use policy::governance::{Caps, Kind};
use policy::template::Template;

use crate::attribute::Attribute;
use crate::ceiling::{Aws, Azure, Gcp, Github, Kubernetes, Vault};
use crate::context::Context;
use crate::inventory::record::{Credential, Details, Identity as Record, Subject, Terms};
use crate::model::{Model, model};
use crate::problem::Problem;
use crate::resource::IdentityAttribute;
use crate::schema::{computed, optional, optional_computed, required};
use crate::settings::Configured;

pub(super) use kinded::Kinded;
pub(super) use store::pinned;
pub(crate) use store::whole_seconds;
pub(crate) use turn::turned;

/// A model of one kind of identity. Its resource is [`Kinded`] of it.
pub(crate) trait Governed: Model {
    /// The type name (`nhi_agent`).
    const TYPE: &'static str;
    /// What it guarantees, in Markdown.
    const DESCRIPTION: &'static str;
    /// The kind.
    const KIND: Kind;

    /// What every kind has.
    fn common(&self) -> &Common;

    /// What every kind has.
    fn common_mut(&mut self) -> &mut Common;

    /// What is wrong with this kind's own attributes, before anything is looked up.
    fn check(&self) -> Vec<Problem> {
        Vec::new()
    }

    /// Fills in what this kind computes from its own attributes, as far as they are known.
    fn decide(&mut self, _configured: &Configured) -> Result<(), Vec<Problem>> {
        Ok(())
    }

    /// What is wrong with this kind's own attributes beside the template and the caps of the kind.
    fn fits(&self, _template: Option<&Template>, _caps: Caps) -> Vec<Problem> {
        Vec::new()
    }

    /// Its subject, for kinds that have one.
    fn subject(&self) -> Option<Subject> {
        None
    }

    /// Its SPIFFE ID, for kinds that have one.
    fn spiffe_id(&self) -> Attribute<String> {
        Attribute::Null
    }

    /// What only this kind states.
    fn details(&self) -> Option<Details> {
        None
    }

    /// Whether a change of this kind's own attributes asks for a new credential.
    fn asks_for_new(_prior: &Self, _proposed: &Self) -> Attribute<bool> {
        Attribute::Known(false)
    }

    /// Plans this kind's computed attributes, once it is known whether the credential changes. In a create and wherever it
    /// changes they are unknown already; what stays is to be taken from `prior`.
    fn follow(&mut self, _prior: &Self, _rotates: Attribute<bool>) {}

    /// Whether its credential ends by itself, so that [`due`](Self::due) says when it is time for a new one.
    const RENEWS: bool = false;

    /// When its own credential asks for a new one, whatever the interval: before a certificate ends, for example.
    fn due(&self, _terms: &Terms) -> Option<Timestamp> {
        None
    }

    /// Makes the credential, for kinds whose credential is made with the identity: at create, and whenever its version grows.
    fn issue(
        &self,
        _slot: Slot<'_>,
        _context: &Context,
    ) -> impl Future<Output = Result<Option<Credential>, Vec<Problem>>> + Send {
        ready(Ok(None))
    }

    /// Takes its own attributes from the record.
    fn recall(&mut self, _record: &Record) {}
}

/// The place of a credential in the life of its identity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot<'a> {
    /// The identity.
    pub(crate) id: &'a str,
    /// What is about to be recorded, with the version of the credential and its time.
    pub(crate) terms: &'a Terms,
    /// The credential that it follows.
    pub(crate) previous: Option<&'a Credential>,
}

model! {
    /// When credentials rotate.
    pub(crate) struct Rotation {
        /// The interval, such as `30d`. At most what the template allows.
        every: String = optional().check(validate::duration),
        /// How long before the end of the interval the rotation is due.
        before: String = optional().check(validate::duration),
        /// How long the old credential works beside the new one; `0s` stops it at once. Without it, `24h`.
        overlap: String = optional().check(validate::overlap),
        /// A number that forces a rotation when it changes. A change needs a `reason`.
        epoch: i64 = optional(),
        /// Why `epoch` was changed: an incident number, for example. It is kept in the audit trail.
        reason: String = optional(),
    }
}

model! {
    /// What every kind of identity has.
    pub(crate) struct Common {
        /// The identity's name, unique among the living identities of its kind in the inventory: lowercase letters, digits and
        /// hyphens. Another name is another identity.
        name: String = required().replaces().check(validate::name),
        /// Who answers for it: the name of an `nhi_owner` (`nhi_owner.payments.name`), or its id.
        owner: String = required(),
        /// Why it exists, in a sentence that a reviewer can hold it to.
        purpose: String = required(),
        /// When it ends: a date (`2027-06-30`, the last day on which it works, in UTC), a time as RFC 3339 writes it, or a
        /// duration from its creation (`90d`).
        expiry: String = required(),
        /// The template that it lives in: `name@1.2.0` for exactly that version, `name@1` for the newest 1.x.
        template: String = required(),
        /// The values of the template's parameters.
        parameters: BTreeMap<String, Attribute<String>> = optional(),
        /// The business service that it serves. Defaults to the provider's `defaults`.
        service: String = optional_computed(),
        /// The environment that it lives in. Defaults to the provider's `defaults`.
        environment: String = optional_computed(),
        /// Who uses it: names of workloads, pipelines, hosts.
        consumers: BTreeSet<String> = optional(),
        /// The `id` of the identity that it was derived from.
        parent: String = optional(),
        /// `active` or `disabled`. An identity is disabled before it is destroyed.
        state: String = optional().default("active").one_of(&["active", "disabled"]),
        /// When its credentials rotate.
        rotation: Rotation = optional(),
        /// Why it may be destroyed while it is active: an incident number, for example. Set and apply it, then destroy.
        break_glass_reason: String = optional(),
        /// Identifier of the identity in the inventory; never used again, not even for the same name.
        id: String = computed().stable(),
        /// When it ends, as RFC 3339 writes it.
        expires_at: String = computed(),
        /// Where it stands: `active`, `rotating` (the credential before the current one still works), `disabled`, `expired` or
        /// `quarantined` (its owner is not active, or what it was derived from has stopped).
        status: String = computed(),
        /// `sha256:` and the hash of the template's content.
        template_digest: String = computed(),
        /// What to call the principal on a platform: `nhi-` and the name.
        principal_name: String = computed(),
        /// The governance facts as tags (`nhi:owner`), for AWS and others.
        tags: BTreeMap<String, Attribute<String>> = computed(),
        /// The governance facts as labels (`nhi_owner`), for Google Cloud, Kubernetes and others. A fact that no label can hold,
        /// such as the purpose, is left out.
        labels: BTreeMap<String, Attribute<String>> = computed(),
        /// The governance facts as Kubernetes annotations (`nhi.dev/owner`).
        annotations: BTreeMap<String, Attribute<String>> = computed(),
        /// The governance facts in one line, for resources with a description and no tags.
        description: String = computed(),
        /// The template's ceiling on AWS; null where it has none, or a parameter that only it uses is not stated.
        aws: Aws = computed(),
        /// The same on Google Cloud.
        gcp: Gcp = computed(),
        /// The same on Azure.
        azure: Azure = computed(),
        /// The same on Kubernetes.
        kubernetes: Kubernetes = computed(),
        /// The same on Vault and OpenBao.
        vault: Vault = computed(),
        /// The same on GitHub.
        github: Github = computed(),
        /// When it must be certified again, as RFC 3339 writes it. Creating an identity through review counts as the first time.
        certified_until: String = computed(),
        /// When its credential is due for rotation, as RFC 3339 writes it; null where nothing asks for rotation. The first apply
        /// after that time rotates it.
        rotation_due: String = computed(),
        /// Grows by one with each rotation: when the owner, the template, the purpose, the environment or `rotation.epoch` changes,
        /// and when it is due.
        credential_version: i64 = computed(),
        /// What a review or an operator decided and the configuration does not say yet: `right_size`, `reassign`, `disable`,
        /// `decommission` or `suspend`. A configuration that only takes it back is refused; one that says the same settles it.
        review_outcome: String = computed(),
    }
}

/// An identity's identity.
pub(super) const IDENTITY: &[IdentityAttribute] = &[IdentityAttribute {
    name: Common::id,
    description: "Identifier of the identity in the inventory.",
    required_for_import: true,
}];
