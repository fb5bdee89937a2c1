//! Certificate signing requests (PKCS#10, RFC 2986). Only the public key and the names are taken from one, and the names only
//! where the identity may have them; everything else a certificate says is for the issuer to say.

use der::asn1::{OctetString, UintRef};
use der::oid::AssociatedOid as _;
use der::{Decode as _, Encode as _, Sequence};
use rustls::pki_types::SignatureVerificationAlgorithm;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::request::{CertReq, ExtensionReq};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use super::pem::{self, PemError};

/// The shortest RSA modulus, in bits: 128 bits of strength (NIST SP 800-57 part 1, table 2), what the linter's `weak-key` asks for too.
pub(crate) const SHORTEST_RSA: u32 = 3072;

const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];
const RSA: der::asn1::ObjectIdentifier =
    der::asn1::ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// The key whose holder signed the request, as a DER `SubjectPublicKeyInfo`.
    pub(crate) public_key: Vec<u8>,
    /// DNS names, in lowercase and in the order of the request.
    pub(crate) dns_names: Vec<String>,
    /// URIs.
    pub(crate) uris: Vec<String>,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestError {
    /// No PEM.
    #[error("the request cannot be read: {0}")]
    Pem(#[from] PemError),
    /// Something else, or nothing.
    #[error("there is no certificate signing request in the text")]
    None,
    /// A private key beside or instead of it.
    #[error("line {line} begins a private key")]
    PrivateKey {
        /// From 1.
        line: usize,
    },
    /// More than one.
    #[error("there is more than one certificate signing request in the text")]
    Several,
    /// Not of the form.
    #[error("the request that begins in line {line} is not valid PKCS#10: {reason}")]
    Malformed {
        /// From 1.
        line: usize,
        /// What the decoder says.
        reason: String,
    },
    /// A key that is not taken.
    #[error("the request's key or signature algorithm ({0}) is not taken")]
    Algorithm(String),
    /// Not signed by the holder of the key.
    #[error("the request is not signed with the key that it names")]
    Signature,
    /// Too short.
    #[error("the RSA key of the request has {bits} bits")]
    WeakKey {
        /// How long its modulus is.
        bits: u32,
    },
    /// A CA.
    #[error("the request asks for a certificate that signs others")]
    Authority,
    /// A name of a kind that no identity has.
    #[error("the request asks for {0}")]
    Name(&'static str),
}

impl RequestError {
    /// What to do about it.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Pem(_) | Self::None | Self::Malformed { .. } => {
                "give the whole text of a PEM file that begins with `-----BEGIN CERTIFICATE REQUEST-----`, such as \
                 `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256` makes"
                    .into()
            }
            Self::PrivateKey { .. } => {
                "the key stays with its owner and must be in no configuration: treat this one as known to others, make a \
                 new one, and give the request alone"
                    .into()
            }
            Self::Several => "give each certificate its own request".into(),
            Self::Algorithm(_) => format!(
                "use a key of P-256, P-384, Ed25519 or RSA with {SHORTEST_RSA} bits, and sign with SHA-256 or SHA-384"
            ),
            Self::Signature => "make the request again with the tool that holds the key".into(),
            Self::WeakKey { .. } => {
                format!("use RSA with at least {SHORTEST_RSA} bits, or better a key of P-256")
            }
            Self::Authority => "leave `basicConstraints` out of the request".into(),
            Self::Name(_) => "ask for DNS names and for the identity's own SPIFFE ID only".into(),
        }
    }
}

/// Reads a request and checks that its sender holds the key.
pub(crate) fn read(text: &str) -> Result<Request, RequestError> {
    let sections = pem::read(text)?;
    if let Some(key) = sections.iter().find(|section| section.label.ends_with("PRIVATE KEY")) {
        return Err(RequestError::PrivateKey { line: key.line });
    }
    let mut requests = sections.iter().filter(|section| LABELS.contains(&section.label.as_str()));
    let section = requests.next().ok_or(RequestError::None)?;
    if requests.next().is_some() {
        return Err(RequestError::Several);
    }
    let malformed = |error: der::Error| RequestError::Malformed {
        line: section.line,
        reason: error.to_string(),
    };
    let request = CertReq::from_der(&section.content).map_err(malformed)?;
    verify(&request, malformed)?;
    let mut read = Request {
        public_key: request.info.public_key.to_der().map_err(malformed)?,
        dns_names: Vec::new(),
        uris: Vec::new(),
    };
    for extension in extensions(&request).map_err(malformed)? {
        if extension.extn_id == BasicConstraints::OID {
            let constraints: BasicConstraints =
                content(&extension.extn_value).map_err(malformed)?;
            if constraints.ca {
                return Err(RequestError::Authority);
            }
        } else if extension.extn_id == SubjectAltName::OID {
            let names: SubjectAltName = content(&extension.extn_value).map_err(malformed)?;
            names.0.iter().try_for_each(|name| take(name, &mut read))?;
        }
    }
    Ok(read)
}

