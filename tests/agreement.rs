//! Directory, plan file and plan JSON of one configuration must be judged alike, whatever the configuration is made of.
//!
//! Each folder of `agreement/` is a configuration about one thing, planned by the real terraform with the real AWS provider.
//! Plans are kept in cargo's target folder and made anew only when the configuration or a program has changed.

mod compare;
mod planner;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tests::{Workbench, root, skip};

use compare::{Report, weaker};
use planner::{Planned, Planner};

/// As many plans at once as the machine that this is tested on has processors.
const WORKERS: usize = 2;

#[test]
fn every_configuration_is_judged_alike_in_every_form() {
    let Some(bench) = Workbench::or_skip() else { return };
    if env::var_os("NHI_TEST_PROVIDER_MIRROR").is_none() {
        return skip("NHI_TEST_PROVIDER_MIRROR names no mirror with the AWS provider");
    }
    let configurations = configurations();
    assert!(configurations.len() >= 30, "{configurations:?}");
    let planner = Planner::new(&bench);
    let next = AtomicUsize::new(0);
    let problems = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let mut worker = planner.worker();
                while let Some(folder) = configurations.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = match worker.plan(folder) {
                        Ok(made) => judge(&bench, folder, &made),
                        Err(error) => vec![error],
                    };
                    problems.lock().expect("no thread has panicked").extend(found);
                }
            });
        }
    });
    let mut problems = problems.into_inner().expect("no thread has panicked");
    problems.sort();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// The configurations, by name.
fn configurations() -> Vec<PathBuf> {
    let folder = root().join("tests/agreement");
    let only = env::var("NHI_TEST_AGREEMENT").ok();
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of configurations")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    if let Some(only) = only {
        skip(&format!("NHI_TEST_AGREEMENT: no configurations but `{only}`"));
        found.iter().position(|path| path.ends_with(&only)).map(|at| found.swap_remove(at));
    }
    found
}

/// What is wrong with the answers about one configuration.
fn judge(bench: &Workbench, folder: &Path, planned: &Planned) -> Vec<String> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let report = |arguments: &[&str]| Report::of(bench, planned, arguments);
    let directory = report(&["."]);
    let plan_file = report(&["tfplan", "--config-dir", "."]);
    let plan_json = report(&["plan.json"]);
    let mut problems = Vec::new();
    for (what, other) in [("plan file", &plan_file), ("plan JSON", &plan_json)] {
        let difference = directory.difference(other);
        if !difference.is_empty() {
            problems.push(format!("{name}: directory (-) against {what} (+)\n{difference}"));
        }
    }
    // Neither holds the files that functions read; plan JSON does not even hold the expressions.
    let plan_file_alone = report(&["../alone/tfplan"]);
    let plan_json_alone = report(&["../alone/plan.json"]);
    let alone = [("plan file", &plan_file_alone), ("plan JSON", &plan_json_alone)];
    let mut snapshot = directory.to_string();
    for (what, alone) in alone {
        for problem in weaker(&plan_json, alone) {
            problems.push(format!("{name}: {what} alone: {problem}"));
        }
        let difference = plan_json.difference_without_places(alone);
        if !difference.is_empty() {
            snapshot = format!("{snapshot}\n{what} without the folder:\n{difference}");
        }
    }
    let file = folder.join("findings.txt");
    if fs::read_to_string(&file).ok().as_ref() != Some(&snapshot) {
        fs::write(&file, &snapshot).expect("the snapshot can be written");
        problems.push(format!("{name}: findings.txt was stale and is written anew: look at it"));
    }
    problems
}
