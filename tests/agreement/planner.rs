//! Real plans, as few as possible and as quick as possible: one initialisation for all, one running provider a worker.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::Value;
use tests::{Project, Workbench, copy_folder};

/// Variables of the caller that a provider or the linter would listen to.
const FOREIGN: [&str; 3] = ["AWS_", "TF_", "NHI_LINT"];

/// What all workers share.
pub(super) struct Planner<'a> {
    bench: &'a Workbench,
    folder: PathBuf,
    /// The provider's binary, if it was found.
    provider: Option<PathBuf>,
    /// What every plan depends on: the programs.
    programs: u64,
}

/// One who plans, with a provider of its own: a running provider remembers its last configuration.
pub(super) struct Worker<'a> {
    planner: &'a Planner<'a>,
    running: Option<Running>,
}

/// A provider that stays for many plans, so that it starts and describes itself once.
struct Running {
    process: Child,
    reattach: String,
}

/// A configuration with its plan: `tfplan` and `plan.json` beside it, both in `../alone` without it, and there less and less
/// of the JSON: `changes.json` without its configuration, `values.json` without what is unknown.
pub(super) struct Planned {
    pub(super) folder: PathBuf,
    pub(super) environment: Vec<(String, String)>,
}

impl Planned {
    /// Whether the plan takes everything away.
    pub(super) fn destroys(&self) -> bool {
        self.environment.iter().any(|(_, value)| value == "-destroy")
    }

    /// Whether parts of it are what our own provider renders.
    pub(super) fn has_rendered(&self) -> bool {
        let own = fs::read_to_string(self.folder.join("provider.tf")).unwrap_or_default();
        own.contains("governed-nhi/nhi")
    }
}

impl<'a> Planner<'a> {
    pub(super) fn new(bench: &'a Workbench) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("agreement");
        let base = folder.join("base");
        fs::create_dir_all(&base).expect("the folder can be made");
        let text = fs::read_to_string(shared("provider.tf")).expect("provider.tf is there");
        let text =
            text.replacen("aws = {", "nhi = { source = \"governed-nhi/nhi\" }\n    aws = {", 1);
        fs::write(base.join("provider.tf"), text).expect("provider.tf can be written");
        // Our own has the same version with each build, and its sum would not fit.
        let _ = fs::remove_file(base.join(".terraform.lock.hcl"));
        let project = bench.project_in(base.clone());
        run(&project, &["init", "-input=false", "-no-color", "-upgrade"], &[])
            .expect("the provider can be installed");
        let provider = find(&base.join(".terraform/providers"), "terraform-provider-aws");
        let mut hasher = DefaultHasher::new();
        run(&project, &["version"], &[]).expect("terraform has a version").hash(&mut hasher);
        if let Some(provider) = &provider {
            provider.canonicalize().expect("the link leads somewhere").hash(&mut hasher);
        }
        Self { bench, folder, provider, programs: hasher.finish() }
    }

    pub(super) fn worker(&'a self) -> Worker<'a> {
        Worker { planner: self, running: None }
    }
}

impl Worker<'_> {
    /// Plans a configuration, unless the same has been planned already.
    pub(super) fn plan(&mut self, source: &Path) -> Result<Planned, String> {
        let name = source.file_name().unwrap_or_default();
        let home = self.planner.folder.join(name);
        let folder = home.join("project");
        let environment = environment(source);
        let planned = Planned { folder: folder.clone(), environment };
        let mut hasher = DefaultHasher::new();
        self.planner.programs.hash(&mut hasher);
        if texts(source).contains("governed-nhi/nhi") {
            let own = fs::metadata(self.planner.bench.provider()).expect("our own provider");
            own.modified().ok().hash(&mut hasher);
        }
        fs::read(shared("provider.tf")).expect("provider.tf").hash(&mut hasher);
        hash(source, &mut hasher);
        let stamp = hasher.finish().to_string();
        let stamp_file = home.join("stamp");
        if fs::read_to_string(&stamp_file).ok().as_ref() == Some(&stamp) {
            return Ok(planned);
        }
        if home.exists() {
            fs::remove_dir_all(&home).expect("the old plan can go");
        }
        fs::create_dir_all(home.join("alone")).expect("the folder can be made");
        copy_folder(source, &folder).expect("the configuration can be copied");
        let own = folder.join("provider.tf");
        if !own.exists() {
            fs::copy(shared("provider.tf"), own).expect("provider.tf is there");
        }
        self.run(&planned)?;
        for file in ["tfplan", "plan.json"] {
            fs::copy(folder.join(file), home.join("alone").join(file)).expect("the plan is there");
        }
        let json = fs::read(folder.join("plan.json")).expect("the plan is there");
        let mut json: Value = serde_json::from_slice(&json).expect("terraform writes JSON");
        for (lost, file) in [("configuration", "changes.json"), ("resource_changes", "values.json")]
        {
            json.as_object_mut().expect("a plan is an object").remove(lost);
            fs::write(home.join("alone").join(file), json.to_string()).expect("can be written");
        }
        fs::write(stamp_file, stamp).expect("the stamp can be written");
        Ok(planned)
    }

