//! Certificates of identities, in the profile of X509-SVID: one that is not a CA, signs, and names its holder.

use der::asn1::Ia5String;
use der::oid::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use x509_cert::certificate::Version;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    BasicConstraints, CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
};
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::Validity;

use super::authority::{Authority, ToSign, positive};
use super::encoding::{
    COMMON_NAME, USER_ID, algorithm, authority_key, extend, hexadecimal, key_identifier, name,
    sign, subject_key, time,
};
use super::{X509Error, pem};

const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

/// Random bytes in a serial number: 126 bits of chance (RFC 5280, 4.1.2.2 allows 20 bytes).
const SERIAL: usize = 16;

/// Whom a certificate names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder<'a> {
    /// What platforms call it: the common name, by which a database maps it to a user.
    pub(crate) principal_name: &'a str,
    /// The identity's id, so that a name that is used again is another holder.
    pub(crate) id: &'a str,
    /// Its SPIFFE ID.
    pub(crate) spiffe_id: Option<&'a str>,
    /// Names under which it can be reached.
    pub(crate) dns_names: &'a [String],
    /// Its key, as a DER `SubjectPublicKeyInfo`.
    pub(crate) public_key: &'a [u8],
}

/// A signed certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// As DER.
    pub(crate) certificate: Vec<u8>,
    /// In lowercase hexadecimal digits.
    pub(crate) serial: String,
    /// Whom it names, as RFC 4514 writes it.
    pub(crate) subject: String,
    /// What its key hashes to.
    pub(crate) key_hash: String,
    /// When it begins.
    pub(crate) not_before: Timestamp,
    /// When it ends.
    pub(crate) not_after: Timestamp,
}

/// What a key, a DER `SubjectPublicKeyInfo`, hashes to, so that it is known again.
pub(crate) fn key_hash(public_key: &[u8]) -> String {
    format!("sha256:{}", hexadecimal(&Sha256::digest(public_key)))
}

impl Leaf {
    /// As PEM.
    pub(crate) fn pem(&self) -> String {
        pem::write(pem::CERTIFICATE, &self.certificate)
    }
}

impl Authority {
    /// Signs a certificate that is valid from one time through another. Must not be called on the async runtime. `crl_url` is
    /// where the revocation list is published.
    pub(crate) fn issue(
        &self,
        holder: Holder<'_>,
        (not_before, not_after): (Timestamp, Timestamp),
        crl_url: Option<&str>,
    ) -> Result<Leaf, X509Error> {
        let mut random = vec![0; SERIAL];
        rustls::crypto::ring::default_provider()
            .secure_random
            .fill(&mut random)
            .map_err(|_| X509Error::Random)?;
        let serial_number = positive(random)?;
        let serial = hexadecimal(serial_number.as_bytes());
        let subject = name(&[(USER_ID, holder.id), (COMMON_NAME, holder.principal_name)])?;
        let public_key = SubjectPublicKeyInfoOwned::from_der(holder.public_key)?;
        let content = ToSign {
            version: Version::V3,
            serial_number,
            signature: algorithm(self.signer.algorithm()),
            issuer: self.subject.clone(),
            validity: Validity::new(time(not_before)?, time(not_after)?),
            extensions: self.extensions(holder, &public_key, crl_url)?,
            subject,
            public_key,
        };
        let certificate = sign(&content.to_der()?, self.signer.as_ref())?;
        let subject = content.subject.to_string();
        let key_hash = key_hash(holder.public_key);
        Ok(Leaf { certificate, serial, subject, key_hash, not_before, not_after })
    }

    fn extensions(
        &self,
        holder: Holder<'_>,
        public_key: &SubjectPublicKeyInfoOwned,
        crl_url: Option<&str>,
    ) -> Result<Extensions, X509Error> {
        let mut extensions = Extensions::default();
        let uri = |text: &str| Ia5String::new(text).map(GeneralName::UniformResourceIdentifier);
        let constraints = BasicConstraints { ca: false, path_len_constraint: None };
        extend(&mut extensions, true, &constraints)?;
        extend(&mut extensions, true, &KeyUsage(KeyUsages::DigitalSignature.into()))?;
        extend(&mut extensions, false, &ExtendedKeyUsage(vec![SERVER_AUTH, CLIENT_AUTH]))?;
        extend(&mut extensions, false, &subject_key(&key_identifier(public_key))?)?;
        extend(&mut extensions, false, &authority_key(&self.key_identifier)?)?;
        let mut names = Vec::new();
        if let Some(id) = holder.spiffe_id {
            names.push(uri(id)?);
        }
        for dns_name in holder.dns_names {
            names.push(GeneralName::DnsName(Ia5String::new(dns_name)?));
        }
        if !names.is_empty() {
            extend(&mut extensions, false, &SubjectAltName(names))?;
        }
        if let Some(url) = crl_url {
            let point = DistributionPoint {
                distribution_point: Some(DistributionPointName::FullName(vec![uri(url)?])),
                reasons: None,
                crl_issuer: None,
            };
            extend(&mut extensions, false, &CrlDistributionPoints(vec![point]))?;
        }
        Ok(extensions)
    }
}
