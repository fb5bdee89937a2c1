//! What the parser takes, what it refuses and what it underlines.

use proptest::prelude::*;

use super::*;
use crate::text::Shape;

fn hole(origin: &str) -> Text {
    Text::hole(origin, Shape::Any)
}

/// Pieces in order; a name that begins with `@` is a hole.
fn text(pieces: &[&str]) -> Text {
    let mut out = Text::new();
    for piece in pieces {
        match piece.strip_prefix('@') {
            Some(origin) => out.push(&hole(origin)),
            None => out.push_str(piece),
        }
    }
    out
}

/// The error and what it underlines.
fn refused(pieces: &[&str]) -> String {
    let text = text(pieces);
    let error = parse(&text).unwrap_err();
    let (JsonError::Syntax { span, .. }
    | JsonError::Duplicate { span, .. }
    | JsonError::TooDeep { span }
    | JsonError::UnknownPart { span, .. }) = &error;
    let rendered = text.to_string();
    let marked = rendered.get(span.offset()..span.offset() + span.len()).unwrap();
    format!("{error} [{marked}]")
}

/// Back to JSON, holes as `<origin>`.
fn show(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(digits) => digits.clone(),
        Value::String(text) => format!("{:?}", text.to_string()),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(","))
        }
        Value::Object(members) => format!(
            "{{{}}}",
            members
                .iter()
                .map(|member| format!("{:?}:{}", member.name.to_string(), show(&member.value)))
                .collect::<Vec<_>>()
                .join(",")
        ),
        Value::Hole(hole) => format!("<{}>", hole.origin),
    }
}

#[test]
fn every_kind_of_value() {
    let node = parse(&text(&[
        " {\"a\":[1,-0.5e+3,true,false,null],\"b\":{\"c\":\"x\\n\\u00e9\\ud83d\\ude00/\\/\"}} ",
    ]))
    .unwrap();
    assert_eq!(show(&node), "{\"a\":[1,-0.5e+3,true,false,null],\"b\":{\"c\":\"x\\né😀//\"}}");
    assert_eq!(node.get("b").and_then(|b| b.get("c")).and_then(Node::as_str), Some("x\né😀//"));
}

#[test]
fn holes_stand_in_strings_and_for_values() {
    let node =
        parse(&text(&["{\"a\":\"x", "@h", "/*\",\"", "@k", ":sub\":[", "@v", ",1]}"])).unwrap();
    assert_eq!(show(&node), "{\"a\":\"x<h>/*\",\"<k>:sub\":[<v>,1]}");
    let node = parse(&text(&["@all"])).unwrap();
    assert_eq!(show(&node), "<all>");
}

#[test]
fn text_that_looks_like_a_hole_is_text() {
    let node = parse(&text(&["\"<var.x>\\u0000\u{e000}\""])).unwrap();
    assert_eq!(node.as_str(), Some("<var.x>\0\u{e000}"));
}

#[test]
fn spans_count_rendered_bytes() {
    let text = text(&["{\"a\": \"é", "@var.x", "\", \"b\": [1]}"]);
    let node = parse(&text).unwrap();
    let rendered = text.to_string();
    let cut = |node: &Node| rendered.get(node.span.offset()..node.span.offset() + node.span.len());
    assert_eq!(cut(node.get("a").unwrap()), Some("\"é<var.x>\""));
    assert_eq!(cut(node.get("b").unwrap()), Some("[1]"));
}

#[test]
fn what_is_refused() {
    let table: &[(&[&str], &str)] = &[
        (&["{\"a\":1,\"a\":2}"], "the name `a` appears twice in one object [\"a\"]"),
        (&["{\"a\":1,\"\\u0061\":2}"], "the name `a` appears twice in one object [\"\\u0061\"]"),
        (&["[1,]"], "expected a value, found `]` []]"),
        (&["{\"a\":1,}"], "expected a name in quotes, found `}` [}]"),
        (&["{a:1}"], "expected a name in quotes, found `a` [a]"),
        (&["[1 2]"], "expected `,` or `]`, found `2` [2]"),
        (&["01"], "expected the end of the text, found `1` [1]"),
        (&["1."], "expected a digit, found the end of the text []"),
        (&["\"\\x\""], "expected an escape sequence, found `x` [x]"),
        (&["\"\\ud800x\""], "expected the second half of a surrogate pair, found `x` [x]"),
        (&["\"\\udc00\""], "expected a whole character before this, found `\\\"` [\"]"),
        (
            &["\"a\nb\""],
            "expected an escape sequence instead of a control character, found `\\n` [\n]",
        ),
        (&["\"a"], "expected the closing quote, found the end of the text []"),
        (&["\u{feff}{}"], "expected a value, found `\\u{feff}` [\u{feff}]"),
        (&["// no\n{}"], "expected a value, found `/` [/]"),
        (&[""], "expected a value, found the end of the text []"),
        (&["{", "@x", ":1}"], "`x` is not known, and what the text says depends on it [<x>]"),
        (&["1", "@x"], "`x` is not known, and what the text says depends on it [<x>]"),
        (&["\"\\", "@x", "\""], "`x` is not known, and what the text says depends on it [<x>]"),
        (&["\"\\u00", "@x", "\""], "`x` is not known, and what the text says depends on it [<x>]"),
    ];
    for (pieces, expected) in table {
        assert_eq!(refused(pieces), *expected, "{pieces:?}");
    }
}

#[test]
fn nesting_ends_at_the_limit() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&Text::literal(nested(MAX_DEPTH + 1))).is_ok());
    assert!(matches!(parse(&Text::literal(nested(MAX_DEPTH + 2))), Err(JsonError::TooDeep { .. })));
    assert!(parse(&Text::literal("[".repeat(1_000_000))).is_err());
}

#[test]
fn long_lists_are_read_in_linear_time() {
    let list = format!("[{}1]", "1,".repeat(200_000));
    assert!(
        matches!(parse(&Text::literal(list)).unwrap().value, Value::Array(items) if items.len() == 200_001)
    );
}

proptest! {
    /// Whatever `serde_json` writes is read, and reads as the same value; what it refuses is refused.
    #[test]
    fn agrees_with_serde_json(source in r#"[\[\]{}",:0-9a\\ue.\- ]{0,24}"#) {
        let theirs = serde_json::from_str::<serde_json::Value>(&source);
        let ours = parse(&Text::literal(source.as_str()));
        if theirs.is_err() {
            prop_assert!(ours.is_err());
        } else {
            let lenient = matches!(&ours, Err(JsonError::Duplicate { .. }));
            prop_assert!(ours.is_ok() || lenient, "{source}: {ours:?}");
        }
    }

    #[test]
    fn never_panics(pieces in proptest::collection::vec("(@h|.{0,12}|\"|\\{\"a\":|\\[|\\]|\\}|,)", 0..12)) {
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let text = text(&pieces);
        if let Err(error) = parse(&text) {
            let (JsonError::Syntax { span, .. }
            | JsonError::Duplicate { span, .. }
            | JsonError::TooDeep { span }
            | JsonError::UnknownPart { span, .. }) = error;
            let rendered = text.to_string();
            prop_assert!(rendered.get(span.offset()..span.offset() + span.len()).is_some());
        }
    }
}
