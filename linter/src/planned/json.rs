//! Plan JSON and state JSON of `terraform show -json`, and state files: all are JSON and told apart by their keys.
//!
//! The text is parsed once; values stay ranges of it. A plan that Terraform itself would not apply is refused, and so is a
//! format that is not known.

mod changes;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::configuration::{Configuration, RawConfiguration};
use super::value::Known;
use super::{Address, Instance, Part, Planned, PlannedError, Rare, Saved, foreign, state};
use crate::model::{Action, Mode};
use changes::{Changes, DeferredAction, DeferredChange, RawAction, Word};

/// The major versions of plan JSON and state JSON that are known: 0.1 of Terraform 0.12 to 1.x.
const FORMATS: [&str; 2] = ["0", "1"];

/// How deep a plan may be wrapped in what other programs put around it.
const MAX_WRAPPERS: usize = 4;

/// Enough of every form to tell them apart.
#[derive(Deserialize)]
struct Outline<'a> {
    // What policy engines wrap a plan in.
    #[serde(borrow)]
    plan: Option<&'a RawValue>,
    #[serde(borrow)]
    tfplan: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    format_version: Option<String>,
    resource_changes: Option<Changes>,
    resource_drift: Option<Changes>,
    #[serde(borrow)]
    deferred_changes: Option<Vec<DeferredChange<'a>>>,
    #[serde(borrow)]
    action_invocations: Option<Vec<RawAction<'a>>>,
    #[serde(borrow)]
    deferred_action_invocations: Option<Vec<DeferredAction<'a>>>,
    // Read only where there are no changes: it does not say what is unknown.
    #[serde(borrow)]
    planned_values: Option<&'a RawValue>,
    #[serde(borrow)]
    prior_state: Option<StateJson<'a>>,
    #[serde(borrow)]
    configuration: Option<RawConfiguration<'a>>,
    variables: Option<BTreeMap<String, Variable>>,
    #[serde(borrow)]
    values: Option<StateValues<'a>>,
    timestamp: Option<IgnoredAny>,
    errored: Option<bool>,
    complete: Option<bool>,
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    serial: Option<IgnoredAny>,
    lineage: Option<IgnoredAny>,
    terraform_version: Option<IgnoredAny>,
    #[serde(borrow)]
    modules: Option<&'a RawValue>,
    encrypted_data: Option<IgnoredAny>,
    encryption_version: Option<IgnoredAny>,
    #[serde(rename = "@level")]
    level: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Variable {
    value: Option<Known>,
}

#[derive(Deserialize)]
struct StateJson<'a> {
    #[serde(borrow)]
    values: Option<StateValues<'a>>,
}

#[derive(Deserialize)]
struct StateValues<'a> {
    #[serde(borrow)]
    root_module: Option<StateModule<'a>>,
}

#[derive(Deserialize)]
struct StateModule<'a> {
    #[serde(borrow, default)]
    resources: Vec<StateResource<'a>>,
    #[serde(borrow, default)]
    child_modules: Vec<StateModule<'a>>,
}

#[derive(Deserialize)]
struct StateResource<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    mode: Option<Word<'a>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Word<'a>>,
    #[serde(borrow)]
    name: Option<Word<'a>>,
    deposed_key: Option<String>,
    #[serde(borrow, default)]
    values: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sensitive_values: Option<&'a RawValue>,
}

/// Reads plan JSON, state JSON or a state file; none if it is JSON of another kind.
pub(crate) fn read_json(bytes: Vec<u8>) -> Result<Option<Planned>, PlannedError> {
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        PlannedError::new(format!("the JSON is not UTF-8 after byte {}", error.valid_up_to()))
    })?;
    let Some(mut planned) = outlined(text, text, 0)? else { return Ok(None) };
    planned.bytes = bytes;
    planned.compact();
    Ok(Some(planned.index()))
}

