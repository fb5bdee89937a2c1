//! The life of a certificate: what is asked for, renewed, revoked and refused.

use rcgen::{CertificateParams, KeyPair, PublicKeyData as _, SanType};

use super::*;
use crate::inventory::certificates::CertificateRecord;
use crate::issuer::authority::published;
use crate::issuer::x509::pem;
use crate::resources::identity::Rotation;
use crate::resources::owner::Owner;
use crate::resources::testing::{self, Bench, shown};

const TEMPLATE: &str = include_str!("../../../../examples/templates/internal-tls.nhi.hcl");

fn csr(key: &KeyPair, names: &[SanType]) -> String {
    let mut params = CertificateParams::default();
    params.subject_alt_names = names.to_vec();
    pem::write("CERTIFICATE REQUEST", params.serialize_request(key).unwrap().der())
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn ledger(csr_pem: String) -> CertificateModel {
    let parameters = [("dns_names".to_owned(), "ledger.internal.example.com".into())];
    CertificateModel {
        common: Common {
            name: "ledger-server".into(),
            owner: "payments".into(),
            purpose: "Serves the ledger inside the cluster".into(),
            expiry: "60d".into(),
            template: "internal-tls@1".into(),
            parameters: Attribute::Known(parameters.into()),
            service: "billing".into(),
            environment: "prod".into(),
            state: "active".into(),
            ..Common::default()
        },
        csr_pem: csr_pem.into(),
        ..CertificateModel::default()
    }
}

async fn bench() -> Bench {
    let bench = Bench::with(TEMPLATE);
    bench.create::<Owner>(testing::payments()).await;
    bench
}

async fn records(bench: &Bench, made: &CertificateModel) -> Vec<CertificateRecord> {
    let id = made.common.id.as_str().unwrap();
    bench.inventory().certificates_of(id).await.unwrap()
}

/// Reason and time of each revocation that is in force.
async fn revoked(bench: &Bench) -> Vec<String> {
    let standings = bench.inventory().revocations(bench.context().now()).await.unwrap();
    let all = standings.into_iter().flat_map(|standing| standing.revoked);
    all.map(|revoked| format!("{} {}", revoked.reason.as_str(), revoked.at)).collect()
}

#[tokio::test]
async fn a_request_becomes_a_certificate_and_stays_one() {
    let bench = bench().await;
    let own = SanType::URI("spiffe://example.com/certificate/ledger-server".try_into().unwrap());
    let key = key();
    let config = ledger(csr(&key, &[dns("ledger.internal.example.com"), own]));
    let made = bench.create::<Certificate>(config.clone()).await;
    assert_eq!(made.not_after.as_str(), Some("2026-12-21T12:00:00Z"), "the template's 30 days");
    let records = records(&bench, &made).await;
    assert_eq!(records.len(), 1);
    assert_eq!(Some(records[0].serial.as_str()), made.serial.as_str());
    assert_eq!(records[0].key_hash, key_hash(&key.subject_public_key_info()));
    assert_eq!(records[0].subject, format!("CN=nhi-ledger-server,UID={}", records[0].identity_id));
    assert_eq!(bench.read::<Certificate>(&made).await, Some(made.clone()));
    let again =
        testing::plan::<Certificate>(&bench.next_run().context(), Some(&made), &config).await;
    assert_eq!(again, "no change");
    let verified = bench.inventory().verify().await.unwrap();
    assert_eq!(verified.breaks, Vec::<String>::new());
    assert_eq!(revoked(&bench).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_the_identity_may_not_have_is_refused() {
    let bench = bench().await;
    let key = key();
    let plan = async |config: CertificateModel| {
        testing::plan::<Certificate>(&bench.context(), None, &config).await
    };
    let foreign = SanType::URI("spiffe://example.com/certificate/other".try_into().unwrap());
    let all = [
        plan(ledger(csr(&key, &[dns("vault.internal.example.com")]))).await,
        plan(ledger(csr(&key, &[foreign]))).await,
        plan(ledger("-----BEGIN CERTIFICATE REQUEST-----\nAA!\n".to_owned())).await,
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    error at csr_pem: Name refused
      The identity does not state the DNS name `vault.internal.example.com`. State it in the template's parameter: `parameters = { dns_names = "vault.internal.example.com" }`; a template without a parameter `dns_names` allows none.
    error at csr_pem: Name refused
      The request asks for the URI `spiffe://example.com/certificate/other`, which is not the identity's. Leave it out, or ask for `spiffe://example.com/certificate/ledger-server`.
    error at csr_pem: Unsuitable request
      The request cannot be read: line 2 is not base64. Give the whole text of a PEM file that begins with `-----BEGIN CERTIFICATE REQUEST-----`, such as `openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256` makes.
    "#);
}

#[tokio::test]
async fn another_request_renews_in_place_and_the_one_before_ends_with_the_overlap() {
    let bench = bench().await;
    let rotation = Rotation { overlap: "2d".into(), ..Rotation::default() };
    let mut config = ledger(csr(&key(), &[]));
    config.common.rotation = rotation.into();
    let made = bench.create::<Certificate>(config.clone()).await;
    config.csr_pem = csr(&key(), &[]).into();
    let later = bench.at("2026-12-01T12:00:00Z");
    let renewed = later
        .apply::<Certificate>(Some(&made), &config)
        .await
        .unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    assert_eq!(renewed.common.credential_version, Attribute::Known(2));
    assert_ne!(renewed.serial, made.serial);
    assert_eq!(renewed.not_after.as_str(), Some("2026-12-31T12:00:00Z"));
    assert_eq!(revoked(&later).await, Vec::<String>::new());
    let over = bench.at("2026-12-03T12:00:00Z");
    assert_eq!(revoked(&over).await, ["superseded 2026-12-03T12:00:00Z"]);
    assert!(over.inventory().verify().await.unwrap().is_intact());
}

#[tokio::test]
async fn another_version_of_the_template_renews_in_place_although_the_configuration_is_the_same() {
    let bench = bench().await;
    let config = ledger(csr(&key(), &[dns("ledger.internal.example.com")]));
    let made = bench.create::<Certificate>(config.clone()).await;
    bench.write(&format!(
        "{TEMPLATE}\n{}",
        TEMPLATE.replace("1.0.0", "1.1.0").replace("24h", "20h")
    ));
    let bench = bench.next_run();
    let renewed = bench.apply::<Certificate>(Some(&made), &config).await;
    let renewed = renewed.unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    assert_ne!(renewed.serial, made.serial);
    assert_eq!(renewed.common.credential_version, Attribute::Known(2));
    assert_eq!(
        testing::plan::<Certificate>(&bench.context(), Some(&renewed), &config).await,
        "no change"
    );
}

#[tokio::test]
async fn a_compromised_key_is_revoked_at_once_and_never_certified_again() {
    let bench = bench().await;
    let (lost, fresh) = (key(), key());
    let mut config = ledger(csr(&lost, &[]));
    let made = bench.create::<Certificate>(config.clone()).await;
    config.common.rotation = Rotation {
        epoch: 1.into(),
        reason: "INC-7: the key was in a public repository".into(),
        overlap: "0s".into(),
        ..Rotation::default()
    }
    .into();
    let later = bench.at("2026-11-22T12:00:00Z");
    let refused = later.apply::<Certificate>(Some(&made), &config).await.unwrap_err();
    assert_eq!(refused[0].summary, "Compromised key");
    config.csr_pem = csr(&fresh, &[]).into();
    let changed = later
        .apply::<Certificate>(Some(&made), &config)
        .await
        .unwrap_or_else(|problems| panic!("{}", shown(&problems)));
    assert_eq!(revoked(&later).await, ["keyCompromise 2026-11-22T12:00:00Z"]);
    config.csr_pem = csr(&lost, &[]).into();
    let refused = later.apply::<Certificate>(Some(&changed), &config).await.unwrap_err();
    assert_eq!(refused[0].summary, "Compromised key");
}

#[tokio::test]
async fn certificates_stop_and_come_back_with_their_identity() {
    let bench = bench().await;
    let mut config = ledger(csr(&key(), &[]));
    let made = bench.create::<Certificate>(config.clone()).await;
    config.common.state = "disabled".into();
    let later = bench.at("2026-11-22T12:00:00Z");
    let disabled = later.apply::<Certificate>(Some(&made), &config).await.unwrap();
    assert_eq!(disabled.serial, made.serial);
    assert_eq!(revoked(&later).await, ["certificateHold 2026-11-22T12:00:00Z"]);
    config.common.state = "active".into();
    let back = bench
        .at("2026-11-23T12:00:00Z")
        .apply::<Certificate>(Some(&disabled), &config)
        .await
        .unwrap();
    assert_eq!(back.serial, made.serial);
    assert_eq!(revoked(&later).await, Vec::<String>::new());
    // Beyond the identity's own end.
    let past = bench.at("2027-01-25T12:00:00Z");
    assert_eq!(revoked(&past).await, Vec::<String>::new(), "it had ended before");
}

#[tokio::test]
async fn who_is_made_disabled_gets_a_certificate_when_switched_on() {
    let bench = bench().await;
    let mut config = ledger(csr(&key(), &[]));
    config.common.state = "disabled".into();
    let made = bench.create::<Certificate>(config.clone()).await;
    assert!(made.certificate_pem.is_null() && made.serial.is_null());
    assert_eq!(
        testing::plan::<Certificate>(&bench.context(), Some(&made), &config).await,
        "no change"
    );
    config.common.state = "active".into();
    let active = bench.apply::<Certificate>(Some(&made), &config).await.unwrap();
    assert!(active.certificate_pem.is_known());
}

#[tokio::test]
async fn the_list_stays_the_same_until_something_changes() {
    let bench = bench().await;
    let mut config = ledger(csr(&key(), &[]));
    let made = bench.create::<Certificate>(config.clone()).await;
    let first = published(&bench.context()).await.unwrap();
    assert_eq!(first.authorities.len(), 1);
    assert!(first.crl_pem.starts_with("-----BEGIN X509 CRL-----"));
    let later = bench.at("2026-11-22T12:00:00Z");
    assert_eq!(published(&later.context()).await.unwrap(), first);
    config.common.state = "disabled".into();
    later.apply::<Certificate>(Some(&made), &config).await.unwrap();
    let second = published(&later.context()).await.unwrap();
    assert_ne!(second.crl_pem, first.crl_pem);
    assert_eq!(published(&later.next_run().context()).await.unwrap(), second);
    let refreshed = published(&bench.at("2026-11-25T12:00:00Z").context()).await.unwrap();
    assert_ne!(refreshed.crl_pem, second.crl_pem);
    assert_eq!(refreshed.authorities, first.authorities);
    assert!(later.inventory().verify().await.unwrap().is_intact());
}
