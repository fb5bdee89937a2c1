//! Who vouches for workloads: the key that signs tokens and certificates, wherever it is kept, and the master key that API
//! keys are derived from.
//!
//! Keys are loaded when something is first issued, once; the embedded ones are made then. A plan that issues nothing touches
//! no key. Reading order: [`signer`] (what a key is to the rest); [`local`] and [`file`] (a key that this process
//! holds); [`public`] (its public half); [`master`] and [`api_key`]; [`x509`] (the certificates of the key) and [`authority`]
//! (signing and publishing them).

pub(crate) mod api_key;
pub(crate) mod authority;
mod error;
mod file;
pub(crate) mod jwks;
pub(crate) mod jws;
mod local;
pub(crate) mod master;
pub(crate) mod public;
pub(crate) mod remote;
pub(crate) mod signer;
pub(crate) mod x509;

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::attribute::Attribute;
use crate::problem::Problem;
use crate::secret::Secret;
use crate::wording;

use error::KeyError;
pub(crate) use file::KeyFile;
use local::LocalKey;
use master::MasterKey;
use public::PublicKey;
use remote::{Remote, RemoteKey};
use signer::Signer;
use x509::authority::Authority;

/// Where a key comes from.
#[derive(Clone, Debug, Default)]
pub(crate) enum Source {
    /// Not known before apply.
    #[default]
    Unknown,
    /// A setting or an environment variable, and how a message calls it.
    Text(Secret, &'static str),
    /// A file.
    File(KeyFile),
    /// Somebody else's.
    Remote(Remote),
}

/// The issuer, as configured.
#[derive(Debug, Default)]
pub(crate) struct Issuer {
    /// The SPIFFE trust domain.
    pub(crate) trust_domain: Attribute<String>,
    /// The address that tokens name as their issuer.
    pub(crate) url: Attribute<String>,
    key: Source,
    master: Source,
    signer: OnceCell<Arc<dyn Signer>>,
    master_key: OnceCell<Arc<MasterKey>>,
    authority: OnceCell<Arc<Authority>>,
}

impl Issuer {
    /// An issuer with its keys in those places.
    pub(crate) fn new(
        trust_domain: Attribute<String>,
        url: Attribute<String>,
        key: Source,
        master: Source,
    ) -> Self {
        Self { trust_domain, url, key, master, ..Self::default() }
    }

    /// The key that signs. The embedded one is made on first use.
    pub(crate) async fn signer(&self) -> Result<Arc<dyn Signer>, Vec<Problem>> {
        let load = || loaded(self.key.clone(), load_signer);
        self.signer.get_or_try_init(load).await.cloned()
    }

    /// The key that API keys are derived from. The embedded one is made on first use.
    pub(crate) async fn master_key(&self) -> Result<Arc<MasterKey>, Vec<Problem>> {
        let load = || loaded(self.master.clone(), load_master);
        self.master_key.get_or_try_init(load).await.cloned()
    }
}

/// The id of a public key, a DER `SubjectPublicKeyInfo`: its RFC 7638 thumbprint. Empty for a key of a sort that signs nothing here.
pub(crate) fn key_id(public_key: &[u8]) -> String {
    PublicKey::from_der(public_key).map_or_else(String::new, |key| key.key_id())
}

/// Loads a key off the async runtime: files are read and made.
async fn loaded<T: Send + 'static>(
    source: Source,
    load: fn(&Source) -> Result<T, KeyError>,
) -> Result<T, Vec<Problem>> {
    if matches!(source, Source::Unknown) {
        return Err(vec![Problem::error(
            "Issuer not known yet",
            "The provider's `issuer` depends on something that does not exist yet. Apply that first, with `-target`, or \
             set it to fixed values.",
        )]);
    }
    tokio::task::spawn_blocking(move || load(&source))
        .await
        .map_err(|error| vec![Problem::bug(error.to_string())])?
        .map_err(|error| vec![wording::diagnosed("Issuer key not usable", &error)])
}

fn load_signer(source: &Source) -> Result<Arc<dyn Signer>, KeyError> {
    let key = match source {
        Source::Unknown => return Err(KeyError::NotPem { origin: "what is not known".to_owned() }),
        Source::Text(text, origin) => LocalKey::from_pem(text.reveal(), origin)?,
        Source::File(file) => LocalKey::from_pem(&file.read(LocalKey::generate)?, &file.origin())?,
        Source::Remote(remote) => return Ok(Arc::new(RemoteKey::new(remote)?)),
    };
    Ok(Arc::new(key))
}

fn load_master(source: &Source) -> Result<Arc<MasterKey>, KeyError> {
    let key = match source {
        Source::Unknown | Source::Remote(_) => {
            return Err(KeyError::NotMaster { origin: "what is not known".to_owned() });
        }
        Source::Text(text, origin) => MasterKey::from_text(text.reveal(), origin)?,
        Source::File(file) => {
            MasterKey::from_text(&file.read(MasterKey::generate)?, &file.origin())?
        }
    };
    Ok(Arc::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_is_loaded_once_and_named_by_its_thumbprint() {
        let pem = Secret::from(LocalKey::generate().unwrap().to_string());
        let key = Source::Text(pem, "`key`");
        let issuer = Issuer::new(Attribute::Null, Attribute::Null, key, Source::Unknown);
        let (one, other) = (issuer.signer().await.unwrap(), issuer.signer().await.unwrap());
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!(key_id(one.public_key()).len(), 43);
        let problems = issuer.master_key().await.unwrap_err();
        assert_eq!(problems[0].summary, "Issuer not known yet");
    }

    #[tokio::test]
    async fn a_wrong_key_is_refused_without_being_shown() {
        let key = Source::Text(Secret::from("hunter2".to_owned()), "`key`");
        let issuer = Issuer::new(Attribute::Null, Attribute::Null, key, Source::Unknown);
        let problems = issuer.signer().await.unwrap_err();
        insta::assert_snapshot!(problems[0].detail, @"`key` holds no private key in PEM form. It begins with `-----BEGIN PRIVATE KEY-----` (PKCS #8) or `-----BEGIN EC PRIVATE KEY-----` (SEC 1).");
        assert!(!format!("{issuer:?} {problems:?}").contains("hunter2"));
    }
}