    fn run(&mut self, planned: &Planned) -> Result<(), String> {
        let folder = &planned.folder;
        let base = self.planner.folder.join("base");
        fs::create_dir_all(folder.join(".terraform")).expect("the folder can be made");
        symlink(base.join(".terraform/providers"), folder.join(".terraform/providers"))
            .expect("a link can be made");
        fs::copy(base.join(".terraform.lock.hcl"), folder.join(".terraform.lock.hcl"))
            .expect("the base is initialised");
        let project = self.planner.bench.project_in(folder.clone());
        let sources = texts(folder);
        if sources.contains("module \"") {
            run(&project, &["get", "-no-color"], &[])?;
        }
        let mut extra = planned.environment.clone();
        // Providers that differ in their settings cannot be one process.
        if !sources.contains("alias ") {
            extra.extend(self.reattach().map(|text| ("TF_REATTACH_PROVIDERS".to_owned(), text)));
        }
        run(
            &project,
            &["plan", "-input=false", "-no-color", "-refresh=false", "-out=tfplan"],
            &extra,
        )?;
        let json = run(&project, &["show", "-json", "tfplan"], &extra)?;
        fs::write(folder.join("plan.json"), json).expect("the plan can be written");
        Ok(())
    }

    /// How terraform finds the running provider; None where it has to start one each time.
    fn reattach(&mut self) -> Option<String> {
        if self.running.is_none() {
            self.running = Running::start(self.planner.provider.as_deref()?);
        }
        self.running.as_ref().map(|running| running.reattach.clone())
    }
}

impl Running {
    fn start(program: &Path) -> Option<Self> {
        let mut command = Command::new(program);
        without_foreign(&mut command);
        let process = command
            .arg("-debug")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut running = Self { process, reattach: String::new() };
        let mut lines = BufReader::new(running.process.stdout.take()?).lines();
        running.reattach = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, value) = line.split_once("TF_REATTACH_PROVIDERS='")?;
            Some(value.strip_suffix('\'')?.to_owned())
        })?;
        // Who writes to a stream that nobody reads is stopped.
        thread::spawn(move || lines.count());
        Some(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Keeps what the caller has set for itself away from a program.
pub(super) fn without_foreign(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if FOREIGN.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
}

fn run(
    project: &Project<'_>,
    arguments: &[&str],
    extra: &[(String, String)],
) -> Result<String, String> {
    let mut command = project.command(arguments);
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    let output = command.envs(extra.iter().cloned()).output().expect("terraform runs");
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}: terraform {}\n{errors}", project.folder.display(), arguments.join(" ")))
}

fn shared(file: &str) -> PathBuf {
    tests::root().join("tests/agreement").join(file)
}

/// `NAME=value`, one a line, in the file `environment`.
fn environment(folder: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(folder.join("environment")).unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut entries: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    entries
}

/// Everything that a plan of the folder hangs on.
fn hash(folder: &Path, hasher: &mut DefaultHasher) {
    for path in entries(folder) {
        if path.ends_with("findings.txt") {
            continue;
        }
        path.file_name().hash(hasher);
        if path.is_dir() {
            hash(&path, hasher);
        } else {
            fs::read(&path).expect("the file can be read").hash(hasher);
        }
    }
}

/// The root module's own configuration, in one piece.
fn texts(folder: &Path) -> String {
    let files = entries(folder).into_iter().filter(|path| path.is_file());
    let texts = files.filter_map(|path| fs::read_to_string(path).ok());
    texts.collect::<Vec<_>>().join("\n")
}

fn find(folder: &Path, prefix: &str) -> Option<PathBuf> {
    entries(folder).into_iter().find_map(|path| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        if path.is_dir() { find(&path, prefix) } else { name.starts_with(prefix).then_some(path) }
    })
}
