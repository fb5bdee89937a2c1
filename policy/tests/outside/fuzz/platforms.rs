//! The texts of the platforms other than AWS: role exports, assignments, conditions, policies, manifests, tokens.

use policy::text::Text;
use policy::{azure, gcp, github, kubernetes, vault};

use super::{explained, told};

/// A parser: its name, good input, and all that is done with what it reads.
type Platform = (&'static str, &'static [&'static str], fn(&str));

/// Every one of them.
pub(super) const PLATFORMS: &[Platform] = &[
    ("azure roles", AZURE_ROLES, azure_roles),
    ("azure grants", AZURE_GRANTS, azure_grants),
    ("azure conditions", AZURE_CONDITIONS, azure_conditions),
    ("gcp roles", GCP_ROLES, gcp_roles),
    ("gcp grants", GCP_GRANTS, gcp_grants),
    ("gcp conditions", GCP_CONDITIONS, gcp_conditions),
    ("vault", VAULT_POLICIES, vault_policies),
    ("github", GITHUB_GRANTS, github_grants),
    ("kubernetes", MANIFESTS, manifests),
];

const AZURE_ROLES: &[&str] = &[
    r#"[{"roleName":"A","name":"8e3af657-a8ff-443c-a75c-2fe8c4bcb636","roleType":"CustomRole","assignableScopes":["/"],"permissions":[{"actions":["Microsoft.Storage/*/read"],"notActions":["Microsoft.Storage/a/read"],"dataActions":["*"],"notDataActions":[]}]}]"#,
];

fn azure_roles(text: &str) {
    let roles = match azure::Roles::parse(text) {
        Ok(roles) => roles,
        Err(error) => return explained(&error, text),
    };
    let grant = |name: &str| azure::Grant {
        what: azure::Assigned::Role(Text::from(name)),
        scope: Text::from("/subscriptions/s"),
        condition: None,
    };
    for (outer, inner) in [("A", "Owner"), ("Owner", "A"), ("A", "A")] {
        told(&azure::contains(&roles, &[grant(outer)], &[grant(inner)]));
    }
}

const AZURE_CONDITIONS: &[&str] = &[
    "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'} AND NOT SubOperationMatches{'Blob.List'})) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'logs'))",
    "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {acdd72a7-3385-48ef-bd42-f606fba81ae7}",
];

fn azure_conditions(text: &str) {
    let roles = azure::Roles::default();
    let grant = |condition: &str| azure::Grant {
        what: azure::Assigned::Role(Text::from("Reader")),
        scope: Text::from(condition.get(..condition.len().min(9)).unwrap_or("/")),
        condition: Some(Text::from(condition)),
    };
    for (outer, inner) in [(text, AZURE_CONDITIONS[0]), (AZURE_CONDITIONS[0], text), (text, text)] {
        told(&azure::contains(&roles, &[grant(outer)], &[grant(inner)]));
    }
}

const GCP_ROLES: &[&str] = &[
    r#"[{"name":"roles/storage.objectViewer","title":"t","stage":"GA","includedPermissions":["storage.objects.get","storage.objects.list"]},{"name":"projects/p/roles/c","stage":"DISABLED","includedPermissions":["a.b.c"]}]"#,
    r#"{"name":"organizations/1/roles/c","etag":"x","includedPermissions":["storage.objects.get"]}"#,
];

fn gcp_roles(text: &str) {
    let roles = match gcp::Roles::parse(text) {
        Ok(roles) => roles,
        Err(error) => return explained(&error, text),
    };
    let grant = |name: &str| gcp::Grant {
        what: gcp::Assigned::Role(Text::from(name)),
        resource: Some(Text::from("projects/p")),
        condition: None,
    };
    let names = ["roles/storage.objectViewer", "projects/p/roles/c", "organizations/1/roles/c"];
    for (outer, inner) in names.iter().flat_map(|outer| names.iter().map(move |it| (outer, it))) {
        told(&gcp::contains(&roles, &[grant(outer)], &[grant(inner)]));
    }
}

const GCP_CONDITIONS: &[&str] = &[
    r#"request.time < timestamp("2026-01-01T00:00:00Z") && (resource.name.startsWith("projects/p/") || !(resource.type == "storage.googleapis.com/Bucket"))"#,
    r#"resource.matchTag("1/env", "prod") && resource.name.endsWith('x') || resource.service != "s""#,
    r#"api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly(["roles/a", 'roles/b'])"#,
];

fn gcp_conditions(text: &str) {
    let roles = gcp::Roles::default();
    let grant = |condition: &str| gcp::Grant {
        what: gcp::Assigned::Permissions(vec![Text::from("a.b.get")]),
        resource: Some(Text::from("projects/p")),
        condition: Some(Text::from(condition)),
    };
    for (outer, inner) in [(text, GCP_CONDITIONS[0]), (GCP_CONDITIONS[0], text), (text, text)] {
        told(&gcp::contains(&roles, &[grant(outer)], &[grant(inner)]));
    }
}

const VAULT_POLICIES: &[&str] = &[
    "path \"secret/data/+/app/*\" {\n  capabilities = [\"read\", \"list\"]\n  allowed_parameters = { \"a\" = [\"b\", \"c*\"] }\n  min_wrapping_ttl = \"1h\"\n}\n# x\npath \"secret/{{identity.entity.id}}/*\" { capabilities = [\"deny\"] }\npath \"sys/*\" { policy = \"write\" }\n",
    r#"{"path":{"secret/*":{"capabilities":["create","sudo"],"required_parameters":["x"]},"secret/+/y":{"capabilities":[]}}}"#,
    r#"{"path":[{"a/+/+/b*":{"capabilities":["update"],"max_wrapping_ttl":60,"control_group":{"factor":{}}}}]}"#,
];

fn vault_policies(text: &str) {
    let policy = match vault::Policy::parse(&Text::from(text)) {
        Ok(policy) => policy,
        Err(error) => return explained(&error, text),
    };
    for note in policy.notes() {
        let end = note.span.offset() + note.span.len();
        assert!(text.get(note.span.offset()..end).is_some(), "{note:?}");
    }
    let valid = vault::Policy::parse(&Text::from(VAULT_POLICIES[0])).unwrap();
    for (outer, inner) in [(&valid, &policy), (&policy, &valid), (&policy, &policy)] {
        let answer = vault::contains(&[outer], &[inner]);
        told(&answer);
        vault::change(&[outer], &[inner], &answer);
    }
}

const AZURE_GRANTS: &[&str] = &[
    r#"[{"roleDefinitionName":"Reader","scope":"/subscriptions/s/resourceGroups/g","condition":null,"principalId":"x"},{"roleDefinitionId":"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7","scope":"/"}]"#,
    r#"{"Name":"A","Actions":["Microsoft.Storage/*"],"NotActions":[],"DataActions":["*"],"AssignableScopes":["/subscriptions/s"]}"#,
];

fn azure_grants(text: &str) {
    let found = match azure::Grant::parse(&Text::from(text)) {
        Ok(found) => found,
        Err(error) => return explained(&error, text),
    };
    let roles = azure::Roles::default();
    let own: Vec<azure::Grant> = found.into_iter().map(|one| one.grant).collect();
    let valid = azure::Grant::parse(&Text::from(AZURE_GRANTS[0])).unwrap();
    let valid: Vec<azure::Grant> = valid.into_iter().map(|one| one.grant).collect();
    for (outer, inner) in [(&valid, &own), (&own, &valid), (&own, &own)] {
        let answer = azure::contains(&roles, outer, inner);
        told(&answer);
        azure::change(&roles, outer, inner, &answer);
    }
}

const GCP_GRANTS: &[&str] = &[
    r#"{"bindings":[{"role":"roles/viewer","members":["user:a@b.c"]},{"role":"projects/p/roles/c","condition":{"title":"t","expression":"request.time < timestamp(\"2026-01-01T00:00:00Z\")"}}],"etag":"x","version":3}"#,
    r#"[{"permissions":["a.b.get"],"resource":"projects/p"},{"role":"roles/editor","resource":"//storage.googleapis.com/projects/_/buckets/*"}]"#,
];

fn gcp_grants(text: &str) {
    let found = match gcp::Grant::parse(&Text::from(text)) {
        Ok(found) => found,
        Err(error) => return explained(&error, text),
    };
    let roles = gcp::Roles::default();
    let own: Vec<gcp::Grant> = found.into_iter().map(|one| one.grant).collect();
    let valid = gcp::Grant::parse(&Text::from(GCP_GRANTS[0])).unwrap();
    let valid: Vec<gcp::Grant> = valid.into_iter().map(|one| one.grant).collect();
    for (outer, inner) in [(&valid, &own), (&own, &valid), (&own, &own)] {
        let answer = gcp::contains(&roles, outer, inner);
        told(&answer);
        gcp::change(&roles, outer, inner, &answer);
    }
}

const GITHUB_GRANTS: &[&str] = &[
    r#"{"permissions":{"contents":"read","id-token":"write","pull_requests":"none"},"repositories":["o/r","o/*"]}"#,
    r#"{"permissions":"write-all"}"#,
    r#"{"scopes":["repo","read:org"]}"#,
];

fn github_grants(text: &str) {
    let grant = match github::Grant::parse(&Text::from(text)) {
        Ok(grant) => [grant],
        Err(error) => return explained(&error, text),
    };
    let valid = [github::Grant::parse(&Text::from(GITHUB_GRANTS[0])).unwrap()];
    for (outer, inner) in [(&valid, &grant), (&grant, &valid), (&grant, &grant)] {
        let answer = github::contains(outer, inner);
        told(&answer);
        github::change(outer, inner, &answer);
    }
}

const MANIFESTS: &[&str] = &[
    r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"r","namespace":"a"},"rules":[{"apiGroups":[""],"resources":["pods","*/log"],"resourceNames":["x"],"verbs":["get","*"]}]},{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"b","namespace":"a"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"s","namespace":"a"},{"kind":"Group","name":"system:masters"}]}]}"#,
    r#"{"kind":"ClusterRole","metadata":{"name":"r"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]},"rules":[{"nonResourceURLs":["/healthz*"],"verbs":["get"]}]}"#,
    r#"[{"apiGroups":["apps"],"resources":["deployments"],"verbs":["list"]}]"#,
];

fn manifests(text: &str) {
    let manifest = match kubernetes::parse(&Text::from(text)) {
        Ok(manifest) => manifest,
        Err(error) => return explained(&error, text),
    };
    for note in &manifest.notes {
        let end = note.span.offset() + note.span.len();
        assert!(text.get(note.span.offset()..end).is_some(), "{note:?}");
    }
    let valid = kubernetes::parse(&Text::from(MANIFESTS[0])).unwrap();
    let (own, valid) = (manifest.grants, valid.grants);
    for (outer, inner) in [(&valid, &own), (&own, &valid), (&own, &own)] {
        let answer = kubernetes::contains(outer, inner);
        told(&answer);
        kubernetes::change(outer, inner, &answer);
    }
}
