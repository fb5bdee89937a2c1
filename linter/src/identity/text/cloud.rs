//! Custom resources of Kubernetes that are identities of a cloud: Crossplane, ACK, Config Connector, Azure Service Operator.

use std::collections::BTreeMap;

use policy::text::{Shape, Text};

use crate::value::Value;

use super::{Made, manifest, set};

/// How a family of custom resources spells the arguments of the provider's resource.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// `spec.forProvider`, the arguments in camel case.
    Crossplane,
    /// `spec`, by a list of names.
    Named(&'static [(&'static str, &'static str)]),
    /// `IAMPolicyMember` and `IAMPartialPolicy` of Config Connector.
    Connector,
}

/// The kinds of each API group. Crossplane has a group for the cluster and one for namespaces (`.m.`).
const KINDS: &[(&str, &str, &str, Form)] = &[
    // https://aws-controllers-k8s.github.io/community/reference/ (IAM)
    ("iam.services.k8s.aws", "Role", "aws_iam_role", Form::Named(ACK_ROLE)),
    ("iam.services.k8s.aws", "User", "aws_iam_user", Form::Named(ACK_USER)),
    ("iam.services.k8s.aws", "Policy", "aws_iam_policy", Form::Named(ACK_POLICY)),
    // https://cloud.google.com/config-connector/docs/reference/overview
    ("iam.cnrm.cloud.google.com", "IAMServiceAccount", "google_service_account", Form::Named(KCC)),
    (
        "iam.cnrm.cloud.google.com",
        "IAMServiceAccountKey",
        "google_service_account_key",
        Form::Named(KCC_KEY),
    ),
    ("iam.cnrm.cloud.google.com", "IAMPolicyMember", "", Form::Connector),
    ("iam.cnrm.cloud.google.com", "IAMPartialPolicy", "", Form::Connector),
    ("iam.cnrm.cloud.google.com", "IAMPolicy", "", Form::Connector),
    // https://marketplace.upbound.io/providers/upbound: generated from the provider of Terraform.
    ("iam.aws.upbound.io", "Role", "aws_iam_role", Form::Crossplane),
    ("iam.aws.upbound.io", "RolePolicy", "aws_iam_role_policy", Form::Crossplane),
    (
        "iam.aws.upbound.io",
        "RolePolicyAttachment",
        "aws_iam_role_policy_attachment",
        Form::Crossplane,
    ),
    ("iam.aws.upbound.io", "Policy", "aws_iam_policy", Form::Crossplane),
    ("iam.aws.upbound.io", "User", "aws_iam_user", Form::Crossplane),
    (
        "iam.aws.upbound.io",
        "UserPolicyAttachment",
        "aws_iam_user_policy_attachment",
        Form::Crossplane,
    ),
    ("iam.aws.upbound.io", "AccessKey", "aws_iam_access_key", Form::Crossplane),
    ("iam.aws.crossplane.io", "Role", "aws_iam_role", Form::Crossplane),
    ("iam.aws.crossplane.io", "User", "aws_iam_user", Form::Crossplane),
    ("iam.aws.crossplane.io", "AccessKey", "aws_iam_access_key", Form::Crossplane),
    ("cloudplatform.gcp.upbound.io", "ServiceAccount", "google_service_account", Form::Crossplane),
    (
        "cloudplatform.gcp.upbound.io",
        "ServiceAccountKey",
        "google_service_account_key",
        Form::Crossplane,
    ),
    (
        "cloudplatform.gcp.upbound.io",
        "ProjectIAMMember",
        "google_project_iam_member",
        Form::Crossplane,
    ),
    (
        "managedidentity.azure.upbound.io",
        "UserAssignedIdentity",
        "azurerm_user_assigned_identity",
        Form::Crossplane,
    ),
    (
        "authorization.azure.upbound.io",
        "RoleAssignment",
        "azurerm_role_assignment",
        Form::Crossplane,
    ),
    // https://azure.github.io/azure-service-operator/reference/
    (
        "managedidentity.azure.com",
        "UserAssignedIdentity",
        "azurerm_user_assigned_identity",
        Form::Named(&[("azureName", "name"), ("tags", "tags")]),
    ),
    (
        "authorization.azure.com",
        "RoleAssignment",
        "azurerm_role_assignment",
        Form::Named(&[
            ("principalId", "principal_id"),
            ("roleDefinitionReference.armId", "role_definition_id"),
            ("owner.armId", "scope"),
            ("condition", "condition"),
        ]),
    ),
];

