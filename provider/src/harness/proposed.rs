//! What core proposes as the new state: the configuration, and the prior value wherever the configuration is silent and the
//! provider may have set it.

use crate::schema::{AttributeSpec, Nesting};
use crate::value::Value;

/// The proposed new state; null for a configuration that is null.
pub(super) fn new_state(attributes: &[AttributeSpec], prior: &Value, config: &Value) -> Value {
    let Value::Object(entries) = config else { return config.clone() };
    let entries = entries.iter().map(|(name, config)| {
        let spec = attributes.iter().find(|spec| spec.name == name).expect("an attribute");
        (name.clone(), attribute(spec, prior.attribute(name), config))
    });
    Value::Object(entries.collect())
}

fn attribute(spec: &AttributeSpec, prior: &Value, config: &Value) -> Value {
    if config.is_null() && spec.rules.mode.is_computed() {
        return prior.clone();
    }
    let Some((nesting, nested)) = spec.shape.nested() else { return config.clone() };
    match (nesting, config) {
        (Nesting::Single, config) => new_state(nested, prior, config),
        (Nesting::List, Value::List(configs)) => {
            let priors = prior.elements().unwrap_or_default();
            let elements = configs.iter().enumerate().map(|(index, config)| {
                new_state(nested, priors.get(index).unwrap_or(&Value::Null), config)
            });
            Value::List(elements.collect())
        }
        (Nesting::Map, Value::Map(configs)) => {
            let elements = configs.iter().map(|(key, config)| {
                let prior = prior.at(&crate::path::Path::root().key(key));
                (key.clone(), new_state(nested, prior.unwrap_or(&Value::Null), config))
            });
            Value::Map(elements.collect())
        }
        (Nesting::Set, Value::Set(configs)) => {
            let priors = prior.elements().unwrap_or_default();
            let elements = configs.as_slice().iter().map(|config| {
                let prior = priors.iter().find(|prior| came_from(nested, config, prior));
                new_state(nested, prior.unwrap_or(&Value::Null), config)
            });
            Value::Set(elements.collect())
        }
        _ => config.clone(),
    }
}

/// Whether a prior element can be what the provider made of a configured one.
fn came_from(nested: &[AttributeSpec], config: &Value, prior: &Value) -> bool {
    nested.iter().all(|spec| {
        let config = config.attribute(spec.name);
        config == prior.attribute(spec.name) || (config.is_null() && spec.rules.mode.is_computed())
    })
}
