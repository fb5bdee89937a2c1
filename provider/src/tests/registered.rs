//! The resources that are really registered, through their whole life under core's eyes.

use std::sync::OnceLock;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::harness::{Action, Core, Failure, Instance};
use crate::issuer::x509::pem;
use crate::value::Value;
use crate::wire::json;

mod cases;
mod lives;
mod moved;

const TEMPLATE: &str = include_str!("../../../examples/templates/s3-object-reader.nhi.hcl");

fn noon() -> Timestamp {
    Timestamp::from_second(1_795_262_400).expect("2026-11-21T12:00:00Z")
}

/// One key for all tests.
fn issuer_key() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| {
        let key = rcgen::KeyPair::generate().expect("a key");
        pem::write("PRIVATE KEY", key.serialized_der())
    })
}

/// A configured provider with an inventory of its own.
async fn provider() -> (Core, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let inventory = folder.path().join("inventory.db");
    let settings = json!({
        "inventory": format!("sqlite:{}", inventory.display()),
        "issuer": {
            "url": "https://identity.example.com",
            "trust_domain": "example.com",
            "key": issuer_key(),
            "master_key": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        },
    });
    let mut core = Core::start(crate::tables, noon).await;
    let config = json::from_json(&settings, &crate::tables().provider.ty(), json::Unknown::Dropped);
    assert_eq!(core.configure(&config.expect("settings")).await, Vec::<String>::new());
    (core, folder)
}

/// A configuration with null for what is not said.
fn config(name: &str, said: &Json) -> Value {
    let ty = crate::tables().resource(name).expect("a resource").schema.ty();
    json::from_json(said, &ty, json::Unknown::Dropped).expect("a configuration")
}

#[track_caller]
fn succeeds<T>(name: &str, outcome: Result<T, Failure>) -> T {
    outcome.unwrap_or_else(|failure| panic!("{name}: {:?}", failure.messages))
}

/// Creates, and makes sure that the next plan is empty.
async fn create(core: &mut Core, name: &str, said: &Json) -> Instance {
    let config = config(name, said);
    let plan = succeeds(name, core.plan(name, &config, None).await);
    assert_eq!(plan.action, Action::Create);
    let made = succeeds(name, core.apply(name, &config, plan).await).expect("an instance");
    let again = succeeds(name, core.plan(name, &config, Some(&made)).await);
    assert_eq!(again.action, Action::Nothing, "{name}: {:?}", again.planned);
    made
}

async fn update(core: &mut Core, name: &str, said: &Json, made: &Instance) -> Instance {
    let config = config(name, said);
    let plan = succeeds(name, core.plan(name, &config, Some(made)).await);
    assert_eq!(plan.action, Action::Update, "{name}");
    succeeds(name, core.apply(name, &config, plan).await).expect("an instance")
}

async fn destroy(core: &mut Core, name: &str, made: &Instance) {
    let plan = succeeds(name, core.plan(name, &Value::Null, Some(made)).await);
    assert_eq!(core.apply(name, &Value::Null, plan).await, Ok(None));
}

fn owner(steward: &str) -> Json {
    json!({ "name": "payments", "accountable": "ada.lovelace@example.com", "steward": steward })
}

fn account(state: &str, extra: &Json) -> Json {
    let mut said = json!({
        "name": "ledger-reader",
        "owner": "payments",
        "purpose": "Reads the ledger for the nightly report",
        "expiry": "90d",
        "template": "s3-object-reader@1",
        "service": "billing",
        "environment": "prod",
        "state": state,
        "parameters": {
            "bucket": "ledger", "namespace": "billing", "app": "report", "repo": "example/report",
        },
    });
    for (name, value) in extra.as_object().into_iter().flatten() {
        said[name] = value.clone();
    }
    said
}

#[tokio::test]
async fn an_identity_lives_inside_its_template_and_is_not_destroyed_while_active() {
    let (mut core, _folder) = provider().await;
    create(&mut core, "nhi_owner", &owner("grace.hopper@example.com")).await;
    create(&mut core, "nhi_template", &json!({ "source": TEMPLATE })).await;
    let active = account("active", &Json::Null);
    let made = create(&mut core, "nhi_service_account", &active).await;

    let refused = core.plan("nhi_service_account", &Value::Null, Some(&made)).await;
    assert!(!refused.expect_err("refused").messages.is_empty());
    let too_far = account("active", &json!({ "expiry": "900d" }));
    let too_far = config("nhi_service_account", &too_far);
    let refused = core.plan("nhi_service_account", &too_far, Some(&made)).await;
    let refused = refused.expect_err("refused").messages.join("\n");
    assert!(refused.starts_with("expiry: "), "{refused}");

    let broken = account("active", &json!({ "break_glass_reason": "Incident 7: the key leaked" }));
    let broken = update(&mut core, "nhi_service_account", &broken, &made).await;
    destroy(&mut core, "nhi_service_account", &broken).await;
}

#[tokio::test]
async fn whatever_is_unknown_stays_undecided_until_apply() {
    let (mut core, _folder) = provider().await;
    create(&mut core, "nhi_owner", &owner("grace.hopper@example.com")).await;
    create(&mut core, "nhi_template", &json!({ "source": TEMPLATE })).await;
    for attribute in ["name", "owner", "purpose", "expiry", "template", "parameters", "service"] {
        let known = config("nhi_workload_identity", &account("active", &Json::Null));
        let Value::Object(mut entries) = known.clone() else { panic!("an object") };
        entries.insert(attribute.to_owned(), Value::unknown());
        let unknown = Value::Object(entries);
        let plan = core.plan("nhi_workload_identity", &unknown, None).await;
        let plan = plan.unwrap_or_else(|failure| panic!("{attribute}: {:?}", failure.messages));
        assert!(plan.planned.attribute(attribute).is_unknown(), "{attribute}");
        let made = core.apply("nhi_workload_identity", &known, plan).await;
        let made = made.unwrap_or_else(|failure| panic!("{attribute}: {:?}", failure.messages));
        let made = made.expect("an instance");
        let broken = json!({ "break_glass_reason": "The test makes the next one" });
        let broken = account("active", &broken);
        let broken = update(&mut core, "nhi_workload_identity", &broken, &made).await;
        destroy(&mut core, "nhi_workload_identity", &broken).await;
    }
}
