//! Every parser of policies, with input that nobody would write: no panic, an end, and messages that point into the text.
//!
//! Seeded: the same cases each time. `NHI_FUZZ_SECONDS=600 cargo test -p policy --test outside fuzz` goes on for that long,
//! from the seed in `NHI_FUZZ_SEED`.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use miette::Diagnostic;
use policy::aws::{self, Document};
use policy::template::{Library, case};
use policy::text::Text;
use policy::verdict::Comparison;

use super::mutate::{Random, mutated};

mod platforms;

use platforms::PLATFORMS;

/// A case that takes longer than this has no end.
const LIMIT: Duration = Duration::from_mins(1);

const DOCUMENTS: &[&str] = &[
    r#"{"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"S","Effect":"Allow","Action":["s3:Get*","iam:PassRole"],"NotResource":["arn:aws:s3:::b/${aws:username}/*","*"],"Condition":{"StringEquals":{"aws:x":["a","b"]},"Null":{"k":"true"}}},{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}]}"#,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["111122223333","*"],"Service":"ec2.amazonaws.com"},"Condition":{"ForAllValues:StringLike":{"aws:TagKeys":["a*","?"]},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}"#,
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:instance/*","Condition":{"NumericLessThan":{"k":"9.5"},"DateGreaterThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"},"ArnLike":{"aws:SourceArn":"arn:aws:s3:::*"},"BoolIfExists":{"aws:MultiFactorAuthPresent":true}}}}"#,
];

/// One seed is compared with what becomes of it.
fn documents(text: &str) {
    let document = match Document::parse(&Text::from(text)) {
        Ok(document) => document,
        Err(error) => return explained(&error, text),
    };
    let valid = Document::parse(&Text::from(DOCUMENTS[0])).unwrap();
    for (outer, inner) in [(&valid, &document), (&document, &valid), (&document, &document)] {
        let decision = aws::contains(&[outer], &[inner]);
        aws::change(&[outer], &[inner], &decision);
    }
    document.broad_grants();
}

const TEMPLATES: &[&str] = &[
    include_str!("../../../examples/templates/s3-object-reader.nhi.hcl"),
    include_str!("../../../examples/templates/lambda-table-writer.nhi.hcl"),
    include_str!("../../../examples/templates/kubernetes-workload.nhi.hcl"),
];

fn templates(text: &str) {
    let (library, errors) = Library::parse(&[("x.nhi.hcl", text)]);
    for error in &errors {
        explained(error, error.file.inner());
    }
    for template in library.templates() {
        let _ = template.bind(&BTreeMap::new());
    }
}

const CASES: &[&str] = &[
    "test \"reader cannot write\" {\n  template = \"s3-object-reader@1\"\n  params   = { bucket = \"b\" }\n  platform = \"aws\"\n  policy   = jsonencode({ Version = \"2012-10-17\", Statement = [] })\n  expect   = \"outside\"\n}\n",
];

fn cases(text: &str) {
    let (_, errors) = case::parse("x.nhitest.hcl", text);
    for error in &errors {
        explained(error, error.file.inner());
    }
}

/// A message says something and points into the text.
fn explained(error: &dyn Diagnostic, text: &str) {
    assert!(!error.to_string().is_empty());
    for label in error.labels().into_iter().flatten() {
        let inside = text.get(label.offset()..label.offset() + label.len());
        assert!(inside.is_some(), "`{error}` points at {}+{}", label.offset(), label.len());
    }
    for other in error.related().into_iter().flatten() {
        explained(other, text);
    }
}

/// An answer is inside in the catalogue's world if it is in the open one.
fn told(answer: &Comparison) {
    assert!(!answer.open.is_inside() || answer.catalogue.is_inside(), "{answer:?}");
}

/// Runs one parser over relatives of its seeds: some, or as many as the time allows.
fn run(name: &str, seeds: &'static [&'static str], some: usize, read: fn(&str)) {
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = variable("NHI_FUZZ_SECONDS").map(Duration::from_secs);
    let seed = variable("NHI_FUZZ_SEED").unwrap_or(1);
    let (sender, receiver) = sync_channel(0);
    let worker = std::thread::spawn(move || {
        let start = Instant::now();
        let mut random = Random::new(seed);
        let mut count = 0;
        while seconds.map_or(count < some, |seconds| start.elapsed() < seconds) {
            let text = mutated(&mut random, random_seed(count, seeds));
            one(&sender, &text, read);
            count += 1;
        }
        for seed in seeds {
            one(&sender, seed, read);
        }
        count
    });
    let mut last = String::new();
    loop {
        match receiver.recv_timeout(LIMIT) {
            Ok(text) => last = text,
            Err(RecvTimeoutError::Timeout) => panic!("{name}: no end after {LIMIT:?}: {last:?}"),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let count = worker.join().unwrap_or_else(|_| panic!("{name}: {last:?}"));
    assert!(count > 0, "{name}: no case was run");
}

fn random_seed(count: usize, seeds: &'static [&'static str]) -> &'static str {
    seeds[count % seeds.len()]
}

/// Says which case comes next, so that one that panics or has no end can be told.
fn one(sender: &SyncSender<String>, text: &str, read: fn(&str)) {
    if sender.send(text.to_owned()).is_ok() {
        read(text);
    }
}

#[test]
fn aws_documents() {
    run("aws documents", DOCUMENTS, 600, documents);
}

#[test]
fn template_files() {
    run("templates", TEMPLATES, 600, templates);
}

#[test]
fn template_tests() {
    run("template tests", CASES, 1500, cases);
}

/// Levels upon levels, as deep as a file can be long: each parser has a bottom.
#[test]
fn deep_nesting() {
    let pairs = [
        ("[", "]"),
        ("{\"a\":", "}"),
        ("(", ")"),
        ("!", ""),
        ("-", ""),
        ("a{", "}"),
        ("a.b(", ")"),
    ];
    for (levels, (open, close)) in
        [100, 1_000, 100_000].iter().flat_map(|levels| pairs.iter().map(move |pair| (levels, pair)))
    {
        let deep = format!("{}1{}", open.repeat(*levels), close.repeat(*levels));
        documents(&deep);
        documents(&format!(r#"{{"Statement":{deep}}}"#));
        templates(&deep);
        templates(&format!("template \"x\" {{\n  version = {deep}\n}}\n"));
        cases(&deep);
        for (_, _, read) in PLATFORMS {
            read(&deep);
            read(&format!(r#"{{"permissions":{deep}}}"#));
            read(&format!("path \"a\" {{\n  capabilities = {deep}\n}}\n"));
        }
    }
}

#[test]
fn platforms_of_every_kind() {
    for (name, seeds, read) in PLATFORMS {
        run(name, seeds, 700, *read);
    }
}
