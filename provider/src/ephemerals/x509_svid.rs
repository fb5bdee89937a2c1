//! `nhi_x509_svid`: a short-lived certificate and its key, made when they are asked for.
//!
//! Guarantees: the key exists in memory only; the certificate is issued when the identity may have it at that moment, and is on
//! record with its serial number before it is handed out; it names the identity's SPIFFE ID and no DNS name that the identity does
//! not state.

use jiff::{SignedDuration, Timestamp};
use policy::governance::Lifetime;

use super::lifetime;
use crate::context::Context;
use crate::ephemeral::{Ephemeral, Opened, Renewed};
use crate::inventory::certificates::CertificateRecord;
use crate::inventory::issues::Issue;
use crate::inventory::record::Identity;
use crate::issuer::authority::{self, Subject};
use crate::issuer::x509::leaf::Leaf;
use crate::issuer::x509::names;
use crate::issuing::{self, Ask, Permission, Sort};
use crate::model::model;
use crate::problem::Problem;
use crate::resources::refused;
use crate::schema::{computed, optional, required};
use crate::secret::Secret;
use crate::wording;

/// How long a certificate lives where nothing is said.
const USUAL: Lifetime = Lifetime::hours(1);

/// `nhi_x509_svid`.
#[derive(Debug)]
pub(crate) struct X509Svid;

model! {
    /// What is asked for, and the certificate with its key.
    pub(crate) struct X509SvidModel {
        /// The `id` of the identity. It has to be applied already, and to have a SPIFFE ID: every kind but `nhi_api_key` has one
        /// where the provider's `issuer` has a `trust_domain`.
        identity: String = required(),
        /// How long it lives, such as `15m`. Defaults to `1h`, or to the longest that the identity may have. Refused beyond what the
        /// template, the kind and the identity's own end allow.
        lifetime: String = optional().check(lifetime),
        /// DNS names that the certificate is to hold besides the SPIFFE ID, for servers. Each has to be stated by the identity in its
        /// template's parameter `dns_names`, which holds names separated by commas; a template without such a parameter allows
        /// none.
        dns_names: Vec<String> = optional().check(dns_name),
        /// The certificate, as PEM. The authority in `bundle_pem` signed it, so there is nothing in between.
        certificate_pem: String = computed(),
        /// Its key, as PKCS#8 in PEM: P-256, made for this certificate and kept nowhere.
        private_key_pem: Secret = computed().sensitive(),
        /// What the other side is to be checked with, as PEM: the certificate authorities of the trust domain.
        bundle_pem: String = computed(),
        /// The SPIFFE ID in the certificate.
        spiffe_id: String = computed(),
        /// When it ends, as RFC 3339 writes it.
        expires_at: String = computed(),
    }
}

fn dns_name(text: &str) -> Result<(), String> {
    if names::is_dns_name(text) {
        return Ok(());
    }
    let error = names::NameError::Malformed(text.to_owned());
    Err(wording::problem("", &error.to_string(), &error.help()).detail)
}

impl Ephemeral for X509Svid {
    const TYPE: &'static str = "nhi_x509_svid";
    const DESCRIPTION: &'static str = "A short-lived certificate of an identity and its key, in the form of a \
        [SPIFFE X.509-SVID](https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md). Both are made when Terraform needs \
        them and never kept; the certificate is refused when the identity may not have one at that moment: disabled, expired, its \
        owner inactive, its template revoked, its review overdue by more than 14 days.\n\n\
        Its subject is `UID=<id>, CN=<principal_name>`, so that PostgreSQL's `cert` authentication lets it log in as the user \
        `nhi-<name>` with no map, and a map over the whole name (`clientname=DN`) can tell it from a later identity of the same \
        name. It is good for servers and for clients.\n\n\
        The certificate is not revoked when Terraform closes it, since what was made with it may go on; it ends by itself. It is \
        revoked with its identity: while that is disabled or quarantined (`certificateHold`), when it ends \
        (`cessationOfOperation`), when its credential rotates and the overlap is over (`superseded`), and at once where there is no \
        overlap and a reason is given (`keyCompromise`). Terraform cannot exchange a value that is in use: shortly before the \
        certificate ends, it is looked at once more whether the identity may still have one, and the run fails where it may not.";

    type Model = X509SvidModel;

