//! Every registered type through its whole life: created, read, planned again, found by a list, imported, its configuration
//! generated, changed, destroyed; opened and closed; done.

use std::sync::OnceLock;

use serde_json::{Value as Json, json};

use super::cases::{self, ANY, Life};
use super::{config, create, destroy, owner, provider, succeeds, update};
use crate::harness::{Action, Core, Instance};
use crate::issuer::x509::pem;
use crate::value::Value;
use crate::wire::json as codec;

/// A provider with what identities need: an owner, a template, and one identity.
pub(super) async fn world() -> (Core, tempfile::TempDir, String) {
    let (mut core, folder) = provider().await;
    create(&mut core, "nhi_owner", &owner("grace.hopper@example.com")).await;
    create(&mut core, "nhi_template", &json!({ "source": ANY })).await;
    let account = filled(&cases::identity("first"), "");
    let made = create(&mut core, "nhi_service_account", &account).await;
    let id = made.state.attribute("id").as_str().expect("an id").to_owned();
    (core, folder, id)
}

/// What is said, with what stands for something else replaced.
pub(super) fn filled(said: &Json, identity: &str) -> Json {
    let text = said.to_string().replace("$owner", "payments").replace("$identity", identity);
    serde_json::from_str(&text.replace("\"$csr\"", csr())).expect("JSON")
}

/// A certificate signing request, as a JSON text; the same each time.
fn csr() -> &'static str {
    static CSR: OnceLock<String> = OnceLock::new();
    CSR.get_or_init(|| {
        let key = rcgen::KeyPair::generate().expect("a key");
        let request = rcgen::CertificateParams::default().serialize_request(&key);
        let request = pem::write("CERTIFICATE REQUEST", request.expect("a request").der());
        json!(request).to_string()
    })
}

/// Makes an identity of each kind that is named (`$api_key`), and says its id.
async fn with_kinds(core: &mut Core, said: Json) -> Json {
    let mut text = said.to_string();
    for kind in policy::governance::Kind::ALL {
        let (token, name) = (format!("${}", kind.name()), format!("nhi_{}", kind.name()));
        if text.contains(&token) {
            let life =
                cases::life(&name).unwrap_or_else(|| panic!("{name}: there is no case for it"));
            let made = create(core, &name, &filled(&life.said, "")).await;
            text = text.replace(&token, made.state.attribute("id").as_str().expect("an id"));
        }
    }
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test]
async fn every_resource_lives() {
    for name in crate::tables().resources.keys() {
        let life = cases::life(name).unwrap_or_else(|| panic!("{name}: there is no case for it"));
        live(name, &life).await;
    }
}

async fn live(name: &str, Life { said, changed, last }: &Life) {
    let (mut core, _folder, identity) = world().await;
    let made = create(&mut core, name, &filled(said, &identity)).await;
    let refreshed = core.refresh(name, &made).await.expect("read").expect("it is there");
    assert_eq!(refreshed, made, "{name}: a refresh after the apply changes something");

    found(&mut core, name, &made).await;
    imported(&mut core, name, &made).await;

    let changed = update(&mut core, name, &filled(changed, &identity), &made).await;
    assert_eq!(changed.identity, made.identity, "{name}: the identity is for ever");
    imported(&mut core, name, &changed).await;

    let mut end = changed;
    if let Some(last) = last {
        end = update(&mut core, name, &filled(last, &identity), &end).await;
    }
    destroy(&mut core, name, &end).await;
    assert_eq!(core.refresh(name, &end).await, Ok(None), "{name}: it is gone");
    let identity = value_of_identity(&core, name, &end);
    let gone = core.import_by_identity(name, &identity).await.expect_err("it is gone");
    assert_eq!(gone.messages, ["Cannot import non-existent remote object"], "{name}");
    let left = list(&mut core, name, false).await;
    assert!(
        left.iter().all(|it| it.identity != identity),
        "{name}: it is listed although it is gone"
    );
}

fn value_of_identity(core: &Core, name: &str, made: &Instance) -> Value {
    core.identity_value(name, made.identity.as_ref().expect("an identity"))
}

/// The list finds it, as it is.
async fn found(core: &mut Core, name: &str, made: &Instance) {
    let identity = value_of_identity(core, name, made);
    let found = list(core, name, true).await;
    let found = found.iter().find(|found| found.identity == identity);
    let found = found.unwrap_or_else(|| panic!("{name}: it is not listed"));
    assert!(!found.display_name.is_empty());
    assert_eq!(found.state.as_ref(), Some(&made.state), "{name}: it is listed otherwise");
    let plain = list(core, name, false).await;
    assert!(plain.iter().any(|found| found.identity == identity && found.state.is_none()));
}

