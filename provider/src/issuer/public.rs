//! The public half of a key: as certificates have it, as a JSON Web Key, and as what checks a signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey,
    VerificationAlgorithm,
};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::{Digest as _, Sha256};

use super::error::KeyError;
use super::signer::Algorithm;

/// What stands before the point of a P-256 key in its `SubjectPublicKeyInfo`: `ecPublicKey`, `prime256v1`, a bit string that
/// begins with the mark of an uncompressed point.
const P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04";
/// The same of an Ed25519 key (RFC 8410).
const ED: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

/// A public key that ES256 or `EdDSA` signatures are checked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// The coordinates of a point on P-256.
    P256 {
        /// Big endian.
        x: [u8; 32],
        /// Big endian.
        y: [u8; 32],
    },
    /// A point on Ed25519.
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`.
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        if let Some(point) = der.strip_prefix(P256) {
            let (x, y) = point.split_at_checked(32)?;
            return Some(Self::P256 { x: x.try_into().ok()?, y: y.try_into().ok()? });
        }
        der.strip_prefix(ED)?.try_into().ok().map(Self::Ed25519)
    }

    /// Reads a `PUBLIC KEY` in PEM form.
    pub(crate) fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).ok();
        der.and_then(|der| Self::from_der(&der)).ok_or(KeyError::NotPublic)
    }

    /// The key of a raw point, as signing keys give it: with the mark of an uncompressed point where there are two coordinates.
    pub(crate) fn from_point(algorithm: Algorithm, point: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::Es256 => {
                let (x, y) = point.strip_prefix(b"\x04")?.split_at_checked(32)?;
                Some(Self::P256 { x: x.try_into().ok()?, y: y.try_into().ok()? })
            }
            Algorithm::EdDsa => point.try_into().ok().map(Self::Ed25519),
        }
    }

    /// What it checks.
    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256 { .. } => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// The DER `SubjectPublicKeyInfo`.
    pub(crate) fn to_der(&self) -> Vec<u8> {
        match self {
            Self::P256 { x, y } => [P256, x, y].concat(),
            Self::Ed25519(point) => [ED, point].concat(),
        }
    }

    /// The members of its JSON Web Key that RFC 7638 hashes, in the order in which it does.
    pub(crate) fn jwk(&self) -> Vec<(&'static str, String)> {
        let coordinate = |bytes: &[u8; 32]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::P256 { x, y } => vec![
                ("crv", "P-256".to_owned()),
                ("kty", "EC".to_owned()),
                ("x", coordinate(x)),
                ("y", coordinate(y)),
            ],
            Self::Ed25519(point) => vec![
                ("crv", "Ed25519".to_owned()),
                ("kty", "OKP".to_owned()),
                ("x", coordinate(point)),
            ],
        }
    }

    /// The key id: its RFC 7638 thumbprint.
    pub(crate) fn key_id(&self) -> String {
        // Its values are base64url and names: nothing in them needs escaping.
        let members: Vec<String> =
            self.jwk().iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        let text = format!("{{{}}}", members.join(","));
        URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
    }

    /// Whether the signature, as JWS writes it, is one of this key.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256 { .. } => self.holds(&ECDSA_P256_SHA256_FIXED, message, signature),
            Self::Ed25519(_) => self.holds(&ED25519, message, signature),
        }
    }

    /// Whether the signature is an ECDSA signature of this key in DER form.
    pub(crate) fn verifies_der(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256 { .. } => self.holds(&ECDSA_P256_SHA256_ASN1, message, signature),
            Self::Ed25519(_) => false,
        }
    }

    fn holds(
        &self,
        algorithm: &'static dyn VerificationAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let point = match self {
            Self::P256 { x, y } => [b"\x04".as_slice(), x, y].concat(),
            Self::Ed25519(point) => point.to_vec(),
        };
        UnparsedPublicKey::new(algorithm, point).verify(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, A.3.
    #[test]
    fn the_thumbprint_of_rfc_8037() {
        let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let key = PublicKey::Ed25519(x.try_into().unwrap());
        assert_eq!(key.key_id(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(PublicKey::from_der(&key.to_der()), Some(key));
    }

    #[test]
    fn keys_of_other_sorts_are_refused() {
        assert_eq!(PublicKey::from_der(b""), None);
        assert_eq!(PublicKey::from_der(&P256[..20]), None);
        assert_eq!(PublicKey::from_der(&[P256, &[0; 63]].concat()), None);
        assert_eq!(PublicKey::from_pem("no"), Err(KeyError::NotPublic));
    }
}
