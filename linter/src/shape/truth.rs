//! The shapes against what the provider said of resources that it really made: see `tests/oracles/shapes`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::{env, fs, io};

use policy::text::{Hole, Part, Shape, Text};
use regex::Regex;
use serde_json::Value as Json;

use super::{Facts, complete};
use crate::model::Mode;
use crate::value::Value;

/// A value that is known as a whole.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => Value::Number(number.clone()),
        Json::String(text) => Value::String(Text::literal(text)),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(fields) => {
            Value::Object(fields.iter().map(|(name, json)| (name.clone(), value(json))).collect())
        }
    }
}

/// Whether a text stands for a string.
fn stands_for(text: &Text, string: &str) -> bool {
    let mut pattern = String::from("(?s)^");
    for part in text.parts() {
        match part {
            Part::Literal(literal) => pattern.push_str(&regex::escape(literal)),
            Part::Hole(Hole { shape: Shape::Any, .. }) => pattern.push_str(".*"),
            Part::Hole(Hole { shape: Shape::Word, .. }) => {
                pattern.push_str(r#"[^:/*?$"\\\s]+"#);
            }
            Part::Hole(Hole { shape: Shape::Glob(glob), .. }) => {
                for character in glob.chars() {
                    match character {
                        '*' => pattern.push_str(r#"[^*?"\\]*"#),
                        '?' => pattern.push_str(r#"[^*?"\\]"#),
                        other => pattern.push_str(&regex::escape(&other.to_string())),
                    }
                }
            }
        }
    }
    pattern.push('$');
    Regex::new(&pattern).unwrap().is_match(string)
}

/// What the shapes add to the arguments of one resource, and which of it is not so.
fn check(resource: &Json, facts: &Facts, problems: &mut Vec<String>) -> usize {
    let text = |name: &str| resource[name].as_str().unwrap();
    let (kind, address) = (text("type"), text("address"));
    let mode = if text("mode") == "data" { Mode::Data } else { Mode::Managed };
    let mut fields: BTreeMap<String, Value> = resource["planned"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, json)| (name.clone(), value(json)))
        .collect();
    let before = fields.clone();
    complete(mode, kind, address, &mut fields, facts);
    let mut checked = 0;
    for (name, value) in &fields {
        let (Value::String(shape), true) = (value, before.get(name) != Some(value)) else {
            continue;
        };
        // Of a release of the provider that does not have it yet, or no more.
        let Some(actual) = resource["actual"].get(name) else { continue };
        checked += 1;
        match actual.as_str() {
            Some(actual) if stands_for(shape, actual) => {}
            actual => problems.push(format!("{address}.{name}: {shape}, but {actual:?}")),
        }
    }
    checked
}

#[test]
fn shapes_stand_for_what_the_provider_makes() {
    let Some(file) = env::var_os("NHI_SHAPES") else { return };
    let made: Json = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let known = Facts::new(
        "",
        &|argument| match argument {
            "region" => made["region"].as_str().unwrap().into(),
            "allowed_account_ids" => Value::List(vec![made["account"].as_str().unwrap().into()]),
            _ => Value::Null,
        },
        &|_, _| None,
    );
    let mut problems = Vec::new();
    let mut checked = 0;
    let resources = made["resources"].as_array().unwrap();
    for resource in resources {
        checked += check(resource, &known, &mut problems);
        check(resource, &Facts::unknown(""), &mut problems);
    }
    let kinds: BTreeSet<_> =
        resources.iter().map(|it| (it["mode"].as_str(), it["type"].as_str())).collect();
    let said = writeln!(
        io::stderr(),
        "shapes: {checked} attributes of {} resources of {} types checked, {} wrong",
        resources.len(),
        kinds.len(),
        problems.len()
    );
    assert!(said.is_ok());
    problems.dedup();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
