//! Charts: what their values say of service accounts, of rules, and of manifests that they add.
//!
//! What a chart makes beside that is in the chart, which is no part of a plan.

use std::collections::BTreeMap;

use policy::text::{Shape, Text};
use policy::verdict::Why;

use crate::model::Resource;
use crate::value::Value;

use super::super::dig;
use super::manifest::{self, RULES, each};
use super::{Made, Part, Platform, documents, not_known, set};

/// Values within values end here, whatever a text says.
const DEEPEST: usize = 24;

/// Keys under which charts take manifests to add.
const MANIFESTS: &[&str] = &[
    "additionalManifests",
    "additionalResources",
    "extraDeploy",
    "extraManifests",
    "extraObjects",
    "extraResources",
    "manifests",
    "resources",
    "templates",
];

/// Keys under which charts take rules of roles, and whether they hold everywhere.
const RULE_LISTS: &[(&str, bool)] = &[
    ("rules", false),
    ("extraRules", false),
    ("additionalRules", false),
    ("extraRoleRules", false),
    ("clusterRules", true),
    ("clusterRoleRules", true),
    ("extraClusterRules", true),
    ("extraClusterRoleRules", true),
];

/// `helm_release`
pub(super) fn release(resource: &Resource) -> Vec<Part> {
    let said = |name: &str| resource.after.get(name);
    let mut parts = Vec::new();
    let mut merged = Value::Object(BTreeMap::new());
    for (number, text) in said("values").elements().iter().enumerate() {
        values(text, &format!("values[{number}]"), &mut merged, &mut parts);
    }
    for name in ["set", "set_list", "set_sensitive", "set_wo"] {
        for block in said(name).elements() {
            // Helm reads a truth value where it can.
            let said = block.get("value");
            let truth = said.as_str().and_then(|text| text.parse().ok());
            let value = truth.map_or_else(|| said.clone(), Value::Bool);
            match block.get("name").as_str() {
                Some(path) => put(&mut merged, &steps(path), value),
                None => parts.push(unread(name, not_known(name, block))),
            }
        }
    }
    let namespace = set(said("namespace")).cloned().unwrap_or_else(|| Value::from("default"));
    let path = if said("values").is_null() { "set" } else { "values" };
    Chart { path, namespace: &namespace, parts: &mut parts }.read(&merged, "", DEEPEST);
    parts
}

/// `argocd_application`, where it has values of its own.
pub(super) fn application(resource: &Resource) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut merged = Value::Object(BTreeMap::new());
    let (text, _) = dig(&resource.after, "spec.source.helm.values");
    if !text.is_null() {
        values(text, "spec", &mut merged, &mut parts);
    }
    for block in dig(&resource.after, "spec.source.helm.parameter").0.elements() {
        if let Some(path) = block.get("name").as_str() {
            put(&mut merged, &steps(path), block.get("value").clone());
        }
    }
    let (namespace, _) = dig(&resource.after, "spec.destination.namespace");
    Chart { path: "spec", namespace, parts: &mut parts }.read(&merged, "", DEEPEST);
    parts
}

/// The values of a release that is itself a manifest: an object, or its text.
pub(super) fn inside(given: &Value, namespace: &Value, path: &str, parts: &mut Vec<Part>) {
    let mut merged = Value::Object(BTreeMap::new());
    match given {
        Value::Object(_) => merged = given.clone(),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::List(_)
        | Value::Unknown(_) => values(given, path, &mut merged, parts),
    }
    Chart { path, namespace, parts }.read(&merged, "", DEEPEST);
}

fn unread(path: &str, why: Why) -> Part {
    Part::new(None, path, Made::Unread(Platform::Kubernetes, why))
}

/// Adds the values of a text to those before it.
fn values(value: &Value, path: &str, merged: &mut Value, parts: &mut Vec<Part>) {
    let read = match value {
        Value::String(text) => documents(text),
        Value::Null => return,
        Value::Bool(_)
        | Value::Number(_)
        | Value::List(_)
        | Value::Object(_)
        | Value::Unknown(_) => None,
    };
    match read.as_deref() {
        Some([]) => {}
        Some([more @ Value::Object(_)]) => merge(merged, more, DEEPEST),
        Some(_) | None if value.has_unknown() => parts.push(unread(path, not_known(path, value))),
        Some(_) | None => {
            let why = Why::construct(format!("`{path}` holds no values that can be read"));
            parts.push(unread(path, why));
        }
    }
}

fn merge(into: &mut Value, more: &Value, depth: usize) {
    match (into, more, depth.checked_sub(1)) {
        (Value::Object(fields), Value::Object(more), Some(depth)) => {
            for (name, value) in more {
                merge(fields.entry(name.clone()).or_default(), value, depth);
            }
        }
        (into, more, _) => *into = more.clone(),
    }
}

/// `serviceAccount.annotations.eks\.amazonaws\.com/role-arn` in steps.
fn steps(path: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    let mut escaped = false;
    for character in path.chars() {
        match (character, steps.last_mut()) {
            ('\\', _) if !escaped => {
                escaped = true;
                continue;
            }
            ('.', _) if !escaped => steps.push(String::new()),
            (other, Some(last)) => last.push(other),
            (_, None) => {}
        }
        escaped = false;
    }
    steps
}

