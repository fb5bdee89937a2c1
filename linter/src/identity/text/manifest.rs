//! Manifests of Kubernetes: service accounts, roles, bindings and tokens as the provider's own resources have them.

use std::collections::BTreeMap;

use policy::text::Text;
use policy::verdict::Why;

use crate::model::Resource;
use crate::value::Value;

use super::{Made, Part, Platform, cloud, documents, helm, not_known, set};

/// Lists within lists end here, whatever a text says.
const DEEPEST: usize = 16;

/// Where roles and bindings are.
const RBAC: &str = "rbac.authorization.k8s.io";

/// The same of `OpenShift`, from before there were any in Kubernetes.
const OPENSHIFT: &str = "authorization.openshift.io";

/// The fields of a rule, and the provider's names for them.
pub(super) const RULES: &[(&str, &str)] = &[
    ("apiGroups", "api_groups"),
    ("resources", "resources"),
    ("resourceNames", "resource_names"),
    ("nonResourceURLs", "non_resource_urls"),
    ("verbs", "verbs"),
];

/// `kubernetes_manifest`: the manifest is an object.
pub(super) fn object(resource: &Resource) -> Vec<Part> {
    let mut parts = Vec::new();
    read(resource.after.get("manifest"), "manifest", DEEPEST, &mut parts);
    named(parts)
}

/// Resources that hold manifests as text, JSON or YAML.
pub(super) fn text(resource: &Resource) -> Vec<Part> {
    let mut parts = Vec::new();
    for argument in ["yaml_body", "manifest", "content"] {
        let value = resource.after.get(argument);
        if !value.is_null() {
            stream(value, argument, &mut parts);
        }
    }
    named(parts)
}

/// Reads every document of a text.
pub(in crate::identity) fn stream(value: &Value, path: &str, parts: &mut Vec<Part>) {
    let text = match value {
        Value::String(text) => text,
        Value::Unknown(_) => return parts.push(unread(path, not_known(path, value))),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_) => {
            return parts.push(unread(path, no_manifest(path)));
        }
    };
    match documents(text) {
        Some(found) => {
            for found in &found {
                read(found, path, DEEPEST, parts);
            }
            // An unknown part that nothing escapes may begin a document of its own.
            if let Some(hole) = text.raw_hole() {
                parts.push(unread(path, not_known(path, &Value::Unknown(hole.clone()))));
            }
        }
        None if text.has_holes() => parts.push(unread(path, not_known(path, value))),
        None => parts.push(unread(path, no_manifest(path))),
    }
}

fn no_manifest(path: &str) -> Why {
    Why::construct(format!("`{path}` is no manifest that can be read"))
}

fn unread(path: &str, why: Why) -> Part {
    Part::new(None, path, Made::Unread(Platform::Kubernetes, why))
}

/// One that makes a single thing is called by its address alone.
fn named(mut parts: Vec<Part>) -> Vec<Part> {
    if let [only] = parts.as_mut_slice() {
        only.label = None;
    }
    parts
}

/// Reads one manifest.
pub(super) fn read(manifest: &Value, path: &str, depth: usize, parts: &mut Vec<Part>) {
    if manifest.is_null() {
        return;
    }
    let (Value::Object(_), Some(inner)) = (manifest, depth.checked_sub(1)) else {
        let why =
            if manifest.has_unknown() { not_known(path, manifest) } else { no_manifest(path) };
        return parts.push(unread(path, why));
    };
    let (Some(kind), Some(version)) =
        (manifest.get("kind").text(), manifest.get("apiVersion").text())
    else {
        return parts.push(unread(path, no_manifest(path)));
    };
    let (Some(kind), Some(version)) = (kind.as_str(), version.as_str()) else {
        let said = Value::List(vec![Value::String(kind), Value::String(version)]);
        return parts.push(unread(path, not_known(path, &said)));
    };
    let group = version.rsplit_once('/').map_or("", |(group, _)| group);
    if kind.ends_with("List") && !manifest.get("items").is_null() {
        return read_all(manifest.get("items"), path, inner, parts);
    }
    if kind == "Composition" && group.starts_with("apiextensions.crossplane.io") {
        for resource in manifest.get("spec").get("resources").elements() {
            read(resource.get("base"), path, inner, parts);
        }
        // The newer form has them in what it gives to functions.
        for step in manifest.get("spec").get("pipeline").elements() {
            for resource in step.get("input").get("resources").elements() {
                read(resource.get("base"), path, inner, parts);
            }
        }
        return;
    }
    let label = label(kind, manifest);
    let made = |kind, after| Made::Resource(kind, after);
    let part = |made| Part::new(Some(label.clone()), path, made);
    match (group, kind) {
        ("", "ServiceAccount") => {
            let after = [metadata(manifest)].into();
            parts.push(part(made("kubernetes_service_account_v1", after)));
        }
        ("", "Secret") => {
            let kind = ("type".to_owned(), manifest.get("type").clone());
            parts.push(part(made("kubernetes_secret_v1", [metadata(manifest), kind].into())));
        }
        ("certificates.k8s.io", "CertificateSigningRequest") => {
            let after = [metadata(manifest)].into();
            parts.push(part(made("kubernetes_certificate_signing_request_v1", after)));
        }
        (RBAC | OPENSHIFT, "Role") => {
            parts.push(part(made("kubernetes_role_v1", role(manifest))));
        }
        (RBAC | OPENSHIFT, "ClusterRole") => {
            parts.push(part(made("kubernetes_cluster_role_v1", role(manifest))));
        }
        (RBAC | OPENSHIFT, "RoleBinding") => {
            parts.push(part(made("kubernetes_role_binding_v1", binding(manifest))));
        }
        (RBAC | OPENSHIFT, "ClusterRoleBinding") => {
            parts.push(part(made("kubernetes_cluster_role_binding_v1", binding(manifest))));
        }
        ("helm.toolkit.fluxcd.io", "HelmRelease") => {
            let spec = manifest.get("spec");
            let namespace = set(spec.get("targetNamespace"));
            let namespace = namespace.unwrap_or_else(|| manifest.get("metadata").get("namespace"));
            helm::inside(spec.get("values"), namespace, path, parts);
        }
        ("argoproj.io", "Application") => {
            let spec = manifest.get("spec");
            let namespace = spec.get("destination").get("namespace");
            for source in [spec.get("source"), spec.get("sources")] {
                for source in source.elements() {
                    for name in ["valuesObject", "values"] {
                        helm::inside(source.get("helm").get(name), namespace, path, parts);
                    }
                }
            }
        }
        _ => parts.extend(cloud::read(group, kind, manifest).into_iter().map(part)),
    }
}

