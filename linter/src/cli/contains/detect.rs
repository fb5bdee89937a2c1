//! Which platform a policy file is of, where its content leaves no doubt.

use serde_json::Value as Json;

use super::File;
use crate::cli::args::Platform;

/// What all files are that tell; None where they differ or none tells.
pub(super) fn all(files: &[File]) -> Option<Platform> {
    let mut found = files.iter().filter_map(|file| one(&file.text));
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// What a file is certain to be.
pub(super) fn one(text: &str) -> Option<Platform> {
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Array(items)) => {
            let first = of_json(items.first()?)?;
            items.iter().all(|item| of_json(item) == Some(first)).then_some(first)
        }
        Ok(json) => of_json(&json),
        Err(_) => is_vault(text).then_some(Platform::Vault),
    }
}

fn of_json(json: &Json) -> Option<Platform> {
    if let Some(text) = json.as_str() {
        return ["read-all", "write-all"].contains(&text).then_some(Platform::Github);
    }
    let fields = json.as_object()?;
    let has = |name: &str| fields.contains_key(name);
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    if has("Statement") {
        return Some(Platform::Aws);
    }
    if has("apiVersion") && has("kind") || has("verbs") {
        return Some(Platform::Kubernetes);
    }
    if any(&["includedPermissions", "bindings"]) {
        return Some(Platform::Gcp);
    }
    if has("path") && (fields.len() == 1 || has("name") && fields.len() == 2) {
        return Some(Platform::Vault);
    }
    let azure = [
        "notActions",
        "NotActions",
        "dataActions",
        "DataActions",
        "assignableScopes",
        "AssignableScopes",
        "roleDefinitionId",
        "roleDefinitionName",
    ];
    let blocks = |json: &Json| json.get("permissions").is_some_and(Json::is_array);
    if any(&azure) || blocks(json) || json.get("properties").is_some_and(blocks) {
        return Some(Platform::Azure);
    }
    if has("scopes") && fields.keys().all(|name| name == "scopes" || name == "repositories") {
        return Some(Platform::Github);
    }
    match fields.get("permissions") {
        Some(Json::Object(_)) => Some(Platform::Github),
        Some(Json::String(all)) if all == "read-all" || all == "write-all" => {
            Some(Platform::Github)
        }
        _ => None,
    }
}

/// HCL whose first word is `path` and a string.
fn is_vault(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| {
        !line.is_empty() && !["#", "//", "/*", "*"].iter().any(|mark| line.starts_with(mark))
    });
    let rest = first.and_then(|line| line.strip_prefix("path"));
    rest.is_some_and(|rest| rest.trim_start().starts_with('"'))
}

/// How messages call a platform's policies.
pub(super) fn title(platform: Platform) -> &'static str {
    match platform {
        Platform::Aws => "AWS",
        Platform::Gcp => "Google Cloud",
        Platform::Azure => "Azure",
        Platform::Kubernetes => "Kubernetes",
        Platform::Vault => "Vault",
        Platform::Github => "GitHub",
    }
}

/// What a file of the platform is.
pub(super) fn content(platform: Platform) -> &'static str {
    match platform {
        Platform::Aws => "an AWS policy document",
        Platform::Gcp => "a Google Cloud role or IAM policy",
        Platform::Azure => "an Azure role definition or assignment",
        Platform::Kubernetes => "a Kubernetes manifest",
        Platform::Vault => "a Vault policy",
        Platform::Github => "a set of GitHub permissions",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_no_doubt() {
        let table = [
            (r#"{"Version":"2012-10-17","Statement":[]}"#, Some(Platform::Aws)),
            (r#"[{"Statement":[]},{"Statement":[]}]"#, Some(Platform::Aws)),
            (r#"[{"Statement":[]},{"permissions":{}}]"#, None),
            (r#"{"apiVersion":"v1","kind":"List","items":[]}"#, Some(Platform::Kubernetes)),
            (r#"[{"apiGroups":[""],"verbs":["get"]}]"#, Some(Platform::Kubernetes)),
            (r#"{"bindings":[]}"#, Some(Platform::Gcp)),
            (r#"[{"name":"roles/viewer","includedPermissions":[]}]"#, Some(Platform::Gcp)),
            (r#"{"roleName":"x","permissions":[{"actions":[]}]}"#, Some(Platform::Azure)),
            (r#"{"properties":{"permissions":[]}}"#, Some(Platform::Azure)),
            (r#"{"permissions":{"contents":"read"}}"#, Some(Platform::Github)),
            (r#"{"permissions":"write-all"}"#, Some(Platform::Github)),
            (r#"{"scopes":["repo"]}"#, Some(Platform::Github)),
            (r#"{"path":{"secret/*":{"capabilities":["read"]}}}"#, Some(Platform::Vault)),
            (
                "# reader\npath \"secret/*\" {\n  capabilities = [\"read\"]\n}\n",
                Some(Platform::Vault),
            ),
            ("{}", None),
            ("", None),
            ("null", None),
            ("paths = 1", None),
        ];
        for (text, platform) in table {
            assert_eq!(one(text), platform, "{text}");
        }
    }
}
