//! The Boolean part: which entries hold and which fail.
//!
//! What has to hold anyway comes first. Then, for each choice, the options that the rest leaves are counted: none ends
//! the branch, a single one has to hold as well, and only what is left is tried in turn.

use super::check::Model;
use super::{Block, BlockId, Context, Formula, KeyId, Literal, Mode, Solver};
use crate::glob::{Budget, Exhausted};

/// A formula over entries.
#[derive(Debug)]
pub(super) enum Node {
    Literal(Literal),
    All(Vec<Node>),
    Any(Vec<Node>),
}

/// The entries of each key that is spoken of so far, in order, and what the request may have for it.
#[derive(Clone, Default)]
struct State {
    keys: Vec<(KeyId, Vec<Literal>, Option<Model>)>,
}

/// What the state says about a part of the formula.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Done,
    Open,
    Dead,
}

impl State {
    fn literals(&self, key: KeyId) -> &[Literal] {
        self.keys.iter().find(|(own, ..)| *own == key).map_or(&[], |(_, literals, _)| literals)
    }
}

impl Solver<'_> {
    pub(super) fn node(&self, formula: &Formula, mode: Mode) -> Node {
        let nodes = |parts: &[Formula]| parts.iter().map(|part| self.node(part, mode)).collect();
        match formula {
            Formula::All(parts) => Node::All(nodes(parts)),
            Formula::Any(parts) => Node::Any(nodes(parts)),
            Formula::Holds(id) => match self.tests_of(*id) {
                Some(block) if !block.unclear || mode == Mode::Possible => {
                    Node::All(literals(block, true))
                }
                Some(_) | None => Node::Any(Vec::new()),
            },
            Formula::Fails(id) => match self.tests_of(*id) {
                Some(block) if block.unclear && mode == Mode::Possible => Node::All(Vec::new()),
                Some(block) => Node::Any(literals(block, false)),
                None => Node::Any(Vec::new()),
            },
        }
    }

    fn tests_of(&self, block: BlockId) -> Option<&Block> {
        self.blocks.get(block.0 as usize)
    }

    /// A context in which the formula holds.
    pub(super) fn search(
        &mut self,
        node: &Node,
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Option<Context>, Exhausted> {
        let found = self.extend(State::default(), vec![node], Vec::new(), mode, budget)?;
        Ok(found.map(|state| self.context(&state)))
    }

    fn extend<'n>(
        &mut self,
        mut state: State,
        mut units: Vec<&'n Node>,
        mut choices: Vec<&'n [Node]>,
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Option<State>, Exhausted> {
        loop {
            if !self.assert(&mut state, &mut units, &mut choices, mode, budget)? {
                return Ok(None);
            }
            // The choice with the fewest options, and where it stands.
            let mut least: Option<(usize, Vec<&Node>)> = None;
            let mut open = Vec::with_capacity(choices.len());
            for choice in std::mem::take(&mut choices) {
                let mut options = Vec::with_capacity(choice.len());
                let mut done = false;
                for option in choice {
                    match self.status(&state, option, mode, budget)? {
                        Status::Done => {
                            done = true;
                            break;
                        }
                        Status::Open => options.push(option),
                        Status::Dead => {}
                    }
                }
                match options.as_slice() {
                    _ if done => continue,
                    [] => return Ok(None),
                    [only] => {
                        units.push(only);
                        continue;
                    }
                    _ => {}
                }
                if least.as_ref().is_none_or(|(_, known)| options.len() < known.len()) {
                    least = Some((open.len(), options));
                }
                open.push(choice);
            }
            choices = open;
            if !units.is_empty() {
                continue;
            }
            let Some((place, options)) = least else { return Ok(Some(state)) };
            choices.remove(place);
            for option in options {
                let branch =
                    self.extend(state.clone(), vec![option], choices.clone(), mode, budget)?;
                if branch.is_some() {
                    return Ok(branch);
                }
            }
            return Ok(None);
        }
    }

    /// Takes in what has to hold; false if that cannot be.
    fn assert<'n>(
        &mut self,
        state: &mut State,
        units: &mut Vec<&'n Node>,
        choices: &mut Vec<&'n [Node]>,
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        let mut changed: Vec<KeyId> = Vec::new();
        while let Some(node) = units.pop() {
            budget.spend(1)?;
            let literal = match node {
                Node::Literal(literal) => *literal,
                Node::All(parts) => {
                    units.extend(parts.iter().rev());
                    continue;
                }
                Node::Any(options) => {
                    choices.push(options);
                    continue;
                }
            };
            let Some(key) = self.test(literal.test()).map(|test| test.key) else {
                return Ok(false);
            };
            if !state.keys.iter().any(|(own, ..)| *own == key) {
                state.keys.push((key, Vec::new(), None));
            }
            let Some((_, literals, _)) = state.keys.iter_mut().find(|(own, ..)| *own == key) else {
                return Ok(false);
            };
            if let Err(place) = literals.binary_search(&literal) {
                if literals.binary_search(&literal.opposite()).is_ok() {
                    return Ok(false);
                }
                literals.insert(place, literal);
                if !changed.contains(&key) {
                    changed.push(key);
                }
            }
        }
        for (key, literals, model) in &mut state.keys {
            if changed.contains(key) {
                *model = self.check(*key, literals, mode, budget)?;
                if model.is_none() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn status(
        &mut self,
        state: &State,
        node: &Node,
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Status, Exhausted> {
        budget.spend(1)?;
        match node {
            Node::Literal(literal) => {
                let Some(key) = self.test(literal.test()).map(|test| test.key) else {
                    return Ok(Status::Dead);
                };
                let known = state.literals(key);
                let Err(place) = known.binary_search(literal) else { return Ok(Status::Done) };
                if known.binary_search(&literal.opposite()).is_ok() {
                    return Ok(Status::Dead);
                }
                let mut literals = known.to_vec();
                literals.insert(place, *literal);
                let model = self.check(key, &literals, mode, budget)?;
                Ok(if model.is_some() { Status::Open } else { Status::Dead })
            }
            Node::All(parts) => {
                let mut all = Status::Done;
                for part in parts {
                    match self.status(state, part, mode, budget)? {
                        Status::Dead => return Ok(Status::Dead),
                        Status::Open => all = Status::Open,
                        Status::Done => {}
                    }
                }
                Ok(all)
            }
            Node::Any(parts) => {
                let mut any = Status::Dead;
                for part in parts {
                    match self.status(state, part, mode, budget)? {
                        Status::Done => return Ok(Status::Done),
                        Status::Open => any = Status::Open,
                        Status::Dead => {}
                    }
                }
                Ok(any)
            }
        }
    }

    fn context(&self, state: &State) -> Context {
        let mut out = Context::new();
        for (key, literals, model) in &state.keys {
            let name = self.key_of(*key).and_then(|key| key.name.clone());
            match (name, model) {
                (Some(name), Some(Model::Values(values))) => {
                    out.insert(name, values.clone());
                }
                (_, Some(Model::Time(time, seconds))) => {
                    out.insert("aws:currenttime".to_owned(), vec![time.clone()]);
                    out.insert("aws:epochtime".to_owned(), vec![seconds.clone()]);
                }
                (_, Some(Model::Values(_) | Model::Absent) | None) => {}
            }
            for literal in literals {
                self.variables(literal.test(), &mut out);
            }
        }
        out
    }
}

fn literals(block: &Block, holds: bool) -> Vec<Node> {
    block.tests.iter().map(|test| Node::Literal(Literal::new(*test, holds))).collect()
}
