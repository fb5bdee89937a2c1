//! `nhi_identity`: the record of an identity, by id or by kind and name. Metadata only; there is no secret to look up.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use policy::governance::Kind;

use super::KINDS;
use super::known::{principal_name, reference, time, unreadable};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::inventory::record::{ApiKey, Credential, Details, Identity as Record};
use crate::model::model;
use crate::problem::Problem;
use crate::resource::Done;
use crate::resources::standing;
use crate::schema::{computed, optional_computed};

/// `nhi_identity`.
#[derive(Debug)]
pub(crate) struct Identity;

model! {
    /// What an AI agent is besides.
    pub(crate) struct Agent {
        /// The person who sponsors it.
        sponsor: String = computed(),
        /// The tools that it may call.
        tools: BTreeSet<String> = computed(),
        /// The longest session, as configured.
        max_session: String = computed(),
        /// For whom it may act.
        on_behalf_of: BTreeSet<String> = computed(),
    }
}

model! {
    /// The keys of an API key that may work. What a verifier needs, and no secret.
    pub(crate) struct ApiKeys {
        /// The current key's id.
        key_id: String = computed(),
        /// `sha256:` and the SHA-256 of the whole current key.
        secret_hash: String = computed(),
        /// The id of the key before the last rotation.
        previous_key_id: String = computed(),
        /// The hash of the key before the last rotation.
        previous_secret_hash: String = computed(),
        /// Until when the key before the last rotation works.
        previous_valid_until: String = computed(),
    }
}

model! {
    /// The certificate of a certificate's identity.
    pub(crate) struct Leaf {
        /// Its serial number, in lowercase hexadecimal digits.
        serial: String = computed(),
        /// The certificate.
        certificate_pem: String = computed(),
        /// When it begins.
        not_before: String = computed(),
        /// When it ends.
        not_after: String = computed(),
    }
}

model! {
    /// What is looked up, and what is found.
    pub(crate) struct IdentityModel {
        /// The identity's `id`. Finds decommissioned identities as well.
        id: String = optional_computed(),
        /// Its kind, together with `name`, in place of `id`.
        kind: String = optional_computed().one_of(KINDS),
        /// Its name, together with `kind`, in place of `id`. Finds living identities only.
        name: String = optional_computed(),
        /// The name of the owner.
        owner: String = computed(),
        /// The id of the owner.
        owner_id: String = computed(),
        /// Why it exists.
        purpose: String = computed(),
        /// Its end, as configured.
        expiry: String = computed(),
        /// When it ends, as RFC 3339 writes it.
        expires_at: String = computed(),
        /// Where it stands: `active`, `rotating`, `disabled`, `expired`, `quarantined` or `decommissioned`.
        status: String = computed(),
        /// The template version that it is bound to: `name@1.2.0`.
        template: String = computed(),
        /// `sha256:` and the hash of the template's content.
        template_digest: String = computed(),
        /// The values of the template's parameters, as configured.
        parameters: BTreeMap<String, String> = computed(),
        /// The business service that it serves.
        service: String = computed(),
        /// The environment that it lives in.
        environment: String = computed(),
        /// Who uses it.
        consumers: BTreeSet<String> = computed(),
        /// The `id` of the identity that it was derived from.
        parent: String = computed(),
        /// Its SPIFFE ID.
        spiffe_id: String = computed(),
        /// What to call the principal on a platform.
        principal_name: String = computed(),
        /// When it must be certified again.
        certified_until: String = computed(),
        /// Grows by one with each rotation.
        credential_version: i64 = computed(),
        /// When its credential was made.
        rotated_at: String = computed(),
        /// What an AI agent is besides; null for other kinds.
        agent: Agent = computed(),
        /// The keys of an API key, for verifiers; null for other kinds.
        api_key: ApiKeys = computed(),
        /// The certificate of kind `certificate`; null for other kinds.
        certificate: Leaf = computed(),
        /// When it was created.
        created_at: String = computed(),
        /// When it was disabled.
        disabled_at: String = computed(),
        /// When it was decommissioned.
        decommissioned_at: String = computed(),
    }
}

impl DataSource for Identity {
    const TYPE: &'static str = "nhi_identity";
    const DESCRIPTION: &'static str =
        "The record of an identity in the inventory, by id or by kind and name.";

    type Model = IdentityModel;

    fn validate(config: &IdentityModel) -> Vec<Problem> {
        let IdentityModel { id, kind, name, .. } = config;
        if id.is_unknown() || kind.is_unknown() || name.is_unknown() {
            return Vec::new();
        }
        let by_name = [kind, name].into_iter().filter(|part| part.is_known()).count();
        if (id.is_known() && by_name == 0) || (id.is_null() && by_name == 2) {
            return Vec::new();
        }
        vec![Problem::error("Not one identity", "State either `id`, or both `kind` and `name`.")]
    }

    async fn read(
        config: IdentityModel,
        context: &Context,
    ) -> Result<Done<IdentityModel>, Vec<Problem>> {
        let inventory = context.configured()?.inventory()?;
        let (found, at, key) = match (config.id.as_str(), config.name.as_str()) {
            (Some(id), _) => (inventory.identity(id).await, IdentityModel::id, id),
            (None, name) => {
                let kind = config.kind.as_str().and_then(Kind::from_name);
                let (kind, name) = (kind.unwrap_or(Kind::ServiceAccount), name.unwrap_or_default());
                (inventory.identity_named(kind, name).await, IdentityModel::name, name)
            }
        };
        let found = found.map_err(unreadable)?;
        let Some(record) = found else {
            let detail = format!(
                "There is no identity `{key}` in the inventory. Is it the inventory that you mean?"
            );
            return Err(vec![Problem::error("Unknown identity", detail).at(at)]);
        };
        let status = standing(&record, context.now()).name();
        Ok(describe(record, status).into())
    }
}

