//! Who uses an identity: the machines, functions, pods and pipelines that run as it.
//!
//! The table is from the providers' own documentation: where a resource type says which identity it runs as.

use std::collections::BTreeMap;

use policy::text::Text;
use serde_json::Value as Json;

use crate::value::Value;

use super::{Builder, Content, dig};

/// Something that runs as an identity.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    /// The identity, if the model has it.
    pub(crate) identity: Option<usize>,
    /// The resource that runs as it, or says who does.
    pub(crate) resource: usize,
    /// The attribute that says so.
    pub(crate) path: String,
    /// Who runs as it, where that is no resource: `repo:acme/app:ref:refs/heads/main`, `billing/app`.
    pub(crate) said: Option<Text>,
    /// What the attribute says.
    pub(crate) named: Text,
}

/// Types that run as an identity, and the attributes that name it. Sorted.
const USERS: &[(&str, &[&str])] = &[
    ("aws_apprunner_service", &["instance_configuration.instance_role_arn"]),
    ("aws_batch_job_definition", &["job_role_arn"]),
    ("aws_bedrockagent_agent", &["agent_resource_role_arn"]),
    ("aws_cloudformation_stack", &["iam_role_arn"]),
    ("aws_cloudwatch_event_target", &["role_arn"]),
    ("aws_codebuild_project", &["service_role"]),
    ("aws_codepipeline", &["role_arn"]),
    ("aws_ecs_service", &["iam_role"]),
    ("aws_ecs_task_definition", &["task_role_arn", "execution_role_arn"]),
    ("aws_eks_addon", &["service_account_role_arn"]),
    ("aws_eks_cluster", &["role_arn"]),
    ("aws_eks_fargate_profile", &["pod_execution_role_arn"]),
    ("aws_eks_node_group", &["node_role_arn"]),
    ("aws_eks_pod_identity_association", &["role_arn"]),
    ("aws_emr_cluster", &["service_role", "autoscaling_role"]),
    ("aws_flow_log", &["iam_role_arn"]),
    ("aws_glue_crawler", &["role"]),
    ("aws_glue_job", &["role_arn"]),
    ("aws_instance", &["iam_instance_profile"]),
    ("aws_lambda_function", &["role"]),
    ("aws_launch_configuration", &["iam_instance_profile"]),
    ("aws_launch_template", &["iam_instance_profile.arn", "iam_instance_profile.name"]),
    ("aws_sagemaker_model", &["execution_role_arn"]),
    ("aws_sagemaker_notebook_instance", &["role_arn"]),
    ("aws_scheduler_schedule", &["target.role_arn"]),
    ("aws_sfn_state_machine", &["role_arn"]),
    ("aws_spot_instance_request", &["iam_instance_profile"]),
    ("azurerm_automation_account", &["identity.identity_ids"]),
    ("azurerm_container_app", &["identity.identity_ids"]),
    ("azurerm_container_app_job", &["identity.identity_ids"]),
    ("azurerm_container_group", &["identity.identity_ids"]),
    ("azurerm_data_factory", &["identity.identity_ids"]),
    (
        "azurerm_kubernetes_cluster",
        &["identity.identity_ids", "kubelet_identity.user_assigned_identity_id"],
    ),
    ("azurerm_linux_function_app", &["identity.identity_ids"]),
    ("azurerm_linux_virtual_machine", &["identity.identity_ids"]),
    ("azurerm_linux_virtual_machine_scale_set", &["identity.identity_ids"]),
    ("azurerm_linux_web_app", &["identity.identity_ids"]),
    ("azurerm_logic_app_standard", &["identity.identity_ids"]),
    ("azurerm_logic_app_workflow", &["identity.identity_ids"]),
    ("azurerm_virtual_machine", &["identity.identity_ids"]),
    ("azurerm_windows_function_app", &["identity.identity_ids"]),
    ("azurerm_windows_virtual_machine", &["identity.identity_ids"]),
    ("azurerm_windows_virtual_machine_scale_set", &["identity.identity_ids"]),
    ("azurerm_windows_web_app", &["identity.identity_ids"]),
    ("google_app_engine_standard_app_version", &["service_account"]),
    ("google_cloud_run_service", &["template.spec.service_account_name"]),
    ("google_cloud_run_v2_job", &["template.template.service_account"]),
    ("google_cloud_run_v2_service", &["template.service_account"]),
    (
        "google_cloud_scheduler_job",
        &[
            "http_target.oidc_token.service_account_email",
            "http_target.oauth_token.service_account_email",
        ],
    ),
    ("google_cloudbuild_trigger", &["service_account"]),
    ("google_cloudfunctions2_function", &["service_config.service_account_email"]),
    ("google_cloudfunctions_function", &["service_account_email"]),
    ("google_compute_instance", &["service_account.email"]),
    ("google_compute_instance_template", &["service_account.email"]),
    ("google_container_cluster", &["node_config.service_account"]),
    ("google_container_node_pool", &["node_config.service_account"]),
    ("google_dataflow_job", &["service_account_email"]),
    ("google_notebooks_instance", &["service_account"]),
    ("google_workflows_workflow", &["service_account"]),
    ("kubernetes_cron_job", &["spec.job_template.spec.template.spec.service_account_name"]),
    ("kubernetes_cron_job_v1", &["spec.job_template.spec.template.spec.service_account_name"]),
    ("kubernetes_daemon_set_v1", &["spec.template.spec.service_account_name"]),
    ("kubernetes_daemonset", &["spec.template.spec.service_account_name"]),
    ("kubernetes_deployment", &["spec.template.spec.service_account_name"]),
    ("kubernetes_deployment_v1", &["spec.template.spec.service_account_name"]),
    ("kubernetes_job", &["spec.template.spec.service_account_name"]),
    ("kubernetes_job_v1", &["spec.template.spec.service_account_name"]),
    ("kubernetes_pod", &["spec.service_account_name"]),
    ("kubernetes_pod_v1", &["spec.service_account_name"]),
    ("kubernetes_replication_controller_v1", &["spec.template.spec.service_account_name"]),
    ("kubernetes_stateful_set", &["spec.template.spec.service_account_name"]),
    ("kubernetes_stateful_set_v1", &["spec.template.spec.service_account_name"]),
];

