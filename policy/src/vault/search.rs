//! From the two sides to the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::cells::{Cell, Tree};
use super::compare::{self, Gap, Kind, Pair};
use super::evaluate::{Request, Server, filled};
use super::path::{self, Path};
use super::side::{self, Joined, Mask, Names};
use super::{Policy, tag};
use crate::glob::Budget;
use crate::text::Text;
use crate::verdict::{Comparison, Counterexample, Verdict, Why};

/// Steps that a comparison may take. A hundred rules a side need some ten thousand.
const BUDGET: u64 = 2_000_000;

/// One path text of either side.
struct Line<'a> {
    text: Text,
    path: Path,
    inner: Option<Joined<'a>>,
    outer: Option<Joined<'a>>,
}

/// How likely a request of this kind to such a path is: servers refuse to write to a path that ends in a slash, put one
/// behind every path that is listed, and redirect from a path with two in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Likely {
    Never,
    Seldom,
    Yes,
}

/// A capability at a path.
struct Found {
    likely: Likely,
    capability: String,
    sudo: bool,
    path: String,
    inner: Option<usize>,
    outer: Option<usize>,
}

/// What was seen of the cells so far.
#[derive(Default)]
struct Seen {
    certain: Vec<Found>,
    /// Gaps that are only possible: in requests that can be made, and in all.
    possible: [Option<(Option<usize>, Option<usize>)>; 2],
    /// What each inner rule with unknown parts has that nobody else touches.
    alone: BTreeMap<usize, Mask>,
}

pub(super) fn contains(outer: &[&Policy], inner: &[&Policy]) -> Comparison {
    let Some(names) = Names::of([outer, inner]) else {
        let why = Why::construct("the policies name more than 50 capabilities that are not known");
        return Comparison::same(Verdict::Undecided(why), None, None);
    };
    let lines = lines(outer, inner, &names);
    let pairs: Vec<Pair<'_>> = lines
        .iter()
        .map(|line| Pair {
            rank: line.path.rank.as_ref(),
            inner: line.inner.as_ref(),
            outer: line.outer.as_ref(),
        })
        .collect();
    let tree =
        Tree::new(lines.iter().map(|line| (line.path.steps.as_slice(), line.inner.is_some())));
    let mut seen = Seen::default();
    let mut budget = Budget::new(BUDGET);
    let own = |at: &usize| pairs.get(*at).is_some_and(|pair| pair.inner.is_some());
    let explored = tree.explore(&mut budget, |cell| {
        // Most paths are only on the way to one that the inner side has a rule for.
        if !cell.matched.iter().chain(cell.stem.into_iter().flatten()).any(own) {
            return ControlFlow::Continue(());
        }
        for kind in [Kind::Other, Kind::List] {
            seen.note(compare::gap(&pairs, cell, kind, &names), cell, kind, &names);
        }
        if seen.certain.iter().any(|found| found.likely == Likely::Yes) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    let mut search = Search { outer, inner, lines, names, seen };
    if explored.is_err() {
        search.guess();
    }
    if explored.is_err() && search.seen.certain.is_empty() {
        let why = format!(
            "the comparison of {} paths takes more than {BUDGET} steps",
            search.lines.len()
        );
        return Comparison::same(Verdict::Undecided(Why::construct(why)), None, None);
    }
    search.answer()
}

fn lines<'a>(outer: &[&'a Policy], inner: &[&'a Policy], names: &Names) -> Vec<Line<'a>> {
    let (mut inner, mut outer) = (side::joined(inner, names), side::joined(outer, names));
    let texts: BTreeSet<Text> = inner.keys().chain(outer.keys()).cloned().collect();
    let line = |text: Text| {
        let path = Path::new(&text)?;
        Some(Line { path, inner: inner.remove(&text), outer: outer.remove(&text), text })
    };
    texts.into_iter().filter_map(line).collect()
}

impl Seen {
    fn note(&mut self, gap: Gap, cell: &Cell<'_>, kind: Kind, names: &Names) {
        for (at, mask) in &gap.alone {
            *self.alone.entry(*at).or_insert(Mask::MAX) &= mask;
        }
        let sudo = names.bit("sudo");
        let slash = cell.stem.is_some();
        let writing = ["create", "update", "patch"].iter().fold(0, |it, name| it | names.bit(name));
        if gap.possible == 0 && gap.certain == 0 {
            return;
        }
        let path = cell.path();
        let refused = match kind {
            _ if path.contains("//") => Mask::MAX,
            Kind::List if slash => 0,
            Kind::List => Mask::MAX,
            Kind::Other if slash => writing,
            Kind::Other => 0,
        };
        if gap.possible != 0 {
            let open = Some((gap.inner, gap.outer));
            let [real, all] = &mut self.possible;
            *all = all.or(open);
            let ways = if gap.possible & !sudo == 0 { gap.has.0 } else { gap.possible };
            if ways & !refused & !sudo != 0 {
                *real = real.or(open);
            }
        }
        if gap.certain == 0 {
            return;
        }
        // Only what `sudo` protects, if that is all there is.
        let needs = gap.certain & !sudo == 0;
        let ways = if needs { gap.has.1 & !sudo & care(kind, names) } else { gap.certain & !sudo };
        for (mask, likely) in [
            (
                ways & !refused,
                if slash == (kind == Kind::List) { Likely::Yes } else { Likely::Seldom },
            ),
            (ways & refused, Likely::Never),
        ] {
            let Some(capability) = names.list(mask).first().map(ToString::to_string) else {
                continue;
            };
            if self.certain.iter().all(|found| found.likely < likely) {
                self.certain.push(Found {
                    likely,
                    capability,
                    sudo: needs,
                    path: path.clone(),
                    inner: gap.inner,
                    outer: gap.outer,
                });
            }
        }
    }
}

fn care(kind: Kind, names: &Names) -> Mask {
    let listing = names.bit("list") | names.bit("scan");
    if kind == Kind::List { listing } else { !listing }
}

struct Search<'a, 'b> {
    outer: &'b [&'a Policy],
    inner: &'b [&'a Policy],
    lines: Vec<Line<'a>>,
    names: Names,
    seen: Seen,
}