fn extensions(request: &CertReq) -> der::Result<Vec<Extension>> {
    let mut found = Vec::new();
    for attribute in request.info.attributes.iter() {
        if attribute.oid == ExtensionReq::OID {
            for value in attribute.values.iter() {
                found.extend(value.decode_as::<Vec<Extension>>()?);
            }
        }
    }
    Ok(found)
}

fn content<T: for<'a> der::Decode<'a, Error = der::Error>>(value: &OctetString) -> der::Result<T> {
    T::from_der(value.as_bytes())
}

fn take(name: &GeneralName, read: &mut Request) -> Result<(), RequestError> {
    match name {
        GeneralName::DnsName(name) => read.dns_names.push(name.as_str().to_ascii_lowercase()),
        GeneralName::UniformResourceIdentifier(uri) => read.uris.push(uri.as_str().to_owned()),
        GeneralName::IpAddress(_) => return Err(RequestError::Name("an IP address")),
        GeneralName::Rfc822Name(_) => return Err(RequestError::Name("an e-mail address")),
        GeneralName::DirectoryName(_) => return Err(RequestError::Name("a directory name")),
        GeneralName::OtherName(_) | GeneralName::EdiPartyName(_) | GeneralName::RegisteredId(_) => {
            return Err(RequestError::Name("a name that is neither a DNS name nor a URI"));
        }
    }
    Ok(())
}

/// An RSA public key (RFC 8017, A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// Proof of possession, by an algorithm that is strong enough for both key and signature.
fn verify(
    request: &CertReq,
    malformed: impl Fn(der::Error) -> RequestError + Copy,
) -> Result<(), RequestError> {
    let key = &request.info.public_key;
    // A key and a signature are whole bytes; a text that says otherwise has been changed since.
    let bits = key.subject_public_key.as_bytes().ok_or(RequestError::Signature)?;
    if key.algorithm.oid == RSA {
        let bits = modulus_bits(bits).map_err(malformed)?;
        if bits < SHORTEST_RSA {
            return Err(RequestError::WeakKey { bits });
        }
    }
    let verifier = verifier(key, &request.algorithm).map_err(malformed)?.ok_or_else(|| {
        let (key, signature) = (key.algorithm.oid, request.algorithm.oid);
        RequestError::Algorithm(format!("{key}, {signature}"))
    })?;
    let signed = request.info.to_der().map_err(malformed)?;
    let signature = request.signature.as_bytes().ok_or(RequestError::Signature)?;
    verifier.verify_signature(bits, &signed, signature).map_err(|_| RequestError::Signature)
}

fn modulus_bits(key: &[u8]) -> der::Result<u32> {
    let key = RsaPublicKey::from_der(key)?;
    let bytes = key.modulus.as_bytes();
    let leading = bytes.first().map_or(0, |first| first.leading_zeros());
    Ok(u32::try_from(bytes.len()).unwrap_or(u32::MAX).saturating_mul(8) - leading)
}

fn verifier(
    key: &SubjectPublicKeyInfoOwned,
    signature: &AlgorithmIdentifierOwned,
) -> der::Result<Option<&'static dyn SignatureVerificationAlgorithm>> {
    // What stands inside of the SEQUENCE is what the verifiers compare.
    let inside = |identifier: &AlgorithmIdentifierOwned| {
        let mut bytes = identifier.oid.to_der()?;
        if let Some(parameters) = &identifier.parameters {
            bytes.extend(parameters.to_der()?);
        }
        der::Result::Ok(bytes)
    };
    let (key, signature) = (inside(&key.algorithm)?, inside(signature)?);
    let known = rustls::crypto::ring::default_provider().signature_verification_algorithms;
    Ok(known.all.iter().copied().find(|known| {
        known.public_key_alg_id().as_ref() == key && known.signature_alg_id().as_ref() == signature
    }))
}
