//! Whether one set of documents stays inside another.
//!
//! The inner side is taken apart (statement, principal, action glob of one service, resource glob), and each piece is
//! held against the outer side's statements. What one outer statement covers alone is done at once; only what is left
//! goes through the product automaton, first over action names, which splits the piece into classes that the same
//! statements match, then over resources. A string that is left over is a gap.
//!
//! Conditions are first compared by their text (`implied`): that settles most pieces. For a piece that is still open
//! the search is made again with every statement that bears on it, those under conditions and those of limits too, and
//! with the condition solver at each string (`solved`). A gap becomes a counterexample only when [`super::witness`]
//! finds a request for it that the evaluator confirms.

use std::collections::BTreeMap;

use crate::glob::Budget;
use crate::text::Text;
use crate::verdict::{Counterexample, Verdict, Why};

use super::document::{Effect, Statement};
use super::escalation;
use super::evaluate::Evaluator;
use super::relation::{Cut, Prepared, Reading, Specials, crosses, prepare};
use super::witness::{Effort, Witness, Witnesses};
use super::{Composition, Decision, Document, StatementRef};

mod bind;
mod callers;
mod engine;
mod explain;
mod implied;
mod scope;
mod solved;
mod spots;
mod world;

pub(super) use bind::key_of;
pub(super) use engine::Gap;
pub(super) use scope::Sides;

use engine::Engine;
use world::World;

/// Steps of the automaton for actions, and again for resources, in each reading. A step is some ten nanoseconds.
const STEPS: u64 = 1_000_000;

/// Gaps that are looked at.
const GAPS: usize = 1_000;

/// Whether everything that `inner` allows is allowed by `outer` too. Each side is a set of documents that count
/// together: the union of their Allows less every Deny.
pub fn contains(outer: &[&Document], inner: &[&Document]) -> Decision {
    contains_within(outer, &Composition::of(inner))
}

/// Whether everything that policies and their limits together allow is allowed by `outer` too. A statement of the inner
/// side that the decision names is one of the policies: only they grant.
///
/// Identity policies are compared with identity policies and trust policies with trust policies; one against the other
/// is undecided. Condition keys are independent of each other and optional, but for those that AWS always sends.
pub fn contains_within(outer: &[&Document], inner: &Composition<'_>) -> Decision {
    let mut decision = compare(outer, inner);
    escalation::mark(inner, &mut decision);
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

/// Whether [`contains_within`] would say inside: the same proof, without what a counterexample is dressed with.
pub(super) fn inside(outer: &[&Document], inner: &Composition<'_>) -> bool {
    let sure = outer.iter().copied().chain(inner.documents()).all(|it| it.loose.is_none());
    sure && matches!(search(outer, inner, World::Open), Outcome::Inside)
}

/// A statement of the policies that certainly allows the action on something, in some context, whatever limits them.
pub(super) fn granting(inner: &Composition<'_>, action: &str) -> Option<StatementRef> {
    let evaluator = Evaluator { values: &BTreeMap::new() };
    let named = |statement: &Statement| {
        let mut patterns = statement.actions.patterns.iter();
        let hit = patterns.any(|pattern| evaluator.action_matches(&pattern.text, action));
        hit != statement.actions.negated && statement.effect == Effect::Allow
    };
    let mut statements = inner.policies.iter().flat_map(|document| &document.statements);
    statements.any(named).then_some(())?;
    // All that they allow beside is inside of this, so what is outside is the action.
    let statement = r#""Effect":"Allow","Resource":"*""#;
    let rest =
        format!(r#"{{"Version":"2012-10-17","Statement":{{{statement},"NotAction":"{action}"}}}}"#);
    let rest = Document::parse(&Text::from(rest)).ok()?;
    match search(&[&rest], inner, World::Open) {
        Outcome::Outside(decision, _) => decision.inner_statement,
        Outcome::Inside | Outcome::Open(_) => None,
    }
}

fn compare(outer: &[&Document], inner: &Composition<'_>) -> Decision {
    let open = search(outer, inner, World::Open);
    let (mut decision, sure) = match open {
        Outcome::Inside => (INSIDE, true),
        Outcome::Outside(decision, exists) => (*decision, exists),
        Outcome::Open(decision) => (*decision, false),
    };
    if !sure {
        // In the smaller world there is less to cover.
        decision.catalogue = match search(outer, inner, World::Catalogue) {
            Outcome::Inside => Verdict::Inside,
            Outcome::Outside(found, _) | Outcome::Open(found) => found.open,
        };
    }
    decision
}

const INSIDE: Decision = Decision {
    open: Verdict::Inside,
    catalogue: Verdict::Inside,
    inner_statement: None,
    outer_statement: None,
};

fn search(outer: &[&Document], inner: &Composition<'_>, world: World) -> Outcome {
    // A proof with the larger account on the inner side and the smaller one on the outer side needs no other.
    let safe = Reading { lower: Cut::Segments, upper: Cut::Whole };
    let mut run = Run { outer, inner, world, witnesses: Witnesses::new(outer, inner), first: None };
    if let Some(outcome) = run.reading(safe, true) {
        return outcome;
    }
    let colons = outer.iter().copied().chain(inner.documents()).any(|document| {
        let resources = document.statements.iter().filter_map(|one| one.resources.as_ref());
        let mut patterns = resources.flat_map(|resources| &resources.patterns);
        patterns.any(|pattern| crosses(pattern, &document.specials))
    });
    if colons {
        // Every gap of the reading above has been tried, unless there were too many: then those that one account leaves
        // are.
        let tired = run.witnesses.exhausted();
        for cut in [Cut::Segments, Cut::Trailing, Cut::Whole] {
            if tired {
                run.witnesses = Witnesses::new(outer, inner);
            }
            match run.reading(Reading { lower: cut, upper: cut }, tired) {
                Some(Outcome::Inside) => {}
                Some(outcome) => return outcome,
                None => return run.undecided(),
            }
        }
        return Outcome::Inside;
    }
    run.undecided()
}

struct Run<'a> {
    outer: &'a [&'a Document],
    inner: &'a Composition<'a>,
    world: World,
    witnesses: Witnesses<'a>,
    /// The first gap that no request was found for: its statement, and why it is open.
    first: Option<(Option<StatementRef>, Why)>,
}

