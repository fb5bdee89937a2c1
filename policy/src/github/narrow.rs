//! The smallest change that closes a gap.

use std::collections::BTreeMap;

use super::evaluate::{Request, allows};
use super::scopes::{self, Level};
use super::{Grant, Permissions, contains};
use crate::text::Text;
use crate::verdict::{Change, Comparison, Verdict};

/// The smallest change of one inner grant after which it is no longer the one that leads outside: a lower level, a scope or
/// a repository less, or the permissions of an outer grant in the place of all.
pub fn change(outer: &[Grant], inner: &[Grant], answer: &Comparison) -> Option<Change> {
    let Verdict::Outside(example) = &answer.open else { return None };
    let index = answer.inner?;
    let grant = inner.get(index)?;
    let closes = |replaced: Grant| {
        let mut changed = inner.to_vec();
        if let Some(place) = changed.get_mut(index) {
            *place = replaced;
        }
        let again = contains(outer, &changed);
        match again.open {
            Verdict::Inside => true,
            Verdict::Outside(_) | Verdict::Undecided(_) => again.inner != Some(index),
        }
    };
    let mut ways = of_scopes(grant, &example.action);
    let seen = Request {
        scope: "metadata",
        level: Some(Level::Read),
        repository: example.resource.as_deref(),
    };
    if allows(outer, &seen) {
        ways.extend(of_repositories(grant));
    } else {
        ways.splice(0..0, of_repositories(grant));
    }
    for (replaced, change) in ways {
        if closes(replaced) {
            return Some(change);
        }
    }
    let all = text(&grant.permissions)?;
    let narrower = outer.iter().map(|other| &other.permissions).chain([&Permissions::ReadAll]);
    for permissions in narrower.filter(|it| **it != grant.permissions) {
        let Some(to) = text(permissions) else { continue };
        if closes(Grant { permissions: permissions.clone(), ..grant.clone() }) {
            return Some(Change::Narrow { from: all, to: vec![to] });
        }
    }
    let nothing = Permissions::Levels(BTreeMap::new());
    closes(Grant { permissions: nothing, ..grant.clone() }).then(|| Change::Drop(vec![all]))
}

/// Lower levels of the scope that the counterexample is about, then the grant without it, then without all such scopes.
fn of_scopes(grant: &Grant, action: &str) -> Vec<(Grant, Change)> {
    let mut out = Vec::new();
    let scope = action.split(':').next().unwrap_or_default();
    match &grant.permissions {
        Permissions::Levels(levels) => {
            let own = levels
                .iter()
                .find(|(name, _)| name.as_str().is_some_and(|name| scopes::normal(name) == scope));
            let Some((name, level)) = own else { return out };
            let highest = level.as_str().and_then(Level::from_name).unwrap_or_default();
            let lower = [Level::Write, Level::Read].into_iter().filter(|it| *it < highest);
            for lower in lower.filter(|it| scopes::check_level(scope, it.name()).is_ok()) {
                let mut levels = levels.clone();
                levels.insert(name.clone(), Text::literal(lower.name()));
                let from = format!("{name}: {level}");
                let to = vec![format!("{name}: {}", lower.name())];
                let permissions = Permissions::Levels(levels);
                out.push((Grant { permissions, ..grant.clone() }, Change::Narrow { from, to }));
            }
            let mut levels = levels.clone();
            levels.remove(name);
            let permissions = Permissions::Levels(levels);
            let change = Change::Drop(vec![format!("{name}: {level}")]);
            out.push((Grant { permissions, ..grant.clone() }, change));
        }
        Permissions::Classic(names) => {
            let without = names.iter().filter(|name| name.as_str() != Some(action)).cloned();
            let permissions = Permissions::Classic(without.collect());
            out.push((
                Grant { permissions, ..grant.clone() },
                Change::Drop(vec![action.to_owned()]),
            ));
        }
        Permissions::Unspecified | Permissions::ReadAll | Permissions::WriteAll => {}
    }
    out
}

/// The grant without one of its repositories.
fn of_repositories(grant: &Grant) -> Vec<(Grant, Change)> {
    if grant.repositories.len() < 2 {
        return Vec::new();
    }
    let without = |at: usize| {
        let mut repositories = grant.repositories.clone();
        let gone = repositories.remove(at).to_string();
        (Grant { repositories, ..grant.clone() }, Change::Drop(vec![gone]))
    };
    (0..grant.repositories.len()).map(without).collect()
}

/// The permissions as one text.
fn text(permissions: &Permissions) -> Option<String> {
    let list = |items: Vec<String>| (!items.is_empty()).then(|| items.join(", "));
    match permissions {
        Permissions::Unspecified => None,
        Permissions::ReadAll => Some("read-all".to_owned()),
        Permissions::WriteAll => Some("write-all".to_owned()),
        Permissions::Levels(levels) => {
            list(levels.iter().map(|(scope, level)| format!("{scope}: {level}")).collect())
        }
        Permissions::Classic(names) => list(names.iter().map(ToString::to_string).collect()),
    }
}
