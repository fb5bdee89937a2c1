//! The certificate authority of the issuer key: its own certificate, the certificates of identities, and what was revoked.
//!
//! Everything here is a function of its arguments: keys, times and serial numbers are passed in, and nothing is stored. X.509
//! is RFC 5280; certificates of workloads follow the X509-SVID specification of SPIFFE.

pub(crate) mod authority;
pub(crate) mod crl;
mod encoding;
pub(crate) mod leaf;
pub(crate) mod names;
pub(crate) mod pem;
pub(crate) mod request;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use super::signer::SignError;

/// Why there is no certificate or list. Never quotes a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum X509Error {
    /// The key did not sign.
    #[error("{0}")]
    Sign(#[from] SignError),
    /// Something does not fit into the form of a certificate.
    #[error("what is to be certified cannot be written as X.509: {0}")]
    Encoding(String),
    /// No randomness.
    #[error("the system has no random numbers")]
    Random,
}

impl X509Error {
    /// What to do about it.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Sign(error) => error.help.clone(),
            Self::Encoding(_) => {
                "choose names of plain letters, digits, dots and hyphens".to_owned()
            }
            Self::Random => "check that the system can read `/dev/urandom`".to_owned(),
        }
    }
}

impl From<der::Error> for X509Error {
    fn from(error: der::Error) -> Self {
        Self::Encoding(error.to_string())
    }
}
