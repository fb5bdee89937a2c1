//! What every plan does around the resource's own: defaults, unknowns, write-only values, replacement. Pure functions
//! over schema and values.

use std::collections::BTreeMap;

use crate::path::{Path, Place};
use crate::schema::{AttributeSpec, Nesting};
use crate::value::Value;

/// Makes Terraform's proposal ready for a resource's plan: defaults are filled in; in a create, what the provider computes
/// becomes unknown; in an update that changes something it does unless it is stable; and what changes nothing is the
/// prior state, verbatim.
pub(crate) fn prepare(
    attributes: &[AttributeSpec],
    Basis { existing, settled }: Basis<'_>,
    config: &Value,
    proposed: &Value,
) -> Value {
    let mut proposed = proposed.clone();
    with_objects(attributes, config, &mut proposed, &fill_default);
    let unchanged =
        settled.is_some_and(|prior| without_write_only(attributes, proposed.clone()) == *prior);
    if !unchanged {
        with_objects(attributes, config, &mut proposed, &|spec, config, proposed| {
            becomes_unknown(spec, config, proposed, existing.is_none())
        });
    }
    proposed
}

/// What a plan starts from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Basis<'a> {
    /// What exists; none in a create.
    pub(crate) existing: Option<&'a Value>,
    /// The same, where the same configuration may leave it as it is.
    pub(crate) settled: Option<&'a Value>,
}

/// The configuration with its defaults: what an ephemeral resource is asked for.
pub(crate) fn with_defaults(attributes: &[AttributeSpec], config: &Value) -> Value {
    let mut filled = config.clone();
    with_objects(attributes, config, &mut filled, &fill_default);
    filled
}

/// What the provider computes becomes unknown again: for an update that the configuration did not ask for.
pub(crate) fn reopen(attributes: &[AttributeSpec], config: &Value, mut proposed: Value) -> Value {
    with_objects(attributes, config, &mut proposed, &|spec, config, proposed| {
        becomes_unknown(spec, config, proposed, false)
    });
    proposed
}

/// A new value for an attribute, given its configuration and its proposed value; none to look into it.
type Rewrite<'a> = dyn Fn(&AttributeSpec, &Value, &Value) -> Option<Value> + 'a;

fn fill_default(spec: &AttributeSpec, config: &Value, _: &Value) -> Option<Value> {
    if config.is_null() { spec.rules.default.clone() } else { None }
}

fn becomes_unknown(
    spec: &AttributeSpec,
    config: &Value,
    proposed: &Value,
    create: bool,
) -> Option<Value> {
    let computed =
        config.is_null() && spec.rules.mode.is_computed() && spec.rules.default.is_none();
    // A stable attribute that was never set (the provider is newer than the state) has nothing to keep.
    let kept = !create && spec.rules.stable && !proposed.is_null();
    (computed && !kept).then(Value::unknown)
}

/// Rewrites the attributes of an object, and of the objects within that the configuration gives.
fn with_objects(
    attributes: &[AttributeSpec],
    config: &Value,
    proposed: &mut Value,
    rewrite: &Rewrite<'_>,
) {
    let Value::Object(entries) = proposed else { return };
    for spec in attributes {
        let config = config.attribute(spec.name);
        let Some(value) = entries.get_mut(spec.name) else { continue };
        if let Some(new) = rewrite(spec, config, value) {
            *value = new;
        } else if let (false, Some((nesting, nested))) = (config.is_null(), spec.shape.nested()) {
            with_nested(nesting, nested, config, value, rewrite);
        }
    }
}

fn with_nested(
    nesting: Nesting,
    nested: &[AttributeSpec],
    config: &Value,
    proposed: &mut Value,
    rewrite: &Rewrite<'_>,
) {
    match (nesting, config, proposed) {
        (Nesting::Single, config, proposed) => with_objects(nested, config, proposed, rewrite),
        (Nesting::List, Value::List(configs), Value::List(proposals)) => {
            for (config, value) in configs.iter().zip(proposals) {
                with_objects(nested, config, value, rewrite);
            }
        }
        (Nesting::Map, Value::Map(configs), Value::Map(proposals)) => {
            for (key, value) in proposals {
                let config = configs.get(key).unwrap_or(&Value::Null);
                with_objects(nested, config, value, rewrite);
            }
        }
        (Nesting::Set, Value::Set(configs), Value::Set(proposals)) => {
            // Elements have no key: the proposal of an element is the one that agrees in all that the configuration sets.
            let configs = configs.as_slice().iter();
            let elements = configs.map(|config| {
                let mut proposals = proposals.as_slice().iter();
                let proposal = proposals.find(|proposal| agrees(nested, config, proposal));
                let mut element = proposal.unwrap_or(config).clone();
                with_objects(nested, config, &mut element, rewrite);
                element
            });
            *proposals = elements.collect();
        }
        // Unknown or null as a whole: there is nothing to look into.
        _ => {}
    }
}

