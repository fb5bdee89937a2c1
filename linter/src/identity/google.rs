//! Google Cloud: role bindings of every `google_*_iam_*` family, joined with service accounts.

use policy::text::{Part, Text};

use crate::model::Mode;
use crate::value::Value;

use super::{Builder, Content, Grant, Platform};

const ACCOUNT: &[&str] = &["google_service_account"];

/// Arguments that say where a role holds, the most telling first.
const SCOPES: &[&str] = &[
    "org_id",
    "folder",
    "bucket",
    "service_account_id",
    "dataset_id",
    "secret_id",
    "crypto_key_id",
    "topic",
    "subscription",
    "service",
    "repository",
    "database",
    "instance",
    "name",
    "resource",
    "project",
];

/// Hands every role to the service accounts that it is bound to.
pub(super) fn extract(builder: &mut Builder<'_>) {
    let kinds: Vec<&str> =
        builder.links.kinds().filter(|kind| kind.starts_with("google_")).collect();
    for kind in kinds {
        let argument = match kind.rsplit_once("_iam_") {
            Some((_, "member")) => "member",
            Some((_, "binding")) => "members",
            Some((_, "policy")) => {
                for index in builder.links.of_kind(kind) {
                    policy(builder, index);
                }
                continue;
            }
            _ => continue,
        };
        for index in builder.links.of_kind(kind) {
            let Some(role) = builder.links.value(index, "role").text() else { continue };
            let members = builder.links.value(index, argument);
            bind(builder, index, argument, "role", role, members);
        }
    }
}

fn bind(
    builder: &mut Builder<'_>,
    from: usize,
    argument: &str,
    path: &str,
    role: Text,
    members: &Value,
) {
    let grant = Grant {
        resource: from,
        path: path.to_owned(),
        content: Content::Role { role, scope: scope(builder, from) },
    };
    for member in members.elements() {
        let Some(member) = member.text().filter(is_machine) else { continue };
        for identity in accounts(builder, from, argument, &member) {
            builder.grant(identity, std::slice::from_ref(&grant));
        }
    }
}

/// A whole policy: `policy_data` is JSON, most often of a data source whose blocks say the same.
fn policy(builder: &mut Builder<'_>, from: usize) {
    if let Some(text) = builder.links.value(from, "policy_data").as_str()
        && let Ok(data) = serde_json::from_str::<serde_json::Value>(text)
    {
        let bindings =
            data.get("bindings").and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
        for binding in bindings {
            let Some(role) = binding.get("role").and_then(serde_json::Value::as_str) else {
                continue;
            };
            let members = binding.get("members").and_then(serde_json::Value::as_array);
            let members = members
                .into_iter()
                .flatten()
                .filter_map(serde_json::Value::as_str)
                .map(Value::from);
            bind(
                builder,
                from,
                "policy_data",
                "policy_data",
                Text::literal(role),
                &Value::List(members.collect()),
            );
        }
        return;
    }
    for (data, _) in builder.links.references(from, "policy_data") {
        let Some(resource) = builder.links.resource(data) else { continue };
        if resource.mode != Mode::Data || resource.kind != "google_iam_policy" {
            continue;
        }
        for block in resource.after.get("binding").elements() {
            let Some(role) = block.get("role").text() else { continue };
            bind(builder, from, "policy_data", "policy_data", role, block.get("members"));
        }
    }
}

/// The identities that a member stands for.
fn accounts(builder: &mut Builder<'_>, from: usize, argument: &str, member: &Text) -> Vec<usize> {
    let Some(known) = member.as_str() else {
        let value = Value::String(member.clone());
        return builder.targets_or_elsewhere(from, argument, &value, ACCOUNT, Platform::Google);
    };
    let email = known.strip_prefix("serviceAccount:").unwrap_or(known);
    let mut here = builder.named(email, ACCOUNT);
    if here.is_empty() {
        // Before it exists, only the part before the `@` is known of an account's address.
        let local = email.split_once('@').map(|(local, _)| local);
        here = local.map(|local| builder.named(local, ACCOUNT)).unwrap_or_default();
    }
    if here.is_empty() { vec![builder.elsewhere(Platform::Google, email, from)] } else { here }
}

/// People, groups and the public are not machine identities.
fn is_machine(member: &Text) -> bool {
    let first = match member.parts().first() {
        Some(Part::Literal(text)) => text.as_str(),
        Some(Part::Hole(_)) => return true,
        None => return false,
    };
    ![
        "user:",
        "group:",
        "domain:",
        "deleted:",
        "projectOwner:",
        "projectEditor:",
        "projectViewer:",
        "allUsers",
        "allAuthenticatedUsers",
    ]
    .iter()
    .any(|people| first.starts_with(people))
}

fn scope(builder: &Builder<'_>, index: usize) -> Text {
    let named =
        SCOPES.iter().map(|name| builder.links.value(index, name)).find(|value| !value.is_null());
    named.and_then(Value::text).unwrap_or_default()
}