const ACK_ROLE: &[(&str, &str)] = &[
    ("name", "name"),
    ("assumeRolePolicyDocument", "assume_role_policy"),
    ("policies", "managed_policy_arns"),
    ("inlinePolicies", "inline_policy"),
    ("permissionsBoundary", "permissions_boundary"),
    ("description", "description"),
    ("path", "path"),
    ("tags", "tags"),
];

const ACK_USER: &[(&str, &str)] = &[
    ("name", "name"),
    ("permissionsBoundary", "permissions_boundary"),
    ("path", "path"),
    ("tags", "tags"),
];

const ACK_POLICY: &[(&str, &str)] =
    &[("name", "name"), ("policyDocument", "policy"), ("path", "path"), ("tags", "tags")];

const KCC: &[(&str, &str)] = &[
    ("resourceID", "account_id"),
    ("displayName", "display_name"),
    ("description", "description"),
];

const KCC_KEY: &[(&str, &str)] = &[
    ("serviceAccountRef.name", "service_account_id"),
    ("serviceAccountRef.external", "service_account_id"),
];

/// What a custom resource makes.
pub(super) fn read(group: &str, kind: &str, custom: &Value) -> Vec<Made> {
    let group = group.replace(".m.", ".");
    let rows = KINDS.iter().filter(|row| row.0 == group && row.1 == kind);
    rows.flat_map(|(_, _, made, form)| match form {
        Form::Crossplane => vec![Made::Resource(made, crossplane(custom))],
        Form::Named(names) => vec![Made::Resource(made, named(custom, made, names))],
        Form::Connector => connector(custom),
    })
    .collect()
}

/// The name that the cloud knows it by, where the custom resource does not say another.
fn own_name(custom: &Value) -> Value {
    let annotations = custom.get("metadata").get("annotations");
    let said = set(annotations.get("crossplane.io/external-name"));
    said.cloned().unwrap_or_else(|| Value::String(manifest::name(custom)))
}

fn crossplane(custom: &Value) -> BTreeMap<String, Value> {
    let mut after = match snake(custom.get("spec").get("forProvider"), true) {
        Value::Object(fields) => fields,
        // Of an unknown object, every field that counts is unknown.
        unknown @ Value::Unknown(_) => ["policy", "policy_arn", "assume_role_policy", "role"]
            .into_iter()
            .map(|name| (name.to_owned(), unknown.clone()))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) => {
            BTreeMap::new()
        }
    };
    // The older provider has another name for the trust of a role.
    if let Some(trust) = after.remove("assume_role_policy_document") {
        after.insert("assume_role_policy".to_owned(), trust);
    }
    for name in ["role", "user", "policy_arn", "service_account_id", "principal_id"] {
        if !after.contains_key(name)
            && let Some(value) = selected(&after, name)
        {
            after.insert(name.to_owned(), value);
        }
    }
    for name in ["name", "account_id"] {
        after.entry(name.to_owned()).or_insert_with(|| own_name(custom));
    }
    list_of_tags(&mut after);
    after
}

/// The value of an argument that is given by the name, or by the labels, of another custom resource.
fn selected(after: &BTreeMap<String, Value>, name: &str) -> Option<Value> {
    if let Some(reference) = after.get(&format!("{name}_ref")) {
        let other = reference.get("name").text()?;
        let by_name = ["role", "user", "service_account_id"].contains(&name);
        return Some(if by_name {
            Value::String(other)
        } else {
            Value::String(Text::hole(format!("{name} of `{other}`"), Shape::Any))
        });
    }
    after.get(&format!("{name}_selector"))?;
    Some(Value::String(Text::hole(format!("{name} by a selector"), Shape::Any)))
}

