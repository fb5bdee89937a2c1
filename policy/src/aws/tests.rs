//! The table of verdicts, and laws that hold for every policy.

use super::*;
use crate::catalogue::actions;

mod dsl;
mod fuzz;
mod holes;
mod laws;
mod managed;

use dsl::{documents, refs};

/// What `contains` says to two sides in the notation of the table.
fn decide(inner: &str, outer: &str) -> Decision {
    let (inner, outer) = (dsl::inner(inner), documents(outer));
    contains_within(&refs(&outer), &inner.composition())
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
        let (inner, outer, truth, answer, today) = match cells.as_slice() {
            [inner, outer, truth, answer] => (inner, outer, truth, answer, None),
            [inner, outer, truth, answer, today] => (inner, outer, truth, answer, Some(*today)),
            _ => panic!("{line}"),
        };
        let decision = decide(inner, outer);
        let name = decision.open.name();
        let (expected, witness) = answer.split_once(' ').unwrap_or((answer, ""));
        // The one thing that must never happen, whatever the table expects.
        let lies = *truth != "?" && name != "undecided" && name != *truth;
        let found = match &decision.open {
            Verdict::Outside(found) => found.action.as_str(),
            Verdict::Inside | Verdict::Undecided(_) => "",
        };
        let other = decision.catalogue.name() != today.unwrap_or(expected);
        if lies || name != expected || other || (!witness.is_empty() && witness != found) {
            wrong.push(format!("{line}\n    {decision:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {rows}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(rows, 225);
}

/// What is all of a service today is not all that it can become.
#[test]
fn every_action_of_today() {
    let named = |services: &mut dyn Iterator<Item = actions::Service>| -> String {
        let actions = services.flat_map(|service| service.actions());
        let names =
            actions.map(|action| format!("{}:{}", action.service().prefix(), action.name()));
        names.collect::<Vec<_>>().join(",")
    };
    let all = format!("A {}", named(&mut actions::services()));
    let s3 = format!("A {}", named(&mut actions::service("s3").into_iter()));
    for (inner, outer) in [("A *", &all), ("A s3:*", &s3), ("A s3:Get*", &s3)] {
        let decision = decide(inner, outer);
        assert_eq!(
            (decision.open.name(), decision.catalogue.name()),
            ("outside", "inside"),
            "{inner}"
        );
    }
    assert_eq!(decide("A *", &s3).catalogue.name(), "outside");
}
