//! State files (version 4).

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::address::quoted;
use super::json::parse_as;
use super::{Instance, Part, PlannedError, Rare, Saved, place};
use crate::model::Action;

/// The only version of state files since Terraform 0.12.
const VERSION: u64 = 4;

#[derive(Deserialize)]
struct Version {
    version: u64,
}

#[derive(Deserialize)]
struct StateFile<'a> {
    #[serde(borrow)]
    resources: Option<Vec<StateResource<'a>>>,
}

#[derive(Deserialize)]
struct StateResource<'a> {
    module: Option<String>,
    mode: String,
    r#type: String,
    name: String,
    #[serde(borrow)]
    instances: Option<Vec<StateInstance<'a>>>,
}

#[derive(Deserialize)]
struct StateInstance<'a> {
    index_key: Option<Json>,
    deposed: Option<String>,
    #[serde(borrow)]
    attributes: Option<&'a RawValue>,
    #[serde(borrow)]
    sensitive_attributes: Option<&'a RawValue>,
}

/// A step of a sensitive path.
#[derive(Deserialize)]
struct Step {
    r#type: String,
    value: Json,
}

/// The instances of the state file that `inner` is, their values as parts of `text`, of which it is all or a part; and what
/// of it cannot be read.
pub(super) fn instances(
    inner: &str,
    text: &str,
) -> Result<(Vec<Instance>, Vec<PlannedError>), PlannedError> {
    let broken = |error| PlannedError::new(format!("cannot read the state: {error}"));
    let Version { version } = serde_json::from_str(inner).map_err(broken)?;
    if version != VERSION {
        let way = if version < VERSION {
            "it was written before Terraform 0.12: `terraform 0.13upgrade` and an apply with Terraform 0.13 bring it forward"
        } else {
            "a newer nhi-lint may read it; `terraform show -json` may be readable"
        };
        let message = format!("the state has version {version}, not {VERSION}");
        return Err(PlannedError::new(message).help(way));
    }
    let state: StateFile<'_> = serde_json::from_str(inner).map_err(broken)?;
    let (mut out, mut problems) = (Vec::new(), Vec::new());
    for mut resource in state.resources.unwrap_or_default() {
        for instance in resource.instances.take().unwrap_or_default() {
            match resource.instance(instance, text) {
                Ok(instance) => out.push(instance),
                Err(error) => problems.push(error),
            }
        }
    }
    Ok((out, problems))
}

impl StateResource<'_> {
    fn instance(&self, instance: StateInstance<'_>, text: &str) -> Result<Instance, PlannedError> {
        let module = self.module.as_deref().unwrap_or("");
        let separator = if module.is_empty() { "" } else { "." };
        let data = match self.mode.as_str() {
            "managed" => "",
            "data" => "data.",
            other => {
                return Err(PlannedError::new(format!(
                    "`{}.{}` in the state has the unknown mode `{other}`",
                    self.r#type, self.name
                )));
            }
        };
        let key = instance.index_key.as_ref().map(key).unwrap_or_default();
        let address = format!("{module}{separator}{data}{}.{}{key}", self.r#type, self.name);
        let Some(attributes) = instance.attributes else {
            return Err(PlannedError::new(format!("the state holds no attributes of `{address}`"))
                .help("`terraform apply -refresh-only` writes it anew"));
        };
        Ok(Instance {
            parts: parse_as(
                &address,
                [Some(self.mode.as_str()), Some(self.r#type.as_str()), Some(self.name.as_str())],
            )?,
            address,
            action: Action::Exists,
            rare: Rare { deposed: instance.deposed, ..Rare::default() }.boxed(),
            saved: Saved::Values {
                values: Part::of(text, attributes.get()),
                sensitive: None,
                paths: sensitive(instance.sensitive_attributes),
            },
        })
    }
}

/// An instance key as addresses spell it.
fn key(key: &Json) -> String {
    match key {
        Json::Null => String::new(),
        Json::Number(number) => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0);
            format!("[{}]", whole.map_or_else(|| number.to_string(), |number| number.to_string()))
        }
        Json::String(key) => format!("[{}]", quoted(key)),
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => format!("[{key}]"),
    }
}

/// The sensitive paths. What is not to be understood may mean anything, so everything is sensitive.
fn sensitive(raw: Option<&RawValue>) -> Vec<String> {
    let Some(raw) = raw else { return Vec::new() };
    match serde_json::from_str::<Vec<Vec<Step>>>(raw.get()) {
        Ok(paths) => paths.iter().map(|steps| path(steps)).collect(),
        Err(_) => vec![String::new()],
    }
}

fn path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        // An index step holds the key as a typed value.
        let key = step.value.get("value").unwrap_or(&step.value);
        path = match key {
            Json::String(name) => place::key(&path, name),
            Json::Number(index) if step.r#type == "index" => format!("{path}[{index}]"),
            // An element of a set is its own key; the whole set is as far as a path can go.
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                return path;
            }
        };
    }
    path
}
