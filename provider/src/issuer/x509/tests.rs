//! Certificates, requests and lists, held against openssl where it is there.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, LazyLock};

use der::{Decode as _, Encode as _};
use jiff::Timestamp;
use proptest::prelude::*;
use rcgen::{CertificateParams, DnType, IsCa, KeyPair, PublicKeyData as _, SanType};

use super::authority::Authority;
use super::crl::{Reason, Revoked};
use super::leaf::{Holder, Leaf};
use super::testing::InMemory;
use super::{pem, request};
use crate::issuer::signer::{Algorithm, Signer};

const BOTH: [Algorithm; 2] = [Algorithm::Es256, Algorithm::EdDsa];
const KEY_ID: &str = "vzQWxFhVpmMbrxLXqQ";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn authority(algorithm: Algorithm) -> Authority {
    Authority::new(Arc::new(InMemory::new(algorithm)), (KEY_ID, "example.com")).unwrap()
}

fn issue(authority: &Authority, public_key: &[u8]) -> Leaf {
    let dns_names = ["ledger.example.com".to_owned()];
    let holder = Holder {
        principal_name: "nhi-ledger",
        id: "nhi-0123",
        spiffe_id: Some("spiffe://example.com/workload/ledger"),
        dns_names: &dns_names,
        public_key,
    };
    let window = (at("2026-11-21T12:00:00Z"), at("2026-11-21T13:00:00Z"));
    authority.issue(holder, window, Some("https://identity.example.com/ca.crl")).unwrap()
}

/// What openssl says; none where it is not installed.
fn openssl(folder: &Path, arguments: &[&str]) -> Option<String> {
    let done = Command::new("openssl").args(arguments).current_dir(folder).output();
    let Ok(done) = done else {
        assert!(std::env::var_os("NHI_TEST_REQUIRE_ALL").is_none(), "openssl is not installed");
        let told = std::io::stderr().write_all(b"SKIPPED: openssl is not installed\n");
        told.expect("standard error");
        return None;
    };
    Some(format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    ))
}

#[test]
fn the_root_follows_from_key_and_trust_domain() {
    for algorithm in BOTH {
        let signer: Arc<dyn Signer> = Arc::new(InMemory::new(algorithm));
        let make = || Authority::new(Arc::clone(&signer), (KEY_ID, "example.com")).unwrap();
        let (one, other) = (make(), make());
        // ECDSA signatures are random; what is signed is not.
        assert_eq!(one.certificate == other.certificate, algorithm == Algorithm::EdDsa);
        let kept = Authority::kept(
            Arc::clone(&signer),
            (KEY_ID, "example.com"),
            other.certificate.clone(),
        );
        assert_eq!(kept.unwrap().unwrap().certificate, other.certificate);
        let another = Authority::kept(signer, (KEY_ID, "example.org"), other.certificate);
        assert!(another.unwrap().is_none());
    }
}

#[test]
fn what_is_issued_is_an_svid() {
    let authority = authority(Algorithm::EdDsa);
    let key = KeyPair::generate().unwrap();
    let leaf = issue(&authority, &key.subject_public_key_info());
    assert_eq!(leaf.serial.len(), 32);
    assert_eq!(leaf.subject, "CN=nhi-ledger,UID=nhi-0123");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("leaf.pem"), leaf.pem()).unwrap();
    let Some(text) = openssl(
        folder.path(),
        &[
            "x509",
            "-in",
            "leaf.pem",
            "-noout",
            "-subject",
            "-dates",
            "-ext",
            "basicConstraints,keyUsage,extendedKeyUsage,subjectAltName,crlDistributionPoints",
        ],
    ) else {
        return;
    };
    let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    insta::assert_snapshot!(text, @"
    subject=UID = nhi-0123, CN = nhi-ledger
    notBefore=Nov 21 12:00:00 2026 GMT
    notAfter=Nov 21 13:00:00 2026 GMT
    X509v3 Basic Constraints: critical
        CA:FALSE
    X509v3 Key Usage: critical
        Digital Signature
    X509v3 Extended Key Usage:
        TLS Web Server Authentication, TLS Web Client Authentication
    X509v3 Subject Alternative Name:
        URI:spiffe://example.com/workload/ledger, DNS:ledger.example.com
    X509v3 CRL Distribution Points:
        Full Name:
          URI:https://identity.example.com/ca.crl
    ");
    let again = issue(&authority, &key.subject_public_key_info());
    assert_ne!(again.serial, leaf.serial);
}

