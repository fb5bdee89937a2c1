//! Where the files of modules come from: a folder, or the snapshot inside a plan file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::evaluate::tidy;
use crate::input::Files;
use crate::planned::Snapshot;

/// No configuration file is larger.
const MAX_FILE: u64 = 64 << 20;

/// Where module sources come from.
pub(crate) trait ModuleSource {
    /// The folder of a called module, relative to the root module's; `path` are the calls that lead to it.
    fn locate(&self, path: &[String], caller: &Path, source: &str) -> Option<PathBuf>;

    /// The configuration files of a module by name; None where there is no such module.
    fn files(
        &self,
        path: &[String],
        folder: &Path,
    ) -> Option<BTreeMap<String, std::io::Result<Vec<u8>>>>;
}

/// Modules in a folder: local ones by their paths, others where `terraform init` put them.
pub(crate) struct FolderSource<'a> {
    files: &'a dyn Files,
    root: &'a Path,
    installed: BTreeMap<String, PathBuf>,
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
    #[serde(rename = "Dir")]
    folder: PathBuf,
}

impl<'a> FolderSource<'a> {
    /// The modules of a root folder.
    pub(crate) fn new(files: &'a dyn Files, root: &'a Path) -> Self {
        let manifest = files.read(&root.join(".terraform/modules/modules.json"), MAX_FILE).ok();
        let manifest: Option<Manifest> =
            manifest.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let modules = manifest.map(|manifest| manifest.modules).unwrap_or_default();
        let installed = modules.into_iter().map(|module| (module.key, module.folder)).collect();
        Self { files, root, installed }
    }
}

impl ModuleSource for FolderSource<'_> {
    fn locate(&self, path: &[String], caller: &Path, source: &str) -> Option<PathBuf> {
        if source.starts_with("./") || source.starts_with("../") {
            return Some(tidy(&caller.join(source)));
        }
        self.installed.get(&path.join(".")).map(|folder| tidy(folder))
    }

    fn files(
        &self,
        _: &[String],
        folder: &Path,
    ) -> Option<BTreeMap<String, std::io::Result<Vec<u8>>>> {
        let folder = self.root.join(folder);
        let names = self.files.list(&folder).ok()?;
        let wanted = names.into_iter().filter(|name| is_configuration(name) || is_values(name));
        Some(
            wanted
                .map(|name| {
                    let bytes = self.files.read(&folder.join(&name), MAX_FILE);
                    (name, bytes)
                })
                .collect(),
        )
    }
}

impl ModuleSource for Snapshot {
    fn locate(&self, path: &[String], _: &Path, _: &str) -> Option<PathBuf> {
        self.modules.get(&path.join(".")).map(|module| tidy(Path::new(&module.folder)))
    }

    fn files(
        &self,
        path: &[String],
        _: &Path,
    ) -> Option<BTreeMap<String, std::io::Result<Vec<u8>>>> {
        let module = self.modules.get(&path.join("."))?;
        Some(module.files.iter().map(|(name, bytes)| (name.clone(), Ok(bytes.clone()))).collect())
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
