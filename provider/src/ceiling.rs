//! A template's ceiling on each platform, as the attributes that other providers' resources take. Identities, `nhi_policy` and
//! `render_policy` all take it from here, so that they cannot differ.

use std::collections::{BTreeMap, BTreeSet};

use policy::template::{Bound, Platform, Template};
use serde_json::json;

use crate::attribute::Attribute;
use crate::model::model;
use crate::schema::computed;

model! {
    /// The template's ceiling on AWS.
    pub(crate) struct Aws {
        /// The identity policy, as JSON. Null where the template has none.
        permissions: String = computed(),
        /// The trust policy, as JSON. Null where the template has none: nobody may become the identity that way.
        trust: String = computed(),
        /// The pattern that the permissions boundary has to match. Null where the template asks for none.
        boundary: String = computed(),
    }
}

model! {
    /// The template's ceiling on Google Cloud.
    pub(crate) struct Gcp {
        /// Roles that may be granted.
        roles: Vec<String> = computed(),
        /// Permissions that other roles may consist of.
        permissions: Vec<String> = computed(),
        /// Full names of the resources on which they may be granted.
        resources: Vec<String> = computed(),
    }
}

model! {
    /// The template's ceiling on Azure.
    pub(crate) struct Azure {
        /// Control plane operations.
        actions: Vec<String> = computed(),
        /// Control plane operations taken away.
        not_actions: Vec<String> = computed(),
        /// Data plane operations.
        data_actions: Vec<String> = computed(),
        /// Data plane operations taken away.
        not_data_actions: Vec<String> = computed(),
        /// Scopes at which they may be granted.
        scopes: Vec<String> = computed(),
    }
}

model! {
    /// The template's ceiling on Kubernetes.
    pub(crate) struct Kubernetes {
        /// Namespaces in which the rules hold.
        namespaces: Vec<String> = computed(),
        /// The rules of a `Role`, as a JSON list.
        rules: String = computed(),
    }
}

model! {
    /// The template's ceiling on Vault and OpenBao.
    pub(crate) struct Vault {
        /// The policy, as JSON.
        policy: String = computed(),
    }
}

model! {
    /// The template's ceiling on GitHub.
    pub(crate) struct Github {
        /// The level of each permission.
        permissions: BTreeMap<String, String> = computed(),
        /// Repositories in which they hold.
        repositories: Vec<String> = computed(),
    }
}

model! {
    /// A template's ceiling on every platform.
    pub(crate) struct Ceiling {
        /// The ceiling on AWS; null where the template has none, or a parameter that only it uses is not stated.
        aws: Aws = computed(),
        /// The same on Google Cloud.
        gcp: Gcp = computed(),
        /// The same on Azure.
        azure: Azure = computed(),
        /// The same on Kubernetes.
        kubernetes: Kubernetes = computed(),
        /// The same on Vault and OpenBao.
        vault: Vault = computed(),
        /// The same on GitHub.
        github: Github = computed(),
    }
}

/// A template whose parameters may be known in part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rendering<'a> {
    /// The template.
    pub(crate) template: &'a Template,
    /// None where something is wrong with the parameters.
    pub(crate) bound: Option<&'a Bound<'a>>,
    /// Parameters whose values are not known yet.
    pub(crate) unknown: &'a BTreeSet<String>,
}

impl Rendering<'_> {
    /// The ceiling on every platform.
    pub(crate) fn ceiling(&self) -> Ceiling {
        Ceiling {
            aws: aws(self),
            gcp: self.of(Platform::Gcp, gcp),
            azure: self.of(Platform::Azure, azure),
            kubernetes: self.of(Platform::Kubernetes, kubernetes),
            vault: self.of(Platform::Vault, vault),
            github: self.of(Platform::GitHub, github),
        }
    }

    /// The ceiling on a platform: unknown while it waits for a parameter, null where there is none.
    fn of<T>(&self, platform: Platform, render: fn(&Bound<'_>) -> Option<T>) -> Attribute<T> {
        let used = self.template.used_by(platform);
        if self.template.covers(platform)
            && used.into_iter().any(|name| self.unknown.contains(name))
        {
            return Attribute::Unknown;
        }
        self.bound.filter(|bound| bound.renders(platform)).and_then(render).into()
    }
}

/// Document by document: a trust policy without parameters is known although the permissions wait for one.
fn aws(rendering: &Rendering<'_>) -> Attribute<Aws> {
    let (Some(aws), Some(bound)) = (&rendering.template.aws, rendering.bound) else {
        return Attribute::Null;
    };
    let values = bound.values();
    let used = rendering.template.used_by(Platform::Aws);
    if used.iter().any(|name| !values.contains_key(*name) && !rendering.unknown.contains(*name)) {
        return Attribute::Null;
    }
    let document = |document: &Option<policy::template::Spanned<_>>,
                    fill: &dyn Fn(&_) -> Option<String>| match document {
        None => Attribute::Null,
        Some(document) => fill(&document.value).map_or(Attribute::Unknown, Attribute::Known),
    };
    let json = |value: &policy::template::expression::Value| {
        value.fill(values).map(|json| json.to_string())
    };
    Attribute::Known(Aws {
        permissions: document(&aws.permissions, &json),
        trust: document(&aws.trust, &json),
        boundary: match &aws.boundary {
            None => Attribute::Null,
            Some(boundary) => {
                boundary.value.fill(values).map_or(Attribute::Unknown, Attribute::Known)
            }
        },
    })
}

fn gcp(bound: &Bound<'_>) -> Option<Gcp> {
    let policy::template::model::Gcp { roles, permissions, resources } = bound.gcp_strings()?;
    Some(Gcp { roles: roles.into(), permissions: permissions.into(), resources: resources.into() })
}

fn azure(bound: &Bound<'_>) -> Option<Azure> {
    let azure = bound.azure_strings()?;
    Some(Azure {
        actions: azure.actions.into(),
        not_actions: azure.not_actions.into(),
        data_actions: azure.data_actions.into(),
        not_data_actions: azure.not_data_actions.into(),
        scopes: azure.scopes.into(),
    })
}

fn kubernetes(bound: &Bound<'_>) -> Option<Kubernetes> {
    let rendered = bound.kubernetes()?;
    Some(Kubernetes { namespaces: rendered.namespaces.into(), rules: rendered.rules.into() })
}

fn vault(bound: &Bound<'_>) -> Option<Vault> {
    let mut paths: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // Parameters may make two rules speak of one path, and a policy names each path once.
    for rule in bound.vault_strings()?.rules {
        paths.entry(rule.path).or_default().extend(rule.capabilities);
    }
    let paths: serde_json::Map<_, _> = paths
        .into_iter()
        .map(|(path, capabilities)| (path, json!({ "capabilities": capabilities })))
        .collect();
    Some(Vault { policy: json!({ "path": paths }).to_string().into() })
}

fn github(bound: &Bound<'_>) -> Option<Github> {
    let policy::template::model::GitHub { permissions, repositories } = bound.github_strings()?;
    Some(Github { permissions: permissions.into(), repositories: repositories.into() })
}
