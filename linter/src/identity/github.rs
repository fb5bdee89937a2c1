//! GitHub: what the tokens of workflows may do by default, and deploy keys.

use policy::github as hub;
use policy::text::{Shape, Text};

use super::{Builder, Content, Grant, Platform};

/// Hands permissions to the tokens and keys of repositories.
pub(super) fn extract(builder: &mut Builder<'_>) {
    workflows(builder, "github_workflow_repository_permissions", true);
    workflows(builder, "github_actions_organization_workflow_permissions", false);
    for index in builder.links.of_kind("github_repository_deploy_key") {
        let read_only = builder.links.value(index, "read_only").text();
        let level = match read_only.as_ref().map(Text::as_str) {
            Some(Some("true")) => "read",
            Some(Some(_) | None) | None => "write",
        };
        let permissions = hub::Permissions::levels([("contents", level)]);
        let repository = repository(builder, index);
        let name = format!("deploy key of {repository}");
        give(builder, index, "read_only", &name, permissions, repository);
    }
}

/// The scopes in which the workflows' tokens of a permissive repository write. There may be more by now.
const WRITTEN: &[&str] = &[
    "actions",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "issues",
    "packages",
    "pages",
    "pull-requests",
    "security-events",
    "statuses",
];

/// The scopes in which those of a restricted one read, beside the metadata that every token reads.
const READ: &[&str] = &["contents", "packages"];

/// The default of the workflows' own tokens. What a workflow file asks for is not here.
fn workflows(builder: &mut Builder<'_>, kind: &str, one: bool) {
    for index in builder.links.of_kind(kind) {
        let path = "default_workflow_permissions";
        let all = |scopes: &[&str], level: &str| {
            hub::Permissions::levels(scopes.iter().map(|scope| (*scope, level)))
        };
        let permissions = match builder.links.value(index, path).as_str() {
            Some("read") => vec![all(READ, "read")],
            Some("write") => vec![all(WRITTEN, "write"), hub::Permissions::Unspecified],
            Some(_) | None => vec![hub::Permissions::Unspecified],
        };
        let (repository, name) = if one {
            let repository = repository(builder, index);
            let name = format!("GITHUB_TOKEN of {repository}");
            (repository, name)
        } else {
            let owner = builder.links.value(index, "organization_slug").text();
            let mut all = owner.unwrap_or_else(|| owner_of(builder, index));
            let name = format!("GITHUB_TOKEN of {all}");
            all.push_str("/*");
            (all, name)
        };
        for permissions in permissions {
            give(builder, index, path, &name, permissions, repository.clone());
        }
    }
}

fn give(
    builder: &mut Builder<'_>,
    index: usize,
    path: &str,
    name: &str,
    permissions: hub::Permissions,
    repository: Text,
) {
    let content =
        Content::GitHub(hub::Grant { permissions, repositories: vec![repository], span: None });
    let grant = Grant { resource: index, path: path.to_owned(), content };
    let governance = builder.governance(index);
    let identity = match builder.of_resource(index) {
        Some(identity) => identity,
        None => builder.elsewhere(Platform::GitHub, name, index),
    };
    if let Some(found) = builder.graph.identities.get_mut(identity) {
        found.governance = governance;
    }
    builder.grant(identity, &[grant]);
}

/// `owner/name`; the owner is the provider's.
fn repository(builder: &Builder<'_>, index: usize) -> Text {
    let name = builder.links.value(index, "repository").text().unwrap_or_default();
    if name.as_str().is_some_and(|name| name.contains('/')) {
        return name;
    }
    let mut out = owner_of(builder, index);
    out.push_str("/");
    out.push(&name);
    out
}

fn owner_of(builder: &Builder<'_>, index: usize) -> Text {
    let address = builder.links.resource(index).map_or("", |resource| resource.address.as_str());
    Text::hole(format!("the owner of {address}"), Shape::Word)
}
