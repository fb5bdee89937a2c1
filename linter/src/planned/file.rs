//! The file that `terraform plan -out` writes: a zip of the plan (protobuf), the state before it and every source file.

use std::collections::{BTreeMap, BTreeSet};

use policy::text::Text;
use prost::Message as _;
use proto::planfile::{self, resource_instance_change as spelled};
use serde::Deserialize;

use super::address::quoted;
use super::archive::Archive;
use super::json::{errored, incomplete, parse};
use super::value::imported;
use super::{Instance, Invocation, Planned, PlannedError, Rare, Saved, msgpack, place, state};
use crate::model::Action;
use crate::value::Value;

/// The only version of plan files since Terraform 0.12; OpenTofu's is the same.
const VERSION: u64 = 3;

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
    let Some(mut archive) = Archive::open(bytes, "tfplan")? else { return Ok(None) };
    let plan = archive.entry("tfplan")?;
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
    let mut planned = Planned::default();
    planned.problems.extend(left_out(&plan).map(|why| incomplete(&why)));
    planned.snapshot = Some(snapshot(&mut archive, &mut planned.problems)?);
    for (name, value) in &plan.variables {
        let value = msgpack::value(&value.msgpack, &format!("var.{name}")).map_err(|error| {
            PlannedError::new(format!("cannot read the variable `{name}`: {error}"))
        })?;
        planned.variables.insert(name.clone(), value);
    }
    let deferred = plan.deferred_changes.into_iter().filter_map(|deferred| deferred.change);
    for change in plan.resource_changes.into_iter().chain(deferred) {
        keep(instance(change), &mut planned.instances, &mut planned.problems);
    }
    for change in plan.resource_drift {
        keep(instance(change), &mut planned.drift, &mut planned.problems);
    }
    let later = plan.deferred_action_invocations.into_iter();
    let actions = plan.action_invocations.into_iter();
    for action in actions.chain(later.filter_map(|later| later.action_invocation)) {
        keep(invocation(action), &mut planned.actions, &mut planned.problems);
    }
    if let Some(state) = archive.optional("tfstate")? {
        prior(state, &mut planned);
    }
    Ok(Some(planned.index()))
}

fn keep<T>(read: Result<T, PlannedError>, out: &mut Vec<T>, problems: &mut Vec<PlannedError>) {
    match read {
        Ok(value) => out.push(value),
        Err(error) => problems.push(error),
    }
}

/// The state that the plan was made on. Without it the plan says the same about what will be.
fn prior(state: Vec<u8>, planned: &mut Planned) {
    let read = match std::str::from_utf8(&state) {
        Ok(text) => state::instances(text, text),
        Err(_) => Err(PlannedError::new("it is not UTF-8")),
    };
    match read {
        Ok((instances, problems)) => {
            planned.prior = instances;
            planned.problems.extend(problems);
            planned.bytes = state;
        }
        Err(error) => planned.problems.push(PlannedError {
            message: format!("the state inside the plan file is broken: {}", error.message),
            help: error.help,
        }),
    }
}

/// Why a plan does not say everything that its configuration asks for.
fn left_out(plan: &planfile::Plan) -> Option<String> {
    let first = |addresses: &[String]| addresses.first().cloned().unwrap_or_default();
    if !plan.target_addrs.is_empty() {
        Some(format!("it was made with `-target={}`", first(&plan.target_addrs)))
    } else if !plan.exclude_addrs.is_empty() {
        Some(format!("it was made with `-exclude={}`", first(&plan.exclude_addrs)))
    } else if !plan.deferred_changes.is_empty() {
        Some("changes are deferred to a later plan".to_owned())
    } else {
        // OpenTofu and Terraform before 1.8 say neither; a plan that can be applied comes from one that does.
        (plan.applyable && !plan.complete).then(|| "Terraform says so".to_owned())
    }
}

fn snapshot(
    archive: &mut Archive<'_>,
    problems: &mut Vec<PlannedError>,
) -> Result<Snapshot, PlannedError> {
    let mut snapshot = Snapshot::default();
    if let Some(manifest) = archive.optional("tfconfig/modules.json")? {
        let manifest: Vec<ManifestEntry> = serde_json::from_slice(&manifest).map_err(|error| {
            PlannedError::new(format!("`tfconfig/modules.json` is broken: {error}"))
        })?;
        for module in manifest {
            snapshot.modules.entry(module.key).or_default().folder = module.folder;
        }
    }
    for name in archive.names()? {
        // `tfconfig/m-robot.inner/main.tf`
        let Some(rest) = name.strip_prefix("tfconfig/m-") else {
            // `/tfconfig/…` or `./tfconfig/…`: Terraform does not read it, and somebody thinks that it does.
            if name.contains("tfconfig") && !name.starts_with("tfconfig/") {
                problems.push(misplaced(&name));
            }
            continue;
        };
        match rest.split_once('/') {
            Some((module, file)) if !file.contains(['/', '\\']) && !file.is_empty() => {
                let bytes = archive.entry(&name)?;
                let module = snapshot.modules.entry(module.to_owned()).or_default();
                module.files.insert(file.to_owned(), bytes);
            }
            _ => problems.push(misplaced(&name)),
        }
    }
    Ok(snapshot)
}

fn misplaced(name: &str) -> PlannedError {
    PlannedError::new(format!(
        "the plan file has an entry `{name}`, where no configuration file is"
    ))
}

