//! The smallest change that closes a gap.

use super::{Grant, Rule, contains};
use crate::text::Text;
use crate::verdict::{Change, Comparison, Verdict};

/// The smallest change of one inner grant after which it is no longer the one that leads outside: verbs or resources less,
/// a star written out, a namespace, names, or the rule taken away.
pub fn change(outer: &[Grant], inner: &[Grant], answer: &Comparison) -> Option<Change> {
    let Verdict::Outside(_) = &answer.open else { return None };
    let index = answer.inner?;
    let grant = inner.get(index)?;
    let ways = lists(grant, outer).into_iter().chain(places(grant, outer)).chain([whole(grant)]);
    let mut changed = inner.to_vec();
    for (replaced, change) in ways {
        if let Some(place) = changed.get_mut(index) {
            *place = replaced;
        }
        let again = contains(outer, &changed);
        let closed = again.open.is_inside() || again.inner != Some(index);
        if closed {
            return Some(change);
        }
    }
    None
}

type Get = fn(&Rule) -> &Vec<Text>;
type Set = fn(&mut Rule, Vec<Text>);

/// Shorter lists: without one element, without all that the outer side does not list, and a star written out.
fn lists(grant: &Grant, outer: &[Grant]) -> Vec<(Grant, Change)> {
    let dimensions: [(Get, Set); 4] = [
        (|rule| &rule.verbs, |rule, list| rule.verbs = list),
        (|rule| &rule.resources, |rule, list| rule.resources = list),
        (|rule| &rule.non_resource_urls, |rule, list| rule.non_resource_urls = list),
        (|rule| &rule.api_groups, |rule, list| rule.api_groups = list),
    ];
    let with = |set: Set, list: Vec<Text>| {
        let mut changed = grant.clone();
        set(&mut changed.rule, list);
        changed
    };
    let mut out = Vec::new();
    for (get, set) in dimensions {
        let own = get(&grant.rule);
        for at in (0..own.len()).filter(|_| own.len() > 1) {
            let mut list = own.clone();
            let gone = list.remove(at).to_string();
            out.push((with(set, list), Change::Drop(vec![gone])));
        }
    }
    for (get, set) in dimensions {
        let own = get(&grant.rule);
        for theirs in outer.iter().map(|other| get(&other.rule)).filter(|list| !list.is_empty()) {
            let (kept, gone): (Vec<Text>, Vec<Text>) =
                own.iter().cloned().partition(|text| theirs.contains(text));
            if !kept.is_empty() && gone.len() > 1 {
                let gone = gone.iter().map(ToString::to_string).collect();
                out.push((with(set, kept), Change::Drop(gone)));
            }
        }
    }
    for (get, set) in dimensions {
        for star in get(&grant.rule).iter().filter(|text| text.as_str() == Some("*")) {
            for theirs in outer.iter().map(|other| get(&other.rule)).filter(|it| !it.contains(star))
            {
                let to: Vec<String> = theirs.iter().map(ToString::to_string).collect();
                if !to.is_empty() {
                    let change = Change::Narrow { from: "*".to_owned(), to };
                    out.push((with(set, theirs.clone()), change));
                }
            }
        }
    }
    out
}

/// Fewer places: only named objects, only one namespace.
fn places(grant: &Grant, outer: &[Grant]) -> Vec<(Grant, Change)> {
    let mut out = Vec::new();
    for other in outer {
        let names = &other.rule.resource_names;
        if grant.rule.resource_names.is_empty() && !names.is_empty() {
            let mut changed = grant.clone();
            changed.rule.resource_names.clone_from(names);
            let list: Vec<String> = names.iter().map(ToString::to_string).collect();
            let change = Change::Require(vec![format!("resourceNames = {}", list.join(", "))]);
            out.push((changed, change));
        }
        if let Some(namespace) = &other.namespace
            && grant.namespace.as_ref() != Some(namespace)
        {
            let changed = Grant { namespace: Some(namespace.clone()), ..grant.clone() };
            let to = vec![format!("namespace {namespace}")];
            let from = grant.namespace.as_ref();
            let from =
                from.map_or("the whole cluster".to_owned(), |own| format!("namespace {own}"));
            out.push((changed, Change::Narrow { from, to }));
        }
    }
    out
}

/// The rule taken away, but for its place among the others.
fn whole(grant: &Grant) -> (Grant, Change) {
    let list = |texts: &[Text]| texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let rule = &grant.rule;
    let what = if rule.resources.is_empty() { &rule.non_resource_urls } else { &rule.resources };
    let text = format!("{} {}", list(&rule.verbs), list(what));
    (Grant { rule: Rule::default(), ..grant.clone() }, Change::Drop(vec![text]))
}
