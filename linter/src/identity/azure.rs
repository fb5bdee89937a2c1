//! Microsoft Entra ID and Azure: applications, service principals, managed identities and their role assignments.

use policy::text::Text;

use crate::value::Value;

use super::governance::Source;
use super::{Builder, Content, Grant, Platform};

const PRINCIPALS: &[&str] = &[
    "azuread_service_principal",
    "azurerm_user_assigned_identity",
    "azuread_application",
    "azuread_application_registration",
];

/// Role assignments: type, who, what (the first that is set), where.
const ASSIGNMENTS: &[(&str, &str, &[&str], &str)] = &[
    (
        "azurerm_role_assignment",
        "principal_id",
        &["role_definition_name", "role_definition_id"],
        "scope",
    ),
    (
        "azuread_directory_role_assignment",
        "principal_object_id",
        &["role_id"],
        "directory_scope_id",
    ),
    ("azuread_directory_role_member", "member_object_id", &["role_object_id"], ""),
    ("azuread_app_role_assignment", "principal_object_id", &["app_role_id"], "resource_object_id"),
];

/// Hands every role to its principal, and the application's record to its service principal.
pub(super) fn extract(builder: &mut Builder<'_>) {
    for (kind, principal, roles, scope) in ASSIGNMENTS {
        for index in builder.links.of_kind(kind) {
            let set = roles.iter().find(|role| !builder.links.value(index, role).is_null());
            let Some(path) = set else { continue };
            let Some(role) = role(builder, index, path) else { continue };
            let scope = builder.links.value(index, scope).text().unwrap_or_default();
            let grant = Grant {
                resource: index,
                path: (*path).to_owned(),
                content: Content::Role { role, scope },
            };
            let who = builder.links.value(index, principal);
            for identity in
                builder.targets_or_elsewhere(index, principal, who, PRINCIPALS, Platform::Azure)
            {
                builder.grant(identity, std::slice::from_ref(&grant));
            }
        }
    }
    for index in builder.links.of_kind("azuread_service_principal") {
        inherit(builder, index);
    }
}

/// The role's name; where it is given by id, the name that the referenced role has in the configuration.
fn role(builder: &Builder<'_>, index: usize, argument: &str) -> Option<Text> {
    let value = builder.links.value(index, argument);
    if value.as_str().is_none() {
        for (target, _) in builder.links.references(index, argument) {
            let mut named =
                ["display_name", "name"].into_iter().map(|name| builder.links.value(target, name));
            if let Some(name) = named.find_map(Value::as_str) {
                return Some(Text::literal(name));
            }
        }
    }
    value.text()
}

/// A service principal is the local face of its application, and the application holds the record.
fn inherit(builder: &mut Builder<'_>, index: usize) {
    let Some(identity) = builder.of_resource(index) else { return };
    let application = ["client_id", "application_id"]
        .into_iter()
        .flat_map(|argument| builder.links.references(index, argument))
        .find_map(|(target, _)| builder.of_resource(target));
    let record = application
        .and_then(|application| builder.graph.identities.get(application))
        .map(|application| application.governance.clone())
        .filter(|record| record.source != Source::Nowhere);
    if let (Some(mut record), Some(identity)) = (record, builder.graph.identities.get_mut(identity))
        && identity.governance.source == Source::Nowhere
    {
        record.source = Source::Holder;
        identity.governance = record;
    }
}