/// Types that say who else runs as an identity: the attributes that name the identity, and those that name who.
const TELLERS: &[(&str, &[&str], &[&str])] = &[
    ("azuread_application_federated_identity_credential", &["application_id"], &["subject"]),
    ("azurerm_federated_identity_credential", &["parent_id"], &["subject"]),
    ("nhi_binding", &["identity"], &["consumers"]),
];

/// Attributes of identities themselves that name who runs as them.
const SELF_TOLD: &[(&str, &[&str])] = &[
    ("nhi_agent", &["consumers"]),
    ("nhi_api_key", &["consumers"]),
    ("nhi_certificate", &["consumers"]),
    ("nhi_deployment_token", &["consumers"]),
    ("nhi_service_account", &["consumers"]),
    ("nhi_workload_identity", &["consumers"]),
    ("vault_jwt_auth_backend_role", &["bound_subject"]),
    ("vault_kubernetes_auth_backend_role", &["bound_service_account_names"]),
];

/// Whether a type runs as an identity.
pub(crate) fn uses(kind: &str) -> bool {
    USERS.binary_search_by(|(name, _)| (*name).cmp(kind)).is_ok()
}

/// Finds the consumers of everything that the graph has.
pub(super) fn extract(builder: &mut Builder<'_>) {
    let mut found = Vec::new();
    let profiles = profiles(builder);
    for (kind, attributes) in USERS {
        for index in builder.links.of_kind(kind) {
            for attribute in *attributes {
                user(builder, index, attribute, &profiles, &mut found);
            }
        }
    }
    for (kind, identities, who) in TELLERS {
        for index in builder.links.of_kind(kind) {
            for identity in identities.iter().flat_map(|name| named(builder, index, name)) {
                told(builder, identity, index, who, &mut found);
            }
        }
    }
    for (kind, who) in SELF_TOLD {
        for index in builder.links.of_kind(kind) {
            if let Some(identity) = builder.of_resource(index) {
                told(builder, identity, index, who, &mut found);
            }
        }
    }
    subjects(builder, &mut found);
    found.sort_by_key(|consumer| consumer.resource);
    builder.graph.consumers = found;
    builder.graph.former = former(builder, &profiles);
}

