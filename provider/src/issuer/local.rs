//! A signing key that this process holds, out of a PEM text.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use super::error::KeyError;
use super::public::PublicKey;
use super::signer::{Algorithm, SignError, Signer};

/// What stands before an `ECPrivateKey` (RFC 5915) on P-256 inside a PKCS #8 `PrivateKeyInfo`: version and algorithm.
const P256_ALGORITHM: &[u8] =
    b"\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
/// The object identifiers of keys that people have and that do not sign what is needed.
const OTHERS: &[(&[u8], &str)] = &[
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "an RSA key"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "an RSA key"),
    (b"\x2b\x81\x04\x00\x22", "a P-384 key"),
    (b"\x2b\x81\x04\x00\x23", "a P-521 key"),
    (b"\x2b\x81\x04\x00\x0a", "a secp256k1 key"),
    (b"\x2b\x65\x71", "an Ed448 key"),
    (b"\x2b\x65\x6e", "an X25519 key"),
];

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A key in memory.
pub(crate) struct LocalKey {
    pair: Pair,
    random: SystemRandom,
    public_key: Vec<u8>,
}

impl fmt::Debug for LocalKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

impl LocalKey {
    /// Reads a private key in PEM form, from a place that `origin` names.
    pub(crate) fn from_pem(pem: &str, origin: &str) -> Result<Self, KeyError> {
        let origin = || origin.to_owned();
        if pem.contains("ENCRYPTED") {
            return Err(KeyError::Encrypted { origin: origin() });
        }
        let der = PrivateKeyDer::from_pem_slice(pem.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| KeyError::NotPem { origin: origin() })?;
        let pkcs8 = match &*der {
            PrivateKeyDer::Pkcs8(key) => Zeroizing::new(key.secret_pkcs8_der().to_vec()),
            PrivateKeyDer::Sec1(key) => wrapped(key.secret_sec1_der()),
            // The enum is open; there is no fourth form of a key in PEM.
            PrivateKeyDer::Pkcs1(_) | _ => {
                return Err(KeyError::Algorithm { origin: origin(), found: "an RSA key" });
            }
        };
        Self::from_pkcs8(&pkcs8).ok_or_else(|| {
            let secret = der.secret_der();
            let found = OTHERS.iter().find(|(oid, _)| {
                // The identifier of an algorithm stands in the first few bytes, that of a SEC 1 curve after the number.
                secret.windows(oid.len()).take(64).any(|window| window == *oid)
            });
            match found {
                Some((_, found)) => KeyError::Algorithm { origin: origin(), found },
                None => KeyError::Damaged { origin: origin() },
            }
        })
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let random = SystemRandom::new();
        let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let (pair, public_key) = if let Ok(pair) = EcdsaKeyPair::from_pkcs8(signing, pkcs8, &random)
        {
            let public = PublicKey::from_point(Algorithm::Es256, pair.public_key().as_ref())?;
            (Pair::P256(pair), public)
        } else {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).ok()?;
            let public = PublicKey::from_point(Algorithm::EdDsa, pair.public_key().as_ref())?;
            (Pair::Ed25519(pair), public)
        };
        Some(Self { pair, random, public_key: public_key.to_der() })
    }

    /// A new P-256 key, in PEM form.
    pub(crate) fn generate() -> Result<Zeroizing<String>, KeyError> {
        let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(signing, &SystemRandom::new())
            .map_err(|_| KeyError::Random)?;
        let text = Zeroizing::new(STANDARD.encode(pkcs8.as_ref()));
        // No reallocation may leave a copy behind.
        let mut pem = Zeroizing::new(String::with_capacity(text.len() * 2 + 64));
        pem.push_str("-----BEGIN PRIVATE KEY-----\n");
        for (index, letter) in text.chars().enumerate() {
            if index > 0 && index % 64 == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        pem.push_str("\n-----END PRIVATE KEY-----\n");
        Ok(pem)
    }
}

/// A SEC 1 key in a PKCS #8 envelope, which is the form that `ring` reads.
fn wrapped(sec1: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut inner = Zeroizing::new(Vec::with_capacity(sec1.len() + P256_ALGORITHM.len() + 16));
    inner.extend_from_slice(P256_ALGORITHM);
    tagged(0x04, sec1, &mut inner);
    let mut outer = Zeroizing::new(Vec::with_capacity(inner.len() + 16));
    tagged(0x30, &inner, &mut outer);
    outer
}

/// A DER value with its tag and length; the length of a key fits in two bytes.
fn tagged(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    let [.., high, low] = content.len().to_be_bytes();
    match (high, low) {
        (0, 0..=0x7f) => out.push(low),
        (0, _) => out.extend([0x81, low]),
        (_, _) => out.extend([0x82, high, low]),
    }
    out.extend_from_slice(content);
}

