//! Vault and OpenBao ACL policies: whether what one set of policies allows stays inside another.
//!
//! Vault does not add rules up: the one rule with the most specific path that matches decides alone, so a further rule can
//! take access *away*, on either side. Paths are therefore cut into cells in which the deciding rule of each side is the
//! same, and the two rules of each cell are compared. Rules with unknown parts are compared for every value that these can
//! become.

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::problem::{Problem, summary};
use crate::text::Text;
use crate::verdict::{Comparison, Verdict, Why};

mod cells;
mod compare;
mod evaluate;
mod hcl;
mod narrow;
mod path;
mod read;
mod search;
mod side;
mod tag;

pub use narrow::change;

/// What a text with `path` rules says, or `root`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    rules: Vec<Rule>,
    root: bool,
    unknown: Option<Why>,
    notes: Vec<Note>,
}

/// One `path` block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The path: exact, with `*` at its end, or with `+` as whole segments.
    pub path: Text,
    /// What may be done there.
    pub capabilities: Vec<Text>,
    /// What a request has to fulfil beyond having the capability.
    pub restrictions: Vec<Restriction>,
    /// Where it stands, if it was read from a text.
    pub span: Option<SourceSpan>,
}

/// An element of a rule that narrows it: `allowed_parameters`, `min_wrapping_ttl`, `control_group` and the like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Restriction {
    /// Its name.
    pub name: String,
    /// Its value, in canonical form: equal values are the same restriction.
    pub value: Text,
}

/// Something that a reader of a policy should know and that does not make it invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A lowercase phrase.
    pub message: String,
    /// Where.
    pub span: SourceSpan,
}

/// Why a text is not a policy: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[error("not a valid Vault policy: {}", summary(problems))]
pub struct PolicyError {
    /// In the order of the text; never empty.
    #[related]
    pub problems: Vec<Problem>,
}

impl Policy {
    /// Reads a policy, as HCL or as JSON.
    pub fn parse(text: &Text) -> Result<Self, PolicyError> {
        read::policy(text)
    }

    /// A policy of these rules.
    pub fn from_rules(rules: Vec<Rule>) -> Self {
        Self { rules, ..Self::default() }
    }

    /// The policy `root`, which allows everything.
    pub fn root() -> Self {
        Self { root: true, ..Self::default() }
    }

    /// A policy of which nothing is known.
    pub fn unknown(why: Why) -> Self {
        Self { unknown: Some(why), ..Self::default() }
    }

    /// The rules in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Whether it is `root`.
    pub fn is_root(&self) -> bool {
        self.root
    }

    /// What a reader should know.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

/// Whether everything that the `inner` policies of a token allow together is allowed by the `outer` ones too.
///
/// The indices of the answer count the rules of all policies of a side, in order.
pub fn contains(outer: &[&Policy], inner: &[&Policy]) -> Comparison {
    let is_root = |side: &[&Policy]| side.iter().any(|policy| policy.root);
    let undecided = |why: Why| Comparison::same(Verdict::Undecided(why), None, None);
    if is_root(outer) {
        if outer.len() == 1 || is_root(inner) {
            return Comparison::same(Verdict::Inside, None, None);
        }
        return undecided(Why::construct(
            "`root` stands alone: a token with it and others is refused",
        ));
    }
    let unknown = inner.iter().chain(outer).find_map(|policy| policy.unknown.clone());
    if let Some(why) = unknown {
        return undecided(why);
    }
    if is_root(inner) {
        return root(outer);
    }
    search::contains(outer, inner)
}

/// `root` against policies that are not: every capability that is known on every path, and more that is not.
fn root(outer: &[&Policy]) -> Comparison {
    let known = read::CAPABILITIES.iter().filter(|name| **name != "deny");
    let capabilities = known.map(|name| Text::literal(*name)).collect();
    let rule = Rule { path: Text::literal("*"), capabilities, ..Rule::default() };
    let mut answer = search::contains(outer, &[&Policy::from_rules(vec![rule])]);
    if answer.open.is_inside() {
        let why = "`root` also allows what later versions of Vault ask for";
        answer.open = Verdict::Undecided(Why::construct(why));
    }
    answer.inner = None;
    answer
}

/// Why Vault would refuse a path, or why no request could ever match it.
pub fn check_path(path: &Text) -> Result<(), String> {
    path::check(path)?;
    path::pointless(path).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests;
