//! All paths that any rule can match, cut into cells: one path of each set of paths that the same rules match.
//!
//! The patterns of both sides are one tree, whose positions are followed side by side. Each state is made once, breadth
//! first from the empty path and along paths that the inner side has rules for, so the first path with some property is a
//! shortest one. Characters that no pattern mentions at the positions at hand are all alike.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::path::Step;
use crate::glob::{Budget, Exhausted};

/// Letters that stand for "any other", in order of preference.
const OTHERS: &str = "xyzabcdefghijklmnopqrstuvw0123456789";

/// The patterns as a tree.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    /// What the node loops on, if it stands for a run.
    own: Option<Step>,
    next: Vec<(Step, u32)>,
    /// The numbers of the patterns that end here.
    ends: Vec<usize>,
    /// Whether a pattern of the inner side goes through here.
    inner: bool,
}

/// One path of a cell, and what matches it.
pub(super) struct Cell<'a> {
    /// The patterns that match the path, in order.
    pub(super) matched: &'a [usize],
    /// If the path ends in a slash: the patterns that match it without.
    pub(super) stem: Option<&'a [usize]>,
    trail: &'a [(usize, char)],
    state: usize,
    last: char,
}

impl Cell<'_> {
    /// A shortest path of the cell.
    pub(super) fn path(&self) -> String {
        let mut letters = vec![self.last];
        let mut state = self.state;
        while state != 0 {
            let Some(&(parent, letter)) = self.trail.get(state) else { break };
            letters.push(letter);
            state = parent;
        }
        letters.iter().rev().collect()
    }
}

impl Tree {
    /// The tree of patterns, each with whether the inner side has it.
    pub(super) fn new<'a>(patterns: impl IntoIterator<Item = (&'a [Step], bool)>) -> Self {
        let mut tree = Self { nodes: vec![Node::default()] };
        for (number, (steps, inner)) in patterns.into_iter().enumerate() {
            let mut at = 0;
            tree.mark(at, inner);
            for step in steps {
                at = tree.child(at, *step);
                tree.mark(at, inner);
            }
            if let Some(node) = tree.nodes.get_mut(at) {
                node.ends.push(number);
            }
        }
        tree
    }

    fn mark(&mut self, at: usize, inner: bool) {
        if let Some(node) = self.nodes.get_mut(at) {
            node.inner |= inner;
        }
    }

    fn child(&mut self, at: usize, step: Step) -> usize {
        let found =
            self.nodes.get(at).and_then(|node| node.next.iter().find(|(own, _)| *own == step));
        if let Some((_, child)) = found {
            return *child as usize;
        }
        let child = self.nodes.len();
        let own = matches!(step, Step::Run | Step::Segment).then_some(step);
        self.nodes.push(Node { own, ..Node::default() });
        if let Some(node) = self.nodes.get_mut(at) {
            node.next.push((step, u32::try_from(child).unwrap_or(u32::MAX)));
        }
        child
    }

    fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }

    /// Adds a position and those that an empty run leads on to.
    fn enter(&self, state: &mut Vec<u32>, position: u32) {
        if state.contains(&position) {
            return;
        }
        state.push(position);
        for (step, child) in self.node(position).into_iter().flat_map(|node| &node.next) {
            if !matches!(step, Step::Char(_)) {
                self.enter(state, *child);
            }
        }
    }

    fn step(&self, state: &[u32], letter: char) -> Vec<u32> {
        let mut next = Vec::with_capacity(state.len());
        for &position in state {
            let Some(node) = self.node(position) else { continue };
            match node.own {
                Some(Step::Run) => self.enter(&mut next, position),
                Some(Step::Segment) if letter != '/' => self.enter(&mut next, position),
                _ => {}
            }
            for (step, child) in &node.next {
                if *step == Step::Char(letter) {
                    self.enter(&mut next, *child);
                }
            }
        }
        next.sort_unstable();
        next
    }

    /// The letters that can lead to different states in which the inner side still has a rule, "any other" first; and the
    /// slash, as a listing looks back over it.
    fn letters(&self, state: &[u32]) -> Vec<char> {
        let nodes = || state.iter().filter_map(|at| self.node(*at));
        // Without a run of the inner side, only what its rules spell out leads on.
        let runs = nodes().any(|node| node.inner && node.own.is_some());
        let leads = |child: u32| runs || self.node(child).is_some_and(|node| node.inner);
        let mut named: Vec<char> = nodes()
            .flat_map(|node| &node.next)
            .filter_map(|(step, child)| match step {
                Step::Char(letter) if leads(*child) => Some(*letter),
                Step::Char(_) | Step::Run | Step::Segment => None,
            })
            .chain(['/'])
            .collect();
        named.sort_unstable();
        named.dedup();
        if !runs {
            return named;
        }
        let mut others = OTHERS.chars().chain('\u{100}'..);
        let other = others.find(|letter| named.binary_search(letter).is_err());
        other.into_iter().chain(named).collect()
    }

    fn ends(&self, state: &[u32]) -> Vec<usize> {
        let mut ends: Vec<usize> = state
            .iter()
            .filter_map(|at| self.node(*at))
            .flat_map(|node| node.ends.iter().copied())
            .collect();
        ends.sort_unstable();
        ends
    }

    /// Shows the visitor a path of every cell, shorter ones first, until it breaks. A request path is not empty and does
    /// not begin with a slash. Those with two slashes in a row come last.
    pub(super) fn explore<B>(
        &self,
        budget: &mut Budget,
        mut visit: impl FnMut(&Cell<'_>) -> ControlFlow<B>,
    ) -> Result<Option<B>, Exhausted> {
        let mut walk = Walk::new(self);
        let mut late: Vec<usize> = Vec::new();
        let mut at = 0;
        loop {
            let (from, doubled) = match walk.states.get(at) {
                Some(_) => (at, false),
                None => match late.pop() {
                    Some(from) => (from, true),
                    None => return Ok(None),
                },
            };
            // Lent for as long as its successors are made.
            let Some(state) = walk.states.get_mut(from).map(std::mem::take) else {
                return Ok(None);
            };
            let letters = if doubled { vec!['/'] } else { self.letters(&state.0) };
            for letter in letters {
                if letter == '/' && state.1 && !doubled {
                    late.push(from);
                    continue;
                }
                budget.spend(state.0.len() + 1)?;
                let next = self.step(&state.0, letter);
                if let ControlFlow::Break(found) = walk.go(from, next, letter, &mut visit) {
                    return Ok(Some(found));
                }
            }
            if let Some(place) = walk.states.get_mut(from) {
                *place = state;
            }
            at += usize::from(!doubled);
        }
    }
}