impl Signer for LocalKey {
    fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::P256(_) => Algorithm::Es256,
            Pair::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.pair {
            Pair::P256(pair) => {
                let signature = pair.sign(&self.random, message).map_err(|_| SignError {
                    reason: KeyError::Random.to_string(),
                    help: "try again".to_owned(),
                })?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `openssl`; they sign nothing but this.
    const SEC1: &str = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIO+ohQjVwWULMt1VRocxt73VMlLhlVq/WyaghwRASfi9oAoGCCqGSM49\nAwEHoUQDQgAElh22z0u/pKJrHxV/ZT66D0S41Lj9bRYa+cHmf8HBl6EmhCJU7ozu\ncU96TZfjWYLZrE2aZW/6Buq02r01Yb+Lzw==\n-----END EC PRIVATE KEY-----\n";
    const ED25519: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBdjGAAAV5bVdarT8ELSnaDZXFc7fvjt2+Q//8CAz/UO\n-----END PRIVATE KEY-----\n";
    const RSA: &str = "-----BEGIN PRIVATE KEY-----\nMIICeQIBADANBgkqhkiG9w0BAQEFAASCAmMwggJfAgEAAoGBAL4P/PatiiNeCZf2\nNAGINByQ2DnL8ymXRfCfe/wxvEZEmh/w1CuF6ytw+b8XeG84LbFgv00/7xM6Q7Za\ngeasX4nMYAwWFRwXmOpg4mnz1MI4LsvggXMxWnZM+XqLyUbj1Mrtqn6g/1wDVCSQ\nrNnoX9UkT3czX5aD0Wm7jrKhNaMvAgMBAAECgYEApvyNGH4oXCKG80iRMLdmcaKh\nF0algekyvdKhsFZSQLqNX3rMLuEeWbCM/OO2IKGPI8UIzupZNt9+Fn02nGDeHkLA\nd+xCP4toxOaOOCGCVhgf9bFQognmuVH91WHR/lNxbKVLwJv3CQ1cEx9KqLeeX8FD\nbhI9oEkhvQM2IBzqX6ECQQDwCasSUdFpB4iPLWyRhy7E8jggrD6LIyn3VDg+Jnz2\nagtgR3NyWeDS9E0we6mCoAqmfRoyhHlIKL3muXop0sLtAkEAyrOOE3TY+1JxfWWt\n34bTBE8ZlfD4IxLhTrs5lzX8ZFJUmvRLZr0TdBKoJPaylWoKH8QagHB4arlX0NXY\nlFzvCwJBAL4q2rZDzcUI696K3TWaRKpRP7ha3Z37uNayiXBrq5rJPsQDN2pD3IMk\nezbK8euEAYwPFr8pBrDtXi25ihgyWq0CQQDBAhWfmxxculTMJTxZYeSd7r+bEVcE\n9p5IvGeK/uGzmN1sqn79db4HQRiQEcNcGBtJwg3GDNHsNU1T0bunEZKfAkEA6nJo\n8TqRgsT9yKyLtcHRueTqdzC0fZ7VMYVsJ2R0mCYrZ3bncZsYKNZ6WCc0/IvDUHAG\n7hcN31hqOSpBczp/sQ==\n-----END PRIVATE KEY-----\n";
    const P384: &str = "-----BEGIN PRIVATE KEY-----\nMIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDQogVbx/av9On6a6wZ\nSy7l4O9YHxw0W/54tv+O2rij1RB9Xbt7ZinQrepYQAA0OEKhZANiAAQurx0Zg88i\n4zpzX8F0m4lYRFu+Sd+UgyTgoLfWo2/xyoxZondqiY1HCGQpcdX8KcnVUJgP9s+e\nvbHnqgSmi1s7ispOar23oBWJ1R2Bop3mCCQIYBQ2Gt+aPFd03FBsCs0=\n-----END PRIVATE KEY-----\n";
    const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiyPuPQWYGH7QICCAAw\nDAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEN3RzeYOfG1GzgcR5JfVjFMEQG5+\nMw6EOd5pP/m7CgJvBBab3FPQf8RviJiYRR4q3WA+Hpkv5jmbm/4M8LNNVzvh52v4\nYJ7GfEmmQ24g9LEKezw=\n-----END ENCRYPTED PRIVATE KEY-----\n";
    const EC_PARAMETERS: &str = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIF8dFAcwkkSXoeHl4/kwjdm4a6275rEGYZMytSPL9VRgoAoGCCqGSM49\nAwEHoUQDQgAElGZeiMN/QnwTmVOwtZjNWSTsx07Pv0gtfBM39KnzDCOp45YXgGOE\nIFZy3ZqdcqJGh0uMlrKOhw7pgFNqAiXhUw==\n-----END EC PRIVATE KEY-----\n";

    fn refusal(pem: &str) -> String {
        LocalKey::from_pem(pem, "the file `k`").unwrap_err().to_string()
    }

    #[test]
    fn what_is_made_signs() {
        let key = LocalKey::from_pem(&LocalKey::generate().unwrap(), "it").unwrap();
        let signature = key.sign(b"message").unwrap();
        let public = PublicKey::from_der(key.public_key()).unwrap();
        assert_eq!((key.algorithm(), signature.len()), (Algorithm::Es256, 64));
        assert!(public.verifies(b"message", &signature));
        assert!(!public.verifies(b"massage", &signature));
    }

    #[test]
    fn every_form_of_openssl_is_read() {
        for (pem, algorithm) in [
            (SEC1, Algorithm::Es256),
            (ED25519, Algorithm::EdDsa),
            (EC_PARAMETERS, Algorithm::Es256),
        ] {
            let key = LocalKey::from_pem(pem, "it").unwrap();
            assert_eq!(key.algorithm(), algorithm);
            let public = PublicKey::from_der(key.public_key()).unwrap();
            assert_eq!(public.algorithm(), algorithm);
            assert!(public.verifies(b"message", &key.sign(b"message").unwrap()));
        }
    }

    #[test]
    fn what_cannot_sign_is_named_and_never_quoted() {
        let all =
            [RSA, P384, ENCRYPTED, "hunter2", ED25519.get(..60).unwrap()].map(refusal).join("\n");
        insta::assert_snapshot!(all, @r"
        the file `k` holds an RSA key, where a P-256 or Ed25519 key is needed
        the file `k` holds a P-384 key, where a P-256 or Ed25519 key is needed
        the file `k` holds an encrypted private key
        the file `k` holds no private key in PEM form
        the file `k` holds no private key in PEM form
        ");
        let key = LocalKey::from_pem(ED25519, "it").unwrap();
        assert_eq!(format!("{key:?}"), "LocalKey { .. }");
    }
}
