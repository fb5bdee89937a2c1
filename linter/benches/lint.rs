//! The whole command on generated plan JSON: reading, joining, judging, writing the report.

use std::io;
use std::path::Path;

use divan::counter::ItemsCount;
use linter::{Terminal, World, run};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

/// A plan of that many resources: a quarter roles, their policies and attachments, and buckets between them.
fn plan(resources: usize) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }
    ] });
    let mut changes = Vec::new();
    for number in 0..resources.div_ceil(4) {
        let name = format!("r{number}");
        let policy = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": format!("arn:aws:s3:::bucket-{number}/*") }
        ] });
        let tags = json!({
            "nhi:owner": "payments",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
        });
        changes.push(change(
            "aws_iam_role",
            &name,
            json!({ "name": name, "assume_role_policy": trust.to_string(), "tags": tags }),
        ));
        changes.push(change(
            "aws_iam_role_policy",
            &name,
            json!({ "name": name, "role": name, "policy": policy.to_string() }),
        ));
        changes.push(change(
            "aws_iam_role_policy_attachment",
            &name,
            json!({ "role": name, "policy_arn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore" }),
        ));
        changes.push(change(
            "aws_s3_bucket",
            &name,
            json!({ "bucket": format!("bucket-{number}") }),
        ));
    }
    let root: Vec<Value> = Vec::new();
    json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "complete": true,
        "errored": false,
        "applyable": true,
        "timestamp": "2026-11-21T12:00:00Z",
        "planned_values": { "root_module": { "resources": root } },
        "resource_changes": changes,
        "configuration": { "root_module": {} },
    })
    .to_string()
}

fn change(kind: &str, name: &str, after: Value) -> Value {
    json!({
        "address": format!("{kind}.{name}"),
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": {}, "before_sensitive": false, "after_sensitive": {} },
    })
}

#[divan::bench(args = [100, 1_000, 10_000], sample_count = 10, sample_size = 1)]
fn plan_json(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let text = plan(resources);
    bencher.counter(ItemsCount::new(resources)).bench_local(|| {
        let mut output = io::sink();
        let mut errors = io::sink();
        run(
            ["nhi-lint", "check", "-", "--format", "json"].map(Into::into),
            World {
                folder: Path::new("/"),
                variables: Vec::new(),
                input: &mut text.as_bytes(),
                output: &mut output,
                errors: &mut errors,
                now: jiff::Timestamp::UNIX_EPOCH,
                terminal: Terminal { interactive: false, colour: false, width: 80 },
            },
        )
    });
}
