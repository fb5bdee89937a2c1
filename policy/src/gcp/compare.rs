//! Whether what one binding grants is granted by the bindings of the outer side together.
//!
//! For every permission the question is one about conditions: does that of the inner binding imply one of those under which
//! the outer side grants the permission at this place? Outer bindings count twice: those that reach the place for certain
//! prove `Inside`, all that may reach it stand against `Outside`.

use std::collections::BTreeMap;

use super::condition::{Atom, Attribute, Expr, Test};
use super::evaluate::{self, Request};
use super::facts::{Facts, Place};
use super::roles::Set;
use super::solve::{self, Outcome, Question};
use super::{Assigned, Grant, Roles, Tree, permissions, resource};
use crate::glob::{self, Budget, Exhausted, Symbol};
use crate::hierarchy::{self, Doubt, Reach, example, unknown};
use crate::text::{Part, Shape, Text};
use crate::verdict::{Counterexample, Verdict, Why};

/// How much work one question is worth.
pub(super) const BUDGET: u64 = 20_000_000;

/// Basic roles, each of which has all that the ones before it have.
const BASIC: [&str; 3] = ["roles/viewer", "roles/editor", "roles/owner"];

/// An outer binding that may hold at the place of the inner one.
struct Entry<'a> {
    what: &'a Assigned,
    condition: Expr,
    /// None if it reaches the place for certain.
    doubt: Option<Doubt>,
}

/// Whether a permission is part of something.
enum Member {
    Yes,
    No,
    Maybe(Doubt),
}

/// Everything that stays the same over one question.
pub(super) struct Comparer<'a> {
    tree: &'a Tree,
    roles: &'a Roles,
    outer: &'a [Grant],
    inner: &'a [Grant],
    conditions: Vec<Expr>,
    budget: Budget,
}

impl<'a> Comparer<'a> {
    pub(super) fn new(
        tree: &'a Tree,
        roles: &'a Roles,
        outer: &'a [Grant],
        inner: &'a [Grant],
    ) -> Self {
        let conditions = outer.iter().map(condition).collect();
        Self { tree, roles, outer, inner, conditions, budget: Budget::new(BUDGET) }
    }

    /// The answer for one binding of the inner side.
    pub(super) fn grant(&mut self, grant: &'a Grant) -> Verdict {
        match self.decide(grant) {
            Ok(verdict) => verdict,
            Err(Exhausted) => undecided((
                format!("the work budget of {BUDGET} steps is used up at `{}`", shown(&grant.what)),
                Vec::new(),
            )),
        }
    }

    fn decide(&mut self, grant: &'a Grant) -> Result<Verdict, Exhausted> {
        let own = condition(grant);
        let place = Place::new(grant.resource.as_ref());
        let entries = self.entries(grant, &own);
        if self.by_name(grant, &own, &entries, &place)? {
            return Ok(Verdict::Inside);
        }
        let mut names: Vec<Text> = Vec::new();
        match &grant.what {
            Assigned::Permissions(all) => names.extend(all.iter().cloned()),
            Assigned::Role(role) => match role.as_str().and_then(|name| self.roles.set(name)) {
                None => return Ok(undecided(self.not_known(role))),
                Some(set) => {
                    let rest = self.left(set, &entries);
                    let same = |entry: &Entry<'_>| !self.is_spent(entry);
                    if entries.iter().any(same) {
                        names.extend(self.roles.names(&rest).map(Text::literal));
                    } else {
                        // Nothing else tells these permissions apart: one speaks for all.
                        names.extend(self.roles.telling(&rest).map(Text::literal));
                    }
                }
            },
        }
        // Permissions that the same entries grant share one question about conditions.
        let mut groups: BTreeMap<(Vec<usize>, Vec<usize>), Vec<Text>> = BTreeMap::new();
        let mut doubts: BTreeMap<Text, Doubt> = BTreeMap::new();
        for name in names {
            let (mut lower, mut upper) = (Vec::new(), Vec::new());
            for (index, entry) in entries.iter().enumerate() {
                match (self.member(entry.what, &name), &entry.doubt) {
                    (Member::No, _) => {}
                    (Member::Yes, None) => lower.push(index),
                    (Member::Yes, Some(doubt)) => {
                        doubts.entry(name.clone()).or_insert_with(|| doubt.clone());
                        upper.push(index);
                    }
                    (Member::Maybe(doubt), _) => {
                        doubts.entry(name.clone()).or_insert(doubt);
                        upper.push(index);
                    }
                }
            }
            groups.entry((lower, upper)).or_default().push(name);
        }
        self.groups(grant, &own, &entries, &place, &groups, &doubts)
    }