async fn list(core: &mut Core, name: &str, whole: bool) -> Vec<crate::harness::list::Found> {
    let ty = crate::tables().lists[name].schema.ty();
    let config = codec::from_json(&json!({}), &ty, codec::Unknown::Dropped).expect("no filter");
    core.list(name, &config, (1000, whole))
        .await
        .unwrap_or_else(|(_, told)| panic!("{name}: {told:?}"))
}

/// An import by id and one by identity find it as it is, and the configuration that is generated from it changes nothing.
async fn imported(core: &mut Core, name: &str, made: &Instance) {
    let identity = value_of_identity(core, name, made);
    let by_identity = core.import_by_identity(name, &identity).await.expect("imported");
    assert_eq!(by_identity.state, made.state, "{name}: an import finds something else");
    let attribute = crate::tables().resources[name].identity[0].name;
    let id = made.state.attribute(attribute).as_str().expect("text").to_owned();
    let by_id = core.import(name, &id).await.expect("imported");
    assert_eq!(by_id, by_identity, "{name}");
    core.generates(name, &by_id).await;
}

#[tokio::test]
async fn every_ephemeral_resource_is_opened_and_closed() {
    for (name, entry) in &crate::tables().ephemerals {
        let said = cases::opened(name).unwrap_or_else(|| panic!("{name}: there is no case for it"));
        let (mut core, _folder, identity) = world().await;
        let said = with_kinds(&mut core, filled(&said, &identity)).await;
        let config =
            codec::from_json(&said, &entry.ty, codec::Unknown::Dropped).expect("arguments");
        let open = core.open(name, &config).await;
        let mut open = open.unwrap_or_else(|told| panic!("{name}: {told:?}"));
        if open.renew_at.is_some() {
            core.renew(name, &mut open).await.unwrap_or_else(|told| panic!("{name}: {told:?}"));
        }
        for _ in 0..2 {
            assert_eq!(core.close(name, &open).await, Vec::<String>::new(), "{name}");
        }
    }
}

#[tokio::test]
async fn every_action_is_done() {
    for (name, entry) in &crate::tables().actions {
        let said = cases::done(name).unwrap_or_else(|| panic!("{name}: there is no case for it"));
        let (mut core, _folder, identity) = world().await;
        let said = with_kinds(&mut core, filled(&said, &identity)).await;
        let config =
            codec::from_json(&said, &entry.ty, codec::Unknown::Dropped).expect("arguments");
        let done = core.invoke(name, &config).await;
        let done = done.unwrap_or_else(|told| panic!("{name}: {told:?}"));
        assert!(!done.progress.is_empty(), "{name}: it says what it did");
        let unknown = said.as_object().into_iter().flatten();
        for (argument, _) in unknown {
            let Value::Object(mut entries) = config.clone() else { panic!("an object") };
            entries.insert(argument.clone(), Value::unknown());
            let told = core.plan_action(name, &Value::Object(entries)).await;
            assert_eq!(told, Vec::<String>::new(), "{name}: {argument} is not known yet");
        }
    }
}

#[tokio::test]
async fn lists_are_narrowed() {
    let (mut core, _folder, _) = world().await;
    let count = async |core: &mut Core, name: &str, filter: Json| {
        let ty = crate::tables().lists[name].schema.ty();
        let config = codec::from_json(&filter, &ty, codec::Unknown::Dropped).expect("a filter");
        core.list(name, &config, (100, false)).await.map(|found| found.len())
    };
    for (name, filter, expected) in [
        ("nhi_service_account", json!({ "owner": "payments", "template": "any@1" }), 1),
        ("nhi_service_account", json!({ "status": "disabled" }), 0),
        ("nhi_service_account", json!({ "unbound": true, "name_prefix": "fi" }), 1),
        ("nhi_service_account", json!({ "expiring_within": "31d" }), 1),
        ("nhi_service_account", json!({ "expiring_within": "29d" }), 0),
        ("nhi_service_account", json!({ "overdue": true }), 0),
        ("nhi_workload_identity", json!({}), 0),
        ("nhi_owner", json!({ "active": true, "name_prefix": "pay" }), 1),
        ("nhi_owner", json!({ "active": false }), 0),
        ("nhi_template", json!({ "name": "any" }), 1),
        ("nhi_template", json!({ "name": "a" }), 0),
        ("nhi_binding", json!({ "platform": "aws" }), 0),
    ] {
        assert_eq!(count(&mut core, name, filter.clone()).await, Ok(expected), "{name} {filter}");
    }
    let (_, told) = count(&mut core, "nhi_service_account", json!({ "status": "sleeping" }))
        .await
        .expect_err("refused");
    insta::assert_snapshot!(told.join("\n"), @"status: Unsuitable value: `sleeping` is not one of `active`, `rotating`, `disabled`, `expired`, `quarantined`");
}

