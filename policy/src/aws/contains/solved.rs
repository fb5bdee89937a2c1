//! The exact judgement: whether the conditions of the statements that match a request can leave a gap.
//!
//! Every layer of the inner side must allow the request, and the outer side must not: a formula over blocks of
//! conditions, which is never written out as a list of cases.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::super::document::Effect;
use super::super::principal::Asker;
use super::super::relation::{Piece, Prepared, Specials};
use super::super::solver::{BlockId, Context, Facts, Formula, Mode, Solver};
use super::bind::{Binding, bound, key_of, unify, variables};
use super::callers::{DERIVED, Fact};
use super::scope::{Judge, Scope, Sides, same};
use crate::glob::{Budget, Exhausted, Symbol};
use crate::text::Text;

/// Assignments of variables that are tried for one string.
const BINDINGS: usize = 6;

/// What all exact judgements of one comparison share.
pub(in crate::aws) struct Solving<'d> {
    solver: Solver<'d>,
    /// The blocks of the statements, by their numbers.
    blocks: Vec<Option<BlockId>>,
    facts: HashMap<Fact, BlockId>,
    /// The answers for the statements at hand.
    memo: HashMap<Vec<bool>, bool>,
    budget: Budget,
}

impl<'d> Solving<'d> {
    pub(super) fn new(principals: bool, steps: u64) -> Self {
        Self {
            solver: Solver::new(Facts::new(principals)),
            blocks: Vec::new(),
            facts: HashMap::new(),
            memo: HashMap::new(),
            budget: Budget::new(steps),
        }
    }

    /// To be called before another scope is judged.
    pub(super) fn forget(&mut self) {
        self.memo.clear();
    }

    fn solve(&mut self, formula: &Formula, mode: Mode) -> Result<Option<Context>, Exhausted> {
        let mut share = self.budget.share(6);
        let found = self.solver.solve(formula, mode, &mut share);
        self.budget.give_back(share);
        found
    }

    fn block(&mut self, statement: &Prepared<'d>) -> BlockId {
        if self.blocks.len() <= statement.serial {
            self.blocks.resize(statement.serial + 1, None);
        }
        let conditions = &statement.statement.conditions;
        match self.blocks.get_mut(statement.serial) {
            Some(slot) => *slot.get_or_insert_with(|| self.solver.block(conditions)),
            None => self.solver.block(conditions),
        }
    }

    fn fact(&mut self, fact: &Fact) -> BlockId {
        let solver = &mut self.solver;
        *self.facts.entry(fact.clone()).or_insert_with(|| {
            let (operator, key, values) = fact;
            solver.fact(operator, key, values.iter().map(|value| Text::literal(value.as_str())))
        })
    }
}

/// The statements are outer Allows, outer Denies, inner Denies of every layer, and the Allows of each layer that limits
/// the policies.
pub(super) struct Solved<'e> {
    own: &'e Prepared<'e>,
    allows: Range<usize>,
    denies: Range<usize>,
    shields: Range<usize>,
    layers: Vec<Range<usize>>,
    /// For each outer Deny, the inner ones that say the same.
    echoes: Vec<Vec<usize>>,
    /// For each Allow of a layer, the outer ones that say the same.
    mirrors: BTreeMap<usize, Vec<usize>>,
    /// What follows from those who ask.
    facts: Vec<Fact>,
    specials: &'e Specials,
}

impl<'e> Scope<'e> {
    /// For the exact judgement.
    pub(super) fn solved(
        own: &'e Prepared<'e>,
        asker: Asker<'_>,
        sides: Sides<'e>,
        facts: Vec<Fact>,
    ) -> Self {
        let outer = |wanted: bool| {
            sides.outer.iter().filter(move |other| {
                let allow = other.statement.effect == Effect::Allow;
                allow == wanted && other.speaks_of(asker, !allow)
            })
        };
        let mut statements: Vec<&Prepared<'_>> = outer(true).collect();
        let allows = 0..statements.len();
        statements.extend(outer(false));
        let denies = allows.end..statements.len();
        let every = || std::iter::once(sides.inner).chain(sides.limits.iter().map(Vec::as_slice));
        statements.extend(every().flatten().filter(|other| {
            other.statement.effect == Effect::Deny && other.speaks_of(asker, false)
        }));
        let shields = denies.end..statements.len();
        let mut layers = Vec::with_capacity(sides.limits.len());
        for layer in sides.limits {
            let start = statements.len();
            statements.extend(layer.iter().filter(|other| {
                other.statement.effect != Effect::Deny && other.speaks_of(asker, true)
            }));
            layers.push(start..statements.len());
        }
        let alike = |index: usize, among: Range<usize>| -> Vec<usize> {
            let Some(one) = statements.get(index) else { return Vec::new() };
            let list = statements.iter().enumerate().take(among.end).skip(among.start);
            list.filter(|(_, other)| same(one, other)).map(|(index, _)| index).collect()
        };
        let echoes = denies.clone().map(|index| alike(index, shields.clone())).collect();
        let mirrors = (shields.end..statements.len())
            .map(|index| (index, alike(index, allows.clone())))
            .filter(|(_, found)| !found.is_empty())
            .collect();
        let twins = statements.iter().take(allows.end).map(|one| same(own, one)).collect();
        let upper = |index| denies.contains(&index) || index >= shields.end;
        let uppers = (0..statements.len()).map(upper).collect();
        let pieces = own.pieces(sides.specials);
        let specials = sides.specials;
        let solved =
            Solved { own, allows, denies, shields, layers, echoes, mirrors, facts, specials };
        let judge = Judge::Solved(solved);
        Self { pieces, statements, uppers, twins, judge, known: HashMap::new() }
    }