    /// One question for each group. The most telling permission of all gaps is shown.
    fn groups(
        &mut self,
        grant: &Grant,
        own: &Expr,
        entries: &[Entry<'_>],
        place: &Place,
        groups: &BTreeMap<(Vec<usize>, Vec<usize>), Vec<Text>>,
        doubts: &BTreeMap<Text, Doubt>,
    ) -> Result<Verdict, Exhausted> {
        let mut best: Option<(usize, String, Facts)> = None;
        let mut open: Option<Doubt> = None;
        for ((lower, upper), names) in groups {
            let exprs = |all: &[usize]| -> Vec<&Expr> {
                all.iter().filter_map(|index| entries.get(*index)).map(|it| &it.condition).collect()
            };
            let (lower, upper) = (exprs(lower), exprs(upper));
            let question = Question { inner: own, lower: &lower, upper: &upper, place };
            match solve::solve(&question, &mut self.budget)? {
                Outcome::Implied => {}
                Outcome::Gap(facts) => {
                    for name in names {
                        let any = name.holes().any(|hole| hole.shape == Shape::Any);
                        if any {
                            open.get_or_insert_with(|| unknown(name));
                            continue;
                        }
                        let rank = permissions::rank(&example(name));
                        if best.as_ref().is_none_or(|(least, _, _)| rank < *least) {
                            best = Some((rank, example(name), facts.clone()));
                        }
                    }
                }
                Outcome::Unclear => {
                    let told = names.iter().find_map(|name| doubts.get(name)).cloned();
                    open.get_or_insert_with(|| told.unwrap_or_else(|| conditional(grant, &lower)));
                }
            }
        }
        if let Some((_, name, facts)) = best {
            if let Some(found) = self.shown(grant, &name, facts) {
                return Ok(Verdict::Outside(found));
            }
            let reason = format!("no request shows that `{name}` is outside");
            open.get_or_insert((reason, Vec::new()));
        }
        Ok(open.map_or(Verdict::Inside, undecided))
    }

    /// The outer bindings that may hold where the inner one does.
    fn entries(&self, grant: &Grant, own: &Expr) -> Vec<Entry<'a>> {
        let mut out = Vec::new();
        for (other, condition) in self.outer.iter().zip(&self.conditions) {
            let entry = |condition: Expr, doubt: Option<Doubt>| Entry {
                what: &other.what,
                condition,
                doubt,
            };
            let (theirs, here) = (other.resource.as_ref(), grant.resource.as_ref());
            match resource::reach(self.tree, theirs, here) {
                Reach::Yes => out.push(entry(condition.clone(), None)),
                Reach::Maybe(reason, unknown) => {
                    out.push(entry(condition.clone(), Some((reason, unknown))));
                }
                // A condition can keep the inner binding to what lies below the other's place.
                Reach::No if own.asks_resource() => {
                    if resource::reach(self.tree, here, theirs) == Reach::No {
                        continue;
                    }
                    if let Some(name) = resource::storage_name(theirs) {
                        let below = Expr::And(vec![condition.clone(), at_or_below(name)]);
                        out.push(entry(below, None));
                        continue;
                    }
                    let reason = "whether the condition keeps the grant to what the outer side covers is not decided";
                    out.push(entry(condition.clone(), Some((reason.to_owned(), Vec::new()))));
                }
                Reach::No => {}
            }
        }
        out
    }

    /// Whether roles that have everything the inner one has, by their names alone, grant under its condition.
    fn by_name(
        &mut self,
        grant: &Grant,
        own: &Expr,
        entries: &[Entry<'_>],
        place: &Place,
    ) -> Result<bool, Exhausted> {
        let Assigned::Role(role) = &grant.what else { return Ok(false) };
        let basic = |role: &Text| BASIC.iter().position(|one| role.as_str() == Some(*one));
        let has_all = |entry: &&Entry<'_>| match entry.what {
            Assigned::Permissions(_) => false,
            Assigned::Role(other) => {
                other == role || matches!((basic(other), basic(role)), (Some(a), Some(b)) if a >= b)
            }
        };
        let certain = entries.iter().filter(|entry| entry.doubt.is_none()).filter(has_all);
        let lower: Vec<&Expr> = certain.map(|entry| &entry.condition).collect();
        let question = Question { inner: own, lower: &lower, upper: &[], place };
        Ok(solve::solve(&question, &mut self.budget)? == Outcome::Implied)
    }

    /// Whether all that an entry grants is known and granted without condition, so that [`Self::left`] has taken it away.
    fn is_spent(&self, entry: &Entry<'_>) -> bool {
        let known = match entry.what {
            Assigned::Role(role) => {
                role.as_str().is_some_and(|name| self.roles.set(name).is_some())
            }
            Assigned::Permissions(all) => !all.iter().any(Text::has_holes),
        };
        known && entry.doubt.is_none() && entry.condition == Expr::Constant(true)
    }