fn put(into: &mut Value, steps: &[String], value: Value) {
    let Some((first, rest)) = steps.split_first() else {
        *into = value;
        return;
    };
    if !matches!(into, Value::Object(_) | Value::Unknown(_)) {
        *into = Value::Object(BTreeMap::new());
    }
    if let Value::Object(fields) = into {
        put(fields.entry(first.clone()).or_default(), rest, value);
    }
}

struct Chart<'a> {
    path: &'a str,
    namespace: &'a Value,
    parts: &'a mut Vec<Part>,
}

impl Chart<'_> {
    /// Looks for what a chart or one of its parts says.
    fn read(&mut self, values: &Value, at: &str, depth: usize) {
        let (Value::Object(fields), Some(depth)) = (values, depth.checked_sub(1)) else { return };
        let mut accounts = Vec::new();
        for (name, value) in fields {
            let inner = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            if name == "serviceAccount" || name.ends_with("ServiceAccount") {
                accounts.extend(self.account(value, &inner));
            } else if name == "serviceAccounts" {
                if let Value::Object(several) = value {
                    for (name, value) in several {
                        accounts.extend(self.account(value, &format!("{inner}.{name}")));
                    }
                }
            } else if MANIFESTS.contains(&name.as_str()) {
                self.manifests(value);
            } else if name != "rbac" {
                self.read(value, &inner, depth);
            }
        }
        let rbac = values.get("rbac");
        let off = matches!(rbac.get("create"), Value::Bool(false));
        if !rbac.is_null() && !off {
            self.rules(rbac, at, &accounts);
        }
    }

    /// The service account of a chart; its name within the host, and the name that it has, if known.
    fn account(&mut self, value: &Value, at: &str) -> Option<(String, Value)> {
        if matches!(value.get("create"), Value::Bool(false)) {
            return None;
        }
        let name = match value {
            Value::Object(fields) if fields.is_empty() => return None,
            Value::Object(_) | Value::Unknown(_) => value.get("name").clone(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) => {
                return None;
            }
        };
        let name = if name.is_null() || name.as_str() == Some("") {
            Value::String(Text::hole(format!("the name that the chart gives `{at}`"), Shape::Word))
        } else {
            name
        };
        let mut metadata = BTreeMap::from([
            ("name".to_owned(), name.clone()),
            ("namespace".to_owned(), self.namespace.clone()),
        ]);
        for said in ["annotations", "labels"] {
            metadata.insert(said.to_owned(), value.get(said).clone());
        }
        let after = [("metadata".to_owned(), Value::List(vec![Value::Object(metadata)]))];
        self.add(at.to_owned(), "kubernetes_service_account_v1", after.into());
        Some((at.to_owned(), name))
    }

    fn add(&mut self, label: String, kind: &'static str, after: BTreeMap<String, Value>) {
        self.parts.push(Part::new(Some(label), self.path, Made::Resource(kind, after)));
    }

    /// Rules in the values, for every service account beside them.
    fn rules(&mut self, rbac: &Value, at: &str, accounts: &[(String, Value)]) {
        let mut any = false;
        for (list, cluster) in RULE_LISTS {
            let rules = rbac.get(list);
            if rules.is_null() {
                continue;
            }
            any = true;
            let label = format!(
                "{}rbac.{list}",
                if at.is_empty() { String::new() } else { format!("{at}.") }
            );
            let (role, binding, kind) = if *cluster {
                ("kubernetes_cluster_role_v1", "kubernetes_cluster_role_binding_v1", "ClusterRole")
            } else {
                ("kubernetes_role_v1", "kubernetes_role_binding_v1", "Role")
            };
            let object = |fields: Vec<(&str, Value)>| {
                let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::List(vec![Value::Object(fields.collect())])
            };
            let name = Value::from(label.as_str());
            let metadata =
                object(vec![("name", name.clone()), ("namespace", self.namespace.clone())]);
            let after = [
                ("metadata".to_owned(), metadata.clone()),
                ("rule".to_owned(), each(rules, RULES)),
            ];
            self.add(label.clone(), role, after.into());
            for (account, known) in accounts {
                let subject = object(vec![
                    ("kind", Value::from("ServiceAccount")),
                    ("name", known.clone()),
                    ("namespace", self.namespace.clone()),
                ]);
                let reference = object(vec![("kind", Value::from(kind)), ("name", name.clone())]);
                let after = [
                    ("metadata".to_owned(), metadata.clone()),
                    ("role_ref".to_owned(), reference),
                    ("subject".to_owned(), subject),
                ];
                let made = Made::Resource(binding, after.into());
                let mut part = Part::new(Some(format!("{label} of {account}")), self.path, made);
                part.links.push(("subject".to_owned(), account.clone(), "name".to_owned()));
                self.parts.push(part);
            }
        }
        if !any && matches!(rbac.get("create"), Value::Bool(true)) {
            let reason = "the chart makes roles, and which is no part of the plan";
            self.parts.push(unread(self.path, Why::construct(reason)));
        }
    }

    fn manifests(&mut self, value: &Value) {
        let is_manifest = |value: &Value| match value {
            Value::Object(fields) => {
                fields.contains_key("kind") && fields.contains_key("apiVersion")
            }
            Value::String(text) => text.to_string().contains("kind:"),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::List(_)
            | Value::Unknown(_) => false,
        };
        let items: Vec<Value> = if let Value::Object(fields) = value {
            fields.values().filter(|it| is_manifest(it)).cloned().collect()
        } else {
            value.elements().iter().filter(|it| is_manifest(it)).cloned().collect()
        };
        manifest::read_all(&Value::List(items), self.path, DEEPEST, self.parts);
    }
}
