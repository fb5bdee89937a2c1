//! What a template says, as data. [`parse`](super::Library::parse) makes it; nothing here has been left unchecked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use miette::SourceSpan;
use regex::Regex;
use regex_syntax::hir::{Class, Hir, HirKind};
use semver::Version;

use super::error::File;
use super::expression::{Interpolated, Value};
use super::reference::{Reference, Selector};
use crate::governance::{Fact, Kind, Lifetime};

mod platforms;

pub use platforms::{Azure, Gcp, GitHub, Kubernetes, KubernetesRule, Platform, Vault, VaultRule};

/// A value and the place in the file that says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// The bytes of the file that say it.
    pub span: SourceSpan,
}

/// A published ceiling: what identities that name it may do, who may become them and for how long.
#[derive(Clone, Debug)]
pub struct Template {
    /// The name, which never changes.
    pub name: String,
    /// The version; the content of a published one never changes.
    pub version: Version,
    /// What it is for.
    pub description: Option<String>,
    /// The team that publishes it.
    pub owner: Option<String>,
    /// Whether it may be used. Not part of the digest: revoking a template does not make it another one.
    pub status: Status,
    /// The templates that users of should move here from.
    pub replaces: Vec<Reference>,
    /// Which identities may name it.
    pub applies_to: AppliesTo,
    /// The parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// What it asks for beyond owner, purpose and expiry.
    pub require: Require,
    /// The ceiling on AWS. None: nothing is allowed there. Likewise for the other platforms.
    pub aws: Option<Aws>,
    /// The ceiling on Google Cloud.
    pub gcp: Option<Gcp<Spanned<Interpolated>>>,
    /// The ceiling on Azure.
    pub azure: Option<Azure<Spanned<Interpolated>>>,
    /// The ceiling on Kubernetes.
    pub kubernetes: Option<Kubernetes<Spanned<Interpolated>>>,
    /// The ceiling on Vault and `OpenBao`.
    pub vault: Option<Vault<Spanned<Interpolated>>>,
    /// The ceiling on GitHub.
    pub github: Option<GitHub<Spanned<Interpolated>>>,
    /// `sha256:` and the hash of the canonical form; see [`digest`](super::digest).
    pub digest: String,
    /// Where it stands.
    pub place: Place,
}

/// A part of a file that a message can point at.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file, with its text.
    pub file: File,
    /// The bytes meant.
    pub span: SourceSpan,
}

/// Whether a template may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It may.
    #[default]
    Active,
    /// Existing identities may keep it; new ones choose another.
    Deprecated,
    /// Nobody may.
    Revoked,
}

/// Which identities may name a template. An empty set means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppliesTo {
    /// The kinds.
    pub kinds: BTreeSet<Kind>,
    /// The environments, in the order of the file.
    pub environments: Vec<String>,
}

/// The parameter that states the DNS names that a certificate may hold, separated by commas. Certificates use it, so no platform
/// block has to.
pub const DNS_NAMES: &str = "dns_names";

/// A parameter of a template.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// What its values look like. None: any text that the platforms take literally.
    pub pattern: Option<Pattern>,
    /// The value of identities that do not state one.
    pub default: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// The platforms whose blocks use it.
    pub platforms: BTreeSet<Platform>,
    /// Where it is declared.
    pub span: SourceSpan,
}

/// A regular expression that a whole value has to match.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    regex: Arc<Regex>,
}

/// What a template asks for beyond owner, purpose and expiry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Require {
    /// Facts that must be stated.
    pub metadata: BTreeSet<Fact>,
    /// The cap on the identity's expiry, from creation.
    pub max_lifetime: Option<Spanned<Lifetime>>,
    /// The cap on the lifetime of a credential.
    pub max_session: Option<Spanned<Lifetime>>,
    /// The longest time between rotations.
    pub rotate_every: Option<Spanned<Lifetime>>,
    /// The longest time between reviews.
    pub review_every: Option<Spanned<Lifetime>>,
    /// How long an identity is disabled before it may be destroyed. None: the next apply may.
    pub observation: Option<Spanned<Lifetime>>,
    /// Whether a long-lived secret is allowed. None: the template does not say.
    pub static_credential: Option<bool>,
}

/// The ceiling on AWS.
#[derive(Clone, Debug, Default)]
pub struct Aws {
    /// The identity policy: what may be done at most.
    pub permissions: Option<Spanned<Value>>,
    /// The trust policy: who may become the identity at most.
    pub trust: Option<Spanned<Value>>,
    /// A glob that the permissions boundary of the identity must match.
    pub boundary: Option<Spanned<Interpolated>>,
}

impl Template {
    /// Name and version, as identities write it.
    pub fn reference(&self) -> Reference {
        Reference { name: self.name.clone(), version: Selector::Exact(self.version.clone()) }
    }

