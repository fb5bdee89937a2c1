//! `nhi_trust_bundle`: what others need to check what was issued: public keys and certificates, never a private one.

use jiff::Timestamp;

use crate::attribute::Attribute;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::issuer::jwks::{self, Published};
use crate::model::model;
use crate::problem::Problem;
use crate::resource::Done;
use crate::resources::refused;
use crate::schema::computed;

/// `nhi_trust_bundle`.
#[derive(Debug)]
pub(crate) struct TrustBundle;

model! {
    /// The trust bundle.
    pub(crate) struct TrustBundleModel {
        /// The address that tokens name as their issuer; null where the provider's `issuer` has no `url`.
        issuer: String = computed(),
        /// The JSON Web Key Set (RFC 7517) to check tokens with: the key that signs now, and each key before it for as long as
        /// something that it signed lives. Serve it as `<url>/.well-known/jwks.json`.
        jwks_json: String = computed(),
        /// The OpenID Connect discovery document of the issuer, for relying parties that look for one (AWS, Google Cloud, Azure,
        /// Vault). Serve it as `<url>/.well-known/openid-configuration`. Null where the provider's `issuer` has no `url`.
        openid_configuration_json: String = computed(),
    }
}

impl DataSource for TrustBundle {
    const TYPE: &'static str = "nhi_trust_bundle";
    const DESCRIPTION: &'static str = "What others need to check what the provider issues: public keys and certificates. Put it \
        where your relying parties look for it; it changes only when the issuer's key does.";

    type Model = TrustBundleModel;

    async fn read(
        config: TrustBundleModel,
        context: &Context,
    ) -> Result<Done<TrustBundleModel>, Vec<Problem>> {
        let configured = context.configured()?;
        let issuer = &configured.issuer;
        if issuer.url.is_unknown() || issuer.trust_domain.is_unknown() {
            return Err(vec![Problem::error(
                "Issuer not known yet",
                "The provider's `issuer` depends on something that does not exist yet. Apply that first, with `-target`.",
            )]);
        }
        let keys = keys(context).await?;
        let url = issuer.url.as_str();
        Ok(TrustBundleModel {
            issuer: issuer.url.clone(),
            jwks_json: jwks::key_set(&keys).to_string().into(),
            openid_configuration_json: Attribute::from(
                url.map(|url| jwks::discovery(url).to_string()),
            ),
            ..config
        }
        .into())
    }
}

/// The key that signs now, then those before it that are still needed, the latest first.
async fn keys(context: &Context) -> Result<Vec<Published>, Vec<Problem>> {
    let configured = context.configured()?;
    let signer = configured.issuer.signer().await?;
    let recorded = configured.inventory()?.issuer_keys().await;
    let recorded = recorded.map_err(|error| vec![refused("Inventory not readable", &error)])?;
    let needed = |until: Timestamp| until > context.now();
    let mut keys: Vec<Published> = Published::current(signer.public_key()).into_iter().collect();
    for row in recorded.iter().rev().filter(|row| needed(row.needed_until)) {
        keys.extend(Published::recorded(row).filter(|key| !keys.contains(key)));
    }
    Ok(keys)
}
