//! What plan JSON and states say, in all the forms that people have of them.

use serde_json::{Value as Json, json};

use super::builder::*;

fn plan_json(changes: &Json) -> Json {
    json!({ "format_version": "1.2", "planned_values": {}, "resource_changes": changes, "complete": true })
}

fn created(address: &str) -> Json {
    json!({ "address": address, "change": { "actions": ["create"], "before": null, "after": { "name": "x" } } })
}

#[track_caller]
fn problem(bytes: impl Into<Vec<u8>>) -> String {
    let model = model(bytes.into());
    assert!(model.resources.is_empty(), "{}", lines(&model));
    problems(&model).join("; ")
}

#[test]
fn an_address_that_is_not_that_of_what_stands_beside_it_is_refused() {
    let change = json!({ "actions": ["create"], "before": null, "after": { "name": "x" } });
    for (address, mode, kind, name) in [
        ("random_pet.u", "managed", "aws_iam_user", "u"),
        ("aws_iam_user.u", "managed", "aws_iam_user", "other"),
        ("data.aws_iam_user.u", "managed", "aws_iam_user", "u"),
    ] {
        let one = json!({ "address": address, "mode": mode, "type": kind, "name": name, "change": change });
        let said = problem(plan_json(&json!([one])).to_string());
        assert!(said.contains("which stands beside it"), "{address}: {said}");
        let one =
            json!({ "address": address, "mode": mode, "type": kind, "name": name, "values": {} });
        let state =
            json!({ "format_version": "1.0", "values": { "root_module": { "resources": [one] } } });
        assert!(problem(state.to_string()).contains("which stands beside it"), "{address}");
    }
    let state = json!({ "version": 4, "serial": 1, "resources": [
        { "module": "module.x.data", "mode": "managed", "type": "aws_iam_user", "name": "u",
          "instances": [{ "attributes": {} }] } ] });
    insta::assert_snapshot!(problem(state.to_string()), @"the address `module.x.data.aws_iam_user.u` is not that of `managed`, which stands beside it");
}

#[test]
fn two_plans_in_one_are_not_read_as_either() {
    let (one, other) = (plan_json(&json!([created("aws_iam_user.a")])), plan_json(&json!([])));
    let state = json!({ "version": 4, "serial": 1, "resources": [] });
    let mut beside = other.clone();
    beside["tfplan"] = one.clone();
    let mut both = other.clone();
    both.as_object_mut().unwrap().extend(state.as_object().unwrap().clone());
    for two in [json!({ "plan": other, "input": one }), beside, both] {
        assert!(problem(two.to_string()).contains("more than one plan or state"), "{two}");
    }
    let empty = json!({ "format_version": "1.0", "values": {} });
    assert!(problem(empty.to_string()).contains("no `root_module`"));
}