fn agrees(nested: &[AttributeSpec], config: &Value, proposal: &Value) -> bool {
    nested.iter().all(|spec| {
        let config = config.attribute(spec.name);
        config == proposal.attribute(spec.name)
            || (config.is_null() && spec.rules.mode.is_computed())
    })
}

/// Puts back what a model cannot hold: a configured value that is only partly known comes out of a model as unknown, but
/// has to be planned as it was written.
pub(crate) fn restore(
    attributes: &[AttributeSpec],
    config: &Value,
    proposed: &Value,
    planned: Value,
) -> Value {
    let Value::Object(mut entries) = planned else { return planned };
    for spec in attributes {
        let (config, proposed) = (config.attribute(spec.name), proposed.attribute(spec.name));
        let Some(planned) = entries.get_mut(spec.name) else { continue };
        if config.is_null() {
            continue;
        }
        if planned.is_unknown() {
            if !proposed.is_wholly_known() {
                *planned = proposed.clone();
            }
        } else if let Some((Nesting::Single, nested)) = spec.shape.nested() {
            *planned = restore(nested, config, proposed, std::mem::take(planned));
        }
    }
    Value::Object(entries)
}

/// The value with every write-only attribute null: what may be in a plan or state.
pub(crate) fn without_write_only(attributes: &[AttributeSpec], mut value: Value) -> Value {
    rewrite_write_only(attributes, &Value::Null, &mut value);
    value
}

/// The planned value with the write-only attributes of the configuration: what a create or update needs.
pub(crate) fn with_write_only(
    attributes: &[AttributeSpec],
    config: &Value,
    planned: &Value,
) -> Value {
    let mut filled = planned.clone();
    rewrite_write_only(attributes, config, &mut filled);
    filled
}

fn rewrite_write_only(attributes: &[AttributeSpec], source: &Value, value: &mut Value) {
    let Value::Object(entries) = value else { return };
    for spec in attributes {
        let source = source.attribute(spec.name);
        let Some(value) = entries.get_mut(spec.name) else { continue };
        if spec.rules.write_only {
            *value = source.clone();
            continue;
        }
        let Some((nesting, nested)) = spec.shape.nested() else { continue };
        let element = |source: &Value, value: &mut Value| rewrite_write_only(nested, source, value);
        // There are no write-only attributes within a set.
        match (nesting, value) {
            (Nesting::Single, single) => element(source, single),
            (Nesting::List, Value::List(elements)) => {
                for (index, value) in elements.iter_mut().enumerate() {
                    let source = source.at(&Path::root().index(index)).unwrap_or(&Value::Null);
                    element(source, value);
                }
            }
            (Nesting::Map, Value::Map(entries)) => {
                for (key, value) in entries.iter_mut() {
                    let source = source.at(&Path::root().key(key)).unwrap_or(&Value::Null);
                    element(source, value);
                }
            }
            _ => {}
        }
    }
}

/// The changed attributes that the schema says replace the resource.
pub(crate) fn replacing(attributes: &[AttributeSpec], prior: &Value, planned: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    find_replacing(attributes, prior, planned, &Place::Root, &mut paths);
    paths
}