/// Reads the JSON of `inner`, which is `text` or a part of it that something is wrapped around.
fn outlined(inner: &str, text: &str, depth: usize) -> Result<Option<Planned>, PlannedError> {
    let outline: Outline<'_> = match serde_json::from_str(inner) {
        Ok(outline) => outline,
        Err(error) => return Err(foreign::broken(inner, &error)),
    };
    let is_plan = outline.planned_values.is_some() || outline.resource_changes.is_some();
    let is_state = is_state_file(&outline);
    let wrapped = [outline.plan, outline.tfplan, outline.input].into_iter().flatten();
    let wrapped: Vec<&RawValue> = wrapped.filter(|it| is_object(it)).collect();
    let own = [is_plan, is_state, outline.values.is_some()];
    let several = own.iter().filter(|it| **it).count() + wrapped.len() > 1;
    // Whichever was judged, another would pass with it.
    if several {
        return Err(PlannedError::new("it holds more than one plan or state")
            .help("give nhi-lint each of them by itself"));
    }
    if let [wrapped] = wrapped.as_slice() {
        return if depth < MAX_WRAPPERS {
            outlined(wrapped.get(), text, depth + 1)
        } else {
            Ok(None)
        };
    }
    if outline.level.is_some() {
        return Err(foreign::log());
    }
    if outline.encrypted_data.is_some() && outline.encryption_version.is_some() {
        return Err(foreign::encrypted());
    }
    let mut planned = Planned::default();
    if is_plan {
        plan(outline, text, &mut planned)?;
    } else if is_state {
        (planned.instances, planned.problems) = state::instances(inner, text)?;
    } else if outline.format_version.is_some() {
        shown_state(outline, text, &mut planned)?;
    } else {
        return Ok(None);
    }
    Ok(Some(planned))
}

fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// A state file has a number for a version; what goes with it differs between its versions.
fn is_state_file(outline: &Outline<'_>) -> bool {
    let number = outline.version.is_some_and(|raw| raw.get().parse::<u64>().is_ok());
    number
        && (outline.serial.is_some()
            || outline.lineage.is_some()
            || outline.terraform_version.is_some()
            || outline.modules.is_some())
}

fn shown_state(
    outline: Outline<'_>,
    text: &str,
    planned: &mut Planned,
) -> Result<(), PlannedError> {
    known_format("state", outline.format_version.as_deref())?;
    if let Some(values) = outline.values {
        if values.root_module.is_none() {
            return Err(PlannedError::new("the state has `values` and no `root_module`"));
        }
        let mut collected = Collected::of(values, Action::Exists, text);
        planned.instances.append(&mut collected.instances);
        planned.problems.append(&mut collected.problems);
        return Ok(());
    }
    // `show -json` of an empty state has nothing but versions, and so has a plan of which the rest was lost.
    let rest = [outline.configuration.is_some(), outline.prior_state.is_some()];
    if rest.contains(&true) || outline.timestamp.is_some() {
        return Err(PlannedError::new(
            "the plan has neither `resource_changes` nor `planned_values`",
        ));
    }
    planned.says_nothing = true;
    Ok(())
}

fn known_format(what: &str, version: Option<&str>) -> Result<(), PlannedError> {
    let version = version.unwrap_or("");
    if FORMATS.contains(&version.split('.').next().unwrap_or("")) {
        return Ok(());
    }
    Err(PlannedError::new(format!("the {what} has format version `{version}`, which is not known"))
        .help(format!(
            "nhi-lint reads {what} JSON 0.x and 1.x; a newer nhi-lint may read this one"
        )))
}

fn plan(outline: Outline<'_>, text: &str, planned: &mut Planned) -> Result<(), PlannedError> {
    known_format("plan", outline.format_version.as_deref())?;
    if outline.errored == Some(true) {
        return Err(errored());
    }
    if outline.complete == Some(false) && outline.resource_changes.is_none() {
        return Err(PlannedError::new("the plan is incomplete and says nothing about resources"));
    }
    let Planned { instances, prior, drift, problems, .. } = planned;
    if let Some(changes) = outline.resource_changes {
        changes.collect(text, instances, problems);
    }
    if let Some(changes) = outline.resource_drift {
        changes.collect(text, drift, problems);
    }
    let deferred = outline.deferred_changes.unwrap_or_default();
    let is_deferred = !deferred.is_empty();
    Changes::deferred(deferred).collect(text, instances, problems);
    if let Some(values) = outline.prior_state.and_then(|prior| prior.values) {
        let mut collected = Collected::of(values, Action::Exists, text);
        prior.append(&mut collected.instances);
        problems.append(&mut collected.problems);
    }
    if instances.is_empty()
        && let Some(values) = outline.planned_values
    {
        without_changes(values, text, planned)?;
    }
    let now = outline.action_invocations.unwrap_or_default().into_iter();
    let later = outline.deferred_action_invocations.unwrap_or_default().into_iter();
    planned.actions =
        now.chain(later.map(|later| later.action_invocation)).map(|raw| raw.keep(text)).collect();
    if let Some(raw) = outline.configuration {
        planned.secret_variables = raw.secret_variables().cloned().collect();
        planned.configuration = Some(Configuration::new(raw, text));
    }
    for (name, variable) in outline.variables.unwrap_or_default() {
        if let Some(Known(value)) = variable.value {
            planned.variables.insert(name, value);
        }
    }
    if is_deferred {
        planned.problems.push(incomplete("changes are deferred to a later plan"));
    } else if outline.complete == Some(false) {
        planned.problems.push(incomplete("Terraform says so, as it does with `-target`"));
    }
    Ok(())
}

