//! Whether one set of documents stays inside another.
//!
//! The inner side is taken apart (statement, principal, action glob of one service, resource glob), and each piece is
//! held against the outer side's statements. What one outer statement covers alone is done at once; only what is left
//! goes through the product automaton, first over action names, which splits the piece into classes that the same
//! statements match, then over resources. A string that is left over is a gap. A gap becomes a counterexample only
//! when [`super::witness`] finds a request for it that the evaluator confirms.

use crate::glob::Budget;
use crate::verdict::{Counterexample, Verdict, Why};

use super::relation::{Cut, Prepared, Reading, Specials, crosses, prepare};
use super::witness::{Witness, Witnesses};
use super::{Composition, Decision, Document, StatementRef};

mod engine;
mod explain;
mod scope;

pub(super) use engine::{Engine, Gap};

/// Steps of the automaton for actions, and again for resources, in each reading. A step is some ten nanoseconds.
const STEPS: u64 = 1_000_000;

/// Whether everything that `inner` allows is allowed by `outer` too. Each side is a set of documents that count
/// together: the union of their Allows less every Deny.
pub fn contains(outer: &[&Document], inner: &[&Document]) -> Decision {
    contains_within(outer, &Composition::of(inner))
}

/// Whether everything that policies and their limits together allow is allowed by `outer` too. A statement of the inner
/// side that the decision names is one of the policies: only they grant.
///
/// Identity policies are compared with identity policies and trust policies with trust policies; one against the other
/// is undecided. Conditions are compared by their entries: an inner statement that has all the entries of an outer one,
/// with no more values (no fewer, for a negated operator), is inside of it.
pub fn contains_within(outer: &[&Document], inner: &Composition<'_>) -> Decision {
    let decision = compare(outer, inner);
    // A document that may say something else than it seems to proves nothing. On the inner side it still allows what it
    // seems to, with every value that stays in its place.
    let loose = || outer.iter().find_map(|document| document.loose.clone());
    let why = match &decision.open {
        Verdict::Inside => loose().or_else(|| inner.documents().find_map(|it| it.loose.clone())),
        Verdict::Outside(_) => loose(),
        Verdict::Undecided(_) => None,
    };
    match why {
        Some(why) => Decision {
            open: Verdict::Undecided(why.clone()),
            catalogue: Verdict::Undecided(why),
            inner_statement: None,
            outer_statement: None,
        },
        None => decision,
    }
}

fn compare(outer: &[&Document], inner: &Composition<'_>) -> Decision {
    // A proof with the larger account on the inner side and the smaller one on the outer side needs no other.
    let safe = Reading { lower: Cut::Segments, upper: Cut::Whole };
    let mut run = Run { outer, inner, witnesses: Witnesses::new(outer, inner), first: None };
    match run.reading(safe, true) {
        Outcome::Inside => return Run::inside(),
        Outcome::Outside(witness) => return *witness,
        Outcome::Open => {}
    }
    let colons = outer.iter().copied().chain(inner.documents()).any(|document| {
        let resources = document.statements.iter().filter_map(|one| one.resources.as_ref());
        let mut patterns = resources.flat_map(|resources| &resources.patterns);
        patterns.any(|pattern| crosses(pattern, &document.specials))
    });
    if colons {
        // Every gap has been tried already: the first that is left under one account decides.
        let inside = [Cut::Whole, Cut::Trailing, Cut::Segments].into_iter().all(|cut| {
            let reading = Reading { lower: cut, upper: cut };
            matches!(run.reading(reading, false), Outcome::Inside)
        });
        if inside {
            return Run::inside();
        }
    }
    run.undecided()
}

struct Run<'a> {
    outer: &'a [&'a Document],
    inner: &'a Composition<'a>,
    witnesses: Witnesses<'a>,
    /// The first gap that no request was found for: its statement, and why it is open.
    first: Option<(Option<StatementRef>, Why)>,
}

enum Outcome {
    Inside,
    Outside(Box<Decision>),
    Open,
}

impl Run<'_> {
    /// Looks for gaps, and with `confirm` for requests in them.
    fn reading(&mut self, reading: Reading, confirm: bool) -> Outcome {
        let mut specials = Specials::default();
        let inner = prepare(&self.inner.policies, reading, &mut specials);
        let outer = prepare(self.outer, reading, &mut specials);
        let mut engine = Engine::new(&inner, &outer, &specials, STEPS);
        let mut actions = Budget::new(STEPS);
        let mut open = false;
        let mut found = None;
        let end = engine.run(&mut actions, &mut |gap| {
            open = true;
            if !confirm {
                return true;
            }
            if let Some(witness) = self.witnesses.confirm(gap, &inner, &outer) {
                found = Some(self.outside(gap, witness));
                return true;
            }
            if self.first.is_none() {
                let why = explain::why(gap, &inner, &outer);
                self.first = Some((Some(reference(gap.statement)), why));
            }
            self.witnesses.exhausted()
        });
        if let Some(decision) = found {
            return Outcome::Outside(Box::new(decision));
        }
        if end.is_err() {
            let reason = format!("the comparison was given up after {STEPS} steps");
            self.first.get_or_insert((None, Why::construct(reason)));
            return Outcome::Open;
        }
        if open { Outcome::Open } else { Outcome::Inside }
    }

    fn inside() -> Decision {
        Decision {
            open: Verdict::Inside,
            catalogue: Verdict::Inside,
            inner_statement: None,
            outer_statement: None,
        }
    }

    fn outside(&self, gap: &Gap<'_>, witness: Witness) -> Decision {
        let example = Counterexample::from(&witness.request);
        let catalogue = if witness.exists {
            Verdict::Outside(example.clone())
        } else {
            let action = &example.action;
            let reason = format!("whether an action like `{action}` exists today is not known");
            Verdict::Undecided(Why::construct(reason))
        };
        Decision {
            open: Verdict::Outside(example),
            catalogue,
            inner_statement: Some(reference(gap.statement)),
            outer_statement: self.witnesses.nearest(&witness.request),
        }
    }

    fn undecided(self) -> Decision {
        let (inner_statement, why) = self
            .first
            .unwrap_or_else(|| (None, Why::construct("no proof and no counterexample was found")));
        Decision {
            open: Verdict::Undecided(why.clone()),
            catalogue: Verdict::Undecided(why),
            inner_statement,
            outer_statement: None,
        }
    }
}

fn reference(prepared: &Prepared<'_>) -> StatementRef {
    StatementRef::new(prepared.document, prepared.index, prepared.statement)
}
