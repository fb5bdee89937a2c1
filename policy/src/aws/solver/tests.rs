//! The solver by operator, and against brute force.

use std::collections::BTreeSet;

use super::*;
use crate::aws::condition::{Condition, Entry};

mod laws;
mod operators;

mod unknowns;

const STEPS: u64 = 1_000_000;

/// Reads `StringEquals k=a|b and Null t=true`. `~` in a value is a hole of any string.
fn conditions(text: &str) -> Vec<Condition> {
    text.split(" and ").filter(|text| !text.is_empty()).map(condition).collect()
}

fn condition(text: &str) -> Condition {
    if let Some(name) = text.strip_prefix("Resolves ") {
        return Condition::Resolves(name.to_owned());
    }
    if text == "Unclear" {
        return Condition::Unclear(crate::verdict::Why::construct("test"));
    }
    let (operator, rest) = text.split_once(' ').unwrap();
    let (key, values) = rest.split_once('=').unwrap();
    let values: BTreeSet<Text> = values.split('|').map(with_holes).collect();
    let dollar = values.iter().any(|value| value.to_string().contains(['$', '<']));
    Condition::Entry(Entry {
        operator: operator.to_owned(),
        key: with_holes(&key.to_ascii_lowercase()),
        values,
        variables: dollar.then_some(true),
    })
}

fn with_holes(text: &str) -> Text {
    let mut out = Text::new();
    for (index, part) in text.split('~').enumerate() {
        if index > 0 {
            out.push(&Text::hole("var.x", crate::text::Shape::Any));
        }
        out.push_str(part);
    }
    out
}

/// `yes`: the first block implies that one of the others (separated by `;`) holds. `no` with a context in which it does
/// not for certain. `maybe`: neither.
fn implies(facts: Facts, inner: &str, outer: &str) -> String {
    let inner = conditions(inner);
    let outer: Vec<Vec<Condition>> =
        outer.split(" ; ").filter(|text| *text != "none").map(conditions).collect();
    let mut solver = Solver::new(facts);
    let mut formula = vec![Formula::Holds(solver.block(&inner))];
    formula.extend(outer.iter().map(|block| Formula::Fails(solver.block(block))));
    let formula = Formula::All(formula);
    let mut budget = Budget::new(STEPS);
    let possible = solver.solve(&formula, Mode::Possible, &mut budget).unwrap();
    match (possible, solver.solve(&formula, Mode::Certain, &mut budget).unwrap()) {
        (None, None) => "yes".to_owned(),
        (None, Some(context)) => format!("contradiction: {context:?}"),
        (Some(_), None) => "maybe".to_owned(),
        (Some(_), Some(context)) => {
            let keys: Vec<String> =
                context.iter().map(|(key, values)| format!("{key}={}", values.join("|"))).collect();
            format!("no: {}", keys.join(", "))
        }
    }
}
