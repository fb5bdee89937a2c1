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
    insta::assert_snapshot!(dot, @r##"
    digraph lineage {
      rankdir=LR;
      node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11];
      edge [fontname="Helvetica", fontsize=9];
      "person:ada@example.com" [label="person\nada@example.com", fillcolor="#fde7c3"];
      "person:grace@example.com" [label="person\ngrace@example.com", fillcolor="#fde7c3"];
      "person:octocat" [label="person\noctocat", fillcolor="#fde7c3"];
      "owner:payments" [label="owner\npayments", fillcolor="#fde7c3"];
      "configuration:acme/infra" [label="configuration\nacme/infra", fillcolor="#e3e8ef"];
      "commit:c0ffee1" [label="commit\nc0ffee1", fillcolor="#e3e8ef"];
      "commit:c0ffee2" [label="commit\nc0ffee2", fillcolor="#e3e8ef"];
      "run:https://github.com/acme/infra/actions/runs/7" [label="run\nhttps://github.com/acme/infra/actions/runs/7", fillcolor="#e3e8ef"];
      "template:s3-object-reader@1.2.0" [label="template\ns3-object-reader@1.2.0", fillcolor="#d9ead3"];
      "identity:nhi-invoice-export" [label="identity\nservice_account invoice-export", fillcolor="#cfe2f3"];
      "identity:nhi-invoice-worker" [label="identity\nworkload_identity invoice-worker", fillcolor="#cfe2f3"];
      "credential:credential version 1" [label="credential\ncredential version 1", fillcolor="#f4cccc"];
      "credential:token issue" [label="credential\ntoken issue", fillcolor="#f4cccc"];
      "principal:aws arn:aws:iam::123456789012:role/nhi-invoice-export" [label="principal\naws arn:aws:iam::123456789012:role/nhi-invoice-export", fillcolor="#e6dcf2"];
      "consumer:cron \"nightly\"" [label="consumer\ncron \"nightly\"", fillcolor="#e6dcf2"];
      "consumer:job:invoice-export" [label="consumer\njob:invoice-export", fillcolor="#e6dcf2"];
      "person:ada@example.com" -> "owner:payments" [label="is accountable for"];
      "person:grace@example.com" -> "owner:payments" [label="is steward of"];
      "person:octocat" -> "run:https://github.com/acme/infra/actions/runs/7" [label="started"];
      "owner:payments" -> "identity:nhi-invoice-export" [label="owns"];
      "configuration:acme/infra" -> "commit:c0ffee1" [label="at"];
      "configuration:acme/infra" -> "commit:c0ffee2" [label="at"];
      "commit:c0ffee1" -> "run:https://github.com/acme/infra/actions/runs/7" [label="applied by"];
      "commit:c0ffee2" -> "run:https://github.com/acme/infra/actions/runs/7" [label="applied by"];
      "run:https://github.com/acme/infra/actions/runs/7" -> "identity:nhi-invoice-export" [label="identity create"];
      "run:https://github.com/acme/infra/actions/runs/7" -> "identity:nhi-invoice-export" [label="identity update, binding create"];
      "template:s3-object-reader@1.2.0" -> "identity:nhi-invoice-export" [label="bounds"];
      "identity:nhi-invoice-export" -> "identity:nhi-invoice-worker" [label="is parent of"];
      "identity:nhi-invoice-export" -> "credential:credential version 1" [label="proves itself with"];
      "identity:nhi-invoice-export" -> "credential:token issue" [label="asked for"];
      "identity:nhi-invoice-export" -> "principal:aws arn:aws:iam::123456789012:role/nhi-invoice-export" [label="is bound to"];
      "identity:nhi-invoice-export" -> "consumer:job:invoice-export" [label="is used by"];
      "principal:aws arn:aws:iam::123456789012:role/nhi-invoice-export" -> "consumer:cron \"nightly\"" [label="is used by"];
    }
    "##);
    let mermaid = steady(&estate, found.mermaid.as_str().unwrap()).await;
    insta::assert_snapshot!(mermaid, @r#"
    flowchart LR
      n0["person<br/>ada@example.com"]
      n1["person<br/>grace@example.com"]
      n2["person<br/>octocat"]
      n3["owner<br/>payments"]
      n4["configuration<br/>acme/infra"]
      n5["commit<br/>c0ffee1"]
      n6["commit<br/>c0ffee2"]
      n7["run<br/>https://github.com/acme/infra/actions/runs/7"]
      n8["template<br/>s3-object-reader@1.2.0"]
      n9["identity<br/>service_account invoice-export"]
      n10["identity<br/>workload_identity invoice-worker"]
      n11["credential<br/>credential version 1"]
      n12["credential<br/>token issue"]
      n13["principal<br/>aws arn:aws:iam::123456789012:role/nhi-invoice-export"]
      n14["consumer<br/>cron #34;nightly#34;"]
      n15["consumer<br/>job:invoice-export"]
      n0 -->|"is accountable for"| n3
      n1 -->|"is steward of"| n3
      n2 -->|"started"| n7
      n3 -->|"owns"| n9
      n4 -->|"at"| n5
      n4 -->|"at"| n6
      n5 -->|"applied by"| n7
      n6 -->|"applied by"| n7
      n7 -->|"identity create"| n9
      n7 -->|"identity update, binding create"| n9
      n8 -->|"bounds"| n9
      n9 -->|"is parent of"| n10
      n9 -->|"proves itself with"| n11
      n9 -->|"asked for"| n12
      n9 -->|"is bound to"| n13
      n9 -->|"is used by"| n15
      n13 -->|"is used by"| n14
      classDef person fill:#fde7c3,stroke:#555,color:#111
      class n0,n1,n2 person
      classDef owner fill:#fde7c3,stroke:#555,color:#111
      class n3 owner
      classDef configuration fill:#e3e8ef,stroke:#555,color:#111
      class n4 configuration
      classDef commit fill:#e3e8ef,stroke:#555,color:#111
      class n5,n6 commit
      classDef run fill:#e3e8ef,stroke:#555,color:#111
      class n7 run
      classDef template fill:#d9ead3,stroke:#555,color:#111
      class n8 template
      classDef identity fill:#cfe2f3,stroke:#555,color:#111
      class n9,n10 identity
      classDef credential fill:#f4cccc,stroke:#555,color:#111
      class n11,n12 credential
      classDef principal fill:#e6dcf2,stroke:#555,color:#111
      class n13 principal
      classDef consumer fill:#e6dcf2,stroke:#555,color:#111
      class n14,n15 consumer
    "#);
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
