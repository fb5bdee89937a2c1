//! The file that `terraform plan -out` writes: a zip of the plan (protobuf), the state before it and every source file.
//!
//! Everything in it is of a stranger's making, so each entry is read up to a bound, and so is their sum.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};

use prost::Message as _;
use proto::planfile;
use serde::Deserialize;
use zip::ZipArchive;
use zip::result::ZipError;

use super::json::{errored, parse};
use super::{Instance, Planned, PlannedError, Saved, msgpack, place, state};
use crate::model::Action;

/// The only version of plan files since Terraform 0.12; OpenTofu's is the same.
const VERSION: u64 = 3;

/// How many bytes all entries may inflate to.
const MAX_BYTES: u64 = 2 << 30;

/// How many files a configuration may have.
const MAX_ENTRIES: usize = 200_000;

/// The configuration that a plan was made from, as the plan file carries it.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    /// Module path (`""`, `robot`, `robot.inner`) -> that module.
    pub(crate) modules: BTreeMap<String, SnapshotModule>,
}

/// One module of a snapshot.
#[derive(Debug, Default)]
pub(crate) struct SnapshotModule {
    /// Its folder, relative to where Terraform ran: `.`, `modules/robot`.
    pub(crate) folder: String,
    /// File name -> content. Only configuration files: what `file()` reads is not there.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// An entry of `tfconfig/modules.json`.
#[derive(Deserialize)]
struct ManifestEntry {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Dir")]
    folder: String,
}

/// Reads a plan file; none if the zip is not one.
pub(crate) fn read_plan_file(bytes: &[u8]) -> Result<Option<Planned>, PlannedError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if archive.index_for_name("tfplan").is_none() {
        return Ok(None);
    }
    if archive.len() > MAX_ENTRIES {
        return Err(PlannedError::new(format!(
            "the plan file has more than {MAX_ENTRIES} entries"
        )));
    }
    let mut left = MAX_BYTES;
    let plan = entry(&mut archive, "tfplan", &mut left)?;
    let plan = planfile::Plan::decode(plan.as_slice()).map_err(|error| {
        PlannedError::new(format!("the plan inside the plan file is broken: {error}"))
    })?;
    if plan.version != VERSION {
        let message = format!("the plan file has version {}, which is not known", plan.version);
        return Err(PlannedError::new(message).help(format!(
            "nhi-lint reads version {VERSION}; `terraform show -json` of this plan may be readable"
        )));
    }
    if plan.errored {
        return Err(errored());
    }
    let mut planned =
        Planned { snapshot: Some(snapshot(&mut archive, &mut left)?), ..Planned::default() };
    for (name, value) in &plan.variables {
        let value = msgpack::value(&value.msgpack, &format!("var.{name}")).map_err(|error| {
            PlannedError::new(format!("cannot read the variable `{name}`: {error}"))
        })?;
        planned.variables.insert(name.clone(), value);
    }
    let deferred = plan.deferred_changes.into_iter().filter_map(|deferred| deferred.change);
    for change in plan.resource_changes.into_iter().chain(deferred) {
        planned.instances.push(instance(change)?);
    }
    if archive.index_for_name("tfstate").is_some() {
        planned.bytes = entry(&mut archive, "tfstate", &mut left)?;
        planned.prior = state::instances(&planned.bytes)?;
    }
    Ok(Some(planned.index()))
}

fn broken(error: &ZipError) -> PlannedError {
    PlannedError::new(format!("the plan file is broken: {error}"))
        .help("it may have been cut short on its way; plan again with `terraform plan -out`")
}

pub(super) fn entry(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    left: &mut u64,
) -> Result<Vec<u8>, PlannedError> {
    let file = archive.by_name(name).map_err(|error| broken(&error))?;
    let mut bytes = Vec::new();
    let read = file.take(*left + 1).read_to_end(&mut bytes);
    read.map_err(|error| broken(&ZipError::Io(error)))?;
    *left = left.checked_sub(bytes.len() as u64).ok_or_else(|| {
        PlannedError::new(format!("the plan file inflates to more than {} GiB", MAX_BYTES >> 30))
    })?;
    Ok(bytes)
}

