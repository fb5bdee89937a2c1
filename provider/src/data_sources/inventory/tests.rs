use super::*;
use crate::data_sources::testing::{Estate, estate, read};
use crate::model::Model as _;
use crate::resources::testing::shown;
use crate::wire::json::to_json;

const NOW: &str = "2026-11-22T12:00:00Z";

#[tokio::test]
async fn the_whole_inventory_by_kind_and_name_with_figures() {
    let estate = estate().await;
    let context = estate.run(NOW, "c0ffee2");
    let found = read::<Inventory>(&context, InventoryModel::default()).await;
    let rows: Vec<String> = found
        .identities
        .into_known()
        .unwrap()
        .iter()
        .map(|it| {
            let text = |attribute: &Attribute<String>| attribute.as_str().unwrap_or("-").to_owned();
            [&it.kind, &it.name, &it.owner, &it.status, &it.template, &it.rotation_due]
                .map(text)
                .join(" ")
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    agent reconciler ledger active s3-object-reader@1.2.0 2026-10-31T09:00:00Z
    api_key ledger-key ledger active s3-object-reader@1.2.0 2026-10-31T09:00:00Z
    service_account invoice-export payments active s3-object-reader@1.2.0 2026-10-31T09:00:00Z
    service_account old-job ledger expired s3-object-reader@1.2.0 2026-10-31T09:00:00Z
    workload_identity invoice-worker payments active s3-object-reader@1.2.0 2026-10-31T09:00:00Z
    ");
    let metrics = found.metrics.into_known().unwrap().to_value();
    insta::assert_snapshot!(format!("{:#}", to_json(&metrics)), @r#"
    {
      "by_kind": {
        "agent": 1,
        "api_key": 1,
        "service_account": 2,
        "workload_identity": 1
      },
      "by_owner": {
        "ledger": 3,
        "payments": 2
      },
      "by_status": {
        "active": 4,
        "expired": 1
      },
      "by_template": {
        "s3-object-reader@1.2.0": 5
      },
      "expiring_30_days": 1,
      "expiring_7_days": 1,
      "expiring_90_days": 1,
      "oldest_credential": "2026-10-01T09:00:00Z",
      "overdue_certifications": 1,
      "overdue_rotations": 3,
      "shared": 1,
      "short_lived": 2,
      "total": 5,
      "unbound": 5,
      "without_active_owner": 0,
      "without_rotation": 0
    }
    "#);
}

#[tokio::test]
async fn one_identity_with_everything() {
    let estate = estate().await;
    let context = estate.run(NOW, "c0ffee2");
    let config = InventoryModel {
        name_prefix: "invoice-w".into(),
        unbound: true.into(),
        ..Default::default()
    };
    let mut found = read::<Inventory>(&context, config).await.identities.into_known().unwrap();
    let mut only = found.remove(0);
    (only.id, only.parent) = ("nhi-1".into(), "nhi-2".into());
    insta::assert_snapshot!(format!("{:#}", to_json(&only.to_value())), @r#"
    {
      "bindings": [],
      "certified_until": "2026-12-30T09:00:00Z",
      "consumers": [
        "job:invoice-export",
        "job:invoice-import"
      ],
      "created_at": "2026-10-01T09:00:00Z",
      "credential_version": 1,
      "environment": "prod",
      "expires_at": "2027-03-30T09:00:00Z",
      "id": "nhi-1",
      "kind": "workload_identity",
      "name": "invoice-worker",
      "owner": "payments",
      "parent": "nhi-2",
      "principal_name": "nhi-invoice-worker",
      "purpose": "Nightly export of invoices to the ledger bucket",
      "rotated_at": "2026-10-01T09:00:00Z",
      "rotation_due": "2026-10-31T09:00:00Z",
      "service": "billing",
      "spiffe_id": "spiffe://example.com/billing/worker",
      "status": "active",
      "template": "s3-object-reader@1.2.0"
    }
    "#);
    assert_eq!(found, []);
}

#[test]
fn what_the_configuration_says_is_what_is_looked_for() {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let config = InventoryModel {
        template: "reader@1".into(),
        kind: "agent".into(),
        status: "expired".into(),
        expiring_within: "1d".into(),
        overdue: true.into(),
        ..InventoryModel::default()
    };
    let expected = Filter {
        template: Some("reader".to_owned()),
        template_version: Some("1".to_owned()),
        kind: Some(Kind::Agent),
        status: Some((State::Expired, now)),
        expiring_before: Some("2026-11-22T12:00:00Z".parse().unwrap()),
        overdue_at: Some(now),
        ..Filter::default()
    };
    assert_eq!(filter(&config, now), expected);
    assert_eq!(filter(&InventoryModel::default(), now), Filter::default());
    // False asks for nothing in particular: what is due later is not looked for on its own.
    let config = InventoryModel { overdue: false.into(), ..InventoryModel::default() };
    assert_eq!(filter(&config, now), Filter::default());
}

#[test]
fn an_empty_text_is_not_a_filter() {
    let config = InventoryModel { owner: " ".into(), ..InventoryModel::default() };
    insta::assert_snapshot!(shown(&Inventory::validate(&config)), @r"
    error at owner: Empty text
      An empty `owner` finds nothing: state it, or leave it out.
    ");
    assert_eq!(Inventory::validate(&InventoryModel::default()), []);
}

#[tokio::test]
async fn an_empty_inventory_has_figures_too() {
    let found =
        read::<Inventory>(&Estate::empty().run(NOW, "c0ffee2"), InventoryModel::default()).await;
    assert_eq!(found.identities, Attribute::Known(Vec::new()));
    let metrics = found.metrics.into_known().unwrap();
    assert_eq!((metrics.total, metrics.oldest_credential), (0.into(), Attribute::Null));
}
