//! Reading never panics, and what it refuses it explains.

use proptest::prelude::*;

use crate::aws::{Document, contains};
use crate::problem::Problem;
use crate::text::{Shape, Text};

const VALID: &str = r#"{"Version":"2012-10-17","Id":"i","Statement":[{"Sid":"S","Effect":"Allow","Action":["s3:Get*","iam:PassRole"],"NotResource":["arn:aws:s3:::b/${aws:username}/*","*"],"Condition":{"StringEquals":{"aws:x":["a","b"]},"Null":{"k":"true"}}},{"Effect":"Deny","NotAction":"s3:*","Principal":{"AWS":["111122223333","*"],"Service":"ec2.amazonaws.com"}}]}"#;

/// Everything that the module does with a document.
fn exercise(text: &Text) {
    let valid = Document::parse(&Text::from(VALID)).unwrap();
    match Document::parse(text) {
        Ok(document) => {
            contains(&[&valid], &[&document]);
            contains(&[&document], &[&valid]);
            contains(&[&document], &[&document]);
            document.grants_everything();
            document.broad_grants();
        }
        Err(error) => {
            assert!(!error.problems.is_empty());
            let rendered = text.to_string();
            for problem in &error.problems {
                assert!(!problem.to_string().is_empty());
                if let Problem::Element { span, .. } = problem {
                    let end = span.offset() + span.len();
                    assert!(rendered.get(span.offset()..end).is_some(), "{error}");
                }
            }
        }
    }
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,3}",
        r#"[\[\]{}",:*?$\\]{1,3}"#,
        proptest::sample::select(
            &[
                "\"Effect\":\"Deny\",",
                "\"*\"",
                "${",
                "}",
                "null",
                "[]",
                "{}",
                "1e9",
                "\"Action\":\"*\",",
                "\u{0}",
                "é",
                "arn:"
            ][..]
        )
        .prop_map(ToOwned::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn mutated_documents(
        edits in proptest::collection::vec((0..VALID.len(), 0..12usize, piece()), 1..4),
        hole in proptest::option::of((0..VALID.len(), 0..3u8)),
    ) {
        let mut source = VALID.to_owned();
        for (start, length, piece) in edits {
            let start = source.floor_char_boundary(start.min(source.len()));
            let end = source.ceil_char_boundary((start + length).min(source.len()));
            source.replace_range(start..end, &piece);
        }
        let mut text = Text::new();
        match hole {
            Some((at, shape)) => {
                let at = source.floor_char_boundary(at.min(source.len()));
                let shape = [Shape::Any, Shape::Word, Shape::Glob("arn:*:s3:::*".into())][usize::from(shape)].clone();
                text.push_str(source.get(..at).unwrap());
                text.push(&Text::hole("var.h", shape));
                text.push_str(source.get(at..).unwrap());
            }
            None => text.push_str(&source),
        }
        exercise(&text);
    }

    #[test]
    fn holes_anywhere(at in 0..VALID.len(), length in 0..9usize) {
        let end = (at + length).min(VALID.len());
        let mut text = Text::literal(VALID.get(..at).unwrap());
        text.push(&Text::hole("var.h", Shape::Any));
        text.push_str(VALID.get(end..).unwrap());
        exercise(&text);
    }
}

