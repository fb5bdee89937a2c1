//! The issuer as a certificate authority: signing off the async runtime, and what relying parties need to check what it signed.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use super::error::KeyError;
use super::local::LocalKey;
use super::signer::Signer as _;
use super::x509::authority::{Authority, id_of};
use super::x509::leaf::{Holder, Leaf};
use super::x509::{X509Error, pem};
use super::{Issuer, key_id};
use crate::attribute::Attribute;
use crate::context::Context;
use crate::inventory::InventoryError;
use crate::inventory::certificates::{AuthorityRecord, KeptList, Standing};
use crate::problem::Problem;
use crate::resources::refused;
use crate::secret::Secret;
use crate::wording;

/// How far the clock of whoever checks a certificate may be behind ours.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// After how long a list is made again though nothing has changed: long before it ends, and not so often that every plan shows
/// another one.
const LIST_KEPT: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Where the revocation list is published, below the issuer's address.
const CRL_PATH: &str = "ca.crl";

/// What relying parties need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Published {
    /// The certificates of the authorities, as DER: the current one first, then older ones of which something is still valid.
    pub(crate) authorities: Vec<Vec<u8>>,
    /// The revocation lists of the current one, as PEM, and the latest of older ones.
    pub(crate) crl_pem: String,
    /// When the authorities changed last.
    pub(crate) changed_at: Timestamp,
    /// What cannot be published any more.
    pub(crate) warnings: Vec<Problem>,
}

impl Published {
    /// The certificates, as PEM.
    pub(crate) fn bundle_pem(&self) -> String {
        self.authorities.iter().map(|der| pem::write(pem::CERTIFICATE, der)).collect()
    }
}

/// The authority of the configured key. Its certificate is made on first use.
pub(crate) async fn current(context: &Context) -> Result<Arc<Authority>, Vec<Problem>> {
    let issuer = &context.configured()?.issuer;
    issuer.authority.get_or_try_init(|| load(issuer, context)).await.cloned()
}

async fn load(issuer: &Issuer, context: &Context) -> Result<Arc<Authority>, Vec<Problem>> {
    let trust_domain = match &issuer.trust_domain {
        Attribute::Known(trust_domain) => trust_domain.clone(),
        Attribute::Null => String::new(),
        Attribute::Unknown => {
            return Err(vec![Problem::error(
                "Issuer not known yet",
                "The provider's `issuer` depends on something that does not exist yet. Apply that first, with `-target`, or \
                 set it to fixed values.",
            )]);
        }
    };
    let signer = issuer.signer().await?;
    let key_id = key_id(signer.public_key());
    let id = id_of(&key_id, &trust_domain);
    let inventory = context.configured()?.inventory()?;
    let failed = |error: InventoryError| vec![refused("Inventory not readable", &error)];
    let mut record = inventory.authority(&id).await.map_err(failed)?;
    if record.is_none() {
        let (signer, names) = (Arc::clone(&signer), (key_id.clone(), trust_domain.clone()));
        let made = off_runtime(move || Authority::new(signer, (&names.0, &names.1))).await?;
        let made = AuthorityRecord {
            id,
            key_id: key_id.clone(),
            trust_domain: trust_domain.clone(),
            certificate: STANDARD.encode(&made.certificate),
            created_at: whole_seconds(context.now()),
        };
        record = Some(inventory.keep_authority(made).await.map_err(failed)?);
    }
    let der = record.map(|record| record.der()).transpose().map_err(failed)?.unwrap_or_default();
    let kept = Authority::kept(signer, (&key_id, &trust_domain), der);
    kept.map_err(|error| vec![problem(&error)])?.map(Arc::new).ok_or_else(|| {
        let detail = "The certificate that the inventory holds for the issuer key is not that of this key. Restore the inventory \
                      from a backup.";
        vec![Problem::error("Wrong certificate authority", detail)]
    })
}

/// Whom a certificate is to name.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// What platforms call it.
    pub(crate) principal_name: String,
    /// The identity's id.
    pub(crate) id: String,
    /// Its SPIFFE ID.
    pub(crate) spiffe_id: Option<String>,
    /// Names under which it can be reached.
    pub(crate) dns_names: Vec<String>,
    /// Its key, as a DER `SubjectPublicKeyInfo`.
    pub(crate) public_key: Vec<u8>,
}

/// Signs a certificate that ends at a time.
pub(crate) async fn sign(
    context: &Context,
    subject: Subject,
    not_after: Timestamp,
) -> Result<(Arc<Authority>, Leaf), Vec<Problem>> {
    let authority = current(context).await?;
    let now = whole_seconds(context.now());
    let not_before = now.checked_sub(SKEW).unwrap_or(now);
    let crl_url = crl_url(&context.configured()?.issuer.url);
    let signing = Arc::clone(&authority);
    let leaf = off_runtime(move || {
        let holder = Holder {
            principal_name: &subject.principal_name,
            id: &subject.id,
            spiffe_id: subject.spiffe_id.as_deref(),
            dns_names: &subject.dns_names,
            public_key: &subject.public_key,
        };
        signing.issue(holder, (not_before, not_after), crl_url.as_deref())
    })
    .await?;
    Ok((authority, leaf))
}