fn snapshot(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    left: &mut u64,
) -> Result<Snapshot, PlannedError> {
    let mut snapshot = Snapshot::default();
    if archive.index_for_name("tfconfig/modules.json").is_some() {
        let manifest = entry(archive, "tfconfig/modules.json", left)?;
        let manifest: Vec<ManifestEntry> = serde_json::from_slice(&manifest).map_err(|error| {
            PlannedError::new(format!("`tfconfig/modules.json` is broken: {error}"))
        })?;
        for module in manifest {
            snapshot.modules.entry(module.key).or_default().folder = module.folder;
        }
    }
    let names = archive.file_names().map(|name| name.map(Cow::into_owned));
    let names: Vec<String> = names.collect::<Result<_, _>>().map_err(|error| broken(&error))?;
    for name in names {
        // `tfconfig/m-robot.inner/main.tf`
        let Some((module, file)) =
            name.strip_prefix("tfconfig/m-").and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        let bytes = entry(archive, &name, left)?;
        snapshot.modules.entry(module.to_owned()).or_default().files.insert(file.to_owned(), bytes);
    }
    Ok(snapshot)
}

fn instance(change: planfile::ResourceInstanceChange) -> Result<Instance, PlannedError> {
    let address = change.addr;
    let parts = parse(&address)?;
    let body = change.change.ok_or_else(|| {
        PlannedError::new(format!("the plan says nothing about what happens to `{address}`"))
    })?;
    let kind = planfile::Action::try_from(body.action).map_err(|_| {
        PlannedError::new(format!("`{address}` has the unknown action {}", body.action))
    })?;
    let sensitive = body
        .after_sensitive_paths
        .iter()
        .chain(&body.before_sensitive_paths)
        .map(path)
        .collect::<Result<BTreeSet<_>, _>>()?;
    let mut values = body.values.into_iter().map(|value| value.msgpack);
    let (first, second) = (values.next(), values.next());
    let (action, after) = match kind {
        planfile::Action::Noop => (Action::NoOp, first),
        planfile::Action::Create => (Action::Create, first),
        // Terraform writes both sides of a read; a single value is what will be.
        planfile::Action::Read => (Action::Read, second.or(first)),
        planfile::Action::Update => (Action::Update, second),
        planfile::Action::Delete => (Action::Delete, None),
        planfile::Action::Forget => (Action::Forget, None),
        planfile::Action::DeleteThenCreate
        | planfile::Action::CreateThenDelete
        | planfile::Action::CreateThenForget
        | planfile::Action::ForgetThenCreate => (Action::Replace, second),
    };
    if action.leaves_it() && after.is_none() {
        return Err(PlannedError::new(format!("the plan holds no value for `{address}`")));
    }
    Ok(Instance {
        address,
        parts,
        action,
        deposed: Some(change.deposed_key).filter(|key| !key.is_empty()),
        saved: Saved::Packed { after, sensitive },
    })
}

/// A path as findings spell it. Keys of maps read like attributes, as they do in values.
fn path(path: &planfile::Path) -> Result<String, PlannedError> {
    use planfile::path::step::Selector;
    let mut out = String::new();
    for step in &path.steps {
        out = match &step.selector {
            Some(Selector::AttributeName(name)) => place::key(&out, name),
            Some(Selector::ElementKey(key)) => {
                let key = msgpack::value(&key.msgpack, "").map_err(|error| {
                    PlannedError::new(format!("a sensitive path is broken: {error}"))
                })?;
                match key.as_str() {
                    Some(name) => place::key(&out, name),
                    None => format!("{out}[{}]", key.text().unwrap_or_default()),
                }
            }
            None => out,
        };
    }
    Ok(out)
}
