//! Identities that become ones of another kind.

use policy::governance::Kind;
use serde_json::{Value as Json, json};

use super::cases::{ANY, life};
use super::lives::{filled, world};
use super::{config, create, destroy, owner, provider, succeeds, update};
use crate::harness::{Action, Core, Instance};
use crate::value::Value;

/// The kinds that are registered.
fn kinds() -> Vec<String> {
    let tables = crate::tables();
    let names = Kind::ALL.into_iter().map(|kind| format!("nhi_{}", kind.name()));
    names.filter(|name| tables.resources.contains_key(name.as_str())).collect()
}

/// What is said of an identity of that kind, under a name.
fn said(kind: &str, name: &str) -> Json {
    let mut said = filled(&life(kind).expect("a case").said, "");
    said["name"] = json!(name);
    said
}

fn number(instance: &Instance, name: &str) -> Value {
    instance.state.attribute(name).clone()
}

#[tokio::test]
async fn every_kind_becomes_every_other_in_place() {
    for from in kinds() {
        let (mut core, _folder, _) = world().await;
        for (position, to) in kinds().into_iter().filter(|to| *to != from).enumerate() {
            let name = format!("moving-{position}");
            let made = create(&mut core, &from, &said(&from, &name)).await;
            let moved = succeeds(&to, core.move_state(&from, &made, &to).await);
            assert_eq!(moved.identity, made.identity, "{from} to {to}");

            let target = config(&to, &said(&to, &name));
            let plan = succeeds(&to, core.plan(&to, &target, Some(&moved)).await);
            assert_eq!(plan.action, Action::Update, "{from} to {to}");
            assert_eq!(plan.planned.attribute("credential_version"), &2.into(), "{from} to {to}");
            let became = succeeds(&to, core.apply(&to, &target, plan).await).expect("an instance");
            assert_eq!(became.private, b"", "{from} to {to}: it has arrived");
            assert_eq!(number(&became, "id"), number(&made, "id"));
            assert_eq!(number(&became, "expires_at"), number(&made, "expires_at"));
            let plan = succeeds(&to, core.plan(&to, &target, Some(&became)).await);
            assert_eq!(plan.action, Action::Nothing, "{from} to {to}: {:?}", plan.planned);
            assert_eq!(
                core.refresh(&from, &made).await,
                Ok(None),
                "{from} to {to}: it is no {from}"
            );
            core.generates(&to, &became).await;

            let mut broken = said(&to, &name);
            broken["break_glass_reason"] = json!("The test is over");
            let broken = update(&mut core, &to, &broken, &became).await;
            destroy(&mut core, &to, &broken).await;
        }
    }
}

async fn moved_account() -> (Core, tempfile::TempDir, Instance, Instance) {
    let (mut core, folder, _) = world().await;
    let account = said("nhi_service_account", "moving");
    let made = create(&mut core, "nhi_service_account", &account).await;
    let to = "nhi_workload_identity";
    let moved = succeeds(to, core.move_state("nhi_service_account", &made, to).await);
    (core, folder, made, moved)
}

#[tokio::test]
async fn a_moved_state_may_stay_between_until_an_update_and_be_destroyed_there() {
    let (mut core, _folder, _, moved) = moved_account().await;
    let to = "nhi_workload_identity";
    let refreshed = core.refresh(to, &moved).await.expect("read").expect("it is there");
    assert_eq!(refreshed.private, moved.private, "it has not arrived");
    let again = core.refresh(to, &refreshed).await.expect("read").expect("it is there");
    assert_eq!(again, refreshed);
    let plan = core.plan(to, &Value::Null, Some(&moved)).await.expect_err("it is active");
    assert!(plan.messages.join("").contains("disabled"), "{:?}", plan.messages);
}

#[tokio::test]
async fn an_update_that_was_cut_off_is_found_again() {
    let (mut core, _folder, made, moved) = moved_account().await;
    let to = "nhi_workload_identity";
    let target = config(to, &said(to, "moving"));
    let plan = succeeds(to, core.plan(to, &target, Some(&moved)).await);
    succeeds(to, core.apply(to, &target, plan).await);
    // Terraform never wrote its state: it moves what it has once more.
    let again = succeeds(to, core.move_state("nhi_service_account", &made, to).await);
    let read = core.refresh(to, &again).await.expect("read").expect("it is there");
    assert_eq!(read.private, b"", "it has arrived");
    assert_eq!(number(&read, "credential_version"), 2.into());
    let plan = succeeds(to, core.plan(to, &target, Some(&again)).await);
    assert_eq!(plan.action, Action::Nothing, "{:?}", plan.planned);
}

#[tokio::test]
async fn names_stay_unique_and_templates_decide_which_kinds_there_are() {
    let (mut core, _folder, _, moved) = moved_account().await;
    let to = "nhi_workload_identity";
    create(&mut core, to, &said(to, "moving")).await;
    let target = config(to, &said(to, "moving"));
    let refused = core.plan(to, &target, Some(&moved)).await.expect_err("refused");
    let told =
        refused.messages.join("\n").replace(number(&moved, "id").as_str().expect("an id"), "(id)");
    assert!(
        told.starts_with("name: Name in use: The workload_identity `moving` exists already. "),
        "{told}"
    );

    let (mut core, _folder) = provider().await;
    create(&mut core, "nhi_owner", &owner("grace.hopper@example.com")).await;
    let accounts = ANY.replace("\"service_account\", \"workload_identity\"", "\"service_account\"");
    create(&mut core, "nhi_template", &json!({ "source": accounts })).await;
    let account = said("nhi_service_account", "moving");
    let made = create(&mut core, "nhi_service_account", &account).await;
    let moved = succeeds(to, core.move_state("nhi_service_account", &made, to).await);
    let refused = core.plan(to, &target, Some(&moved)).await.expect_err("refused");
    insta::assert_snapshot!(refused.messages.join("\n"), @"template: Template for other kinds: Template `any@1.0.0` is not for kind `workload_identity`. The template is for `service_account`, `api_key`, `deployment_token`, `certificate`, `agent`.");
}
