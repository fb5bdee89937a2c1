//! Kubernetes: service accounts with the roles that bindings give them.

use std::collections::{BTreeMap, BTreeSet};

use policy::kubernetes::Rule;
use policy::text::{Part, Text};

use crate::value::Value;

use super::governance::dig;
use super::{Builder, Content, Grant, Platform};

mod eks;

const ACCOUNT: &[&str] = &[
    "kubernetes_service_account_v1",
    "kubernetes_service_account",
    "kubernetes_default_service_account_v1",
    "kubernetes_default_service_account",
];

/// Roles by type and name.
type Roles = BTreeMap<(String, String), Vec<usize>>;

/// A `rule` block as the API server reads it.
fn rule(block: &Value) -> Rule {
    let texts = |name: &str| block.get(name).elements().iter().filter_map(Value::text).collect();
    Rule {
        api_groups: texts("api_groups"),
        resources: texts("resources"),
        resource_names: texts("resource_names"),
        verbs: texts("verbs"),
        non_resource_urls: texts("non_resource_urls"),
    }
}

/// Hands the rules of every bound role to the service accounts of the binding.
pub(super) fn extract(builder: &mut Builder<'_>) {
    let mut used = BTreeSet::new();
    let roles = roles(builder);
    eks::extract(builder);
    for cluster in [false, true] {
        for version in ["_v1", ""] {
            let middle = if cluster { "cluster_role_binding" } else { "role_binding" };
            for index in builder.links.of_kind(&format!("kubernetes_{middle}{version}")) {
                binding(builder, index, cluster, &roles, &mut used);
            }
        }
    }
    for cluster in ["", "cluster_"] {
        for version in ["_v1", ""] {
            for index in builder.links.of_kind(&format!("kubernetes_{cluster}role{version}")) {
                if !used.contains(&index) {
                    let namespace = cluster.is_empty().then(|| namespace_of(builder, index));
                    builder.graph.loose.push(rules(builder, index, namespace));
                }
            }
        }
    }
}

fn binding(
    builder: &mut Builder<'_>,
    index: usize,
    cluster: bool,
    known: &Roles,
    used: &mut BTreeSet<usize>,
) {
    let namespace = if cluster { None } else { Some(namespace_of(builder, index)) };
    let Some(role) = dig_at(builder, index, "role_ref.name").text() else { return };
    let kind = dig_at(builder, index, "role_ref.kind");
    let wanted = if kind.as_str() == Some("ClusterRole") {
        "kubernetes_cluster_role"
    } else {
        "kubernetes_role"
    };
    let key = role.as_str().map(|name| (wanted.to_owned(), name.to_owned()));
    let key = key.filter(|_| kind.as_str().is_some());
    let mut roles = key.and_then(|key| known.get(&key).cloned()).unwrap_or_default();
    if let (Some(own), "kubernetes_role") = (namespace.as_ref().and_then(Text::as_str), wanted) {
        // A role of the same name in another namespace is another role.
        roles.retain(|role| {
            namespace_of(builder, *role).as_str().is_none_or(|namespace| namespace == own)
        });
    }
    if roles.is_empty() && role.has_holes() {
        let referenced = builder.links.references(index, "role_ref");
        roles.extend(referenced.into_iter().map(|(target, _)| target).filter(|target| {
            builder
                .links
                .resource(*target)
                .is_some_and(|resource| resource.kind.trim_end_matches("_v1") == wanted)
        }));
    }
    let grants: Vec<Grant> = if roles.is_empty() {
        let content = Content::KubernetesRole { role, namespace };
        vec![Grant { resource: index, path: "role_ref[0].name".into(), content }]
    } else {
        used.extend(&roles);
        roles.into_iter().map(|role| rules(builder, role, namespace.clone())).collect()
    };
    for subject in builder.links.value(index, "subject").elements().to_vec() {
        for identity in accounts(builder, index, &subject) {
            builder.grant(identity, &grants);
        }
    }
}