fn find_replacing(
    attributes: &[AttributeSpec],
    prior: &Value,
    planned: &Value,
    path: &Place<'_>,
    paths: &mut Vec<Path>,
) {
    for spec in attributes {
        let (prior, planned) = (prior.attribute(spec.name), planned.attribute(spec.name));
        let path = path.attribute(spec.name);
        if prior == planned {
            continue;
        }
        if spec.rules.replaces {
            paths.push(path.path());
            continue;
        }
        match (spec.shape.nested(), prior, planned) {
            (Some((Nesting::Single, nested)), prior, planned) => {
                find_replacing(nested, prior, planned, &path, paths);
            }
            (Some((Nesting::List, nested)), Value::List(priors), Value::List(plans)) => {
                for (index, (prior, planned)) in priors.iter().zip(plans).enumerate() {
                    find_replacing(nested, prior, planned, &path.index(index), paths);
                }
            }
            (Some((Nesting::Map, nested)), Value::Map(priors), Value::Map(plans)) => {
                for (key, prior) in priors {
                    if let Some(planned) = plans.get(key) {
                        find_replacing(nested, prior, planned, &path.key(key), paths);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The identity of an instance, out of the attributes of its state that have the same names.
pub(crate) fn identity(
    identity: &[crate::resource::IdentityAttribute],
    state: &Value,
) -> Option<Value> {
    if identity.is_empty() || state.is_null() {
        return None;
    }
    let entries = identity
        .iter()
        .map(|attribute| (attribute.name.to_owned(), state.attribute(attribute.name).clone()));
    Some(Value::Object(entries.collect::<BTreeMap<_, _>>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::Attribute;
    use crate::model::{Model as _, model};
    use crate::schema::{computed, optional, optional_computed, required};
    use crate::wire::json::to_json;

    model! {
        /// Nested.
        struct Inner {
            /// Size.
            size: i64 = optional(),
            /// Made.
            made: String = computed(),
        }
    }

    model! {
        /// Sample.
        struct Sample {
            /// Name.
            name: String = required().replaces(),
            /// Id.
            id: String = computed().stable(),
            /// Hash.
            hash: String = computed(),
            /// Active.
            active: bool = optional().default(true),
            /// Region.
            region: String = optional_computed(),
            /// Secret.
            secret: String = optional().write_only(),
            /// Inner.
            inner: Vec<Inner> = optional(),
            /// Consumers.
            consumers: Vec<Attribute<String>> = optional(),
        }
    }

    fn sample(name: &str) -> Sample {
        Sample { name: name.into(), ..Sample::default() }
    }

    fn prepared(prior: Option<&Sample>, config: &Sample, proposed: &Sample) -> String {
        let prior = prior.map(Sample::to_value);
        let attributes = Sample::attributes();
        let basis = Basis { existing: prior.as_ref(), settled: prior.as_ref() };
        let value = prepare(&attributes, basis, &config.to_value(), &proposed.to_value());
        to_json(&value).to_string()
    }

    fn existing() -> Sample {
        Sample {
            id: "1".into(),
            hash: "h".into(),
            active: true.into(),
            region: "r".into(),
            inner: vec![Inner { size: 1.into(), made: "m".into() }].into(),
            ..sample("a")
        }
    }

    #[test]
    fn a_create_computes_what_the_configuration_leaves_open() {
        let config = Sample {
            inner: vec![Inner { size: 1.into(), ..Inner::default() }].into(),
            ..sample("a")
        };
        insta::assert_snapshot!(prepared(None, &config, &config), @r#"{"active":true,"consumers":null,"hash":"(known after apply)","id":"(known after apply)","inner":[{"made":"(known after apply)","size":1}],"name":"a","region":"(known after apply)","secret":null}"#);
    }

    #[test]
    fn an_update_without_a_difference_is_the_prior_state() {
        let prior = existing();
        let config = Sample {
            secret: "s".into(),
            inner: vec![Inner { size: 1.into(), ..Inner::default() }].into(),
            ..sample("a")
        };
        // As Terraform proposes: write-only values are in the proposal.
        let proposed = Sample { secret: "s".into(), active: Attribute::Null, ..prior.clone() };
        insta::assert_snapshot!(prepared(Some(&prior), &config, &proposed), @r#"{"active":true,"consumers":null,"hash":"h","id":"1","inner":[{"made":"m","size":1}],"name":"a","region":"r","secret":"s"}"#);
    }

    #[test]
    fn an_update_keeps_what_is_stable() {
        let prior = existing();
        let proposed = Sample { name: "b".into(), inner: Attribute::Null, ..prior.clone() };
        insta::assert_snapshot!(prepared(Some(&prior), &sample("b"), &proposed), @r#"{"active":true,"consumers":null,"hash":"(known after apply)","id":"1","inner":null,"name":"b","region":"(known after apply)","secret":null}"#);
        let replaced = replacing(&Sample::attributes(), &prior.to_value(), &proposed.to_value());
        assert_eq!(replaced, [Path::from("name")]);
    }

    #[test]
    fn partly_known_values_stay_as_written() {
        let list = Value::List(vec!["a".into(), Value::unknown()]);
        let config = Value::object([("consumers", list.clone())]);
        let planned = Value::object([("consumers", Value::unknown())]);
        let restored = restore(&Sample::attributes(), &config, &config, planned);
        assert_eq!(restored.attribute("consumers"), &list);
    }

    #[test]
    fn write_only_values_come_for_apply_and_never_stay() {
        let config = Sample { secret: "s".into(), ..sample("a") }.to_value();
        let planned = sample("a").to_value();
        let attributes = Sample::attributes();
        let filled = with_write_only(&attributes, &config, &planned);
        assert_eq!(filled.attribute("secret"), &"s".into());
        assert_eq!(without_write_only(&attributes, filled), planned);
    }
}
