//! `nhi_api_key_secret`: an API key, derived again for whoever has to hand it on.
//!
//! Guarantees: a key is revealed when its identity may have one at that moment, and that is on record before; only a key whose
//! hash is on record is revealed, so that none comes into being here, least of all in a plan.

use jiff::Timestamp;
use policy::governance::Lifetime;

use crate::context::Context;
use crate::ephemeral::{Ephemeral, Opened};
use crate::inventory::record::{ApiKey as Recorded, Credential, Identity};
use crate::issuer::api_key::ApiKey;
use crate::issuing::{self, Ask, Sort};
use crate::model::model;
use crate::problem::Problem;
use crate::resources::api_key::other_master_key;
use crate::schema::{computed, optional_computed, required};
use crate::secret::Secret;

/// `nhi_api_key_secret`.
#[derive(Debug)]
pub(crate) struct ApiKeySecret;

model! {
    /// Which key is asked for, and the key.
    pub(crate) struct ApiKeySecretModel {
        /// The `id` of an `nhi_api_key`. It has to be applied already.
        identity: String = required(),
        /// The version of the credential. Defaults to the current one; the one before it can be had for as long as it works. Leave it
        /// out where the key is handed on: in the apply that rotates it, it is then the new one.
        version: i64 = optional_computed(),
        /// The whole key.
        secret: Secret = computed().sensitive(),
        /// The key's id, as the `nhi_api_key` has it.
        key_id: String = computed(),
    }
}

impl Ephemeral for ApiKeySecret {
    const TYPE: &'static str = "nhi_api_key_secret";
    const DESCRIPTION: &'static str = "The API key of an `nhi_api_key`, derived from the issuer's master key when Terraform needs \
        it: for a write-only argument of the place where its holder finds it. It is in no plan and no state. It is refused when \
        the identity may not have a credential at that moment: disabled, expired, its owner inactive, its template revoked, its \
        review overdue by more than 14 days. Each key that is revealed and each refusal is in the audit trail. Closing it ends \
        nothing: a key works until the next rotation and the overlap after it.";

    type Model = ApiKeySecretModel;

    async fn open(
        config: ApiKeySecretModel,
        context: &Context,
    ) -> Result<Opened<ApiKeySecretModel>, Vec<Problem>> {
        let id = config.identity.as_str().unwrap_or_default();
        // What is revealed lives by its own clock: there is no lifetime to choose.
        let ask = Ask { sort: Sort::ApiKey, lifetime: None, usual: Lifetime::days(1) };
        let permission = issuing::allow(context, id, ask).await?;
        let recorded =
            recorded(&permission.identity, config.version.known().copied(), permission.issued_at)?;
        let master = context.configured()?.issuer.master_key().await?;
        let key = ApiKey::derive(&master, id, recorded.version)?;
        if key.record() != *recorded {
            return Err(vec![other_master_key(&recorded.key_id)]);
        }
        let (version, key_id) = (recorded.version, recorded.key_id.clone());
        issuing::hand_out(context, &permission, (key_id.clone(), None, None)).await?;
        let result = ApiKeySecretModel {
            version: version.into(),
            secret: key.secret().into(),
            key_id: key_id.into(),
            ..config
        };
        Ok(Opened { result, renew_at: None, private: Vec::new(), warnings: Vec::new() })
    }
}