/// A plan that changes nothing says what there is. One that was written by hand may say what there will be, but not what
/// of it is unknown.
fn without_changes(
    values: &RawValue,
    text: &str,
    planned: &mut Planned,
) -> Result<(), PlannedError> {
    let values: StateValues<'_> = serde_json::from_str(values.get()).map_err(|error| {
        PlannedError::new(format!("the `planned_values` of the plan cannot be read: {error}"))
    })?;
    let mut collected = Collected::of(values, Action::Create, text);
    let known: BTreeSet<&str> = planned.prior.iter().map(|prior| prior.address.as_str()).collect();
    collected.instances.retain(|instance| !known.contains(instance.address.as_str()));
    if !collected.instances.is_empty() {
        let message = "the plan has `planned_values` and no `resource_changes`, so it does not say what is unknown";
        planned.problems.push(
            PlannedError::new(message)
                .help("give nhi-lint all of what `terraform show -json` writes about a plan"),
        );
    }
    planned.instances.append(&mut collected.instances);
    planned.problems.append(&mut collected.problems);
    Ok(())
}

/// A plan that ended in an error says only part of what would happen.
pub(super) fn errored() -> PlannedError {
    PlannedError::new("the plan ended in an error, so it does not say everything that would happen")
        .help("mend the error that `terraform plan` reported and plan again")
}

/// A plan that leaves something out.
pub(super) fn incomplete(why: &str) -> PlannedError {
    PlannedError::new(format!("the plan is incomplete: {why}")).help(
        "what it says was judged, and nobody knows the rest: plan everything, or judge the configuration as well",
    )
}

pub(super) fn parse(address: &str) -> Result<Address, PlannedError> {
    Address::parse(address)
        .ok_or_else(|| PlannedError::new(format!("`{address}` is no address of a resource")))
}

/// Takes an address apart that stands beside the mode, the type and the name: where they disagree, nobody knows which is
/// meant.
pub(super) fn parse_as(address: &str, said: [Option<&str>; 3]) -> Result<Address, PlannedError> {
    let parts = parse(address)?;
    let mode = match parts.mode {
        Mode::Managed => "managed",
        Mode::Data => "data",
    };
    let meant = [mode, &parts.kind, &parts.name];
    let other =
        said.into_iter().zip(meant).find_map(|(said, meant)| said.filter(|it| *it != meant));
    if let Some(other) = other {
        let message =
            format!("the address `{address}` is not that of `{other}`, which stands beside it");
        return Err(PlannedError::new(message));
    }
    Ok(parts)
}

/// What a tree of modules holds.
#[derive(Default)]
struct Collected {
    instances: Vec<Instance>,
    problems: Vec<PlannedError>,
}

impl Collected {
    fn of(values: StateValues<'_>, action: Action, text: &str) -> Self {
        let mut out = Self::default();
        if let Some(root) = values.root_module {
            out.module(root, action, text);
        }
        out
    }

    fn module(&mut self, module: StateModule<'_>, action: Action, text: &str) {
        for resource in module.resources {
            let Some(values) = resource.values else {
                let message = format!("the state holds no values of `{}`", resource.address);
                self.problems.push(PlannedError::new(message));
                continue;
            };
            let said = [&resource.mode, &resource.kind, &resource.name];
            let said = said.map(|word| Word::as_str(word.as_ref()));
            match parse_as(&resource.address, said) {
                Ok(parts) => self.instances.push(Instance {
                    parts,
                    action,
                    address: resource.address.into_owned(),
                    rare: Rare { deposed: resource.deposed_key, ..Rare::default() }.boxed(),
                    saved: Saved::Values {
                        values: Part::of(text, values.get()),
                        sensitive: resource
                            .sensitive_values
                            .and_then(|raw| Part::of(text, raw.get())),
                        paths: Vec::new(),
                    },
                }),
                Err(error) => self.problems.push(error),
            }
        }
        for child in module.child_modules {
            self.module(child, action, text);
        }
    }
}
