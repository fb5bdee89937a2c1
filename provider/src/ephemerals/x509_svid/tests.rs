//! What is handed out, what is refused, and what is on record of both.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::data_source::DataSource as _;
use crate::data_sources::trust_bundle::{TrustBundle, TrustBundleModel};
use crate::ephemeral::adapter::Entry;
use crate::issuer::authority::published;
use crate::issuer::x509::pem;
use crate::model::Model as _;
use crate::resources::api_key::{ApiKey, tests as api_key};
use crate::resources::owner::Owner;
use crate::resources::service_account::{ServiceAccount, ServiceAccountModel};
use crate::resources::testing::{Bench, READER, export, payments, shown};

async fn bench() -> (Bench, ServiceAccountModel) {
    let bench = Bench::with(READER);
    bench.create::<Owner>(payments()).await;
    let made = bench.create::<ServiceAccount>(export("invoice-export")).await;
    (bench, made)
}

fn asked(made: &ServiceAccountModel) -> X509SvidModel {
    X509SvidModel { identity: made.common.id.clone(), ..X509SvidModel::default() }
}

/// Through every check that a reply to Terraform goes through.
async fn open(bench: &Bench, config: &X509SvidModel) -> Result<X509SvidModel, Vec<Problem>> {
    let opened = Entry::of::<X509Svid>().open(&config.to_value(), &bench.context()).await?;
    Ok(X509SvidModel::from_value(&opened.result).unwrap())
}

async fn actions(bench: &Bench, subject: &str) -> Vec<String> {
    let events = bench.inventory().events(None).await.unwrap();
    let of = events.into_iter().filter(|event| event.subject.starts_with(subject));
    of.map(|event| event.action).collect()
}

#[tokio::test]
async fn a_certificate_is_on_record_before_it_is_handed_out() {
    let (bench, made) = bench().await;
    let one = open(&bench, &asked(&made)).await.unwrap();
    let other = open(&bench, &asked(&made)).await.unwrap();
    assert_eq!(one.spiffe_id.as_str(), Some("spiffe://example.com/service-account/invoice-export"));
    assert_eq!(one.expires_at.as_str(), Some("2026-11-21T13:00:00Z"));
    assert_ne!(one.private_key_pem, other.private_key_pem);
    assert_eq!(one.bundle_pem, other.bundle_pem);
    let records =
        bench.inventory().certificates_of(made.common.id.as_str().unwrap()).await.unwrap();
    assert_eq!(records.len(), 2);
    assert_eq!(actions(&bench, "issue:").await, ["svid.issue", "svid.issue"]);
    assert_eq!(actions(&bench, "certificate:").await, ["certificate.issue", "certificate.issue"]);
    assert!(bench.inventory().verify().await.unwrap().is_intact());

    // Neither the trail nor a debug output has the key.
    let key = one.private_key_pem.known().unwrap().reveal();
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    let line = key.lines().nth(1).unwrap();
    let events = bench.inventory().events(None).await.unwrap();
    assert!(events.iter().all(|event| !event.record.contains(line)));
    assert!(!format!("{one:?}").contains(line));
}

#[tokio::test]
async fn what_the_identity_may_not_have_is_refused_and_on_record() {
    let (bench, made) = bench().await;
    let named =
        X509SvidModel { dns_names: vec!["ledger.example.com".to_owned()].into(), ..asked(&made) };
    let long = X509SvidModel { lifetime: "2h".into(), ..asked(&made) };
    let mut disabled = export("invoice-export");
    let mut refusals = vec![
        shown(&open(&bench, &named).await.unwrap_err()),
        shown(&open(&bench, &long).await.unwrap_err()),
    ];
    disabled.common.state = "disabled".into();
    bench.apply::<ServiceAccount>(Some(&made), &disabled).await.unwrap();
    refusals.push(shown(&open(&bench, &asked(&made)).await.unwrap_err()));
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    error at dns_names: Name refused
      The identity does not state the DNS name `ledger.example.com`. State it in the template's parameter: `parameters = { dns_names = "ledger.example.com" }`; a template without a parameter `dns_names` allows none.
    error at lifetime: Credential refused
      A lifetime of `2h` is too long: template `s3-object-reader@1.2.0` allows `1h`. Choose `1h` or less.
    error at identity: Credential refused
      The identity `invoice-export` is disabled. Set `state = "active"` on it and apply, if whoever disabled it agrees.
    "#);
    assert_eq!(actions(&bench, "issue:").await, ["svid.refuse"; 3]);
}

#[tokio::test]
async fn an_api_key_has_no_certificate() {
    let bench = api_key::bench().await;
    let made = bench.create::<ApiKey>(api_key::partner()).await;
    let config = X509SvidModel { identity: made.common.id.clone(), ..X509SvidModel::default() };
    let refused = open(&bench, &config).await.unwrap_err();
    assert_eq!(refused[0].summary, "No SPIFFE ID");
    assert_eq!(actions(&bench, "issue:").await, ["svid.refuse"]);
}