/// The identities behind AWS's instance profiles, by the place of the profile and by its name.
#[derive(Default)]
struct Profiles {
    by_resource: BTreeMap<usize, Vec<usize>>,
    by_name: BTreeMap<String, usize>,
}

fn profiles(builder: &Builder<'_>) -> Profiles {
    let mut profiles = Profiles::default();
    for index in builder.links.of_kind("aws_iam_instance_profile") {
        let value = builder.links.value(index, "role");
        profiles.by_resource.insert(index, builder.targets(index, "role", value, ROLES));
        for name in ["name", "arn", "id"] {
            if let Some(name) = builder.links.value(index, name).as_str() {
                profiles.by_name.insert(name.to_owned(), index);
            }
        }
    }
    profiles
}

const ROLES: &[&str] = &["aws_iam_role"];

/// What a name in an attribute of a type is the name of.
fn kinds_of(kind: &str) -> &'static [&'static str] {
    match kind.split('_').next() {
        Some("aws") => ROLES,
        Some("google") => &["google_service_account"],
        Some("azurerm") => &["azurerm_user_assigned_identity"],
        Some("azuread") => &["azuread_application", "azuread_application_registration"],
        Some("kubernetes") => {
            &["kubernetes_service_account", "kubernetes_service_account_v1", "kubernetes_manifest"]
        }
        _ => &[],
    }
}

/// The identities that an attribute names.
fn named(builder: &Builder<'_>, index: usize, attribute: &str) -> Vec<usize> {
    let Some(resource) = builder.links.resource(index) else { return Vec::new() };
    let top = attribute.split('.').next().unwrap_or(attribute);
    let (value, _) = dig(&resource.after, attribute);
    let mut found = Vec::new();
    for value in value.elements() {
        found.extend(builder.targets(index, top, value, kinds_of(&resource.kind)));
    }
    // References are to the whole block, so several elements find the same.
    found.sort_unstable();
    found.dedup();
    found
}

fn user(
    builder: &Builder<'_>,
    index: usize,
    attribute: &str,
    profiles: &Profiles,
    out: &mut Vec<Consumer>,
) {
    let Some(resource) = builder.links.resource(index) else { return };
    let (value, path) = dig(&resource.after, attribute);
    if value.is_null() {
        return;
    }
    let mut identities = named(builder, index, attribute);
    if attribute.starts_with("iam_instance_profile") {
        let by_name = value.as_str().and_then(|name| profiles.by_name.get(name)).copied();
        let referenced = builder.links.references(index, "iam_instance_profile");
        let all = by_name.into_iter().chain(referenced.into_iter().map(|(index, _)| index));
        identities.extend(all.filter_map(|index| profiles.by_resource.get(&index)).flatten());
        identities.sort_unstable();
        identities.dedup();
    }
    let consumer = |identity: Option<usize>, named: Text| Consumer {
        identity,
        resource: index,
        path: path.clone(),
        said: None,
        named,
    };
    let text = value.elements().first().and_then(Value::text).unwrap_or_default();
    // A pod names a service account of its own namespace.
    identities.retain(|identity| same_namespace(builder, index, *identity));
    if identities.is_empty() {
        out.push(consumer(None, text));
    } else {
        out.extend(identities.into_iter().map(|identity| consumer(Some(identity), text.clone())));
    }
}

