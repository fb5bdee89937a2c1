//! Reading plan JSON, up to the model, against what `serde_json` needs to parse the same bytes.

#![expect(clippy::expect_used, reason = "a benchmark that cannot write its input should stop")]

use std::fs;
use std::hint::black_box;

use divan::counter::BytesCount;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

fn main() {
    divan::main();
}

/// A plan of that many resources, a fifth of them roles, in the proportions of real ones.
fn plan(resources: usize) -> Vec<u8> {
    let tags = json!({ "nhi:owner": "payments", "nhi:purpose": "Nightly export of invoices to the ledger bucket" });
    let (mut changes, mut values, mut configured) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..resources {
        let kind = if number % 5 == 0 { "aws_iam_role" } else { "aws_security_group" };
        let address = format!("{kind}.r{number}");
        let rules: Vec<Value> = (0..6)
            .map(|rule| json!({ "cidr_blocks": [format!("10.{rule}.0.0/24")], "from_port": 8000 + rule, "protocol": "tcp" }))
            .collect();
        let after = json!({ "name": format!("r{number}"), "ingress": rules, "tags": tags, "tags_all": tags,
            "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}" });
        values
            .push(json!({ "address": address, "mode": "managed", "type": kind, "values": after }));
        changes.push(json!({ "address": address, "mode": "managed", "type": kind, "name": format!("r{number}"),
            "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": { "arn": true },
                        "before_sensitive": false, "after_sensitive": {} } }));
        configured.push(json!({ "address": address, "mode": "managed", "type": kind,
            "expressions": { "name": { "constant_value": format!("r{number}") } } }));
    }
    json!({
        "format_version": "1.2",
        "planned_values": { "root_module": { "resources": values } },
        "resource_changes": changes,
        "configuration": { "root_module": { "resources": configured } },
        "complete": true,
        "errored": false,
    })
    .to_string()
    .into_bytes()
}

const SIZES: [usize; 2] = [1_000, 10_000];

#[divan::bench(args = SIZES)]
fn model(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let folder =
        std::env::temp_dir().join(format!("nhi-bench-planned-{resources}-{}", std::process::id()));
    let path = folder.join("plan.json");
    let bytes = plan(resources);
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, &bytes));
    written.expect("the temporary folder is writable");
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| black_box(linter::count_resources(&path)));
    fs::remove_dir_all(&folder).expect("it was made here");
}

#[divan::bench(args = SIZES)]
fn serde_json_ignored(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let bytes = plan(resources);
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| serde_json::from_slice::<IgnoredAny>(black_box(&bytes)).is_ok());
}

#[divan::bench(args = SIZES)]
fn serde_json_value(bencher: divan::Bencher<'_, '_>, resources: usize) {
    let bytes = plan(resources);
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| serde_json::from_slice::<Value>(black_box(&bytes)).is_ok());
}