/// A list is named in certificates only where it can be fetched without being altered on the way.
fn crl_url(url: &Attribute<String>) -> Option<String> {
    let url = url.as_str().filter(|url| url.starts_with("https://"))?;
    Some(format!("{}/{CRL_PATH}", url.trim_end_matches('/')))
}

/// A new key for a certificate: PKCS#8 in PEM, and its public half as a DER `SubjectPublicKeyInfo`.
pub(crate) fn fresh_key() -> Result<(Secret, Vec<u8>), Vec<Problem>> {
    let failed = |error: KeyError| vec![wording::diagnosed("Key not made", &error)];
    let pem = LocalKey::generate().map_err(failed)?;
    let public_key = LocalKey::from_pem(&pem, "the new key").map_err(failed)?.public_key().to_vec();
    Ok((Secret::from(pem.to_string()), public_key))
}

/// The certificates that relying parties need to check what is valid now, as PEM: the current authority's first.
pub(crate) async fn bundle_pem(context: &Context) -> Result<String, Vec<Problem>> {
    let authority = current(context).await?;
    let inventory = context.configured()?.inventory()?;
    let failed = |error: InventoryError| vec![refused("Inventory not readable", &error)];
    let living =
        inventory.living_authorities(whole_seconds(context.now())).await.map_err(failed)?;
    let mut bundle = authority.certificate_pem();
    for older in living.into_iter().filter(|older| older.id != authority.id()) {
        bundle.push_str(&pem::write(pem::CERTIFICATE, &older.der().map_err(failed)?));
    }
    Ok(bundle)
}

/// What relying parties need now.
pub(crate) async fn published(context: &Context) -> Result<Published, Vec<Problem>> {
    let authority = current(context).await?;
    let inventory = context.configured()?.inventory()?;
    let now = whole_seconds(context.now());
    let failed = |error: InventoryError| vec![refused("Inventory not readable", &error)];
    let standings = inventory.revocations(now).await.map_err(failed)?;
    let mut published =
        Published { authorities: vec![authority.certificate.clone()], ..Published::default() };
    let changes = standings.iter().flat_map(|it| [Some(it.authority.created_at), it.over_since]);
    published.changed_at = changes.flatten().max().unwrap_or(now);
    let (current, others): (Vec<_>, Vec<_>) =
        standings.into_iter().partition(|standing| standing.authority.id == authority.id());
    for standing in current {
        let list = list(context, &authority, standing, now).await?;
        published.crl_pem.push_str(&pem::write(pem::CRL, &list.list));
    }
    for older in others.into_iter().filter(|older| older.has_valid) {
        published.authorities.push(older.authority.der().map_err(failed)?);
        let told = older.list.as_ref().map_or(&[][..], |list| &list.entries);
        if older.revoked.iter().any(|revoked| !told.contains(revoked)) {
            published.warnings.push(untold(&older.authority));
        }
        if let Some(list) = &older.list {
            published.crl_pem.push_str(&pem::write(pem::CRL, &list.list));
        }
    }
    Ok(published)
}

/// The list that was kept, as long as it says what is so and is not about to end; otherwise a new one.
async fn list(
    context: &Context,
    authority: &Arc<Authority>,
    standing: Standing,
    now: Timestamp,
) -> Result<KeptList, Vec<Problem>> {
    let number = standing.list.as_ref().map_or(0, |kept| kept.number).saturating_add(1);
    let fresh_until = |kept: &KeptList| kept.issued_at.checked_add(LIST_KEPT).unwrap_or(now);
    let says_so = |kept: &KeptList| kept.entries == standing.revoked && now < fresh_until(kept);
    if let Some(kept) = standing.list.filter(says_so) {
        return Ok(kept);
    }
    let (signing, entries) = (Arc::clone(authority), standing.revoked.clone());
    let list = off_runtime(move || signing.revocation_list(number, now, &entries)).await?;
    let made = KeptList { number, issued_at: now, entries: standing.revoked, list };
    let inventory = context.configured()?.inventory()?;
    let kept = inventory.keep_list(now, (standing.authority.id, made)).await;
    kept.map_err(|error| vec![refused("Revocation list not on record", &error)])
}

fn untold(authority: &AuthorityRecord) -> Problem {
    let detail = format!(
        "The issuer key `{}` is not configured any more, so that nothing can be added to its revocation list, and something that \
         it signed has been revoked since. Until its last certificate has ended, relying parties that trust it accept what is \
         revoked. Rotate the identities that still have certificates of it, so that it can leave the bundle.",
        authority.key_id
    );
    Problem::warning("Revocations of an old key", detail)
}

/// Signing may wait for a program or a network.
async fn off_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, X509Error> + Send + 'static,
) -> Result<T, Vec<Problem>> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| vec![Problem::bug(error.to_string())])?
        .map_err(|error| vec![problem(&error)])
}

fn problem(error: &X509Error) -> Problem {
    wording::problem("Certificate not signed", &error.to_string(), &error.help())
}

/// Times in certificates are whole seconds.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_second()).unwrap_or(time)
}
