//! Every field of a plan file that is read, in the layouts of all versions.

use prost::Message as _;
use proto::planfile::{
    self, Action, ActionInvocationInstance, DeferredActionInvocation,
    DeferredResourceInstanceChange, OpenTofuImporting, Plan, ResourceActionTrigger,
    ResourceInstanceChange, TerraformImporting, resource_instance_change as spelled,
};
use serde_json::json;

use super::builder::*;
use crate::value::Value;

fn user(name: &str) -> serde_json::Value {
    json!({ "name": name })
}

#[test]
fn terraform_1_0_spells_addresses_out() {
    let spelled = |module: &str, mode, name: &str, key| ResourceInstanceChange {
        module_path: module.into(),
        mode,
        r#type: "aws_iam_user".into(),
        name: name.into(),
        instance_key: key,
        addr: String::new(),
        ..change("", Action::Create, &[user(name)])
    };
    let plan = Plan {
        // It knew neither flag.
        applyable: false,
        complete: false,
        ..plan(vec![
            spelled("", 0, "a", None),
            spelled("module.m[\"x\"].module.n", 0, "b", Some(spelled::InstanceKey::Int(3))),
            spelled("module.m", 1, "c", Some(spelled::InstanceKey::Str("k\"${x}".into()))),
        ])
    };
    // Field 15 held hashes of providers then.
    let mut bytes = plan.encode_to_vec();
    let hash = [&b"\x0a\x03aws\x12\x22\x0a\x20"[..], &[0xff; 32]].concat();
    bytes.extend([0x7a, u8::try_from(hash.len()).expect("short")]);
    bytes.extend(hash);
    let model = model(zip(&[("tfplan", &bytes)]));
    assert_eq!(problems(&model), Vec::<&str>::new());
    insta::assert_snapshot!(lines(&model), @r#"
    Create aws_iam_user.a, after a
    Create module.m.data.aws_iam_user.c["k\"$${x}"], after c
    Create module.m["x"].module.n.aws_iam_user.b[3], after b
    "#);
}

#[test]
fn every_action_keeps_what_was_and_what_will_be() {
    let (old, new) = (user("old"), user("new"));
    let both = [old.clone(), new.clone()];
    let mut deposed = change("aws_iam_user.replaced", Action::Delete, std::slice::from_ref(&old));
    deposed.deposed_key = "abcd".into();
    let mut moved = change("aws_iam_user.updated", Action::Update, &both);
    moved.prev_run_addr = "aws_iam_user.elsewhere".into();
    let mut stays = change("aws_iam_user.same", Action::Noop, std::slice::from_ref(&new));
    stays.prev_run_addr = "aws_iam_user.same".into();
    let changes = vec![
        stays,
        change("aws_iam_user.made", Action::Create, std::slice::from_ref(&new)),
        change("data.aws_iam_user.looked_up", Action::Read, &both),
        moved,
        change("aws_iam_user.gone", Action::Delete, std::slice::from_ref(&old)),
        change("aws_iam_user.replaced", Action::DeleteThenCreate, &both),
        deposed,
        change("aws_iam_user.swapped", Action::CreateThenDelete, &both),
        change("aws_iam_user.forgotten", Action::Forget, &[old]),
        change("aws_iam_user.left", Action::CreateThenForget, &both),
        change("aws_iam_user.dropped", Action::ForgetThenCreate, &both),
    ];
    let model = model(file(&plan(changes)));
    assert_eq!(problems(&model), Vec::<&str>::new());
    insta::assert_snapshot!(lines(&model), @"
    Replace aws_iam_user.dropped, before old, after new
    Forget aws_iam_user.forgotten, before old
    Delete aws_iam_user.gone, before old
    Replace aws_iam_user.left, before old, after new
    Create aws_iam_user.made, after new
    Replace aws_iam_user.replaced, before old, after new
    Delete aws_iam_user.replaced, before old
    NoOp aws_iam_user.same, after new
    Replace aws_iam_user.swapped, before old, after new
    Update aws_iam_user.updated, was at aws_iam_user.elsewhere, before old, after new
    Read data.aws_iam_user.looked_up, after new
    ");
}

#[test]
fn imports_of_both_programs_name_what_they_take_over() {
    let import = |name: &str, importing: Vec<u8>| {
        let mut change = change(&format!("aws_iam_user.{name}"), Action::Noop, &[user(name)]);
        if let Some(body) = &mut change.change {
            body.importing = Some(importing);
        }
        change
    };
    let identity = Some(pack(&json!({ "arn": "arn:aws:iam::1:user/x", "account": null })));
    let changes = vec![
        import(
            "a",
            TerraformImporting { id: "robot".into(), unknown: false, identity: None }
                .encode_to_vec(),
        ),
        import(
            "b",
            TerraformImporting { id: String::new(), unknown: true, identity: None }.encode_to_vec(),
        ),
        import(
            "c",
            TerraformImporting { id: String::new(), unknown: false, identity: identity.clone() }
                .encode_to_vec(),
        ),
        import("d", OpenTofuImporting { id: String::new(), identity }.encode_to_vec()),
        import("e", OpenTofuImporting { id: "tofu".into(), identity: None }.encode_to_vec()),
    ];
    let model = model(file(&plan(changes)));
    insta::assert_snapshot!(lines(&model), @"
    NoOp aws_iam_user.a, imported robot, after a
    NoOp aws_iam_user.b, imported <import id of aws_iam_user.b>, after b
    NoOp aws_iam_user.c, imported arn:aws:iam::1:user/x, after c
    NoOp aws_iam_user.d, imported arn:aws:iam::1:user/x, after d
    NoOp aws_iam_user.e, imported tofu, after e
    ");
}

#[test]
fn what_is_deferred_is_judged_and_the_plan_is_incomplete() {
    let deferred = change("aws_iam_user.later[*]", Action::Create, &[json!({ "name": unknown() })]);
    let plan = Plan {
        complete: false,
        deferred_changes: vec![DeferredResourceInstanceChange { change: Some(deferred) }],
        ..plan(vec![])
    };
    let model = model(file(&plan));
    assert_eq!(problems(&model), ["the plan is incomplete: changes are deferred to a later plan"]);
    insta::assert_snapshot!(
        lines(&model),
        @"Create aws_iam_user.later[*], after <aws_iam_user.later[*].name>"
    );
}

#[test]
fn a_plan_that_leaves_something_out_says_so() {
    let with = |change: &dyn Fn(&mut Plan)| {
        let mut plan = plan(vec![change_of("aws_iam_user.a")]);
        plan.complete = false;
        change(&mut plan);
        let model = model(file(&plan));
        assert_eq!(model.resources.len(), 1);
        problems(&model).join("; ")
    };
    assert_eq!(
        with(&|plan| plan.target_addrs = vec!["aws_iam_user.a".into()]),
        "the plan is incomplete: it was made with `-target=aws_iam_user.a`"
    );
    assert_eq!(
        with(&|plan| plan.exclude_addrs = vec!["aws_iam_user.b".into()]),
        "the plan is incomplete: it was made with `-exclude=aws_iam_user.b`"
    );
    assert_eq!(with(&|_| ()), "the plan is incomplete: Terraform says so");
    // OpenTofu and old versions write neither flag.
    assert_eq!(with(&|plan| plan.applyable = false), "");
}

fn change_of(address: &str) -> ResourceInstanceChange {
    change(address, Action::Create, &[user("x")])
}

#[test]
fn a_plan_that_only_refreshes_shows_what_there_is_and_what_was_recorded() {
    let state = json!({ "version": 4, "serial": 1, "lineage": "x", "resources": [
        { "mode": "managed", "type": "aws_iam_user", "name": "u", "provider": "p",
          "instances": [{ "attributes": { "name": "now" } }] },
        { "mode": "managed", "type": "aws_iam_user", "name": "moved", "provider": "p",
          "instances": [{ "attributes": { "name": "old place" } }] },
    ] });
    let mut moved = change_of("aws_iam_user.here");
    moved.prev_run_addr = "aws_iam_user.moved".into();
    let drift = change("aws_iam_user.u", Action::Update, &[user("recorded"), user("now")]);
    let plan = Plan { ui_mode: 2, resource_drift: vec![drift], ..plan(vec![moved]) };
    let state = state.to_string();
    let bytes = zip(&[("tfplan", &plan.encode_to_vec()), ("tfstate", state.as_bytes())]);
    insta::assert_snapshot!(lines(&model(bytes)), @"
    Create aws_iam_user.here, was at aws_iam_user.moved, after x
    NoOp aws_iam_user.u, before recorded, after now
    ");
}

#[test]
fn actions_are_programs_beside_what_triggers_them() {
    use planfile::action_invocation_instance::ActionTrigger::ResourceActionTrigger as By;
    let action = |name: &str, by: &str| ActionInvocationInstance {
        addr: format!("module.m.action.local_command.{name}[0]"),
        config_value: Some(pack(
            &json!({ "command": "aws iam create-user", "key": "s3cr3t-of-action" }),
        )),
        sensitive_config_paths: vec![path(&["key"])],
        action_trigger: Some(By(ResourceActionTrigger { triggering_resource_addr: by.into() })),
    };
    let plan = Plan {
        action_invocations: vec![action("a", "aws_iam_user.u"), action("b", "aws_s3_bucket.b")],
        deferred_action_invocations: vec![DeferredActionInvocation {
            action_invocation: Some(ActionInvocationInstance {
                action_trigger: None,
                ..action("c", "")
            }),
        }],
        ..plan(vec![change_of("aws_iam_user.u"), change_of("aws_s3_bucket.b")])
    };
    let model = model(file(&plan));
    assert!(model.secrets.contains("s3cr3t-of-action"));
    insta::assert_snapshot!(lines(&model), @"
    Create aws_iam_user.u, after x, runs local_command module.m.action.local_command.a[0]: aws iam create-user
    Create module.m.action.local_command.b[0], runs local_command module.m.action.local_command.b[0]: aws iam create-user
    Create module.m.action.local_command.c[0], runs local_command module.m.action.local_command.c[0]: aws iam create-user
    ");
}

#[test]
fn sensitive_paths_have_keys_of_every_type() {
    let mut user = change("aws_iam_user.u", Action::Update, &[user("a"), user("b")]);
    if let Some(body) = &mut user.change {
        body.before_sensitive_paths = vec![path(&["old"])];
        body.after_sensitive_paths = vec![
            path(&["list", "[0]", "inner"]),
            path(&["map", "[\"k.y\"]"]),
            // An element of a set is its own key: the whole set is hidden.
            path(&["set", "[{\"a\":\"b\"}]", "a"]),
            path(&["other", "[null]"]),
        ];
    }
    let model = model(file(&plan(vec![user])));
    insta::assert_snapshot!(
        lines(&model),
        @r#"Update aws_iam_user.u, before a, after b, sensitive {"list[0].inner", "map.k.y", "old", "other", "set"}"#
    );
}

#[test]
fn what_cannot_be_read_costs_nothing_else() {
    let mut unknown_action = change_of("aws_iam_user.b");
    if let Some(body) = &mut unknown_action.change {
        body.action = 4;
    }
    let plan = plan(vec![
        change_of("aws_iam_user.a"),
        unknown_action,
        change_of("no address"),
        change("aws_iam_user.c", Action::Create, &[]),
        change("aws_iam_user.d", Action::Create, &[serde_json::Value::Null]),
        ResourceInstanceChange { change: None, ..change_of("aws_iam_user.e") },
    ]);
    let bytes = zip(&[
        ("tfplan", &plan.encode_to_vec()),
        ("tfstate", b"{"),
        ("tfconfig/m-/sub/main.tf", b"resource \"aws_iam_user\" \"x\" {}"),
        ("tfconfig/m-..\\evil", b""),
        ("/tfconfig/m-/main.tf", b""),
    ]);
    let model = model(bytes);
    assert_eq!(model.resources.len(), 1);
    insta::assert_snapshot!(problems(&model).join("\n"), @"
    the plan file has an entry `tfconfig/m-/sub/main.tf`, where no configuration file is
    the plan file has an entry `tfconfig/m-..\\evil`, where no configuration file is
    the plan file has an entry `/tfconfig/m-/main.tf`, where no configuration file is
    `aws_iam_user.b` has the unknown action 4
    `no address` is no address of a resource
    the plan holds no value for `aws_iam_user.c`
    the plan holds no value for `aws_iam_user.d`
    the plan says nothing about what happens to `aws_iam_user.e`
    the state inside the plan file is broken: cannot read the state: EOF while parsing an object at line 1 column 1
    ");
}

#[test]
fn another_version_is_named() {
    let model = model(file(&Plan { version: 4, ..plan(vec![]) }));
    assert_eq!(
        problems(&model),
        ["cannot read `x`: the plan file has version 4, which is not known"]
    );
    let errored = super::builder::model(file(&Plan { errored: true, ..plan(vec![]) }));
    assert!(problems(&errored).join("").contains("ended in an error"));
}

#[test]
fn the_source_that_a_plan_carries_is_read_with_its_modules() {
    let plan = plan(vec![change(
        "module.m.aws_iam_user.u",
        Action::Create,
        &[json!({ "name": "robot", "arn": unknown() })],
    )]);
    let bytes = zip(&[
        ("tfplan", &plan.encode_to_vec()),
        (
            "tfconfig/modules.json",
            br#"[{"Key":"","Dir":"."},{"Key":"m","SourceAddr":"./mods/m","Dir":"mods/m"}]"#,
        ),
        ("tfconfig/m-/main.tf", b"module \"m\" {\n  source = \"./mods/m\"\n}\n"),
        ("tfconfig/m-m/main.tf", b"resource \"aws_iam_user\" \"u\" {\n  name = \"robot\"\n}\n"),
        (".terraform.lock.hcl", b""),
    ]);
    let model = model(bytes);
    assert_eq!(problems(&model), Vec::<&str>::new());
    let user = &model.resources[0];
    assert!(user.span.is_some_and(|span| model.sources.name(span.file) == "mods/m/main.tf"));
    assert!(matches!(user.after.get("arn"), Value::String(_)));
}
