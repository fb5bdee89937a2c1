//! The certificate of the issuer key itself: a self-signed root.
//!
//! What it says follows from the key and the trust domain alone. With Ed25519 so do all its bytes; an ECDSA signature is
//! different each time, so the certificate is made once and kept in the inventory, and both verify what the key signs.

use std::sync::Arc;

use der::{Decode as _, Encode as _, Sequence};
use jiff::Timestamp;
use jiff::civil::date;
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectAltName};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::time::Validity;

use super::encoding::{
    COMMON_NAME, ORGANIZATION, algorithm, extend, key_identifier, name, sign, subject_key, time,
};
use super::{X509Error, pem};
use crate::issuer::signer::Signer;

/// A certificate before it is signed (RFC 5280, 4.1); `x509-cert` only reads this form.
#[derive(Sequence)]
pub(super) struct ToSign {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(super) version: Version,
    pub(super) serial_number: SerialNumber,
    pub(super) signature: AlgorithmIdentifierOwned,
    pub(super) issuer: Name,
    pub(super) validity: Validity,
    pub(super) subject: Name,
    pub(super) public_key: SubjectPublicKeyInfoOwned,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub(super) extensions: Extensions,
}

/// Who signs certificates.
#[derive(Clone, Debug)]
pub(crate) struct Authority {
    pub(super) signer: Arc<dyn Signer>,
    pub(super) subject: Name,
    pub(super) key_identifier: Vec<u8>,
    /// Names the key (RFC 7638), in the inventory as in tokens.
    key_id: String,
    /// The trust domain that it vouches in; empty for none.
    trust_domain: String,
    /// Its certificate, as DER.
    pub(crate) certificate: Vec<u8>,
}

impl Authority {
    /// Makes the certificate. Signs, so it must not be called on the async runtime.
    pub(crate) fn new(
        signer: Arc<dyn Signer>,
        (key_id, trust_domain): (&str, &str),
    ) -> Result<Self, X509Error> {
        let content = content(signer.as_ref(), key_id, trust_domain)?;
        let certificate = sign(&content.to_der()?, signer.as_ref())?;
        Ok(Self::of(signer, content, (key_id, trust_domain), certificate))
    }

    /// Takes the certificate that was made before; none if it is not that of this key and trust domain.
    pub(crate) fn kept(
        signer: Arc<dyn Signer>,
        (key_id, trust_domain): (&str, &str),
        certificate: Vec<u8>,
    ) -> Result<Option<Self>, X509Error> {
        let content = content(signer.as_ref(), key_id, trust_domain)?;
        let says_the_same = Certificate::from_der(&certificate)
            .and_then(|kept| kept.tbs_certificate().to_der())
            .is_ok_and(|kept| content.to_der().is_ok_and(|content| content == kept));
        if !says_the_same {
            return Ok(None);
        }
        Ok(Some(Self::of(signer, content, (key_id, trust_domain), certificate)))
    }

    fn of(
        signer: Arc<dyn Signer>,
        content: ToSign,
        (key_id, trust_domain): (&str, &str),
        certificate: Vec<u8>,
    ) -> Self {
        Self {
            key_identifier: key_identifier(&content.public_key),
            subject: content.subject,
            signer,
            key_id: key_id.to_owned(),
            trust_domain: trust_domain.to_owned(),
            certificate,
        }
    }

    /// What names it on record.
    pub(crate) fn id(&self) -> String {
        id_of(&self.key_id, &self.trust_domain)
    }

    /// Its certificate, as PEM.
    pub(crate) fn certificate_pem(&self) -> String {
        pem::write(pem::CERTIFICATE, &self.certificate)
    }
}

/// The key of a certificate, as a DER `SubjectPublicKeyInfo`; none if it is not one.
pub(crate) fn public_key(certificate: &[u8]) -> Option<Vec<u8>> {
    let certificate = Certificate::from_der(certificate).ok()?;
    certificate.tbs_certificate().subject_public_key_info().to_der().ok()
}

/// What names the authority of a key in a trust domain.
pub(crate) fn id_of(key_id: &str, trust_domain: &str) -> String {
    format!("{key_id}/{trust_domain}")
}

/// 25 years that no clock chooses: the root ends when it is taken out of the bundle, long before.
fn validity() -> Result<Validity, X509Error> {
    let at = |year: i16, month: i8, day: i8| {
        let midnight = date(year, month, day).to_zoned(jiff::tz::TimeZone::UTC);
        midnight.map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
    };
    Ok(Validity::new(time(at(2026, 1, 1))?, time(at(2051, 1, 1))?))
}

fn content(signer: &dyn Signer, key_id: &str, trust_domain: &str) -> Result<ToSign, X509Error> {
    let public_key = SubjectPublicKeyInfoOwned::from_der(signer.public_key())?;
    let of_key: String = key_id.chars().take(8).collect();
    let common_name = format!("NHI CA {of_key}");
    let mut attributes = vec![(COMMON_NAME, common_name.as_str())];
    if !trust_domain.is_empty() {
        attributes.insert(0, (ORGANIZATION, trust_domain));
    }
    let subject = name(&attributes)?;

    let mut extensions = Extensions::default();
    // It signs leaves and nothing that signs.
    let constraints = BasicConstraints { ca: true, path_len_constraint: Some(0) };
    extend(&mut extensions, true, &constraints)?;
    extend(&mut extensions, true, &KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign))?;
    extend(&mut extensions, false, &subject_key(&key_identifier(&public_key))?)?;
    if !trust_domain.is_empty() {
        // X509-SVID, 3.1: a signing certificate may have the ID of its trust domain, which has no path.
        let id = der::asn1::Ia5String::new(&format!("spiffe://{trust_domain}"))?;
        let names = SubjectAltName(vec![GeneralName::UniformResourceIdentifier(id)]);
        extend(&mut extensions, false, &names)?;
    }
    Ok(ToSign {
        version: Version::V3,
        serial_number: serial(signer.public_key(), trust_domain)?,
        signature: algorithm(signer.algorithm()),
        issuer: subject.clone(),
        validity: validity()?,
        subject,
        public_key,
        extensions,
    })
}

/// 127 bits that follow from what the certificate says.
fn serial(public_key: &[u8], trust_domain: &str) -> Result<SerialNumber, X509Error> {
    let hash = Sha256::new().chain_update(public_key).chain_update(trust_domain).finalize();
    positive(hash.into_iter().take(16).collect())
}

/// The number in these bytes, made positive and not zero without getting longer.
pub(super) fn positive(mut bytes: Vec<u8>) -> Result<SerialNumber, X509Error> {
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    Ok(SerialNumber::new(&bytes)?)
}
