//! Permissions that lead to more than they say.

/// What a permission opens, if that is known.
pub(super) fn escalation(action: &str) -> Option<&'static str> {
    match action {
        "workflows:write" | "workflow" => {
            Some("writes workflows, which run with the secrets and tokens of the repository")
        }
        "id-token:write" => Some("becomes whatever trusts tokens of the repository"),
        "administration:write" => Some("administers the repository: it can lift every protection"),
        "actions:write" => Some("starts workflows, which run with the secrets of the repository"),
        "environments:write" => Some("lifts the protection of environments and their secrets"),
        "members:write" | "organization-administration:write" | "admin:org" | "write:org" => {
            Some("gives people and teams further access")
        }
        "organization-custom-roles:write" | "organization-custom-org-roles:write" => {
            Some("writes roles: it can allow itself anything that they can")
        }
        "organization-self-hosted-runners:write" | "manage_runners:org" => {
            Some("registers runners, which see the secrets of the jobs that they take")
        }
        "admin:enterprise" => Some("administers the enterprise"),
        _ => None,
    }
}
