//! The scopes that GitHub has today, and their levels.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The day of the catalogue.
pub const DATE: &str = "2026-11-22";

/// A scope that no token of today has: what `read-all` and `write-all` will also mean.
pub(super) const LATER: &str = "a-later-scope";

/// How much a token may do in a scope. Each level includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing.
    #[default]
    None,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Administering.
    Admin,
}

/// What a scope is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A repository.
    Repository,
    /// The organisation that the token is for.
    Organization,
    /// The account of a person.
    Account,
}

/// A scope of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The name, with `-`: `pull-requests`.
    pub name: &'static str,
    /// What it is about.
    pub about: About,
    /// The levels that it knows beside `none`, in order.
    pub levels: Vec<Level>,
    /// The highest level that a workflow can list it with, if it can.
    pub workflow: Option<Level>,
}

static SCOPES: LazyLock<BTreeMap<&'static str, Scope>> = LazyLock::new(|| {
    let lines = include_str!("scopes.tsv").lines().filter(|line| !line.starts_with('#'));
    let scopes = lines.filter_map(|line| {
        let mut fields = line.split('\t');
        let name = fields.next()?;
        let about = match fields.next()? {
            "repository" => About::Repository,
            "organization" => About::Organization,
            _ => About::Account,
        };
        let levels: Vec<Level> = fields.next()?.split(',').filter_map(Level::from_name).collect();
        let workflow = fields.next()?.strip_prefix("workflow").and_then(|limit| {
            limit.strip_prefix(':').map_or_else(|| levels.last().copied(), Level::from_name)
        });
        Some((name, Scope { name, about, levels, workflow }))
    });
    scopes.collect()
});

/// What is known about a scope. `_` and `-` are the same.
pub fn scope(name: &str) -> Option<&'static Scope> {
    SCOPES.get(normal(name).as_str())
}

/// All scopes, by name.
pub fn scopes() -> impl Iterator<Item = &'static Scope> {
    SCOPES.values()
}

/// Why a token cannot have the level in the scope, if it is known not to.
pub fn check_level(name: &str, level: &str) -> Result<(), String> {
    let Some(asked) = Level::from_name(level) else {
        return Err(format!("`{level}` is no level: there are none, read, write and admin"));
    };
    match scope(name) {
        Some(scope) if asked != Level::None && !scope.levels.contains(&asked) => {
            let names: Vec<&str> = scope.levels.iter().map(|level| level.name()).collect();
            let names = names.join(" and ");
            Err(format!("scope `{name}` has no level `{level}`: it has none and {names}"))
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn normal(name: &str) -> String {
    name.replace('_', "-").to_lowercase()
}

impl Level {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Read, Self::Write, Self::Admin].into_iter().find(|it| it.name() == name)
    }
}

impl Scope {
    /// What `read-all` or `write-all` means here.
    pub(super) fn given_by_all(&self, asked: Level) -> Level {
        self.workflow.map_or(Level::None, |highest| self.given(asked.min(highest)))
    }

    /// What a token has that asks for a level: the highest that there is up to it.
    pub(super) fn given(&self, asked: Level) -> Level {
        let fitting = self.levels.iter().rev().find(|level| **level <= asked);
        fitting.copied().unwrap_or_default()
    }
}

/// The scopes of classic personal access tokens, each with those that it includes, one level down.
const CLASSIC: &[(&str, &[&str])] = &[
    (
        "admin:enterprise",
        &[
            "manage_billing:enterprise",
            "manage_runners:enterprise",
            "read:enterprise",
            "scim:enterprise",
        ],
    ),
    ("admin:gpg_key", &["write:gpg_key"]),
    ("admin:org", &["write:org", "manage_runners:org"]),
    ("admin:org_hook", &[]),
    ("admin:public_key", &["write:public_key"]),
    ("admin:repo_hook", &["write:repo_hook"]),
    ("admin:ssh_signing_key", &["write:ssh_signing_key"]),
    ("audit_log", &["read:audit_log"]),
    ("codespace", &["codespace:secrets"]),
    ("copilot", &["manage_billing:copilot"]),
    ("delete:packages", &[]),
    ("delete_repo", &[]),
    ("gist", &[]),
    ("notifications", &[]),
    ("project", &["read:project"]),
    ("repo", &["public_repo", "repo:invite", "repo:status", "repo_deployment", "security_events"]),
    ("user", &["read:user", "user:email", "user:follow"]),
    ("workflow", &[]),
    ("write:discussion", &["read:discussion"]),
    ("write:gpg_key", &["read:gpg_key"]),
    ("write:network_configurations", &["read:network_configurations"]),
    ("write:org", &["read:org"]),
    ("write:packages", &["read:packages"]),
    ("write:public_key", &["read:public_key"]),
    ("write:repo_hook", &["read:repo_hook"]),
    ("write:ssh_signing_key", &["read:ssh_signing_key"]),
];

/// Whether one classic scope is, or includes, another.
pub(super) fn includes(outer: &str, inner: &str) -> bool {
    outer == inner
        || CLASSIC
            .iter()
            .filter(|(name, _)| *name == outer)
            .any(|(_, parts)| parts.iter().any(|part| includes(part, inner)))
}

/// Whether a classic scope is known.
pub(super) fn is_classic(name: &str) -> bool {
    CLASSIC.iter().any(|(own, parts)| *own == name || parts.contains(&name))
}
