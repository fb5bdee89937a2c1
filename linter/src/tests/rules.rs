//! The rules about rules: every file is in the table, every page is complete, true and fresh.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use policy::governance::Keys;
use policy::template::Library;

use crate::identity::Graph;
use crate::input::{self, Memory, Options};
use crate::lint::{Selected, lint};
use crate::report::{Counts, Format, Report};
use crate::rule::{Context, Known, Rule};
use crate::rules::{self, RULES};

use super::{PLAIN, now};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What one rule alone finds in some files, as a person sees it. `*.nhi.hcl` are templates, everything else is
/// configuration.
pub(crate) fn report(rule: &'static Rule, files: &[(String, String)]) -> String {
    let (templates, configuration): (Vec<_>, Vec<_>) =
        files.iter().cloned().partition(|(name, _)| name.ends_with(".nhi.hcl"));
    let (library, errors) = Library::parse(&templates);
    assert!(errors.is_empty(), "{}: {errors:?}", rule.code);
    let known = Known { library: library.into(), ..Known::default() };
    let disk: BTreeMap<PathBuf, Vec<u8>> = configuration
        .into_iter()
        .map(|(name, text)| (Path::new("demo").join(name), text.into_bytes()))
        .collect();
    let mut stdin = || Ok(Vec::new());
    let plan = disk.contains_key(Path::new("demo/plan.json"));
    let path = if plan { "demo/plan.json" } else { "demo" };
    let models = input::read(&[path.into()], &mut stdin, &Options::default(), &Memory(disk));
    let mut out = String::new();
    for model in &models {
        assert!(model.problems.is_empty(), "{}: {:?}", rule.code, model.problems);
        let graph = Graph::new(model, &Keys::default());
        let context = Context::new(model, &graph, &known, now(), "");
        let selected = vec![Selected { rule, severity: rule.severity }];
        let findings = lint(&selected, &context);
        let report = Report {
            findings,
            rules: selected,
            now: now(),
            counts: Counts::default(),
            problems: Vec::new(),
        };
        out.push_str(&report.render(Format::Pretty, PLAIN));
    }
    out
}

/// One file of configuration.
pub(crate) fn report_one(rule: &'static Rule, text: &str) -> String {
    report(rule, &[("main.tf".to_owned(), text.to_owned())])
}

/// The example files under a heading of a rule's page.
pub(crate) fn example(rule: &Rule, heading: &str) -> Vec<(String, String)> {
    let section = rules::section(rule, heading);
    let mut files = Vec::new();
    for fence in section.split("```").skip(1).step_by(2) {
        let (heading, text) = fence.split_once('\n').unwrap();
        if let Some(("hcl" | "json", name)) = heading.split_once(' ') {
            files.push((name.trim().to_owned(), text.to_owned()));
        }
    }
    files
}

/// The page of a rule, as it is published.
fn page(rule: &Rule) -> String {
    let references: Vec<String> = rule.references.iter().map(|id| format!("`{id}`")).collect();
    format!(
        "<!-- Generated from linter/src/rules/{}.rs by a test; edit that file. -->\n\n# {} {}\n\nSeverity: {}. Refuses {}.\n\n{}\n\n## References\n\nThe rule evidences {}.\n",
        rule.name.replace('-', "_"),
        rule.code,
        rule.name,
        rule.severity.name(),
        rule.refuses,
        rule.docs.trim(),
        references.join(", "),
    )
}

#[test]
fn every_file_is_in_the_table() {
    let mut files: Vec<String> = fs::read_dir(folder().join("src/rules"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".rs").map(|name| name.replace('_', "-")))
        .collect();
    files.sort();
    let mut names: Vec<String> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
    names.sort();
    assert_eq!(files, names);
}

#[test]
fn pages_have_their_sections_in_order() {
    for rule in RULES {
        let headings: Vec<&str> =
            rule.docs.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, ["Why", "Fails", "Passes", "How to fix"], "{}", rule.code);
        assert!(!rule.references.is_empty(), "{} evidences nothing", rule.code);
    }
}

#[test]
fn documentation_examples_do_what_they_say() {
    for rule in RULES {
        let fails = report(rule, &example(rule, "Fails"));
        assert!(fails.contains(rule.code), "{}: the failing example passes", rule.code);
        let passes = report(rule, &example(rule, "Passes"));
        assert_eq!(passes, "", "{}: the passing example fails", rule.code);
    }
}

#[test]
fn codes_unique() {
    let codes: Vec<String> =
        RULES.iter().map(|rule| format!("{} {}", rule.code, rule.name)).collect();
    insta::assert_snapshot!(codes.join("\n"), @r"
    OWN001 ungoverned-identity
    OWN002 missing-owner
    OWN003 unknown-owner
    PUR001 missing-purpose
    PUR002 placeholder-purpose
    EXP001 missing-expiry
    EXP002 expired
    EXP003 expiry-too-far
    EXP004 extended-without-review
    TPL001 outside-template
    TPL002 undeclared-template
    TPL003 unusable-template
    TPL004 invalid-parameter
    TPL005 undecided-grant
    PRV001 admin-grant
    CRE001 long-lived-credential
    REU001 shared-identity
    OFF002 orphaned-identity
    OFF004 change-without-rotation
    OFF005 governance-weakened
    CAT001 uncatalogued-identity
    ");
    let mut unique = codes.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), RULES.len());
}

#[test]
fn rules_page_is_fresh() {
    let mut stale = Vec::new();
    let mut hold = |path: PathBuf, text: String| {
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        stale.push(path.display().to_string());
    };
    hold(folder().join("RULES.md"), rules::overview());
    for rule in RULES {
        hold(folder().join(format!("../docs/rules/{}.md", rule.code)), page(rule));
    }
    assert!(
        stale.is_empty(),
        "these were stale and have been written anew; commit them: {stale:?}"
    );
}