    /// A context in which the outer side certainly refuses a string of a piece and every layer of the inner side
    /// certainly allows it, as far as the matching of the statements is certain.
    pub(super) fn context(
        &self,
        class: &[bool],
        matched: &[bool],
        piece: Option<&Piece<'e>>,
        word: Option<&str>,
        solving: &mut Option<Solving<'e>>,
    ) -> Result<Option<Context>, Exhausted> {
        let (Judge::Solved(solved), Some(solving)) = (&self.judge, solving) else {
            return Ok(None);
        };
        let (Some(piece), Some(word)) = (piece, word) else {
            return solved.example(&self.statements, matched, &Binding::new(), solving);
        };
        for binding in solved.bindings(&self.statements, class, piece, word) {
            let letters: Vec<Symbol> = word.chars().map(Symbol::Char).collect();
            let of = |(index, statement): (usize, &&Prepared<'e>)| {
                let was = matched.get(index).copied().unwrap_or(false);
                if !class.get(index).copied().unwrap_or(false) || self.is_twin(index) {
                    return was;
                }
                let fill = |glob: &[Symbol]| bound(glob, solved.specials, &binding);
                statement.matches_filled(&letters, fill).unwrap_or(was)
            };
            let matched: Vec<bool> = self.statements.iter().enumerate().map(of).collect();
            let found = solved.example(&self.statements, &matched, &binding, solving)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}

impl<'e> Solved<'e> {
    /// Whether there may be a gap for requests that just these statements match.
    pub(super) fn open(
        &self,
        statements: &[&'e Prepared<'e>],
        matched: &[bool],
        solving: &mut Solving<'e>,
    ) -> Result<bool, Exhausted> {
        if let Some(known) = solving.memo.get(matched) {
            return Ok(*known);
        }
        let formula = self.formula(statements, matched, Mode::Possible, solving);
        let open = if let Some(open) = constant(&formula) {
            open
        } else {
            // Whatever is too hard once is so the next time.
            solving.memo.insert(matched.to_vec(), true);
            solving.solve(&formula, Mode::Possible)?.is_some()
        };
        solving.memo.insert(matched.to_vec(), open);
        Ok(open)
    }

    fn example(
        &self,
        statements: &[&'e Prepared<'e>],
        matched: &[bool],
        binding: &Binding,
        solving: &mut Solving<'e>,
    ) -> Result<Option<Context>, Exhausted> {
        let mut parts = vec![self.formula(statements, matched, Mode::Certain, solving)];
        for (key, value) in binding {
            let values = [Text::literal(value.as_str())];
            parts.push(Formula::Holds(solving.solver.fact("StringEquals", key, values)));
        }
        let formula = all(parts);
        match constant(&formula) {
            Some(open) => Ok(open.then(Context::new)),
            None => solving.solve(&formula, Mode::Certain),
        }
    }

    /// What must hold for a gap.
    fn formula(
        &self,
        statements: &[&'e Prepared<'e>],
        matched: &[bool],
        mode: Mode,
        solving: &mut Solving<'e>,
    ) -> Formula {
        let list = |range: &Range<usize>| {
            let range = range.clone();
            range
                .filter(|index| matched.get(*index).copied().unwrap_or(false))
                .filter_map(|index| statements.get(index).map(|statement| (index, *statement)))
        };
        // Whatever needs no solver is settled first.
        let free = |statement: &Prepared<'e>| {
            statement.statement.conditions.is_empty() && statement.statement.opaque.is_empty()
        };
        if list(&self.shields).any(|(_, statement)| free(statement))
            || self.layers.iter().any(|layer| list(layer).next().is_none())
        {
            return never();
        }
        let covered = list(&self.allows).any(|(_, statement)| free(statement));
        if covered && list(&self.denies).next().is_none() {
            return never();
        }
        let mut parts = vec![holds(self.own, mode, solving)];
        for fact in &self.facts {
            parts.push(Formula::Holds(solving.fact(fact)));
        }
        parts.extend(list(&self.shields).map(|(_, shield)| fails(shield, solving)));
        for layer in &self.layers {
            parts.push(any(list(layer).map(|(_, allow)| holds(allow, mode, solving)).collect()));
        }
        let mut ways = Vec::new();
        if !covered {
            let mut refused: Vec<Formula> =
                list(&self.allows).map(|(_, allow)| fails(allow, solving)).collect();
            for layer in self.layers.iter().filter(|_| !self.mirrors.is_empty()) {
                // What an outer statement says in the same words, it allows whatever the words mean.
                let ways = list(layer).map(|(index, allow)| {
                    let mirrors = self.mirrors.get(&index).into_iter().flatten();
                    let mirrors = mirrors.filter_map(|index| statements.get(*index));
                    let mut way: Vec<Formula> =
                        mirrors.map(|mirror| fails(mirror, solving)).collect();
                    way.push(holds(allow, mode, solving));
                    all(way)
                });
                refused.push(any(ways.collect()));
            }
            ways.push(all(refused));
        }
        for (index, deny) in list(&self.denies) {
            let echoes = self.echoes.get(index - self.denies.start).into_iter().flatten();
            let echoes = echoes.filter_map(|index| statements.get(*index));
            let mut way: Vec<Formula> = echoes.map(|echo| fails(echo, solving)).collect();
            way.push(holds(deny, mode, solving));
            ways.push(all(way));
        }
        parts.push(any(ways));
        all(parts)
    }

    /// Values of variables that make something of the string, the likely ones first.
    fn bindings(
        &self,
        statements: &[&'e Prepared<'e>],
        class: &[bool],
        piece: &Piece<'e>,
        word: &str,
    ) -> Vec<Binding> {
        let own: BTreeSet<String> = variables(&piece.word, self.specials).collect();
        let bound = unify(&piece.word, word, self.specials, &Binding::new());
        let given = bound.filter(|_| !own.is_empty()).unwrap_or_default();
        let mut all = own;
        let mut found = Vec::new();
        let member = |index: &usize| class.get(*index).copied().unwrap_or(false);
        for statement in
            statements.iter().enumerate().filter(|(index, _)| member(index)).map(|(_, one)| one)
        {
            for glob in statement.written() {
                let keys: Vec<String> = variables(glob, self.specials).collect();
                if !keys.is_empty() && found.len() < BINDINGS {
                    found.extend(unify(glob, word, self.specials, &given));
                }
                all.extend(keys);
            }
        }
        if all.is_empty() {
            return vec![Binding::new()];
        }
        let fresh = |binding: &Binding| {
            let mut binding = binding.clone();
            for (index, key) in all.iter().enumerate() {
                let value = || super::super::witness::variable(key, index);
                binding.entry(key.clone()).or_insert_with(value);
            }
            binding
        };
        let mut out = vec![fresh(&given)];
        for binding in found.iter().map(fresh).chain([given]) {
            if !out.contains(&binding) {
                out.push(binding);
            }
        }
        out
    }
}

/// What the formula is worth, if no condition is left in it.
fn constant(formula: &Formula) -> Option<bool> {
    match formula {
        Formula::All(parts) if parts.is_empty() => Some(true),
        Formula::Any(parts) if parts.is_empty() => Some(false),
        Formula::All(_) | Formula::Any(_) | Formula::Holds(_) | Formula::Fails(_) => None,
    }
}

fn never() -> Formula {
    Formula::Any(Vec::new())
}

fn all(parts: Vec<Formula>) -> Formula {
    let mut out = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Formula::All(inner) => out.extend(inner),
            Formula::Any(none) if none.is_empty() => return never(),
            Formula::Any(_) | Formula::Holds(_) | Formula::Fails(_) => out.push(part),
        }
    }
    Formula::All(out)
}