#[test]
fn what_is_refused() {
    let table = [
        ("{}", "the document has no `Statement`"),
        ("[]", "a policy document is an object, not a list"),
        ("\"x\"", "a policy document is an object, not a string"),
        (r#"{"Statement":1}"#, "a statement is an object, not a number"),
        (
            r#"{"Version":"2012-10-18","Statement":[]}"#,
            "`2012-10-18` is not a version of the policy language",
        ),
        (r#"{"Version":1,"Statement":[]}"#, "`Version` is a string, not a number"),
        (
            r#"{"Statement":[{"Effect":"allow","Action":"a:b","Resource":"*"}]}"#,
            "`allow` is not an effect",
        ),
        (r#"{"Statement":[{"Action":"a:b","Resource":"*"}]}"#, "the statement has no `Effect`"),
        (r#"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#, "the statement has no `Action`"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"a:b"}]}"#, "the statement has no `Resource`"),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":"a:b","NotAction":"a:c","Resource":"*"}]}"#,
            "a statement has `Action` or `NotAction`, not both",
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":[1],"Resource":{}}]}"#,
            "`Action` is a string or a list of strings, not a number; `Resource` is a string or a list of strings, not an object",
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":"a:b","Principal":"111122223333"}]}"#,
            "`Principal` is `*` or an object, not `111122223333`",
        ),
        (
            r#"{"Statement":[],"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            "the name `Statement` appears twice in one object",
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":[]}}]}"#,
            "the value of a condition operator is an object, not a list",
        ),
    ];
    for (source, expected) in table {
        let error = Document::parse(&Text::from(source)).unwrap_err();
        assert_eq!(error.to_string(), format!("not a valid policy document: {expected}"));
    }
}

#[test]
fn what_is_kept_as_a_doubt() {
    let statement = |body: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{{{body}}}]}}"#);
    let table = [
        (
            statement(r#""Effect":"Allow","Action":"a:b","Resource":"*","Resouce":"x""#),
            "the element `Resouce` is not understood",
        ),
        (
            statement(r#""effect":"Allow","Action":"a:b","Resource":"*""#),
            "the element `effect` is not understood",
        ),
        (
            statement(r#""Effect":"Allow","Action":"s3*:Get*","Resource":"*""#),
            "`s3*:Get*` has a wildcard in the name of the service",
        ),
        (
            statement(r#""Effect":"Allow","Action":"GetObject","Resource":"*""#),
            "`GetObject` is not an action",
        ),
        (statement(r#""Effect":"Allow","Action":[],"Resource":"*""#), "`Action` is an empty list"),
        (
            statement(r#""Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::${aws:x""#),
            "`arn:aws:s3:::${aws:x` has a broken variable",
        ),
        (
            statement(
                r#""Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringSame":{"k":"v"}}"#,
            ),
            "the condition operator `StringSame` is not known",
        ),
        (
            statement(r#""Effect":"Allow","Action":"a:b","Principal":{"Everyone":"*"}"#),
            "the kind of principal `Everyone` is not understood",
        ),
        (
            statement(r#""Effect":"Allow","Action":"a:b","NotPrincipal":{"AWS":"111122223333"}"#),
            "`NotPrincipal` is not understood well enough to compare it",
        ),
        (
            statement(
                r#""Effect":"Allow","Action":"a:b","Principal":{"AWS":"arn:aws:iam::111122223333:role/*"}"#,
            ),
            "`arn:aws:iam::111122223333:role/*` has a wildcard, and principals are compared letter by letter",
        ),
        (r#"{"Policy":[]}"#.to_owned(), "the element `Policy` is not understood"),
    ];
    for (source, expected) in table {
        let document = Document::parse(&Text::from(source.as_str())).unwrap();
        let doubts: Vec<&str> = document.doubts().map(|why| why.reason.as_str()).collect();
        assert_eq!(doubts, [expected], "{source}");
    }
}

#[test]
fn warnings_and_accessors() {
    let source = r#"{"Version":"2012-10-17","Statement":{"Sid":"One","Effect":"Deny","Action":"s3:GetObject ","Resource":"bucket/*"}}"#;
    let document = Document::parse(&Text::from(source)).unwrap();
    let warnings: Vec<(&str, &str)> = document
        .warnings()
        .iter()
        .map(|warning| {
            let span = warning.span;
            (
                warning.message.as_str(),
                source.get(span.offset()..span.offset() + span.len()).unwrap(),
            )
        })
        .collect();
    assert_eq!(
        warnings,
        [
            ("`s3:GetObject ` has a blank in it and matches no action", "\"s3:GetObject \""),
            ("`bucket/*` is not an ARN and matches no resource", "\"bucket/*\""),
        ]
    );
    let statement = document.statements().first().unwrap();
    assert_eq!((statement.sid(), statement.effect()), (Some("One"), crate::aws::Effect::Deny));
    let span = statement.span();
    assert!(source.get(span.offset()..span.offset() + span.len()).unwrap().starts_with("{\"Sid\""));
}

#[test]
fn hostile_sizes() {
    let many = |count: usize| {
        (0..count).map(|index| format!("\"s3:A{index}\"")).collect::<Vec<_>>().join(",")
    };
    let source = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{}],"Resource":"*"}}]}}"#,
        many(5_000)
    );
    let document = Document::parse(&Text::from(source)).unwrap();
    assert!(contains(&[&document], &[&document]).open.is_inside());
    // Patterns far beyond what AWS takes: no answer is fine, a wrong or a late one is not.
    let long = |unit: &str| {
        let source = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::{}b"}}]}}"#,
            unit.repeat(20_000)
        );
        Document::parse(&Text::from(source)).unwrap()
    };
    let (letters, stars) = (long("a"), long("*a"));
    assert!(contains(&[&letters], &[&letters]).open.is_inside());
    assert_ne!(contains(&[&stars], &[&letters]).open.name(), "outside");
    assert_ne!(contains(&[&letters], &[&stars]).open.name(), "inside");
    let deep = format!("{}{}", "{\"Statement\":".repeat(5_000), "}".repeat(5_000));
    assert!(Document::parse(&Text::from(deep)).is_err());
}

/// The families on which every complete procedure explodes: the work is counted and the answer is never wrong.
#[test]
fn stress_ends_undecided() {
    let policy = |resources: &[String]| {
        let list = resources
            .iter()
            .map(|one| format!("\"arn:aws:s3:::{one}\""))
            .collect::<Vec<_>>()
            .join(",");
        let source = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"s3:GetObject","Resource":[{list}]}}]}}"#
        );
        Document::parse(&Text::from(source)).unwrap()
    };
    let all = policy(&["0/*".to_owned()]);
    // Every string, or nearly: the place of a letter has to be guessed.
    let late: Vec<String> = (0..30).map(|width| format!("*a{}", "?".repeat(width))).collect();
    // Letters that may come in any order.
    let apart: Vec<String> = ('a'..='z').map(|letter| format!("*{letter}*")).collect();
    for outer in [late, apart] {
        let decision = contains(&[&policy(&outer)], &[&all]);
        assert_ne!(decision.open.name(), "inside");
    }
    let inner = policy(&[('a'..='z').map(|letter| format!("*{letter}")).collect::<String>() + "*"]);
    let apart: Vec<String> =
        ('a'..='z').rev().map(|letter| format!("*{letter}{letter}*")).collect();
    let decision = contains(&[&policy(&apart)], &[&inner]);
    assert_ne!(decision.open.name(), "inside");
}
