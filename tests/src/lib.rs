//! A workbench for running both programs as a user would: the real terraform (or tofu), our provider in a filesystem
//! mirror, a project in a temporary folder.
//!
//! The demo and the acceptance tests share it. Nothing here knows what a command should answer.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use tempfile::TempDir;

/// Where the provider stands in the mirror. The version is the workspace's.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The set environment variable that turns every skipped test into a failure.
const REQUIRE_ALL: &str = "NHI_TEST_REQUIRE_ALL";

/// Both programs, built, and a terraform that finds the provider without a network.
#[derive(Debug)]
pub struct Workbench {
    folder: TempDir,
    terraform: PathBuf,
    provider: PathBuf,
    linter: PathBuf,
}

/// A folder with a configuration in it.
#[derive(Debug)]
pub struct Project<'a> {
    bench: &'a Workbench,
    /// The folder.
    pub folder: PathBuf,
}

/// What a command said.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; None if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Workbench {
    /// Builds both programs and lays out the mirror.
    ///
    /// # Errors
    /// When there is no terraform or tofu on the path, a build fails, or the folder cannot be written.
    pub fn new() -> io::Result<Self> {
        let terraform = terraform().ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "neither `terraform` nor `tofu` is on the path (or set NHI_TERRAFORM)",
            )
        })?;
        let programs = built()?;
        let folder = TempDir::with_prefix("nhi-")?;
        let mirror = folder.path().join("mirror");
        for host in ["registry.terraform.io", "registry.opentofu.org"] {
            let package = mirror.join(host).join("governed-nhi/nhi").join(VERSION).join(platform());
            fs::create_dir_all(&package)?;
            let name = format!("terraform-provider-nhi_v{VERSION}{}", env::consts::EXE_SUFFIX);
            let target = package.join(name);
            // A link where the file system allows it: the binary of a debug build is large.
            if fs::hard_link(&programs.provider, &target).is_err() {
                fs::copy(&programs.provider, &target)?;
            }
        }
        let mirrors = [Some(mirror), env::var_os("NHI_TEST_PROVIDER_MIRROR").map(PathBuf::from)];
        let mirrors = mirrors.iter().flatten().fold(String::new(), |text, mirror| {
            let path = serde_json::Value::from(mirror.to_string_lossy());
            format!("{text}  filesystem_mirror {{\n    path = {path}\n  }}\n")
        });
        fs::write(
            folder.path().join("terraform.rc"),
            format!("disable_checkpoint = true\nprovider_installation {{\n{mirrors}}}\n"),
        )?;
        let Programs { provider, linter } = programs;
        Ok(Self { folder, terraform, provider, linter })
    }

    /// The workbench, or None after one loud line where there is no terraform.
    ///
    /// # Panics
    /// Where something is missing and `NHI_TEST_REQUIRE_ALL` is set, and when a build fails.
    #[expect(clippy::panic, reason = "the workbench is for tests")]
    pub fn or_skip() -> Option<Self> {
        match Self::new() {
            Ok(bench) => Some(bench),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                skip(&error.to_string());
                None
            }
            Err(error) => panic!("the workbench cannot be set up: {error}"),
        }
    }

    /// A new project with the files of `source` (not its hidden ones).
    ///
    /// # Errors
    /// When a file cannot be copied.
    pub fn project(&self, name: &str, source: &Path) -> io::Result<Project<'_>> {
        let project = self.empty_project(name)?;
        copy_folder(source, &project.folder)?;
        Ok(project)
    }

    /// A new project without files.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn empty_project(&self, name: &str) -> io::Result<Project<'_>> {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder)?;
        Ok(Project { bench: self, folder })
    }

    /// A project in a folder that is there already, and stays.
    pub fn project_in(&self, folder: PathBuf) -> Project<'_> {
        Project { bench: self, folder }
    }

    /// `nhi-lint`, ready for its arguments.
    pub fn linter(&self) -> Command {
        Command::new(&self.linter)
    }

    /// The provider's binary.
    pub fn provider(&self) -> &Path {
        &self.provider
    }

    /// Runs `nhi-lint` in a folder.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn lint<S: AsRef<OsStr>>(&self, folder: &Path, arguments: &[S]) -> io::Result<Run> {
        Command::new(&self.linter).args(arguments).current_dir(folder).output().map(Run::from)
    }
}