/// Terraform 1.0 spells an address out, all others write it as a text.
fn address(change: &mut planfile::ResourceInstanceChange) -> String {
    let addr = std::mem::take(&mut change.addr);
    if !addr.is_empty() || change.r#type.is_empty() {
        return addr;
    }
    let module = &change.module_path;
    let separator = if module.is_empty() { "" } else { "." };
    let data = if change.mode() == spelled::Mode::Data { "data." } else { "" };
    let key = match &change.instance_key {
        Some(spelled::InstanceKey::Str(key)) => format!("[{}]", quoted(key)),
        Some(spelled::InstanceKey::Int(key)) => format!("[{key}]"),
        None => String::new(),
    };
    format!("{module}{separator}{data}{}.{}{key}", change.r#type, change.name)
}

fn instance(mut change: planfile::ResourceInstanceChange) -> Result<Instance, PlannedError> {
    let address = address(&mut change);
    let parts = parse(&address)?;
    let body = change.change.ok_or_else(|| {
        PlannedError::new(format!("the plan says nothing about what happens to `{address}`"))
    })?;
    let kind = planfile::Action::try_from(body.action).map_err(|_| {
        PlannedError::new(format!("`{address}` has the unknown action {}", body.action))
    })?;
    let imported = import(&body, &address)?;
    let sensitive = sensitive([&body.after_sensitive_paths, &body.before_sensitive_paths])?;
    let mut values = body.values.into_iter().map(|value| value.msgpack);
    let (first, second) = (values.next(), values.next());
    let (action, before, after) = match kind {
        planfile::Action::Noop => (Action::NoOp, None, first),
        planfile::Action::Create => (Action::Create, None, first),
        // Terraform writes both sides of a read; a single value is what will be.
        planfile::Action::Read => (Action::Read, None, second.or(first)),
        planfile::Action::Update => (Action::Update, first, second),
        planfile::Action::Delete => (Action::Delete, first, None),
        planfile::Action::Forget => (Action::Forget, first, None),
        planfile::Action::DeleteThenCreate
        | planfile::Action::CreateThenDelete
        | planfile::Action::CreateThenForget
        | planfile::Action::ForgetThenCreate => (Action::Replace, first, second),
    };
    if action.leaves_it() && after.as_ref().is_none_or(|after| is_nil(after)) {
        return Err(PlannedError::new(format!("the plan holds no value for `{address}`")));
    }
    Ok(Instance {
        parts,
        action,
        rare: Rare {
            deposed: Some(change.deposed_key).filter(|key| !key.is_empty()),
            previous: Some(change.prev_run_addr).filter(|old| !old.is_empty() && *old != address),
            imported,
        }
        .boxed(),
        address,
        saved: Saved::Packed { before, after, sensitive },
    })
}

/// Nothing at all, or msgpack's null.
fn is_nil(msgpack: &[u8]) -> bool {
    matches!(msgpack, [] | [0xc0])
}

fn import(body: &planfile::Change, address: &str) -> Result<Option<Text>, PlannedError> {
    let import = body.import().map_err(|error| {
        PlannedError::new(format!("the import of `{address}` cannot be read: {error}"))
    })?;
    let Some(import) = import else { return Ok(None) };
    if import.unknown {
        return Ok(Some(imported(None, None, address)));
    }
    let identity = import.identity.filter(|_| import.id.is_empty());
    let identity = identity.and_then(|value| msgpack::value(&value.msgpack, address).ok());
    Ok(Some(imported(Some(import.id), identity.as_ref(), address)))
}

fn invocation(action: planfile::ActionInvocationInstance) -> Result<Invocation, PlannedError> {
    use planfile::action_invocation_instance::ActionTrigger;
    let trigger = match action.action_trigger {
        Some(ActionTrigger::ResourceActionTrigger(by)) => by.triggering_resource_addr,
        Some(ActionTrigger::InvokeActionTrigger(by)) => by.calling_resource_addr,
        None => String::new(),
    };
    let sensitive = sensitive([&action.sensitive_config_paths, &[]])?;
    Ok(Invocation {
        // `module.a.action.local_command.register[0]`
        kind: action
            .addr
            .split("action.")
            .nth(1)
            .and_then(|rest| rest.split('.').next())
            .unwrap_or_default()
            .to_owned(),
        address: action.addr,
        trigger: Some(trigger).filter(|address| !address.is_empty()),
        saved: Saved::Packed {
            before: None,
            after: action.config_value.map(|value| value.msgpack),
            sensitive,
        },
    })
}

fn sensitive(paths: [&[planfile::Path]; 2]) -> Result<BTreeSet<String>, PlannedError> {
    paths.into_iter().flatten().map(path).collect()
}

/// A path as findings spell it. Keys of maps read like attributes, as they do in values.
fn path(path: &planfile::Path) -> Result<String, PlannedError> {
    use planfile::path::step::Selector;
    let mut out = String::new();
    for step in &path.steps {
        let key = match &step.selector {
            Some(Selector::AttributeName(name)) => {
                out = place::key(&out, name);
                continue;
            }
            Some(Selector::ElementKey(key)) => msgpack::value(&key.msgpack, ""),
            None => return Ok(out),
        };
        let key =
            key.map_err(|error| PlannedError::new(format!("a sensitive path is broken: {error}")))?;
        out = match (key.as_str(), &key) {
            (Some(name), _) => place::key(&out, name),
            (None, Value::Number(index)) => format!("{out}[{index}]"),
            // An element of a set is its own key; the whole set is as far as a path can go.
            _ => return Ok(out),
        };
    }
    Ok(out)
}
