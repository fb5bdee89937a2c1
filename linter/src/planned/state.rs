//! State files (version 4).

use serde::Deserialize;
use serde_json::value::RawValue;

use super::json::range_of;
use super::{Address, Instance, PlannedError, Saved, place};
use crate::model::Action;

/// The only version of state files since Terraform 0.12.
const VERSION: u64 = 4;

#[derive(Deserialize)]
struct StateFile<'a> {
    version: u64,
    #[serde(borrow, default)]
    resources: Vec<StateResource<'a>>,
}

#[derive(Deserialize)]
struct StateResource<'a> {
    #[serde(default)]
    module: String,
    mode: String,
    r#type: String,
    name: String,
    #[serde(borrow, default)]
    instances: Vec<StateInstance<'a>>,
}

#[derive(Deserialize)]
struct StateInstance<'a> {
    #[serde(default)]
    index_key: Option<serde_json::Value>,
    #[serde(default)]
    deposed: Option<String>,
    #[serde(borrow, default)]
    attributes: Option<&'a RawValue>,
    #[serde(default)]
    sensitive_attributes: Vec<Vec<Step>>,
}

/// A step of a sensitive path.
#[derive(Deserialize)]
struct Step {
    r#type: String,
    value: serde_json::Value,
}

/// The instances of a state file, their values as ranges of `bytes`.
pub(super) fn instances(bytes: &[u8]) -> Result<Vec<Instance>, PlannedError> {
    let state: StateFile<'_> = serde_json::from_slice(bytes)
        .map_err(|error| PlannedError::new(format!("cannot read the state: {error}")))?;
    if state.version != VERSION {
        return Err(PlannedError::new(format!(
            "the state has version {}, not {VERSION}",
            state.version
        ))
        .help("states older than Terraform 0.12 have to be upgraded by Terraform first"));
    }
    let mut out = Vec::new();
    for resource in state.resources {
        for instance in resource.instances {
            let Some(attributes) = instance.attributes else { continue };
            let key = instance.index_key.map(|key| key.to_string());
            let data = if resource.mode == "data" { "data." } else { "" };
            let separator = if resource.module.is_empty() { "" } else { "." };
            let suffix = key.as_ref().map(|key| format!("[{key}]")).unwrap_or_default();
            let address = format!(
                "{}{separator}{data}{}.{}{suffix}",
                resource.module, resource.r#type, resource.name
            );
            let parts = Address::parse(&address).ok_or_else(|| {
                PlannedError::new(format!("`{address}` in the state is no address"))
            })?;
            out.push(Instance {
                address,
                parts,
                action: Action::Exists,
                deposed: instance.deposed,
                saved: Saved::Values {
                    values: range_of(bytes, attributes.get()),
                    sensitive: None,
                    paths: instance.sensitive_attributes.iter().map(|steps| path(steps)).collect(),
                },
            });
        }
    }
    Ok(out)
}

fn path(steps: &[Step]) -> String {
    steps.iter().fold(String::new(), |path, step| match step.value.as_str() {
        Some(name) if step.r#type == "get_attr" => place::key(&path, name),
        // An index step holds the key as a typed value.
        _ => {
            let key = step.value.get("value").unwrap_or(&step.value);
            format!("{path}[{key}]")
        }
    })
}
