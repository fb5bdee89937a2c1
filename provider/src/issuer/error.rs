//! Why there is no key. No message quotes what a key, a key file or a setting holds.

use miette::Diagnostic;
use thiserror::Error;

/// Why a key cannot be used. `origin` says where it comes from: `` the file `.nhi/issuer.pem` ``.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub(crate) enum KeyError {
    /// The file is not there, and is not the default, which would be made.
    #[error("there is no file `{path}`")]
    #[diagnostic(help(
        "make a key there with `{how}`; only the default file is made when it is missing, because a key that appears by \
         itself is trusted by nobody"
    ))]
    NoFile {
        /// As configured.
        path: String,
        /// The command that makes one.
        how: &'static str,
    },
    /// The file system refuses.
    #[error("the file `{path}` cannot be used: {reason}")]
    #[diagnostic(help("let the user that runs Terraform read it, and write to its folder"))]
    File {
        /// As configured.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// Others can read the file.
    #[error("the file `{path}` can be read by others: its mode is {mode:04o}")]
    #[diagnostic(help(
        "make sure that nobody has read it, then run `chmod 600 {path}`; if somebody may have, make a new key"
    ))]
    TooOpen {
        /// As configured.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a PEM file, or one of another sort.
    #[error("{origin} holds no private key in PEM form")]
    #[diagnostic(help(
        "it begins with `-----BEGIN PRIVATE KEY-----` (PKCS #8) or `-----BEGIN EC PRIVATE KEY-----` (SEC 1)"
    ))]
    NotPem {
        /// Where it comes from.
        origin: String,
    },
    /// The key needs a passphrase.
    #[error("{origin} holds an encrypted private key")]
    #[diagnostic(help(
        "there is nobody to ask for its passphrase: decrypt it with `openssl pkey`, or keep it elsewhere and set `signer`"
    ))]
    Encrypted {
        /// Where it comes from.
        origin: String,
    },
    /// A key that does not sign ES256 or `EdDSA`.
    #[error("{origin} holds {found}, where a P-256 or Ed25519 key is needed")]
    #[diagnostic(help(
        "make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`"
    ))]
    Algorithm {
        /// Where it comes from.
        origin: String,
        /// What it is.
        found: &'static str,
    },
    /// Damaged, or without its public half.
    #[error("{origin} holds a key that is damaged or lacks its public half")]
    #[diagnostic(help("`openssl pkey -in OLD -out NEW` writes it with its public half"))]
    Damaged {
        /// Where it comes from.
        origin: String,
    },
    /// Not 32 bytes.
    #[error("{origin} holds no master key")]
    #[diagnostic(help("a master key is 32 random bytes in base64: `openssl rand -base64 32`"))]
    NotMaster {
        /// Where it comes from.
        origin: String,
    },
    /// The public key of a signer is of no use.
    #[error("`public_key` holds no P-256 or Ed25519 public key in PEM form")]
    #[diagnostic(help(
        "it begins with `-----BEGIN PUBLIC KEY-----`; `openssl pkey -pubout` writes it"
    ))]
    NotPublic,
    /// The system has no random numbers.
    #[error("the system has no random numbers")]
    #[diagnostic(help("try again; without them there are no keys"))]
    Random,
}
