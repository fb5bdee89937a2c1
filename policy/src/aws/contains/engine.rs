//! The search for gaps.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;

use super::super::condition::implied;
use super::super::document::Effect;
use super::super::pattern::Service;
use super::super::principal::Principal;
use super::super::relation::{Asked, Piece, Prepared, Specials, Stand, explore};
use crate::glob::{self, Budget, Exhausted, Symbol};

/// Something that the inner side may allow and the outer side may not.
pub(in crate::aws) struct Gap<'e> {
    /// The inner statement that allows it.
    pub(in crate::aws) statement: &'e Prepared<'e>,
    pub(in crate::aws) principal: Option<&'e Principal>,
    /// Which of the statement's action patterns; none if it is a complement or opaque.
    pub(in crate::aws) pattern: Option<usize>,
    /// In lower case; none for a service that no document mentions.
    pub(in crate::aws) service: Option<String>,
    /// In lower case.
    pub(in crate::aws) name: String,
    /// Which of the statement's resource patterns, each with a resource; none for the attached one.
    pub(in crate::aws) resources: Vec<(usize, Option<String>)>,
}

/// All statements of both sides in one reading.
pub(in crate::aws) struct Engine<'e> {
    inner: &'e [Prepared<'e>],
    outer: &'e [Prepared<'e>],
    specials: &'e Specials,
    budget: Budget,
}

/// The statements that matter for one inner statement and principal.
struct Scope<'e> {
    pieces: Vec<Option<Piece<'e>>>,
    /// Outer Allows whose conditions hold whenever the inner statement's do; then outer Denies; then inner Denies.
    statements: Vec<&'e Prepared<'e>>,
    allows: usize,
    denies: usize,
    /// For each outer Allow, whether it says the same as the inner statement, so that even what is not understood about
    /// them is the same.
    twins: Vec<bool>,
    /// For each inner Deny, whether it holds whenever the inner statement does.
    holds: Vec<bool>,
    /// For each outer Deny, the inner Denies that hold whenever it and the inner statement do.
    answers: Vec<Vec<usize>>,
    /// For each outer Allow, whether it covers all resources of the inner statement; found out once.
    covers: Vec<Option<bool>>,
    /// For each outer Deny, whether it can meet any of them.
    meets: Vec<bool>,
    /// The gaps of a class of actions.
    known: HashMap<Vec<bool>, Vec<(usize, Option<String>)>>,
}

/// Resources of one gap that a counterexample can be chosen from.
const ENOUGH: usize = 4;

