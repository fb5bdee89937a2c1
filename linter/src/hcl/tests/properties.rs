//! What holds for every text, valid or not.

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::items::items;
use super::super::{Body, Expr, ExprKind, Piece, SyntaxError};
use super::{SEEDS, read, read_json};
use crate::source::Span;

/// Files that use the language in full; what is changed in them is drawn.
const FILES: [&str; 6] = [
    SEEDS[0],
    SEEDS[1],
    "resource \"a\" \"b\" {\r\n  x = <<-EOT\r\n    ${f(<<B\nB\n)}\r\n  EOT\r\n}\r\ndata a b {}\r\n",
    "\u{feff}größe = { for k, v in a.*.b : k => v... if v != null }\nprovider \"p\" { alias = \"x\" }\nmodule \"m\" {\n  a = [<<E\nE\n  , 1]\n  b = (a\n ? b : c)\n}",
    "resource \"a\" \"one\" {\n  a = \"%{ for x in y ~}%{ endfor }\"\n}\nresource \"a\" \"two\" {\n  /* resource \"a\" \"no\" { */ }\nlocals {\n  a = <<EOT\nresource \"a\" \"no\" {\n}\nEOT\n}\n",
    "check \"c\" {\n  data \"t\" \"d\" {\n    x = -1.5e3 % 2\n  }\n  assert {\n    condition = a[0].b[*].c.0 == \"$${x}\" && !b\n  }\n}\n",
];

const TOKENS: [&str; 48] = [
    "\"",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "${",
    "%{",
    "~}",
    "$${",
    "<<EOT\n",
    "<<-B\n",
    "EOT\n",
    "B\n",
    "\n",
    "\r\n",
    "\r",
    "\\",
    "#",
    "//",
    "/*",
    "*/",
    "~",
    ".",
    "..",
    "...",
    "=",
    "==",
    "=>",
    "?",
    ":",
    "::",
    ",",
    "é",
    "e\u{301}",
    "\u{200b}",
    "\u{feff}",
    "\0",
    "1",
    "1e",
    " ",
    "for ",
    "if ",
    "%{endif}",
    "resource \"a\" \"z\" {\n",
    "!",
    "&&",
];

