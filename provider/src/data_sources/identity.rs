//! `nhi_identity`: the record of an identity, by id or by kind and name. Metadata only; there is no secret to look up.

use std::collections::{BTreeMap, BTreeSet};

use policy::governance::Kind;

use super::KINDS;
use super::known::{principal_name, reference, time, unreadable};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::inventory::record::Identity as Record;
use crate::model::model;
use crate::problem::Problem;
use crate::resource::Done;
use crate::resources::standing;
use crate::schema::{computed, optional_computed};

/// `nhi_identity`.
#[derive(Debug)]
pub(crate) struct Identity;

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
        /// Where it stands: `active`, `disabled`, `expired`, `quarantined` or `decommissioned`.
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
        created_at: record.created_at.to_string().into(),
        disabled_at: time(record.disabled_at),
        decommissioned_at: time(record.decommissioned_at),
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
}
