//! `nhi-lint template test`: the tests that templates carry.

use std::path::PathBuf;

use policy::template::TemplateError;
use policy::template::case::{self, Case, Outcome};
use serde::Serialize;

use crate::cli::args::{AnswerFormat, TestArgs};
use crate::cli::{CLEAN, CommandError, FAILED, FOUND, World, settings};
use crate::source;

/// How tests end in file names.
const SUFFIX: &str = ".nhitest.hcl";

/// One test as JSON; its shape is a contract.
#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    template: &'a str,
    file: &'a str,
    line: usize,
    result: &'static str,
    reason: Option<&'a str>,
}

/// Runs the command: 1 if a test fails, 2 if one has no answer.
pub(super) fn run(args: &TestArgs, world: &mut World<'_>) -> Result<u8, CommandError> {
    let paths: Vec<PathBuf> = args.paths.iter().map(|path| world.folder.join(path)).collect();
    let tests = settings::files(&paths, world.folder, &[SUFFIX])?;
    if tests.is_empty() {
        let named = args.paths.iter().map(|path| format!("`{}`", path.display()));
        return Err(CommandError::with_help(
            format!("no tests in {}", named.collect::<Vec<_>>().join(", ")),
            format!("tests are `test` blocks in files that end in `{SUFFIX}`"),
        ));
    }
    let mut paths: Vec<PathBuf> = paths
        .into_iter()
        .filter(|path| path.is_dir() || !path.to_string_lossy().ends_with(SUFFIX))
        .collect();
    paths.extend(args.templates.iter().map(|path| world.folder.join(path)));
    let library = settings::library(&paths, world.folder, world.terminal)?;
    let mut cases = Vec::new();
    let mut errors: Vec<TemplateError> = Vec::new();
    for (name, text) in &tests {
        let (found, mistakes) = case::parse(name, text);
        cases.extend(found);
        errors.extend(mistakes);
    }
    if !errors.is_empty() {
        return Err(settings::rendered(&errors, world.terminal));
    }
    let outcomes: Vec<(Case, Outcome)> = cases
        .into_iter()
        .map(|case| {
            let outcome = case.run(&library);
            (case, outcome)
        })
        .collect();
    match args.format {
        AnswerFormat::Json => json(&outcomes, world)?,
        AnswerFormat::Text => text(&outcomes, world)?,
    }
    let any = |is: fn(&Outcome) -> bool| outcomes.iter().any(|(_, outcome)| is(outcome));
    Ok(if any(|outcome| matches!(outcome, Outcome::Broken(_))) {
        FAILED
    } else if any(|outcome| matches!(outcome, Outcome::Failed(_))) {
        FOUND
    } else {
        CLEAN
    })
}

fn words(outcome: &Outcome) -> (&'static str, Option<&str>) {
    match outcome {
        Outcome::Passed => ("passed", None),
        Outcome::Failed(reason) => ("failed", Some(reason)),
        Outcome::Broken(reason) => ("broken", Some(reason)),
    }
}

fn line(case: &Case) -> usize {
    source::position(case.place.file.inner(), case.place.span.offset()).line
}

fn json(outcomes: &[(Case, Outcome)], world: &mut World<'_>) -> Result<(), CommandError> {
    let lines: Vec<Entry<'_>> = outcomes
        .iter()
        .map(|(case, outcome)| {
            let (result, reason) = words(outcome);
            Entry {
                name: &case.name,
                template: &case.template,
                file: case.place.file.name(),
                line: line(case),
                result,
                reason,
            }
        })
        .collect();
    let count = |wanted: &str| lines.iter().filter(|line| line.result == wanted).count();
    let summary = serde_json::json!({
        "passed": count("passed"), "failed": count("failed"), "broken": count("broken"),
    });
    let out = serde_json::json!({ "version": 1, "summary": summary, "tests": lines });
    writeln!(world.output, "{out}")?;
    Ok(())
}

fn text(outcomes: &[(Case, Outcome)], world: &mut World<'_>) -> Result<(), CommandError> {
    for (case, outcome) in outcomes {
        let (result, reason) = words(outcome);
        match reason {
            None => writeln!(world.output, "{result} {}", case.name)?,
            Some(reason) => {
                writeln!(world.output, "{result} {}", case.name)?;
                let place = format!("{}:{}", case.place.file.name(), line(case));
                writeln!(world.output, "       {place}: {reason}")?;
            }
        }
    }
    let passed = outcomes.iter().filter(|(_, it)| matches!(it, Outcome::Passed)).count();
    writeln!(world.errors, "{passed} of {} tests passed", outcomes.len())?;
    Ok(())
}