/// One change of a text.
#[derive(Clone, Debug)]
enum Edit {
    Delete(Index, Index),
    Insert(Index, &'static str),
    Move(Index, Index, Index),
    Byte(Index, u8),
}

fn edit() -> impl Strategy<Value = Edit> {
    let token = || proptest::sample::select(&TOKENS[..]);
    let index = any::<Index>;
    prop_oneof![
        1 => (index(), index()).prop_map(|(from, to)| Edit::Delete(from, to)),
        4 => (index(), token()).prop_map(|(at, token)| Edit::Insert(at, token)),
        1 => (index(), index(), index()).prop_map(|(from, to, at)| Edit::Move(from, to, at)),
        2 => (index(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
    ]
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for edit in edits {
        let place = |index: &Index, bytes: &[u8]| index.index(bytes.len() + 1);
        match edit {
            Edit::Delete(from, length) => {
                let from = place(from, &bytes);
                let to = (from + length.index(8)).min(bytes.len());
                bytes.drain(from..to);
            }
            Edit::Insert(at, token) => {
                let at = place(at, &bytes);
                bytes.splice(at..at, token.bytes());
            }
            Edit::Move(from, length, at) => {
                let from = place(from, &bytes);
                let to = (from + length.index(40)).min(bytes.len());
                let piece = bytes[from..to].to_vec();
                let at = place(at, &bytes);
                bytes.splice(at..at, piece);
            }
            Edit::Byte(at, byte) => {
                let at = place(at, &bytes);
                bytes.splice(at..(at + 1).min(bytes.len()), [*byte]);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn text() -> impl Strategy<Value = String> {
    let files = proptest::sample::select(&FILES[..]);
    (files, prop::collection::vec(edit(), 0..5)).prop_map(|(file, edits)| edited(file, &edits))
}

/// Every span of a body.
fn spans(body: &Body, out: &mut Vec<Span>) {
    for attribute in &body.attributes {
        expression_spans(&attribute.value, out);
    }
    for block in &body.blocks {
        out.extend([block.header, block.span]);
        let mut inner = Vec::new();
        spans(&block.body, &mut inner);
        for span in &inner {
            assert!(block.span.start <= span.start && span.end <= block.span.end, "{block:?}");
        }
        out.append(&mut inner);
    }
}

fn expression_spans(expression: &Expr, out: &mut Vec<Span>) {
    out.push(expression.span);
    let mut go = |inner: &Expr| expression_spans(inner, out);
    match &expression.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Name(_)
        | ExprKind::Element => {}
        ExprKind::Template(pieces) => piece_spans(pieces, out),
        ExprKind::Attr(value, _)
        | ExprKind::Not(value)
        | ExprKind::Negate(value)
        | ExprKind::Parens(value) => go(value),
        ExprKind::Index(left, right)
        | ExprKind::Splat(left, right)
        | ExprKind::Binary(_, left, right) => {
            go(left);
            go(right);
        }
        ExprKind::Call { arguments, .. } => arguments.iter().for_each(go),
        ExprKind::List(items) => items.iter().for_each(go),
        ExprKind::Object(pairs) => pairs.iter().for_each(|(key, value)| {
            go(key);
            go(value);
        }),
        ExprKind::For(repeat) => {
            go(&repeat.collection);
            go(&repeat.result);
            repeat.result_key.iter().for_each(&mut go);
            repeat.condition.iter().for_each(&mut go);
        }
        ExprKind::Conditional(parts) => parts.iter().for_each(go),
    }
}

fn piece_spans(pieces: &[Piece], out: &mut Vec<Span>) {
    for piece in pieces {
        match piece {
            Piece::Literal(_) => {}
            Piece::Value(value) => expression_spans(value, out),
            Piece::If(condition, yes, no) => {
                expression_spans(condition, out);
                piece_spans(yes, out);
                piece_spans(no, out);
            }
            Piece::For(repeat) => {
                expression_spans(&repeat.collection, out);
                piece_spans(&repeat.body, out);
            }
        }
    }
}

fn places_hold(text: &str, (body, errors): &(Body, Vec<SyntaxError>)) {
    let mut all: Vec<Span> = errors.iter().map(|error| error.span).collect();
    spans(body, &mut all);
    for span in all {
        assert!(text.get(span.start..span.end).is_some(), "{span:?} in {text:?}");
    }
}

fn headers(body: &Body) -> Vec<(String, Vec<String>)> {
    body.blocks.iter().map(|block| (block.kind.clone(), block.labels.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn places_are_in_the_text_and_items_in_order(text in text()) {
        let result = read(&text);
        places_hold(&text, &result);
        let items = items(&text);
        let mut end = 0;
        for item in &items {
            assert!(end <= item.start && item.start < item.end && text.get(item.clone()).is_some(), "{items:?}");
            end = item.end;
        }
        // Scanner and parser agree: each item became something or is a problem, and each block is an item.
        let (body, errors) = &result;
        assert!(body.blocks.len() + body.attributes.len() + errors.len() >= items.len());
        for block in &body.blocks {
            let of = items.iter().find(|item| item.start == block.span.start);
            let of = of.expect("a block begins where an item does");
            assert!(block.span.end <= of.end);
            let whole = block.span.end == of.end;
            assert!(whole || errors.iter().any(|error| of.contains(&error.span.start)), "{text:?}");
        }
        assert_eq!(format!("{result:?}"), format!("{:?}", read(&text)));
    }

    #[test]
    fn two_files_in_one_have_the_blocks_of_both(first in text(), second in text()) {
        let (one, errors) = read(&first);
        let (two, more) = read(&second);
        if !errors.is_empty() || !more.is_empty() {
            return Ok(());
        }
        let both = format!("{first}\n{}", second.trim_start_matches('\u{feff}'));
        let mut expected = headers(&one);
        expected.extend(headers(&two));
        assert_eq!(headers(&read(&both).0), expected, "{both:?}");
    }

    #[test]
    fn what_stands_before_a_broken_item_stays(first in text(), second in text()) {
        let (one, errors) = read(&first);
        if !errors.is_empty() {
            return Ok(());
        }
        let found = headers(&read(&format!("{first}\n{second}")).0);
        assert_eq!(found.get(..one.blocks.len()), Some(headers(&one).as_slice()), "{first:?} {second:?}");
    }

    #[test]
    fn places_are_in_json(edits in prop::collection::vec(edit(), 0..6)) {
        let text = edited(SEEDS[2], &edits);
        places_hold(&text, &read_json(&text));
    }
}