#[test]
fn everything_that_changes_is_read() {
    let (old, new) = (json!({ "name": "old" }), json!({ "name": "new" }));
    let change = |address: &str, actions: &[&str]| json!({ "address": address, "change": { "actions": actions, "before": old, "after": new, "after_unknown": {} } });
    let mut plan = plan_json(&json!([
        change("aws_iam_user.same", &["no-op"]),
        change("aws_iam_user.replaced[\"a.b\"]", &["delete", "create"]),
        change("aws_iam_user.left[0]", &["create", "forget"]),
        change("aws_iam_user.gone", &["delete"]),
        { "address": "aws_iam_user.left[0]", "deposed": "abcd", "index": 0,
          "change": { "actions": ["delete"], "before": old, "after": null } },
        { "address": "aws_iam_user.updated", "previous_address": "aws_iam_user.before",
          "change": { "actions": ["update"], "before": old, "after": new, "generated_config": "x",
                      "importing": { "id": "robot" }, "replace_paths": [["a", 0]], "before_identity": {} } },
    ]));
    plan["deferred_changes"] = json!([{ "reason": "instance_count_unknown", "resource_change": {
        "address": "module.m.aws_iam_user.later[*]", "index": null, "index_unknown": true,
        "change": { "actions": ["create"], "before": null, "after": {}, "after_unknown": { "name": true },
                    "importing": { "unknown": true } } } }]);
    plan["resource_drift"] = json!([{ "address": "aws_iam_user.same",
        "change": { "actions": ["update"], "before": { "name": "recorded" }, "after": new } }]);
    plan["action_invocations"] = json!([{ "address": "action.local_command.a", "type": "local_command",
        "config_values": { "command": "aws iam" }, "config_unknown": { "stdin": true }, "config_sensitive": {},
        "lifecycle_action_trigger": { "triggering_resource_address": "aws_iam_user.gone", "action_trigger_event": "AfterCreate",
            "action_trigger_block_index": 0, "actions_list_index": 0 } }]);
    plan["prior_state"] = json!({ "format_version": "1.0", "values": { "root_module": { "resources": [
        { "address": "aws_iam_user.untouched", "values": { "name": "there" } },
        { "address": "aws_iam_user.gone", "values": { "name": "old" } },
        { "address": "data.aws_iam_user.seen", "values": { "name": "seen" } } ] } } });
    let model = model(plan.to_string().into_bytes());
    assert_eq!(problems(&model), ["the plan is incomplete: changes are deferred to a later plan"]);
    insta::assert_snapshot!(lines(&model), @r#"
    Delete aws_iam_user.gone, before old, runs local_command action.local_command.a: aws iam
    Replace aws_iam_user.left[0], before old, after new
    Delete aws_iam_user.left[0], before old
    Replace aws_iam_user.replaced["a.b"], before old, after new
    NoOp aws_iam_user.same, before recorded, after new
    NoOp aws_iam_user.untouched, after there
    Update aws_iam_user.updated, was at aws_iam_user.before, imported robot, before old, after new
    NoOp data.aws_iam_user.seen, after seen
    Create module.m.aws_iam_user.later[*], imported <import id of module.m.aws_iam_user.later[*]>, after <module.m.aws_iam_user.later[*].name>
    "#);
}

#[test]
fn one_change_that_cannot_be_read_costs_no_other() {
    let plan = plan_json(&json!([
        created("aws_iam_user.a"),
        { "address": "aws_iam_user.b", "change": { "actions": ["explode"] } },
        { "address": "aws_iam_user.c", "change": { "actions": ["create"], "after": null } },
        created("nowhere"),
        { "address": "aws_iam_user.d", "change": { "actions": ["create"], "after": null, "after_unknown": true } },
        { "address": "aws_iam_user.e", "change": { "actions": ["create"], "after": { "name": "x" }, "after_unknown": { "name": { "y": true } } } },
    ]));
    let model = model(plan.to_string().into_bytes());
    insta::assert_snapshot!(lines(&model), @"
    Create aws_iam_user.a, after x
    Create aws_iam_user.d, after <aws_iam_user.d>
    Create aws_iam_user.e, after <aws_iam_user.e.name>
    ");
    assert_eq!(
        problems(&model),
        [
            "`aws_iam_user.b` has the unknown actions `explode`",
            "the plan holds no value for `aws_iam_user.c`",
            "`nowhere` is no address of a resource",
        ]
    );
}

#[test]
fn formats_are_known_by_their_major_version() {
    for version in ["0.1", "0.2", "1.0", "1.1", "1.2", "1.9"] {
        let mut plan = plan_json(&json!([created("aws_iam_user.a")]));
        plan["format_version"] = json!(version);
        assert_eq!(
            problems(&model(plan.to_string().into_bytes())),
            Vec::<&str>::new(),
            "{version}"
        );
        plan["format_version"] = json!("2.0");
        assert_eq!(
            problem(plan.to_string()),
            "cannot read `x`: the plan has format version `2.0`, which is not known"
        );
    }
    assert_eq!(
        problem(r#"{"format_version":"2.1","values":{"root_module":{}}}"#),
        "cannot read `x`: the state has format version `2.1`, which is not known"
    );
}

#[test]
fn other_forms_of_a_plan_are_named() {
    let log = "{\"@level\":\"info\",\"@message\":\"Terraform 1.11.4\",\"type\":\"version\"}\n";
    let is_log = "cannot read `x`: it is the log that `terraform plan -json` writes, not a plan";
    assert_eq!(problem(log), is_log);
    assert_eq!(problem(log.repeat(3)), is_log);
    let encrypted = r#"{"meta":{"key_provider.pbkdf2.k":"e30="},"encrypted_data":"AA==","encryption_version":"v0"}"#;
    assert_eq!(problem(encrypted), "cannot read `x`: it is encrypted by OpenTofu");
    let state =
        r#"{"serial":1,"lineage":"x","meta":{},"encrypted_data":"AA==","encryption_version":"v0"}"#;
    assert_eq!(problem(state), "cannot read `x`: it is encrypted by OpenTofu");
    let printed = "\u{1b}[0mTerraform will perform the following actions:\n\n  # aws_iam_user.a will be created\n";
    assert_eq!(problem(printed), "cannot read `x`: it is what `terraform plan` prints for people");
    let mock = "terraform_version = \"1.11.4\"\n\nresource_changes = {\n\t\"aws_iam_user.a\": {\n";
    assert_eq!(problem(mock), "cannot read `x`: it is a mock for Sentinel, not the plan itself");
    assert_eq!(problem(r#"{"format_version":"1.0"}"#), "`x` holds neither a plan nor a resource");
    assert!(
        problem(r#"{"format_version":"1.2","configuration":{}}"#)
            .contains("neither `resource_changes`")
    );
    for other in
        [r#"{"version":"1.0","values":3}"#, r#"{"name":"p","version":"1.0.0"}"#, "[]", "{}"]
    {
        let said = problem(other);
        assert!(said.contains("is no plan") || said.contains("is not what"), "{other}: {said}");
    }
}

#[test]
fn wrapped_plans_are_unwrapped() {
    let plan = plan_json(&json!([created("aws_iam_user.a")]));
    for wrapped in [
        json!({ "plan": plan }),
        json!({ "tfplan": plan }),
        json!({ "input": { "tfplan": plan }, "query": "data" }),
    ] {
        let text = serde_json::to_string_pretty(&wrapped).expect("JSON");
        insta::allow_duplicates! {
            insta::assert_snapshot!(lines(&model(text.into_bytes())), @"Create aws_iam_user.a, after x");
        }
    }
}

#[test]
fn a_plan_in_utf_16_is_read_whatever_is_in_it() {
    let name = "名前".repeat(40) + "😀é";
    let mut plan = plan_json(&json!([created("aws_iam_user.a")]));
    plan["resource_changes"][0]["change"]["after"]["name"] = json!(name);
    let ascii = plan.to_string();
    let longer = ascii.replacen('{', &format!("{{\"x\":\"{name}\","), 1);
    for text in [ascii, longer] {
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
            [&[0xff, 0xfe], little.as_slice()].concat(),
            [&[0xfe, 0xff], big.as_slice()].concat(),
            little.clone(),
            big.clone(),
        ] {
            let model = model(bytes);
            assert_eq!(problems(&model), Vec::<&str>::new());
            assert_eq!(model.resources[0].after.get("name").as_str(), Some(name.as_str()));
        }
        let mut odd = [&[0xff, 0xfe], little.as_slice()].concat();
        odd.pop();
        assert!(problem(odd).contains("in the middle of a character"));
    }
    assert!(problem([0xff, 0xfe, b'{', 0, 0, 0xd8, b'}', 0]).contains("UTF-16 text is broken"));
    assert!(
        problem(b"{\"format_version\":\"1.2\xff\"}".to_vec()).contains("not UTF-8 after byte 22")
    );
}

#[test]
fn a_plan_that_was_cut_short_is_refused_wherever_it_was_cut() {
    let mut plan = plan_json(&json!([created("aws_iam_user.a"), created("aws_iam_user.b")]));
    plan["configuration"] = json!({ "root_module": { "resources": [{ "address": "aws_iam_user.a", "expressions": {} }] } });
    let text = plan.to_string();
    for cut in 0..text.len() {
        assert!(!problem(&text.as_bytes()[..cut]).is_empty(), "cut at {cut}");
    }
}

#[test]
fn what_is_said_twice_is_refused() {
    let change = created("aws_iam_user.a").to_string();
    let twice = format!(
        r#"{{"format_version":"1.2","resource_changes":[],"planned_values":{{}},"resource_changes":[{change}]}}"#
    );
    assert!(problem(twice).contains("duplicate field `resource_changes`"));
    let within = r#"{"format_version":"1.2","resource_changes":[{"address":"aws_iam_user.a","change":{"actions":["create"],
        "after":{"policy":"a","policy":"b"}}}]}"#;
    assert!(problem(within).contains("an object has a key twice"));
}

#[test]
fn planned_values_alone_say_what_there_is_and_not_what_is_unknown() {
    let resource = json!({ "address": "aws_iam_user.a", "values": { "name": "a" } });
    let values = json!({ "root_module": { "child_modules": [{ "address": "module.m", "resources": [
        { "address": "module.m.aws_iam_user.b", "values": { "name": "b" }, "sensitive_values": { "name": true } }] }],
        "resources": [resource] } });
    let mut plan = json!({ "format_version": "1.2", "planned_values": values });
    let alone = model(plan.to_string().into_bytes());
    assert_eq!(
        problems(&alone),
        [
            "the plan has `planned_values` and no `resource_changes`, so it does not say what is unknown"
        ]
    );
    insta::assert_snapshot!(lines(&alone), @r#"
    Create aws_iam_user.a, after a
    Create module.m.aws_iam_user.b, after b, sensitive {"name"}
    "#);
    // A plan that changes nothing has what there was.
    plan["prior_state"] = json!({ "values": values });
    let unchanged = model(plan.to_string().into_bytes());
    assert_eq!(problems(&unchanged), Vec::<&str>::new());
    insta::assert_snapshot!(lines(&unchanged), @r#"
    NoOp aws_iam_user.a, after a
    NoOp module.m.aws_iam_user.b, after b, sensitive {"name"}
    "#);
}

#[test]
fn provisioners_of_the_configuration_are_kept() {
    let mut plan =
        plan_json(&json!([created("aws_iam_user.a"), created("module.m[0].null_resource.n")]));
    let provisioners = |command: Json| json!([{ "type": "local-exec", "expressions": { "command": command, "environment": {} } }]);
    plan["configuration"] = json!({ "root_module": {
        "resources": [{ "address": "aws_iam_user.a",
            "provisioners": provisioners(json!({ "constant_value": "aws iam create-access-key" })) }],
        "module_calls": { "m": { "module": { "resources": [{ "address": "null_resource.n", "expressions": {},
            "provisioners": provisioners(json!({ "references": ["var.user.name", "var.user"] })) }] } } } } });
    insta::assert_snapshot!(lines(&model(plan.to_string().into_bytes())), @"
    Create aws_iam_user.a, after x, runs local-exec provisioner[0]: aws iam create-access-key
    Create module.m[0].null_resource.n, after x, runs local-exec provisioner[0]: <var.user.name in module.m[0].null_resource.n.provisioner[0].command>
    ");
}

#[test]
fn states_are_read_in_every_form() {
    let state = json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "check_results": null,
        "outputs": { "o": { "value": "x", "type": "string", "sensitive": true } }, "resources": [
        { "mode": "managed", "type": "aws_iam_user", "name": "u", "provider": "p", "module": "module.m[\"a.b\"]", "instances": [
            { "index_key": "k\"${x}", "schema_version": 0, "attributes": { "name": "a" }, "private": "AA==", "identity": { "id": "x" },
              "sensitive_attributes": [[{ "type": "get_attr", "value": "tags" },
                                        { "type": "index", "value": { "value": "k", "type": "string" } }]] },
            { "index_key": 1.0, "attributes": { "name": "b" }, "sensitive_attributes": null, "deposed": "abcd" },
            { "index_key": 2, "attributes": { "name": "c" }, "sensitive_attributes": "new form" },
            { "index_key": 3, "attributes_flat": { "name": "d" } } ] },
        { "mode": "data", "type": "aws_iam_user", "name": "d", "instances": [{ "attributes": { "name": "e" } }] },
        { "mode": "imaginary", "type": "aws_iam_user", "name": "i", "instances": [{ "attributes": {} }] },
        { "mode": "managed", "type": "aws_iam_user", "name": "none", "instances": null } ] });
    let read = model(state.to_string().into_bytes());
    insta::assert_snapshot!(lines(&read), @r#"
    Exists data.aws_iam_user.d, after e
    Exists module.m["a.b"].aws_iam_user.u[1], after b
    Exists module.m["a.b"].aws_iam_user.u[2], after c, sensitive {""}
    Exists module.m["a.b"].aws_iam_user.u["k\"$${x}"], after a, sensitive {"tags.k"}
    "#);
    assert_eq!(
        problems(&read),
        [
            "the state holds no attributes of `module.m[\"a.b\"].aws_iam_user.u[3]`",
            "`aws_iam_user.i` in the state has the unknown mode `imaginary`",
        ]
    );
    let empty = json!({ "version": 4, "serial": 1, "lineage": "x", "resources": null });
    assert_eq!(problems(&model(empty.to_string().into_bytes())), Vec::<&str>::new());
    for version in [1, 2, 3] {
        let old = json!({ "version": version, "serial": 1, "modules": [{ "path": ["root"], "resources": {} }] });
        assert_eq!(
            problem(old.to_string()),
            format!("cannot read `x`: the state has version {version}, not 4")
        );
    }
    assert!(problem(r#"{"version":5,"serial":1,"lineage":"x"}"#).contains("version 5"));
    let shown = json!({ "format_version": "1.0", "values": { "outputs": {}, "root_module": { "resources": [
        { "address": "aws_iam_user.a", "values": { "name": "a" }, "depends_on": ["x"], "deposed_key": "abcd" },
        { "address": "aws_iam_user.b" } ] } } });
    let read = model(shown.to_string().into_bytes());
    insta::assert_snapshot!(lines(&read), @"Exists aws_iam_user.a, after a");
    assert_eq!(problems(&read), ["the state holds no values of `aws_iam_user.b`"]);
}
