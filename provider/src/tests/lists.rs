//! List resources as core reads them.

use std::sync::atomic::Ordering;

use super::toy::{BoxQuery, LOOKED_AT};
use super::{TOY, core};
use crate::harness::list::Found;
use crate::model::Model as _;
use crate::value::Value;

fn query(name: &str) -> Value {
    BoxQuery { name: name.into() }.to_value()
}

fn shown(found: &[Found]) -> String {
    let line = |found: &Found| {
        let id = found.identity.attribute("id").as_str().expect("an id");
        let name = found.state.as_ref().map(|state| state.attribute("name").clone());
        format!("{} ({id}) {name:?}", found.display_name)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn identities_always_and_objects_when_asked_for() {
    let mut core = core().await;
    let found = core.list(TOY, &query("full"), (100, false)).await.expect("a list");
    insta::assert_snapshot!(shown(&found), @"
    Toy 0 (toy-0) None
    Toy 1 (toy-1) None
    Toy 2 (toy-2) None
    ");
    let found = core.list(TOY, &query("full"), (2, true)).await.expect("a list");
    insta::assert_snapshot!(shown(&found), @r#"
    Toy 0 (toy-0) Some(String("0"))
    Toy 1 (toy-1) Some(String("1"))
    "#);
    let all = core.list(TOY, &query("full"), (0, false)).await.expect("a list");
    assert_eq!(all.len(), 3, "no limit is none");
}

#[tokio::test]
async fn refusals_and_mistakes_end_the_list() {
    let mut core = core().await;
    let (found, messages) = core.list(TOY, &query(""), (9, false)).await.expect_err("refused");
    assert_eq!((found.len(), messages), (0, vec!["name: No box: name one".to_owned()]));
    let (found, messages) = core.list(TOY, &query("locked"), (9, false)).await.expect_err("locked");
    assert_eq!((found.len(), messages), (0, vec!["Locked: find the key".to_owned()]));
    let (found, messages) = core.list(TOY, &query("broken"), (9, false)).await.expect_err("a bug");
    assert_eq!(found.len(), 1);
    insta::assert_snapshot!(messages[0].lines().next().expect("a line"), @"Bug in the nhi provider: `nhi_toy` listed something that breaks Terraform's rules: `id` is missing");
    let (_, messages) = core.list(TOY, &query("panicking"), (9, false)).await.expect_err("a bug");
    assert!(messages[0].contains("`list_resource` stopped unexpectedly at "), "{messages:?}");
    assert!(!messages[0].contains("hunter2"), "{messages:?}");
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_list() {
    let mut core = core().await;
    let ty = super::tables().lists[TOY].schema.ty();
    let config = crate::wire::encode(&query("endless"), &ty).expect("a query");
    let request = proto::tfplugin6::list_resource::Request {
        type_name: TOY.to_owned(),
        config: Some(config),
        ..Default::default()
    };
    let mut events = core.client.list_resource(request).await.expect("a stream").into_inner();
    assert!(events.message().await.expect("an event").is_some());
    drop(events);
    core.server.idle().await;
    let looked_at = LOOKED_AT.load(Ordering::SeqCst);
    assert!((1..100_000).contains(&looked_at), "{looked_at}");
}
