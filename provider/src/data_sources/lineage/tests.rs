use jiff::Timestamp;

use super::*;
use crate::data_sources::testing::{Estate, estate, read, try_read};
use crate::inventory::bindings::BindingFacts;
use crate::resources::testing::shown;

const NOW: &str = "2026-11-22T12:00:00Z";

/// Ids are random; pictures are compared without them.
async fn steady(estate: &Estate, text: &str) -> String {
    let mut text = text.to_owned();
    for name in ["invoice-export", "invoice-worker", "reconciler", "ledger-key"] {
        text = text.replace(&estate.identity(name).await.id, &format!("nhi-{name}"));
    }
    text.replace(&*estate.path(), "/estate")
}

async fn lineage(estate: &Estate, name: &str) -> LineageModel {
    let config =
        LineageModel { identity: estate.identity(name).await.id.into(), ..LineageModel::default() };
    read::<Lineage>(&estate.run(NOW, "c0ffee4"), config).await
}

#[tokio::test]
async fn from_people_to_consumers() {
    let estate = estate().await;
    let export = estate.identity("invoice-export").await;
    let export = estate
        .change(("2026-10-20T08:00:00Z", "c0ffee2"), &export, |facts, _| {
            facts.purpose = "Hourly export of invoices to the ledger bucket".to_owned();
        })
        .await;
    estate.issue(&export, "2026-10-20T09:00:00Z").await;
    estate.issue(&export, "2026-10-21T09:00:00Z").await;
    let context = estate.run(NOW, "c0ffee2");
    let now: Timestamp = NOW.parse().unwrap();
    let facts = BindingFacts {
        identity_id: export.id,
        platform: "aws".to_owned(),
        principal: "arn:aws:iam::123456789012:role/nhi-invoice-export".to_owned(),
        consumers: ["cron \"nightly\"".to_owned()].into(),
        retired_by: Some("aws_iam_role.export".to_owned()),
    };
    context.configured().unwrap().inventory().unwrap().bind(now, facts).await.unwrap();

    let found = lineage(&estate, "invoice-export").await;
    let dot = steady(&estate, found.dot.as_str().unwrap()).await;
    assert_eq!(dot.trim_end(), include_str!("tests/export.dot").trim_end());
    let mermaid = steady(&estate, found.mermaid.as_str().unwrap()).await;
    assert_eq!(mermaid.trim_end(), include_str!("tests/export.mmd").trim_end());
    assert_eq!(lineage(&estate, "invoice-export").await, found);
    let nodes = found.nodes.known().unwrap();
    for edge in found.edges.known().unwrap() {
        assert!(nodes.iter().any(|node| node.id == edge.from), "{edge:?}");
        assert!(nodes.iter().any(|node| node.id == edge.to), "{edge:?}");
    }
}

#[tokio::test]
async fn parents_sponsors_tools_and_keys() {
    let estate = estate().await;
    let edges = async |name: &str| {
        let found = lineage(&estate, name).await;
        let text = |attribute: &Attribute<String>| attribute.as_str().unwrap().to_owned();
        let edges = found.edges.known().unwrap().iter();
        let edges = edges.map(|it| [&it.from, &it.label, &it.to].map(text).join(" | "));
        steady(&estate, &edges.collect::<Vec<_>>().join("\n")).await
    };
    insta::assert_snapshot!(edges("reconciler").await, @r"
    person:ada@example.com | is accountable for | owner:ledger
    person:grace@example.com | is steward of | owner:ledger
    person:joan@example.com | sponsors | identity:nhi-reconciler
    person:octocat | started | run:https://github.com/acme/infra/actions/runs/7
    owner:ledger | owns | identity:nhi-reconciler
    configuration:acme/infra | at | commit:c0ffee1
    commit:c0ffee1 | applied by | run:https://github.com/acme/infra/actions/runs/7
    run:https://github.com/acme/infra/actions/runs/7 | identity create | identity:nhi-reconciler
    template:s3-object-reader@1.2.0 | bounds | identity:nhi-reconciler
    identity:nhi-reconciler | proves itself with | credential:credential version 1
    identity:nhi-reconciler | is used by | consumer:job:invoice-export
    identity:nhi-reconciler | may call | tool:ledger.post
    identity:nhi-reconciler | may call | tool:ledger.read
    ");
    insta::assert_snapshot!(edges("invoice-worker").await, @r"
    person:ada@example.com | is accountable for | owner:payments
    person:grace@example.com | is steward of | owner:payments
    person:octocat | started | run:https://github.com/acme/infra/actions/runs/7
    owner:payments | owns | identity:nhi-invoice-worker
    configuration:acme/infra | at | commit:c0ffee1
    commit:c0ffee1 | applied by | run:https://github.com/acme/infra/actions/runs/7
    run:https://github.com/acme/infra/actions/runs/7 | identity create | identity:nhi-invoice-worker
    template:s3-object-reader@1.2.0 | bounds | identity:nhi-invoice-worker
    identity:nhi-invoice-export | is parent of | identity:nhi-invoice-worker
    identity:nhi-invoice-worker | proves itself with | credential:credential version 1
    identity:nhi-invoice-worker | is used by | consumer:job:invoice-export
    identity:nhi-invoice-worker | is used by | consumer:job:invoice-import
    ");
    insta::assert_snapshot!(edges("ledger-key").await, @r"
    person:ada@example.com | is accountable for | owner:ledger
    person:grace@example.com | is steward of | owner:ledger
    person:octocat | started | run:https://github.com/acme/infra/actions/runs/7
    owner:ledger | owns | identity:nhi-ledger-key
    configuration:acme/infra | at | commit:c0ffee1
    commit:c0ffee1 | applied by | run:https://github.com/acme/infra/actions/runs/7
    run:https://github.com/acme/infra/actions/runs/7 | identity create | identity:nhi-ledger-key
    template:s3-object-reader@1.2.0 | bounds | identity:nhi-ledger-key
    identity:nhi-ledger-key | proves itself with | credential:API key key-2
    identity:nhi-ledger-key | is used by | consumer:job:invoice-export
    credential:API key key-1 | was followed by | credential:API key key-2
    ");
}

#[tokio::test]
async fn an_unknown_identity_is_an_error() {
    let estate = estate().await;
    let config = LineageModel { identity: "nhi-1".into(), ..LineageModel::default() };
    let refused = try_read::<Lineage>(&estate.run(NOW, "c0ffee4"), config).await.unwrap_err();
    insta::assert_snapshot!(shown(&refused), @r"
    error at identity: Unknown identity
      There is no identity `nhi-1` in the inventory. Is it the inventory that you mean?
    ");
}
