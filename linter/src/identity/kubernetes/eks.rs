//! Whom an EKS cluster lets in as whom: access policies, and the config map `aws-auth`.

use policy::text::Text;
use policy::verdict::Why;

use crate::evaluate::functions;
use crate::value::Value;

use super::super::{Builder, Content, Grant, Platform, dig};

/// The access policies that are roles of Kubernetes.
/// <https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html>
const POLICIES: &[(&str, &str)] = &[
    ("AmazonEKSClusterAdminPolicy", "cluster-admin"),
    ("AmazonEKSAdminPolicy", "admin"),
    ("AmazonEKSEditPolicy", "edit"),
    ("AmazonEKSViewPolicy", "view"),
];

/// The group whose members may do everything.
const MASTERS: &str = "system:masters";

/// Hands roles of the cluster to whom it lets in.
pub(super) fn extract(builder: &mut Builder<'_>) {
    for index in builder.links.of_kind("aws_eks_access_policy_association") {
        let value = |name: &str| builder.links.value(index, name).clone();
        let Some(policy) = value("policy_arn").text() else { continue };
        let scope = value("access_scope");
        let spaces = scope.elements().first().map(|scope| scope.get("namespaces").clone());
        let name = policy.as_str().and_then(|arn| arn.rsplit('/').next());
        let role = name.and_then(|name| POLICIES.iter().find(|(known, _)| *known == name));
        let role = role.map_or(policy.clone(), |(_, role)| Text::literal(*role));
        let spaces: Vec<Text> =
            spaces.unwrap_or_default().elements().iter().filter_map(Value::text).collect();
        let spaces: Vec<Option<Text>> =
            if spaces.is_empty() { vec![None] } else { spaces.into_iter().map(Some).collect() };
        let grants: Vec<Grant> = spaces
            .into_iter()
            .map(|namespace| {
                let content = Content::KubernetesRole { role: role.clone(), namespace };
                Grant { resource: index, path: "policy_arn".to_owned(), content }
            })
            .collect();
        let who = value("principal_arn").text().unwrap_or_default().to_string();
        let identity = builder.elsewhere(Platform::Kubernetes, &who, index);
        builder.grant(identity, &grants);
    }
    for kind in
        ["kubernetes_config_map", "kubernetes_config_map_v1", "kubernetes_config_map_v1_data"]
    {
        for index in builder.links.of_kind(kind) {
            let Some(resource) = builder.links.resource(index) else { continue };
            if dig(&resource.after, "metadata.name").0.as_str() == Some("aws-auth") {
                for name in ["mapRoles", "mapUsers"] {
                    mapped(builder, index, name, resource.after.get("data").get(name));
                }
            }
        }
    }
}

/// The entries of `aws-auth` that are in the group of masters.
fn mapped(builder: &mut Builder<'_>, index: usize, name: &str, value: &Value) {
    let Some(text) = value.text() else { return };
    let path = format!("data.{name}");
    let entries = functions::from_yaml(&text);
    let Some(Value::List(entries)) = entries.filter(|_| text.raw_hole().is_none()) else {
        let unknown = text.holes().map(|hole| hole.origin.to_string()).collect();
        let why =
            Why { reason: format!("whom `{name}` lets in is not known before apply"), unknown };
        let address = builder.links.resource(index).map_or("", |resource| &resource.address);
        let who = format!("whoever `{address}` lets in by `{name}`");
        let identity = builder.elsewhere(Platform::Kubernetes, &who, index);
        builder.grant(identity, &[Grant { resource: index, path, content: Content::Unread(why) }]);
        return;
    };
    for entry in &entries {
        let groups = entry.get("groups").elements();
        let masters = groups
            .iter()
            .filter_map(Value::text)
            .find(|group| group.as_str().is_none_or(|group| group == MASTERS));
        let Some(group) = masters else { continue };
        let role = if group.has_holes() { group } else { Text::literal("cluster-admin") };
        let who = ["rolearn", "userarn"].into_iter().find_map(|name| entry.get(name).text());
        let who = who.unwrap_or_default().to_string();
        let identity = builder.elsewhere(Platform::Kubernetes, &who, index);
        let content = Content::KubernetesRole { role, namespace: None };
        builder.grant(identity, &[Grant { resource: index, path: path.clone(), content }]);
    }
}