impl<'e> Engine<'e> {
    pub(in crate::aws) fn new(
        inner: &'e [Prepared<'e>],
        outer: &'e [Prepared<'e>],
        specials: &'e Specials,
        steps: u64,
    ) -> Self {
        Self { inner, outer, specials, budget: Budget::new(steps) }
    }

    /// Shows every gap until `stop` returns true: one for each action pattern, service and principal at most.
    pub(in crate::aws) fn run(
        &mut self,
        actions: &mut Budget,
        stop: &mut dyn FnMut(&Gap<'e>) -> bool,
    ) -> Result<(), Exhausted> {
        for statement in self.inner {
            if statement.statement.effect == Effect::Deny {
                continue;
            }
            let list = statement.statement.principals.as_ref();
            let principals: Vec<Option<&Principal>> = match list {
                Some(list) if statement.statement.opaque.is_empty() => {
                    list.list.iter().map(Some).collect()
                }
                Some(_) | None => vec![None],
            };
            for principal in principals {
                let mut scope = self.scope(statement, principal);
                for (pattern, service, piece) in self.actions(statement, &scope) {
                    let service = service.as_deref();
                    let Some((name, resources)) =
                        self.action(&mut scope, service, &piece, actions)?
                    else {
                        continue;
                    };
                    let service = service.map(ToOwned::to_owned);
                    if stop(&Gap { statement, principal, pattern, service, name, resources }) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn scope(&self, own: &'e Prepared<'e>, principal: Option<&Principal>) -> Scope<'e> {
        let given = own.statement.conditions.iter();
        // Of `NotPrincipal` nobody knows exactly whom it leaves over.
        let vague = own.statement.principals.as_ref().is_some_and(|list| list.negated.is_some());
        let mut statements: Vec<&Prepared<'_>> = Vec::new();
        statements.extend(self.outer.iter().filter(|other| {
            other.statement.effect == Effect::Allow
                && !vague
                && other.speaks_of(principal, false)
                && implied(given.clone(), &other.statement.conditions)
        }));
        let allows = statements.len();
        let shields: Vec<&Prepared<'_>> = self
            .inner
            .iter()
            .filter(|other| {
                other.statement.effect == Effect::Deny
                    && !vague
                    && other.speaks_of(principal, false)
            })
            .collect();
        let both = |deny: &'e Prepared<'e>| given.clone().chain(&deny.statement.conditions);
        statements.extend(self.outer.iter().filter(|other| {
            other.statement.effect != Effect::Allow
                && (vague || other.speaks_of(principal, true))
                && !shields.iter().any(|shield| {
                    same(shield, other) && implied(both(other), &shield.statement.conditions)
                })
        }));
        let denies = statements.len() - allows;
        let answers = statements.iter().skip(allows).map(|deny| {
            let holding = shields
                .iter()
                .enumerate()
                .filter(|(_, shield)| implied(both(deny), &shield.statement.conditions));
            holding.map(|(index, _)| index).collect()
        });
        let answers = answers.collect();
        let holds = shields
            .iter()
            .map(|shield| implied(given.clone(), &shield.statement.conditions))
            .collect();
        statements.extend(shields);
        let pieces = own.pieces(self.specials);
        let meets = statements.iter().skip(allows).take(denies).map(|deny| {
            pieces.iter().any(|piece| deny.resources(piece.as_ref(), true) != Stand::None)
        });
        let meets = meets.collect();
        let twins: Vec<bool> = statements.iter().take(allows).map(|one| same(own, one)).collect();
        let covers = twins.iter().map(|twin| twin.then_some(true)).collect();
        let known = HashMap::new();
        Scope { pieces, statements, allows, denies, twins, holds, answers, covers, meets, known }
    }

    /// The actions of an inner statement, piece by piece, in the order of the text.
    fn actions(
        &self,
        own: &'e Prepared<'e>,
        scope: &Scope<'e>,
    ) -> Vec<(Option<usize>, Option<String>, Piece<'e>)> {
        // No action has an empty name.
        const ANY: &[Symbol] = &[Symbol::One, Symbol::Many];
        let piece = |name: &'e [Symbol], except: Vec<Cow<'e, [Symbol]>>| {
            let name = Cow::Borrowed(if name == [Symbol::Many] { ANY } else { name });
            Piece { word: name.clone(), wide: name, except }
        };
        let services = || {
            let mentioned = scope.statements.iter().chain([&own]);
            let named: BTreeSet<&str> =
                mentioned.flat_map(|one| one.statement.actions.services()).collect();
            std::iter::once(None).chain(named.into_iter().map(|name| Some(name.to_owned())))
        };
        let actions = &own.statement.actions;
        if !own.statement.opaque.is_empty() {
            return services().map(|service| (None, service, piece(ANY, Vec::new()))).collect();
        }
        if actions.negated {
            return services()
                .map(|service| {
                    let (_, except) = own.action_globs(service.as_deref(), true);
                    let except = except.into_iter().map(Cow::Borrowed).collect();
                    (None, service, piece(ANY, except))
                })
                .collect();
        }
        let mut out = Vec::with_capacity(actions.patterns.len());
        for (index, pattern) in actions.patterns.iter().enumerate() {
            match &pattern.service {
                Service::Never => {}
                Service::Named(service) => {
                    let service = Some(service.as_ref().to_owned());
                    out.push((Some(index), service, piece(&pattern.name, Vec::new())));
                }
                Service::All => out.extend(
                    services()
                        .map(|service| (Some(index), service, piece(&pattern.name, Vec::new()))),
                ),
            }
        }
        out
    }

    /// The first name of the piece for which there are gaps.
    fn action(
        &mut self,
        scope: &mut Scope<'e>,
        service: Option<&str>,
        piece: &Piece<'_>,
        budget: &mut Budget,
    ) -> Result<Option<(String, Vec<(usize, Option<String>)>)>, Exhausted> {
        budget.spend(scope.statements.len() + 1)?;
        let mut stands = vec![None; scope.statements.len()];
        let clear = !(scope.allows..scope.allows + scope.denies).any(|index| {
            scope.meets.get(index - scope.allows) == Some(&true)
                && scope.stand(&mut stands, index, service, piece) != Stand::None
        });
        if clear && (0..scope.allows).any(|index| scope.grants(&mut stands, index, service, piece))
        {
            return Ok(None);
        }
        for index in 0..scope.statements.len() {
            scope.stand(&mut stands, index, service, piece);
        }
        let mut asked = Vec::new();
        let mut partial = Vec::new();
        for (index, statement) in scope.statements.iter().enumerate() {
            if stands.get(index) == Some(&Some(Stand::Some)) {
                let (negated, globs) = statement.action_globs(service, scope.upper(index));
                asked.push(Asked { negated, globs });
                partial.push(index);
            }
        }
        let base: Vec<bool> = stands.iter().map(|stand| *stand == Some(Stand::All)).collect();
        let mut seen: HashSet<Vec<bool>> = HashSet::new();
        let found = explore(piece, &asked, budget, |answers, word| {
            let mut class = base.clone();
            for (index, answer) in partial.iter().zip(answers) {
                if let Some(slot) = class.get_mut(*index) {
                    *slot = *answer;
                }
            }
            if !seen.insert(class.clone()) {
                return ControlFlow::Continue(());
            }
            match self.resources(scope, class) {
                Ok(gaps) if gaps.is_empty() => ControlFlow::Continue(()),
                Ok(gaps) => ControlFlow::Break(Ok((word(), gaps))),
                Err(exhausted) => ControlFlow::Break(Err(exhausted)),
            }
        })?;
        found.transpose()
    }

    /// The gaps among the resources, for actions that just these statements match.
    fn resources(
        &mut self,
        scope: &mut Scope<'e>,
        class: Vec<bool>,
    ) -> Result<Vec<(usize, Option<String>)>, Exhausted> {
        if let Some(known) = scope.known.get(&class) {
            return Ok(known.clone());
        }
        let mut gaps = Vec::new();
        for (index, piece) in scope.pieces.iter().enumerate() {
            if let Some(word) = self.resource(scope, &class, piece.as_ref())? {
                gaps.push((index, word));
            }
            if gaps.len() >= ENOUGH {
                break;
            }
        }
        scope.known.insert(class, gaps.clone());
        Ok(gaps)
    }

    fn resource(
        &mut self,
        scope: &Scope<'e>,
        class: &[bool],
        piece: Option<&Piece<'e>>,
    ) -> Result<Option<Option<String>>, Exhausted> {
        self.budget.spend(scope.statements.len() + 1)?;
        let stands: Vec<Stand> =
            scope
                .statements
                .iter()
                .zip(class)
                .enumerate()
                .map(|(index, (statement, member))| {
                    if *member {
                        statement.resources(piece, scope.upper(index))
                    } else {
                        Stand::None
                    }
                })
                .collect();
        let base: Vec<bool> = stands.iter().map(|stand| *stand == Stand::All).collect();
        let loose: Vec<bool> = stands.iter().map(|stand| *stand != Stand::None).collect();
        // With every doubtful Deny taken for true, and no doubtful Allow, there is no gap: none of the rest matters.
        if !scope.gap(&base, &loose) {
            return Ok(None);
        }
        let Some(piece) = piece else { return Ok(Some(None)) };
        if let Some(word) = scope.simple_gap(piece, &stands, &base) {
            return Ok(Some(Some(word)));
        }
        let mut asked = Vec::new();
        let mut partial = Vec::new();
        for (index, statement) in scope.statements.iter().enumerate() {
            if stands.get(index) == Some(&Stand::Some) {
                let (negated, globs) = statement.resource_globs(scope.upper(index));
                asked.push(Asked { negated, globs });
                partial.push(index);
            }
        }
        let mut matched = base.clone();
        let found = explore(piece, &asked, &mut self.budget, |answers, word| {
            for (index, answer) in partial.iter().zip(answers) {
                if let Some(slot) = matched.get_mut(*index) {
                    *slot = *answer;
                }
            }
            if scope.gap(&matched, &matched) {
                ControlFlow::Break(word())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        Ok(found.map(Some))
    }
}

impl Scope<'_> {
    /// Which reading of a statement is asked for: of outer Denies the upper one.
    fn upper(&self, index: usize) -> bool {
        (self.allows..self.allows + self.denies).contains(&index)
    }

    fn stand(
        &self,
        stands: &mut [Option<Stand>],
        index: usize,
        service: Option<&str>,
        piece: &Piece<'_>,
    ) -> Stand {
        let (Some(slot), Some(statement)) = (stands.get_mut(index), self.statements.get(index))
        else {
            return Stand::None;
        };
        if self.is_twin(index) {
            return *slot.insert(Stand::All);
        }
        *slot.get_or_insert_with(|| statement.actions(service, piece, self.upper(index)))
    }

    fn is_twin(&self, index: usize) -> bool {
        self.twins.get(index).copied().unwrap_or(false)
    }

    /// Whether one outer Allow alone covers the piece on all resources.
    fn grants(
        &mut self,
        stands: &mut [Option<Stand>],
        index: usize,
        service: Option<&str>,
        piece: &Piece<'_>,
    ) -> bool {
        if self.covers.get(index) == Some(&Some(false))
            || self.stand(stands, index, service, piece) != Stand::All
        {
            return false;
        }
        if let Some(Some(known)) = self.covers.get(index) {
            return *known;
        }
        let Some(statement) = self.statements.get(index) else { return false };
        let all = self
            .pieces
            .iter()
            .all(|piece| statement.resources(piece.as_ref(), false) == Stand::All);
        if let Some(slot) = self.covers.get_mut(index) {
            *slot = Some(all);
        }
        all
    }

    /// A gap that needs no search: the piece itself, its wildcards filled in one way.
    fn simple_gap(&self, piece: &Piece<'_>, stands: &[Stand], base: &[bool]) -> Option<String> {
        let word: String = piece
            .wide
            .iter()
            .map(|symbol| match symbol {
                Symbol::Char(letter) => *letter,
                _ => 'x',
            })
            .collect();
        let symbols: Vec<Symbol> = word.chars().map(Symbol::Char).collect();
        let own = Cow::Borrowed(symbols.as_slice());
        let only = Piece { word: own.clone(), wide: own, except: Vec::new() };
        if piece.except.iter().any(|except| glob::covers(except, &symbols)) {
            return None;
        }
        let mut matched = base.to_vec();
        for (index, statement) in self.statements.iter().enumerate() {
            if stands.get(index) == Some(&Stand::Some)
                && let Some(slot) = matched.get_mut(index)
            {
                *slot = statement.resources(Some(&only), self.upper(index)) == Stand::All;
            }
        }
        self.gap(&matched, &matched).then_some(word)
    }

    /// Whether a request is a gap: `sure` says which statements match it for the benefit of the proof (outer Allows and
    /// inner Denies), `possible` which may match it against the proof (outer Denies).
    fn gap(&self, sure: &[bool], possible: &[bool]) -> bool {
        let is = |list: &[bool], index: usize| list.get(index).copied().unwrap_or(false);
        let first = self.allows + self.denies;
        let shield = |index: usize| is(sure, first + index);
        if self.holds.iter().enumerate().any(|(index, holds)| *holds && shield(index)) {
            return false;
        }
        let allowed = (0..self.allows).any(|index| is(sure, index));
        let denied = self.answers.iter().enumerate().any(|(index, answers)| {
            is(possible, self.allows + index) && !answers.iter().any(|answer| shield(*answer))
        });
        !allowed || denied
    }
}

/// Whether two statements match the same requests, conditions left aside: they say the same.
fn same(one: &Prepared<'_>, other: &Prepared<'_>) -> bool {
    let (one, other) = (one.statement, other.statement);
    if !one.opaque.is_empty() || !other.opaque.is_empty() {
        return false;
    }
    let actions = one.actions.negated == other.actions.negated
        && one.actions.patterns.iter().map(|pattern| &pattern.text).eq(other
            .actions
            .patterns
            .iter()
            .map(|pattern| &pattern.text));
    let resources = match (&one.resources, &other.resources) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.negated == other.negated
                && one
                    .patterns
                    .iter()
                    .map(|pattern| (&pattern.text, pattern.variables))
                    .eq(other.patterns.iter().map(|pattern| (&pattern.text, pattern.variables)))
        }
        (None, Some(_)) | (Some(_), None) => false,
    };
    let principals = match (&one.principals, &other.principals) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            one.negated.is_none()
                && other.negated.is_none()
                && one
                    .list
                    .iter()
                    .map(|one| (one.kind, &one.text))
                    .eq(other.list.iter().map(|one| (one.kind, &one.text)))
        }
        (None, Some(_)) | (Some(_), None) => false,
    };
    actions && resources && principals
}