/// Who the plan destroys: what they ran as is in their values before.
fn former(builder: &Builder<'_>, profiles: &Profiles) -> Vec<Consumer> {
    let mut found = Vec::new();
    for (index, resource) in builder.links.gone() {
        let at = USERS.binary_search_by(|(name, _)| (*name).cmp(&resource.kind));
        let Some((_, attributes)) = at.ok().and_then(|at| USERS.get(at)) else { continue };
        for attribute in *attributes {
            let (value, path) = dig(&resource.before, attribute);
            for name in value.elements() {
                let Some(text) = name.as_str() else { continue };
                let mut identities = builder.named(text, kinds_of(&resource.kind));
                let profile =
                    profiles.by_name.get(text).and_then(|at| profiles.by_resource.get(at));
                identities.extend(profile.into_iter().flatten());
                found.extend(identities.into_iter().map(|identity| Consumer {
                    identity: Some(identity),
                    resource: index,
                    path: path.clone(),
                    said: None,
                    named: Text::literal(text),
                }));
            }
        }
    }
    found
}

/// Whether a Kubernetes workload and a service account can be in one namespace; true for everything else.
fn same_namespace(builder: &Builder<'_>, index: usize, identity: usize) -> bool {
    let Some(identity) = builder.graph.identities.get(identity) else { return false };
    let (Some(user), Some(account)) =
        (builder.links.resource(index), builder.links.resource(identity.resource))
    else {
        return false;
    };
    if !user.kind.starts_with("kubernetes_") {
        return true;
    }
    let namespace = |value: &Value| {
        let (said, _) = dig(value, "metadata.namespace");
        if said.is_null() { Some("default".to_owned()) } else { said.as_str().map(str::to_owned) }
    };
    match (namespace(&user.after), namespace(&account.after)) {
        (Some(user), Some(account)) => user == account,
        _ => true,
    }
}

/// Who is named in attributes of a resource to run as an identity.
fn told(
    builder: &Builder<'_>,
    identity: usize,
    index: usize,
    attributes: &[&str],
    out: &mut Vec<Consumer>,
) {
    let Some(resource) = builder.links.resource(index) else { return };
    for attribute in attributes {
        let (value, path) = dig(&resource.after, attribute);
        for said in value.elements().iter().filter_map(Value::text) {
            out.push(Consumer {
                identity: Some(identity),
                resource: index,
                path: path.clone(),
                named: said.clone(),
                said: Some(said),
            });
        }
    }
}

/// The subjects of tokens that trust documents let in: `token.actions.githubusercontent.com:sub`.
fn subjects(builder: &Builder<'_>, out: &mut Vec<Consumer>) {
    for (index, identity) in builder.graph.identities.iter().enumerate() {
        for trust in &identity.trusts {
            let Content::Document(text) = &trust.content else { continue };
            let document = text.as_str().filter(|text| text.contains(":sub"));
            let Some(document) = document.and_then(|text| serde_json::from_str(text).ok()) else {
                continue;
            };
            for said in subjects_of(&document) {
                out.push(Consumer {
                    identity: Some(index),
                    resource: trust.resource,
                    path: trust.path.clone(),
                    said: Some(Text::literal(said.as_str())),
                    named: Text::literal(said.as_str()),
                });
            }
        }
    }
}

fn subjects_of(document: &Json) -> Vec<String> {
    let one_or_more =
        |value: &Json| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let statements = document.get("Statement").map(one_or_more).unwrap_or_default();
    let mut found = Vec::new();
    for statement in &statements {
        let conditions = statement.get("Condition").and_then(Json::as_object);
        for keys in conditions.into_iter().flat_map(|all| all.values()).filter_map(Json::as_object)
        {
            for (_, values) in keys.iter().filter(|(key, _)| key.ends_with(":sub")) {
                let values = one_or_more(values);
                found.extend(values.iter().filter_map(Json::as_str).map(str::to_owned));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_each_type_once() {
        assert!(USERS.is_sorted_by(|(left, _), (right, _)| left < right));
        assert!(uses("aws_instance") && !uses("aws_s3_bucket"));
    }
}
