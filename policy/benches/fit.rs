//! What it costs to hold one identity against templates: parameters stated, parameters inferred, and an identity that names
//! no template against fifty.
//!
//! `cargo bench -p policy --bench fit`. The bound is in the design: 50 µs for a typical role against its template, 99th
//! percentile; [`percentiles`] prints them over a run of each case.

#![expect(clippy::expect_used, reason = "a benchmark that cannot read its input should stop")]
#![expect(clippy::print_stdout, reason = "figures are for people")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use divan::Bencher;
use policy::governance::{Field, Kind};
use policy::template::fit::{AwsSubject, Fit, Policy, Subject, decide, fit};
use policy::template::{Library, Template};
use policy::text::Text;

const READER: &str = include_str!("../../examples/templates/s3-object-reader.nhi.hcl");
const WRITER: &str = include_str!("../../examples/templates/lambda-table-writer.nhi.hcl");
const WORKLOAD: &str = include_str!("../../examples/templates/kubernetes-workload.nhi.hcl");

const READS: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::payments-ledger"},
    {"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::payments-ledger/exports/*"}]}"#;
const BY_EC2: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

const CONSUMES: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage"],"Resource":"arn:aws:sqs:eu-central-1:111122223333:invoices"}]}"#;
const BY_CLUSTER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
    "Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"},
    "Condition":{"StringEquals":{
        "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF:aud":"sts.amazonaws.com",
        "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF:sub":"system:serviceaccount:billing:export"}}}]}"#;

fn main() {
    // With a filter only the benchmarks that it names.
    if std::env::args().skip(1).all(|argument| argument.starts_with('-')) {
        percentiles();
    }
    divan::main();
}

/// An identity, the templates that it is held against, and what it states.
struct Case {
    templates: Vec<Template>,
    given: BTreeMap<String, String>,
    permissions: Policy,
    trust: Policy,
    kind: Kind,
    /// Whether the answer says what to change.
    explained: bool,
}

impl Case {
    fn new(text: &str, given: &[(&str, &str)], permissions: &str, trust: &str) -> Self {
        let read = |json: &str| Policy::parse(&Text::from(json)).expect("a policy document");
        Self {
            templates: templates(text),
            given: given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            permissions: read(permissions),
            trust: read(trust),
            kind: Kind::WorkloadIdentity,
            explained: false,
        }
    }

    fn named(name: &str) -> Self {
        let bucket = [("bucket", "payments-ledger"), ("prefix", "exports/")];
        let writes = READS.replace("s3:GetObject", "s3:PutObject");
        let issuer = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
        let workload = [
            ("account", "111122223333"),
            ("namespace", "billing"),
            ("oidc_provider", issuer),
            ("queue", "invoices"),
            ("service_account", "export"),
        ];
        match name {
            "reader, stated" => Self::new(READER, &bucket, READS, BY_EC2),
            "reader, inferred" => Self::new(READER, &[], READS, BY_EC2),
            "reader, outside, stated" => Self::new(READER, &bucket, &writes, BY_EC2),
            "reader, outside, inferred" => Self::new(READER, &[], &writes, BY_EC2),
            "reader, outside, explained" => {
                Self { explained: true, ..Self::new(READER, &[], &writes, BY_EC2) }
            }
            "workload, stated" => Self::new(WORKLOAD, &workload, CONSUMES, BY_CLUSTER),
            "workload, inferred" => Self::new(WORKLOAD, &[], CONSUMES, BY_CLUSTER),
            "reader against three" => {
                Self::new(&format!("{READER}\n{WRITER}\n{WORKLOAD}"), &[], READS, BY_EC2)
            }
            _ => Self::new(&fifty(), &[], READS, BY_EC2),
        }
    }

