//! What `discover` says of one configuration in several forms, side by side.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::{Run, Workbench};

use super::compare::linter;
use super::planner::Planned;

/// What only a plan can know: what there was before, and what becomes of it.
const OF_PLANS: [&str; 3] = ["action", "before", "previous"];

/// All that one input said, a line for each word of it: where it stands, by addresses and not by numbers, and what it says.
pub(super) struct Discovered {
    lines: BTreeSet<String>,
    identities: BTreeSet<String>,
}

impl Discovered {
    /// Asks about one input of a planned configuration.
    pub(super) fn of(bench: &Workbench, planned: &Planned, input: &[&str]) -> Self {
        let mut command = linter(bench, planned, "discover");
        command.args(input).args(["--format", "json"]);
        let run = Run::from(command.output().expect("nhi-lint runs"));
        let place = planned.folder.display();
        let said: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{place}: {input:?}: {error}\n{}", run.text()));
        let identities = said["identities"].as_array().expect("identities").iter();
        let mut lines = BTreeSet::new();
        flat(&said, String::new(), &mut lines);
        Self { lines, identities: identities.map(|it| it["address"].to_string()).collect() }
    }

    /// What the two do not share: `-` before lines of this one, `+` before lines of the other.
    pub(super) fn difference(&self, other: &Self) -> String {
        lines_apart(&self.lines, &other.lines)
    }

    /// The same with no regard to what only a plan knows.
    pub(super) fn difference_to_plan(&self, plan: &Self) -> String {
        let mine: BTreeSet<String> =
            self.lines.iter().filter(|line| of_configuration(line)).cloned().collect();
        let theirs = plan.lines.iter().filter(|line| of_configuration(line)).cloned().collect();
        lines_apart(&mine, &theirs)
    }

    /// The identities of this one that the other one does not have.
    pub(super) fn lost(&self, other: &Self) -> Vec<String> {
        self.identities.difference(&other.identities).cloned().collect()
    }
}

fn of_configuration(line: &str) -> bool {
    let key = line.split_once('=').map_or("", |(path, _)| path).rsplit('.').next();
    !key.is_some_and(|key| OF_PLANS.contains(&key))
}

fn flat(value: &Value, path: String, lines: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            // The name of the input is what differs.
            for (key, value) in fields.iter().filter(|(key, _)| *key != "input") {
                flat(value, format!("{path}.{key}"), lines);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                let (address, place) = (item["address"].as_str(), item["path"].as_str());
                let key = address.map_or_else(
                    || number.to_string(),
                    |address| [address, place.unwrap_or_default()].join(" "),
                );
                flat(item, format!("{path}[{key}]"), lines);
            }
        }
        word @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            lines.insert(format!("{path}={word}"));
        }
    }
}

fn lines_apart(mine: &BTreeSet<String>, theirs: &BTreeSet<String>) -> String {
    let mut out = String::new();
    for (sign, line) in mine
        .difference(theirs)
        .map(|line| ("- ", line))
        .chain(theirs.difference(mine).map(|line| ("+ ", line)))
    {
        out.extend([sign, line, "\n"]);
    }
    out
}
