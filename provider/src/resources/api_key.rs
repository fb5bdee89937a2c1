//! `nhi_api_key`: a long-lived secret that stands for its holder.
//!
//! Guarantees: those of every identity, see [`identity`](super::identity); the secret is derived when somebody asks for it
//! (`nhi_api_key_secret`) and kept nowhere, only its hash is; at most two keys work at a time, and the older one only until a time
//! that is on record; a template that allows no static credential has no API keys.

use policy::governance::{Caps, Kind};
use policy::template::Template;

use super::identity::{Common, Governed, Kinded, Slot};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::record::{self, Credential, Identity as Record};
use crate::issuer::api_key::{ApiKey as Key, credential};
use crate::model::model;
use crate::problem::Problem;
use crate::resources::refused;
use crate::schema::computed;
use crate::wording;

/// `nhi_api_key`.
pub(crate) type ApiKey = Kinded<ApiKeyModel>;

model! {
    /// The attributes of `nhi_api_key`.
    pub(crate) struct ApiKeyModel {
        ..common: Common,
        /// Names the key in logs. It is the second part of the key, and says nothing about its secret.
        key_id: String = computed(),
        /// `sha256:` and the SHA-256 of the whole key in hexadecimal digits: what a verifier compares.
        secret_hash: String = computed(),
        /// The `key_id` of the key before the last rotation; null where there was none.
        previous_key_id: String = computed(),
        /// The `secret_hash` of the key before the last rotation; null where there was none.
        previous_secret_hash: String = computed(),
        /// Until when the key before the last rotation works, as RFC 3339 writes it. A verifier compares it with its clock.
        previous_valid_until: String = computed(),
    }
}

impl Governed for ApiKeyModel {
    const TYPE: &'static str = "nhi_api_key";
    const DESCRIPTION: &'static str = "An API key, for systems that cannot federate. The key is derived from the issuer's master \
        key when the ephemeral resource `nhi_api_key_secret` asks for it, and is in no plan, state or inventory; a verifier \
        compares the hash. A rotation makes another key in place, and the one before it works until `previous_valid_until`. See \
        the guide on API keys for their form and for how they are checked. An active key is not destroyed: disable it first.";
    const KIND: Kind = Kind::ApiKey;

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    fn fits(&self, template: Option<&Template>, _caps: Caps) -> Vec<Problem> {
        let Some(template) = template else { return Vec::new() };
        // A template that says nothing allows what it is expressly for.
        let allowed = template
            .require
            .static_credential
            .unwrap_or_else(|| template.applies_to.kinds.contains(&Self::KIND));
        if allowed {
            return Vec::new();
        }
        let phrase = format!("template `{}` allows no static credential", template.reference());
        let help = "use an `nhi_workload_identity`, which needs no secret, or a template with `static_credential = true`";
        vec![wording::problem("Static credential", &phrase, help).at(Common::template)]
    }

    fn follow(&mut self, prior: &Self, rotates: Attribute<bool>) {
        if rotates == Attribute::Known(false) {
            self.key_id = prior.key_id.clone();
            self.secret_hash = prior.secret_hash.clone();
            self.previous_key_id = prior.previous_key_id.clone();
            self.previous_secret_hash = prior.previous_secret_hash.clone();
            // Whoever is switched off has no overlap left.
            let stays =
                self.common.state == prior.common.state || prior.previous_valid_until.is_null();
            self.previous_valid_until =
                if stays { prior.previous_valid_until.clone() } else { Attribute::Unknown };
        }
    }

    async fn issue(
        &self,
        slot: Slot<'_>,
        context: &Context,
    ) -> Result<Option<Credential>, Vec<Problem>> {
        let master = context.configured()?.issuer.master_key().await?;
        if let Some(Credential::ApiKey { current, .. }) = slot.previous
            && Key::derive(&master, slot.id, current.version)?.record() != *current
            && !self.says_why(slot.id, context).await?
        {
            return Err(vec![other_master_key(&current.key_id)]);
        }
        credential(&master, (slot.id, slot.terms.credential_version), slot.previous).map(Some)
    }

    fn recall(&mut self, record: &Record) {
        let (current, previous) = match &record.terms.credential {
            Some(Credential::ApiKey { current, previous }) => (Some(current), previous.as_ref()),
            Some(Credential::Certificate { .. }) | None => (None, None),
        };
        let key_id = |key: Option<&record::ApiKey>| key.map(|key| key.key_id.clone()).into();
        let hash = |key: Option<&record::ApiKey>| key.map(|key| key.secret_hash.clone()).into();
        (self.key_id, self.secret_hash) = (key_id(current), hash(current));
        (self.previous_key_id, self.previous_secret_hash) = (key_id(previous), hash(previous));
        let until = previous.and(record.terms.previous_valid_until);
        self.previous_valid_until = until.map(|until| until.to_string()).into();
    }
}

