//! Real plans of the real AWS provider: the plan file, its JSON and the directory must tell the same story.

use std::path::Path;

use serde_json::Value;
use tests::{Run, Workbench, root};

const TEMPLATE: &str = "examples/templates/s3-object-reader.nhi.hcl";

/// The JSON report of one input.
fn report(bench: &Workbench, input: &str) -> Value {
    let arguments = [
        "check",
        input,
        "--templates",
        TEMPLATE,
        "--format",
        "json",
        "--now",
        "2026-11-21T12:00:00Z",
    ];
    let run: Run = bench.lint(root(), &arguments).expect("nhi-lint runs");
    assert_eq!(run.code, Some(1), "{input}: {}", run.text());
    serde_json::from_str(&run.stdout).expect("the report is JSON")
}

/// Each finding in a line, in the report's order, with the last part of the span's file.
fn findings(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|it| {
            let file = text(&it["span"]["file"]);
            let file = Path::new(&file)
                .file_name()
                .map_or("-".into(), |it| it.to_string_lossy().into_owned());
            let line = &it["span"]["line"];
            let [code, address, path, template, message] =
                ["code", "address", "path", "template", "message"].map(|key| text(&it[key]));
            format!("{code} {address} {path} {file}:{line} [{template}] {message}")
        })
        .collect()
}

/// The three inputs of one configuration.
fn inputs(name: &str) -> [String; 3] {
    [
        format!("tests/plans/{name}/tfplan"),
        format!("tests/plans/{name}/plan.json"),
        format!("tests/plans/{name}"),
    ]
}

#[test]
fn every_input_of_a_configuration_gives_the_same_findings() {
    let Some(bench) = Workbench::or_skip() else { return };
    for name in ["new-bucket-role", "ci-oidc", "users-and-keys"] {
        let [plan_file, plan_json, directory] =
            inputs(name).map(|input| findings(&report(&bench, &input)));
        assert!(!plan_file.is_empty(), "{name}");
        assert_eq!(plan_file, plan_json, "{name}: plan file against plan JSON");
        assert_eq!(plan_file, directory, "{name}: plan file against directory");
    }
}

#[test]
fn a_write_beside_the_reads_is_outside_although_the_policy_is_unknown() {
    let Some(bench) = Workbench::or_skip() else { return };
    for input in inputs("new-bucket-role") {
        let report = report(&bench, &input);
        let outside: Vec<_> = report["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .filter(|finding| finding["code"] == "TPL001")
            .collect();
        let [finding] = outside.as_slice() else { panic!("{input}: {report:#}") };
        assert_eq!(finding["address"], "aws_iam_role_policy.export", "{input}");
        assert_eq!(finding["template"], "s3-object-reader@1.2.0", "{input}");
        assert_eq!(finding["counterexample"]["action"], "s3:PutObject", "{input}");
        let resource = finding["counterexample"]["resource"].as_str().expect("a resource");
        assert!(resource.starts_with("arn:aws:s3:::payments-ledger/"), "{input}: {resource}");
        assert!(
            finding["span"]["line"].as_u64().is_some_and(|line| line > 30),
            "{input}: {finding}"
        );
    }
}

#[test]
fn power_users_are_outside_every_template() {
    let Some(bench) = Workbench::or_skip() else { return };
    for input in inputs("ci-oidc") {
        let found = findings(&report(&bench, &input));
        for key in ["api", "web"] {
            let outside = found
                .iter()
                .any(|it| it.starts_with("TPL001") && it.contains(&format!("[\"{key}\"]")));
            assert!(outside, "{input}: {found:#?}");
        }
    }
}

#[test]
fn users_keys_and_their_policy_from_a_file_are_found_in_the_module() {
    let Some(bench) = Workbench::or_skip() else { return };
    for input in inputs("users-and-keys") {
        let report = report(&bench, &input);
        for index in [0, 1] {
            for name in ["aws_iam_user.this", "aws_iam_access_key.this", "aws_iam_user_policy.this"]
            {
                let address = format!("module.robot[{index}].{name}");
                let hit = report["findings"]
                    .as_array()
                    .expect("findings")
                    .iter()
                    .find(|finding| finding["address"] == *address)
                    .unwrap_or_else(|| panic!("{input}: nothing at {address}: {report:#}"));
                let file = hit["span"]["file"].as_str().expect("a file");
                assert!(file.ends_with("modules/robot/main.tf"), "{input}: {file}");
            }
        }
    }
}
