//! Access policies of key vaults, as the operations of the data plane that they allow.

use policy::azure as arm;
use policy::text::{Shape, Text};

use crate::value::Value;

use super::super::{Builder, Content, Grant, Platform};
use super::PRINCIPALS;

/// Names, and what they are called elsewhere.
type Pairs = &'static [(&'static str, &'static str)];

/// Where the operations of each list are, and those that are not called like the permission.
/// <https://learn.microsoft.com/azure/key-vault/general/assign-access-policy>,
/// <https://learn.microsoft.com/azure/role-based-access-control/permissions/security#microsoftkeyvault>
const LISTS: &[(&str, &str, Pairs)] = &[
    (
        "key_permissions",
        "keys",
        &[
            ("get", "read"),
            ("list", "read"),
            ("delete", "delete"),
            ("wrapkey", "wrap/action"),
            ("unwrapkey", "unwrap/action"),
        ],
    ),
    (
        "secret_permissions",
        "secrets",
        &[
            ("get", "getSecret/action"),
            ("list", "readMetadata/action"),
            ("set", "setSecret/action"),
            ("delete", "delete"),
        ],
    ),
    (
        "certificate_permissions",
        "certificates",
        &[("get", "read"), ("list", "read"), ("delete", "delete")],
    ),
    (
        "storage_permissions",
        "storageaccounts",
        &[("get", "read"), ("list", "read"), ("delete", "delete"), ("set", "set/action")],
    ),
];

/// Permissions that are an operation of the same name.
const SAME: &[&str] = &[
    "backup", "create", "decrypt", "encrypt", "import", "purge", "recover", "release", "restore",
    "rotate", "sign", "update", "verify",
];

/// Hands what access policies allow to their principals.
pub(super) fn extract(builder: &mut Builder<'_>) {
    for index in builder.links.of_kind("azurerm_key_vault_access_policy") {
        let Some(resource) = builder.links.resource(index) else { continue };
        let scope = resource.after.get("key_vault_id").text().unwrap_or_default();
        policy(builder, index, "object_id", "", &resource.after, &scope);
    }
    for index in builder.links.of_kind("azurerm_key_vault") {
        let Some(resource) = builder.links.resource(index) else { continue };
        let scope = match resource.after.get("id").text() {
            Some(id) => id,
            None => Text::hole(format!("{}.id", resource.address), Shape::Any),
        };
        for (number, block) in resource.after.get("access_policy").elements().iter().enumerate() {
            let path = format!("access_policy[{number}].");
            policy(builder, index, "access_policy", &path, block, &scope);
        }
    }
}

fn policy(
    builder: &mut Builder<'_>,
    index: usize,
    argument: &str,
    path: &str,
    block: &Value,
    scope: &Text,
) {
    let mut grants = Vec::new();
    for (list, folder, names) in LISTS {
        let permissions = block.get(list).elements();
        if permissions.is_empty() {
            continue;
        }
        let actions = permissions.iter().filter_map(Value::text);
        let data_actions =
            actions.map(|permission| operation(&permission, folder, names)).collect();
        let block = arm::Block { data_actions, ..arm::Block::default() };
        let what = arm::Assigned::Definition(arm::Definition::of(block));
        let content = Content::Azure(arm::Grant { what, scope: scope.clone(), condition: None });
        grants.push(Grant { resource: index, path: format!("{path}{list}"), content });
    }
    if grants.is_empty() {
        return;
    }
    let who = block.get("object_id");
    for identity in builder.targets_or_elsewhere(index, argument, who, PRINCIPALS, Platform::Azure)
    {
        builder.grant(identity, &grants);
    }
}

/// The operation that a permission is. One that is not in the table may be any of its kind.
fn operation(permission: &Text, folder: &str, names: &[(&str, &str)]) -> Text {
    let prefix = format!("Microsoft.KeyVault/vaults/{folder}/");
    let Some(known) = permission.as_str().map(str::to_ascii_lowercase) else {
        let mut out = Text::literal(prefix);
        out.push(permission);
        return out;
    };
    let found = names.iter().find(|(name, _)| *name == known).map(|(_, operation)| *operation);
    Text::literal(match found {
        Some(operation) => format!("{prefix}{operation}"),
        None if SAME.contains(&known.as_str()) => format!("{prefix}{known}/action"),
        None => format!("{prefix}*"),
    })
}