    /// How many of the templates take it in.
    fn run(&self) -> usize {
        let permissions = [&self.permissions];
        let subject = Subject {
            kind: Some(self.kind),
            environment: Some("prod"),
            aws: Some(AwsSubject {
                permissions: &permissions,
                trust: Some(&self.trust),
                boundary: Field::Value("arn:aws:iam::111122223333:policy/nhi-boundary".into()),
            }),
            ..Subject::default()
        };
        // What to change is asked for once somebody reads it.
        let ask = if self.explained { fit } else { decide };
        let inside =
            |template: &&Template| matches!(ask(template, &self.given, &subject), Fit::Inside(_));
        self.templates.iter().filter(inside).count()
    }
}

fn templates(text: &str) -> Vec<Template> {
    let (library, errors) = Library::parse(&[("templates.nhi.hcl", text)]);
    assert!(errors.is_empty(), "{errors:?}");
    library.templates().cloned().collect()
}

/// A library as a large platform team has it: templates for many services, a few of them for buckets.
fn fifty() -> String {
    let mut text = format!("{READER}\n{WRITER}\n{WORKLOAD}\n");
    let services = [
        ("sqs", "SendMessage", "arn:aws:sqs:${param.region}:${param.account}:${param.name}"),
        ("sns", "Publish", "arn:aws:sns:${param.region}:${param.account}:${param.name}"),
        (
            "dynamodb",
            "GetItem",
            "arn:aws:dynamodb:${param.region}:${param.account}:table/${param.name}",
        ),
        ("kms", "Decrypt", "arn:aws:kms:${param.region}:${param.account}:key/${param.name}"),
        ("s3", "PutObject", "arn:aws:s3:::${param.name}/${param.account}/${param.region}/*"),
    ];
    for number in 0..47 {
        let (service, action, resource) =
            services.get(number % services.len()).copied().expect("one of five");
        text.push_str(&one(number, service, action, resource));
    }
    text
}

fn one(number: usize, service: &str, action: &str, resource: &str) -> String {
    format!(
        r#"
template "{service}-{number}" {{
  version = "1.0.0"
  parameter "region" {{
    pattern = "[a-z]{{2}}(-[a-z]+)+-[0-9]"
    default = "eu-central-1"
  }}
  parameter "account" {{ pattern = "[0-9]{{12}}" }}
  parameter "name" {{ pattern = "[A-Za-z0-9_.-]{{3,63}}" }}
  aws {{
    permissions = jsonencode({{
      Version   = "2012-10-17"
      Statement = [{{ Effect = "Allow", Action = ["{service}:{action}", "{service}:Extra{number}"], Resource = "{resource}" }}]
    }})
    trust = jsonencode({{
      Version   = "2012-10-17"
      Statement = [{{ Effect = "Allow", Principal = {{ Service = "ec2.amazonaws.com" }}, Action = "sts:AssumeRole" }}]
    }})
  }}
}}
"#
    )
}

const CASES: [&str; 9] = [
    "reader, stated",
    "reader, inferred",
    "reader, outside, stated",
    "reader, outside, inferred",
    "reader, outside, explained",
    "workload, stated",
    "workload, inferred",
    "reader against three",
    "reader against fifty",
];

#[divan::bench(args = CASES)]
fn identity(bencher: Bencher<'_, '_>, name: &str) {
    let case = Case::named(name);
    bencher.bench_local(|| case.run());
}

/// Every case, run after run.
fn percentiles() {
    for name in CASES {
        let case = Case::named(name);
        let mut times: Vec<Duration> = (0..2_000)
            .map(|_| {
                // The best of three, so that other programs on the machine do not count.
                let once = |_| {
                    let start = Instant::now();
                    divan::black_box(case.run());
                    start.elapsed()
                };
                (0..3).map(once).min().unwrap_or_default()
            })
            .collect();
        times.sort_unstable();
        let at = |share: usize| times.get((times.len() * share / 1000).min(times.len() - 1));
        let [p50, p99, max] = [500, 990, 1000].map(|it| at(it).copied().unwrap_or_default());
        println!("{name} (inside {}): p50 {p50:?}, p99 {p99:?}, max {max:?}", case.run());
    }
}
