//! Findings of one configuration in several forms, side by side.

use std::collections::BTreeSet;
use std::fmt;
use std::process::Command;

use serde_json::Value;
use tests::{Run, Workbench};

use super::planner::{Planned, without_foreign};

/// What one input said.
pub(super) struct Report {
    identities: u64,
    problems: String,
    findings: Vec<Finding>,
}

/// All of a finding that a user sees.
struct Finding {
    code: String,
    address: String,
    path: String,
    place: String,
    template: String,
    message: String,
}

/// `nhi-lint` in the folder of a planned configuration, with the templates of all and those of its own.
pub(super) fn linter(bench: &Workbench, planned: &Planned, command: &str) -> Command {
    let mut linter = bench.linter();
    without_foreign(&mut linter);
    linter
        .current_dir(&planned.folder)
        .envs(planned.environment.iter().cloned())
        .args([command, "--templates"])
        .arg(tests::root().join("tests/agreement/templates.nhi.hcl"));
    if planned.folder.join("templates").is_dir() {
        linter.args(["--templates", "templates"]);
    }
    linter
}

impl Report {
    /// Lints one input of a planned configuration.
    pub(super) fn of(bench: &Workbench, planned: &Planned, input: &[&str]) -> Self {
        let mut command = linter(bench, planned, "check");
        command.args(input).args(["--format", "json", "--now", "2026-11-21T12:00:00Z"]);
        let run = Run::from(command.output().expect("nhi-lint runs"));
        let place = planned.folder.display();
        let report: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{place}: {input:?}: {error}\n{}", run.text()));
        let findings = report["findings"].as_array().expect("findings").iter();
        Self {
            identities: report["summary"]["identities"].as_u64().expect("a number"),
            problems: if run.code == Some(2) { run.stderr } else { String::new() },
            findings: findings.map(Finding::new).collect(),
        }
    }

    /// What the two do not share: `-` before lines of this one, `+` before lines of the other.
    pub(super) fn difference(&self, other: &Self) -> String {
        let (mine, theirs) = (self.lines(Finding::line), other.lines(Finding::line));
        let difference = lines_apart(&mine, &theirs);
        if difference.is_empty() && mine != theirs {
            return "the same lines in another order or number\n".to_owned();
        }
        difference
    }

    /// The same with no regard to what is found in changes only.
    pub(super) fn difference_to_plan(&self, plan: &Self) -> String {
        let kept = |report: &Self| {
            let of_changes = report.findings.iter().filter(|it| it.is_of_changes());
            let of_changes: Vec<String> = of_changes.map(Finding::line).collect();
            let mut lines = report.lines(Finding::line);
            lines.retain(|line| !of_changes.contains(line));
            lines
        };
        lines_apart(&kept(self), &kept(plan))
    }

    /// The same with no regard to where a finding stands, for an input that has no places.
    pub(super) fn difference_without_places(&self, other: &Self) -> String {
        lines_apart(
            &self.lines(Finding::line_without_place),
            &other.lines(Finding::line_without_place),
        )
    }

    fn lines(&self, line: fn(&Finding) -> String) -> Vec<String> {
        let mut lines = vec![format!("identities: {}", self.identities)];
        lines.extend(self.problems.lines().map(str::to_owned));
        lines.extend(self.findings.iter().map(line));
        lines
    }

    /// Whether everything was judged, and nothing found.
    pub(super) fn is_clean(&self) -> bool {
        self.problems.is_empty() && self.findings.is_empty()
    }

    /// Whether part of the input could not be judged, which is said.
    pub(super) fn is_incomplete(&self) -> bool {
        !self.problems.is_empty()
    }

    fn has(&self, code: &str, address: &str) -> bool {
        self.findings.iter().any(|it| it.code == code && it.address == address)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines(Finding::line).iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl Finding {
    fn new(finding: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        Self {
            code: text(&finding["code"]),
            address: text(&finding["address"]),
            path: text(&finding["path"]),
            place: format!("{}:{}", text(&finding["span"]["file"]), finding["span"]["line"]),
            template: text(&finding["template"]),
            message: text(&finding["message"]),
        }
    }

    /// Whether it says that something is not known, and not that something is wrong.
    fn is_undecided(&self) -> bool {
        self.code == "TPL005" || self.message.contains("is not known before apply")
    }

    /// Whether it is about what was there before, which no folder knows.
    fn is_of_changes(&self) -> bool {
        self.code.starts_with("OFF") || self.code == "EXP004"
    }

    fn line(&self) -> String {
        let Self { code, address, path, place, template, message } = self;
        format!("{place} {code} {address} {path} [{template}] {message}")
    }

    fn line_without_place(&self) -> String {
        let Self { code, address, path, template, message, .. } = self;
        format!("{code} {address} {path} [{template}] {message}")
    }
}

fn lines_apart(mine: &[String], theirs: &[String]) -> String {
    let only_mine = mine.iter().filter(|line| !theirs.contains(line));
    let only_theirs = theirs.iter().filter(|line| !mine.contains(line));
    let mine = only_mine.map(|line| ["- ", line, "\n"].concat());
    let theirs = only_theirs.map(|line| ["+ ", line, "\n"].concat());
    mine.chain(theirs).collect()
}

/// In which ways an input says less without its folder than it may. It may leave undecided what the whole decides, and say so
/// at another grant of the identity; it may not lose an identity, nor pass what the whole refuses. What it says else is
/// in the snapshot. An input that says that it does not know the programs need not know what they make.
pub(super) fn passed(whole: &Report, alone: &Report) -> Vec<String> {
    let mut problems = BTreeSet::new();
    let open = |it: &&Finding| it.is_undecided() && !whole.has(&it.code, &it.address);
    let undecided = alone.findings.iter().filter(open).count();
    // An identity that hides in an unknown text is one undecided finding.
    let hidden = whole.identities.saturating_sub(alone.identities);
    if !alone.is_incomplete() && usize::try_from(hidden).is_ok_and(|hidden| hidden > undecided) {
        problems.insert(format!("{} of {} identities", alone.identities, whole.identities));
    }
    for finding in &whole.findings {
        let Finding { code, address, .. } = finding;
        let is_of_program = finding.path.starts_with("provisioner");
        let is_decided = code.starts_with("TPL") || is_of_program;
        let is_excused = is_decided && undecided > 0 || is_of_program && alone.is_incomplete();
        let is_open = finding.is_undecided()
            && alone.findings.iter().any(|it| it.is_undecided() && it.address == *address);
        if !alone.has(code, address) && !is_excused && !is_open {
            problems.insert(format!("nothing of {code} at {address}"));
        }
    }
    problems.into_iter().collect()
}

/// The same, and what it refuses that the whole passes.
pub(super) fn weaker(whole: &Report, alone: &Report) -> Vec<String> {
    let mut problems: BTreeSet<String> = passed(whole, alone).into_iter().collect();
    for finding in &alone.findings {
        let Finding { code, address, .. } = finding;
        if !finding.is_undecided() && !whole.has(code, address) {
            problems.insert(format!("{code} at {address}, which is not there"));
        }
    }
    problems.into_iter().collect()
}