    /// What no binding without condition grants for certain.
    fn left(&self, set: &Set, entries: &[Entry<'_>]) -> Set {
        let mut rest = set.clone();
        for entry in entries.iter().filter(|entry| entry.doubt.is_none()) {
            if entry.condition != Expr::Constant(true) {
                continue;
            }
            match entry.what {
                Assigned::Role(role) => {
                    if let Some(other) = role.as_str().and_then(|name| self.roles.set(name)) {
                        rest.remove(other);
                    }
                }
                Assigned::Permissions(all) => rest.remove(&self.roles.of(all)),
            }
            if rest.is_empty() {
                break;
            }
        }
        rest
    }

    fn member(&self, what: &Assigned, name: &Text) -> Member {
        match what {
            Assigned::Permissions(all) => {
                if all.contains(name) {
                    return Member::Yes;
                }
                let open = |own: &&Text| {
                    (own.has_holes() || name.has_holes())
                        && glob::meets(&strings(own), &strings(name))
                };
                match all.iter().find(open) {
                    Some(own) if own.has_holes() => Member::Maybe(unknown(own)),
                    Some(_) => Member::Maybe(unknown(name)),
                    None => Member::No,
                }
            }
            Assigned::Role(role) => {
                let Some(set) = role.as_str().and_then(|name| self.roles.set(name)) else {
                    return Member::Maybe(self.not_known(role));
                };
                let Some(name_known) = name.as_str() else {
                    let pattern = strings(name);
                    let any = self
                        .roles
                        .names(set)
                        .any(|own| glob::meets(&pattern, &strings(&Text::literal(own))));
                    return if any { Member::Maybe(unknown(name)) } else { Member::No };
                };
                match self.roles.known_number(name_known) {
                    Some(number) if set.has(number) => Member::Yes,
                    Some(_) | None => Member::No,
                }
            }
        }
    }

    fn not_known(&self, role: &Text) -> Doubt {
        if role.has_holes() {
            return unknown(role);
        }
        let bare = role.as_str().is_some_and(|name| self.roles.is_bare(name));
        let reason = if bare {
            format!(
                "the export names the role `{role}` without its permissions: take `gcloud iam roles describe` for `--gcp-roles FILE`"
            )
        } else {
            format!(
                "the permissions of the role `{role}` are not known: give them with `--gcp-roles FILE`"
            )
        };
        (reason, Vec::new())
    }

    /// The request, if the concrete check agrees that it tells the two sides apart.
    fn shown(&self, grant: &Grant, permission: &str, facts: Facts) -> Option<Counterexample> {
        let place = grant.resource.as_ref().map(example);
        let request = Request { permission: permission.to_owned(), resource: place.clone(), facts };
        let answer = |grants: &[Grant]| evaluate::allows(self.tree, self.roles, grants, &request);
        if answer(self.inner) != Some(true) || answer(self.outer) != Some(false) {
            return None;
        }
        Some(Counterexample {
            action: request.permission,
            resource: place,
            principal: None,
            context: request.facts.context()?,
            escalation: permissions::escalation(permission).map(str::to_owned),
        })
    }
}

/// The condition of a binding; none is one that always holds.
fn condition(grant: &Grant) -> Expr {
    grant.condition.as_ref().map_or(Expr::Constant(true), Expr::parse)
}

/// In Cloud Storage the name of a resource says where it lies.
fn at_or_below(name: String) -> Expr {
    let atom = |test: Test| Expr::Atom(Atom::String(Attribute::Name, test));
    let below = format!("{name}/");
    Expr::Or(vec![atom(Test::Equals(name)), atom(Test::StartsWith(below))])
}

/// Every string that a text can become.
fn strings(text: &Text) -> Vec<Symbol> {
    let mut out = Vec::new();
    for part in text.parts() {
        match part {
            Part::Literal(known) => out.extend(known.chars().map(Symbol::Char)),
            Part::Hole(hole) => match &hole.shape {
                Shape::Any => out.push(Symbol::Many),
                Shape::Word => out.extend([Symbol::One, Symbol::Many]),
                Shape::Glob(pattern) => out.extend(glob::compile(pattern)),
            },
        }
    }
    glob::normal(out)
}

fn undecided((reason, unknown): Doubt) -> Verdict {
    Verdict::Undecided(Why { reason, unknown })
}

fn conditional(grant: &Grant, lower: &[&Expr]) -> Doubt {
    let origins = hierarchy::origins(&grant.condition);
    let reason = match (&grant.condition, lower.is_empty()) {
        (Some(own), true) => format!("whether the condition `{own}` can hold is not decided"),
        (Some(own), false) => {
            format!("whether the condition `{own}` implies that of the outer side is not decided")
        }
        (None, _) => {
            "whether the condition of the outer side always holds is not decided".to_owned()
        }
    };
    (reason, origins)
}

/// What is granted, for messages.
pub(super) fn shown(what: &Assigned) -> String {
    match what {
        Assigned::Role(role) => role.to_string(),
        Assigned::Permissions(all) => {
            all.iter().map(Text::to_string).collect::<Vec<_>>().join(", ")
        }
    }
}
