//! The provider over an in-memory pipe: a real client, the real server, resources made for the test.

use jiff::Timestamp;
use proto::tfplugin6 as wire;
use tonic::Code;

use crate::harness::{Action, Core, Failure, Instance, shown};
use crate::model::Model as _;
use crate::path::Path;
use crate::schema::validity::{Kind, violations};
use crate::server::tables::Tables;
use crate::value::Value;

mod actions;
mod ephemerals;
mod lists;
mod moves;
mod process;
mod registered;
mod toy;

use toy::{Toy, tables};

const TOY: &str = "nhi_toy";

fn clock() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

async fn core() -> Core {
    Core::start(tables, clock).await
}

fn config(mode: &str) -> Toy {
    Toy { name: "a".into(), mode: mode.into(), ..Toy::default() }
}

async fn create(core: &mut Core, toy: &Toy) -> Result<Instance, Failure> {
    let config = toy.to_value();
    let plan = core.plan(TOY, &config, None).await?;
    assert_eq!(plan.action, Action::Create);
    core.apply(TOY, &config, plan).await.map(|instance| instance.expect("an instance"))
}

#[tokio::test]
async fn a_whole_life() {
    let mut core = core().await;
    let toy = Toy { secret: "hunter2".into(), ..config("") };
    let created = create(&mut core, &toy).await.expect("created");
    assert_eq!(created.state.attribute("id"), &"toy-a".into());
    assert_eq!(created.state.attribute("secret_length"), &7.into(), "the secret reached create");
    assert_eq!(created.private, b"made");

    let same = core.plan(TOY, &toy.to_value(), Some(&created)).await.expect("a plan");
    assert_eq!(same.action, Action::Nothing);

    let changed = Toy { note: "n".into(), ..toy.clone() }.to_value();
    let plan = core.plan(TOY, &changed, Some(&created)).await.expect("a plan");
    assert_eq!(plan.action, Action::Update);
    assert_eq!(plan.planned.attribute("id"), &"toy-a".into(), "stable in an update");
    let updated = core.apply(TOY, &changed, plan).await.expect("applied").expect("an instance");
    assert_eq!(updated.state.attribute("note"), &"n".into());

    let renamed = Toy { name: "b".into(), ..toy }.to_value();
    let plan = core.plan(TOY, &renamed, Some(&updated)).await.expect("a plan");
    assert_eq!(plan.action, Action::Replace);
    let replaced = core.apply(TOY, &renamed, plan).await.expect("applied").expect("an instance");
    assert_eq!(replaced.state.attribute("id"), &"toy-b".into());

    let plan = core.plan(TOY, &Value::Null, Some(&replaced)).await.expect("a plan");
    assert_eq!((plan.action, plan.warnings.len()), (Action::Delete, 1));
    assert_eq!(core.apply(TOY, &Value::Null, plan).await, Ok(None));
}

#[tokio::test]
async fn unknown_values_become_known_at_apply() {
    let mut core = core().await;
    let unknown = Toy { note: crate::attribute::Attribute::Unknown, ..config("") };
    let plan = core.plan(TOY, &unknown.to_value(), None).await.expect("a plan");
    assert!(plan.planned.attribute("note").is_unknown());
    let known = Toy { note: "n".into(), ..unknown }.to_value();
    let created = core.apply(TOY, &known, plan).await.expect("applied").expect("an instance");
    assert_eq!(created.state.attribute("note"), &"n".into());
}

#[tokio::test]
async fn what_is_gone_is_created_again_and_destroy_may_be_refused() {
    let mut core = core().await;
    let created = create(&mut core, &config("vanishes")).await.expect("created");
    let plan =
        core.plan(TOY, &config("vanishes").to_value(), Some(&created)).await.expect("a plan");
    assert_eq!(plan.action, Action::Create);

    let created = create(&mut core, &config("keeps")).await.expect("created");
    let refused = core.plan(TOY, &Value::Null, Some(&created)).await.expect_err("refused");
    assert_eq!(refused.messages, ["mode: Still in use: disable it first"]);
    assert_eq!(refused.saved, Some(created));
}

#[tokio::test]
async fn imports_by_id_and_by_identity() {
    let mut core = core().await;
    let by_id = core.import(TOY, "toy-a").await.expect("imported");
    assert_eq!(by_id.state.attribute("name"), &"a".into());
    let identity = Value::object([("id", "toy-a".into())]);
    let by_identity = core.import_by_identity(TOY, &identity).await.expect("imported");
    assert_eq!(by_identity, by_id);
    let refused = core.import(TOY, "a").await.expect_err("refused");
    assert_eq!(refused.messages, ["id: Unknown id: `a` does not begin with `toy-`"]);
}

