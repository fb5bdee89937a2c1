//! A key that signs, wherever it is kept: in a file, in the configuration, or with a program that never gives it away.

use std::fmt::Debug;

/// What a key signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// ECDSA with P-256 and SHA-256 (RFC 7518, 3.4).
    Es256,
    /// Ed25519 (RFC 8037).
    EdDsa,
}

/// A key that signs.
pub(crate) trait Signer: Debug + Send + Sync {
    /// What it signs with.
    fn algorithm(&self) -> Algorithm;

    /// Its public half, as a DER `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7).
    fn public_key(&self) -> &[u8];

    /// Signs a message. May wait for a program or a network, so it is never called on the async runtime. An ES256 signature is
    /// `r` and `s`, 32 bytes each, as JWS has it; X.509 needs another form of it.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Why nothing was signed. Never quotes a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct SignError {
    /// What went wrong, as a phrase.
    pub(crate) reason: String,
    /// What to do about it.
    pub(crate) help: String,
}
