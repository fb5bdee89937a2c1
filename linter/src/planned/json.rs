//! Plan JSON and state JSON of `terraform show -json`, and state files: all are JSON and told apart by their keys.
//!
//! The text is parsed once; values stay ranges of it. A plan that Terraform itself would not apply is refused, and so is a
//! format that is not known.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::configuration::{Configuration, RawConfiguration};
use super::value::Known;
use super::{Address, ChangeRanges, Instance, Planned, PlannedError, Saved, state};
use crate::model::Action;

/// The major versions of plan JSON that are known: 0.1 of Terraform 0.12 to 1.x.
const PLAN_FORMATS: [&str; 2] = ["0", "1"];

/// Enough of every form to tell them apart.
#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow)]
    plan: Option<&'a RawValue>,
    format_version: Option<String>,
    #[serde(borrow)]
    resource_changes: Option<Changes<'a>>,
    planned_values: Option<IgnoredAny>,
    #[serde(borrow)]
    prior_state: Option<StateJson<'a>>,
    #[serde(borrow)]
    configuration: Option<RawConfiguration<'a>>,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    #[serde(borrow)]
    values: Option<StateValues<'a>>,
    timestamp: Option<String>,
    errored: Option<bool>,
    complete: Option<bool>,
    version: Option<u64>,
    serial: Option<u64>,
    lineage: Option<String>,
}

#[derive(Deserialize)]
struct Variable {
    value: Option<Known>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    address: Cow<'a, str>,
    deposed: Option<String>,
    #[serde(borrow, rename = "change")]
    body: ChangeBody<'a>,
}

#[derive(Deserialize)]
struct ChangeBody<'a> {
    #[serde(borrow)]
    actions: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    after: Option<&'a RawValue>,
    #[serde(borrow)]
    after_unknown: Option<&'a RawValue>,
    #[serde(borrow)]
    after_sensitive: Option<&'a RawValue>,
    #[serde(borrow)]
    before_sensitive: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct StateJson<'a> {
    #[serde(borrow)]
    values: Option<StateValues<'a>>,
}

#[derive(Deserialize)]
struct StateValues<'a> {
    #[serde(borrow)]
    root_module: StateModule<'a>,
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
    address: String,
    deposed_key: Option<String>,
    #[serde(borrow, default)]
    values: Option<&'a RawValue>,
    #[serde(borrow, default)]
    sensitive_values: Option<&'a RawValue>,
}

/// `resource_changes`, each kept in short as soon as it is read.
struct Changes<'a>(Vec<Result<Kept<'a>, PlannedError>>);

/// What is kept of a [`Change`].
struct Kept<'a> {
    address: Cow<'a, str>,
    action: Action,
    deposed: Option<String>,
    after: Option<&'a RawValue>,
    unknown: Option<&'a RawValue>,
    sensitive: [Option<&'a RawValue>; 2],
}

impl<'de: 'a, 'a> Deserialize<'de> for Changes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ChangesVisitor(PhantomData))
    }
}

struct ChangesVisitor<'a>(PhantomData<&'a str>);

impl<'de: 'a, 'a> Visitor<'de> for ChangesVisitor<'a> {
    type Value = Changes<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of changes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut changes: A) -> Result<Changes<'a>, A::Error> {
        let mut kept = Vec::new();
        while let Some(change) = changes.next_element::<Change<'a>>()? {
            kept.push(Kept::new(change));
        }
        Ok(Changes(kept))
    }
}

impl<'a> Kept<'a> {
    fn new(change: Change<'a>) -> Result<Self, PlannedError> {
        let body = change.body;
        Ok(Self {
            action: action(&body.actions, &change.address)?,
            address: change.address,
            deposed: change.deposed,
            after: body.after,
            unknown: body.after_unknown,
            // Most marks are empty.
            sensitive: [body.after_sensitive, body.before_sensitive]
                .map(|marks| marks.filter(|marks| !matches!(marks.get(), "false" | "{}" | "[]"))),
        })
    }
}

impl Changes<'_> {
    fn instances(self, bytes: &[u8]) -> Result<Vec<Instance>, PlannedError> {
        let range = |raw: Option<&RawValue>| raw.map(|raw| range_of(bytes, raw.get()));
        let instance = |kept: Result<Kept<'_>, PlannedError>| {
            let Kept { address, action, deposed, after, unknown, sensitive } = kept?;
            Ok(Instance {
                parts: parse(&address)?,
                action,
                address: address.into_owned(),
                deposed,
                saved: Saved::Change(ChangeRanges {
                    after: range(after),
                    unknown: range(unknown),
                    sensitive: sensitive.map(range),
                }),
            })
        };
        self.0.into_iter().map(instance).collect()
    }
}

