//! Whether one operation pattern of the inner side lies in what the outer side leaves of its own.
//!
//! The outer side is read twice. The lower reading has what it grants for certain: scopes that reach, conditions that the
//! inner side has as well, holes that are the same hole. The upper reading has everything that it may grant. `Inside`
//! needs the lower one, `Outside` the upper one; between them lies `Undecided`.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::evaluate::{self, Request};
use super::operations::{self, VERBS};
use super::pattern::{self, Compiled, Lists, Pattern};
use super::{Assigned, Grant, Roles, Tree, scope};
use crate::glob::{self, Budget, Exhausted, Symbol, product};
use crate::hierarchy::{Doubt, Holes, Reach, example, merge};
use crate::text::{Shape, Text};
use crate::verdict::{Counterexample, Verdict, Why};

mod reading;

use reading::{At, Rows, Source, Table, conditional, covered, doubt, near, not_known};

/// How much work one question is worth. The largest built-in roles take a thousandth of it.
pub(super) const BUDGET: u64 = 20_000_000;

/// Words from this rank on do not end as any operation of today does.
const UNREAL: usize = 3;

/// A verdict for each world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) open: Verdict,
    pub(super) catalogue: Verdict,
}

/// What a grant consists of.
enum Content<'a> {
    Known(Cow<'a, [Compiled]>),
    Unknown(&'a Text),
}

/// Everything that stays the same over one question.
pub(super) struct Comparer<'a> {
    pub(super) tree: &'a Tree,
    pub(super) roles: &'a Roles,
    pub(super) outer: &'a [Grant],
    pub(super) inner: &'a [Grant],
    contents: Vec<Content<'a>>,
    holes: Holes,
    budget: Budget,
}

impl Answer {
    fn same(verdict: Verdict) -> Self {
        Self { open: verdict.clone(), catalogue: verdict }
    }

    pub(super) fn inside() -> Self {
        Self::same(Verdict::Inside)
    }

    fn undecided((reason, unknown): Doubt) -> Self {
        Self::same(Verdict::Undecided(Why { reason, unknown }))
    }

    /// Whether nothing can change it any more.
    pub(super) fn is_final(&self) -> bool {
        matches!((&self.open, &self.catalogue), (Verdict::Outside(_), Verdict::Outside(_)))
    }

    /// Takes in the answer about another part of the inner side. True if the open verdict comes from there.
    pub(super) fn add(&mut self, other: Self) -> bool {
        merge(&mut self.catalogue, other.catalogue);
        merge(&mut self.open, other.open)
    }
}

impl<'a> Comparer<'a> {
    pub(super) fn new(
        tree: &'a Tree,
        roles: &'a Roles,
        outer: &'a [Grant],
        inner: &'a [Grant],
    ) -> Self {
        let mut holes = Holes::default();
        let contents = outer.iter().map(|grant| content(roles, grant, &mut holes)).collect();
        Self { tree, roles, outer, inner, contents, holes, budget: Budget::new(BUDGET) }
    }

    /// The answer for one grant of the inner side.
    pub(super) fn grant(&mut self, grant: &'a Grant) -> Answer {
        let reaches: Vec<Reach> = self
            .outer
            .iter()
            .map(|other| scope::reach(self.tree, &other.scope, &grant.scope))
            .collect();
        let blocks = match content(self.roles, grant, &mut self.holes) {
            Content::Unknown(role) => return self.unknown_role(grant, role, &reaches),
            Content::Known(blocks) => blocks,
        };
        // Taken out for as long as patterns are compared, which needs the budget.
        let contents = std::mem::take(&mut self.contents);
        let answer = self.blocks(grant, &blocks, &reaches, &contents);
        self.contents = contents;
        answer
    }

