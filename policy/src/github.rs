//! GitHub tokens: whether what one may do stays inside another.
//!
//! A token has a level in each scope of its permissions, in each of its repositories. The levels of a scope are a chain, and
//! no list of repositories or scopes adds up to *all* of them, as there may be more tomorrow: so each scope and repository of
//! the inner side must be covered by one grant of the outer side, and that is exact.

use std::collections::BTreeMap;

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::problem::{Problem, summary};
use crate::text::Text;

mod compare;
mod evaluate;
mod example;
mod narrow;
mod read;
mod repository;
mod scopes;
mod tag;

pub use compare::contains;
pub use narrow::change;
pub use scopes::{About, DATE, Level, Scope, check_level, scope, scopes};

/// Permissions and where they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The levels.
    pub permissions: Permissions,
    /// `owner/name`, or `name` for one of the account that the token is for; `owner/*` is every repository of an owner, and
    /// `*` every one at all. Empty means none.
    pub repositories: Vec<Text>,
    /// Where it stands, if it was read from a text.
    pub span: Option<SourceSpan>,
}

/// What a token may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permissions {
    /// Nothing is said: the default of repository or organisation, which may be anything up to `write-all`.
    Unspecified,
    /// `read-all`: reading in every scope of a workflow.
    ReadAll,
    /// `write-all`: writing in every scope of a workflow.
    WriteAll,
    /// A level for each scope; every other scope is `none`. Names with `_` and with `-` are the same.
    Levels(BTreeMap<Text, Text>),
    /// The OAuth scopes of a classic personal access token: `repo`, `read:org`.
    Classic(Vec<Text>),
}

/// Why a text is not a grant: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[error("not a valid GitHub grant: {}", summary(problems))]
pub struct GrantError {
    /// In the order of the text; never empty.
    #[related]
    pub problems: Vec<Problem>,
}

impl Grant {
    /// Reads `{"permissions": {…} | "read-all" | "write-all", "repositories": […]}`, or `{"scopes": […]}` for a classic token.
    /// Without `repositories` the grant is for all of them.
    pub fn parse(text: &Text) -> Result<Self, GrantError> {
        read::grant(text)
    }
}

impl Permissions {
    /// A level for each scope.
    pub fn levels<S: Into<Text>, L: Into<Text>>(levels: impl IntoIterator<Item = (S, L)>) -> Self {
        Self::Levels(
            levels.into_iter().map(|(scope, level)| (scope.into(), level.into())).collect(),
        )
    }
}

/// Why no repository can have the name, if that is so.
pub fn check_repository(text: &Text) -> Result<(), String> {
    repository::check(text)
}

#[cfg(test)]
mod tests;
