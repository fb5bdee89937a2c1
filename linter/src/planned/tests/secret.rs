//! A secret in each place that a plan or state marks as sensitive, and no output that holds it.

use std::io;
use std::path::Path;

use proto::planfile::Action;
use serde_json::{Value as Json, json};

use super::builder::*;
use crate::cli::{Terminal, World, run};

const SECRET: &str = "Zq9xW7kP2v";

/// A role that breaks rules in each place where the secret is.
fn role() -> Json {
    let policy = |action: &str| {
        json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": [action], "Resource": [format!("arn:aws:s3:::{SECRET}/*"), "*"] }] })
        .to_string()
    };
    json!({
        "name": format!("role-{SECRET}"),
        "description": SECRET,
        "assume_role_policy": json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::123456789012:role/{SECRET}") }, "Action": "sts:AssumeRole" }] }).to_string(),
        "inline_policy": [{ "name": SECRET, "policy": policy("s3:*") }],
        "managed_policy_arns": [format!("arn:aws:iam::aws:policy/{SECRET}")],
        "tags": { "nhi:owner": SECRET, "nhi:purpose": SECRET, "nhi:expiry": SECRET, "nhi:template": SECRET, SECRET: SECRET },
        "policy": policy("iam:*"),
        "permissions_boundary": SECRET,
    })
}

/// Marks for all of [`role`], in the form of plan JSON.
fn marks() -> Json {
    json!({
        "name": true, "description": true, "assume_role_policy": true, "inline_policy": [{ "name": true, "policy": true }],
        "managed_policy_arns": [true], "tags": true, "policy": true, "permissions_boundary": true,
    })
}

const KINDS: [&str; 4] = ["aws_iam_role", "aws_iam_user", "aws_iam_policy", "aws_iam_role_policy"];

fn plan_json() -> Vec<u8> {
    let change = |kind: &&str| {
        json!({ "address": format!("{kind}.r"), "change": { "actions": ["update"], "before": role(), "after": role(),
            "after_unknown": {}, "before_sensitive": marks(), "after_sensitive": marks() } })
    };
    let changes: Vec<Json> = KINDS.iter().map(change).collect();
    json!({ "format_version": "1.2", "planned_values": {}, "resource_changes": changes, "resource_drift": changes,
        "variables": { "v": { "value": SECRET } },
        "output_changes": { "o": { "actions": ["create"], "after": SECRET, "after_sensitive": true } },
        "configuration": { "root_module": { "variables": { "v": { "sensitive": true } } } } })
    .to_string()
    .into_bytes()
}

fn plan_file() -> Vec<u8> {
    let paths = || {
        let mut paths: Vec<_> =
            ["name", "description", "assume_role_policy", "tags", "policy", "permissions_boundary"]
                .map(|name| path(&[name]))
                .into();
        paths.push(path(&["inline_policy", "[0]", "name"]));
        paths.push(path(&["inline_policy", "[0]", "policy"]));
        paths.push(path(&[
            "managed_policy_arns",
            &format!("[\"arn:aws:iam::aws:policy/{SECRET}\"]"),
        ]));
        paths
    };
    let changes = KINDS.map(|kind| {
        let mut change = change(&format!("{kind}.r"), Action::Update, &[role(), role()]);
        if let Some(body) = &mut change.change {
            (body.before_sensitive_paths, body.after_sensitive_paths) = (paths(), paths());
        }
        change
    });
    file(&plan(changes.into()))
}

fn states() -> [Vec<u8>; 2] {
    let path = |name: &str| json!([{ "type": "get_attr", "value": name }]);
    let paths: Vec<Json> =
        marks().as_object().expect("marks").keys().map(|name| path(name)).collect();
    let resource = |kind: &&str| {
        json!({ "mode": "managed", "type": kind, "name": "r", "provider": "p",
            "instances": [{ "attributes": role(), "sensitive_attributes": paths }] })
    };
    let resources: Vec<Json> = KINDS.iter().map(resource).collect();
    let outputs = json!({ "o": { "value": SECRET, "type": "string", "sensitive": true } });
    let file = json!({ "version": 4, "serial": 1, "lineage": "x", "outputs": outputs, "resources": resources });
    let shown = |kind: &&str| json!({ "address": format!("{kind}.r"), "values": role(), "sensitive_values": marks() });
    let resources: Vec<Json> = KINDS.iter().map(shown).collect();
    let shown = json!({ "format_version": "1.0", "values": { "outputs": outputs, "root_module": { "resources": resources } } });
    [file.to_string().into_bytes(), shown.to_string().into_bytes()]
}

#[test]
fn no_output_holds_what_is_sensitive() {
    let [state, shown] = states();
    let inputs = [
        ("plan JSON", plan_json()),
        ("plan file", plan_file()),
        ("state", state),
        ("shown state", shown),
    ];
    let mut findings = 0;
    for (form, bytes) in &inputs {
        for format in ["pretty", "concise", "json", "sarif"] {
            let (mut output, mut errors) = (Vec::new(), Vec::new());
            let code = run(
                ["nhi-lint", "check", "-", "--format", format].map(Into::into),
                World {
                    folder: Path::new("/nowhere"),
                    variables: Vec::new(),
                    input: &mut io::Cursor::new(bytes),
                    output: &mut output,
                    errors: &mut errors,
                    now: jiff::Timestamp::UNIX_EPOCH,
                    terminal: Terminal { interactive: false, colour: false, width: 400 },
                },
            );
            let said =
                [output, errors].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
            assert_eq!(code, 1, "{form} as {format}: {said}");
            assert!(!said.contains(SECRET), "{form} as {format}: {said}");
            findings += said.matches("aws_iam_").count();
        }
    }
    assert!(findings > 16, "{findings}");
}
