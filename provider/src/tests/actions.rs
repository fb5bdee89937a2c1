//! Actions as core plans and invokes them.

use std::sync::atomic::Ordering;

use super::core;
use super::toy::{UNWIND, WINDING, WOUND, Winding};
use crate::attribute::Attribute;
use crate::model::Model as _;
use crate::value::Value;

const WIND: &str = "nhi_wind";

fn wind(toy: &str, turns: i64) -> Value {
    Winding { toy: toy.into(), turns: turns.into() }.to_value()
}

#[tokio::test]
async fn an_action_tells_what_it_does_and_ends_once() {
    let mut core = core().await;
    let invoked = core.invoke(WIND, &wind("mouse", 12)).await.expect("wound");
    assert_eq!(invoked.progress.len(), 12);
    assert_eq!(invoked.progress.last().map(String::as_str), Some("turn 12"));
    let invoked = core.invoke(WIND, &wind("tight", 0)).await.expect("wound");
    assert_eq!(invoked.warnings, ["Tight: no further"]);
}

#[tokio::test]
async fn refusals_come_with_the_plan_and_failures_with_the_end() {
    let mut core = core().await;
    for (toy, turns, message) in [
        ("mouse", -1, "turns: Backwards: wind forwards"),
        ("lost", 1, "toy: Lost: find it"),
        ("old", 1, "Broken: the spring"),
    ] {
        let messages = core.invoke(WIND, &wind(toy, turns)).await.expect_err("refused");
        assert_eq!(messages, [message]);
    }
    let messages = core.invoke_unplanned(WIND, &wind("mouse", -1)).await.expect_err("refused");
    assert_eq!(messages, ["turns: Backwards: wind forwards"], "whoever invokes it");
    let messages = core.invoke(WIND, &wind("panicking", 1)).await.expect_err("a bug");
    assert!(messages[0].contains("`invoke_action` stopped unexpectedly at "), "{messages:?}");
    assert!(!messages[0].contains("hunter2"), "{messages:?}");
}

#[tokio::test]
async fn what_is_not_known_yet_is_not_refused() {
    let mut core = core().await;
    let unknown = Winding { toy: Attribute::Unknown, turns: Attribute::Unknown }.to_value();
    assert_eq!(core.plan_action(WIND, &unknown).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_action_goes_on_although_nobody_listens() {
    let mut core = core().await;
    let ty = super::tables().actions[WIND].schema.ty();
    let config = crate::wire::encode(&wind("slow", 40), &ty).expect("a configuration");
    let request = proto::tfplugin6::invoke_action::Request {
        action_type: WIND.to_owned(),
        config: Some(config),
        client_capabilities: None,
    };
    let events = core.client.invoke_action(request).await.expect("a stream").into_inner();
    drop(events);
    WINDING.notified().await;
    UNWIND.notify_one();
    core.server.idle().await;
    assert!(WOUND.load(Ordering::SeqCst));
}
