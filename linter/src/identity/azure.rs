//! Microsoft Entra ID and Azure: applications, service principals, managed identities and their role assignments.

use policy::azure as arm;
use policy::text::Text;

use crate::model::Mode;
use crate::value::Value;

use super::governance::Source;
use super::{Builder, Content, Grant, Platform};

mod groups;
mod vaults;

const PRINCIPALS: &[&str] = &[
    "azuread_service_principal",
    "azurerm_user_assigned_identity",
    "azuread_application",
    "azuread_application_registration",
];

/// Assignments of roles of Azure; an eligible one can be made active.
const ASSIGNMENTS: &[&str] = &[
    "azurerm_role_assignment",
    "azurerm_pim_active_role_assignment",
    "azurerm_pim_eligible_role_assignment",
];

/// Assignments of directory roles: type, who, what, where.
const DIRECTORY: &[(&str, &str, &str, &str)] = &[
    ("azuread_directory_role_assignment", "principal_object_id", "role_id", "directory_scope_id"),
    (
        "azuread_directory_role_eligibility_schedule_request",
        "principal_id",
        "role_definition_id",
        "directory_scope_id",
    ),
    ("azuread_directory_role_member", "member_object_id", "role_object_id", ""),
    ("azuread_app_role_assignment", "principal_object_id", "app_role_id", "resource_object_id"),
];

/// Hands every role to its principal, and the application's record to its service principal.
pub(super) fn extract(builder: &mut Builder<'_>) {
    for index in ASSIGNMENTS.iter().flat_map(|kind| builder.links.of_kind(kind)).collect::<Vec<_>>()
    {
        let names = ["role_definition_name", "role_definition_id"];
        let set = names.into_iter().find(|role| !builder.links.value(index, role).is_null());
        let Some(path) = set else { continue };
        let Some(what) = assigned(builder, index, path) else { continue };
        let text = |name: &str| builder.links.value(index, name).text();
        let content = Content::Azure(arm::Grant {
            what,
            scope: text("scope").unwrap_or_default(),
            condition: text("condition"),
        });
        give(builder, index, "principal_id", path, content);
    }
    for (kind, principal, path, scope) in DIRECTORY {
        for index in builder.links.of_kind(kind) {
            let Some(role) = role(builder, index, path) else { continue };
            let scope = builder.links.value(index, scope).text().unwrap_or_default();
            give(builder, index, principal, path, Content::Directory { role, scope });
        }
    }
    vaults::extract(builder);
    for index in builder.links.of_kind("azuread_service_principal") {
        inherit(builder, index);
    }
}

fn give(builder: &mut Builder<'_>, index: usize, principal: &str, path: &str, content: Content) {
    let grant = Grant { resource: index, path: path.to_owned(), content };
    let who = builder.links.value(index, principal);
    let members = groups::members(builder, index, principal, who);
    if !members.is_empty() {
        for identity in members {
            builder.grant(identity, std::slice::from_ref(&grant));
        }
        return;
    }
    for identity in builder.targets_or_elsewhere(index, principal, who, PRINCIPALS, Platform::Azure)
    {
        builder.grant(identity, std::slice::from_ref(&grant));
    }
}

/// What an assignment assigns: the content of a role that is written in the model, or the role by name or id.
fn assigned(builder: &Builder<'_>, index: usize, argument: &str) -> Option<arm::Assigned> {
    let value = builder.links.value(index, argument);
    let mut written = custom(builder, index, argument, value);
    if let (Some(definition), None) = (written.pop(), written.pop()) {
        return Some(arm::Assigned::Definition(definition));
    }
    role(builder, index, argument).map(arm::Assigned::Role)
}

/// The role definitions of the model that an argument names, by reference or by name.
fn custom(
    builder: &Builder<'_>,
    index: usize,
    argument: &str,
    value: &Value,
) -> Vec<arm::Definition> {
    let is_definition = |target: &usize| {
        builder
            .links
            .resource(*target)
            .is_some_and(|it| it.kind == "azurerm_role_definition" && it.mode == Mode::Managed)
    };
    let targets: Vec<usize> = if let Some(name) = value.as_str() {
        let is_named = |target: &usize| {
            ["name", "role_definition_id", "role_definition_resource_id", "id"]
                .into_iter()
                .any(|it| builder.links.value(*target, it).as_str() == Some(name))
        };
        let all = builder.links.of_kind("azurerm_role_definition");
        all.into_iter().filter(is_named).collect()
    } else {
        let referenced = builder.links.references(index, argument);
        let mut referenced: Vec<usize> =
            referenced.into_iter().map(|(target, _)| target).filter(is_definition).collect();
        referenced.dedup();
        referenced
    };
    targets
        .into_iter()
        .map(|target| definition(builder.links.value(target, "permissions")))
        .collect()
}

/// The `permissions` blocks of a role definition.
fn definition(blocks: &Value) -> arm::Definition {
    let block = |block: &Value| {
        let texts =
            |name: &str| block.get(name).elements().iter().filter_map(Value::text).collect();
        // Every part of an unknown block is the same unknown, and would take away what it gives.
        let taken = |name: &str| {
            if matches!(block, Value::Unknown(_)) { Vec::new() } else { texts(name) }
        };
        arm::Block {
            actions: texts("actions"),
            not_actions: taken("not_actions"),
            data_actions: texts("data_actions"),
            not_data_actions: taken("not_data_actions"),
            condition: None,
        }
    };
    arm::Definition { blocks: blocks.elements().iter().map(block).collect() }
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
