//! What certificates, requests and lists have in common: identifiers of algorithms, signatures, times, names and extensions as
//! X.509 writes them.

use der::asn1::{BitString, ObjectIdentifier, OctetString, SetOfVec, UintRef, Utf8StringRef};
use der::oid::AssociatedOid;
use der::{Any, Decode as _, Encode, Sequence};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::Time;

use super::X509Error;
use crate::issuer::signer::{Algorithm, Signer};

pub(super) const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
pub(super) const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// `UID` (RFC 4519, 2.39).
pub(super) const USER_ID: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// How long a key identifier is (RFC 7093, 2, method 1).
const KEY_IDENTIFIER: usize = 20;

/// What is signed, with its signature: certificates and lists have the same outer form.
#[derive(Sequence)]
struct Signed<'a> {
    content: der::AnyRef<'a>,
    algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
}

/// An ECDSA signature as X.509 has it (RFC 3279, 2.2.3).
#[derive(Sequence)]
pub(super) struct EcdsaSignature<'a> {
    pub(super) r: UintRef<'a>,
    pub(super) s: UintRef<'a>,
}

/// The identifier of what a key signs with. Neither algorithm has parameters (RFC 5758, 3.2; RFC 8410, 3).
pub(super) fn algorithm(algorithm: Algorithm) -> AlgorithmIdentifierOwned {
    let oid = match algorithm {
        Algorithm::Es256 => ECDSA_WITH_SHA256,
        Algorithm::EdDsa => ED25519,
    };
    AlgorithmIdentifierOwned { oid, parameters: None }
}

/// Signs the DER of a certificate or a list.
pub(super) fn sign(content: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, X509Error> {
    let signature = signer.sign(content)?;
    let signature = match signer.algorithm() {
        Algorithm::EdDsa => signature,
        Algorithm::Es256 => {
            let (r, s) = signature.split_at_checked(signature.len() / 2).unwrap_or_default();
            EcdsaSignature { r: UintRef::new(r)?, s: UintRef::new(s)? }.to_der()?
        }
    };
    let envelope = Signed {
        content: der::AnyRef::from_der(content)?,
        algorithm: algorithm(signer.algorithm()),
        signature: BitString::from_bytes(&signature)?,
    };
    Ok(envelope.to_der()?)
}

/// A time in whole seconds: `UTCTime` until 2049, `GeneralizedTime` after it (RFC 5280, 4.1.2.5).
pub(super) fn time(time: Timestamp) -> Result<Time, X509Error> {
    let seconds = u64::try_from(time.as_second()).unwrap_or_default();
    let since = std::time::Duration::from_secs(seconds);
    Ok(der::DateTime::from_unix_duration(since).map(Time::from)?)
}

/// A distinguished name of one attribute a level.
pub(super) fn name(attributes: &[(ObjectIdentifier, &str)]) -> Result<Name, X509Error> {
    let mut sequence = RdnSequence::default();
    for (oid, text) in attributes {
        let value = Any::from(Utf8StringRef::new(text)?);
        let attribute = AttributeTypeAndValue { oid: *oid, value };
        let set = SetOfVec::try_from(vec![attribute])?;
        sequence.push(RelativeDistinguishedName::from(set));
    }
    Ok(Name::from_der(&sequence.to_der()?)?)
}

/// Adds an extension.
pub(super) fn extend<T: AssociatedOid + Encode>(
    extensions: &mut Extensions,
    critical: bool,
    content: &T,
) -> Result<(), X509Error> {
    let extn_value = OctetString::new(content.to_der()?)?;
    extensions.push(Extension { extn_id: T::OID, critical, extn_value });
    Ok(())
}

/// What names a key: the first 160 bits of the SHA-256 of its bits (RFC 7093, 2, method 1).
pub(super) fn key_identifier(key: &SubjectPublicKeyInfoOwned) -> Vec<u8> {
    Sha256::digest(key.subject_public_key.raw_bytes()).into_iter().take(KEY_IDENTIFIER).collect()
}

pub(super) fn subject_key(identifier: &[u8]) -> Result<SubjectKeyIdentifier, X509Error> {
    Ok(SubjectKeyIdentifier(OctetString::new(identifier)?))
}

pub(super) fn authority_key(identifier: &[u8]) -> Result<AuthorityKeyIdentifier, X509Error> {
    Ok(AuthorityKeyIdentifier {
        key_identifier: Some(OctetString::new(identifier)?),
        ..AuthorityKeyIdentifier::default()
    })
}

/// Bytes in lowercase hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