impl Search<'_, '_> {
    fn answer(mut self) -> Comparison {
        self.lonely();
        self.seen.certain.sort_by_key(|found| std::cmp::Reverse(found.likely));
        let [real, all] = self.seen.possible;
        let best = self.seen.certain.first();
        let decide =
            |found: Option<&Found>, possible: Option<(Option<usize>, Option<usize>)>| match (
                found.and_then(|it| self.confirmed(it)),
                possible,
            ) {
                (Some(verdict), _) => verdict,
                (None, Some((inner, outer))) => Verdict::Undecided(self.doubt(inner, outer)),
                (None, None) => Verdict::Inside,
            };
        let open = decide(best, all);
        let catalogue = decide(best.filter(|it| it.likely > Likely::Never), real);
        let (inner, outer) = match (best, all) {
            (Some(found), _) => (found.inner, found.outer.or_else(|| self.nearest(&found.path))),
            (None, Some(places)) => places,
            (None, None) => (None, None),
        };
        let rule = |joined: Option<&Joined<'_>>| joined?.rules.first().map(|(index, _)| *index);
        let inner = inner.and_then(|at| rule(self.lines.get(at)?.inner.as_ref()));
        let outer = outer.and_then(|at| rule(self.lines.get(at)?.outer.as_ref()));
        Comparison { open, catalogue, inner, outer }
    }

    /// What shows itself at the path of some inner rule, with no search.
    fn guess(&mut self) {
        if !self.seen.certain.is_empty() {
            return;
        }
        let (holder, ceiling) = (Server::new(self.inner), Server::new(self.outer));
        for (at, line) in self.lines.iter().enumerate() {
            let some = line.inner.as_ref().map_or(0, |it| it.some);
            let known = self.lines.iter().all(|line| line.path.rank.is_some());
            let path = request_path(&line.text);
            for capability in self.names.list(if known { some } else { 0 }) {
                let request = Request { capability, path: &path, sudo: false };
                if holder.allows(&request) && !ceiling.allows(&request) {
                    self.seen.certain.push(Found {
                        likely: Likely::Yes,
                        capability: capability.to_owned(),
                        sudo: false,
                        path,
                        inner: Some(at),
                        outer: None,
                    });
                    return;
                }
            }
        }
    }

