//! The smallest change that closes a gap.

use super::path::{self, Path, Step};
use super::{Policy, Rule, contains};
use crate::text::Text;
use crate::verdict::{Change, Comparison, Verdict};

/// The smallest change of one inner rule after which it is no longer the one that leads outside: a capability less, a
/// narrower path, or the rule taken away.
pub fn change(outer: &[&Policy], inner: &[&Policy], answer: &Comparison) -> Option<Change> {
    let Verdict::Outside(example) = &answer.open else { return None };
    if inner.iter().any(|policy| policy.is_root()) {
        return Some(Change::Drop(vec!["root".to_owned()]));
    }
    let index = answer.inner?;
    let rules: Vec<Rule> = inner.iter().flat_map(|policy| policy.rules().to_vec()).collect();
    let rule = rules.get(index)?;
    let closes = |replaced: Rule| {
        let mut rules = rules.clone();
        if let Some(place) = rules.get_mut(index) {
            *place = replaced;
        }
        let changed = contains(outer, &[&Policy::from_rules(rules)]);
        match changed.open {
            Verdict::Inside => true,
            Verdict::Outside(_) | Verdict::Undecided(_) => {
                changed.inner.is_some_and(|other| other != index)
            }
        }
    };
    let without = |names: &[String]| {
        let keep = |name: &&Text| !names.iter().any(|it| name.as_str() == Some(it));
        let capabilities: Vec<Text> = rule.capabilities.iter().filter(keep).cloned().collect();
        (!capabilities.is_empty()).then(|| Rule { capabilities, ..rule.clone() })
    };
    let mut less = Vec::new();
    let needed = if example.context.contains_key("sudo") { "sudo" } else { &example.action };
    let mut next = Some(needed.to_owned());
    while let Some(name) = next.take() {
        less.push(name);
        let Some(replaced) = without(&less) else { break };
        if closes(replaced.clone()) {
            return Some(Change::Drop(less));
        }
        let mut rules = rules.clone();
        if let Some(place) = rules.get_mut(index) {
            *place = replaced;
        }
        let again = contains(outer, &[&Policy::from_rules(rules)]);
        if let Verdict::Outside(more) = again.open
            && again.inner == Some(index)
            && !less.contains(&more.action)
        {
            next = Some(more.action);
        }
    }
    let own = path::normal(&rule.path);
    let narrower = outer.iter().flat_map(|policy| policy.rules()).filter(|other| {
        let theirs = path::normal(&other.path);
        theirs != own && within(&theirs, &own)
    });
    for other in narrower {
        if closes(Rule { path: other.path.clone(), ..rule.clone() }) {
            let to = vec![other.path.to_string()];
            return Some(Change::Narrow { from: rule.path.to_string(), to });
        }
    }
    // An empty path matches nothing: the rule is as good as taken away, and those behind it stay where they are.
    closes(Rule::default()).then(|| Change::Drop(vec![rule.path.to_string()]))
}

/// Whether the first path is the narrower one of two with known parts: what it begins with, the other matches.
fn within(narrow: &Text, wide: &Text) -> bool {
    let (Some(narrow), Some(wide)) = (Path::new(narrow), Path::new(wide)) else { return false };
    let mut narrow = narrow.steps.iter().copied().peekable();
    for step in wide.steps {
        match step {
            Step::Run => return true,
            Step::Segment => {
                while narrow.next_if(|step| !matches!(step, Step::Char('/') | Step::Run)).is_some()
                {
                }
            }
            Step::Char(_) => {
                if narrow.next() != Some(step) {
                    return false;
                }
            }
        }
    }
    narrow.next().is_none()
}
