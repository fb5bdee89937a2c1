//! What a verdict costs: a typical role against a template, the largest policies of AWS, and reading.
//!
//! `cargo bench -p policy --bench containment`. The bounds are in the design: 50 µs for a typical role, 5 ms for the
//! largest policies, 99th percentile; [`typical`] prints the first over many runs, [`percentiles`] the second over all
//! pairs of a sample. `layer` asks questions that one part of the engine answers almost alone.

#![expect(clippy::expect_used, reason = "a benchmark that cannot read its input should stop")]
#![expect(clippy::print_stdout, reason = "figures are for people")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use divan::Bencher;
use policy::aws::{Composition, Document, Request, contains, contains_within, evaluate};
use policy::catalogue::{aws_managed_policies, aws_managed_policy};
use policy::text::Text;

const TEMPLATE: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::payments-ledger","arn:aws:s3:::payments-ledger/*"]},
    {"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:*:*:log-group:/app/*"},
    {"Effect":"Allow","Action":["kms:Decrypt"],"Resource":"arn:aws:kms:*:111122223333:key/*","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}}}]}"#;

const ROLE: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::payments-ledger/exports/*"},
    {"Effect":"Allow","Action":["s3:ListBucket"],"Resource":"arn:aws:s3:::payments-ledger"},
    {"Effect":"Allow","Action":["logs:PutLogEvents"],"Resource":"arn:aws:logs:eu-central-1:111122223333:log-group:/app/export:*"},
    {"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:eu-central-1:111122223333:key/*","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}}}]}"#;

fn main() {
    // With a filter only the benchmarks that it names.
    if std::env::args().skip(1).all(|argument| argument.starts_with('-')) {
        typical();
        percentiles();
    }
    divan::main();
}

fn read(json: &str) -> Document {
    Document::parse(&Text::from(json)).expect("a policy document")
}

fn managed(name: &str) -> Document {
    read(&aws_managed_policy(&format!("arn:aws:iam::aws:policy/{name}")).expect("a known policy"))
}

#[divan::bench]
fn typical_role_inside(bencher: Bencher<'_, '_>) {
    let (outer, inner) = (read(TEMPLATE), read(ROLE));
    bencher.bench_local(|| contains(&[&outer], &[&inner]));
}

#[divan::bench]
fn typical_role_outside(bencher: Bencher<'_, '_>) {
    let (outer, inner) = (read(TEMPLATE), read(&ROLE.replace("s3:GetObject", "s3:PutObject")));
    bencher.bench_local(|| contains(&[&outer], &[&inner]));
}

#[divan::bench]
fn typical_role_with_reading(bencher: Bencher<'_, '_>) {
    let outer = read(TEMPLATE);
    bencher.bench_local(|| contains(&[&outer], &[&read(ROLE)]));
}

/// One Allow of `s3:GetObject` on objects of one bucket, and what else is said.
fn objects(patterns: &[&str], condition: &str, more: &str) -> Document {
    let patterns: Vec<String> =
        patterns.iter().map(|one| format!("\"arn:aws:s3:::b/{one}\"")).collect();
    read(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":[{}]{condition}}}{more}]}}"#,
        patterns.join(",")
    ))
}

const TAGGED: &str = r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}"#;
const LIKE: &str = r#","Condition":{"StringLike":{"aws:PrincipalTag/team":["a*","b*"]}}"#;
const SECRET: &str = r#",{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/secret/*"}"#;

/// The outer and the inner side of a question that one layer answers.
fn question(layer: &str) -> (Document, Document) {
    match layer {
        "one glob covers another" => (objects(&["a*"], "", ""), objects(&["a*x*y*z"], "", "")),
        "one glob keeps clear of another" => {
            (objects(&["*"], "", SECRET), objects(&["public/*"], "", ""))
        }
        "a product of globs" => {
            (objects(&["*x*", "a", "a?*y", "*y?", "??*"], "", ""), objects(&["a*", "*y"], "", ""))
        }
        "conditions that are the same" => {
            (objects(&["*"], TAGGED, ""), objects(&["x"], TAGGED, ""))
        }
        "conditions that are solved" => (objects(&["*"], LIKE, ""), objects(&["x"], TAGGED, "")),
        "a counterexample" => (objects(&["a*"], "", ""), objects(&["*"], "", "")),
        "a counterexample with conditions" => {
            (objects(&["*"], TAGGED, ""), objects(&["*"], LIKE, ""))
        }
        _ => (objects(&["*"], LIKE, ""), objects(&["*"], "", "")),
    }
}

#[divan::bench(args = [
    "one glob covers another",
    "one glob keeps clear of another",
    "a product of globs",
    "conditions that are the same",
    "conditions that are solved",
    "a counterexample",
    "a counterexample with conditions",
    "a counterexample without the condition",
])]
fn layer(bencher: Bencher<'_, '_>, name: &str) {
    let (outer, inner) = question(name);
    bencher.bench_local(|| contains(&[&outer], &[&inner]));
}

#[divan::bench]
fn layer_composition(bencher: Bencher<'_, '_>) {
    let (outer, inner) = (read(TEMPLATE), read(ROLE));
    let everything = managed("AdministratorAccess");
    let composition = Composition {
        policies: vec![&everything],
        boundary: Some(&inner),
        session: Vec::new(),
        scps: vec![vec![&everything], vec![&everything]],
    };
    bencher.bench_local(|| contains_within(&[&outer], &composition));
}

#[divan::bench]
fn layer_evaluator(bencher: Bencher<'_, '_>) {
    let role = read(ROLE);
    let request = Request {
        action: "kms:Decrypt".into(),
        resource: Some("arn:aws:kms:eu-central-1:111122223333:key/k".into()),
        principal: None,
        context: BTreeMap::from([(
            "kms:viaservice".into(),
            vec!["s3.eu-central-1.amazonaws.com".into()],
        )]),
    };
    bencher.bench_local(|| evaluate(&[&role], &request));
}

#[divan::bench(args = [
    ("ReadOnlyAccess", "ReadOnlyAccess"),
    ("ReadOnlyAccess", "AdministratorAccess"),
    ("ReadOnlyAccess", "PowerUserAccess"),
    ("AWSPartnerLedSupportReadOnlyAccess", "aws-service-role/AWSSupportServiceRolePolicy"),
    ("SecurityAudit", "ReadOnlyAccess"),
    ("SageMakerStudioProjectUserRolePolicy", "SageMakerStudioProjectUserRolePermissionsBoundary"),
    ("aws-service-role/AWSSupportServiceRolePolicy", "aws-service-role/AWSResourceExplorerServiceRolePolicy"),
    ("aws-service-role/AWSConfigServiceRolePolicy", "ReadOnlyAccess"),
    ("SageMakerStudioProjectUserRolePermissionsBoundary", "SageMakerStudioProjectUserRolePermissionsBoundary"),
    ("aws-service-role/AWSSupportServiceRolePolicy", "aws-service-role/AWSSupportServiceRolePolicy"),
])]
fn largest(bencher: Bencher<'_, '_>, (inner, outer): (&str, &str)) {
    let (outer, inner) = (managed(outer), managed(inner));
    bencher.bench_local(|| contains(&[&outer], &[&inner]));
}

#[divan::bench(args = ["ReadOnlyAccess", "PowerUserAccess"])]
fn reading(bencher: Bencher<'_, '_>, name: &str) {
    let json =
        aws_managed_policy(&format!("arn:aws:iam::aws:policy/{name}")).expect("a known policy");
    bencher.bench_local(|| read(&json));
}

#[divan::bench(args = ["AdministratorAccess", "ReadOnlyAccess", "service-role/AWSLambdaRole"])]
fn look_up(name: &str) -> Option<String> {
    aws_managed_policy(&format!("arn:aws:iam::aws:policy/{name}"))
}

/// The typical role against its template, run after run, each one counted as it comes.
fn typical() {
    let outer = read(TEMPLATE);
    for (what, json) in
        [("inside", ROLE.to_owned()), ("outside", ROLE.replace("s3:GetObject", "s3:PutObject"))]
    {
        let inner = read(&json);
        let mut times: Vec<Duration> = (0..20_000)
            .map(|_| {
                let start = Instant::now();
                divan::black_box(contains(&[&outer], &[&inner]));
                start.elapsed()
            })
            .collect();
        times.sort_unstable();
        let at = |share: usize| times.get((times.len() * share / 1000).min(times.len() - 1));
        let [p50, p99, max] = [500, 990, 1000].map(|it| at(it).copied().unwrap_or_default());
        println!("typical role, {what}: p50 {p50:?}, p99 {p99:?}, max {max:?}");
    }
}

/// Every pair of a sample of managed policies that holds the dozen largest.
fn percentiles() {
    let all: Vec<(String, String)> = aws_managed_policies().collect();
    let mut sizes: Vec<usize> = all.iter().map(|(_, json)| json.len()).collect();
    sizes.sort_unstable();
    let large = sizes.iter().rev().nth(12).copied().unwrap_or_default();
    let sample: Vec<(&str, bool, Document)> = all
        .iter()
        .enumerate()
        .filter(|(index, (_, json))| index % 11 == 0 || json.len() > large)
        .map(|(_, (arn, json))| (arn.as_str(), json.len() > large, read(json)))
        .collect();
    let mut times: [Vec<(Duration, &str, &str)>; 2] = [Vec::new(), Vec::new()];
    for (outer_name, outer_large, outer) in &sample {
        for (inner_name, inner_large, inner) in &sample {
            // The best of three, so that other programs on the machine do not count.
            let time = (0..3)
                .map(|_| {
                    let start = Instant::now();
                    divan::black_box(contains(&[outer], &[inner]));
                    start.elapsed()
                })
                .min()
                .unwrap_or_default();
            let both = usize::from(*outer_large && *inner_large);
            if let Some(times) = times.get_mut(both) {
                times.push((time, *inner_name, *outer_name));
            }
        }
    }
    for (what, times) in ["all pairs of a sample", "pairs of the largest"].iter().zip(&mut times) {
        times.sort_unstable();
        let at = |share: usize| times.get((times.len() * share / 1000).min(times.len() - 1));
        println!("{what} ({}):", times.len());
        for (name, share) in [("p50", 500), ("p99", 990), ("p99.9", 999), ("max", 1000)] {
            if let Some((time, inner, outer)) = at(share) {
                println!("  {name} {time:?} ({inner} in {outer})");
            }
        }
    }
}
