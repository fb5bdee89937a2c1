//! GitHub tokens: whether what one may do stays inside another.
//!
//! A token has a level in each scope of its permissions, in each of its repositories; the levels of a scope are a chain. The
//! inner side stays inside if the outer one has at least its level for each scope and repository.

use std::collections::BTreeMap;

use miette::SourceSpan;

use crate::text::Text;
use crate::verdict::{Change, Comparison, Verdict, Why};

/// Permissions and where they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The levels.
    pub permissions: Permissions,
    /// `owner/name`; `owner/*` is every repository of an owner, and `*` is every one at all. Empty means none.
    pub repositories: Vec<Text>,
    /// Where it stands, if it was read from a text.
    pub span: Option<SourceSpan>,
}

/// What a token may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permissions {
    /// Nothing is said: the default of repository or organisation, which may be anything up to `write-all`.
    Unspecified,
    /// `read-all`: reading in every scope.
    ReadAll,
    /// `write-all`: writing in every scope.
    WriteAll,
    /// A level for each scope; every other scope is `none`. Names with `_` and with `-` are the same.
    Levels(BTreeMap<Text, Text>),
    /// The OAuth scopes of a classic personal access token: `repo`, `read:org`.
    Classic(Vec<Text>),
}

impl Permissions {
    /// `read-all`, `write-all`, or a level for each scope.
    pub fn levels<S: Into<Text>, L: Into<Text>>(levels: impl IntoIterator<Item = (S, L)>) -> Self {
        Self::Levels(
            levels.into_iter().map(|(scope, level)| (scope.into(), level.into())).collect(),
        )
    }
}

/// Whether everything that the `inner` grants allow together is allowed by the `outer` ones too.
///
/// The indices of the answer count the grants of a side.
pub fn contains(outer: &[Grant], inner: &[Grant]) -> Comparison {
    let verdict = if outer == inner {
        Verdict::Inside
    } else {
        Verdict::Undecided(Why::construct("github permissions that differ are not compared"))
    };
    Comparison::same(verdict, None, None)
}

/// The smallest change of one inner grant after which it is no longer the one that leads outside.
pub fn change(outer: &[Grant], inner: &[Grant], answer: &Comparison) -> Option<Change> {
    let _ = (outer, inner, answer);
    None
}