/// Field names as Terraform has them. Keys of maps are not names.
fn snake(value: &Value, names: bool) -> Value {
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, field)| {
                    let map = ["tags", "labels", "annotations"].contains(&key.as_str());
                    let name = if names { snake_case(key) } else { key.clone() };
                    (name, snake(field, names && !map))
                })
                .collect(),
        ),
        Value::List(items) => Value::List(items.iter().map(|item| snake(item, names)).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Unknown(_) => {
            value.clone()
        }
    }
}

fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for character in name.chars() {
        if character.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}

fn dotted<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, Value::get)
}

fn named(custom: &Value, made: &str, names: &[(&str, &str)]) -> BTreeMap<String, Value> {
    let spec = custom.get("spec");
    let mut after = BTreeMap::new();
    for (from, to) in names {
        let value = dotted(spec, from);
        if !value.is_null() {
            after.entry((*to).to_owned()).or_insert_with(|| value.clone());
        }
    }
    let name = if made == "google_service_account" { "account_id" } else { "name" };
    after.entry(name.to_owned()).or_insert_with(|| own_name(custom));
    if let Some(Value::Object(inline)) = after.get("inline_policy") {
        let blocks = inline.iter().map(|(name, policy)| {
            let fields = [
                ("name".to_owned(), Value::from(name.as_str())),
                ("policy".to_owned(), policy.clone()),
            ];
            Value::Object(fields.into())
        });
        let blocks = Value::List(blocks.collect());
        after.insert("inline_policy".to_owned(), blocks);
    }
    list_of_tags(&mut after);
    after
}

/// `[{ key = …, value = … }]` is a map of tags.
fn list_of_tags(after: &mut BTreeMap<String, Value>) {
    if let Some(tags @ Value::List(_)) = after.get("tags") {
        let tags = super::map_of_pairs(tags);
        after.insert("tags".to_owned(), tags);
    }
}

/// The bindings of Config Connector, as members of the family that they are about.
fn connector(custom: &Value) -> Vec<Made> {
    let spec = custom.get("spec");
    let about = spec.get("resourceRef");
    let (kind, argument) = match about.get("kind").as_str() {
        Some("Project") => ("google_project_iam_binding", "project"),
        Some("Folder") => ("google_folder_iam_binding", "folder"),
        Some("Organization") => ("google_organization_iam_binding", "org_id"),
        Some("IAMServiceAccount") => ("google_service_account_iam_binding", "service_account_id"),
        Some("StorageBucket") => ("google_storage_bucket_iam_binding", "bucket"),
        Some("PubSubTopic") => ("google_pubsub_topic_iam_binding", "topic"),
        Some("SecretManagerSecret") => ("google_secret_manager_secret_iam_binding", "secret_id"),
        Some(_) | None => ("google_resource_iam_binding", "resource"),
    };
    let place = set(about.get("external")).unwrap_or_else(|| about.get("name")).clone();
    let member = |source: &Value| {
        if let Some(said) = set(source.get("member")) {
            return said.clone();
        }
        let account = source.get("memberFrom").get("serviceAccountRef").get("name").text();
        let mut text = Text::literal("serviceAccount:");
        text.push(&account.unwrap_or_default());
        Value::String(text)
    };
    let made = |role: &Value, members: Vec<Value>, condition: &Value| {
        let mut after = BTreeMap::from([
            (argument.to_owned(), place.clone()),
            ("role".to_owned(), role.clone()),
            ("members".to_owned(), Value::List(members)),
        ]);
        if !condition.is_null() {
            after.insert("condition".to_owned(), Value::List(vec![condition.clone()]));
        }
        Made::Resource(kind, after)
    };
    if spec.get("bindings").is_null() {
        return vec![made(spec.get("role"), vec![member(spec)], spec.get("condition"))];
    }
    let bindings = spec.get("bindings").elements().iter();
    bindings
        .map(|binding| {
            let members = binding.get("members").elements().iter();
            let members = members.map(|it| match it {
                Value::Object(_) => member(it),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::List(_)
                | Value::Unknown(_) => it.clone(),
            });
            made(binding.get("role"), members.collect(), binding.get("condition"))
        })
        .collect()
}
