//! `vault_generic_endpoint`: whatever is written below `auth/`, `sys/policies/` and `identity/` by its path.

use std::collections::BTreeMap;

use policy::verdict::Why;

use crate::model::Resource;
use crate::value::Value;

use super::{Made, Part, Platform, documents, not_known};

/// What a path makes, by its first and its last steps; `*` is any step, and the last one is the name.
/// <https://developer.hashicorp.com/vault/api-docs>
const PATHS: &[(&str, &str, &str)] = &[
    ("sys/policy/*", "vault_policy", "name"),
    ("sys/policies/acl/*", "vault_policy", "name"),
    ("auth/approle/role/*", "vault_approle_auth_backend_role", "role_name"),
    ("auth/kubernetes/role/*", "vault_kubernetes_auth_backend_role", "role_name"),
    ("auth/jwt/role/*", "vault_jwt_auth_backend_role", "role_name"),
    ("auth/token/roles/*", "vault_token_auth_backend_role", "role_name"),
    ("auth/token/create*", "vault_token", "display_name"),
    ("auth/userpass/users/*", "vault_userpass_auth_backend_user", "username"),
    ("auth/*/role/*", "vault_jwt_auth_backend_role", "role_name"),
    ("auth/*/roles/*", "vault_jwt_auth_backend_role", "role_name"),
    ("auth/*/users/*", "vault_userpass_auth_backend_user", "username"),
    ("auth/*/groups/*", "vault_ldap_auth_backend_group", "groupname"),
    ("identity/entity", "vault_identity_entity", "name"),
    ("identity/entity/name/*", "vault_identity_entity", "name"),
    ("identity/group", "vault_identity_group", "name"),
    ("identity/group/name/*", "vault_identity_group", "name"),
];

/// What an endpoint makes.
pub(super) fn endpoint(resource: &Resource) -> Vec<Part> {
    let said = |name: &str| resource.after.get(name);
    let path = said("path");
    let Some(known) = path.as_str() else {
        return vec![unread("path", not_known("path", path))];
    };
    let known = known.trim_matches('/');
    let Some((_, kind, name)) = PATHS.iter().find(|(pattern, ..)| is(known, pattern)) else {
        return Vec::new();
    };
    let data = said("data_json");
    let read = data.text().and_then(|text| documents(&text)).and_then(|mut found| found.pop());
    let Some(Value::Object(fields)) = read else {
        let why = if data.has_unknown() {
            not_known("data_json", data)
        } else {
            Why::construct("`data_json` is no object that can be read")
        };
        return vec![unread("data_json", why)];
    };
    let mut after: BTreeMap<String, Value> = fields;
    // The older names of the same, and lists that are written in one string.
    if let Some(policies) = after.remove("policies") {
        let own = if *kind == "vault_identity_entity" { "policies" } else { "token_policies" };
        after.entry(own.to_owned()).or_insert(policies);
    }
    for list in ["token_policies", "policies", "allowed_policies", "allowed_policies_glob"] {
        if let Some(text) = after.get(list).and_then(Value::as_str) {
            let items = text.split(',').map(str::trim).map(Value::from).collect();
            after.insert(list.to_owned(), Value::List(items));
        }
    }
    if known.contains('/') && !matches!(known, "identity/entity" | "identity/group") {
        let last = known.rsplit('/').next().unwrap_or(known);
        after.insert((*name).to_owned(), Value::from(last));
    }
    if let Some(mount) = known.strip_prefix("auth/").and_then(|rest| rest.split('/').next()) {
        after.insert("backend".to_owned(), Value::from(mount));
    }
    vec![Part::new(None, "data_json", Made::Resource(kind, after))]
}

fn unread(path: &str, why: Why) -> Part {
    Part::new(None, path, Made::Unread(Platform::Vault, why))
}

fn is(path: &str, pattern: &str) -> bool {
    let (mut steps, mut wanted) = (path.split('/'), pattern.split('/'));
    loop {
        match (steps.next(), wanted.next()) {
            (None, None) => return true,
            (Some(step), Some(wanted)) => {
                let fits =
                    wanted.strip_suffix('*').map_or(step == wanted, |it| step.starts_with(it));
                if !fits {
                    return false;
                }
            }
            (Some(_), None) | (None, Some(_)) => return false,
        }
    }
}