enum Outcome {
    Inside,
    /// With a request, and whether its action exists for certain.
    Outside(Box<Decision>, bool),
    Open(Box<Decision>),
}

impl Run<'_> {
    /// Looks for gaps, and with `confirm` for requests in them. None: there are gaps.
    fn reading(&mut self, reading: Reading, confirm: bool) -> Option<Outcome> {
        let mut specials = Specials::default();
        let mut serials = 0;
        let inner = prepare(&self.inner.policies, reading, &mut specials, &mut serials);
        let limits = self.inner.limits();
        let limits: Vec<_> =
            limits.map(|layer| prepare(layer, reading, &mut specials, &mut serials)).collect();
        let outer = prepare(self.outer, reading, &mut specials, &mut serials);
        let sides = Sides { inner: &inner, limits: &limits, outer: &outer, specials: &specials };
        let mut engine = Engine::new(sides, self.world, STEPS);
        let mut actions = Budget::new(STEPS);
        let mut gaps = Vec::new();
        let mut found = None;
        let end = engine.run(&mut actions, &mut |gap| {
            // One that is easily confirmed may come behind one that is not.
            found = self.confirmed(&gap, sides, Effort::Glance, confirm);
            gaps.push(gap);
            !confirm || found.is_some() || gaps.len() >= GAPS
        });
        for gap in gaps.iter().take_while(|_| confirm) {
            if found.is_some() || self.witnesses.exhausted() {
                break;
            }
            found = self.confirmed(gap, sides, Effort::Full, confirm);
        }
        if found.is_some() {
            return found;
        }
        if let Some(progress) = engine.tired {
            let reason = explain::given_up(STEPS, progress);
            self.first.get_or_insert((None, Why::construct(reason)));
        }
        if let Some(gap) = gaps.first().filter(|_| confirm && self.first.is_none()) {
            self.first = Some((Some(reference(gap.statement)), explain::why(gap, sides)));
        }
        if end.is_err() {
            let reason = explain::given_up(STEPS, engine.progress);
            self.first.get_or_insert((None, Why::construct(reason)));
            return None;
        }
        gaps.is_empty().then_some(Outcome::Inside)
    }

    fn confirmed(
        &mut self,
        gap: &Gap<'_>,
        sides: Sides<'_>,
        effort: Effort,
        confirm: bool,
    ) -> Option<Outcome> {
        let witness = confirm.then(|| self.witnesses.confirm(gap, sides, effort)).flatten()?;
        let shows = witness.exists || self.world == World::Open;
        shows.then(|| self.outside(gap, witness))
    }

    fn outside(&self, gap: &Gap<'_>, witness: Witness) -> Outcome {
        let verdict = Verdict::Outside(Counterexample::from(&witness.request));
        let decision = Decision {
            open: verdict.clone(),
            catalogue: verdict,
            inner_statement: Some(reference(gap.statement)),
            outer_statement: self.witnesses.nearest(&witness.request),
        };
        Outcome::Outside(Box::new(decision), witness.exists)
    }

    fn undecided(self) -> Outcome {
        let (inner_statement, why) = self
            .first
            .unwrap_or_else(|| (None, Why::construct("no proof and no counterexample was found")));
        Outcome::Open(Box::new(Decision {
            open: Verdict::Undecided(why.clone()),
            catalogue: Verdict::Undecided(why),
            inner_statement,
            outer_statement: None,
        }))
    }
}

fn reference(prepared: &Prepared<'_>) -> StatementRef {
    StatementRef::new(prepared.document, prepared.index, prepared.statement)
}