    fn blocks(
        &mut self,
        grant: &Grant,
        blocks: &[Compiled],
        reaches: &[Reach],
        contents: &[Content<'a>],
    ) -> Answer {
        let mut answer = Answer::inside();
        for block in blocks {
            let conditions: Vec<&Text> = grant.condition.iter().chain(&block.condition).collect();
            for data in [false, true] {
                let lists = block.lists(data);
                if lists.plus.is_empty() {
                    continue;
                }
                let (sources, wild) = self.sources(reaches, contents, &conditions, data);
                let at = At {
                    data,
                    scope: &grant.scope,
                    minus: &lists.minus,
                    sources,
                    wild,
                    guarded: !conditions.is_empty(),
                };
                for pattern in &lists.plus {
                    answer.add(self.pattern(pattern, &at));
                    if answer.is_final() {
                        return answer;
                    }
                }
            }
        }
        answer
    }

    /// What of the outer side may cover operations of one plane under these conditions.
    fn sources<'s>(
        &self,
        reaches: &[Reach],
        contents: &'s [Content<'a>],
        conditions: &[&Text],
        data: bool,
    ) -> (Vec<Source<'s>>, Vec<Doubt>) {
        let (mut sources, mut wild) = (Vec::new(), Vec::new());
        for ((grant, content), reach) in self.outer.iter().zip(contents).zip(reaches) {
            let doubt = match reach {
                Reach::No => continue,
                Reach::Yes => None,
                Reach::Maybe(reason, unknown) => Some((reason.clone(), unknown.clone())),
            };
            match content {
                Content::Unknown(role) => {
                    wild.push(doubt.unwrap_or_else(|| not_known(role)));
                }
                Content::Known(blocks) => {
                    for block in blocks.iter() {
                        let mut own = grant.condition.iter().chain(&block.condition);
                        let open = own.find(|one| !conditions.contains(one));
                        let doubt = doubt.clone().or_else(|| open.map(conditional));
                        sources.push(Source { lists: block.lists(data), doubt });
                    }
                }
            }
        }
        (sources, wild)
    }

    /// A role whose content is not known fits into itself, and into everything.
    fn unknown_role(&mut self, grant: &Grant, role: &Text, reaches: &[Reach]) -> Answer {
        let conditions: Vec<&Text> = grant.condition.iter().collect();
        let same = |other: &Grant| match (&other.what, role.as_str()) {
            (Assigned::Role(own), Some(name)) => {
                own.as_str().is_some_and(|own| self.roles.same(own, name))
            }
            (Assigned::Role(own), None) => own == role,
            (Assigned::Definition(_), _) => false,
        };
        let implied = |other: &Grant| other.condition.iter().all(|one| conditions.contains(&one));
        let by_name = self
            .outer
            .iter()
            .zip(reaches)
            .any(|(other, reach)| *reach == Reach::Yes && same(other) && implied(other));
        let everything = |data: bool| {
            let (sources, _) = self.sources(reaches, &self.contents, &conditions, data);
            sources.iter().any(|source| {
                source.doubt.is_none()
                    && source.lists.minus.is_empty()
                    && source.lists.plus.iter().any(Pattern::is_all)
            })
        };
        if by_name || (everything(false) && everything(true)) {
            return Answer::inside();
        }
        Answer::undecided(not_known(role))
    }

    fn pattern(&mut self, pattern: &Pattern, at: &At<'_>) -> Answer {
        if at.minus.iter().any(|own| own.covers(pattern)) || covered(pattern, at) {
            return Answer::inside();
        }
        if let Some(found) = self.likely(pattern, at) {
            return found;
        }
        if pattern.is_literal() {
            return Answer::undecided(doubt(pattern, at));
        }
        match self.explore(pattern, at) {
            Ok(answer) => answer,
            Err(Exhausted) => Answer::undecided((
                format!("the work budget of {BUDGET} steps is used up at `{}`", pattern.text),
                Vec::new(),
            )),
        }
    }

    /// A real operation that lies in the gap.
    fn likely(&self, pattern: &Pattern, at: &At<'_>) -> Option<Answer> {
        if pattern.has_holes() {
            let any = |text: &Text| text.holes().any(|hole| hole.shape == Shape::Any);
            let meets = |own: &Pattern| own.meets(pattern);
            let clear = at.sources.iter().all(|source| !source.lists.plus.iter().any(meets));
            if any(&pattern.text) || !clear || at.minus.iter().any(meets) {
                return None;
            }
            let shown = self.shown(&evaluate::filled(&pattern.text).replace('*', "example"), at)?;
            return Some(Answer::same(Verdict::Outside(shown)));
        }
        if at.guarded || !at.wild.is_empty() {
            return None;
        }
        let nearby: Vec<&Pattern> = at
            .sources
            .iter()
            .flat_map(|source| &source.lists.minus)
            .filter(|own| own.meets(pattern))
            .collect();
        let literal = pattern.is_literal();
        let near = near(pattern, at);
        for name in operations::candidates(self.roles, pattern, &nearby, at.data) {
            let word = pattern::word(&name);
            let real = VERBS.iter().any(|verb| name.to_lowercase().ends_with(&format!("/{verb}")));
            if (literal || real)
                && glob::covers(&pattern.symbols, &word)
                && near.escape(&word)
                && let Some(shown) = self.shown(&name, at)
            {
                return Some(Answer::same(Verdict::Outside(shown)));
            }
        }
        None
    }

    /// The request, if the concrete check agrees that it tells the two sides apart.
    fn shown(&self, operation: &str, at: &At<'_>) -> Option<Counterexample> {
        let scope = example(at.scope);
        let request = Request { operation: operation.to_owned(), data: at.data, scope };
        let answer = |grants: &[Grant]| evaluate::allows(self.tree, self.roles, grants, &request);
        if answer(self.inner) != Some(true) || answer(self.outer) != Some(false) {
            return None;
        }
        let mut found = Counterexample {
            action: request.operation,
            resource: Some(request.scope).filter(|scope| !scope.is_empty()),
            escalation: operations::escalation(operation, at.data).map(str::to_owned),
            ..Counterexample::default()
        };
        if at.data {
            found.context.insert("dataAction".to_owned(), vec!["true".to_owned()]);
        }
        Some(found)
    }

    /// All operations of the pattern, as classes that no pattern of the two sides tells apart.
    fn explore(&mut self, pattern: &Pattern, at: &At<'_>) -> Result<Answer, Exhausted> {
        let mut table = Table::new(pattern);
        let minus = table.rows(at.minus);
        let sources: Vec<(Rows, Rows, bool)> = at
            .sources
            .iter()
            .map(|source| {
                let Lists { plus, minus } = source.lists;
                (table.rows(plus), table.rows(minus), source.doubt.is_none())
            })
            .collect();
        let shapes: Vec<Vec<Symbol>> = ["?*", "microsoft.?*/?*/?*", "?*/?*/?*"]
            .into_iter()
            .map(glob::compile)
            .chain(VERBS.iter().map(|verb| pattern::pattern(&format!("*/{verb}"))))
            .collect();
        let start = table.patterns.len();
        table.patterns.extend(shapes.iter().map(Vec::as_slice));
        let certain = !at.guarded && at.wild.is_empty() && !pattern.has_holes();
        // The gap of the lower reading in each world, and the best word in that of the upper one.
        let (mut open, mut today) = (false, false);
        let mut best: Option<(usize, String)> = None;
        product::explore(pattern.wide(), &table.patterns, &mut self.budget, |visit| {
            let hit = |row: usize| visit.matched.get(row).copied().unwrap_or(false);
            // The empty string is no operation.
            if !hit(start) {
                return ControlFlow::Continue(());
            }
            let shape = (1..3).find(|row| hit(start + row)).unwrap_or(3) - 1;
            let rank = if (3..7).any(|row| hit(start + row)) { shape } else { shape + UNREAL };
            let grants = |lower: bool| {
                sources.iter().any(|(plus, minus, certain)| {
                    (*certain || !lower) && plus.any(lower, hit) && !minus.any(!lower, hit)
                })
            };
            if !minus.any(true, hit) && !grants(true) {
                open = true;
                today |= rank < UNREAL;
                let better = best.as_ref().is_none_or(|(own, _)| rank < *own);
                if certain && better && !minus.any(false, hit) && !grants(false) {
                    best = Some((rank, visit.word()));
                    if rank == 0 {
                        return ControlFlow::Break(());
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        let shown = best.and_then(|(rank, word)| {
            let word = word
                .strip_prefix("microsoft.")
                .map(|rest| format!("Microsoft.{rest}"))
                .unwrap_or(word);
            Some((rank, self.shown(&word, at)?))
        });
        let doubt = || {
            let (reason, unknown) = doubt(pattern, at);
            Verdict::Undecided(Why { reason, unknown })
        };
        let verdict = |gap: bool, end: usize| match &shown {
            Some((rank, found)) if *rank < end => Verdict::Outside(found.clone()),
            _ if gap => doubt(),
            _ => Verdict::Inside,
        };
        Ok(Answer { open: verdict(open, usize::MAX), catalogue: verdict(today, UNREAL) })
    }
}

fn content<'a>(roles: &'a Roles, grant: &'a Grant, holes: &mut Holes) -> Content<'a> {
    match &grant.what {
        Assigned::Definition(definition) => {
            Content::Known(Cow::Owned(pattern::compile(definition, holes)))
        }
        Assigned::Role(role) => {
            let known = role.as_str().and_then(|name| roles.compiled(name, holes));
            known.map_or(Content::Unknown(role), Content::Known)
        }
    }
}