    async fn open(
        config: X509SvidModel,
        context: &Context,
    ) -> Result<Opened<X509SvidModel>, Vec<Problem>> {
        let asked = config.lifetime.as_str().and_then(|text| Lifetime::parse(text).ok());
        let id = config.identity.as_str().unwrap_or_default();
        let permission = issuing::allow(context, id, ask(asked)).await?;
        let dns_names = config.dns_names.known().cloned().unwrap_or_default();
        let spiffe_id = fits(context, &permission, &dns_names).await?;
        let (key, public_key) = authority::fresh_key()?;
        let subject = Subject {
            principal_name: permission.identity.principal_name(),
            id: permission.identity.id.clone(),
            spiffe_id: Some(spiffe_id.clone()),
            dns_names,
            public_key,
        };
        let (by, leaf) = authority::sign(context, subject, permission.expires_at).await?;
        hand_out(context, &permission, (by.id(), &leaf)).await?;
        let bundle = authority::bundle_pem(context).await?;
        let Permission { issued_at, expires_at, .. } = permission;
        let result = X509SvidModel {
            certificate_pem: leaf.pem().into(),
            private_key_pem: key.into(),
            bundle_pem: bundle.into(),
            spiffe_id: spiffe_id.into(),
            expires_at: expires_at.to_string().into(),
            ..config
        };
        Ok(Opened {
            private: permission.identity.id.into_bytes(),
            renew_at: Some(look_again(issued_at, expires_at)),
            result,
            warnings: Vec::new(),
        })
    }

    async fn renew(context: &Context) -> Result<Renewed, Vec<Problem>> {
        let id = String::from_utf8_lossy(context.private()).into_owned();
        // A shorter rest of the identity's life is no reason to fail: the certificate ends with it.
        issuing::allow(context, &id, ask(None)).await?;
        Ok(Renewed::default())
    }
}

fn ask(lifetime: Option<Lifetime>) -> Ask {
    Ask { sort: Sort::Svid, lifetime, usual: USUAL }
}

/// A tenth of its life before a certificate ends.
fn look_again(issued_at: Timestamp, expires_at: Timestamp) -> Timestamp {
    let margin = expires_at.duration_since(issued_at).as_secs() / 10;
    expires_at.checked_sub(SignedDuration::from_secs(margin)).unwrap_or(issued_at)
}

/// The SPIFFE ID, if there is one and the names are the identity's. A refusal is put on record.
async fn fits(
    context: &Context,
    permission: &Permission,
    dns_names: &[String],
) -> Result<String, Vec<Problem>> {
    let identity = &permission.identity;
    let named = names::check(dns_names, &identity.facts.parameters);
    let (code, problem) = match (&identity.terms.spiffe_id, named) {
        (Some(spiffe_id), Ok(())) => return Ok(spiffe_id.clone()),
        (None, _) => ("no_spiffe_id", no_spiffe_id(identity)),
        (Some(_), Err(error)) => {
            let problem = wording::problem("Name refused", &error.to_string(), &error.help());
            ("dns_name", problem.at(X509SvidModel::dns_names))
        }
    };
    let inventory = context.configured()?.inventory()?;
    let refusal = (Sort::Svid.refused(), vec![code]);
    let noted = inventory.record_refusal(permission.issued_at, &identity.id, refusal).await;
    let unnoted = noted.err().map(|error| refused("Refusal not on record", &error));
    Err(std::iter::once(problem).chain(unnoted).collect())
}

fn no_spiffe_id(identity: &Identity) -> Problem {
    let detail = format!(
        "The identity `{}` (`{}`) has no SPIFFE ID. Set `trust_domain` in the provider's `issuer` and apply; an API key has none at \
         all: use `nhi_workload_identity`, or `nhi_certificate` for a key of its own.",
        identity.facts.name,
        identity.facts.kind.name()
    );
    Problem::error("No SPIFFE ID", detail).at(X509SvidModel::identity)
}

/// Puts the certificate on record; whoever holds it afterwards has it from here.
async fn hand_out(
    context: &Context,
    permission: &Permission,
    (authority, leaf): (String, &Leaf),
) -> Result<(), Vec<Problem>> {
    let identity = &permission.identity;
    let record = CertificateRecord {
        serial: leaf.serial.clone(),
        identity_id: identity.id.clone(),
        authority,
        credential_version: identity.terms.credential_version,
        epoch: identity.facts.rotation.epoch,
        subject: leaf.subject.clone(),
        key_hash: leaf.key_hash.clone(),
        not_before: leaf.not_before,
        not_after: leaf.not_after,
        issued_at: permission.issued_at,
        revoked_at: None,
        revocation_reason: None,
    };
    let issue = Issue {
        action: permission.sort.issued(),
        identity: (identity.id.clone(), identity.version),
        credential: leaf.serial.clone(),
        audience: None,
        expires_at: Some(permission.expires_at),
        key: None,
    };
    let inventory = context.configured()?.inventory()?;
    let recorded = inventory.record_certificate(permission.issued_at, (record, issue)).await;
    recorded.map_err(|error| vec![refused("Credential not handed out", &error)])
}

#[cfg(test)]
mod tests;
