//! Requests that lead to more privileges than the policies show.

/// What the request opens, if that is known.
pub(super) fn escalation(capability: &str, path: &str) -> Option<&'static str> {
    let writes = matches!(capability, "create" | "update" | "patch");
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        ["sys", "policies", "acl", ..] | ["sys", "policy", ..] if writes => {
            Some("writes policies: it can allow itself anything")
        }
        ["sys", "raw", ..] => Some("reads and writes the storage below all policies"),
        ["sys", "auth", ..] if writes => Some("opens a way to log in with any policy"),
        ["sys", "generate-root" | "generate-root-token", ..] if writes => {
            Some("takes part in the making of a root token")
        }
        ["auth", "token", "create-orphan" | "create", ..] if writes => {
            Some("makes tokens that outlive its own")
        }
        ["auth", "token", "roles", ..] if writes => Some("decides on the policies of tokens"),
        ["auth", _, "role" | "roles" | "users" | "groups" | "map" | "certs", ..] if writes => {
            Some("decides who logs in with which policies")
        }
        ["identity", "entity" | "group" | "entity-alias" | "group-alias", ..] if writes => {
            Some("gives identities further policies")
        }
        _ => None,
    }
}
