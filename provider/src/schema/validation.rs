//! What is wrong with a configuration by its schema alone. Terraform checks types and required arguments itself; the rest
//! of what the schema says is checked here, so that it is true wherever the value comes from.

use super::{AttributeSpec, Mode, Nesting, Rules};
use crate::path::Place;
use crate::problem::Problem;
use crate::value::Value;

/// Everything that the schema refuses. Unknown values are never refused: they are checked again when they are known.
pub(crate) fn problems(
    attributes: &[AttributeSpec],
    config: &Value,
    write_only_allowed: bool,
) -> Vec<Problem> {
    let mut found = Vec::new();
    object(attributes, config, &Place::Root, write_only_allowed, &mut found);
    found
}

fn object(
    attributes: &[AttributeSpec],
    config: &Value,
    path: &Place<'_>,
    write_only_allowed: bool,
    found: &mut Vec<Problem>,
) {
    for spec in attributes {
        let value = config.attribute(spec.name);
        let path = path.attribute(spec.name);
        if value.is_null() {
            if spec.rules.mode == Mode::Required {
                let what = if spec.is_block() { "block" } else { "argument" };
                let detail = format!("the {what} `{}` is required", spec.name);
                found.push(
                    Problem::error(format!("Missing required {what}"), detail).at(path.path()),
                );
            }
            continue;
        }
        if spec.rules.write_only && !write_only_allowed {
            let detail = format!(
                "`{}` is kept out of plan and state, which needs Terraform or OpenTofu 1.11 or later",
                spec.name
            );
            found.push(Problem::error("Write-only argument not possible", detail).at(path.path()));
        }
        texts(&spec.rules, value, &path, found);
        let Some((nesting, nested)) = spec.shape.nested() else { continue };
        for (value, path) in objects(nesting, value, &path) {
            object(nested, value, &path, write_only_allowed, found);
        }
    }
}

/// The objects of a nested attribute or block, with their paths. A path cannot lead into a set.
pub(crate) fn objects<'a>(
    nesting: Nesting,
    value: &'a Value,
    path: &'a Place<'a>,
) -> Vec<(&'a Value, Place<'a>)> {
    match (nesting, value) {
        (Nesting::Single, Value::Object(_)) => vec![(value, *path)],
        (Nesting::List, Value::List(elements)) => {
            let elements = elements.iter().enumerate();
            elements.map(|(index, value)| (value, path.index(index))).collect()
        }
        (Nesting::Set, Value::Set(elements)) => {
            elements.as_slice().iter().map(|value| (value, *path)).collect()
        }
        (Nesting::Map, Value::Map(entries)) => {
            entries.iter().map(|(key, value)| (value, path.key(key))).collect()
        }
        // Null and unknown: there is nothing to look at yet.
        _ => Vec::new(),
    }
}

/// Checks each known text of a plain attribute.
fn texts(rules: &Rules, value: &Value, path: &Place<'_>, found: &mut Vec<Problem>) {
    match value {
        Value::String(text) => {
            if !rules.one_of.is_empty() && !rules.one_of.contains(&text.as_str()) {
                let allowed: Vec<String> =
                    rules.one_of.iter().map(|text| format!("`{text}`")).collect();
                let detail =
                    format!("{} is not one of {}", quoted(rules, text), allowed.join(", "));
                found.push(Problem::error("Unsuitable value", detail).at(path.path()));
            }
            if let Some(Err(detail)) = rules.check.map(|check| check(text)) {
                found.push(Problem::error("Unsuitable value", detail).at(path.path()));
            }
        }
        Value::List(elements) => {
            for (index, value) in elements.iter().enumerate() {
                texts(rules, value, &path.index(index), found);
            }
        }
        Value::Set(elements) => {
            for value in elements.as_slice() {
                texts(rules, value, path, found);
            }
        }
        Value::Map(entries) => {
            for (key, value) in entries {
                texts(rules, value, &path.key(key), found);
            }
        }
        // The texts of nested attributes have rules of their own.
        Value::Null
        | Value::Unknown(_)
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Object(_)
        | Value::Dynamic(_) => {}
    }
}

fn quoted(rules: &Rules, text: &str) -> String {
    if rules.sensitive || rules.write_only { "the value".to_owned() } else { format!("`{text}`") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Model as _, model};
    use crate::schema::{optional, required};

    fn short(text: &str) -> Result<(), String> {
        if text.len() < 4 { Ok(()) } else { Err("use fewer than four letters".to_owned()) }
    }

    model! {
        /// Nested.
        struct Inner {
            /// Kind.
            kind: String = required().one_of(&["a", "b"]),
        }
    }

    model! {
        /// Sample.
        struct Sample {
            /// Name.
            name: String = required(),
            /// Tags.
            tags: Vec<crate::attribute::Attribute<String>> = optional().check(short),
            /// Secret.
            secret: String = optional().write_only().one_of(&["x"]),
            /// Inner.
            inner: Vec<Inner> = optional(),
        }
    }

    fn shown(config: &Value, write_only_allowed: bool) -> String {
        let found = problems(&Sample::attributes(), config, write_only_allowed);
        let lines = found.into_iter().map(|problem| {
            let path = problem.attribute.unwrap_or_default();
            format!("{path}: {}: {}", problem.summary, problem.detail)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn everything_is_found_at_once_and_secrets_are_not_quoted() {
        let kinds = ["a", "c"].map(|kind| Value::object([("kind", kind.into())]));
        let config = Value::object([
            ("tags", Value::List(vec!["ok".into(), "long!".into(), Value::unknown()])),
            ("secret", "hunter2".into()),
            ("inner", Value::List(kinds.into())),
        ]);
        insta::assert_snapshot!(shown(&config, false), @"
        name: Missing required argument: the argument `name` is required
        tags[1]: Unsuitable value: use fewer than four letters
        secret: Write-only argument not possible: `secret` is kept out of plan and state, which needs Terraform or OpenTofu 1.11 or later
        secret: Unsuitable value: the value is not one of `x`
        inner[1].kind: Unsuitable value: `c` is not one of `a`, `b`
        ");
    }

    #[test]
    fn unknown_is_never_a_violation() {
        let unknown = Value::object([
            ("name", Value::unknown()),
            ("tags", Value::unknown()),
            ("secret", Value::unknown()),
            ("inner", Value::unknown()),
        ]);
        assert_eq!(shown(&unknown, true), "");
    }
}