#[test]
fn openssl_verifies_the_chain_and_the_list() {
    for algorithm in BOTH {
        let authority = authority(algorithm);
        let key = KeyPair::generate().unwrap();
        let leaf = issue(&authority, &key.subject_public_key_info());
        let other = issue(&authority, &key.subject_public_key_info());
        let revoked = [Revoked {
            serial: other.serial.clone(),
            at: at("2026-11-21T12:10:00Z"),
            reason: Reason::KeyCompromise,
        }];
        let list = authority.revocation_list(7, at("2026-11-21T12:10:00Z"), &revoked).unwrap();
        let empty = authority.revocation_list(6, at("2026-11-21T12:00:00Z"), &[]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
        write("ca.pem", authority.certificate_pem());
        write("leaf.pem", leaf.pem());
        write("other.pem", other.pem());
        write("crl.pem", pem::write(pem::CRL, &list));
        write("empty.pem", pem::write(pem::CRL, &empty));
        let time = at("2026-11-21T12:30:00Z").as_second().to_string();
        let verify = |leaf: &str, list: &str, time: &str| {
            openssl(
                folder.path(),
                &[
                    "verify",
                    "-x509_strict",
                    "-CAfile",
                    "ca.pem",
                    "-CRLfile",
                    list,
                    "-crl_check",
                    "-attime",
                    time,
                    leaf,
                ],
            )
        };
        let Some(good) = verify("leaf.pem", "crl.pem", &time) else { return };
        assert_eq!(good, "leaf.pem: OK\n", "{algorithm:?}");
        assert_eq!(verify("other.pem", "empty.pem", &time).unwrap(), "other.pem: OK\n");
        let bad = verify("other.pem", "crl.pem", &time).unwrap();
        assert!(bad.contains("certificate revoked"), "{bad}");
        let late = at("2026-11-21T13:00:01Z").as_second().to_string();
        let bad = verify("leaf.pem", "crl.pem", &late).unwrap();
        assert!(bad.contains("certificate has expired"), "{bad}");
        let shown = openssl(folder.path(), &["crl", "-in", "crl.pem", "-noout", "-text"]).unwrap();
        for part in [
            "Version 2",
            "Next Update: Nov 28 12:10:00 2026 GMT",
            "Key Compromise",
            "X509v3 CRL Number:",
        ] {
            assert!(shown.contains(part), "{shown}");
        }
    }
}

fn requested(adjust: impl FnOnce(&mut CertificateParams), key: &KeyPair) -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "whoever");
    adjust(&mut params);
    let request = params.serialize_request(key).unwrap();
    pem::write("CERTIFICATE REQUEST", request.der())
}

fn refusal(text: &str) -> String {
    let error = request::read(text).unwrap_err();
    format!("{error}; {}", error.help().split(';').next().unwrap().split(',').next().unwrap())
}

#[test]
fn a_request_gives_its_key_and_its_names() {
    for kind in
        [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519]
    {
        let key = KeyPair::generate_for(kind).unwrap();
        let names = |params: &mut CertificateParams| {
            params.subject_alt_names = vec![
                SanType::DnsName("A.example.com".try_into().unwrap()),
                SanType::URI("spiffe://example.com/a".try_into().unwrap()),
            ];
        };
        let read = request::read(&requested(names, &key)).unwrap();
        assert_eq!(read.public_key, key.subject_public_key_info());
        assert_eq!(read.dns_names, ["a.example.com"]);
        assert_eq!(read.uris, ["spiffe://example.com/a"]);
    }
}

