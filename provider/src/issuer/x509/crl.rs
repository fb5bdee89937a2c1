//! The list of revoked certificates (RFC 5280, 5).

use der::Encode as _;
use jiff::{SignedDuration, Timestamp};
use x509_cert::certificate::Version;
use x509_cert::crl::{RevokedCert, TbsCertList};
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::{CrlNumber, CrlReason};
use x509_cert::serial_number::SerialNumber;

use super::X509Error;
use super::authority::Authority;
use super::encoding::{algorithm, authority_key, extend, sign, time};

/// How long a list holds. Who checks it has to have a newer one by then.
pub(crate) const HOLDS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Why a certificate is revoked (RFC 5280, 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// Its key may be known to others.
    KeyCompromise,
    /// Another took its place.
    Superseded,
    /// Its holder is gone.
    CessationOfOperation,
    /// Its holder is switched off and may come back.
    CertificateHold,
}

impl Reason {
    /// Every reason.
    pub(crate) const ALL: [Self; 4] =
        [Self::KeyCompromise, Self::Superseded, Self::CessationOfOperation, Self::CertificateHold];

    /// As RFC 5280 spells it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::KeyCompromise => "keyCompromise",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
        }
    }

    fn code(self) -> CrlReason {
        match self {
            Self::KeyCompromise => CrlReason::KeyCompromise,
            Self::Superseded => CrlReason::Superseded,
            Self::CessationOfOperation => CrlReason::CessationOfOperation,
            Self::CertificateHold => CrlReason::CertificateHold,
        }
    }
}

/// A certificate that is revoked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Revoked {
    /// In lowercase hexadecimal digits.
    pub(crate) serial: String,
    /// Since when.
    pub(crate) at: Timestamp,
    /// Why.
    pub(crate) reason: Reason,
}

impl Authority {
    /// Signs a list that holds from `issued_at` for [`HOLDS`]. Must not be called on the async runtime.
    pub(crate) fn revocation_list(
        &self,
        number: u64,
        issued_at: Timestamp,
        revoked: &[Revoked],
    ) -> Result<Vec<u8>, X509Error> {
        let entries = revoked.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let mut extensions = Extensions::default();
        extend(&mut extensions, false, &authority_key(&self.key_identifier)?)?;
        extend(&mut extensions, false, &CrlNumber::try_from(number)?)?;
        let next_update = issued_at.checked_add(HOLDS).unwrap_or(Timestamp::MAX);
        let content = TbsCertList {
            version: Version::V2,
            signature: algorithm(self.signer.algorithm()),
            issuer: self.subject.clone(),
            this_update: time(issued_at)?,
            next_update: Some(time(next_update)?),
            // RFC 5280, 5.1.2.6: an empty list must be absent.
            revoked_certificates: (!entries.is_empty()).then_some(entries),
            crl_extensions: Some(extensions),
        };
        sign(&content.to_der()?, self.signer.as_ref())
    }
}

fn entry(revoked: &Revoked) -> Result<RevokedCert, X509Error> {
    let mut extensions = Extensions::default();
    extend(&mut extensions, false, &revoked.reason.code())?;
    Ok(RevokedCert {
        serial_number: SerialNumber::new(&bytes(&revoked.serial)?)?,
        revocation_date: time(revoked.at)?,
        crl_entry_extensions: Some(extensions),
    })
}

/// The bytes of hexadecimal digits.
fn bytes(digits: &str) -> Result<Vec<u8>, X509Error> {
    let broken = || X509Error::Encoding(format!("`{digits}` is not a serial number"));
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| {
            let text = std::str::from_utf8(pair).map_err(|_| broken())?;
            u8::from_str_radix(text, 16).map_err(|_| broken())
        })
        .collect()
}