fn describe(record: Record, status: &str) -> IdentityModel {
    let (principal_name, template) = (principal_name(&record), reference(&record.terms.template));
    let (facts, terms) = (record.facts, record.terms);
    let (api_key, certificate) = match terms.credential {
        Some(Credential::ApiKey { current, previous }) => {
            (api_keys(current, previous, terms.previous_valid_until).into(), Attribute::Null)
        }
        Some(Credential::Certificate {
            serial, certificate_pem, not_before, not_after, ..
        }) => {
            let found = Leaf {
                serial: serial.into(),
                certificate_pem: certificate_pem.into(),
                not_before: not_before.to_string().into(),
                not_after: not_after.to_string().into(),
            };
            (Attribute::Null, found.into())
        }
        None => (Attribute::Null, Attribute::Null),
    };
    IdentityModel {
        principal_name: principal_name.into(),
        id: record.id.into(),
        kind: facts.kind.name().into(),
        name: facts.name.into(),
        owner: record.owner.into(),
        owner_id: facts.owner_id.into(),
        purpose: facts.purpose.into(),
        expiry: facts.expiry.into(),
        expires_at: terms.expires_at.to_string().into(),
        status: status.into(),
        template: template.into(),
        template_digest: terms.template.digest.into(),
        parameters: facts.parameters.into(),
        service: facts.service.into(),
        environment: facts.environment.into(),
        consumers: Attribute::Known(facts.consumers.into_iter().collect()),
        parent: facts.parent.into(),
        spiffe_id: terms.spiffe_id.into(),
        certified_until: time(terms.certified_until),
        credential_version: terms.credential_version.into(),
        rotated_at: terms.rotated_at.to_string().into(),
        agent: facts.details.and_then(agent).into(),
        api_key,
        certificate,
        created_at: record.created_at.to_string().into(),
        disabled_at: time(record.disabled_at),
        decommissioned_at: time(record.decommissioned_at),
    }
}

fn agent(details: Details) -> Option<Agent> {
    match details {
        Details::Agent { sponsor, tools, max_session, on_behalf_of } => Some(Agent {
            sponsor: sponsor.into(),
            tools: Attribute::Known(tools.into_iter().collect()),
            max_session: max_session.into(),
            on_behalf_of: Attribute::Known(on_behalf_of.into_iter().collect()),
        }),
        Details::Certificate { .. } => None,
    }
}

fn api_keys(current: ApiKey, previous: Option<ApiKey>, until: Option<Timestamp>) -> ApiKeys {
    let until = previous.as_ref().and(until);
    let (previous_key_id, previous_secret_hash) =
        previous.map(|key| (key.key_id, key.secret_hash)).unzip();
    ApiKeys {
        key_id: current.key_id.into(),
        secret_hash: current.secret_hash.into(),
        previous_key_id: previous_key_id.into(),
        previous_secret_hash: previous_secret_hash.into(),
        previous_valid_until: time(until),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::testing::{Bench, shown};

    #[test]
    fn one_identity_is_asked_for() {
        let by_name =
            IdentityModel { kind: "agent".into(), name: "x".into(), ..IdentityModel::default() };
        assert_eq!(Identity::validate(&by_name), []);
        let both = IdentityModel { id: "nhi-1".into(), ..by_name };
        insta::assert_snapshot!(shown(&Identity::validate(&both)), @r"
        error: Not one identity
          State either `id`, or both `kind` and `name`.
        ");
        assert_eq!(Identity::validate(&IdentityModel::default()).len(), 1);
        let later = IdentityModel { id: Attribute::Unknown, ..IdentityModel::default() };
        assert_eq!(Identity::validate(&later), []);
    }

    #[tokio::test]
    async fn an_unknown_identity_is_an_error() {
        let config = IdentityModel { id: "nhi-1".into(), ..IdentityModel::default() };
        let problems = Identity::read(config, &Bench::new().context()).await.unwrap_err();
        insta::assert_snapshot!(shown(&problems), @r"
        error at id: Unknown identity
          There is no identity `nhi-1` in the inventory. Is it the inventory that you mean?
        ");
    }

    #[tokio::test]
    async fn a_verifier_learns_which_keys_work() {
        use crate::resources::api_key::ApiKey;
        use crate::resources::api_key::tests::{bench, partner, rotated};

        let bench = bench().await;
        let made = bench.create::<ApiKey>(partner()).await;
        let next = rotated(&made, 1, "1d");
        let next = bench.apply::<ApiKey>(Some(&made), &next).await.unwrap();
        let config = IdentityModel { id: next.common.id.clone(), ..IdentityModel::default() };
        let found = Identity::read(config, &bench.context()).await.unwrap().state;
        let keys = ApiKeys {
            key_id: next.key_id,
            secret_hash: next.secret_hash,
            previous_key_id: made.key_id,
            previous_secret_hash: made.secret_hash,
            previous_valid_until: "2026-11-22T12:00:00Z".into(),
        };
        assert_eq!(found.api_key, keys.into());
        assert!(found.agent.is_null() && found.certificate.is_null());
        assert_eq!(found.status.as_str(), Some("rotating"));
    }
}
