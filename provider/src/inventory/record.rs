//! What the inventory holds, as domain types. [`Facts`] is what a configuration states and is kept word for word, so that
//! an import can give it back; [`Terms`] is what was decided when it was applied.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::governance::Kind;
use serde::{Deserialize, Serialize, Serializer};

/// Who makes a change and from where: kept with each row and each audit event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lineage {
    /// The person or pipeline: `octocat`, `github-actions:deploy`.
    pub actor: String,
    /// The configuration: repository or directory, and workspace. Two runs of one configuration have the same.
    pub origin: String,
    /// The commit that is being applied, where the environment says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The pipeline run, where the environment says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline: Option<String>,
    /// This process. What a run made itself is never a leftover of a crash.
    pub run: String,
}

/// What a configuration says about an owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnerFacts {
    /// The team.
    pub name: String,
    /// The accountable person's e-mail.
    pub accountable: String,
    /// The technical steward.
    pub steward: String,
    /// Further contacts.
    pub contacts: Vec<String>,
    /// Whether the owner can own.
    pub active: bool,
}

/// A registered owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// Never reused.
    pub id: String,
    /// As configured.
    #[serde(flatten)]
    pub facts: OwnerFacts,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was removed.
    pub removed_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: i64,
}

/// A published template version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    /// The template's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What its content hashes to.
    pub digest: String,
    /// The text as published.
    pub source: String,
    /// When.
    pub published_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
}

impl Published {
    /// `name@version`.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

/// The template version that an identity was bound to, and its text, so that it can be rendered for as long as it lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// The template's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What its content hashes to.
    pub digest: String,
    /// The text.
    pub source: String,
}

/// How an identity's credentials rotate, as configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// The interval.
    pub every: Option<String>,
    /// How long before the end of the interval.
    pub before: Option<String>,
    /// How long the old credential works beside the new one.
    pub overlap: Option<String>,
    /// A number that forces a rotation when it changes.
    pub epoch: Option<i64>,
    /// Why the epoch is what it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Which workload a workload identity is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// A job of a repository's pipeline.
    Github {
        /// `organisation/name`.
        repository: String,
        /// The git reference: `refs/heads/main`.
        reference: Option<String>,
        /// The deployment environment.
        environment: Option<String>,
    },
    /// Pods that run under a service account.
    Kubernetes {
        /// Its namespace.
        namespace: String,
        /// Its name.
        service_account: String,
    },
    /// A path chosen by hand.
    Spiffe {
        /// Below the trust domain: `billing/worker`.
        path: String,
    },
}

/// What only one kind of identity states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Details {
    /// What a certificate is made from.
    Certificate {
        /// The certificate signing request.
        csr_pem: String,
        /// How long before its end the certificate is renewed.
        renew_before: Option<String>,
    },
    /// Who is behind an AI agent and what it may use.
    Agent {
        /// The person who wants it.
        sponsor: String,
        /// The tools that it may call.
        tools: Vec<String>,
        /// The longest session, as written.
        max_session: Option<String>,
        /// For whom it may act.
        on_behalf_of: Vec<String>,
    },
}

/// A credential that the provider made, as far as it may be written down: never a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// An API key and the one that it follows.
    ApiKey {
        /// The key that works.
        current: ApiKey,
        /// The key before it, which works until [`Terms::previous_valid_until`].
        previous: Option<ApiKey>,
    },
    /// A certificate that was signed.
    Certificate {
        /// In lowercase hexadecimal digits.
        serial: String,
        /// Who signed it: key and trust domain.
        authority: String,
        /// Whom it names, as RFC 4514 writes it.
        subject: String,
        /// What its key hashes to.
        key_hash: String,
        /// The certificate.
        certificate_pem: String,
        /// The certificates above it, through the root.
        chain_pem: String,
        /// When it begins.
        not_before: Timestamp,
        /// When it ends.
        not_after: Timestamp,
    },
}

/// What is known of an API key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// The version of the credential that it is.
    pub version: i64,
    /// What names it in logs.
    pub key_id: String,
    /// `sha256:` and the hash of the secret.
    pub secret_hash: String,
}

