//! Several identities as one ceiling that takes in each of them.

use std::collections::{BTreeMap, BTreeSet};

use super::collect::{Assignment, Collected, Rule, Statement};
use crate::text::Text;

/// Puts identities together. Refusals stay only where all have them, and not at all if `denies` is false.
pub(super) fn merge(each: &[Collected], denies: bool) -> Collected {
    let mut out = Collected {
        permissions: statements(each, denies, |it| &it.permissions),
        trust: statements(each, denies, |it| &it.trust),
        boundary: boundary(each),
        azure: azure(each),
        kubernetes: kubernetes(each),
        vault: vault(each),
        ..Collected::default()
    };
    for identity in each {
        out.gcp.extend(identity.gcp.iter().cloned());
        for (scope, levels) in &identity.github {
            out.github.entry(scope.clone()).or_default().extend(levels.iter().cloned());
        }
        out.repositories.extend(identity.repositories.iter().cloned());
        out.notes.extend(identity.notes.iter().cloned());
    }
    // The highest level takes in the others.
    for levels in out.github.values_mut() {
        let rank = |level: &Text| {
            ["none", "read", "write", "admin"].iter().position(|it| level.as_str() == Some(it))
        };
        let highest = levels.iter().max_by_key(|level| rank(level)).cloned();
        levels.retain(|level| Some(level) == highest.as_ref());
    }
    let scopes: BTreeSet<&Option<Text>> = out.kubernetes.iter().map(|it| &it.namespace).collect();
    if scopes.len() > 1 && differ(&out.kubernetes) {
        let note = "a template has the same rules in all its namespaces on Kubernetes: the draft gives each of them all rules";
        out.notes.insert(note.to_owned());
    }
    out
}

/// Actions grouped by what they are allowed on.
fn statements(
    each: &[Collected],
    denies: bool,
    of: fn(&Collected) -> &BTreeSet<Statement>,
) -> BTreeSet<Statement> {
    let with_any = || each.iter().map(of).filter(|list| !list.is_empty());
    let everywhere =
        |statement: &Statement| denies && with_any().all(|list| list.contains(statement));
    let mut groups: BTreeMap<Statement, BTreeSet<Text>> = BTreeMap::new();
    for statement in with_any().flatten() {
        if statement.denies && !everywhere(statement) {
            continue;
        }
        // What is left over by a list of actions is another thing for each list.
        let actions = statement.actions.clone();
        let mut key = statement.clone();
        if !statement.not_action {
            key.actions.clear();
        }
        groups.entry(key).or_default().extend(actions);
    }
    groups.into_iter().map(|(key, actions)| Statement { actions, ..key }).collect()
}

/// One that all of them have.
fn boundary(each: &[Collected]) -> Option<Text> {
    let mut all = each.iter().filter(|it| !it.permissions.is_empty() || !it.trust.is_empty());
    let first = all.next()?.boundary.clone()?;
    all.all(|it| it.boundary.as_ref() == Some(&first)).then_some(first)
}

fn azure(each: &[Collected]) -> BTreeSet<Assignment> {
    each.iter().flat_map(|it| it.azure.iter().cloned()).collect()
}

/// Verbs grouped by what they are allowed on.
fn kubernetes(each: &[Collected]) -> BTreeSet<Rule> {
    let mut groups: BTreeMap<Rule, BTreeSet<Text>> = BTreeMap::new();
    for rule in each.iter().flat_map(|it| &it.kubernetes) {
        let key = Rule { verbs: BTreeSet::new(), ..rule.clone() };
        groups.entry(key).or_default().extend(rule.verbs.iter().cloned());
    }
    groups.into_iter().map(|(key, verbs)| Rule { verbs, ..key }).collect()
}

/// Whether the rules of two namespaces are not the same.
fn differ(rules: &BTreeSet<Rule>) -> bool {
    let mut places: BTreeMap<&Option<Text>, BTreeSet<Rule>> = BTreeMap::new();
    for rule in rules {
        let anywhere = Rule { namespace: None, ..rule.clone() };
        places.entry(&rule.namespace).or_default().insert(anywhere);
    }
    let sets: BTreeSet<&BTreeSet<Rule>> = places.values().collect();
    sets.len() > 1
}

/// The most specific rule alone decides: a path that one identity has takes on what another has with a wider one.
fn vault(each: &[Collected]) -> BTreeMap<Text, BTreeSet<Text>> {
    let deny = Text::literal("deny");
    let mut out: BTreeMap<Text, BTreeSet<Text>> = BTreeMap::new();
    for (path, capabilities) in each.iter().flat_map(|it| &it.vault) {
        out.entry(path.clone()).or_default().extend(capabilities.iter().cloned());
    }
    for (path, capabilities) in &mut out {
        for other in each.iter().filter(|it| !it.vault.is_empty() && !it.vault.contains_key(path)) {
            let wider = other.vault.iter().filter(|(own, _)| is_below(path, own));
            wider.for_each(|(_, more)| capabilities.extend(more.iter().cloned()));
        }
        // Denied to some of them only.
        let had = each.iter().filter(|it| !it.vault.is_empty());
        let all = had.clone().all(|it| it.vault.get(path).is_some_and(|own| own.contains(&deny)));
        if !all && capabilities.len() > 1 {
            capabilities.remove(&deny);
        }
    }
    out
}

fn is_below(path: &Text, wider: &Text) -> bool {
    let (path, wider) = (path.to_string(), wider.to_string());
    wider.strip_suffix('*').is_some_and(|start| path.starts_with(start)) || wider.contains("/+")
}