/// Reads a list of manifests, some of which may be texts.
pub(super) fn read_all(items: &Value, path: &str, depth: usize, parts: &mut Vec<Part>) {
    for item in items.elements() {
        match item {
            Value::String(_) => stream(item, path, parts),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::List(_)
            | Value::Object(_)
            | Value::Unknown(_) => read(item, path, depth, parts),
        }
    }
}

/// `ServiceAccount/shop/web`
fn label(kind: &str, manifest: &Value) -> String {
    let mut label = kind.to_owned();
    for name in ["namespace", "name"] {
        if let Some(name) = manifest.get("metadata").get(name).text() {
            label.push('/');
            label.push_str(&name.to_string());
        }
    }
    label
}

/// The block that a provider has for what a manifest has an object for.
fn block(value: Value) -> Value {
    match value {
        Value::Object(_) => Value::List(vec![value]),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::List(_)
        | Value::Unknown(_) => value,
    }
}

fn metadata(manifest: &Value) -> (String, Value) {
    ("metadata".to_owned(), block(manifest.get("metadata").clone()))
}

/// The fields of an object under the names that the provider has for them.
fn renamed(value: &Value, names: &[(&str, &str)]) -> Value {
    match value {
        Value::Object(_) => {
            let field = |(from, to): &(&str, &str)| ((*to).to_owned(), value.get(from).clone());
            Value::Object(names.iter().map(field).filter(|(_, it)| !it.is_null()).collect())
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::List(_)
        | Value::Unknown(_) => value.clone(),
    }
}

/// The same of each element of a list.
pub(super) fn each(value: &Value, names: &[(&str, &str)]) -> Value {
    match value {
        Value::List(items) => Value::List(items.iter().map(|item| renamed(item, names)).collect()),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Object(_)
        | Value::Unknown(_) => renamed(value, names),
    }
}

fn role(manifest: &Value) -> BTreeMap<String, Value> {
    let mut after = BTreeMap::from([metadata(manifest)]);
    after.insert("rule".to_owned(), each(manifest.get("rules"), RULES));
    let aggregated = manifest.get("aggregationRule").clone();
    if !aggregated.is_null() {
        after.insert("aggregation_rule".to_owned(), block(aggregated));
    }
    after
}

fn binding(manifest: &Value) -> BTreeMap<String, Value> {
    let reference = [("apiGroup", "api_group"), ("kind", "kind"), ("name", "name")];
    let subject = [("kind", "kind"), ("name", "name"), ("namespace", "namespace")];
    let mut after = BTreeMap::from([metadata(manifest)]);
    let mut role = renamed(manifest.get("roleRef"), &reference);
    // `OpenShift` says no kind: without a namespace it is a role of the cluster.
    if let Value::Object(fields) = &mut role
        && !fields.contains_key("kind")
        && manifest.get("roleRef").get("namespace").is_null()
    {
        fields.insert("kind".to_owned(), Value::from("ClusterRole"));
    }
    after.insert("role_ref".to_owned(), block(role));
    after.insert("subject".to_owned(), each(manifest.get("subjects"), &subject));
    after
}

/// A name of Kubernetes, for what has one there and none elsewhere.
pub(super) fn name(manifest: &Value) -> Text {
    manifest.get("metadata").get("name").text().unwrap_or_default()
}