#[test]
fn a_request_is_refused_for_a_reason() {
    let key = KeyPair::generate().unwrap();
    let good = requested(|_| {}, &key);
    let authority =
        requested(|params| params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained), &key);
    let address = requested(
        |params| params.subject_alt_names = vec![SanType::IpAddress([10, 0, 0, 1].into())],
        &key,
    );
    // Signed by another key.
    let other = KeyPair::generate().unwrap();
    let section = |text: &str| pem::read(text).unwrap().remove(0).content;
    let mut forged = x509_cert::request::CertReq::from_der(&section(&good)).unwrap();
    forged.signature = x509_cert::request::CertReq::from_der(&section(&requested(|_| {}, &other)))
        .unwrap()
        .signature;
    let forged = pem::write("CERTIFICATE REQUEST", &forged.to_der().unwrap());
    let private = format!("{good}{}", pem::write("EC PRIVATE KEY", b"x"));
    let broken = pem::write("CERTIFICATE REQUEST", &[0x30, 3, 2, 1]);
    let all: Vec<String> =
        ["nothing", &forged, &authority, &address, &private, &broken, &good.repeat(2)]
            .into_iter()
            .map(refusal)
            .collect();
    insta::assert_snapshot!(all.join("\n"), @"
    there is no certificate signing request in the text; give the whole text of a PEM file that begins with `-----BEGIN CERTIFICATE REQUEST-----`
    the request is not signed with the key that it names; make the request again with the tool that holds the key
    the request asks for a certificate that signs others; leave `basicConstraints` out of the request
    the request asks for an IP address; ask for DNS names and for the identity's own SPIFFE ID only
    line 8 begins a private key; the key stays with its owner and must be in no configuration: treat this one as known to others
    the request that begins in line 1 is not valid PKCS#10: ASN.1 DER message is incomplete: expected 5, actual 4 at DER byte 4; give the whole text of a PEM file that begins with `-----BEGIN CERTIFICATE REQUEST-----`
    there is more than one certificate signing request in the text; give each certificate its own request
    ");
}

#[test]
fn requests_of_openssl_are_read_and_weak_ones_refused() {
    let folder = tempfile::tempdir().unwrap();
    let make = |kind: &str, extra: &[&str]| {
        let arguments = [
            "req", "-new", "-nodes", "-keyout", "key.pem", "-subj", "/CN=x", "-out", "csr.pem",
            "-newkey", kind,
        ];
        let said = openssl(folder.path(), &[&arguments[..], extra].concat())?;
        Some(fs::read_to_string(folder.path().join("csr.pem")).unwrap_or(said))
    };
    let Some(text) = make("rsa:2048", &[]) else { return };
    assert_eq!(
        refusal(&text),
        "the RSA key of the request has 2048 bits; use RSA with at least 3072 bits"
    );
    for (kind, extra) in [
        ("rsa:3072", &["-sha256", "-text"][..]),
        (
            "ec",
            &["-pkeyopt", "ec_paramgen_curve:P-256", "-addext", "subjectAltName=DNS:a.example.com"]
                [..],
        ),
        ("ec", &["-pkeyopt", "ec_paramgen_curve:P-384", "-sha384"][..]),
        ("ed25519", &["-addext", "keyUsage=digitalSignature"][..]),
    ] {
        let text = make(kind, extra).unwrap();
        let read = request::read(&text).unwrap_or_else(|error| panic!("{kind}: {error}\n{text}"));
        // The key is taken over as it is.
        let leaf = issue(&authority(Algorithm::Es256), &read.public_key);
        fs::write(folder.path().join("leaf.pem"), leaf.pem()).unwrap();
        let ours =
            openssl(folder.path(), &["x509", "-in", "leaf.pem", "-noout", "-pubkey"]).unwrap();
        let theirs =
            openssl(folder.path(), &["req", "-in", "csr.pem", "-noout", "-pubkey"]).unwrap();
        assert_eq!(ours, theirs);
    }
    let weak = make("ec", &["-pkeyopt", "ec_paramgen_curve:P-256", "-sha1"]).unwrap();
    assert!(refusal(&weak).contains("is not taken"));
    let curve = make("ec", &["-pkeyopt", "ec_paramgen_curve:secp256k1"]).unwrap();
    assert!(refusal(&curve).contains("is not taken"));
}

proptest! {
    /// Whatever stands in a request, it is read or refused.
    #[test]
    fn no_request_breaks_the_reader(at in 0_usize..1000, byte in any::<u8>(), cut in 0_usize..1000) {
        let mut content = GOOD.clone();
        let (at, cut) = (at % content.len(), cut % content.len());
        content[at] = byte;
        let whole = pem::write("CERTIFICATE REQUEST", &content);
        let part = pem::write("CERTIFICATE REQUEST", &content[..cut]);
        // A changed byte breaks the signature, unless it is the same as before.
        prop_assert_eq!(request::read(&whole).is_ok(), content == *GOOD);
        prop_assert!(request::read(&part).is_err());
    }
}

static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let name = SanType::DnsName("a.example.com".try_into().unwrap());
    let text = requested(|params| params.subject_alt_names = vec![name], &key);
    pem::read(&text).unwrap().remove(0).content
});
