//! Facts and what is wrong with them.

use super::*;
use crate::template::Library;

const TEMPLATES: &str = r#"
template "reader" {
  version = "1.2.0"
  applies_to {
    kinds        = ["workload_identity", "api_key"]
    environments = ["dev", "prod"]
  }
  require {
    metadata     = ["service"]
    max_lifetime = "180d"
  }
}
"#;

const GOOD: [(Fact, &str); 6] = [
    (Fact::Owner, "payments"),
    (Fact::Purpose, "Nightly export of invoices"),
    (Fact::Expiry, "2027-03-31"),
    (Fact::Template, "reader@1.2.0"),
    (Fact::Service, "billing"),
    (Fact::Environment, "prod"),
];

/// A record with all facts but for the changes; an empty text takes a fact away.
fn record(changes: &[(Fact, &str)]) -> Record {
    let mut record = Record::default();
    for (fact, value) in GOOD.iter().chain(changes) {
        let field =
            if value.is_empty() { Field::Absent } else { Field::Value((*value).to_owned()) };
        record.set(*fact, field);
    }
    record
}

struct Case {
    kind: Kind,
    created: Option<&'static str>,
    prior: Option<&'static str>,
    certified: bool,
}

const NEW: Case =
    Case { kind: Kind::WorkloadIdentity, created: None, prior: None, certified: false };

fn judged(record: &Record, case: &Case) -> String {
    let (library, errors) = Library::parse(&[("x", TEMPLATES)]);
    assert!(errors.is_empty(), "{errors:?}");
    let time = |text: Option<&str>| text.map(|it| it.parse().unwrap());
    let context = Context {
        now: "2026-11-21T12:00:00Z".parse().unwrap(),
        created: time(case.created),
        prior_expiry: time(case.prior),
        certified: case.certified,
        template: record.template.as_str().and_then(|it| library.find(it).ok()),
        baseline: library.baseline(),
    };
    let facts = Facts { name: Some("invoice-export"), kind: Some(case.kind), record };
    assess(&facts, &context)
        .iter()
        .map(|it| format!("{}: {it} | {}\n", it.fact().name(), it.help()))
        .collect()
}

#[test]
fn nothing_is_wrong() {
    assert_eq!(judged(&record(&[]), &NEW), "");
    assert_eq!(judged(&record(&[(Fact::Expiry, "180d")]), &NEW), "");
}

#[test]
fn everything_is_missing() {
    insta::assert_snapshot!(judged(&Record::default(), &NEW), @r"
    owner: the identity has no owner | name the team that answers for it, or a person by e-mail address
    purpose: the identity has no purpose | say in a sentence what it is for, so that a reviewer can tell whether it is still needed
    expiry: the identity has no end date | state the last day on which it is needed, such as `2027-06-30`, or a duration such as `90d`
    template: the identity names no template | name the template that it fits into, such as `s3-object-reader@1`
    ");
    insta::assert_snapshot!(judged(&record(&[(Fact::Service, ""), (Fact::Environment, "")]), &NEW), @r"
    service: template `reader@1.2.0` asks for the service and none is stated | name the business service that it serves
    environment: template `reader@1.2.0` asks for the environment and none is stated | state the environment
    ");
}

#[test]
fn everything_is_wrong() {
    let wrong = [
        (Fact::Owner, "release-bot"),
        (Fact::Purpose, "todo"),
        (Fact::Expiry, "soon"),
        (Fact::Environment, "qa"),
    ];
    let agent = Case { kind: Kind::Agent, ..NEW };
    insta::assert_snapshot!(judged(&record(&wrong), &agent), @r"
    owner: the owner `release-bot` is a bot | name a team or a person who can be asked, not a thing that runs
    purpose: the purpose `todo` is a placeholder | say in a sentence what it is for, so that a reviewer can tell whether it is still needed
    expiry: `soon` is not an end date | write a date such as `2027-06-30`, a time such as `2027-06-30T12:00:00Z`, or a duration such as `90d`
    template: template `reader@1.2.0` is not for kind `agent` | the template is for `workload_identity`, `api_key`
    environment: template `reader@1.2.0` is not for environment `qa` | the template is for `dev`, `prod`
    ");
}

#[test]
fn unknown_breaks_no_rule() {
    let record = Record::unknown("module.governance.tags");
    assert_eq!(judged(&record, &NEW), "");
}

#[test]
fn end_dates() {
    insta::assert_snapshot!(judged(&record(&[(Fact::Expiry, "2026-11-20")]), &NEW), @"expiry: the identity expired at 2026-11-21T00:00:00Z | choose a later end date if it is still needed, or remove it");
    // The last day has begun and is not over.
    assert_eq!(judged(&record(&[(Fact::Expiry, "2026-11-21")]), &NEW), "");
    insta::assert_snapshot!(judged(&record(&[(Fact::Expiry, "181d")]), &NEW), @"expiry: the identity ends at 2027-05-21T12:00:00Z, beyond the 180d of template `reader@1.2.0` | choose `180d` or less; the last moment is 2027-05-20T12:00:00Z");
    // A cap counts from creation, not from today.
    let old = Case { created: Some("2026-06-01T00:00:00Z"), ..NEW };
    insta::assert_snapshot!(judged(&record(&[(Fact::Expiry, "2027-03-31")]), &old), @"expiry: the identity ends at 2027-04-01T00:00:00Z, beyond the 180d of template `reader@1.2.0` | choose `180d` or less; the last moment is 2026-11-28T00:00:00Z");
    // The kind's cap is the shorter one.
    let key = Case { kind: Kind::ApiKey, ..NEW };
    insta::assert_snapshot!(judged(&record(&[(Fact::Expiry, "91d")]), &key), @"expiry: the identity ends at 2027-02-20T12:00:00Z, beyond the 90d of kind `api_key` | choose `90d` or less; the last moment is 2027-02-19T12:00:00Z");
    insta::assert_snapshot!(judged(&record(&[(Fact::Template, "")]), &key), @r"
    expiry: the identity ends at 2027-04-01T00:00:00Z, beyond the 90d of kind `api_key` | choose `90d` or less; the last moment is 2027-02-19T12:00:00Z
    template: the identity names no template | name the template that it fits into, such as `s3-object-reader@1`
    ");
}

#[test]
fn a_later_end_needs_a_review() {
    let moved = Case { prior: Some("2027-01-01T00:00:00Z"), ..NEW };
    insta::assert_snapshot!(judged(&record(&[]), &moved), @"expiry: the end date moves from 2027-01-01T00:00:00Z to 2027-04-01T00:00:00Z without a review | certify the identity first; a later end date is the result of a review");
    assert_eq!(judged(&record(&[]), &Case { certified: true, ..moved }), "");
    let earlier = Case { prior: Some("2027-06-01T00:00:00Z"), ..NEW };
    assert_eq!(judged(&record(&[]), &earlier), "");
}
