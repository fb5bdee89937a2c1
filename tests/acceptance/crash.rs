//! What survives when processes die or run at the same time.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{apply, ok, project, settled};
use tests::{Project, Workbench};

const MANY: u32 = 300;

/// Many identities, so that there is a middle to be killed in.
fn many(prefix: &str) -> String {
    format!(
        r#"
resource "nhi_service_account" "many" {{
  count       = {MANY}
  name        = "{prefix}-${{count.index}}"
  owner       = nhi_owner.payments.name
  purpose     = "Nightly export of invoices to the ledger bucket"
  expiry      = "90d"
  template    = "s3-object-reader@1.2.0"
  service     = "billing"
  environment = "prod"
  parameters  = {{ bucket = "payments-ledger" }}
}}
"#
    )
}

fn inventory(project: &Project<'_>) -> PathBuf {
    project.folder.join(".nhi/inventory.db")
}

/// Names of the live identities in an inventory, each as often as it is there.
fn names(database: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(database).expect("the inventory");
    let mut statement =
        connection.prepare("SELECT name FROM identities ORDER BY name").expect("the table");
    let rows = statement.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("names")
}

/// Process ids of the providers that a terraform started.
#[cfg(target_os = "linux")]
fn providers_of(terraform: u32) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|process| {
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            let mut after_name = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
            after_name.nth(1).and_then(|parent| parent.parse().ok()) == Some(terraform)
        })
        .collect()
}

#[cfg(target_os = "linux")]
fn kill(process: u32) {
    // That the process has ended by itself in between is no failure: then there is nothing to kill.
    let done = Command::new("kill").args(["-KILL", &process.to_string()]).output();
    assert!(done.is_ok(), "kill cannot be run");
}

/// A project whose terraform has made the first of many identities and goes on.
#[cfg(target_os = "linux")]
fn in_mid_apply<'a>(bench: &'a Workbench, name: &str) -> (Project<'a>, Child) {
    let project = project(bench, name, "");
    apply(&project);
    super::configure(&project, &many(name));
    let running = project
        .command(&["apply", "-auto-approve", "-input=false", "-no-color"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("terraform starts");
    let database = inventory(&project);
    until("the first identities", || names(&database).len() > 20);
    (project, running)
}

/// Waits until a condition holds; a bound, not a delay.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_mins(1), "waited in vain for {what}");
        thread::yield_now();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_provider_killed_in_mid_apply_loses_and_duplicates_nothing() {
    let Some(bench) = Workbench::or_skip() else { return };
    let (project, mut running) = in_mid_apply(&bench, "killed");
    let database = inventory(&project);
    for process in providers_of(running.id()) {
        kill(process);
    }
    assert!(!running.wait().expect("terraform ends").success());

    let committed = names(&database);
    assert!(committed.len() < MANY as usize, "it was killed too late: {}", committed.len());
    let unique: BTreeSet<_> = committed.iter().collect();
    assert_eq!(unique.len(), committed.len());

    // The next apply takes over what was committed but never reached the state, and makes the rest.
    apply(&project);
    let all = names(&database);
    assert_eq!(all.len(), MANY as usize);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), MANY as usize);
    settled(&project);
}

#[test]
#[cfg(target_os = "linux")]
fn a_provider_is_gone_when_its_terraform_was_killed() {
    let Some(bench) = Workbench::or_skip() else { return };
    let (_project, mut running) = in_mid_apply(&bench, "orphan");
    let providers = providers_of(running.id());
    assert!(!providers.is_empty());
    kill(running.id());
    running.wait().expect("terraform ends");
    until("the provider's end", || {
        providers.iter().all(|process| !Path::new(&format!("/proc/{process}")).exists())
    });
}

#[test]
fn two_runs_at_once_on_one_inventory_lose_nothing() {
    let Some(bench) = Workbench::or_skip() else { return };
    let first = project(&bench, "first", "");
    apply(&first);
    let shared = inventory(&first);
    let inventory = format!(
        "templates = [\"./templates\"]\n  inventory = {:?}",
        format!("sqlite:{}", shared.display())
    );
    super::configure(&first, &many("first"));

    let second = project(&bench, "second", "");
    let head = super::HEAD.replace("templates = [\"./templates\"]", &inventory);
    let (head, _) = head.split_once("resource \"nhi_owner\"").expect("the owner is the last");
    let body = many("second").replace("nhi_owner.payments.name", "\"payments\"");
    second.write("main.tf", &format!("{head}{body}")).expect("main.tf");

    let runs: Vec<_> = [&first, &second]
        .iter()
        .map(|project| {
            project
                .command(&["apply", "-auto-approve", "-input=false", "-no-color"])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("terraform starts")
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().expect("terraform ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let all = names(&shared);
    assert_eq!(all.len(), 2 * MANY as usize);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    settled(&first);
    ok(&second, &["plan", "-input=false", "-no-color", "-detailed-exitcode"]);
}