impl ApiKeyModel {
    /// Whether this rotation is one that somebody asked for and gave a reason: then the master key may be another one.
    async fn says_why(&self, id: &str, context: &Context) -> Result<bool, Vec<Problem>> {
        let record = context.configured()?.inventory()?.identity(id).await;
        let record = record.map_err(|error| vec![refused("Inventory not readable", &error)])?;
        let rotation = self.common.rotation.known();
        let epoch = rotation.and_then(|rotation| rotation.epoch.known().copied());
        let another = record.is_some_and(|record| record.facts.rotation.epoch != epoch);
        Ok(another && rotation.is_some_and(|rotation| rotation.reason.is_known()))
    }
}

/// The refusal of a master key that did not make the key on record.
pub(crate) fn other_master_key(key_id: &str) -> Problem {
    let detail = format!(
        "The API key `{key_id}` was made with another master key than the one that is configured here. Configure that one: \
         `master_key` or `master_key_file` in the provider's `issuer`, or `NHI_MASTER_KEY`. If it was lost or replaced, raise \
         `rotation.epoch` and say why in `rotation.reason`: the next key is made with the master key that is here then."
    );
    Problem::error("Another master key", detail)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use super::*;
    use crate::resource::{ImportKey, Resource as _};
    use crate::resources::identity::Rotation;
    use crate::resources::owner::{Owner, OwnerModel};
    use crate::resources::testing::{self, Bench, shown};

    const TEMPLATE: &str = include_str!("../../../examples/templates/partner-api.nhi.hcl");

    /// A key that a template allows.
    pub(crate) fn partner() -> ApiKeyModel {
        let parameters =
            [("api".to_owned(), "a1b2c3d4e5".into()), ("route".to_owned(), "orders".into())];
        ApiKeyModel {
            common: Common {
                name: "partner-orders".into(),
                owner: "payments".into(),
                purpose: "Lets the partner post its orders".into(),
                expiry: "90d".into(),
                template: "partner-api@1".into(),
                parameters: Attribute::Known(parameters.into()),
                service: "billing".into(),
                environment: "prod".into(),
                state: "active".into(),
                ..Common::default()
            },
            ..ApiKeyModel::default()
        }
    }

    /// The same in another epoch.
    pub(crate) fn rotated(model: &ApiKeyModel, epoch: i64, overlap: &str) -> ApiKeyModel {
        let rotation = Rotation {
            epoch: epoch.into(),
            reason: "Incident 7: it was in a log".into(),
            overlap: overlap.into(),
            ..Rotation::default()
        };
        let mut model = model.clone();
        model.common.rotation = rotation.into();
        model
    }

    /// An inventory with an owner, and the template in a folder.
    pub(crate) async fn bench() -> Bench {
        let bench = Bench::with(TEMPLATE);
        let owner = OwnerModel {
            name: "payments".into(),
            accountable: "ada@example.com".into(),
            steward: "grace@example.com".into(),
            active: true.into(),
            ..OwnerModel::default()
        };
        bench.create::<Owner>(owner).await;
        bench
    }

    /// What only has an id, of nobody.
    pub(crate) fn nobody() -> Common {
        Common { id: "nhi-1".into(), ..Common::default() }
    }

    #[tokio::test]
    async fn a_key_lives_and_is_found_again() {
        let bench = bench().await;
        let made = bench.create::<ApiKey>(partner()).await;
        assert_eq!(made.key_id.as_str().unwrap().len(), 17);
        assert!(made.secret_hash.as_str().unwrap().starts_with("sha256:"));
        assert!(made.previous_key_id.is_null() && made.previous_valid_until.is_null());
        let plan = testing::plan::<ApiKey>(&bench.context(), Some(&made), &partner()).await;
        assert_eq!(plan, "no change");
        for key in ["partner-orders", made.common.id.as_str().unwrap()] {
            let key = ImportKey::Id(key.to_owned());
            let stub = ApiKey::import(key, &bench.context()).await.unwrap();
            assert_eq!(bench.read::<ApiKey>(&stub).await, Some(made.clone()));
        }
        // What changes nothing about the credential keeps the key.
        let mut consumers = made.clone();
        consumers.common.consumers = Attribute::Known(["warehouse".to_owned()].into());
        let consumers = bench.apply::<ApiKey>(Some(&made), &consumers).await.unwrap();
        assert_eq!(consumers.secret_hash, made.secret_hash);
    }

    #[tokio::test]
    async fn a_rotation_makes_another_key_and_remembers_one() {
        let bench = bench().await;
        let made = bench.create::<ApiKey>(partner()).await;
        let mut last = made.clone();
        for epoch in 1..=2 {
            let next = rotated(&last, epoch, "1d");
            let next = bench.apply::<ApiKey>(Some(&last), &next).await.unwrap();
            assert_eq!(next.previous_key_id, last.key_id);
            assert_eq!(next.previous_secret_hash, last.secret_hash);
            assert_eq!(next.previous_valid_until.as_str(), Some("2026-11-22T12:00:00Z"));
            assert_eq!(next.common.status.as_str(), Some("rotating"));
            assert_ne!(next.secret_hash, last.secret_hash);
            assert_eq!(next.common.credential_version.known(), Some(&(epoch + 1)));
            assert_eq!(bench.read::<ApiKey>(&next).await, Some(next.clone()));
            last = next;
        }
        let mut disabled = last.clone();
        disabled.common.state = "disabled".into();
        let disabled = bench.apply::<ApiKey>(Some(&last), &disabled).await.unwrap();
        assert_eq!(disabled.secret_hash, last.secret_hash);
        assert_eq!(disabled.previous_valid_until.as_str(), Some("2026-11-21T12:00:00Z"));
        assert_eq!(bench.read::<ApiKey>(&disabled).await, Some(disabled));
    }

    #[tokio::test]
    async fn what_may_not_stay_can_still_be_switched_off() {
        let bench = bench().await;
        let made = bench.create::<ApiKey>(partner()).await;
        let next = rotated(&made, 1, "1d");
        let next = bench.apply::<ApiKey>(Some(&made), &next).await.unwrap();
        bench.write(&TEMPLATE.replace("static_credential = true", "static_credential = false"));
        let bench = bench.next_run();
        let mut disabled = next.clone();
        disabled.common.state = "disabled".into();
        let disabled = bench.apply::<ApiKey>(Some(&next), &disabled).await.unwrap();
        assert_eq!(disabled.previous_valid_until.as_str(), Some("2026-11-21T12:00:00Z"));
        assert_eq!(disabled.common.template_digest, next.common.template_digest);
    }

    #[tokio::test]
    async fn a_key_is_made_with_one_master_key() {
        let bench = bench().await;
        let made = bench.create::<ApiKey>(partner()).await;
        fs::remove_file(bench.folder().join(".nhi/master.key")).unwrap();
        // Another machine: what is on record is read and planned without any key.
        let elsewhere = bench.next_run();
        assert_eq!(elsewhere.read::<ApiKey>(&made).await, Some(made.clone()));
        let mut purpose = made.clone();
        purpose.common.purpose = "Lets the partner post its orders and returns".into();
        let plan = testing::plan::<ApiKey>(&elsewhere.context(), Some(&made), &purpose).await;
        assert!(plan.contains(r#""secret_hash":"(known after apply)""#), "{plan}");
        assert!(!bench.folder().join(".nhi/master.key").exists());
        let refused = elsewhere.apply::<ApiKey>(Some(&made), &purpose).await.unwrap_err();
        let refused = shown(&refused).replace(made.key_id.as_str().unwrap(), "KEY");
        insta::assert_snapshot!(refused, @"
        error: Another master key
          The API key `KEY` was made with another master key than the one that is configured here. Configure that one: `master_key` or `master_key_file` in the provider's `issuer`, or `NHI_MASTER_KEY`. If it was lost or replaced, raise `rotation.epoch` and say why in `rotation.reason`: the next key is made with the master key that is here then.
        ");
        // Whoever says why may go on with another.
        let said = rotated(&purpose, 1, "1d");
        let next = elsewhere.apply::<ApiKey>(Some(&made), &said).await.unwrap();
        assert_eq!(next.previous_key_id, made.key_id);
    }

    #[tokio::test]
    async fn a_template_allows_static_credentials_or_has_no_keys() {
        let bench =
            Bench::with(&TEMPLATE.replace("static_credential = true", "static_credential = false"));
        let plan = testing::plan::<ApiKey>(&bench.context(), None, &partner()).await;
        assert!(plan.contains("error at template: Static credential\n  Template `partner-api@1.0.0` allows no static credential. Use an `nhi_workload_identity`, which needs no secret, or a template with `static_credential = true`."), "{plan}");
        let silent = TEMPLATE.replace("static_credential = true", "");
        bench.write(&silent);
        let plan = testing::plan::<ApiKey>(&bench.next_run().context(), None, &partner()).await;
        assert!(!plan.contains("Static credential"), "{plan}");
        bench.write(&silent.replace("kinds = [\"api_key\"]", ""));
        let plan = testing::plan::<ApiKey>(&bench.next_run().context(), None, &partner()).await;
        assert!(plan.contains("Static credential"), "{plan}");
    }
}