/// A state as the first version of the provider wrote it: without an identity, `spiffe_id` and `rotation.reason`.
#[tokio::test]
async fn a_state_from_before_its_newer_attributes_is_read_and_plans_to_no_change() {
    let name = "nhi_service_account";
    let (mut core, _folder, id) = world().await;
    let stored = include_str!("fixtures/service_account.json").replace("$id", &id);
    let state = succeeds(name, core.upgrade(name, 0, stored.as_bytes()).await);
    let stored = Instance { state, ..Instance::default() };
    let said = config(name, &filled(&cases::identity("first"), ""));
    let plan = succeeds(name, core.plan(name, &said, Some(&stored)).await);
    assert_eq!(plan.action, Action::Nothing, "{:?}", plan.planned);
    let read = succeeds(name, core.refresh(name, &stored).await).expect("it is there");
    assert!(read.identity.is_some(), "it has an identity now");
}

/// What an action did is in the inventory, and the next plan says so.
#[tokio::test]
async fn actions_take_effect() {
    let name = "nhi_service_account";
    let (mut core, _folder, id) = world().await;
    let said = config(name, &filled(&cases::identity("first"), ""));
    let invoke = async |core: &mut Core, action: &str, said: Json| {
        let ty = crate::tables().actions[action].schema.ty();
        let config = codec::from_json(&said, &ty, codec::Unknown::Dropped).expect("arguments");
        core.invoke(action, &config).await
    };
    let leaked = json!({ "identity": id, "reason": "Incident 7", "overlap": "0s" });
    let done = invoke(&mut core, "nhi_rotate", leaked).await.expect("rotated");
    insta::assert_snapshot!(done.progress.join("\n"), @"The service_account `first` has credential 2; the old credential does not work any more.");
    let imported = succeeds(name, core.import(name, &id).await);
    assert_eq!(imported.state.attribute("credential_version"), &2.into());
    let plan = succeeds(name, core.plan(name, &said, Some(&imported)).await);
    assert_eq!(plan.action, Action::Nothing, "the configuration is followed all the same");

    let odd = json!({ "identity": id, "reason": "Incident 8" });
    invoke(&mut core, "nhi_suspend", odd.clone()).await.expect("suspended");
    let again = invoke(&mut core, "nhi_suspend", odd).await.expect("it is suspended");
    insta::assert_snapshot!(again.progress.join("\n"), @"The service_account `first` is switched off already.");
    let imported = succeeds(name, core.import(name, &id).await);
    assert_eq!(imported.state.attribute("status"), &"disabled".into());
    let refused = core.plan(name, &said, Some(&imported)).await;
    assert!(refused.is_err(), "a plan that would merely switch it on is refused");
    let closed = json!({ "identity": id, "reason": "Incident 8 is closed", "resume": true });
    let over = invoke(&mut core, "nhi_suspend", closed.clone()).await.expect("resumed");
    insta::assert_snapshot!(over.progress.join("\n"), @"The suspension of the service_account `first` is over.");
    let imported = succeeds(name, core.import(name, &id).await);
    let plan = succeeds(name, core.plan(name, &said, Some(&imported)).await);
    assert_eq!(plan.action, Action::Nothing, "it works as its configuration says");
    let told = invoke(&mut core, "nhi_suspend", closed).await.expect_err("refused");
    insta::assert_snapshot!(told.join("\n"), @"Identity not resumed: The identity `first` is not suspended. What a configuration or a review switched off is switched on in the configuration: `state = \"active\"`.");

    let nobody = json!({ "identity": "nhi-nobody", "reason": "Incident 9" });
    let told = invoke(&mut core, "nhi_suspend", nobody).await.expect_err("refused");
    insta::assert_snapshot!(told.join("\n"), @"identity: Unknown identity: There is no identity `nhi-nobody` in the inventory. Check the spelling, or register the identity first.");
}
