//! The law of partial knowledge: of known arguments, parts are replaced by unknowns; then the result of the known ones is
//! one of the values that the result of the others stands for.

use std::collections::BTreeMap;

use policy::text::{Hole, Part, Shape, Text};
use proptest::prelude::*;
use regex::Regex;

use super::super::encoding::jsondecode;
use super::super::*;
use crate::evaluate::number::same;

/// Calls with known arguments, as JSON. Arguments of one function are also mixed with each other.
const CALLS: &[(&str, &str)] = &[
    ("abs", "[-1.5]"),
    ("alltrue", "[[true, false]]"),
    ("alltrue", r#"[["true", true]]"#),
    ("anytrue", "[[false, true]]"),
    ("anytrue", "[[false, false]]"),
    ("base64decode", r#"["aGVsbG8="]"#),
    ("base64encode", r#"["hello"]"#),
    ("basename", r#"["a/b.txt"]"#),
    ("ceil", "[1.2]"),
    ("chomp", r#"["a\n"]"#),
    ("chunklist", r#"[["a", "b", "c"], 2]"#),
    ("cidrhost", r#"["10.0.0.0/8", 5]"#),
    ("cidrsubnet", r#"["10.0.0.0/8", 8, 2]"#),
    ("coalesce", r#"["", null, "x"]"#),
    ("coalesce", r#"[null, 1, "x"]"#),
    ("coalescelist", r#"[[], ["a"]]"#),
    ("compact", r#"[["a", "", null, "b"]]"#),
    ("concat", r#"[["a", 1], ["b"], []]"#),
    ("contains", r#"[["a", "bc", "d"], "bc"]"#),
    ("contains", r#"[["a", 1, null], "x"]"#),
    ("distinct", r#"[["a", "b", "a", "ab"]]"#),
    ("distinct", r#"[[1, "1", 2]]"#),
    ("element", r#"[["a", "b", "c"], 4]"#),
    ("endswith", r#"["hello world", "world"]"#),
    ("endswith", r#"["hello", "x"]"#),
    ("flatten", r#"[["a", ["b", ["c"]], []]]"#),
    ("floor", "[-1.2]"),
    ("format", r#"["%s-%d/%q", "a b", 5, "x<y"]"#),
    ("format", r#"["%v %5s %05.1f", "a", "b", 2.25]"#),
    ("format", r#"["%v|%v|%t", [1, "a"], 1000000, true]"#),
    ("format", r#"["%[2]s %[1]s", "a", "b"]"#),
    ("formatlist", r#"["%s-%s", ["a", "b"], "c"]"#),
    ("index", r#"[["a", "b"], "b"]"#),
    ("join", r#"["-", ["a", "b"], ["c"]]"#),
    ("join", r#"["", ["x", 1, true]]"#),
    ("jsondecode", r#"["{\"a\": [1, \"b\", null]}"]"#),
    ("jsonencode", r#"[{"a": [1, "b<", null], "c": {"d": "x\"y"}}]"#),
    ("keys", r#"[{"a": 1, "b": "x"}]"#),
    ("length", r#"[["a", "b"]]"#),
    ("length", r#"["hello"]"#),
    ("length", r#"[{"a": 1}]"#),
    ("log", "[16, 2]"),
    ("lookup", r#"[{"a": "x", "b": "y"}, "a", "z"]"#),
    ("lookup", r#"[{"a": "x"}, "b", "z"]"#),
    ("lower", r#"["Hello World"]"#),
    ("matchkeys", r#"[["a", "b", "c"], ["x", "y", "x"], ["x"]]"#),
    ("max", "[1, 5, 3]"),
    ("md5", r#"["x"]"#),
    ("merge", r#"[{"a": 1, "b": 2}, {"b": "x"}, null]"#),
    ("one", r#"[["a"]]"#),
    ("one", "[[]]"),
    ("parseint", r#"["ff", 16]"#),
    ("pathexpand", r#"["a/b"]"#),
    ("pow", "[2, 10]"),
    ("range", "[1, 5, 2]"),
    ("regex", r#"["(a)(b+)", "xabby"]"#),
    ("regexall", r#"["[0-9]+", "a1b22"]"#),
    ("replace", r#"["a/b/c", "/", "-"]"#),
    ("replace", r#"["hello world", "o", ""]"#),
    ("replace", r#"["abc", "/[ab]/", "x"]"#),
    ("reverse", r#"[["a", "b", 3]]"#),
    ("setintersection", r#"[["a", "b", "c"], ["b", "c", "d"]]"#),
    ("setproduct", r#"[["a", "b"], ["x", "y"]]"#),
    ("setsubtract", r#"[["a", "b", "c"], ["b"]]"#),
    ("setunion", r#"[["b", "a"], ["c", "a"]]"#),
    ("sha256", r#"["x"]"#),
    ("slice", r#"[["a", "b", "c", "d"], 1, 3]"#),
    ("sort", r#"[["b", "a", "c"]]"#),
    ("split", r#"[",", "a,b,,c"]"#),
    ("split", r#"["/", "arn:aws:iam::1:role/x/y"]"#),
    ("split", r#"[":", "arn:aws:iam::1:role/x"]"#),
    ("startswith", r#"["hello world", "hello"]"#),
    ("startswith", r#"["hello", "hex"]"#),
    ("strcontains", r#"["hello world", "o w"]"#),
    ("strcontains", r#"["hello", "z"]"#),
    ("strrev", r#"["abc"]"#),
    ("substr", r#"["hello world", 2, 5]"#),
    ("substr", r#"["hello", -3, 2]"#),
    ("substr", r#"["hello", 1, -1]"#),
    ("sum", "[[1, 2, 3.5]]"),
    ("timeadd", r#"["2018-01-02T03:04:05Z", "1h"]"#),
    ("title", r#"["hello world"]"#),
    ("tobool", r#"["true"]"#),
    ("tolist", r#"[["a", 1, true]]"#),
    ("tolist", "[[1, 2]]"),
    ("tolist", r#"[[{"a": 1}, {"a": "x"}]]"#),
    ("tomap", r#"[{"a": 1, "b": "x"}]"#),
    ("tonumber", r#"["12.50"]"#),
    ("toset", r#"[["b", "a", "b", 1]]"#),
    ("toset", r#"[["arn:b", "arn:a", "arn"]]"#),
    ("toset", "[[3, 1, 2, 1]]"),
    ("tostring", "[1e3]"),
    ("transpose", r#"[{"a": ["x", "y"], "b": ["y"]}]"#),
    ("trim", r#"["xxhixx", "x"]"#),
    ("trimprefix", r#"["hello world", "hello"]"#),
    ("trimspace", r#"["  a b  "]"#),
    ("trimsuffix", r#"["hello.json", ".json"]"#),
    ("upper", r#"["Hello World"]"#),
    ("urlencode", r#"["a b&c"]"#),
    ("values", r#"[{"a": 1, "b": "x"}]"#),
    ("yamldecode", r#"["a: x\nb: [1, yes]\n"]"#),
    (
        "yamlencode",
        r#"[{"a": ["x", 1, {"b": "long text here", "c": null}], "d": "l1\nl2", "e": []}]"#,
    ),
    ("zipmap", r#"[["a", "b"], [1, "x"]]"#),
];

/// Where the randomness comes from: bytes that are used up one by one.
struct Dice<'a>(std::slice::Iter<'a, u8>);

impl Dice<'_> {
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(*self.0.next().unwrap_or(&0)) % sides
    }
}

/// What each hole really is, by origin.
type Truth = BTreeMap<String, Value>;

fn hole(value: &Value, shape: Shape, truth: &mut Truth) -> Hole {
    let origin = format!("hole.{}", truth.len());
    truth.insert(origin.clone(), value.clone());
    Hole { origin: origin.into(), shape }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| ":/*?$\"\\".contains(c) || c.is_whitespace())
}

/// The value with parts of it replaced.
fn punched(value: &Value, dice: &mut Dice<'_>, truth: &mut Truth) -> Value {
    if dice.roll(6) == 1 {
        return Value::Unknown(hole(value, Shape::Any, truth));
    }
    match value {
        Value::String(text) if dice.roll(2) == 1 => {
            let whole: Vec<char> = text.as_str().unwrap().chars().collect();
            let from = dice.roll(whole.len() + 1);
            let to = from + dice.roll(whole.len() - from + 1);
            let part = |range: &[char]| range.iter().collect::<String>();
            let middle = part(&whole[from..to]);
            let shape = match dice.roll(3) {
                0 if is_word(&middle) => Shape::Word,
                // Globs are for names and ARNs, which have no white space either.
                1 if !middle.contains(|c: char| "*?\"\\".contains(c) || c.is_whitespace()) => {
                    let start: String = middle.chars().take(1).collect();
                    Shape::Glob(format!("{start}*").into())
                }
                _ => Shape::Any,
            };
            let mut out = Text::literal(part(&whole[..from]));
            out.push(&Text::from(hole(&middle.as_str().into(), shape, truth)));
            out.push_str(&part(&whole[to..]));
            Value::String(out)
        }
        Value::List(items) => {
            Value::List(items.iter().map(|item| punched(item, dice, truth)).collect())
        }
        Value::Object(fields) => Value::Object(
            fields.iter().map(|(key, field)| (key.clone(), punched(field, dice, truth))).collect(),
        ),
        other => other.clone(),
    }
}

/// Whether a value known in part may turn out to be the other.
fn stands_for(partial: &Value, concrete: &Value, truth: &Truth) -> bool {
    match (partial, concrete) {
        (Value::Unknown(hole), _) => match (truth.get(&*hole.origin), &hole.shape) {
            (Some(known), _) => known == concrete || known.text() == concrete.text(),
            (None, Shape::Any) => true,
            (None, _) => {
                concrete.as_str().is_none_or(|text| fits(&Text::from(hole.clone()), text, truth))
            }
        },
        (Value::String(text), Value::String(known)) => fits(text, known.as_str().unwrap(), truth),
        (Value::Number(left), Value::Number(right)) => same(left, right),
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left.iter().zip(right).all(|(left, right)| stands_for(left, right, truth))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.keys().eq(right.keys())
                && left
                    .values()
                    .zip(right.values())
                    .all(|(left, right)| stands_for(left, right, truth))
        }
        (left, right) => left == right,
    }
}

fn fits(text: &Text, known: &str, truth: &Truth) -> bool {
    let mut pattern = String::from("(?s)^");
    for part in text.parts() {
        match part {
            Part::Literal(literal) => pattern.push_str(&regex::escape(literal)),
            Part::Hole(hole) => match (truth.get(&*hole.origin), &hole.shape) {
                (Some(value), _) => {
                    let text = value.text().map(|text| text.to_string());
                    let inside = |value: &Value| {
                        let json = to_json(value).to_string();
                        json.strip_prefix('"')
                            .and_then(|json| json.strip_suffix('"'))
                            .unwrap_or(&json)
                            .to_owned()
                    };
                    // As it is, as an encoder writes it, or as YAML that may go over lines.
                    let mut ways = vec![inside(value), to_json(value).to_string()];
                    ways.extend(text);
                    let ways: Vec<String> = ways.iter().map(|way| regex::escape(way)).collect();
                    // A collection in the place of a value begins a list, a map, or lines of either.
                    let lines = if matches!(value, Value::List(_) | Value::Object(_))
                        || ways.iter().any(|way| way.contains(r"\n"))
                    {
                        ".*"
                    } else {
                        "[ \n].*"
                    };
                    pattern.extend(["(?:", &ways.join("|"), "|", lines, ")"]);
                }
                (None, Shape::Any) => pattern.push_str(".*"),
                (None, Shape::Word) => pattern.push_str(r#"[^:/*?$"\\\s]+"#),
                (None, Shape::Glob(glob)) => {
                    let glob = regex::escape(glob);
                    pattern.push_str(&glob.replace(r"\*", r#"[^*?"\\]*"#).replace(r"\?", "."));
                }
            },
        }
    }
    pattern.push('$');
    Regex::new(&pattern).unwrap().is_match(known)
}

/// What a call gives: None for an error, an unknown value where it is not called at all.
fn apply(name: &str, arguments: &[Value]) -> Option<Value> {
    let known = !arguments.iter().any(Value::has_unknown);
    let traced: Vec<Traced> = arguments.iter().cloned().map(Traced::plain).collect();
    let result = match state(name).unwrap() {
        State::Known(function) if known => function(arguments),
        State::Partial(function) => function(arguments),
        State::Traced(function) => function(&traced).map(|traced| traced.value),
        _ => None,
    };
    if known { result } else { Some(result.unwrap_or_else(|| open(name, arguments))) }
}

/// Known arguments and the same with holes: an argument may come from another call of the function.
fn arguments(name: &str, dice: &mut Dice<'_>) -> Vec<Value> {
    let calls: Vec<Vec<Value>> = CALLS
        .iter()
        .filter(|(known, _)| *known == name)
        .map(|(_, json)| match jsondecode(&[(*json).into()]) {
            Some(Value::List(arguments)) => arguments,
            other => panic!("the table holds lists, not {other:?}"),
        })
        .collect();
    let chosen = &calls[dice.roll(calls.len())];
    let arguments = chosen.iter().enumerate().map(|(index, argument)| {
        let other = &calls[dice.roll(calls.len())];
        if dice.roll(4) == 1 { other.get(index).unwrap_or(argument) } else { argument }.clone()
    });
    arguments.collect()
}

fn check(name: &str, bytes: &[u8]) {
    let mut dice = Dice(bytes.iter());
    let concrete = arguments(name, &mut dice);
    let mut truth = Truth::new();
    let partial: Vec<Value> =
        concrete.iter().map(|argument| punched(argument, &mut dice, &mut truth)).collect();
    let Some(expected) = apply(name, &concrete) else { return };
    let found = apply(name, &partial).unwrap_or_else(|| {
        panic!("{name} refuses {partial:?}, which may be {concrete:?}");
    });
    assert!(
        stands_for(&found, &expected, &truth),
        "{name}({partial:?})\n gives {found:?}\n and not {expected:?}\n of {concrete:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6000, ..ProptestConfig::default() })]

    #[test]
    fn a_result_known_in_part_stands_for_the_true_one(
        call in 0..CALLS.len(),
        bytes in proptest::collection::vec(any::<u8>(), 0..96),
    ) {
        check(CALLS[call].0, &bytes);
    }
}

#[test]
fn every_function_that_computes_has_a_call() {
    for (name, state) in table::TABLE {
        if matches!(state, State::Partial(_) | State::Traced(_)) {
            let has = CALLS.iter().any(|(known, _)| known == name);
            assert!(has || matches!(*name, "sensitive" | "nonsensitive"), "{name}");
        }
    }
}
