//! Plan JSON of a configuration without Terraform: what `terraform show -json` says of a plan that creates all of it.
//!
//! The values are those of the folder, so this proves nothing about evaluation; it brings the same configuration into the
//! form in which a plan tells of it: unknowns as marks, expressions as references.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use crate::hcl::{Block, Body, Expr, parse_body};
use crate::identity::names;
use crate::model::{Mode, Model};
use crate::source::Sources;
use crate::value::Value;

/// What the provider computes of a governed resource or data source.
const COMPUTED: &[&str] =
    &["id", "tags", "labels", "annotations", "description", "aws", "principal_name", "expires_at"];

/// The plan.
pub(crate) fn json(model: &Model, files: &[(&str, &str)]) -> Json {
    let mut changes = Vec::new();
    for resource in &model.resources {
        let (after, mut unknown) = split(&resource.after);
        if resource.kind.starts_with("nhi_") {
            for name in COMPUTED {
                if after.get(name).is_none_or(Json::is_null) {
                    unknown[*name] = Json::Bool(true);
                }
            }
        }
        let action = if resource.mode == Mode::Data { "read" } else { "create" };
        changes.push(json!({
            "address": resource.address,
            "mode": if resource.mode == Mode::Data { "data" } else { "managed" },
            "type": resource.kind,
            "name": resource.name,
            "change": { "actions": [action], "before": null, "after": after, "after_unknown": unknown },
        }));
    }
    json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": { "root_module": {} },
        "variables": {},
        "resource_changes": changes,
        "configuration": { "root_module": module("", files) },
    })
}

/// A value as `after` and `after_unknown` hold it.
fn split(value: &Value) -> (Json, Json) {
    match value {
        Value::Null => (Json::Null, json!(false)),
        Value::Bool(truth) => (json!(truth), json!(false)),
        Value::Number(number) => (Json::Number(number.clone()), json!(false)),
        Value::String(text) => match text.as_str() {
            Some(text) => (json!(text), json!(false)),
            None => (Json::Null, json!(true)),
        },
        Value::Unknown(_) => (Json::Null, json!(true)),
        Value::List(items) => {
            let (after, unknown): (Vec<Json>, Vec<Json>) = items.iter().map(split).unzip();
            (Json::Array(after), Json::Array(unknown))
        }
        Value::Object(fields) => {
            let (mut after, mut unknown) = (Map::new(), Map::new());
            for (key, field) in fields {
                let (known, open) = split(field);
                if open == json!(true) {
                    unknown.insert(key.clone(), open);
                } else {
                    after.insert(key.clone(), known);
                    if open != json!(false) {
                        unknown.insert(key.clone(), open);
                    }
                }
            }
            (Json::Object(after), Json::Object(unknown))
        }
    }
}

/// `configuration` of a module: its files are those whose names begin with its folder.
fn module(folder: &str, files: &[(&str, &str)]) -> Json {
    let mut resources = Vec::new();
    let mut calls = Map::new();
    let mut outputs = Map::new();
    for (name, text) in files {
        let own = name.strip_prefix(folder).is_some_and(|rest| !rest.contains('/'));
        if !own || Path::new(name).extension().is_none_or(|end| end != "tf") {
            continue;
        }
        let mut sources = Sources::default();
        let file = sources.add(*name, *text);
        let (body, errors) = parse_body(text, file);
        assert!(errors.is_empty(), "{name}: {errors:?}");
        for block in &body.blocks {
            match block.kind.as_str() {
                "resource" | "data" => resources.push(resource(block)),
                "module" => {
                    let source = block.body.value("source").and_then(Expr::as_literal).unwrap();
                    let folder = format!("{folder}{}/", source.trim_start_matches("./"));
                    let call = json!({
                        "source": source,
                        "expressions": expressions(&block.body),
                        "module": module(&folder, files),
                    });
                    calls.insert(block.label(0).to_owned(), call);
                }
                "output" => {
                    let value = block.body.value("value").map_or(json!({}), expression);
                    outputs.insert(block.label(0).to_owned(), json!({ "expression": value }));
                }
                _ => {}
            }
        }
    }
    json!({ "resources": resources, "module_calls": calls, "outputs": outputs })
}

fn resource(block: &Block) -> Json {
    let prefix = if block.kind == "data" { "data." } else { "" };
    let mut out = json!({
        "address": format!("{prefix}{}.{}", block.label(0), block.label(1)),
        "mode": if block.kind == "data" { "data" } else { "managed" },
        "type": block.label(0),
        "name": block.label(1),
        "expressions": expressions(&block.body),
    });
    for (meta, key) in [("for_each", "for_each_expression"), ("count", "count_expression")] {
        if let Some(expr) = block.body.value(meta) {
            out[key] = expression(expr);
        }
    }
    out
}

fn expressions(body: &Body) -> Json {
    let mut out = Map::new();
    let meta = ["source", "providers", "provider", "depends_on", "for_each", "count"];
    for attribute in body.attributes.iter().filter(|it| !meta.contains(&it.name.as_str())) {
        out.insert(attribute.name.clone(), expression(&attribute.value));
    }
    let mut blocks: BTreeMap<&str, Vec<Json>> = BTreeMap::new();
    for block in body.blocks.iter().filter(|block| block.kind != "lifecycle") {
        blocks.entry(&block.kind).or_default().push(expressions(&block.body));
    }
    for (kind, bodies) in blocks {
        out.insert(kind.to_owned(), Json::Array(bodies));
    }
    Json::Object(out)
}

/// `{"references": […]}`, each with what it is a part of.
fn expression(expr: &Expr) -> Json {
    let names = names(expr);
    if names.is_empty() {
        return expr.as_literal().map_or(json!({}), |text| json!({ "constant_value": text }));
    }
    let mut references = Vec::new();
    for name in names {
        let steps: Vec<&str> = name.split('.').collect();
        let whole = match steps.as_slice() {
            ["data", kind, name, _, ..] => Some(format!("data.{kind}.{name}")),
            ["module", name, _, ..] => Some(format!("module.{name}")),
            ["var" | "local" | "each" | "count" | "path", ..] => None,
            [kind, name, _, ..] => Some(format!("{kind}.{name}")),
            _ => None,
        };
        references.push(name);
        references.extend(whole);
    }
    json!({ "references": references })
}
