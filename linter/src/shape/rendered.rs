//! What a governed resource renders from its template on every platform but AWS: the provider says it in every plan, so that
//! a role, a rule or a scope that is taken from there is as good as one that is written out.
//!
//! The documents of AWS stay unknown: they are compared whole, by where they come from.

use std::collections::BTreeMap;

use policy::governance::Kind;
use policy::template::model::{KubernetesRule, VaultRule};
use policy::template::{Library, Template};
use policy::text::Text;

use crate::evaluate::functions::{to_json, write_string};
use crate::value::Value;

/// Adds the ceilings that follow from template and parameters; what is known already stays.
pub(crate) fn complete(kind: &str, fields: &mut BTreeMap<String, Value>, library: &Library) {
    if kind.strip_prefix("nhi_").and_then(Kind::from_name).is_none() {
        return;
    }
    let Some(template) = fields.get("template").and_then(Value::as_str) else { return };
    let Some(template) = library.ceiling(template) else { return };
    let Some(values) = values(template, fields.get("parameters")) else { return };
    for (platform, value) in ceilings(template, &values) {
        if matches!(fields.get(platform), None | Some(Value::Unknown(_))) {
            fields.insert(platform.to_owned(), value);
        }
    }
}

/// The value of every parameter that is stated or has a default; None where nothing would be rendered.
fn values(template: &Template, stated: Option<&Value>) -> Option<BTreeMap<String, Text>> {
    let stated = match stated {
        None | Some(Value::Null) => &BTreeMap::new(),
        Some(Value::Object(stated)) => stated,
        Some(_) => return None,
    };
    let mut values = BTreeMap::new();
    let mut known = BTreeMap::new();
    for (name, value) in stated {
        if value.is_null() {
            continue;
        }
        let text = value.text().filter(|_| template.parameters.contains_key(name))?;
        if let Some(text) = text.as_str() {
            known.insert(name.clone(), text.to_owned());
        }
        values.insert(name.clone(), text);
    }
    if !template.check_given(&known).is_empty() {
        return None;
    }
    for parameter in template.parameters.values() {
        if let Some(default) = &parameter.default {
            values.entry(parameter.name.clone()).or_insert_with(|| default.as_str().into());
        }
    }
    Some(values)
}

/// The attribute of each platform that the template speaks of, with its value. A ceiling that lacks a parameter is null.
fn ceilings(template: &Template, values: &BTreeMap<String, Text>) -> Vec<(&'static str, Value)> {
    let gcp = template.gcp.as_ref().map(|block| {
        let block = block.try_map(|text| text.value.fill_text(values))?;
        Some(object([
            ("roles", list(block.roles)),
            ("permissions", list(block.permissions)),
            ("resources", list(block.resources)),
        ]))
    });
    let azure = template.azure.as_ref().map(|block| {
        let block = block.try_map(|text| text.value.fill_text(values))?;
        Some(object([
            ("actions", list(block.actions)),
            ("not_actions", list(block.not_actions)),
            ("data_actions", list(block.data_actions)),
            ("not_data_actions", list(block.not_data_actions)),
            ("scopes", list(block.scopes)),
        ]))
    });
    let kubernetes = template.kubernetes.as_ref().map(|block| {
        let block = block.try_map(|text| text.value.fill_text(values))?;
        let rules = Value::List(block.rules.into_iter().map(rule).collect());
        let rules = Value::String(to_json(&rules));
        Some(object([("namespaces", list(block.namespaces)), ("rules", rules)]))
    });
    let vault = template.vault.as_ref().map(|block| {
        let block = block.try_map(|text| text.value.fill_text(values))?;
        Some(object([("policy", Value::String(vault(block.rules)))]))
    });
    let github = template.github.as_ref().map(|block| {
        let block = block.try_map(|text| text.value.fill_text(values))?;
        let level = |(name, level)| (name, Value::String(level));
        let permissions = Value::Object(block.permissions.into_iter().map(level).collect());
        Some(object([("permissions", permissions), ("repositories", list(block.repositories))]))
    });
    let all = [
        ("gcp", gcp),
        ("azure", azure),
        ("kubernetes", kubernetes),
        ("vault", vault),
        ("github", github),
    ];
    all.into_iter().map(|(name, value)| (name, value.flatten().unwrap_or_default())).collect()
}

fn list(items: Vec<Text>) -> Value {
    Value::List(items.into_iter().map(Value::String).collect())
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A rule as Kubernetes writes it.
fn rule(rule: KubernetesRule<Text>) -> Value {
    let mut fields =
        vec![("apiGroups", rule.api_groups), ("resources", rule.resources), ("verbs", rule.verbs)];
    if !rule.resource_names.is_empty() {
        fields.push(("resourceNames", rule.resource_names));
    }
    Value::Object(fields.into_iter().map(|(name, texts)| (name.to_owned(), list(texts))).collect())
}

/// A policy as JSON, each path once.
fn vault(rules: Vec<VaultRule<Text>>) -> Text {
    let mut paths: BTreeMap<String, (Text, Vec<Text>)> = BTreeMap::new();
    for rule in rules {
        let (_, capabilities) =
            paths.entry(rule.path.to_string()).or_insert((rule.path, Vec::new()));
        for capability in rule.capabilities {
            if !capabilities.contains(&capability) {
                capabilities.push(capability);
            }
        }
    }
    let mut out = Text::literal("{\"path\":{");
    for (number, (path, capabilities)) in paths.into_values().enumerate() {
        out.push_str(if number == 0 { "" } else { "," });
        write_string(&path, &mut out);
        out.push_str(":");
        out.push(&to_json(&object([("capabilities", list(capabilities))])));
    }
    out.push_str("}}");
    out
}