impl Project<'_> {
    /// Runs terraform in the project to its end.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn terraform(&self, arguments: &[&str]) -> io::Result<Run> {
        self.command(arguments).output().map(Run::from)
    }

    /// The command, ready to be started, for tests that do something while it runs.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.bench.terraform);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        for (name, _) in env::vars_os() {
            // The caller's own Terraform settings must not decide what a test sees.
            if name.to_string_lossy().starts_with("TF_") || name == "NHI_INVENTORY" {
                command.env_remove(name);
            }
        }
        command
            .env("TF_CLI_CONFIG_FILE", self.bench.folder.path().join("terraform.rc"))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1");
        command
    }

    /// Writes one file of the project.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) -> io::Result<()> {
        fs::write(self.folder.join(name), text)
    }

    /// Runs `nhi-lint` in the project.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn lint<S: AsRef<OsStr>>(&self, arguments: &[S]) -> io::Result<Run> {
        self.bench.lint(&self.folder, arguments)
    }
}

impl Run {
    /// Whether the command ended with exit code 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    /// Both streams, for messages and searches.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The repository's root folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// Says loudly that something was not tested.
///
/// # Panics
/// When `NHI_TEST_REQUIRE_ALL` is set.
pub fn skip(why: &str) {
    assert!(env::var_os(REQUIRE_ALL).is_none_or(|value| value != "1"), "{REQUIRE_ALL}=1: {why}");
    // Written to the stream itself: the test harness hides what goes through `eprintln!`.
    let said = writeln!(io::stderr(), "SKIPPED: {why}");
    assert!(said.is_ok(), "cannot say that a test was skipped: {why}");
}

#[derive(Clone)]
struct Programs {
    provider: PathBuf,
    linter: PathBuf,
}

/// Builds both programs, once in a process: tests run side by side.
fn built() -> io::Result<Programs> {
    static BUILT: Mutex<Option<Programs>> = Mutex::new(None);
    let mut built = BUILT.lock().map_err(|_| io::Error::other("a build ended in a panic"))?;
    if let Some(programs) = built.as_ref() {
        return Ok(programs.clone());
    }
    let programs = build()?;
    *built = Some(programs.clone());
    Ok(programs)
}

/// Builds both programs with the cargo that runs us and asks it where they are.
fn build() -> io::Result<Programs> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--locked", "--package", "terraform-provider-nhi"])
        .args(["--package", "nhi-lint", "--bins", "--message-format", "json-render-diagnostics"])
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other("cargo could not build the programs"));
    }
    let executable = |name: &str| {
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|message| message.pointer("/target/name").is_some_and(|it| it == name))
            .find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
            .ok_or_else(|| io::Error::other(format!("cargo did not say where it put `{name}`")))
    };
    Ok(Programs {
        provider: executable("terraform-provider-nhi")?,
        linter: executable("nhi-lint")?,
    })
}

/// Terraform, or OpenTofu where there is no Terraform.
fn terraform() -> Option<PathBuf> {
    if let Some(named) = env::var_os("NHI_TERRAFORM") {
        return Some(PathBuf::from(named));
    }
    let path = env::var_os("PATH")?;
    ["terraform", "tofu"].iter().find_map(|name| {
        env::split_paths(&path)
            .map(|folder| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
            .find(|file| file.is_file())
    })
}

/// The platform as Terraform spells it: `linux_amd64`.
fn platform() -> String {
    let system = match env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let processor = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    };
    format!("{system}_{processor}")
}

/// Copies the files of a folder, and of the folders in it, but no hidden ones.
///
/// # Errors
/// When a file cannot be copied.
pub fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
