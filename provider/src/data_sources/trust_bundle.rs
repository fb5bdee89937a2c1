//! `nhi_trust_bundle`: what others need to check what was issued: public keys and certificates, never a private one.

use jiff::Timestamp;

use crate::attribute::Attribute;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::inventory::issues::IssuerKey;
use crate::issuer::authority;
use crate::issuer::jwks::{self, Published};
use crate::issuer::x509::authority::public_key;
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
        /// The certificate authorities to check certificates with, as PEM: that of the key that signs now, and those before it for as
        /// long as something that they signed lives.
        ca_bundle_pem: String = computed(),
        /// What is revoked (RFC 5280), as PEM, one list for each authority. A list holds for seven days; it stays the same until
        /// something is revoked or given back, or three days are over. Certificates say that it is at `<url>/ca.crl` (in DER form)
        /// where the issuer's `url` is an https address.
        crl_pem: String = computed(),
        /// The SPIFFE trust bundle of the trust domain, for federation; null where the provider's `issuer` has no `trust_domain`.
        spiffe_bundle_json: String = computed(),
    }
}

impl DataSource for TrustBundle {
    const TYPE: &'static str = "nhi_trust_bundle";
    const DESCRIPTION: &'static str = "What others need to check what the provider issues: public keys and certificates. Put it \
        where your relying parties look for it. Read it after what it is to tell of: with `depends_on` the certificates and \
        identities of the same configuration, a revocation is in the list of the apply that makes it.";

    type Model = TrustBundleModel;

    async fn read(
        _config: TrustBundleModel,
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
        let (keys, keys_changed_at) = keys(context).await?;
        let authorities = authority::published(context).await?;
        let sequence = keys_changed_at.max(authorities.changed_at).as_second();
        let sequence = u64::try_from(sequence).unwrap_or_default();
        let bundle = || {
            let published = authorities
                .authorities
                .iter()
                .filter_map(|der| Some((Published::current(&public_key(der)?)?, der.clone())));
            jwks::spiffe_bundle(&keys, &published.collect::<Vec<_>>(), sequence).to_string()
        };
        let url = issuer.url.as_str();
        let state = TrustBundleModel {
            issuer: issuer.url.clone(),
            jwks_json: jwks::key_set(&keys).to_string().into(),
            openid_configuration_json: Attribute::from(
                url.map(|url| jwks::discovery(url).to_string()),
            ),
            ca_bundle_pem: authorities.bundle_pem().into(),
            crl_pem: authorities.crl_pem.as_str().into(),
            spiffe_bundle_json: issuer.trust_domain.as_ref().map(|_| bundle()),
        };
        Ok(Done { state, warnings: authorities.warnings, private: None })
    }
}

/// The key that signs now, then those before it that are still needed, the latest first; and when that changed last.
async fn keys(context: &Context) -> Result<(Vec<Published>, Timestamp), Vec<Problem>> {
    let configured = context.configured()?;
    let signer = configured.issuer.signer().await?;
    let recorded = configured.inventory()?.issuer_keys().await;
    let recorded = recorded.map_err(|error| vec![refused("Inventory not readable", &error)])?;
    let needed = |until: Timestamp| until > context.now();
    let mut keys: Vec<Published> = Published::current(signer.public_key()).into_iter().collect();
    for row in recorded.iter().rev().filter(|row| needed(row.needed_until)) {
        keys.extend(Published::recorded(row).filter(|key| !keys.contains(key)));
    }
    let ended = |row: &IssuerKey| Some(row.needed_until).filter(|until| !needed(*until));
    let changes = recorded.iter().flat_map(|row| [Some(row.first_used_at), ended(row)]);
    Ok((keys, changes.flatten().max().unwrap_or(Timestamp::UNIX_EPOCH)))
}

#[cfg(test)]
mod tests;
