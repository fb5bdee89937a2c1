//! The platforms, and what a template says about each of them but AWS: lists of strings, which are written, filled in and compared in the
//! same shape.

use std::collections::BTreeMap;
use std::fmt;

/// The platforms that a template can hold a block for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// Amazon Web Services.
    Aws,
    /// Google Cloud.
    Gcp,
    /// Microsoft Azure.
    Azure,
    /// Kubernetes RBAC.
    Kubernetes,
    /// Vault and `OpenBao`.
    Vault,
    /// GitHub.
    GitHub,
}

/// The ceiling on Google Cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gcp<S> {
    /// Roles that may be granted.
    pub roles: Vec<S>,
    /// Permissions that other roles may consist of.
    pub permissions: Vec<S>,
    /// Full resource names that they may be granted on.
    pub resources: Vec<S>,
}

/// The ceiling on Azure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Azure<S> {
    /// Control plane operations.
    pub actions: Vec<S>,
    /// Control plane operations taken away.
    pub not_actions: Vec<S>,
    /// Data plane operations.
    pub data_actions: Vec<S>,
    /// Data plane operations taken away.
    pub not_data_actions: Vec<S>,
    /// Scopes that they may be granted at.
    pub scopes: Vec<S>,
}

/// The ceiling on Kubernetes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kubernetes<S> {
    /// Namespaces that the rules hold in.
    pub namespaces: Vec<S>,
    /// The rules.
    pub rules: Vec<KubernetesRule<S>>,
}

/// One RBAC rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubernetesRule<S> {
    /// API groups; the empty string is the core group.
    pub api_groups: Vec<S>,
    /// Resource types.
    pub resources: Vec<S>,
    /// Objects by name; empty means all.
    pub resource_names: Vec<S>,
    /// Verbs.
    pub verbs: Vec<S>,
}

/// The ceiling on Vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vault<S> {
    /// The rules.
    pub rules: Vec<VaultRule<S>>,
}

/// One ACL rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultRule<S> {
    /// The path, with the globs of Vault.
    pub path: S,
    /// What may be done there.
    pub capabilities: Vec<S>,
}

/// The ceiling on GitHub.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitHub<S> {
    /// The level of each permission.
    pub permissions: BTreeMap<String, S>,
    /// Repositories that they hold in.
    pub repositories: Vec<S>,
}

/// The items of a list, changed one by one; None as soon as one has no image.
fn all<S, T>(list: &[S], change: &mut impl FnMut(&S) -> Option<T>) -> Option<Vec<T>> {
    list.iter().map(change).collect()
}

impl<S> Gcp<S> {
    /// The same block of other strings; None if one of them has no image.
    pub fn try_map<T>(&self, mut change: impl FnMut(&S) -> Option<T>) -> Option<Gcp<T>> {
        Some(Gcp {
            roles: all(&self.roles, &mut change)?,
            permissions: all(&self.permissions, &mut change)?,
            resources: all(&self.resources, &mut change)?,
        })
    }
}

impl<S> Azure<S> {
    /// The same block of other strings; None if one of them has no image.
    pub fn try_map<T>(&self, mut change: impl FnMut(&S) -> Option<T>) -> Option<Azure<T>> {
        Some(Azure {
            actions: all(&self.actions, &mut change)?,
            not_actions: all(&self.not_actions, &mut change)?,
            data_actions: all(&self.data_actions, &mut change)?,
            not_data_actions: all(&self.not_data_actions, &mut change)?,
            scopes: all(&self.scopes, &mut change)?,
        })
    }
}

impl<S> Kubernetes<S> {
    /// The same block of other strings; None if one of them has no image.
    pub fn try_map<T>(&self, mut change: impl FnMut(&S) -> Option<T>) -> Option<Kubernetes<T>> {
        let namespaces = all(&self.namespaces, &mut change)?;
        let rules = self.rules.iter().map(|rule| {
            Some(KubernetesRule {
                api_groups: all(&rule.api_groups, &mut change)?,
                resources: all(&rule.resources, &mut change)?,
                resource_names: all(&rule.resource_names, &mut change)?,
                verbs: all(&rule.verbs, &mut change)?,
            })
        });
        Some(Kubernetes { namespaces, rules: rules.collect::<Option<_>>()? })
    }
}

impl<S> Vault<S> {
    /// The same block of other strings; None if one of them has no image.
    pub fn try_map<T>(&self, mut change: impl FnMut(&S) -> Option<T>) -> Option<Vault<T>> {
        let rules = self.rules.iter().map(|rule| {
            let path = change(&rule.path)?;
            Some(VaultRule { path, capabilities: all(&rule.capabilities, &mut change)? })
        });
        Some(Vault { rules: rules.collect::<Option<_>>()? })
    }
}

impl<S> GitHub<S> {
    /// The same block of other strings; None if one of them has no image.
    pub fn try_map<T>(&self, mut change: impl FnMut(&S) -> Option<T>) -> Option<GitHub<T>> {
        let permissions =
            self.permissions.iter().map(|(name, level)| Some((name.clone(), change(level)?)));
        Some(GitHub {
            permissions: permissions.collect::<Option<_>>()?,
            repositories: all(&self.repositories, &mut change)?,
        })
    }
}

impl Platform {
    /// All platforms, in the order in which they are listed everywhere.
    pub const ALL: [Self; 6] =
        [Self::Aws, Self::Gcp, Self::Azure, Self::Kubernetes, Self::Vault, Self::GitHub];

    /// The name of its block: `aws`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Gcp => "gcp",
            Self::Azure => "azure",
            Self::Kubernetes => "kubernetes",
            Self::Vault => "vault",
            Self::GitHub => "github",
        }
    }

    /// The platform of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.name() == name)
    }
    /// The name in sentences: `Google Cloud`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Gcp => "Google Cloud",
            Self::Azure => "Azure",
            Self::Kubernetes => "Kubernetes",
            Self::Vault => "Vault",
            Self::GitHub => "GitHub",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