/// What a configuration says about an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// Which kind it is.
    #[serde(serialize_with = "kind_name")]
    pub kind: Kind,
    /// Unique among the living identities of its kind.
    pub name: String,
    /// The owner's id.
    pub owner_id: String,
    /// Why it exists.
    pub purpose: String,
    /// Its end, as written: a date, a time or a duration.
    pub expiry: String,
    /// The template reference, as written.
    pub template: String,
    /// The template's parameters.
    pub parameters: BTreeMap<String, String>,
    /// The business service it serves.
    pub service: Option<String>,
    /// Where it runs.
    pub environment: Option<String>,
    /// Who uses it.
    pub consumers: Vec<String>,
    /// The identity it was derived from.
    pub parent: Option<String>,
    /// Whether the configuration asks for `disabled`.
    pub disabled: bool,
    /// How its credentials rotate.
    pub rotation: Rotation,
    /// Why it may be destroyed while it is active.
    pub break_glass_reason: Option<String>,
    /// Which workload it is.
    pub subject: Option<Subject>,
    /// What only its kind states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

/// What was decided about an identity when it was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// When it ends.
    pub expires_at: Timestamp,
    /// The template version that it was bound to.
    #[serde(serialize_with = "pinned_name")]
    pub template: Pinned,
    /// Its SPIFFE ID.
    pub spiffe_id: Option<String>,
    /// When it must be certified again.
    pub certified_until: Option<Timestamp>,
    /// Grows by one with each rotation.
    pub credential_version: i64,
    /// When its credential was made.
    pub rotated_at: Timestamp,
    /// Until when the credential before it works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_valid_until: Option<Timestamp>,
    /// The credential, for kinds whose credential is made with the identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
    /// What a review decided and the configuration has not said yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// The decision of a certification that the last move of the end date rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_by: Option<String>,
}

/// What a review changed, until the configuration says the same. A plan that would only take it back is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The certification's id; empty where an operator suspended it.
    pub certification: String,
    /// `right_size`, `reassign`, `disable`, `decommission` or `suspend`.
    pub outcome: String,
    /// What was so before: a template reference, an owner's id, `active`.
    pub before: String,
    /// What was decided before it and is not said yet either: a later decision settles no earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Box<Review>>,
}

impl Review {
    /// This decision, then those before it.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |review| review.earlier.as_deref())
    }
}

/// Where an identity's record stands. Expiry and quarantine follow from the clock and the owner and are not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// In use.
    Active,
    /// Switched off, and can be switched on again.
    Disabled,
    /// Gone; the record is a tombstone.
    Decommissioned,
}

impl Standing {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Decommissioned => "decommissioned",
        }
    }
}

/// A governed identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Never reused, not even for the same name.
    pub id: String,
    /// As configured.
    #[serde(flatten)]
    pub facts: Facts,
    /// As decided.
    #[serde(flatten)]
    pub terms: Terms,
    /// Where it stands.
    pub standing: Standing,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was switched off.
    pub disabled_at: Option<Timestamp>,
    /// When it went.
    pub decommissioned_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: i64,
    /// Its owner's name, from the owner's record.
    #[serde(skip)]
    pub owner: String,
    /// Whether its owner is active, from the owner's record.
    #[serde(skip)]
    pub owner_active: bool,
    /// When the first of the identities stops that it was derived from; long ago where one has stopped already.
    #[serde(skip)]
    pub parent_until: Option<Timestamp>,
}

impl Identity {
    /// What to call it on a platform.
    pub fn principal_name(&self) -> String {
        format!("nhi-{}", self.facts.name)
    }
}

/// One line of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// From where, as JSON.
    pub lineage: String,
    /// What was done: `identity.create`.
    pub action: String,
    /// To what: `identity:nhi-…`.
    pub subject: String,
    /// What the record was afterwards, as JSON.
    pub record: String,
    /// The hash of the event before it; empty for the first.
    pub previous: String,
    /// The hash of this event.
    pub hash: String,
}

/// What happened to a create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Created<T> {
    /// It did not exist and does now.
    New(T),
    /// An earlier run of the same configuration had made it and was cut off before Terraform's state was written.
    TakenOver(T),
}

impl<T> Created<T> {
    /// The record, either way.
    pub fn into_record(self) -> T {
        match self {
            Self::New(record) | Self::TakenOver(record) => record,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
fn kind_name<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

/// The text is in `template_text` under its digest: an event names it and does not repeat it.
fn pinned_name<S: Serializer>(pinned: &Pinned, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{}@{} {}", pinned.name, pinned.version, pinned.digest))
}
