//! Where the files of modules come from: a folder, or the snapshot inside a plan file.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::evaluate::tidy;
use crate::input::Files;
use crate::model::ReadProblem;
use crate::planned::Snapshot;
use crate::source::Span;

/// No configuration file is larger.
const MAX_FILE: u64 = 64 << 20;

/// Where module sources come from.
pub(crate) trait ModuleSource {
    /// The folder of a called module, relative to the root module's; `path` are the calls that lead to it, `source` is
    /// empty where it is no literal.
    fn locate(
        &self,
        path: &[String],
        caller: &Path,
        source: &str,
        version: Option<&str>,
    ) -> Result<PathBuf, Missing>;

    /// The configuration files of a module by name.
    fn files(
        &self,
        path: &[String],
        folder: &Path,
    ) -> io::Result<BTreeMap<String, io::Result<Vec<u8>>>>;
}

/// Why a module is not to be had.
#[derive(Debug)]
pub(crate) enum Missing {
    /// `terraform init` did not put it anywhere.
    NotInstalled,
    /// What is installed is something else: its source and version.
    Changed(String),
}

impl Missing {
    /// The problem with a call; `known`: its source is known without evaluating anything.
    pub(crate) fn problem(&self, name: &str, known: bool, span: Span) -> ReadProblem {
        let (message, help) = match self {
            Self::NotInstalled if known => (
                format!("module `{name}` is not installed, so what it creates cannot be seen"),
                "run `terraform init`, or lint the plan",
            ),
            Self::NotInstalled => (
                format!(
                    "where module `{name}` comes from is not known, so what it creates cannot be seen"
                ),
                "run `tofu init`, or lint the plan",
            ),
            Self::Changed(installed) => (
                format!("module `{name}` has changed since `{installed}` was installed"),
                "run `terraform init` again, or lint the plan",
            ),
        };
        ReadProblem { message, help: Some(help.into()), span: Some(span) }
    }
}

/// Modules in a folder: local ones by their paths, others where `terraform init` put them.
pub(crate) struct FolderSource<'a> {
    files: &'a dyn Files,
    root: &'a Path,
    installed: BTreeMap<String, ManifestModule>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "Modules", default)]
    modules: Vec<ManifestModule>,
}

#[derive(Deserialize)]
struct ManifestModule {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Source", default)]
    source: String,
    #[serde(rename = "Version", default)]
    version: String,
    #[serde(rename = "Dir")]
    folder: PathBuf,
}

impl ManifestModule {
    /// Whether this is what a call asks for. A version constraint that is no single version is Terraform's to hold.
    fn is(&self, source: &str, version: Option<&str>) -> bool {
        let exact = version.map(|version| version.trim().trim_start_matches('=').trim());
        let exact = exact.filter(|version| {
            version.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c))
        });
        (source.is_empty() || self.source.is_empty() || core(&self.source) == core(source))
            && exact.is_none_or(|version| self.version.is_empty() || self.version == version)
    }
}

/// A module's source without what Terraform adds when it writes it down: the registry's host, the way to fetch it.
fn core(source: &str) -> String {
    let source = source.rsplit_once("::").map_or(source, |(_, rest)| rest);
    let source = source.split_once("://").map_or(source, |(_, rest)| rest);
    let source =
        source.strip_prefix("git@").unwrap_or(source).replacen(".git", "", 1).replace(':', "/");
    let hosts = ["registry.terraform.io/", "registry.opentofu.org/"];
    hosts.iter().find_map(|host| source.strip_prefix(host)).unwrap_or(&source).to_owned()
}

impl<'a> FolderSource<'a> {
    /// The modules of a root folder.
    pub(crate) fn new(files: &'a dyn Files, root: &'a Path) -> Self {
        let manifest = files.read(&root.join(".terraform/modules/modules.json"), MAX_FILE).ok();
        let manifest: Option<Manifest> =
            manifest.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let modules = manifest.map(|manifest| manifest.modules).unwrap_or_default();
        let installed = modules.into_iter().map(|module| (module.key.clone(), module)).collect();
        Self { files, root, installed }
    }
}

impl ModuleSource for FolderSource<'_> {
    fn locate(
        &self,
        path: &[String],
        caller: &Path,
        source: &str,
        version: Option<&str>,
    ) -> Result<PathBuf, Missing> {
        if source.starts_with("./") || source.starts_with("../") {
            return Ok(tidy(&caller.join(source)));
        }
        match self.installed.get(&path.join(".")) {
            None => Err(Missing::NotInstalled),
            Some(module) if module.is(source, version) => Ok(tidy(&module.folder)),
            Some(module) => Err(Missing::Changed(
                format!("{} {}", module.source, module.version).trim().to_owned(),
            )),
        }
    }

    fn files(
        &self,
        _: &[String],
        folder: &Path,
    ) -> io::Result<BTreeMap<String, io::Result<Vec<u8>>>> {
        let folder = self.root.join(folder);
        let names = self.files.list(&folder)?;
        let wanted = names.into_iter().filter(|name| is_configuration(name) || is_stack(name));
        Ok(wanted
            .filter_map(|name| {
                let path = folder.join(&name);
                let bytes = self.files.read(&path, MAX_FILE);
                // A folder may be called anything.
                (bytes.is_ok() || !self.files.is_folder(&path)).then_some((name, bytes))
            })
            .collect())
    }
}

impl ModuleSource for Snapshot {
    fn locate(
        &self,
        path: &[String],
        _: &Path,
        _: &str,
        _: Option<&str>,
    ) -> Result<PathBuf, Missing> {
        let module = self.modules.get(&path.join(".")).ok_or(Missing::NotInstalled)?;
        Ok(tidy(Path::new(&module.folder)))
    }

    fn files(
        &self,
        path: &[String],
        _: &Path,
    ) -> io::Result<BTreeMap<String, io::Result<Vec<u8>>>> {
        let module = self.modules.get(&path.join(".")).ok_or(io::ErrorKind::NotFound)?;
        Ok(module.files.iter().map(|(name, bytes)| (name.clone(), Ok(bytes.clone()))).collect())
    }
}

/// Whether Terraform or OpenTofu reads a file of that name as configuration.
pub(crate) fn is_configuration(name: &str) -> bool {
    let ignored = name.starts_with('.')
        || name.ends_with('~')
        || (name.starts_with('#') && name.ends_with('#'));
    !ignored && [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().any(|end| name.ends_with(end))
}

/// Whether Terraform reads values of variables from a file of that name without being told.
pub(crate) fn is_values(name: &str) -> bool {
    matches!(name, "terraform.tfvars" | "terraform.tfvars.json")
        || name.ends_with(".auto.tfvars")
        || name.ends_with(".auto.tfvars.json")
}

/// Whether a file of that name is configuration of a Terraform stack.
pub(crate) fn is_stack(name: &str) -> bool {
    let ends = [".tfcomponent.hcl", ".tfstack.hcl", ".tfcomponent.json", ".tfstack.json"];
    !name.starts_with('.') && ends.iter().any(|end| name.ends_with(end))
}