/// Reads plan JSON, state JSON or a state file; none if it is JSON of another kind.
pub(crate) fn read_json(bytes: Vec<u8>) -> Result<Option<Planned>, PlannedError> {
    let outline: Outline<'_> = serde_json::from_slice(&bytes).map_err(|error| {
        let what = if error.is_eof() {
            "ends too early"
        } else {
            "is not what `terraform show -json` writes"
        };
        PlannedError::new(format!("the JSON {what}: {error}"))
    })?;
    // Policy engines wrap a plan: `{"plan": {…}}`.
    if let (Some(plan), None, None) =
        (outline.plan, &outline.resource_changes, outline.planned_values)
    {
        let inner = plan.get().as_bytes().to_vec();
        return read_json(inner);
    }
    let mut planned = Planned::default();
    if outline.planned_values.is_some() || outline.resource_changes.is_some() {
        plan(outline, &bytes, &mut planned)?;
    } else if outline.version.is_some() && (outline.serial.is_some() || outline.lineage.is_some()) {
        planned.instances = state::instances(&bytes)?;
    } else if outline.format_version.is_some()
        && (outline.values.is_some() || is_empty_state(&outline))
    {
        if let Some(values) = outline.values {
            collect(values.root_module, &bytes, &mut planned.instances)?;
        }
    } else {
        return Ok(None);
    }
    planned.bytes = bytes;
    planned.compact();
    Ok(Some(planned.index()))
}

/// `show -json` of an empty state has nothing but versions.
fn is_empty_state(outline: &Outline<'_>) -> bool {
    outline.configuration.is_none() && outline.prior_state.is_none() && outline.timestamp.is_none()
}

fn plan(outline: Outline<'_>, bytes: &[u8], planned: &mut Planned) -> Result<(), PlannedError> {
    let version = outline.format_version.as_deref().unwrap_or("");
    let major = version.split('.').next().unwrap_or("");
    if !PLAN_FORMATS.contains(&major) {
        return Err(PlannedError::new(format!(
            "the plan has format version `{version}`, which is not known"
        ))
        .help("nhi-lint reads plan JSON 0.x and 1.x; a newer nhi-lint may read this one"));
    }
    if outline.errored == Some(true) {
        return Err(errored());
    }
    if outline.complete == Some(false) && outline.resource_changes.is_none() {
        return Err(PlannedError::new("the plan is incomplete and says nothing about resources"));
    }
    if let Some(changes) = outline.resource_changes {
        planned.instances = changes.instances(bytes)?;
    }
    if let Some(values) = outline.prior_state.and_then(|prior| prior.values) {
        collect(values.root_module, bytes, &mut planned.prior)?;
    }
    planned.configuration = outline.configuration.map(|raw| Configuration::new(raw, bytes));
    for (name, variable) in outline.variables {
        if let Some(Known(value)) = variable.value {
            planned.variables.insert(name, value);
        }
    }
    Ok(())
}

/// A plan that ended in an error says only part of what would happen.
pub(super) fn errored() -> PlannedError {
    PlannedError::new("the plan ended in an error, so it does not say everything that would happen")
        .help("mend the error that `terraform plan` reported and plan again")
}

pub(super) fn parse(address: &str) -> Result<Address, PlannedError> {
    Address::parse(address)
        .ok_or_else(|| PlannedError::new(format!("`{address}` is no address of a resource")))
}

fn action(actions: &[Cow<'_, str>], address: &str) -> Result<Action, PlannedError> {
    let actions: Vec<&str> = actions.iter().map(AsRef::as_ref).collect();
    Ok(match actions.as_slice() {
        ["no-op"] => Action::NoOp,
        ["create"] => Action::Create,
        ["read"] => Action::Read,
        ["update"] => Action::Update,
        ["delete"] => Action::Delete,
        ["forget"] => Action::Forget,
        // The old object goes or is forgotten, a new one comes; the order does not matter here.
        ["delete" | "forget", "create"] | ["create", "delete" | "forget"] => Action::Replace,
        other => {
            let other = other.join("`, `");
            return Err(PlannedError::new(format!(
                "`{address}` has the unknown actions `{other}`"
            )));
        }
    })
}

fn collect(
    module: StateModule<'_>,
    bytes: &[u8],
    out: &mut Vec<Instance>,
) -> Result<(), PlannedError> {
    for resource in module.resources {
        let Some(values) = resource.values else { continue };
        out.push(Instance {
            parts: parse(&resource.address)?,
            action: Action::Exists,
            address: resource.address,
            deposed: resource.deposed_key,
            saved: Saved::Values {
                values: range_of(bytes, values.get()),
                sensitive: resource.sensitive_values.map(|raw| range_of(bytes, raw.get())),
                paths: Vec::new(),
            },
        });
    }
    module.child_modules.into_iter().try_for_each(|child| collect(child, bytes, out))
}

/// Where a slice that was borrowed from `bytes` stands in them.
pub(super) fn range_of(bytes: &[u8], part: &str) -> std::ops::Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(bytes.as_ptr() as usize);
    start..start + part.len()
}