/// What is on record of the key of that version, if it works.
fn recorded(
    identity: &Identity,
    version: Option<i64>,
    now: Timestamp,
) -> Result<&Recorded, Vec<Problem>> {
    let name = &identity.facts.name;
    let Some(Credential::ApiKey { current, previous }) = &identity.terms.credential else {
        let kind = identity.facts.kind;
        let detail = format!(
            "The identity `{name}` is of kind `{kind}`, which has no API key. What it has instead is `nhi_token` and, with a \
             SPIFFE ID, `nhi_x509_svid`."
        );
        return Err(vec![Problem::error("No API key", detail).at(ApiKeySecretModel::identity)]);
    };
    let Some(version) = version.filter(|version| *version != current.version) else {
        return Ok(current);
    };
    let until = identity.terms.previous_valid_until;
    let detail = match previous.as_ref().filter(|previous| previous.version == version) {
        Some(previous) if until.is_some_and(|until| now < until) => return Ok(previous),
        Some(_) => {
            let ended = until.map_or_else(String::new, |until| format!(" since {until}"));
            format!("The key of version {version} of `{name}` does not work any more{ended}.")
        }
        None if version > current.version => format!(
            "The key of version {version} of `{name}` does not exist yet: it is made when the identity is applied."
        ),
        None => format!("The key of version {version} of `{name}` is not one of the last two."),
    };
    let way_out = format!(
        " Leave `version` out for the current one, which is {} now and the next one in the apply that rotates it.",
        current.version
    );
    Err(vec![Problem::error("No such key", detail + &way_out).at(ApiKeySecretModel::version)])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::attribute::Attribute;
    use crate::resources::api_key::tests::{bench, partner, rotated};
    use crate::resources::api_key::{ApiKey as Resource, ApiKeyModel};
    use crate::resources::testing::{Bench, shown};

    async fn open(
        bench: &Bench,
        made: &ApiKeyModel,
        version: Attribute<i64>,
    ) -> Result<ApiKeySecretModel, Vec<Problem>> {
        let identity = made.common.id.clone();
        let config = ApiKeySecretModel { identity, version, ..ApiKeySecretModel::default() };
        ApiKeySecret::open(config, &bench.context()).await.map(|opened| opened.result)
    }

    async fn refusal(bench: &Bench, made: &ApiKeyModel, version: Attribute<i64>) -> String {
        let problems = open(bench, made, version).await.unwrap_err();
        shown(&problems).replace(made.key_id.as_str().unwrap(), "KEY")
    }

    fn hash(opened: &ApiKeySecretModel) -> String {
        let digest = Sha256::digest(opened.secret.known().unwrap().reveal().as_bytes());
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{digits}")
    }

    #[tokio::test]
    async fn the_key_is_the_one_on_record_and_is_on_record_as_revealed() {
        let bench = bench().await;
        let made = bench.create::<Resource>(partner()).await;
        let opened = open(&bench, &made, Attribute::Null).await.unwrap();
        assert_eq!(Some(hash(&opened).as_str()), made.secret_hash.as_str());
        assert_eq!(opened.key_id, made.key_id);
        assert_eq!(opened.version, Attribute::Known(1));
        let again = open(&bench.next_run(), &made, 1.into()).await.unwrap();
        assert_eq!(again, opened);

        let id = made.common.id.as_str().unwrap();
        let context = bench.context();
        let inventory = context.configured().unwrap().inventory().unwrap();
        let events = inventory.events(Some(&format!("issue:{id}"))).await.unwrap();
        let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["api_key.reveal", "api_key.reveal"]);
        assert!(events[0].record.contains(made.key_id.as_str().unwrap()));
        let secret = opened.secret.known().unwrap().reveal();
        assert!(inventory.events(None).await.unwrap().iter().all(|it| !it.record.contains(secret)));
        assert!(!format!("{opened:?}").contains(secret));
    }

    #[tokio::test]
    async fn what_does_not_exist_yet_is_not_made_here() {
        let bench = bench().await;
        let made = bench.create::<Resource>(partner()).await;
        insta::assert_snapshot!(refusal(&bench, &made, 2.into()).await, @"
        error at version: No such key
          The key of version 2 of `partner-orders` does not exist yet: it is made when the identity is applied. Leave `version` out for the current one, which is 1 now and the next one in the apply that rotates it.
        ");
        let nobody =
            ApiKeyModel { common: crate::resources::api_key::tests::nobody(), ..made.clone() };
        insta::assert_snapshot!(refusal(&bench, &nobody, Attribute::Null).await, @"
        error at identity: Unknown identity
          There is no identity `nhi-1` in the inventory. State the `id` of an identity that is applied already; is it the inventory that you mean?
        ");
    }

    #[tokio::test]
    async fn another_master_key_is_told_from_the_right_one() {
        let bench = bench().await;
        let made = bench.create::<Resource>(partner()).await;
        fs::remove_file(bench.folder().join(".nhi/master.key")).unwrap();
        let refused = refusal(&bench.next_run(), &made, Attribute::Null).await;
        assert!(
            refused.starts_with("error: Another master key\n  The API key `KEY` was made with"),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn who_is_switched_off_gets_no_key() {
        let bench = bench().await;
        let made = bench.create::<Resource>(partner()).await;
        let mut disabled = made.clone();
        disabled.common.state = "disabled".into();
        let disabled = bench.apply::<Resource>(Some(&made), &disabled).await.unwrap();
        insta::assert_snapshot!(refusal(&bench, &disabled, Attribute::Null).await, @r#"
        error at identity: Credential refused
          The identity `partner-orders` is disabled. Set `state = "active"` on it and apply, if whoever disabled it agrees.
        "#);
    }

    #[tokio::test]
    async fn the_key_before_works_as_long_as_was_said() {
        let bench = bench().await;
        let made = bench.create::<Resource>(partner()).await;
        let first = open(&bench, &made, Attribute::Null).await.unwrap();
        let next = rotated(&made, 1, "1d");
        let next = bench.apply::<Resource>(Some(&made), &next).await.unwrap();
        assert_eq!(open(&bench, &next, 1.into()).await.unwrap(), first);
        assert_ne!(open(&bench, &next, Attribute::Null).await.unwrap().secret, first.secret);
        let late = bench.at("2026-11-22T12:00:00Z");
        insta::assert_snapshot!(refusal(&late, &next, 1.into()).await, @"
        error at version: No such key
          The key of version 1 of `partner-orders` does not work any more since 2026-11-22T12:00:00Z. Leave `version` out for the current one, which is 2 now and the next one in the apply that rotates it.
        ");
        // The day on which it leaked: the old one stops at once.
        let leaked = rotated(&next, 2, "0s");
        let leaked = bench.apply::<Resource>(Some(&next), &leaked).await.unwrap();
        let refused = refusal(&bench, &leaked, 2.into()).await;
        assert!(refused.contains("does not work any more since 2026-11-21T12:00:00Z"), "{refused}");
    }

    #[tokio::test]
    async fn the_key_before_the_last_is_gone() {
        let bench = bench().await;
        let mut last = bench.create::<Resource>(partner()).await;
        for epoch in 1..=2 {
            let next = rotated(&last, epoch, "1d");
            last = bench.apply::<Resource>(Some(&last), &next).await.unwrap();
        }
        let current = open(&bench, &last, Attribute::Null).await.unwrap();
        assert_eq!((current.version, current.key_id), (3.into(), last.key_id.clone()));
        insta::assert_snapshot!(refusal(&bench, &last, 1.into()).await, @"
        error at version: No such key
          The key of version 1 of `partner-orders` is not one of the last two. Leave `version` out for the current one, which is 3 now and the next one in the apply that rotates it.
        ");
    }
}
