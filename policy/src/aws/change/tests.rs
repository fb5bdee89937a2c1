use super::*;
use crate::aws::contains;
use crate::text::Text;

fn document(statements: &str) -> Document {
    let source = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Document::parse(&Text::from(source)).unwrap()
}

fn allow(actions: &str, rest: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":[{actions}],{rest}}}"#)
}

fn on(resource: &str) -> String {
    format!(r#""Resource":[{resource}]"#)
}

/// What to do about a statement, in words.
fn advice(outer: &str, inner: &str) -> String {
    let (outer, inner) = (document(outer), document(inner));
    let decision = contains(&[&outer], &[&inner]);
    match change(&[&outer], &[&inner], &decision) {
        Some(change) => change.to_string(),
        None => format!("no change: {}", decision.open.name()),
    }
}

#[test]
fn changes_of_identity_policies() {
    let bucket = r#""arn:aws:s3:::ledger","arn:aws:s3:::ledger/*""#;
    let outer = allow(r#""s3:GetObject","s3:ListBucket""#, &on(bucket));
    let table = [
        (
            r#""s3:GetObject","s3:PutObject","s3:DeleteObject""#,
            r#""arn:aws:s3:::ledger/*""#,
            "drop `s3:PutObject` and `s3:DeleteObject`",
        ),
        (
            r#""s3:*""#,
            r#""arn:aws:s3:::ledger/*""#,
            "narrow `s3:*` to `s3:GetObject` and `s3:ListBucket`",
        ),
        (
            r#""s3:GetObject""#,
            r#""arn:aws:s3:::*""#,
            "narrow `arn:aws:s3:::*` to `arn:aws:s3:::ledger` and `arn:aws:s3:::ledger/*`",
        ),
        (
            r#""s3:GetObject""#,
            r#""*""#,
            "narrow `*` to `arn:aws:s3:::ledger` and `arn:aws:s3:::ledger/*`",
        ),
        (
            r#""s3:GetObject""#,
            r#""arn:aws:s3:::ledger/*","arn:aws:s3:::other/*""#,
            "drop `arn:aws:s3:::other/*`",
        ),
        (r#""s3:GetObject""#, r#""arn:aws:s3:::other/*""#, "drop `s3:GetObject`"),
        (r#""iam:PassRole""#, r#""*""#, "drop `iam:PassRole`"),
        (r#""s3:GetObject""#, r#""arn:aws:s3:::ledger/a""#, "no change: inside"),
    ];
    for (actions, resources, expected) in table {
        assert_eq!(
            advice(&outer, &allow(actions, &on(resources))),
            expected,
            "{actions} {resources}"
        );
    }
}

#[test]
fn a_condition_that_is_missing_is_asked_for() {
    let rest = format!(
        r#"{},"Condition":{{"StringEquals":{{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}}}}"#,
        on(r#""*""#)
    );
    assert_eq!(
        advice(&allow(r#""kms:Decrypt""#, &rest), &allow(r#""kms:Decrypt""#, &on(r#""*""#))),
        "require `StringEquals kms:viaservice = s3.eu-central-1.amazonaws.com`"
    );
}

#[test]
fn changes_of_trust_policies() {
    let by = |principals: &str| format!(r#""Principal":{{{principals}}}"#);
    let outer = allow(r#""sts:AssumeRole""#, &by(r#""Service":"ec2.amazonaws.com""#));
    let table = [
        (
            r#""sts:AssumeRole""#,
            r#""Service":"ec2.amazonaws.com","AWS":"111122223333""#,
            "drop `111122223333`",
        ),
        (r#""sts:AssumeRole""#, r#""AWS":"*""#, "drop `*`"),
        (
            r#""sts:AssumeRole","sts:TagSession""#,
            r#""Service":"ec2.amazonaws.com""#,
            "drop `sts:TagSession`",
        ),
    ];
    for (actions, principals, expected) in table {
        assert_eq!(advice(&outer, &allow(actions, &by(principals))), expected, "{principals}");
    }
}

#[test]
fn what_the_identity_is_denied_counts() {
    let inner = format!(
        "{},{}",
        allow(r#""s3:GetObject","s3:PutObject""#, &on(r#""*""#)),
        r#"{"Effect":"Deny","Action":"s3:GetObject","Resource":"*"}"#
    );
    assert_eq!(advice(&allow(r#""sqs:*""#, &on(r#""*""#)), &inner), "drop `s3:PutObject`");
}
