//! What is said of unknown values holds whatever they become.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::model;
use crate::value::Value;
use policy::text::{Part, Text};

/// Known values of several types, by name.
const LEAVES: [&str; 8] = [
    "\"a\"",
    "\"\"",
    "\"true\"",
    "2",
    "true",
    "false",
    "[\"a\", \"b\", \"a\"]",
    "{ a = \"x\", b = 2 }",
];

/// Whether a partly unknown value may turn out to be that one.
fn stands_for(partial: &Value, full: &Value) -> bool {
    match (partial, full) {
        (Value::Unknown(_), _) => true,
        (Value::String(partial), full) if partial.has_holes() => {
            // A string of one hole may be of a type that is converted later.
            partial.parts().len() == 1
                || full.text().and_then(|text| text.as_str().map(|text| fits(partial, text)))
                    == Some(true)
        }
        (Value::List(partial), Value::List(full)) => {
            partial.len() == full.len()
                && partial.iter().zip(full).all(|(partial, full)| stands_for(partial, full))
        }
        (Value::Object(partial), Value::Object(full)) => {
            partial.keys().eq(full.keys())
                && partial.values().zip(full.values()).all(|(left, right)| stands_for(left, right))
        }
        (partial, full) => partial == full,
    }
}

fn fits(partial: &Text, full: &str) -> bool {
    let mut pattern = String::from("(?s)^");
    for part in partial.parts() {
        match part {
            Part::Literal(literal) => pattern.push_str(&regex::escape(literal)),
            Part::Hole(_) => pattern.push_str(".*"),
        }
    }
    pattern.push('$');
    regex::Regex::new(&pattern).unwrap().is_match(full)
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = (0..LEAVES.len()).prop_map(|index| format!("local.x{index}"));
    leaf.prop_recursive(4, 24, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        let three = (inner.clone(), inner.clone(), inner.clone());
        prop_oneof![
            three.clone().prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            (pair.clone(), prop::sample::select(vec!["==", "!=", "&&", "||", "+", "<", "*"]))
                .prop_map(|((a, b), operator)| format!("({a} {operator} {b})")),
            inner.clone().prop_map(|a| format!("!({a})")),
            inner.clone().prop_map(|a| format!("\"<${{{a}}}>\"")),
            pair.clone()
                .prop_map(|(a, b)| format!("\"%{{ if {a} }}${{{b}}}%{{ else }}no%{{ endif }}\"")),
            pair.clone().prop_map(|(a, b)| format!("[{a}, {b}]")),
            pair.clone().prop_map(|(a, b)| format!("{{ a = {a}, b = {b} }}")),
            pair.clone().prop_map(|(a, b)| format!("({a})[{b}]")),
            inner.clone().prop_map(|a| format!("({a}).a")),
            inner.clone().prop_map(|a| format!("({a})[*]")),
            inner.clone().prop_map(|a| format!("({a})[0]")),
            three.clone().prop_map(|(a, b, c)| format!("[for v in {a} : [v, {b}] if {c}]")),
            pair.clone().prop_map(|(a, b)| format!("{{ for k, v in {a} : \"${{k}}\" => {b} }}")),
            pair.clone().prop_map(|(a, b)| format!("{{ for k, v in {a} : \"${{v}}\" => {b}... }}")),
            inner.clone().prop_map(|a| format!("toset({a})")),
            inner.clone().prop_map(|a| format!("tolist({a})")),
            inner.clone().prop_map(|a| format!("tostring({a})")),
            pair.prop_map(|(a, b)| format!("try({a}, {b})")),
            inner.prop_map(|a| format!("can({a})")),
        ]
    })
}

/// The values of expressions, with these leaves unknown.
fn evaluate(expressions: &[String], open: &[bool]) -> Vec<Value> {
    let mut text = String::from("locals {\n");
    for (index, leaf) in LEAVES.iter().enumerate() {
        let value = if open[index] { format!("var.u{index}") } else { (*leaf).to_owned() };
        writeln!(text, "  x{index} = {value}").unwrap();
    }
    text.push_str("}\n");
    for index in 0..LEAVES.len() {
        writeln!(text, "variable \"u{index}\" {{}}").unwrap();
    }
    text.push_str("resource \"x\" \"y\" {\n");
    for (index, expression) in expressions.iter().enumerate() {
        writeln!(text, "  v{index} = {expression}").unwrap();
    }
    text.push_str("}\n");
    let model = model(&[("main.tf", &text)]);
    let after = &model.resources[0].after;
    (0..expressions.len()).map(|index| after.get(&format!("v{index}")).clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_partial_value_stands_for_the_full_one(
        expressions in prop::collection::vec(expression(), 12),
        open in prop::collection::vec(any::<bool>(), LEAVES.len()),
    ) {
        let full = evaluate(&expressions, &[false; LEAVES.len()]);
        let partial = evaluate(&expressions, &open);
        for ((expression, full), partial) in expressions.iter().zip(&full).zip(&partial) {
            // What Terraform refuses stands for nothing. `true || x` and `x ? y : y` are refused once `x` is no bool, which
            // only these can tell.
            let tells = ["can(", "try("].iter().any(|name| expression.contains(name));
            let settles = ["&&", "||", " ? "].iter().any(|operator| expression.contains(operator));
            let refusable = tells && settles;
            if !refusable && !full.has_unknown() {
                prop_assert!(stands_for(partial, full), "{expression}\n{open:?}\n{partial:?}\n{full:?}");
            }
        }
    }
}
