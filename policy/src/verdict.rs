//! The three answers to "is everything that this allows also allowed by that?".

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Whether the inner side stays inside the outer one.
///
/// `Inside` is a proof and holds for every value that a hole can become. `Outside` carries a request that was checked
/// again by a separate evaluator. Everything else is `Undecided`; it is never success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every request that the inner side allows, the outer side allows too.
    Inside,
    /// At least this request is allowed by the inner side and not by the outer side.
    Outside(Counterexample),
    /// Neither could be shown.
    Undecided(Why),
}

/// One concrete request.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Counterexample {
    /// What is done: `s3:PutObject`.
    pub action: String,
    /// To what: an ARN, a path, `*` for actions that know no resource. None where the platform has no such thing.
    pub resource: Option<String>,
    /// By whom, for trust and resource policies.
    pub principal: Option<String>,
    /// Condition keys present in the request, each with its values.
    pub context: BTreeMap<String, Vec<String>>,
    /// The known way to more privileges that the request opens, alone or together with what else the identity may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<String>,
}

/// The answer for a platform: both worlds, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Over everything that the platform could ever add. This is the verdict that counts.
    pub open: Verdict,
    /// Over what the platform has today, as far as that is known.
    pub catalogue: Verdict,
    /// Which element of the inner side led to the answer.
    pub inner: Option<usize>,
    /// Which element of the outer side comes nearest to allowing the counterexample.
    pub outer: Option<usize>,
}

/// The smallest change of the inner side that closes a gap, as the platform's own words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Take these away: actions, roles, rules, principals. Never empty.
    Drop(Vec<String>),
    /// Write the second in the place of the first.
    Narrow {
        /// What stands there now.
        from: String,
        /// What would fit, all of it. Never empty.
        to: Vec<String>,
    },
    /// Ask for these as well: conditions. Never empty.
    Require(Vec<String>),
}

/// Why a verdict could not be reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Why {
    /// A lowercase phrase for people: ``the value of `var.table_arn` is not known before apply``.
    pub reason: String,
    /// The origins of the unknown values that stood in the way, in order, without repeats.
    pub unknown: Vec<String>,
}

impl Why {
    /// A construct that is not decided.
    pub fn construct(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), unknown: Vec::new() }
    }
}

impl Comparison {
    /// An answer that is the same in both worlds.
    pub fn same(verdict: Verdict, inner: Option<usize>, outer: Option<usize>) -> Self {
        Self { open: verdict.clone(), catalogue: verdict, inner, outer }
    }
}

impl Verdict {
    /// `inside`, `outside` or `undecided`, as the command line and JSON spell it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Outside(_) => "outside",
            Self::Undecided(_) => "undecided",
        }
    }

    /// Whether the answer is [`Verdict::Inside`].
    pub fn is_inside(&self) -> bool {
        matches!(self, Self::Inside)
    }
}

/// An imperative phrase: ``drop `s3:PutObject` ``.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop(what) => write!(f, "drop {}", quoted(what)),
            Self::Narrow { from, to } => write!(f, "narrow `{from}` to {}", quoted(to)),
            Self::Require(what) => write!(f, "require {}", quoted(what)),
        }
    }
}

/// A list as prose: `` `a`, `b` and `c` ``; of a long one the first few.
fn quoted(items: &[String]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = items.iter().take(MOST).map(|item| format!("`{item}`")).collect();
    match (shown.split_last(), items.len().saturating_sub(MOST)) {
        (_, more @ 1..) => format!("{} and {more} more", shown.join(", ")),
        (Some((last, [])), _) => last.clone(),
        (Some((last, first)), _) => format!("{} and {last}", first.join(", ")),
        (None, _) => String::new(),
    }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.action)?;
        if let Some(resource) = &self.resource {
            write!(f, " on `{resource}`")?;
        }
        if let Some(principal) = &self.principal {
            write!(f, " by `{principal}`")?;
        }
        for (index, (key, values)) in self.context.iter().enumerate() {
            let lead = if index == 0 { " with" } else { " and" };
            write!(f, "{lead} {key} = {}", values.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_read_as_prose() {
        let list =
            |count: usize| (1..=count).map(|number| format!("a:{number}")).collect::<Vec<_>>();
        assert_eq!(Change::Drop(list(1)).to_string(), "drop `a:1`");
        assert_eq!(Change::Require(list(3)).to_string(), "require `a:1`, `a:2` and `a:3`");
        let narrow = Change::Narrow { from: "a:*".to_owned(), to: list(7) };
        assert_eq!(
            narrow.to_string(),
            "narrow `a:*` to `a:1`, `a:2`, `a:3`, `a:4`, `a:5` and 2 more"
        );
    }
}
