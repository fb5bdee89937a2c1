//! Unknown parts: what is inside or outside whatever they become, and what is not.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;

use crate::aws::{Decision, Document, contains};
use crate::text::{Part, Shape, Text};
use crate::verdict::Verdict;

/// Replaces `‹name›` by a hole: names that begin with `arn` are ARNs of a table, with `word` words, others anything.
fn text(source: &str) -> Text {
    let mut out = Text::new();
    for (index, piece) in source.split(['‹', '›']).enumerate() {
        if index % 2 == 0 {
            out.push_str(piece);
        } else {
            out.push(&Text::hole(piece, shape(piece)));
        }
    }
    out
}

fn shape(name: &str) -> Shape {
    match name {
        _ if name.starts_with("arn") => Shape::Glob("arn:aws:dynamodb:*:*:table/*".into()),
        _ if name.starts_with("word") => Shape::Word,
        _ => Shape::Any,
    }
}

fn document(source: &str) -> Document {
    Document::parse(&text(source)).unwrap()
}

fn identity(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{action},"Resource":{resource}}}]}}"#
    )
}

fn decide(inner: &str, outer: &str) -> Decision {
    contains(&[&document(outer)], &[&document(inner)])
}

/// The verdict in one line.
fn show(decision: &Decision) -> String {
    match &decision.open {
        Verdict::Inside => "inside".to_owned(),
        Verdict::Outside(found) => format!("outside: {found}"),
        Verdict::Undecided(why) => {
            let mut out = format!("undecided: {}", why.reason);
            if !why.unknown.is_empty() {
                let _ = write!(out, " [{}]", why.unknown.join(", "));
            }
            out
        }
    }
}

