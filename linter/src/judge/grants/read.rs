//! Grants of the model as the engines of their platforms take them.

use policy::text::Text;
use policy::verdict::{Counterexample, Why};
use policy::{azure, gcp, github, kubernetes, vault};

use crate::identity::{Content, Grant, Identity, Platform};

use super::super::{Culprit, Doubt, Gap, Part};

/// What an identity may do on its platform, each piece with the grant that it comes from.
#[derive(Default)]
pub(in crate::judge) struct Read<'a> {
    pub(super) list: List,
    /// By place in the list; of Vault by rule.
    pub(super) from: Vec<&'a Grant>,
    /// Of Kubernetes, which rule of the grant it is.
    pub(super) rule: Vec<usize>,
    /// What is outside of every template: no template speaks of it.
    pub(super) beyond: Vec<Gap>,
    /// What cannot be read. The rest is judged all the same.
    pub(super) broken: Vec<Doubt>,
}

/// Grants, as their platform says them.
#[derive(Default)]
pub(super) enum List {
    #[default]
    Nothing,
    Google(Vec<gcp::Grant>),
    Azure(Vec<azure::Grant>),
    Kubernetes(Vec<kubernetes::Grant>),
    Vault(Vec<vault::Policy>),
    GitHub(Vec<github::Grant>),
}

impl<'a> Read<'a> {
    /// Reads the grants of an identity.
    pub(in crate::judge) fn of(identity: &'a Identity) -> Self {
        let mut read = match identity.platform {
            Platform::Google => Self::google(identity),
            Platform::Azure => Self::azure(identity),
            Platform::Kubernetes => Self::kubernetes(identity),
            Platform::Vault => Self::vault(identity),
            Platform::GitHub => Self::github(identity),
            Platform::Aws | Platform::Nhi | Platform::Other => return Self::default(),
        };
        read.broken.extend(identity.grants.iter().filter_map(|grant| {
            let Content::Unread(why) = &grant.content else { return None };
            let culprit = Culprit::of(grant, Part::Permissions);
            Some(Doubt { culprit, why: why.clone(), nearest: None })
        }));
        read
    }

    fn google(identity: &'a Identity) -> Self {
        let mut read = Self::default();
        let mut list = Vec::new();
        for grant in &identity.grants {
            if let Content::Google(content) = &grant.content {
                list.push(content.clone());
                read.from.push(grant);
            }
        }
        Self { list: List::Google(list), ..read }
    }

    fn azure(identity: &'a Identity) -> Self {
        let mut read = Self::default();
        let mut list = Vec::new();
        for grant in &identity.grants {
            match &grant.content {
                Content::Azure(content) => {
                    list.push(content.clone());
                    read.from.push(grant);
                }
                Content::Directory { role, scope } => {
                    read.beyond.push(directory(grant, role, scope));
                }
                Content::Document(_)
                | Content::Arn(_)
                | Content::Google(_)
                | Content::Rules { .. }
                | Content::KubernetesRole { .. }
                | Content::Vault { .. }
                | Content::GitHub(_)
                | Content::Unread(_)
                | Content::Rendered { .. } => {}
            }
        }
        Self { list: List::Azure(list), ..read }
    }

    fn kubernetes(identity: &'a Identity) -> Self {
        let mut read = Self::default();
        let mut list = Vec::new();
        for grant in &identity.grants {
            for (rule, content) in bindings(grant).into_iter().enumerate() {
                list.push(content);
                read.from.push(grant);
                read.rule.push(rule);
            }
        }
        Self { list: List::Kubernetes(list), ..read }
    }

    fn vault(identity: &'a Identity) -> Self {
        let mut read = Self::default();
        let mut list = Vec::new();
        for grant in &identity.grants {
            let Content::Vault { name, text } = &grant.content else { continue };
            let policy = match (name.as_str(), text) {
                (Some("root"), _) => Ok(vault::Policy::root()),
                (_, Some(text)) => vault::Policy::parse(text).map_err(|error| error.to_string()),
                (_, None) => {
                    let unknown: Vec<String> =
                        name.holes().map(|hole| hole.origin.to_string()).collect();
                    let reason = if unknown.is_empty() {
                        format!("policy `{name}` is not part of this configuration")
                    } else {
                        format!("which policy `{name}` is, is not known before apply")
                    };
                    Ok(vault::Policy::unknown(Why { reason, unknown }))
                }
            };
            match policy {
                Ok(policy) => {
                    // Answers count rules; a policy without any still is a culprit if nothing is known of it.
                    read.from.extend(policy.rules().iter().map(|_| grant));
                    list.push(policy);
                }
                Err(reason) => read.broken.push(Doubt {
                    culprit: Culprit::of(grant, Part::Permissions),
                    why: Why::construct(format!("policy `{name}` is {reason}")),
                    nearest: None,
                }),
            }
        }
        Self { list: List::Vault(list), ..read }
    }

    fn github(identity: &'a Identity) -> Self {
        let mut read = Self::default();
        let mut list = Vec::new();
        for grant in &identity.grants {
            if let Content::GitHub(content) = &grant.content {
                list.push(content.clone());
                read.from.push(grant);
            }
        }
        Self { list: List::GitHub(list), ..read }
    }
}

/// A directory role, as what it allows.
fn directory(grant: &Grant, role: &Text, scope: &Text) -> Gap {
    let scope = scope.to_string();
    let example = Counterexample {
        action: role.to_string(),
        resource: (!scope.is_empty()).then_some(scope),
        ..Counterexample::default()
    };
    Gap::of(Culprit::of(grant, Part::Permissions), example)
}

/// A Kubernetes grant as bindings.
fn bindings(grant: &Grant) -> Vec<kubernetes::Grant> {
    let bound = |namespace: &Option<Text>| kubernetes::Grant {
        namespace: namespace.clone(),
        ..kubernetes::Grant::default()
    };
    match &grant.content {
        Content::Rules { rules, namespace } => rules
            .iter()
            .map(|rule| kubernetes::Grant { rule: rule.clone(), ..bound(namespace) })
            .collect(),
        Content::KubernetesRole { role, namespace } if role.as_str() == Some("cluster-admin") => {
            let all = || vec![Text::literal("*")];
            let rule = kubernetes::Rule {
                api_groups: all(),
                resources: all(),
                verbs: all(),
                non_resource_urls: all(),
                ..kubernetes::Rule::default()
            };
            vec![kubernetes::Grant { rule, ..bound(namespace) }]
        }
        Content::KubernetesRole { role, namespace } => {
            let unknown: Vec<String> = role.holes().map(|hole| hole.origin.to_string()).collect();
            let reason = if grant.path == "aggregation_rule" {
                format!("role `{role}` is put together from other roles by their labels")
            } else if unknown.is_empty() {
                format!("role `{role}` is not part of this configuration")
            } else {
                format!("which role `{role}` is, is not known before apply")
            };
            let why = Some(Why { reason, unknown });
            vec![kubernetes::Grant { unknown: why, ..bound(namespace) }]
        }
        Content::Document(_)
        | Content::Arn(_)
        | Content::Google(_)
        | Content::Azure(_)
        | Content::Directory { .. }
        | Content::Vault { .. }
        | Content::GitHub(_)
        | Content::Unread(_)
        | Content::Rendered { .. } => Vec::new(),
    }
}
