//! The quick judgement: a condition follows from one with the same text, and from nothing else.

use std::collections::HashMap;

use super::super::condition::implied;
use super::super::document::Effect;
use super::super::principal::Asker;
use super::super::relation::{Piece, Prepared, Stand};
use super::scope::{Judge, Scope, Sides, same, vague};

/// The statements are outer Allows whose conditions hold whenever the inner statement's do; then outer Denies; then
/// inner Denies. What limits the inner side is left aside.
pub(super) struct Implied {
    allows: usize,
    denies: usize,
    /// For each inner Deny, whether it holds whenever the inner statement does.
    holds: Vec<bool>,
    /// For each outer Deny, the inner Denies that hold whenever it and the inner statement do.
    answers: Vec<Vec<usize>>,
    /// For each outer Allow, whether it covers all resources of the inner statement; found out once.
    covers: Vec<Option<bool>>,
    /// For each outer Deny, whether it can meet any of them.
    meets: Vec<bool>,
}

impl<'e> Scope<'e> {
    /// For the quick judgement.
    pub(super) fn implied(own: &'e Prepared<'e>, asker: Asker<'_>, sides: Sides<'e>) -> Self {
        let given = own.statement.conditions.iter();
        // Of `NotPrincipal` nobody knows exactly whom it leaves over.
        let vague = vague(asker);
        let mut statements: Vec<&Prepared<'_>> = Vec::new();
        statements.extend(sides.outer.iter().filter(|other| {
            other.statement.effect == Effect::Allow
                && !vague
                && other.speaks_of(asker, false)
                && implied(given.clone(), &other.statement.conditions)
        }));
        let allows = statements.len();
        let shields: Vec<&Prepared<'_>> = sides
            .inner
            .iter()
            .filter(|other| {
                other.statement.effect == Effect::Deny && !vague && other.speaks_of(asker, false)
            })
            .collect();
        let both = |deny: &'e Prepared<'e>| given.clone().chain(&deny.statement.conditions);
        statements.extend(sides.outer.iter().filter(|other| {
            other.statement.effect != Effect::Allow
                && (vague || other.speaks_of(asker, true))
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
        let pieces = own.pieces(sides.specials);
        let meets = statements.iter().skip(allows).take(denies).map(|deny| {
            pieces.iter().any(|piece| deny.resources(piece.as_ref(), true) != Stand::None)
        });
        let meets = meets.collect();
        let twins: Vec<bool> = statements.iter().take(allows).map(|one| same(own, one)).collect();
        let covers = twins.iter().map(|twin| twin.then_some(true)).collect();
        let judge = Judge::Implied(Implied { allows, denies, holds, answers, covers, meets });
        let uppers = 0..statements.len();
        let uppers = uppers.map(|index| (allows..allows + denies).contains(&index)).collect();
        Self { pieces, statements, uppers, twins, judge, known: HashMap::new() }
    }

    /// Whether one outer Allow alone covers the piece on all resources, and no outer Deny can meet it.
    pub(super) fn covered(
        &mut self,
        stands: &mut [Option<Stand>],
        service: Option<&str>,
        piece: &Piece<'_>,
    ) -> bool {
        let Judge::Implied(Implied { allows, denies, meets, .. }) = &self.judge else {
            return false;
        };
        let (allows, denies) = (*allows, *denies);
        let refused = (allows..allows + denies).any(|index| {
            meets.get(index - allows) == Some(&true)
                && self.stand(stands, index, service, piece) != Stand::None
        });
        !refused && (0..allows).any(|index| self.grants(stands, index, service, piece))
    }

    fn grants(
        &mut self,
        stands: &mut [Option<Stand>],
        index: usize,
        service: Option<&str>,
        piece: &Piece<'_>,
    ) -> bool {
        let known = match &self.judge {
            Judge::Implied(implied) => implied.covers.get(index).copied().flatten(),
            Judge::Solved(_) => return false,
        };
        if known == Some(false) || self.stand(stands, index, service, piece) != Stand::All {
            return false;
        }
        if let Some(known) = known {
            return known;
        }
        let Some(statement) = self.statements.get(index) else { return false };
        let all = self
            .pieces
            .iter()
            .all(|piece| statement.resources(piece.as_ref(), false) == Stand::All);
        if let Judge::Implied(implied) = &mut self.judge
            && let Some(slot) = implied.covers.get_mut(index)
        {
            *slot = Some(all);
        }
        all
    }
}

impl Implied {
    /// Whether a request is a gap: which statements match it for the benefit of the proof (outer Allows and inner
    /// Denies), and which may match it against the proof (outer Denies).
    pub(super) fn gap(&self, matched: &[bool]) -> bool {
        let is = |index: usize| matched.get(index).copied().unwrap_or(false);
        let first = self.allows + self.denies;
        let shield = |index: usize| is(first + index);
        if self.holds.iter().enumerate().any(|(index, holds)| *holds && shield(index)) {
            return false;
        }
        let allowed = (0..self.allows).any(is);
        let denied = self.answers.iter().enumerate().any(|(index, answers)| {
            is(self.allows + index) && !answers.iter().any(|answer| shield(*answer))
        });
        !allowed || denied
    }
}