/// The roles of the model by type, without version, and name.
fn roles(builder: &Builder<'_>) -> Roles {
    let mut roles = Roles::new();
    for kind in ["kubernetes_role", "kubernetes_cluster_role"] {
        for version in ["", "_v1"] {
            for index in builder.links.of_kind(&format!("{kind}{version}")) {
                let name = dig_at(builder, index, "metadata.name");
                if let Some(name) = name.as_str() {
                    roles.entry((kind.to_owned(), name.to_owned())).or_default().push(index);
                }
            }
        }
    }
    roles
}

/// The service accounts that a subject stands for; people and groups are none.
fn accounts(builder: &mut Builder<'_>, from: usize, subject: &Value) -> Vec<usize> {
    let name = subject.get("name");
    let mut namespace = match subject.get("namespace") {
        said if said.is_null() => Some("default".to_owned()),
        said => said.as_str().map(str::to_owned),
    };
    let mut account = name.as_str();
    if subject.get("kind").as_str().is_some_and(|kind| kind != "ServiceAccount") {
        // The API server knows service accounts as users and groups, too. All that it calls so is of machines, or has
        // machines in it: `system:authenticated`, `system:nodes`.
        let text = name.text().unwrap_or_default();
        let first = match text.parts().first() {
            Some(Part::Literal(first)) => first.as_str(),
            Some(Part::Hole(_)) | None => "",
        };
        if !first.starts_with("system:") {
            return Vec::new();
        }
        let Some(user) = account.and_then(|name| name.strip_prefix("system:serviceaccount")) else {
            return vec![builder.elsewhere(Platform::Kubernetes, &text.to_string(), from)];
        };
        let Some((of, own)) = user.strip_prefix(':').and_then(|user| user.split_once(':')) else {
            let name = account.unwrap_or_default();
            return vec![builder.elsewhere(Platform::Kubernetes, name, from)];
        };
        namespace = Some(of.to_owned());
        account = Some(own);
    }
    if let Some(name) = account {
        let fits = |index: &usize| {
            let resource = builder.graph.identities.get(*index).map(|identity| identity.resource);
            let own = resource.map(|index| dig_at(builder, index, "metadata.namespace"));
            own.is_none_or(|own| {
                own.has_unknown()
                    || namespace.as_deref().is_none_or(|it| own.as_str().unwrap_or("default") == it)
            })
        };
        let here: Vec<usize> = builder.named(name, ACCOUNT).into_iter().filter(fits).collect();
        if !here.is_empty() {
            return here;
        }
        let place = match namespace {
            Some(namespace) => namespace,
            None => subject.get("namespace").text().unwrap_or_default().to_string(),
        };
        return vec![builder.elsewhere(Platform::Kubernetes, &format!("{place}/{name}"), from)];
    }
    builder.targets_or_elsewhere(from, "subject", name, ACCOUNT, Platform::Kubernetes)
}

fn rules(builder: &Builder<'_>, role: usize, namespace: Option<Text>) -> Grant {
    // The control plane puts its rules together, from whatever roles carry the labels.
    if !builder.links.value(role, "aggregation_rule").elements().is_empty() {
        let name = dig_at(builder, role, "metadata.name").text().unwrap_or_default();
        let content = Content::KubernetesRole { role: name, namespace };
        return Grant { resource: role, path: "aggregation_rule".into(), content };
    }
    let rules = builder.links.value(role, "rule").elements().iter().map(rule).collect();
    Grant { resource: role, path: "rule".into(), content: Content::Rules { rules, namespace } }
}

fn namespace_of(builder: &Builder<'_>, index: usize) -> Text {
    let said = dig_at(builder, index, "metadata.namespace").text();
    said.unwrap_or_else(|| Text::literal("default"))
}

fn dig_at(builder: &Builder<'_>, index: usize, path: &str) -> Value {
    builder
        .links
        .resource(index)
        .map(|resource| dig(&resource.after, path).0.clone())
        .unwrap_or_default()
}
