//! The table of verdicts, and laws that hold for every policy.

use super::*;

mod dsl;
mod fuzz;
mod holes;
mod laws;
mod managed;

use dsl::{documents, refs};

/// What `contains` says to two sides in the notation of the table.
fn decide(inner: &str, outer: &str) -> Decision {
    let (inner, outer) = (documents(inner), documents(outer));
    contains(&refs(&outer), &refs(&inner))
}

#[test]
fn the_table() {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in include_str!("tests/table.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        rows += 1;
        let cells: Vec<&str> = line.split(" | ").collect();
        let [inner, outer, truth, answer] = cells.as_slice() else { panic!("{line}") };
        let decision = decide(inner, outer);
        let name = decision.open.name();
        let (expected, witness) = answer.split_once(' ').unwrap_or((answer, ""));
        // The one thing that must never happen, whatever the table expects.
        assert!(*truth == "?" || name == "undecided" || name == *truth, "{line}: {decision:?}");
        let found = match &decision.open {
            Verdict::Outside(found) => found.action.as_str(),
            Verdict::Inside | Verdict::Undecided(_) => "",
        };
        if name != expected || (!witness.is_empty() && witness != found) {
            wrong.push(format!("{line}\n    {decision:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {rows}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(rows, 170);
}
