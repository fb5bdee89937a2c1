//! A signing key that this process never holds: a program or a socket signs, on behalf of a KMS, an HSM or Vault. The protocol is
//! one line of JSON each way, see `docs/guides/issuer-keys.md`.
//!
//! What comes back is checked with the public key before it is used. A message to be signed never shows in an error, whatever the
//! other side says.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use der::asn1::UintRef;
use der::{Decode as _, Sequence};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::KeyError;
use super::public::PublicKey;
use super::signer::{Algorithm, SignError, Signer};

mod command;
#[cfg(unix)]
mod socket;

/// No answer is longer.
const LONGEST: u64 = 64 * 1024;
/// How much of what the other side says is repeated.
const TAIL: usize = 400;

const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A program and its arguments.
    Command(Vec<String>),
    /// A Unix domain socket.
    Socket(std::path::PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(words) => {
                write!(formatter, "the signing command `{}`", words.first().map_or("", |it| it))
            }
            Self::Socket(path) => write!(formatter, "the signing socket `{}`", path.display()),
        }
    }
}

/// As configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remote {
    /// Who signs.
    pub(crate) place: Place,
    /// The public key, in PEM form.
    pub(crate) public_key: String,
    /// How long an answer may take.
    pub(crate) timeout: Duration,
}

/// A key that is kept elsewhere.
#[derive(Debug)]
pub(crate) struct RemoteKey {
    place: Place,
    timeout: Duration,
    key: PublicKey,
    der: Vec<u8>,
}

/// What is asked.
#[derive(Serialize)]
struct Request<'a> {
    version: u8,
    algorithm: &'static str,
    key_id: &'a str,
    message: &'a str,
    sha256: String,
}

/// What is answered.
#[derive(Deserialize)]
struct Reply {
    signature: Option<String>,
    error: Option<String>,
}

#[derive(Sequence)]
struct EcdsaSignature<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

impl RemoteKey {
    /// Reads the public key; nothing is asked yet.
    pub(crate) fn new(remote: &Remote) -> Result<Self, KeyError> {
        let key = PublicKey::from_pem(&remote.public_key)?;
        let der = key.to_der();
        Ok(Self { place: remote.place.clone(), timeout: remote.timeout, key, der })
    }

    fn failed(&self, what: &str) -> SignError {
        SignError {
            reason: format!("{} {what}", self.place),
            help: "see the guide on issuer keys for what it is asked and what it has to answer"
                .to_owned(),
        }
    }

    fn ask(&self, request: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.place {
            Place::Command(words) => command::ask(words, request, self.timeout),
            #[cfg(unix)]
            Place::Socket(path) => socket::ask(path, request, self.timeout),
            #[cfg(not(unix))]
            Place::Socket(_) => Err("cannot be used: this system has no such sockets".to_owned()),
        }
        .map_err(|what| self.failed(&what))
    }

    /// The signature as JWS has it, whichever of the two usual forms it came in.
    fn accepted(&self, message: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
        if self.key.verifies(message, signature) {
            return Some(signature.to_vec());
        }
        self.key.verifies_der(message, signature).then(|| fixed(signature)).flatten()
    }
}

/// An ECDSA signature of P-256 in DER form, as `r` and `s` of 32 bytes each.
fn fixed(der: &[u8]) -> Option<Vec<u8>> {
    let EcdsaSignature { r, s } = EcdsaSignature::from_der(der).ok()?;
    let mut out = vec![0; 64];
    for (half, number) in out.chunks_mut(32).zip([r, s]) {
        let bytes = number.as_bytes();
        half.get_mut(32_usize.checked_sub(bytes.len())?..)?.copy_from_slice(bytes);
    }
    Some(out)
}

/// The end of what the other side said: printable, on one line, and without the message.
fn tail(said: &str, message: &str) -> String {
    let said = if message.is_empty() { said.to_owned() } else { said.replace(message, "…") };
    let words: Vec<&str> = said.split_whitespace().collect();
    let line: String = words.join(" ").chars().filter(|letter| !letter.is_control()).collect();
    let skipped = line.chars().count().saturating_sub(TAIL);
    line.chars().skip(skipped).collect()
}

impl Signer for RemoteKey {
    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    fn public_key(&self) -> &[u8] {
        &self.der
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let encoded = STANDARD.encode(message);
        let request = Request {
            version: 1,
            algorithm: self.key.algorithm().name(),
            key_id: &self.key.key_id(),
            message: &encoded,
            sha256: STANDARD.encode(Sha256::digest(message)),
        };
        let mut line =
            serde_json::to_vec(&request).map_err(|error| self.failed(&error.to_string()))?;
        line.push(b'\n');
        let hide = |SignError { reason, help }: SignError| {
            let reason = reason.replace(&encoded, "…");
            let plain = std::str::from_utf8(message).ok().filter(|plain| !plain.is_empty());
            SignError {
                reason: plain.map_or(reason.clone(), |plain| reason.replace(plain, "…")),
                help,
            }
        };
        let answer = self.ask(&line).map_err(hide)?;
        let reply: Reply = serde_json::from_slice(&answer)
            .map_err(|_| self.failed("answered something else than one line of JSON"))?;
        if let Some(error) = reply.error {
            let said = tail(&error, &encoded);
            return Err(hide(self.failed(&format!("refused: {said}"))));
        }
        let text = reply.signature.unwrap_or_default();
        let signature = STANDARD
            .decode(text.trim())
            .or_else(|_| URL_SAFE.decode(text.trim()))
            .map_err(|_| self.failed("answered a signature that is not base64"))?;
        self.accepted(message, &signature)
            .ok_or_else(|| self.failed("answered a signature that is not one of `public_key`"))
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
