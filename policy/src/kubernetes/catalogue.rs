//! The resources that every cluster has today.

use std::sync::LazyLock;

/// One resource or subresource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) group: &'static str,
    /// `pods`, `pods/log`.
    pub(super) kind: &'static str,
    pub(super) namespaced: bool,
    pub(super) verbs: Vec<&'static str>,
}

static RESOURCES: LazyLock<Vec<Resource>> = LazyLock::new(|| {
    let lines = include_str!("resources.tsv").lines().filter(|line| !line.starts_with('#'));
    let resources = lines.filter_map(|line| {
        let mut fields = line.split('\t');
        Some(Resource {
            group: fields.next()?,
            kind: fields.next()?,
            namespaced: fields.next()? == "namespaced",
            verbs: fields.next()?.split(' ').collect(),
        })
    });
    resources.collect()
});

/// All of them, by group and name.
pub(super) fn resources() -> &'static [Resource] {
    &RESOURCES
}

/// Whether requests for the resource have no namespace, as far as that is known.
pub(super) fn is_cluster_wide(group: &str, kind: &str) -> bool {
    resources().iter().any(|it| it.group == group && it.kind == kind && !it.namespaced)
}

/// What a request opens beyond itself, if that is known.
pub(super) fn escalation(verb: &str, group: &str, kind: &str) -> Option<&'static str> {
    let any = |verbs: &[&str]| verbs.contains(&verb);
    match (group, kind) {
        ("rbac.authorization.k8s.io", "roles" | "clusterroles") if verb == "escalate" => {
            Some("writes roles that allow more than it may itself")
        }
        ("rbac.authorization.k8s.io", "roles" | "clusterroles") if verb == "bind" => {
            Some("binds roles that allow more than it may itself")
        }
        (_, "users" | "groups" | "serviceaccounts" | "userextras" | "uids")
            if verb == "impersonate" =>
        {
            Some("acts as somebody else")
        }
        ("", "serviceaccounts/token") if verb == "create" => {
            Some("makes tokens of service accounts")
        }
        ("", "nodes/proxy") if any(&["get", "create"]) => {
            Some("runs commands in every pod of a node")
        }
        ("certificates.k8s.io", "certificatesigningrequests/approval")
            if any(&["update", "patch"]) =>
        {
            Some("approves certificates of any user")
        }
        ("certificates.k8s.io", "signers") if any(&["approve", "sign"]) => {
            Some("approves certificates of any user")
        }
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations")
            if any(&["create", "update", "patch"]) =>
        {
            Some("changes what others write")
        }
        _ => None,
    }
}