    /// Whether there is a block for the platform.
    pub fn covers(&self, platform: Platform) -> bool {
        match platform {
            Platform::Aws => self.aws.is_some(),
            Platform::Gcp => self.gcp.is_some(),
            Platform::Azure => self.azure.is_some(),
            Platform::Kubernetes => self.kubernetes.is_some(),
            Platform::Vault => self.vault.is_some(),
            Platform::GitHub => self.github.is_some(),
        }
    }

    /// Whether the block of a platform holds anything: lists that are all empty allow nothing.
    pub fn says_something(&self, platform: Platform) -> bool {
        let mut found = false;
        self.visit_strings(|at, _| found |= at == platform);
        found
    }

    /// The parameters that the block of a platform uses.
    pub fn used_by(&self, platform: Platform) -> BTreeSet<&str> {
        let used = self.parameters.values().filter(|it| it.platforms.contains(&platform));
        used.map(|it| it.name.as_str()).collect()
    }

    /// Calls `see` with every string of every platform block, in a fixed order.
    pub fn visit_strings<'a>(&'a self, mut see: impl FnMut(Platform, &'a Interpolated)) {
        if let Some(aws) = &self.aws {
            for document in [&aws.permissions, &aws.trust].into_iter().flatten() {
                document.value.visit_strings(&mut |string| see(Platform::Aws, string));
            }
            if let Some(boundary) = &aws.boundary {
                see(Platform::Aws, &boundary.value);
            }
        }
        let mut all = |platform, lists: &[&'a Vec<Spanned<Interpolated>>]| {
            for string in lists.iter().flat_map(|list| list.iter()) {
                see(platform, &string.value);
            }
        };
        if let Some(gcp) = &self.gcp {
            all(Platform::Gcp, &[&gcp.roles, &gcp.permissions, &gcp.resources]);
        }
        if let Some(azure) = &self.azure {
            let Azure { actions, not_actions, data_actions, not_data_actions, scopes } = azure;
            all(Platform::Azure, &[actions, not_actions, data_actions, not_data_actions, scopes]);
        }
        if let Some(kubernetes) = &self.kubernetes {
            all(Platform::Kubernetes, &[&kubernetes.namespaces]);
            for rule in &kubernetes.rules {
                let KubernetesRule { api_groups, resources, resource_names, verbs } = rule;
                all(Platform::Kubernetes, &[api_groups, resources, resource_names, verbs]);
            }
        }
        if let Some(github) = &self.github {
            all(Platform::GitHub, &[&github.repositories]);
            for level in github.permissions.values() {
                see(Platform::GitHub, &level.value);
            }
        }
        for rule in self.vault.iter().flat_map(|vault| &vault.rules) {
            see(Platform::Vault, &rule.path.value);
            for capability in &rule.capabilities {
                see(Platform::Vault, &capability.value);
            }
        }
    }
}

impl Pattern {
    /// Compiles a pattern. It must be a regular expression by itself, not only inside the anchors that are put around it.
    pub fn new(source: &str) -> Result<Self, regex::Error> {
        Regex::new(source)?;
        let regex = Regex::new(&format!(r"\A(?:{source})\z"))?;
        Ok(Self { source: source.to_owned(), regex: Arc::new(regex) })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// A short value that matches, if one is easily made up.
    pub fn sample(&self) -> Option<String> {
        let mut out = String::new();
        shortest(&regex_syntax::parse(&self.source).ok()?, &mut out)?;
        self.matches(&out).then_some(out)
    }

    /// Whether the whole value matches.
    pub fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }
}

/// Appends a short string that the expression matches; None where that takes more than a walk.
fn shortest(expression: &Hir, out: &mut String) -> Option<()> {
    match expression.kind() {
        // Anchors and word boundaries hold or do not; the caller tries the whole.
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => {
            let holds = |letter: char| match class {
                Class::Unicode(class) => {
                    class.ranges().iter().any(|it| it.start() <= letter && letter <= it.end())
                }
                Class::Bytes(class) => class
                    .ranges()
                    .iter()
                    .any(|it| char::from(it.start()) <= letter && letter <= char::from(it.end())),
            };
            out.push(('a'..='z').chain('0'..='9').chain('!'..='~').find(|it| holds(*it))?);
        }
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min.min(1000) {
                shortest(&repetition.sub, out)?;
            }
        }
        HirKind::Capture(capture) => shortest(&capture.sub, out)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| shortest(part, out))?,
        HirKind::Alternation(ways) => shortest(ways.first()?, out)?,
    }
    Some(())
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Status {
    /// The name in templates: `active`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
            Self::Revoked => "revoked",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Deprecated, Self::Revoked].into_iter().find(|it| it.name() == name)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