    /// What a rule with unknown parts allows at its own path whatever they become, and nobody else speaks of.
    fn lonely(&mut self) {
        if !self.seen.certain.is_empty() {
            return;
        }
        let sudo = self.names.bit("sudo");
        for (at, mask) in &self.seen.alone {
            let Some(line) = self.lines.get(*at) else { continue };
            let some = line.inner.as_ref().map_or(0, |it| it.some);
            let Some(capability) = self.names.list(mask & some & !sudo).first().copied() else {
                continue;
            };
            let mut path = request_path(&line.text);
            if matches!(capability, "list" | "scan") && !path.ends_with('/') {
                path.push('/');
            }
            self.seen.certain.push(Found {
                likely: Likely::Yes,
                capability: capability.to_owned(),
                sudo: false,
                path,
                inner: Some(*at),
                outer: None,
            });
            return;
        }
    }

    /// The counterexample, if the other evaluator agrees.
    fn confirmed(&self, found: &Found) -> Option<Verdict> {
        let Found { capability, sudo, path, .. } = found;
        let request = Request { capability, path, sudo: *sudo };
        if !Server::new(self.inner).allows(&request) || Server::new(self.outer).allows(&request) {
            return None;
        }
        let mut context = BTreeMap::new();
        if *sudo {
            context.insert("sudo".to_owned(), vec!["true".to_owned()]);
        }
        let joined = found.inner.and_then(|at| self.lines.get(at)?.inner.as_ref());
        for (_, rule) in joined.iter().flat_map(|joined| &joined.rules) {
            for restriction in &rule.restrictions {
                let value = restriction.value.to_string();
                context.entry(restriction.name.clone()).or_insert_with(Vec::new).push(value);
            }
        }
        Some(Verdict::Outside(Counterexample {
            action: capability.clone(),
            resource: Some(path.clone()),
            context,
            escalation: tag::escalation(capability, path).map(ToOwned::to_owned),
            ..Counterexample::default()
        }))
    }

    fn doubt(&self, inner: Option<usize>, outer: Option<usize>) -> Why {
        let line = |at: Option<usize>| at.and_then(|at| self.lines.get(at));
        let (inner, outer) = (line(inner), line(outer));
        let sides = [
            outer.and_then(|line| line.outer.as_ref()),
            inner.and_then(|line| line.inner.as_ref()),
        ];
        for joined in sides.into_iter().flatten() {
            if let Some((reason, unknown)) = joined.doubt() {
                return Why { reason, unknown };
            }
        }
        let own = inner.into_iter().chain(outer).map(|line| &line.text);
        let all = own.chain(self.lines.iter().map(|line| &line.text));
        let mut unknown: Vec<String> = Vec::new();
        for hole in all.flat_map(Text::holes) {
            if !unknown.iter().any(|it| **it == *hole.origin) {
                unknown.push(hole.origin.to_string());
            }
        }
        match unknown.first() {
            Some(origin) if origin.starts_with("{{") => {
                Why { reason: format!("the value of `{origin}` decides"), unknown }
            }
            Some(origin) => {
                Why { reason: format!("`{origin}` is not known before apply"), unknown }
            }
            None => Why::construct("no request shows that the policies differ"),
        }
    }

    /// The outer path that has most of its beginning in common with the request.
    fn nearest(&self, asked: &str) -> Option<usize> {
        let common = |text: &Text| {
            let own = filled(text);
            own.chars().zip(asked.chars()).take_while(|(own, asked)| own == asked).count()
        };
        let outer = self.lines.iter().enumerate().filter(|(_, line)| line.outer.is_some());
        let best = outer.max_by_key(|(at, line)| (common(&line.text), std::cmp::Reverse(*at)));
        best.map(|(at, _)| at)
    }
}

/// A request that the path matches, its unknown parts filled.
fn request_path(text: &Text) -> String {
    let path = filled(&path::normal(text));
    let path = path.strip_suffix('*').map_or(path.clone(), |stem| format!("{stem}x"));
    let segments = path.split('/').map(|segment| if segment == "+" { "x" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}