/// The states found so far.
struct Walk<'a> {
    tree: &'a Tree,
    /// Positions, and whether the last letter was a slash.
    states: Vec<(Vec<u32>, bool)>,
    known: HashSet<(Vec<u32>, bool)>,
    ends: Vec<Vec<usize>>,
    /// The state before, and the letter since.
    trail: Vec<(usize, char)>,
}

impl<'a> Walk<'a> {
    /// Only the empty path, which counts as one that ends in a slash: no path begins with one.
    fn new(tree: &'a Tree) -> Self {
        let mut start = Vec::new();
        tree.enter(&mut start, 0);
        start.sort_unstable();
        Self {
            tree,
            ends: vec![tree.ends(&start)],
            known: HashSet::from([(start.clone(), true)]),
            states: vec![(start, true)],
            trail: vec![(0, '\0')],
        }
    }

    fn go<B>(
        &mut self,
        from: usize,
        next: Vec<u32>,
        letter: char,
        visit: &mut impl FnMut(&Cell<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let slash = letter == '/';
        if slash && from == 0 {
            return ControlFlow::Continue(());
        }
        let alive = next.iter().filter_map(|at| self.tree.node(*at)).any(|node| node.inner);
        let stem = slash.then(|| self.ends.get(from).map_or(&[] as &[usize], Vec::as_slice));
        if !alive && stem.is_none_or(<[usize]>::is_empty) {
            return ControlFlow::Continue(());
        }
        let key = (next, slash);
        let seen = self.known.contains(&key);
        // What a listing may do depends on the path before its last slash as well.
        if seen && !slash {
            return ControlFlow::Continue(());
        }
        let matched = self.tree.ends(&key.0);
        let cell = Cell { matched: &matched, stem, trail: &self.trail, state: from, last: letter };
        let answer = visit(&cell);
        if alive && !seen {
            self.known.insert(key.clone());
            self.states.push(key);
            self.ends.push(matched);
            self.trail.push((from, letter));
        }
        answer
    }
}
