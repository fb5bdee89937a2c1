//! Signed tokens: a JSON Web Signature in its compact form (RFC 7515), made of claims and of a key wherever it is kept.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::public::PublicKey;
use super::signer::{Algorithm, SignError, Signer};
use crate::problem::Problem;
use crate::secret::Secret;
use crate::wording;

/// The header, in the order in which it is written.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: &'a str,
}

/// A token, and the key that signed it.
pub(crate) struct Signed {
    /// The token: whoever holds it is the identity.
    pub(crate) token: Secret,
    /// The id of the key.
    pub(crate) key_id: String,
    /// The key's name for its algorithm.
    pub(crate) algorithm: &'static str,
    /// The DER `SubjectPublicKeyInfo` of the key.
    pub(crate) public_key: Vec<u8>,
}

impl Algorithm {
    /// Its name in headers and key sets (RFC 7518, RFC 8037).
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// Signs claims. The key may be far away, so that this waits off the async runtime.
pub(crate) async fn sign<C: Serialize>(
    signer: Arc<dyn Signer>,
    typ: &'static str,
    claims: &C,
) -> Result<Signed, Vec<Problem>> {
    let claims = serde_json::to_vec(claims).map_err(bug)?;
    let signing = move || signed(&*signer, typ, &claims);
    let outcome = tokio::task::spawn_blocking(signing).await.map_err(bug)?;
    outcome.map_err(|SignError { reason, help }| {
        vec![wording::problem("Token not signed", &reason, &help)]
    })
}

fn bug(error: impl std::fmt::Display) -> Vec<Problem> {
    vec![Problem::bug(error.to_string())]
}

fn signed(signer: &dyn Signer, typ: &str, claims: &[u8]) -> Result<Signed, SignError> {
    let (algorithm, public_key) = (signer.algorithm().name(), signer.public_key().to_vec());
    let key_id = super::key_id(&public_key);
    let header = serde_json::to_vec(&Header { alg: algorithm, kid: &key_id, typ })
        .map_err(|error| SignError { reason: error.to_string(), help: String::new() })?;
    let mut token = String::with_capacity(2 * (header.len() + claims.len()) + 96);
    URL_SAFE_NO_PAD.encode_string(header, &mut token);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(claims, &mut token);
    let signature = signer.sign(token.as_bytes())?;
    // A key that is kept elsewhere may be another than the one that was announced: nobody could check what it signs.
    let fits = PublicKey::from_der(&public_key)
        .is_some_and(|key| key.verifies(token.as_bytes(), &signature));
    if !fits {
        return Err(SignError {
            reason: "the signature is not one of the issuer's key".to_owned(),
            help: "check that the signer and its public key belong together".to_owned(),
        });
    }
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(Signed { token: token.into(), key_id, algorithm, public_key })
}

#[cfg(test)]
mod tests {
    use super::super::local::LocalKey;
    use super::*;

    #[test]
    fn a_token_is_what_rfc_7515_says() {
        let key = LocalKey::from_pem(&LocalKey::generate().unwrap(), "it").unwrap();
        let signed = signed(&key, "JWT", b"{\"sub\":\"a\"}").unwrap();
        let parts: Vec<_> = signed.token.reveal().split('.').collect();
        let decode = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        let header = format!(r#"{{"alg":"ES256","kid":"{}","typ":"JWT"}}"#, signed.key_id);
        assert_eq!(decode(parts[0]), header);
        assert_eq!(decode(parts[1]), r#"{"sub":"a"}"#);
        let message = format!("{}.{}", parts[0], parts[1]);
        let signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
        let public = PublicKey::from_der(&signed.public_key).unwrap();
        assert!(parts.len() == 3 && public.verifies(message.as_bytes(), &signature));
    }

    #[derive(Debug)]
    struct Impostor(LocalKey, LocalKey);

    impl Signer for Impostor {
        fn algorithm(&self) -> Algorithm {
            Algorithm::Es256
        }

        fn public_key(&self) -> &[u8] {
            self.0.public_key()
        }

        fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
            self.1.sign(message)
        }
    }

    #[test]
    fn what_another_key_signed_is_not_handed_out() {
        let key = || LocalKey::from_pem(&LocalKey::generate().unwrap(), "it").unwrap();
        let refused = signed(&Impostor(key(), key()), "JWT", b"{}").err().unwrap();
        assert_eq!(refused.reason, "the signature is not one of the issuer's key");
    }
}