#[tokio::test]
async fn stored_states_are_upgraded() {
    let mut core = core().await;
    let upgraded = core.upgrade(TOY, 1, br#"{"name":"a","gone":[1]}"#).await.expect("upgraded");
    assert_eq!(upgraded.attribute("name"), &"a".into());
    let upgraded = core.upgrade(TOY, 0, br#"{"title":"a"}"#).await.expect("upgraded");
    assert_eq!(upgraded.attribute("name"), &"a".into());
    let newer = core.upgrade(TOY, 9, b"{}").await.expect_err("refused");
    insta::assert_snapshot!(newer.messages.join("\n"), @"State of nhi_toy not readable: it was written in version 9 of its form and this provider knows version 1; use a newer provider");
    let broken = core.upgrade(TOY, 1, br#"{"name":["a"]}"#).await.expect_err("refused");
    insta::assert_snapshot!(broken.messages.join("\n"), @"State of nhi_toy not readable: at `name`: a string is needed");
}

#[tokio::test]
async fn all_problems_come_at_once() {
    let mut core = core().await;
    let toy = Toy { note: "forbidden".into(), mode: "".into(), ..Toy::default() };
    let messages = core.validate(TOY, &toy.to_value()).await;
    insta::assert_snapshot!(messages.join("\n"), @"
    name: Missing required argument: the argument `name` is required
    note: Unsuitable value: choose another note
    note: Warned: the resource looks at notes as well
    ");
}

#[tokio::test]
async fn our_own_mistakes_are_told_apart_and_name_the_path() {
    let mut core = core().await;
    let mut told = Vec::new();
    for mode in ["plans another name", "leaves unknown", "makes another name", "replaces nowhere"] {
        let failure = if mode == "replaces nowhere" {
            let created = create(&mut core, &config("")).await.expect("created");
            let plan = core.plan(TOY, &config(mode).to_value(), Some(&created)).await;
            plan.map(|plan| plan.action).expect_err("a mistake")
        } else {
            create(&mut core, &config(mode)).await.expect_err("a mistake")
        };
        let first = failure.messages.first().expect("a message");
        let line = first.lines().next().expect("a line");
        let saved = failure.saved.map(|saved| (saved.tainted, saved.state.attribute("id").clone()));
        told.push(format!("{mode}\n  {line}\n  {saved:?}"));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    plans another name
      name: Bug in the nhi provider: `nhi_toy` planned something that breaks Terraform's rules: name: `"x"` is planned, which is not the configured `"a"`
      None
    leaves unknown
      id: Bug in the nhi provider: `nhi_toy` made something that breaks Terraform's rules: id: the value is still unknown
      Some((true, Null))
    makes another name
      name: Bug in the nhi provider: `nhi_toy` made something that breaks Terraform's rules: name: `"a"` was planned, but now it is `"x"`
      Some((true, String("toy-a")))
    replaces nowhere
      nowhere: Bug in the nhi provider: `nhi_toy` planned something that breaks Terraform's rules: nowhere: a replacement is asked for because of a path that does not exist
      Some((false, String("toy-a")))
    "#);
}

#[tokio::test]
async fn a_failure_never_loses_what_exists() {
    let mut core = core().await;
    let half = create(&mut core, &config("fails half way")).await.expect_err("a failure");
    assert_eq!(half.messages, ["Broken: half way"]);
    let half = half.saved.expect("what exists");
    assert!(half.tainted);
    assert_eq!(half.state.attribute("id"), &"toy-a".into());
    let early = create(&mut core, &config("fails early")).await.expect_err("a failure");
    assert_eq!(early.saved, None);

    let created = create(&mut core, &config("")).await.expect("created");
    let failing = config("fails early").to_value();
    let plan = core.plan(TOY, &failing, Some(&created)).await.expect("a plan");
    let failed = core.apply(TOY, &failing, plan).await.expect_err("a failure");
    assert_eq!(failed.saved.as_ref().map(|saved| &saved.state), Some(&created.state));

    let stuck = create(&mut core, &config("does not go")).await.expect("created");
    let plan = core.plan(TOY, &Value::Null, Some(&stuck)).await.expect("a plan");
    let failed = core.apply(TOY, &Value::Null, plan).await.expect_err("a failure");
    assert_eq!(failed.saved, Some(stuck));
}

#[tokio::test]
async fn a_panic_ends_one_call_and_its_text_stays_with_us() {
    let mut core = core().await;
    let failure = create(&mut core, &config("panics")).await.expect_err("a failure");
    let message = failure.messages.join("\n");
    assert!(message.contains("`apply_resource_change` stopped unexpectedly at "), "{message}");
    assert!(message.contains("toy.rs:"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
    create(&mut core, &config("")).await.expect("the next call works");
}

#[tokio::test]
async fn stopping_reaches_calls_in_flight_and_no_later_ones() {
    let mut core = core().await;
    let toy = config("waits for stop").to_value();
    let plan = core.plan(TOY, &toy, None).await.expect("a plan");
    let mut client = core.client.clone();
    let started = toy::STARTED.notified();
    let stopped = async {
        started.await;
        client.stop_provider(wire::stop_provider::Request {}).await.expect("a reply")
    };
    let (applied, stop) = tokio::join!(core.apply(TOY, &toy, plan), stopped);
    assert_eq!(stop.into_inner().error, "");
    let failure = applied.expect_err("stopped");
    assert_eq!(failure.messages, ["Stopped: what exists is in the state"]);
    assert!(failure.saved.is_some());
    create(&mut core, &config("")).await.expect("the next run is not stopped");
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_abandon_a_create() {
    let mut core = core().await;
    let toy = config("waits for release").to_value();
    let plan = core.plan(TOY, &toy, None).await.expect("a plan");
    let server = core.server.clone();
    let started = toy::STARTED_SLOWLY.notified();
    tokio::select! {
        _ = core.apply(TOY, &toy, plan) => panic!("it waits"),
        () = started => {}
    }
    drop(core);
    toy::RELEASE.notify_one();
    server.idle().await;
    assert!(toy::FINISHED.load(std::sync::atomic::Ordering::SeqCst));
}

#[tokio::test]
async fn functions_answer_and_blame_arguments() {
    let mut core = core().await;
    let call = |name: &str, arguments: &[Value]| {
        let encode = |value| crate::wire::encode(value, &crate::ty::Type::String).expect("text");
        let arguments = arguments.iter().map(encode).collect();
        wire::call_function::Request { name: name.to_owned(), arguments }
    };
    let joined = call("join_texts", &["a".into(), Value::Null]);
    let reply = core.client.call_function(joined).await.expect("a reply").into_inner();
    let result = crate::wire::decode(reply.result.as_ref(), &crate::ty::Type::String);
    assert_eq!(result, Ok("a-nothing".into()));
    // OpenTofu sends a null argument as nothing at all.
    let mut empty = call("join_texts", &["a".into(), Value::Null]);
    empty.arguments[1] = wire::DynamicValue::default();
    let reply = core.client.call_function(empty).await.expect("a reply").into_inner();
    assert_eq!(reply.error, None);

    for (arguments, text, argument) in [
        (["".into(), Value::Null], "empty", Some(0)),
        ([Value::Null, "b".into()], "a value is needed here", Some(0)),
        ([Value::unknown(), "b".into()], "the value is not known yet", Some(0)),
    ] {
        let reply =
            core.client.call_function(call("join_texts", &arguments)).await.expect("a reply");
        let error = reply.into_inner().error.expect("an error");
        assert_eq!((error.text.as_str(), error.function_argument), (text, argument));
    }
    let unknown = core.client.call_function(call("nothing", &[])).await.expect("a reply");
    assert!(unknown.into_inner().error.is_some());
}

#[tokio::test]
async fn data_sources_answer_and_are_held_to_their_arguments() {
    let mut core = core().await;
    let mut read = async |name: &str| {
        let config = Value::object([("name", name.into()), ("size", Value::Null)]);
        let ty = tables().data_source("nhi_toy").expect("an entry").schema.ty();
        let request = wire::read_data_source::Request {
            type_name: "nhi_toy".to_owned(),
            config: Some(crate::wire::encode(&config, &ty).expect("a configuration")),
            ..Default::default()
        };
        let reply = core.client.read_data_source(request).await.expect("a reply").into_inner();
        let state = crate::wire::decode(reply.state.as_ref(), &ty).expect("a state");
        (state, shown(&reply.diagnostics).1)
    };
    let (state, messages) = read("abc").await;
    assert_eq!((state.attribute("size"), messages.len()), (&3.into(), 0));
    let (state, messages) = read("liar").await;
    assert!(state.is_null());
    assert!(messages.join("").contains("name: `\"other\"` is planned"), "{messages:?}");
}

#[tokio::test]
async fn large_messages_pass() {
    let mut core = core().await;
    let toy = Toy { note: "x".repeat(9 << 20).as_str().into(), ..config("") };
    let created = create(&mut core, &toy).await.expect("created");
    assert_eq!(created.state.attribute("note").as_str().map(str::len), Some(9 << 20));
}

#[tokio::test]
async fn what_is_not_offered_is_unimplemented_and_unknown_names_are_told() {
    let mut core = core().await;
    let states = core.client.get_states(wire::get_states::Request::default()).await;
    assert_eq!(states.expect_err("not offered").code(), Code::Unimplemented);
    let unknown =
        wire::read_resource::Request { type_name: "nhi_x".to_owned(), ..Default::default() };
    let reply = core.client.read_resource(unknown).await.expect("a reply").into_inner();
    let (failed, messages) = shown(&reply.diagnostics);
    assert!(failed);
    assert_eq!(
        messages,
        ["Unknown resource: this version of the provider has no resource `nhi_x`"]
    );
}

#[tokio::test]
async fn the_schema_promises_what_the_server_does() {
    let mut core = core().await;
    let schema = core.client.get_provider_schema(wire::get_provider_schema::Request {}).await;
    let schema = schema.expect("a reply").into_inner();
    let capabilities = schema.server_capabilities.expect("capabilities");
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state && capabilities.generate_resource_config);
    assert!(schema.provider.is_some());
    let names: Vec<&String> = schema.resource_schemas.keys().collect();
    assert_eq!(names, [TOY]);
    let metadata = core.client.get_metadata(wire::get_metadata::Request {}).await;
    let metadata = metadata.expect("a reply").into_inner();
    assert_eq!((metadata.resources.len(), metadata.functions.len()), (1, 1));
    let ephemerals = metadata.ephemeral_resources.iter().map(|it| &it.type_name);
    assert!(ephemerals.eq(schema.ephemeral_resource_schemas.keys()));
    let lists = metadata.list_resources.iter().map(|it| &it.type_name);
    assert!(lists.eq(schema.list_resource_schemas.keys()));
    let actions = metadata.actions.iter().map(|it| &it.type_name);
    assert!(actions.eq(schema.action_schemas.keys()));
    assert!(schema.action_schemas.values().all(|action| action.schema.is_some()));
    let identities = core
        .client
        .get_resource_identity_schemas(wire::get_resource_identity_schemas::Request {})
        .await
        .expect("a reply")
        .into_inner();
    let identity = &identities.identity_schemas[TOY].identity_attributes;
    assert_eq!(identity.len(), 1);
    assert!(
        identity
            .iter()
            .all(|attribute| { attribute.required_for_import != attribute.optional_for_import })
    );
}

/// Every rule by which Terraform would reject the whole provider, over everything that is registered.
fn everything_is_valid(tables: &Tables) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = |what: &str, schema, kind| {
        found.extend(violations(schema, kind).into_iter().map(|line| format!("{what}: {line}")));
    };
    check("provider", &tables.provider, Kind::Provider);
    for (name, entry) in &tables.resources {
        check(name, &entry.schema, Kind::Resource);
    }
    for (name, entry) in &tables.data_sources {
        check(name, &entry.schema, Kind::DataSource);
    }
    for (name, entry) in &tables.ephemerals {
        check(name, &entry.schema, Kind::Ephemeral);
    }
    for (name, entry) in &tables.lists {
        check(name, &entry.schema, Kind::List);
    }
    for (name, entry) in &tables.actions {
        check(name, &entry.schema, Kind::Action);
    }
    let lists = tables.lists.keys().filter(|name| {
        tables.resources.get(**name).is_none_or(|resource| resource.identity.is_empty())
    });
    found
        .extend(lists.map(|name| format!("{name}: there is no resource with an identity to list")));
    for (name, entry) in &tables.resources {
        let state = entry.schema.attributes.iter();
        let names: Vec<&str> = state.map(|attribute| attribute.name).collect();
        let identity = entry.identity.iter().filter(|attribute| !names.contains(&attribute.name));
        found.extend(identity.map(|attribute| {
            format!("{name}: the identity attribute {} is not in the model", attribute.name)
        }));
    }
    for (name, entry) in &tables.functions {
        let identifiers = entry.parameters.iter().map(|parameter| parameter.name).chain([*name]);
        let bad = identifiers.filter(|name| {
            let mut letters = name.bytes();
            !letters.next().is_some_and(|first| first.is_ascii_lowercase())
                || !letters.all(|letter| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        });
        found.extend(bad.map(|bad| format!("{name}: {bad:?} is not an identifier")));
        if entry.parameters.len() != entry.types.len() {
            found.push(format!("{name}: there are more or fewer parameters than argument types"));
        }
    }
    let prefixed = tables.resources.keys().chain(tables.data_sources.keys());
    let prefixed = prefixed.chain(tables.ephemerals.keys()).chain(tables.actions.keys());
    let bare = prefixed.filter(|name| !name.starts_with("nhi_"));
    found.extend(bare.map(|name| format!("{name}: the name does not begin with `nhi_`")));
    found
}

#[test]
fn every_registered_schema_is_valid() {
    assert_eq!(everything_is_valid(&crate::tables()), Vec::<String>::new());
    assert_eq!(everything_is_valid(&tables()), Vec::<String>::new());
}

#[test]
fn paths_into_nested_attributes_are_told() {
    let toy = Toy { note: "forbidden".into(), ..config("") };
    let problems = crate::schema::validation::problems(&Toy::attributes(), &toy.to_value(), true);
    assert_eq!(
        problems.first().and_then(|problem| problem.attribute.clone()),
        Some(Path::from("note"))
    );
}
