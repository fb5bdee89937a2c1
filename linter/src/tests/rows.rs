//! No row of the catalogue is dead data: of every type a resource that nobody governs is found, in configuration and in a
//! plan, or its row says why not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use policy::governance::Keys;
use serde_json::{Map, Value as Json, json};

use crate::catalogue::{self, Class, Entry, Stands};
use crate::identity::Graph;
use crate::input::{self, Memory, Options};
use crate::lint::{Selected, lint};
use crate::model::Model;
use crate::rule::{Context, Known};
use crate::rules;

use super::now;

/// What the condition of a row needs: the attribute, and a value for it.
fn condition(entry: &Entry) -> Option<(String, String)> {
    let Stands::If { attribute, value } = &entry.stands else { return None };
    let value = value.as_deref().unwrap_or("set").replace('*', "1");
    Some((attribute.clone().into_owned(), value))
}

/// The types that are judged by themselves.
fn judged() -> BTreeSet<String> {
    let judged = catalogue::rows().iter().filter(|entry| {
        matches!(entry.class, Class::Identity | Class::Credential) && entry.stands != Stands::Apart
    });
    judged.map(|entry| format!("{}.x", entry.kind)).collect()
}

fn read(name: &str, text: String) -> Model {
    let disk: BTreeMap<PathBuf, Vec<u8>> = [(PathBuf::from(name), text.into_bytes())].into();
    let path = if name.ends_with(".json") { name } else { "demo" };
    let mut stdin = || Ok(Vec::new());
    let models = input::read(&[path.into()], &mut stdin, &Options::default(), &Memory(disk));
    let [model] = <[Model; 1]>::try_from(models).unwrap();
    assert!(model.problems.is_empty(), "{:?}", model.problems);
    model
}

/// The addresses at which a rule finds something.
fn found(code: &str, model: &Model) -> BTreeSet<String> {
    let graph = Graph::new(model, &Keys::default());
    let known = Known::default();
    let context = Context::new(model, &graph, &known, now(), "");
    let rule = rules::find(code).unwrap();
    let findings = lint(&[Selected { rule, severity: rule.severity }], &context);
    findings.into_iter().map(|finding| finding.address).collect()
}

/// A resource of every type, with what its condition needs. `value` writes the value of a condition.
fn configuration(value: impl Fn(&str) -> String) -> String {
    let mut text = String::from("variable \"unknown\" {}\n");
    for entry in catalogue::rows() {
        let body = condition(entry).map_or_else(String::new, |(attribute, wanted)| {
            let (blocks, name) = attribute.rsplit_once('.').unwrap_or(("", &attribute));
            let blocks: Vec<&str> = blocks.split('.').filter(|block| !block.is_empty()).collect();
            let open: String = blocks.iter().map(|block| format!("{block} {{\n")).collect();
            format!("{open}{name} = {}\n{}", value(&wanted), "}\n".repeat(blocks.len()))
        });
        writeln!(text, "resource \"{}\" \"x\" {{\n{body}}}", entry.kind).unwrap();
    }
    text
}

fn plan() -> String {
    let changes: Vec<Json> = catalogue::rows()
        .iter()
        .map(|entry| {
            let mut after = json!({});
            if let Some((attribute, wanted)) = condition(entry) {
                let mut steps: Vec<&str> = attribute.split('.').collect();
                let name = steps.pop().unwrap();
                let inner = json!({ name: wanted });
                after = steps.into_iter().rev().fold(inner, |inner, step| {
                    Json::Object(Map::from_iter([(step.to_owned(), json!([inner]))]))
                });
            }
            json!({
                "address": format!("{}.x", entry.kind),
                "mode": "managed",
                "type": entry.kind,
                "name": "x",
                "provider_name": "registry.terraform.io/acme/acme",
                "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": {} },
            })
        })
        .collect();
    json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": { "root_module": {} },
        "resource_changes": changes,
        "configuration": { "root_module": {} },
        "complete": true,
        "errored": false,
    })
    .to_string()
}

#[test]
fn every_row_is_found_where_nobody_governs_it() {
    let configured = read("demo/main.tf", configuration(|wanted| format!("\"{wanted}\"")));
    assert_eq!(configured.resources.len(), catalogue::rows().len());
    let planned = read("plan.json", plan());
    assert_eq!(planned.resources.len(), catalogue::rows().len(), "no row is left out of a plan");
    let judged = judged();
    assert!(judged.len() > 300, "{}", judged.len());
    for model in [&configured, &planned] {
        let found = found("OWN001", model);
        let dead: Vec<&String> = judged.difference(&found).collect();
        assert_eq!(dead, Vec::<&String>::new(), "these rows find nothing");
        let extra: Vec<&String> = found.difference(&judged).collect();
        assert_eq!(extra, Vec::<&String>::new(), "these rows say that they are not judged");
    }
}

#[test]
fn nothing_in_the_catalogue_is_called_unknown() {
    let planned = read("plan.json", plan());
    assert_eq!(found("CAT001", &planned), BTreeSet::new());
}

#[test]
fn a_credential_without_an_end_is_found_in_every_row() {
    let model = read("demo/main.tf", configuration(|wanted| format!("\"{wanted}\"")));
    let found = found("CRE001", &model);
    for entry in catalogue::rows() {
        let endless = matches!(entry.ends, catalogue::Ends::Never | catalogue::Ends::Optional);
        let expected = entry.class == Class::Credential && entry.stands != Stands::Apart && endless;
        assert_eq!(found.contains(&format!("{}.x", entry.kind)), expected, "{}", entry.kind);
    }
}

#[test]
fn what_is_not_known_may_be_set() {
    let model = read("demo/main.tf", configuration(|_| "var.unknown".to_owned()));
    let found = found("OWN001", &model);
    let dead: Vec<String> = judged().difference(&found).cloned().collect();
    assert_eq!(dead, Vec::<String>::new());
}
