//! The configuration that says what a state is: for an import that has none yet. Only what a person would write is in it, and
//! planning it for that state changes nothing.

use crate::schema::{AttributeSpec, Nesting};
use crate::value::Value;

/// The configuration: without what the provider computes, what is write-only, and what would be so anyway.
pub(crate) fn generated(attributes: &[AttributeSpec], state: &Value) -> Value {
    let Value::Object(entries) = state else { return state.clone() };
    let entries = entries.iter().map(|(name, value)| {
        let spec = attributes.iter().find(|spec| spec.name == name);
        (name.clone(), spec.map_or(Value::Null, |spec| attribute(spec, value)))
    });
    Value::Object(entries.collect())
}

fn attribute(spec: &AttributeSpec, value: &Value) -> Value {
    let rules = &spec.rules;
    if !rules.mode.is_configurable() || rules.write_only || rules.default.as_ref() == Some(value) {
        return Value::Null;
    }
    let Some((nesting, nested)) = spec.shape.nested() else { return value.clone() };
    match (nesting, value) {
        (Nesting::Single, value) => generated(nested, value),
        (Nesting::List, Value::List(elements)) => {
            Value::List(elements.iter().map(|element| generated(nested, element)).collect())
        }
        (Nesting::Set, Value::Set(elements)) => {
            let elements = elements.as_slice().iter();
            Value::Set(elements.map(|element| generated(nested, element)).collect())
        }
        (Nesting::Map, Value::Map(entries)) => {
            let entries = entries.iter();
            Value::Map(entries.map(|(key, it)| (key.clone(), generated(nested, it))).collect())
        }
        (_, value) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            name: String = required(),
            /// Id.
            id: String = computed(),
            /// State.
            state: String = optional_computed().default("active"),
            /// Region.
            region: String = optional_computed(),
            /// Secret.
            secret: String = optional().write_only(),
            /// One.
            one: Inner = optional(),
            /// Many.
            many: Vec<Inner> = optional(),
            /// By name.
            by_name: std::collections::BTreeMap<String, Inner> = optional(),
            /// Found.
            found: Inner = computed(),
        }
    }

    fn shown(sample: &Sample) -> String {
        to_json(&generated(&Sample::attributes(), &sample.to_value())).to_string()
    }

    #[test]
    fn only_what_a_person_would_write_is_generated() {
        let inner = Inner { size: 1.into(), made: "m".into() };
        let sample = Sample {
            name: "a".into(),
            id: "1".into(),
            state: "active".into(),
            region: "r".into(),
            one: inner.clone().into(),
            many: vec![inner.clone()].into(),
            by_name: std::collections::BTreeMap::from([("x".to_owned(), inner.clone())]).into(),
            found: inner.into(),
            ..Sample::default()
        };
        insta::assert_snapshot!(shown(&sample), @r#"{"by_name":{"x":{"made":null,"size":1}},"found":null,"id":null,"many":[{"made":null,"size":1}],"name":"a","one":{"made":null,"size":1},"region":"r","secret":null,"state":null}"#);
        let other = Sample { state: "disabled".into(), ..Sample::default() };
        insta::assert_snapshot!(shown(&other), @r#"{"by_name":null,"found":null,"id":null,"many":null,"name":null,"one":null,"region":null,"secret":null,"state":"disabled"}"#);
    }
}