#[test]
fn a_word_fills_a_field_of_an_arn() {
    let arn = r#""arn:aws:dynamodb:‹word.region›:‹word.account›:table/orders""#;
    let inner = identity(r#""dynamodb:GetItem""#, arn);
    for (resource, expected) in [
        (r#""arn:aws:dynamodb:*:*:table/*""#, "inside"),
        (r#""arn:aws:dynamodb:*:*:table/orders""#, "inside"),
        (r#""arn:aws:dynamodb:*:*:table/refunds""#, "outside: `dynamodb:GetItem`"),
    ] {
        let shown = show(&decide(&inner, &identity(r#""dynamodb:GetItem""#, resource)));
        assert!(shown.starts_with(expected), "{resource}: {shown}");
    }
}

#[test]
fn holes_in_resources() {
    let outer = identity(
        r#"["s3:GetObject","s3:ListBucket"]"#,
        r#"["arn:aws:s3:::payments-ledger","arn:aws:s3:::payments-ledger/*"]"#,
    );
    let table = [
        (
            identity(r#"["s3:GetObject","s3:PutObject"]"#, r#""arn:aws:s3:::payments-ledger/*""#),
            "outside: `s3:PutObject` on `arn:aws:s3:::payments-ledger/x`",
        ),
        (identity(r#""s3:GetObject""#, r#""arn:aws:s3:::payments-ledger/‹var.any›/*""#), "inside"),
        (
            identity(r#""s3:GetObject""#, r#""arn:aws:s3:::‹word.bucket›/*""#),
            "undecided: `word.bucket` is not known before apply [word.bucket]",
        ),
        (
            identity(r#"["s3:GetObject","s3:PutObject"]"#, r#""arn:aws:s3:::‹word.bucket›/*""#),
            "outside: `s3:PutObject` on `arn:aws:s3:::example/x`",
        ),
        (
            identity(r#""dynamodb:GetItem""#, r#""‹arn.table›""#),
            "outside: `dynamodb:GetItem` on `arn:aws:dynamodb:us-east-1:111122223333:table/x`",
        ),
        (
            identity(r#""s3:GetObject""#, r#""‹arn.table›""#),
            "outside: `s3:GetObject` on `arn:aws:dynamodb:us-east-1:111122223333:table/x`",
        ),
        (
            identity(r#""s3:GetObject""#, r#""‹var.any›""#),
            "undecided: `var.any` is not known before apply [var.any]",
        ),
        (
            identity(r#""‹var.any›""#, r#""arn:aws:s3:::payments-ledger/*""#),
            "undecided: `var.any` is not known before apply [var.any]",
        ),
        (
            identity(r#"["s3:GetObject", ‹var.any›]"#, r#""arn:aws:s3:::payments-ledger/*""#),
            "undecided: `var.any` is not known before apply [var.any]",
        ),
    ];
    for (inner, expected) in table {
        assert_eq!(show(&decide(&inner, &outer)), expected, "{inner}");
    }
}

#[test]
fn the_same_unknown_on_both_sides_is_the_same() {
    let policy = identity(r#""s3:GetObject""#, r#""‹aws_s3_bucket.b.arn›/*""#);
    assert_eq!(show(&decide(&policy, &policy)), "inside");
    let narrower = identity(r#""s3:GetObject""#, r#""‹aws_s3_bucket.b.arn›/a/*""#);
    assert_eq!(show(&decide(&narrower, &policy)), "inside");
    let other = identity(r#""s3:GetObject""#, r#""‹aws_s3_bucket.c.arn›/*""#);
    assert_eq!(
        show(&decide(&other, &policy)),
        "undecided: `aws_s3_bucket.c.arn` is not known before apply [aws_s3_bucket.c.arn, aws_s3_bucket.b.arn]"
    );
}

#[test]
fn a_shape_can_be_enough() {
    let outer = identity(r#""dynamodb:*""#, r#""arn:aws:dynamodb:*:*:table/*""#);
    assert_eq!(
        show(&decide(&identity(r#""dynamodb:GetItem""#, r#""‹arn.table›""#), &outer)),
        "inside"
    );
    assert_eq!(show(&decide(&identity(r#""dynamodb:GetItem""#, "‹arn.table›"), &outer)), "inside");
    assert_eq!(
        show(&decide(&identity(r#""dynamodb:GetItem""#, r#""‹arn.table›/index/*""#), &outer)),
        "inside"
    );
}

#[test]
fn unknown_documents_and_statements() {
    let known = identity(r#""s3:GetObject""#, r#""arn:aws:s3:::b/*""#);
    let everything = identity(r#""*""#, r#""*""#);
    assert_eq!(
        show(&decide("‹data.x.json›", &known)),
        "undecided: `data.x.json` is not known before apply [data.x.json]"
    );
    assert_eq!(show(&decide("‹data.x.json›", &everything)), "inside");
    assert_eq!(
        show(&decide(&known, "‹data.x.json›")),
        "undecided: `data.x.json` is not known before apply [data.x.json]"
    );
    // One known statement outside is enough, if no unknown one can deny it.
    let partly = r#"{"Version":"2012-10-17","Statement":[‹var.s›,{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}]}"#;
    assert_eq!(
        show(&decide(partly, &known)),
        "undecided: `var.s` is not known before apply [var.s]"
    );
    let effect = r#"{"Version":"2012-10-17","Statement":[{"Effect":"‹var.e›","Action":"s3:GetObject","Resource":"*"}]}"#;
    assert_eq!(
        show(&decide(effect, &known)),
        "undecided: `var.e` is not known before apply [var.e]"
    );
    let torn = r#"{"Version":"2012-10-17",‹var.rest›}"#;
    assert_eq!(
        show(&decide(torn, &known)),
        "undecided: `var.rest` is not known before apply [var.rest]"
    );
    let condition = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":‹var.c›}]}"#;
    assert_eq!(show(&decide(condition, &known)), "inside");
    assert_eq!(
        show(&decide(&known, condition)),
        "undecided: `var.c` is not known before apply [var.c]"
    );
}

#[test]
fn unknown_principals() {
    let trust = |principal: &str, condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}{condition}}}]}}"#
        )
    };
    let service = trust(r#"{"Service":"ec2.amazonaws.com"}"#, "");
    let unknown = trust(r#"{"AWS":"‹aws_iam_role.r.arn›"}"#, "");
    assert_eq!(
        show(&decide(&unknown, &service)),
        "outside: `sts:AssumeRole` by `arn:aws:iam::111122223333:role/example`"
    );
    assert_eq!(
        show(&decide(&unknown, &trust(r#"{"AWS":"111122223333"}"#, ""))),
        "undecided: `aws_iam_role.r.arn` is not known before apply [aws_iam_role.r.arn]"
    );
    assert_eq!(show(&decide(&unknown, &unknown)), "inside");
    let subject = r#","Condition":{"StringEquals":{"‹issuer›:sub":"‹subject›"}}"#;
    let federated = trust(r#"{"Federated":"‹provider›"}"#, subject);
    assert_eq!(show(&decide(&federated, &federated)), "inside");
    assert_eq!(
        show(&decide(&trust(r#"{"Federated":"‹provider›"}"#, ""), &federated)).split(':').next(),
        Some("undecided")
    );
}

const VALUES: &[&str] = &["", "x", "b", "*", "a*", "b/x", "${aws:username}", "secret", "$"];

/// In text that no encoder wrote, a value can end its string and add to the policy.
#[test]
fn a_value_may_leave_its_string() {
    let outer = document(&identity(r#""s3:GetObject""#, r#""arn:aws:s3:::b/*""#));
    let judged = |inner: &Text| {
        let inner = Document::parse_template(inner).unwrap();
        show(&contains(&[&outer], &[&inner]))
    };
    let key = |hole: &str| identity(r#""s3:GetObject""#, &format!(r#""arn:aws:s3:::b/{hole}""#));
    insta::assert_snapshot!(judged(&text(&key("‹any›"))), @"undecided: `any` is not known before apply, and stands in a policy that is not written with `jsonencode`: with a quote in it, it could say anything [any]");
    insta::assert_snapshot!(judged(&text(&key("‹word›"))), @"inside");
    insta::assert_snapshot!(judged(&text(&key("x"))), @"inside");
    let mut escaped = Text::new();
    for part in text(&key("‹any›")).parts() {
        match part {
            Part::Literal(known) => escaped.push_str(known),
            Part::Hole(hole) => escaped.push_escaped(hole),
        }
    }
    insta::assert_snapshot!(judged(&escaped), @"inside");
    // What it says with plain values it says all the same.
    let put = identity(r#""s3:PutObject""#, r#""arn:aws:s3:::b/‹any›""#);
    insta::assert_snapshot!(judged(&text(&put)), @"outside: `s3:PutObject` on `arn:aws:s3:::b/example`");
    // On the outer side it neither allows nor refuses anything for certain.
    let outer = Document::parse_template(&text(&key("‹any›"))).unwrap();
    for inner in [key("x"), identity(r#""s3:PutObject""#, r#""*""#)] {
        let decision = contains(&[&outer], &[&document(&inner)]);
        assert!(matches!(decision.open, Verdict::Undecided(_)), "{inner}");
    }
    insta::assert_snapshot!(judged(&text("‹any›")), @"undecided: `any` is not known before apply [any]");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// A verdict on a document with a hole holds for every value of the hole, on either side and on both.
    #[test]
    fn a_verdict_holds_for_every_value(
        inner in select(&["b/‹var.h›", "b/‹var.h›/*", "‹var.h›/x", "b/x", "b/*", "b/${aws:username}/‹var.h›"][..]),
        outer in select(&["b/‹var.h›", "b/*", "‹var.h›/*", "b/x", "b/s*", "b/‹var.h›*"][..]),
        deny in select(&["none", "b/‹var.h›", "b/secret*"][..]),
        denied_inside in any::<bool>(),
        value in select(VALUES),
    ) {
        let policy = |resource: &str, deny: Option<&str>, value: Option<&str>| {
            let statement = |effect: &str, resource: &str| format!(
                r#"{{"Effect":"{effect}","Action":"s3:GetObject","Resource":"arn:aws:s3:::{resource}"}}"#
            );
            let mut statements = statement("Allow", resource);
            if let Some(deny) = deny.filter(|deny| *deny != "none") {
                statements = format!("{statements},{}", statement("Deny", deny));
            }
            let source = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
            match value {
                Some(value) => source.replace("‹var.h›", value),
                None => source,
            }
        };
        let (inner_deny, outer_deny) = if denied_inside { (Some(deny), None) } else { (None, Some(deny)) };
        let open = decide(&policy(inner, inner_deny, None), &policy(outer, outer_deny, None)).open;
        let closed = decide(&policy(inner, inner_deny, Some(value)), &policy(outer, outer_deny, Some(value))).open;
        let turned = matches!(
            (&open, &closed),
            (Verdict::Inside, Verdict::Outside(_)) | (Verdict::Outside(_), Verdict::Inside)
        );
        prop_assert!(!turned, "{open:?} became {closed:?}");
    }
}
