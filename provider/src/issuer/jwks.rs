//! Key sets for those who check what was issued: a JSON Web Key Set (RFC 7517), a SPIFFE trust bundle, and the document by which
//! relying parties of OpenID Connect find the keys. The same keys give the same bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::public::PublicKey;
use crate::inventory::issues::IssuerKey;

/// How often those who check should look for new keys, in seconds: well within the time that a key is known before the one
/// before it is forgotten.
const REFRESH: u32 = 300;

/// A key in a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    /// Its id.
    pub(crate) key_id: String,
    /// The key.
    pub(crate) key: PublicKey,
}

impl Published {
    /// The key that signs now, as a DER `SubjectPublicKeyInfo`.
    pub(crate) fn current(public_key: &[u8]) -> Option<Self> {
        let key = PublicKey::from_der(public_key)?;
        Some(Self { key_id: key.key_id(), key })
    }

    /// A key that signed something.
    pub(crate) fn recorded(row: &IssuerKey) -> Option<Self> {
        Self::current(&STANDARD.decode(&row.public_key).ok()?)
    }

    fn members(&self) -> Map<String, Value> {
        let mut members: Map<String, Value> = self
            .key
            .jwk()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        members.insert("kid".to_owned(), self.key_id.as_str().into());
        members
    }
}

/// The JSON Web Key Set.
pub(crate) fn key_set(keys: &[Published]) -> Value {
    let keys: Vec<Value> = keys
        .iter()
        .map(|published| {
            let mut members = published.members();
            members.insert("alg".to_owned(), published.key.algorithm().name().into());
            members.insert("use".to_owned(), "sig".into());
            Value::Object(members)
        })
        .collect();
    json!({ "keys": keys })
}

/// The SPIFFE trust bundle (SPIFFE Trust Domain and Bundle, section 4): keys of JWT-SVIDs, and authorities of X.509-SVIDs, each
/// with its certificate in DER form.
pub(crate) fn spiffe_bundle(
    keys: &[Published],
    authorities: &[(Published, Vec<u8>)],
    sequence: u64,
) -> Value {
    let jwt = keys.iter().map(|published| {
        let mut members = published.members();
        members.insert("use".to_owned(), "jwt-svid".into());
        Value::Object(members)
    });
    let x509 = authorities.iter().map(|(published, certificate)| {
        let mut members = published.members();
        // Section 4.2.2: relying parties of X.509-SVIDs know an authority by its certificate alone.
        members.remove("kid");
        members.insert("use".to_owned(), "x509-svid".into());
        members.insert("x5c".to_owned(), json!([STANDARD.encode(certificate)]));
        Value::Object(members)
    });
    let keys: Vec<Value> = x509.chain(jwt).collect();
    json!({ "keys": keys, "spiffe_sequence": sequence, "spiffe_refresh_hint": REFRESH })
}

/// The discovery document (OpenID Connect Discovery 1.0, section 3) of an issuer whose key set lies beside it.
pub(crate) fn discovery(url: &str) -> Value {
    json!({
        "issuer": url,
        "jwks_uri": format!("{url}/.well-known/jwks.json"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "EdDSA"],
        "claims_supported": ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sets_of_one_key() {
        let key = PublicKey::Ed25519([7; 32]);
        let published = Published { key_id: key.key_id(), key };
        let set = key_set(std::slice::from_ref(&published));
        insta::assert_snapshot!(set, @r#"{"keys":[{"alg":"EdDSA","crv":"Ed25519","kid":"LIfT6kKuNJsZUsELg9bh0Gfpfqe1PUM9Obxwg-z9f9I","kty":"OKP","use":"sig","x":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}]}"#);
        let authorities = [(published.clone(), vec![1, 2, 3])];
        let bundle = spiffe_bundle(&[published], &authorities, 4);
        insta::assert_snapshot!(bundle, @r#"{"keys":[{"crv":"Ed25519","kty":"OKP","use":"x509-svid","x":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","x5c":["AQID"]},{"crv":"Ed25519","kid":"LIfT6kKuNJsZUsELg9bh0Gfpfqe1PUM9Obxwg-z9f9I","kty":"OKP","use":"jwt-svid","x":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}],"spiffe_refresh_hint":300,"spiffe_sequence":4}"#);
    }
}