#[tokio::test]
async fn certificates_are_on_hold_while_their_identity_is_switched_off() {
    let (bench, made) = bench().await;
    open(&bench, &asked(&made)).await.unwrap();
    let mut config = export("invoice-export");
    config.common.state = "disabled".into();
    let later = bench.at("2026-11-21T12:30:00Z");
    let disabled = later.apply::<ServiceAccount>(Some(&made), &config).await.unwrap();
    let reasons = async |bench: &Bench| {
        let standings = bench.inventory().revocations(bench.context().now()).await.unwrap();
        let all = standings.into_iter().flat_map(|standing| standing.revoked);
        all.map(|revoked| format!("{:?} {}", revoked.reason, revoked.at)).collect::<Vec<_>>()
    };
    assert_eq!(reasons(&later).await, ["CertificateHold 2026-11-21T12:30:00Z"]);
    let list = published(&later.context()).await.unwrap();
    config.common.state = "active".into();
    let back = bench.at("2026-11-21T12:40:00Z");
    back.apply::<ServiceAccount>(Some(&disabled), &config).await.unwrap();
    assert_eq!(reasons(&back).await, Vec::<String>::new());
    assert_ne!(published(&back.context()).await.unwrap().crl_pem, list.crl_pem);
}

#[tokio::test]
async fn an_inactive_owner_takes_its_certificates_out_of_use() {
    let (bench, made) = bench().await;
    open(&bench, &asked(&made)).await.unwrap();
    let owner = bench.inventory().owner("payments").await.unwrap().unwrap();
    let inactive = crate::inventory::record::OwnerFacts { active: false, ..owner.facts };
    let later = bench.at("2026-11-21T12:30:00Z");
    let now = later.context().now();
    later.inventory().update_owner(now, (&owner.id, owner.version), inactive).await.unwrap();
    let standings = later.inventory().revocations(now).await.unwrap();
    assert_eq!(standings[0].revoked.len(), 1);
    assert_eq!(standings[0].revoked[0].reason.as_str(), "certificateHold");
    assert_eq!(standings[0].revoked[0].at, now);
    assert!(standings[0].has_valid, "it may come back");
}

#[tokio::test]
async fn spiffe_reads_what_is_handed_out() {
    let (bench, made) = bench().await;
    let one = open(&bench, &asked(&made)).await.unwrap();
    let der = |text: &str| {
        let sections = pem::read(text).unwrap().into_iter();
        sections.flat_map(|section| section.content).collect::<Vec<_>>()
    };
    let leaf = der(one.certificate_pem.as_str().unwrap());
    let key = der(one.private_key_pem.known().unwrap().reveal());
    let svid = spiffe::X509Svid::parse_from_der(&leaf, &key).unwrap();
    assert_eq!(Some(svid.spiffe_id().to_string().as_str()), one.spiffe_id.as_str());
    let trust_domain = spiffe::TrustDomain::new("example.com").unwrap();
    let bundle = der(one.bundle_pem.as_str().unwrap());
    let bundle = spiffe::X509Bundle::parse_from_der(trust_domain, &bundle).unwrap();
    assert_eq!(bundle.authorities().len(), 1);

    // The same authority and the key of tokens are in the trust bundle of the domain.
    let read = TrustBundle::read(TrustBundleModel::default(), &bench.context()).await.unwrap();
    assert_eq!(read.state.ca_bundle_pem, one.bundle_pem);
    let json: serde_json::Value =
        serde_json::from_str(read.state.spiffe_bundle_json.as_str().unwrap()).unwrap();
    let of_use = |wanted: &str| {
        let keys = json["keys"].as_array().unwrap().iter();
        keys.filter(|key| key["use"] == wanted).cloned().collect::<Vec<_>>()
    };
    let authority = STANDARD.decode(of_use("x509-svid")[0]["x5c"][0].as_str().unwrap()).unwrap();
    assert_eq!(bundle.authorities()[0].as_bytes(), authority);
    let token_key = of_use("jwt-svid")[0].to_string();
    spiffe::bundle::jwt::JwtAuthority::from_jwk_json(token_key.as_bytes()).unwrap();
}

#[tokio::test]
async fn an_old_authority_stays_until_its_last_certificate_has_ended() {
    let (bench, made) = bench().await;
    open(&bench, &asked(&made)).await.unwrap();
    let first = published(&bench.context()).await.unwrap();
    std::fs::remove_file(bench.folder().join(".nhi/issuer.pem")).unwrap();
    let next = bench.at("2026-11-21T12:10:00Z");
    open(&next, &asked(&made)).await.unwrap();
    let both = published(&next.context()).await.unwrap();
    assert_eq!(both.authorities.len(), 2);
    assert_eq!(both.authorities[1], first.authorities[0]);
    assert!(both.crl_pem.ends_with(&first.crl_pem) && both.warnings.is_empty());
    assert!(both.changed_at > first.changed_at);

    // The old key is gone, so its list cannot say that a certificate is on hold.
    let mut disabled = export("invoice-export");
    disabled.common.state = "disabled".into();
    next.apply::<ServiceAccount>(Some(&made), &disabled).await.unwrap();
    let held = published(&next.context()).await.unwrap();
    assert_eq!(held.warnings[0].summary, "Revocations of an old key");

    let over = bench.at("2026-11-21T13:05:00Z");
    let left = published(&over.context()).await.unwrap();
    assert_eq!(left.authorities, both.authorities[..1]);
    assert!(left.changed_at > both.changed_at && left.warnings.is_empty());
}
