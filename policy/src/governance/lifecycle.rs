//! What an identity may become: the states and every legal step between them, as data.

use std::fmt;

use miette::Diagnostic;
use thiserror::Error;

/// Where an identity stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Planned and not yet on record: where each identity starts.
    Requested,
    /// In use.
    Active,
    /// In use, while a new credential replaces the old one.
    Rotating,
    /// Stopped, can be started again.
    Disabled,
    /// Stopped because its end date has passed.
    Expired,
    /// Stopped because nobody answers for it any more: its owner is not active, or what it was derived from has stopped.
    Quarantined,
    /// Gone; only its record is left.
    Decommissioned,
}

/// A legal step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state that is left.
    pub from: State,
    /// The state that is entered.
    pub to: State,
    /// What brings it about, as a person would say it after "to": `disable it`.
    pub by: &'static str,
}

/// Every legal step but two families: anything that is not decommissioned may become quarantined, and everything may stay as it is.
///
/// Quarantine stores nothing, so an identity leaves it as what it was, unless it has expired in the meantime. What is stopped
/// has no credential left that a rotation could run out beside, so only what works can be rotating. A break-glass reason on record
/// opens the way to decommissioned from everywhere.
pub const TRANSITIONS: &[Transition] = &[
    Transition { from: State::Requested, to: State::Active, by: "activate it" },
    Transition { from: State::Requested, to: State::Disabled, by: "create it disabled" },
    Transition { from: State::Active, to: State::Rotating, by: "start a rotation" },
    Transition { from: State::Rotating, to: State::Active, by: "finish the rotation" },
    Transition { from: State::Active, to: State::Disabled, by: "disable it" },
    Transition { from: State::Rotating, to: State::Disabled, by: "disable it" },
    Transition { from: State::Disabled, to: State::Active, by: "enable it again" },
    Transition { from: State::Disabled, to: State::Decommissioned, by: "decommission it" },
    Transition { from: State::Active, to: State::Expired, by: "let it expire" },
    Transition { from: State::Rotating, to: State::Expired, by: "let it expire" },
    Transition { from: State::Expired, to: State::Active, by: "renew it with a later end date" },
    Transition { from: State::Expired, to: State::Disabled, by: "disable it" },
    Transition { from: State::Expired, to: State::Decommissioned, by: "decommission it" },
    Transition { from: State::Disabled, to: State::Expired, by: "enable it after its end" },
    Transition { from: State::Quarantined, to: State::Active, by: "give it an active owner" },
    Transition { from: State::Quarantined, to: State::Rotating, by: "give it an active owner" },
    Transition { from: State::Quarantined, to: State::Disabled, by: "disable it" },
    Transition { from: State::Quarantined, to: State::Expired, by: "let it expire" },
];

/// A step that the lifecycle does not know.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[error("an identity that is {from} cannot become {to}")]
#[diagnostic(help("{way_out}"))]
pub struct IllegalTransition {
    /// The state that would be left.
    pub from: State,
    /// The state that was asked for.
    pub to: State,
    /// The legal way to the same end, or that there is none.
    pub way_out: String,
}

impl State {
    /// All states.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::Active,
        Self::Rotating,
        Self::Disabled,
        Self::Expired,
        Self::Quarantined,
        Self::Decommissioned,
    ];

    /// The name in attributes, the inventory and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Active => "active",
            Self::Rotating => "rotating",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Quarantined => "quarantined",
            Self::Decommissioned => "decommissioned",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether the identity may be given a credential in this state.
    pub const fn may_have_credentials(self) -> bool {
        matches!(self, Self::Active | Self::Rotating)
    }

    /// Whether the step is legal, and if not, which way leads to the same end.
    pub fn step_to(self, to: Self) -> Result<(), IllegalTransition> {
        if self == to || self.next().any(|(next, _)| next == to) {
            return Ok(());
        }
        let way_out = match self.way_to(to) {
            Some(steps) => format!("{}; then the identity is {to}", steps.join(", then ")),
            None if self == Self::Decommissioned => {
                "it is gone for good; create an identity under another name".to_owned()
            }
            None => format!("no identity becomes {to} again"),
        };
        Err(IllegalTransition { from: self, to, way_out })
    }

    fn next(self) -> impl Iterator<Item = (Self, &'static str)> {
        let quarantine = (!matches!(self, Self::Decommissioned | Self::Quarantined))
            .then_some((Self::Quarantined, "let its owner become inactive"));
        TRANSITIONS
            .iter()
            .filter(move |transition| transition.from == self)
            .map(|transition| (transition.to, transition.by))
            .chain(quarantine)
    }

    /// The shortest way that does not pass through quarantine, which is no state that anyone should aim for.
    fn way_to(self, to: Self) -> Option<Vec<&'static str>> {
        let mut ways: Vec<(Self, Vec<&'static str>)> = vec![(self, Vec::new())];
        let mut seen = vec![self];
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for (state, steps) in ways {
                for (next, by) in state.next() {
                    let mut steps = steps.clone();
                    steps.push(by);
                    if next == to {
                        return Some(steps);
                    }
                    if next != Self::Quarantined && next != Self::Expired && !seen.contains(&next) {
                        seen.push(next);
                        longer.push((next, steps));
                    }
                }
            }
            ways = longer;
        }
        None
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_steps() {
        let mut table = String::new();
        for from in State::ALL {
            let legal: Vec<_> = State::ALL
                .into_iter()
                .filter(|to| from != *to && from.step_to(*to).is_ok())
                .map(State::name)
                .collect();
            table.extend([from.name(), ": ", &legal.join(", "), "\n"]);
        }
        insta::assert_snapshot!(table, @r"
        requested: active, disabled, quarantined
        active: rotating, disabled, expired, quarantined
        rotating: active, disabled, expired, quarantined
        disabled: active, expired, quarantined, decommissioned
        expired: active, disabled, quarantined, decommissioned
        quarantined: active, rotating, disabled, expired
        decommissioned: 
        ");
    }

    #[test]
    fn the_way_out() {
        let help = |from: State, to| from.step_to(to).unwrap_err().way_out;
        assert_eq!(
            help(State::Active, State::Decommissioned),
            "disable it, then decommission it; then the identity is decommissioned"
        );
        assert_eq!(
            help(State::Decommissioned, State::Active),
            "it is gone for good; create an identity under another name"
        );
        assert_eq!(help(State::Active, State::Requested), "no identity becomes requested again");
        assert_eq!(
            State::Active.step_to(State::Decommissioned).unwrap_err().to_string(),
            "an identity that is active cannot become decommissioned"
        );
    }

    #[test]
    fn names_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_name(state.name()), Some(state));
        }
    }
}
