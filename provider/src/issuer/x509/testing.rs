//! Keys of tests, held in memory.

use der::Decode as _;
use rcgen::{KeyPair, PublicKeyData as _, SigningKey as _};

use super::encoding::EcdsaSignature;
use crate::issuer::signer::{Algorithm, SignError, Signer};

/// A key of a test.
pub(crate) struct InMemory {
    key: KeyPair,
    public_key: Vec<u8>,
    algorithm: Algorithm,
}

impl std::fmt::Debug for InMemory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("InMemory")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl InMemory {
    /// A fresh key.
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let kind = match algorithm {
            Algorithm::Es256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Algorithm::EdDsa => &rcgen::PKCS_ED25519,
        };
        let key = KeyPair::generate_for(kind).unwrap();
        let public_key = key.subject_public_key_info();
        Self { key, public_key, algorithm }
    }
}

impl Signer for InMemory {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = self.key.sign(message).unwrap();
        if self.algorithm == Algorithm::EdDsa {
            return Ok(signature);
        }
        let EcdsaSignature { r, s } = EcdsaSignature::from_der(&signature).unwrap();
        let fixed = [r, s].into_iter().flat_map(|number| {
            let bytes = number.as_bytes().to_vec();
            vec![0; 32 - bytes.len()].into_iter().chain(bytes)
        });
        Ok(fixed.collect())
    }
}
