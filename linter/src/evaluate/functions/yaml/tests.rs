//! What YAML means to Terraform, scalar by scalar, and what holes in it do.

use policy::text::Shape;

use super::*;
use crate::evaluate::functions::to_json;

fn decoded(text: &str) -> String {
    match single(&text.into(), Tags::Refused) {
        Ok(value) => to_json(&value).to_string(),
        Err(Refused::Wrong) => "wrong".to_owned(),
        Err(Refused::Unclear) => "unclear".to_owned(),
    }
}

#[test]
fn scalars_mean_what_terraform_says() {
    for (yaml, json) in [
        ("", "wrong"),
        ("# c\n", "wrong"),
        ("---\n", "null"),
        ("'123'", r#""123""#),
        ("yes", "true"),
        ("y: y", r#"{"true":true}"#),
        ("a: 1\na: 2\n", r#"{"a":2}"#),
        ("017", "17"),
        ("2001-12-14", r#""2001-12-14T00:00:00Z""#),
        ("2001-12-14t21:59:43.10-05:00", r#""2001-12-14T21:59:43-05:00""#),
        ("2001-02-30", r#""2001-02-30""#),
        ("!!str 123", r#""123""#),
        ("!!float '1'", r#""1""#),
        ("!foo 123", "wrong"),
        ("? [a]\n: b", "wrong"),
        ("1e3", "1000"),
        ("+1", "1"),
        ("0b11", "<yamldecode()#>"),
        ("|\n  true\n", r#""true\n""#),
        ("|-\n  true\n", "true"),
        ("null: 1", "wrong"),
        ("a: 1\n---\nb: 2\n", "wrong"),
        ("a: [b", "unclear"),
    ] {
        let found = decoded(yaml);
        let found = match found.split_once('#') {
            Some((start, _)) if start.starts_with('<') => format!("{start}#>"),
            _ => found,
        };
        assert_eq!(found, json, "{yaml}");
    }
}

#[test]
fn anchors_and_merges() {
    assert_eq!(
        decoded("x: &x {b: 2}\na:\n  <<: *x\n  c: 1\nl: [*x, <<]\n"),
        r#"{"a":{"b":2,"c":1},"l":[{"b":2},"\u003c\u003c"],"x":{"b":2}}"#
    );
    assert_eq!(decoded("a: {<<: [1]}"), "wrong");
    assert_eq!(decoded("a: &a [*a]"), "wrong");
    let levels: String = (1..12)
        .map(|level| {
            format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", "))
        })
        .collect();
    assert_eq!(decoded(&format!("a0: &a0 x\n{levels}")), "unclear");
}

#[test]
fn holes_stay_where_they_are() {
    let mut text = Text::literal("kind: ServiceAccount\nmetadata:\n  name: ");
    text.push(&Text::hole("var.name", Shape::Any));
    text.push_str("\n  arn: arn:aws:iam::");
    text.push(&Text::hole("var.account", Shape::Word));
    text.push_str(":role/x\n  flag: 1");
    text.push(&Text::hole("var.digits", Shape::Word));
    text.push_str("\n---\n---\nb: 2\n");
    let documents = documents(&text).unwrap();
    assert_eq!(documents.len(), 2);
    let metadata = documents.first().unwrap().get("metadata");
    assert!(matches!(metadata.get("name"), Value::Unknown(hole) if &*hole.origin == "var.name"));
    assert_eq!(
        metadata.get("arn").text().unwrap().to_string(),
        "arn:aws:iam::<var.account>:role/x"
    );
    assert!(matches!(metadata.get("flag"), Value::Unknown(_)));
    // One that could be anything could say something of its own.
    assert_eq!(decode(&[Value::String(text)]).err(), Some(Refused::Unclear));
}

#[test]
fn tags_of_its_own_are_keys_for_whoever_knows_them() {
    let text = "Role: !GetAtt r.Arn\nList: !Join ['-', [a, !Ref b]]\n";
    assert_eq!(
        to_json(&from_yaml(&text.into()).unwrap()).to_string(),
        r#"{"List":{"!Join":["-",["a",{"!Ref":"b"}]]},"Role":{"!GetAtt":"r.Arn"}}"#
    );
    assert_eq!(decoded(text), "wrong");
}

fn encoded(value: Value) -> String {
    yamlencode(&[value]).unwrap().text().unwrap().to_string()
}

fn from_json(text: &str) -> Value {
    crate::evaluate::functions::encoding::jsondecode(&[text.into()]).unwrap()
}

#[test]
fn yaml_is_written_as_terraform_writes_it() {
    let value = r#"{"a":"x","b":[1,2],"c":{"d":null,"e":true},"f":[],"g":{},"h":[[1,[2,3]],{"x":1,"y":[{"z":2}]}],"i":"l1\nl2"}"#;
    insta::assert_snapshot!(encoded(from_json(value)), @r#"
    "a": "x"
    "b":
    - 1
    - 2
    "c":
      "d": null
      "e": true
    "f": []
    "g": {}
    "h":
    - - 1
      - - 2
        - 3
    - "x": 1
      "y":
      - "z": 2
    "i": |-
      l1
      l2
    "#);
    for (json, yaml) in [
        (r#""a\nb\n\n""#, "|+\n  a\n  b\n\n"),
        (r#""\n""#, "|2+\n\n"),
        (r#"" a\nb""#, "|2-\n   a\n  b\n"),
        (r#""a \nb""#, "\"a \\nb\"\n"),
        (r#""a\u2028b\n""#, "|\n  a\u{2028}  b\n"),
        (r#""☃ 😀\u0007""#, "\"☃ \\U0001F600\\a\"\n"),
        ("null", "null\n...\n"),
        ("[]", "[]\n"),
        (r#"{"a\nb":1}"#, "? |-\n  a\n  b\n: 1\n"),
    ] {
        assert_eq!(encoded(from_json(json)), yaml);
    }
    let long = "long ".repeat(20);
    let folded = encoded(Value::Object([("k".to_owned(), long.trim_end().into())].into()));
    assert_eq!(
        folded,
        format!(
            "\"k\": \"{}\n  {}\"\n",
            "long ".repeat(16).trim_end(),
            "long ".repeat(4).trim_end()
        )
    );
}

#[test]
fn what_is_encoded_with_holes_decodes_to_the_same() {
    let mut arn = Text::literal("arn:");
    arn.push(&Text::hole("x", Shape::Word));
    let value = Value::Object(
        [
            ("a".to_owned(), crate::evaluate::unknown("var.a")),
            (
                "b".to_owned(),
                Value::List(vec![Value::String(arn), crate::evaluate::unknown("var.b")]),
            ),
        ]
        .into(),
    );
    let text = yamlencode(std::slice::from_ref(&value)).unwrap();
    assert_eq!(decode(&[text]), Ok(value));
}
