//! What the catalogue alone tells: which resources are identities and credentials, and which credential proves which.

use policy::governance::Kind;

use crate::catalogue::{Class, Entry};
use crate::model::Resource;

use super::governance::{Source, dig};
use super::{Builder, Credential, Identity, Origin, Platform};

/// Adds every resource of an identity type.
pub(super) fn identities(builder: &mut Builder<'_>) {
    for (index, resource, entry) in of_class(builder, Class::Identity) {
        let governance = builder.governance(index);
        let kind =
            builder.kind_of_record(&governance).unwrap_or_else(|| kind_of_identity(&resource.kind));
        builder.add(Identity {
            resource: index,
            origin: Origin::Here,
            platform: platform(&resource.kind),
            kind,
            name: entry
                .names()
                .find_map(|name| dig(&resource.after, name).0.as_str().map(str::to_owned)),
            grants: Vec::new(),
            trusts: Vec::new(),
            boundary: None,
            ceiling: None,
            governance,
        });
    }
}

/// Adds every resource of a credential type, with the identities that it proves.
pub(super) fn credentials(builder: &mut Builder<'_>) {
    for (index, resource, entry) in of_class(builder, Class::Credential) {
        let mut holders: Vec<usize> = Vec::new();
        let kinds = holder_kinds(&resource.kind, builder);
        for name in entry.names() {
            let value = dig(&resource.after, name).0;
            let argument = name.split('.').next().unwrap_or(name);
            for target in builder.targets(index, argument, value, &kinds) {
                if !holders.contains(&target) {
                    holders.push(target);
                }
            }
        }
        let mut governance = builder.governance(index);
        if governance.source == Source::Nowhere {
            let records = holders.iter().filter_map(|holder| builder.graph.identities.get(*holder));
            let best = records
                .map(|holder| &holder.governance)
                .find(|found| found.source != Source::Nowhere);
            if let Some(found) = best {
                governance = found.clone();
                governance.source = Source::Holder;
            }
        }
        let kind = builder
            .kind_of_record(&governance)
            .unwrap_or_else(|| kind_of_credential(&resource.kind));
        builder.graph.credentials.push(Credential { resource: index, kind, holders, governance });
    }
}

/// The resources of a class that stand by themselves.
fn of_class<'a>(builder: &Builder<'a>, class: Class) -> Vec<(usize, &'a Resource, &'a Entry)> {
    let mut found = Vec::new();
    for kind in builder.links.kinds() {
        let Some(entry) = builder.links.catalogue.find(kind).filter(|entry| entry.class == class)
        else {
            continue;
        };
        for index in builder.links.of_kind(kind) {
            let Some(resource) = builder.links.resource(index) else { continue };
            if entry.stands_for(&resource.after) {
                found.push((index, resource, entry));
            }
        }
    }
    found.sort_by_key(|(index, ..)| *index);
    found
}

/// The identity types that a credential can prove, where its name alone is not enough to tell.
fn holder_kinds<'a>(credential: &str, builder: &Builder<'a>) -> Vec<&'a str> {
    let transfer = credential.starts_with("aws_transfer");
    let known: &[&str] = match platform(credential) {
        Platform::Aws if transfer => &["aws_transfer_user"],
        Platform::Aws => &["aws_iam_user", "awscc_iam_user"],
        Platform::Google => &["google_service_account"],
        Platform::Azure => &[
            "azuread_application",
            "azuread_application_registration",
            "azuread_service_principal",
        ],
        Platform::Kubernetes
        | Platform::Vault
        | Platform::GitHub
        | Platform::Nhi
        | Platform::Other => &[],
    };
    let provider = provider(credential);
    let is_holder = |kind: &&str| {
        if known.is_empty() { self::provider(kind) == provider } else { known.contains(kind) }
    };
    builder.links.kinds().filter(is_holder).collect()
}

fn provider(kind: &str) -> &str {
    kind.split('_').next().unwrap_or(kind)
}

/// Whose vocabulary a type speaks.
pub(super) fn platform(kind: &str) -> Platform {
    match kind.split('_').next() {
        Some("aws" | "awscc") => Platform::Aws,
        Some("google") => Platform::Google,
        Some("azuread" | "azurerm") => Platform::Azure,
        Some("kubernetes") => Platform::Kubernetes,
        Some("vault") => Platform::Vault,
        Some("github") => Platform::GitHub,
        Some("nhi") => Platform::Nhi,
        _ => Platform::Other,
    }
}

fn kind_of_identity(kind: &str) -> Kind {
    let agent = ["agent", "reasoning_engine"].iter().any(|word| kind.contains(word));
    let workload = [
        "aws_iam_role",
        "awscc_iam_role",
        "workload",
        "user_assigned_identity",
        "kubernetes_service_account",
        "_auth_backend_role",
    ];
    if agent && !kind.contains("cluster_agent") {
        Kind::Agent
    } else if workload.iter().any(|word| kind.contains(word)) {
        Kind::WorkloadIdentity
    } else {
        Kind::ServiceAccount
    }
}

fn kind_of_credential(kind: &str) -> Kind {
    let has = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if has(&["certificate", "_cert", "ssl", "x509"]) {
        Kind::Certificate
    } else if has(&["deploy", "pipeline", "runner"]) {
        Kind::DeploymentToken
    } else {
        Kind::ApiKey
    }
}
