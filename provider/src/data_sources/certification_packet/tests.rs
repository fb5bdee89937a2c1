use super::*;
use crate::data_sources::testing::{Estate, estate, read, try_read};
use crate::inventory::bindings::BindingFacts;
use crate::resources::testing::shown;

const NOW: &str = "2026-11-22T12:00:00Z";

async fn packet(estate: &Estate, name: &str, as_of: Option<&str>) -> PacketModel {
    let config = PacketModel {
        identity: estate.identity(name).await.id.into(),
        as_of: as_of.map(str::to_owned).into(),
        ..PacketModel::default()
    };
    read::<CertificationPacket>(&estate.run(NOW, "c0ffee4"), config).await
}

/// Ids are random, and so is what is hashed with them.
async fn steady(estate: &Estate, name: &str, found: &PacketModel) -> String {
    let id = estate.identity(name).await.id;
    let text = found.markdown.as_str().unwrap().replace(&id, "nhi-1");
    text.replace(found.digest.as_str().unwrap(), "sha256:…")
}

async fn lived() -> Estate {
    let estate = estate().await;
    let export = estate.identity("invoice-export").await;
    estate.issue(&export, "2026-10-20T09:00:00Z").await;
    estate.issue(&export, "2026-11-20T09:00:00Z").await;
    let now = "2026-10-02T09:00:00Z";
    let context = estate.run(now, "c0ffee2");
    let facts = BindingFacts {
        identity_id: export.id,
        platform: "aws".to_owned(),
        principal: "arn:aws:iam::123456789012:role/nhi-invoice-export".to_owned(),
        consumers: ["cron | nightly".to_owned()].into(),
        retired_by: Some("aws_iam_role.export".to_owned()),
    };
    let inventory = context.configured().unwrap().inventory().unwrap();
    inventory.bind(now.parse().unwrap(), facts).await.unwrap();
    estate
}

#[tokio::test]
async fn what_a_reviewer_reads() {
    let estate = lived().await;
    let found = packet(&estate, "invoice-export", None).await;
    assert_eq!(
        steady(&estate, "invoice-export", &found).await.trim_end(),
        include_str!("tests/export.md").trim_end()
    );
    let json: serde_json::Value = serde_json::from_str(found.json.as_str().unwrap()).unwrap();
    assert_eq!(json["usage"]["issued_30_days"], 1);
    assert_eq!(json["usage"]["issued_90_days"], 2);
    assert_eq!(json["dependencies"]["derived"][0], "workload_identity invoice-worker");
    let hash = Sha256::digest(found.json.as_str().unwrap().as_bytes());
    assert_eq!(found.digest.as_str(), Some(&*format!("sha256:{}", hex(&hash))));
}

#[tokio::test]
async fn the_packet_of_a_past_time_stays_the_same() {
    let estate = lived().await;
    let before = packet(&estate, "invoice-export", Some("2026-11-01T00:00:00Z")).await;
    let export = estate.identity("invoice-export").await;
    estate
        .change(("2026-11-21T08:00:00Z", "c0ffee3"), &export, |facts, _| {
            facts.purpose = "Something else from now on".to_owned();
            facts.disabled = true;
        })
        .await;
    assert_eq!(packet(&estate, "invoice-export", Some("2026-11-01T00:00:00Z")).await, before);
    let now = packet(&estate, "invoice-export", None).await;
    assert!(now.markdown.as_str().unwrap().contains("Something else from now on"));
    assert_ne!(now.digest, before.digest);
}

#[tokio::test]
async fn kinds_have_something_of_their_own_to_say() {
    let estate = estate().await;
    let agent = packet(&estate, "reconciler", None).await;
    assert!(agent.markdown.as_str().unwrap().contains("| Sponsor | joan@example.com |"));
    let key = packet(&estate, "ledger-key", None).await;
    let (key, json) = (key.markdown.as_str().unwrap(), key.json.as_str().unwrap());
    assert!(key.contains("| Key | `key-2` |") && key.contains("(overdue)"), "{key}");
    // A hash of a secret is of no use to a reviewer.
    assert!(!json.contains("secret_hash"), "{json}");
}

#[tokio::test]
async fn times_that_have_no_packet() {
    let estate = estate().await;
    let ask = async |as_of: &str| {
        let config = PacketModel {
            identity: estate.identity("reconciler").await.id.into(),
            as_of: as_of.into(),
            ..PacketModel::default()
        };
        let context = estate.run(NOW, "c0ffee4");
        let refused = try_read::<CertificationPacket>(&context, config).await.unwrap_err();
        shown(&refused).replace(&estate.identity("reconciler").await.id, "nhi-1")
    };
    insta::assert_snapshot!(ask("2026-11-23").await, @r"
    error at as_of: Time to come
      `2026-11-23T00:00:00Z` has not come yet, and nobody knows what will be on record then. State a time that is past, or none.
    ");
    insta::assert_snapshot!(ask("2026-09-30").await, @r"
    error at as_of: Before its time
      There was no identity `nhi-1` at that time. State a later one.
    ");
}
