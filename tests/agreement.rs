//! Directory, plan file and plan JSON of one configuration must be judged alike, whatever the configuration is made of.
//!
//! Each folder of `agreement/` is a configuration about one thing, planned by the real terraform with the real AWS provider.
//! Plans are kept in cargo's target folder and made anew only when the configuration or a program has changed.

mod compare;
mod discovered;
mod planner;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tests::{Workbench, root, skip};

use compare::{Report, passed, weaker};
use discovered::Discovered;
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
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of configurations")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    assert!(found.len() >= 30, "{found:?}");
    if let Ok(only) = env::var("NHI_TEST_AGREEMENT") {
        skip(&format!("NHI_TEST_AGREEMENT: no configurations but `{only}`"));
        found.retain(|path| only.split(',').any(|name| path.ends_with(name)));
    }
    found
}

/// What is wrong with the answers about one configuration.
fn judge(bench: &Workbench, folder: &Path, planned: &Planned) -> Vec<String> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let report = |arguments: &[&str]| Report::of(bench, planned, arguments);
    let plan_json = report(&["plan.json"]);
    let plan_file = report(&["tfplan", "--config-dir", "."]);
    let mut problems = discoveries(bench, planned);
    let mut compare = |what: &str, difference: String| {
        if !difference.is_empty() {
            problems.push(format!("{what}\n{difference}"));
        }
    };
    compare("plan JSON (-) against plan file (+)", plan_json.difference(&plan_file));
    if planned.has_rendered() {
        // Only a provider that runs renders the documents of AWS.
        compare("directory", weaker(&plan_json, &report(&["."])).join("\n"));
    } else if !planned.destroys() {
        let directory = report(&["."]);
        compare("directory (-) against plan JSON (+)", directory.difference_to_plan(&plan_json));
    }
    let whole = plan_json;
    let mut snapshot = whole.to_string();
    // Neither holds the files that functions read; plan JSON does not even hold the expressions.
    for (what, file) in [("plan file", "../alone/tfplan"), ("plan JSON", "../alone/plan.json")] {
        let alone = report(&[file]);
        compare(&format!("{what} alone"), weaker(&whole, &alone).join("\n"));
        let difference = whole.difference_without_places(&alone);
        if !difference.is_empty() {
            snapshot = format!("{snapshot}\n{what} without the folder:\n{difference}");
        }
    }
    let changes = report(&["../alone/changes.json"]);
    compare("changes alone", passed(&whole, &changes).join("\n"));
    let values = report(&["../alone/values.json"]);
    if values.is_clean() && !whole.is_clean() {
        compare("values alone", "clean, and nothing says that the changes are missing".to_owned());
    }
    let file = folder.join("findings.txt");
    if fs::read_to_string(&file).ok().as_ref() != Some(&snapshot) {
        fs::write(&file, &snapshot).expect("the snapshot can be written");
        problems.push("findings.txt was stale and is written anew: look at it".to_owned());
    }
    problems.into_iter().map(|problem| format!("{name}: {problem}")).collect()
}

/// What the forms of one configuration do not agree about when they are asked for the identities.
fn discoveries(bench: &Workbench, planned: &Planned) -> Vec<String> {
    let of = |arguments: &[&str]| Discovered::of(bench, planned, arguments);
    let plan_json = of(&["plan.json"]);
    let mut problems = Vec::new();
    let mut compare = |what: &str, difference: String| {
        if !difference.is_empty() {
            problems.push(format!("discover, {what}\n{difference}"));
        }
    };
    let plan_file = of(&["tfplan", "--config-dir", "."]);
    compare("plan JSON (-) against plan file (+)", plan_json.difference(&plan_file));
    let directory = of(&["."]);
    if planned.has_rendered() {
        compare("identities that the directory has not", plan_json.lost(&directory).join("\n"));
    } else if !planned.destroys() {
        let difference = directory.difference_to_plan(&plan_json);
        compare("directory (-) against plan JSON (+)", difference);
    }
    for file in ["changes.json", "values.json"] {
        let mut lost = plan_json.lost(&of(&[&format!("../alone/{file}")]));
        // What a program makes is in the configuration only.
        lost.retain(|address| !address.contains('/') && !address.contains("terraform_data."));
        compare(&format!("identities that {file} has not"), lost.join("\n"));
    }
    problems
}