fn any(parts: Vec<Formula>) -> Formula {
    let mut out = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Formula::Any(inner) => out.extend(inner),
            Formula::All(none) if none.is_empty() => return Formula::All(none),
            Formula::All(_) | Formula::Holds(_) | Formula::Fails(_) => out.push(part),
        }
    }
    Formula::Any(out)
}

/// The conditions of a statement hold. Of one that is not understood they may.
fn holds<'e>(statement: &Prepared<'e>, mode: Mode, solving: &mut Solving<'e>) -> Formula {
    if !statement.statement.opaque.is_empty() {
        return if mode == Mode::Possible { Formula::All(Vec::new()) } else { never() };
    }
    if statement.statement.conditions.is_empty() {
        return Formula::All(Vec::new());
    }
    Formula::Holds(solving.block(statement))
}

/// They do not. Of one that is not understood nobody asks.
fn fails<'e>(statement: &Prepared<'e>, solving: &mut Solving<'e>) -> Formula {
    if !statement.statement.opaque.is_empty() {
        return Formula::All(Vec::new());
    }
    if statement.statement.conditions.is_empty() {
        return never();
    }
    Formula::Fails(solving.block(statement))
}

/// Whether conditions or variables speak of what AWS derives from the caller.
pub(super) fn speaks_of_caller(sides: Sides<'_>) -> bool {
    sides.all().flat_map(|one| &one.statement.conditions).any(|condition| {
        use super::super::condition::Condition::{Entry, Resolves, Unclear};
        match condition {
            Entry(entry) => entry.key.as_str().is_none_or(|key| DERIVED.contains(&key)),
            Resolves(name) => DERIVED.contains(&key_of(name).as_str()),
            Unclear(_) => false,
        }
    })
}
