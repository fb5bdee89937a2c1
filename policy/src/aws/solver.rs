//! Whether a combination of conditions can hold: the condition solver.
//!
//! A formula says which condition blocks hold and which fail. Keys are independent of each other, so a set of entries
//! that hold or fail falls apart by key, and for one key it is enough to look at *absent* and at one value for each
//! way in which values can answer the entries: a finite list for numbers, dates and addresses, and for strings a
//! string of the globs' product automaton.
//!
//! An entry answers a value with yes, no or maybe: maybe where AWS's documents contradict each other or something is not
//! known. With [`Mode::Possible`] maybe is as good as either, so that *no context* is a proof. With [`Mode::Certain`] it
//! is as good as neither, so that a context is a counterexample (which the evaluator confirms: it shares no code with
//! this).
//!
//! Reading order: `entry` (one entry, read for this purpose), `text` (its patterns), `scalar` (numbers, dates,
//! addresses), `value` (a value for some entries), `check` (one key), `clock` (the key that has two names), `search` (the
//! Boolean part), `pins` (policy variables), `keys` (what is known about keys).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::condition::{Condition, Entry};
use crate::glob::{Budget, Exhausted};
use crate::text::Text;

mod check;
mod clock;
mod entry;
mod keys;
mod pins;
mod scalar;
mod search;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub(super) use keys::Facts;

use check::Model;
use entry::{Known, Test};
use keys::Presence;
use text::{Pin, Specials};

/// Condition keys in lower case, each with its values, as [`super::Request`] has them.
pub(super) type Context = BTreeMap<String, Vec<String>>;

/// A conjunction of conditions, known to a [`Solver`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct BlockId(u32);

/// What is asked of blocks, in negation normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Formula {
    /// Every condition of the block holds.
    Holds(BlockId),
    /// At least one does not.
    Fails(BlockId),
    /// All of these. Of none: always.
    All(Vec<Formula>),
    /// One of these. Of none: never.
    Any(Vec<Formula>),
}

/// What an entry that may or may not hold is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    /// For both: no answer is a proof.
    Possible,
    /// For neither: an answer is an example.
    Certain,
}

/// The condition entries of one comparison, both sides.
pub(super) struct Solver<'a> {
    facts: Facts,
    /// Every entry once.
    tests: Vec<Test>,
    known: Vec<Known<'a>>,
    by_hash: HashMap<u64, Vec<u32>>,
    keys: Vec<Key>,
    by_name: HashMap<Text, KeyId>,
    blocks: Vec<Block>,
    by_block: HashMap<Block, BlockId>,
    specials: Specials,
    memo: HashMap<(Mode, Vec<Literal>), Option<Model>>,
    /// Values that the variables of the formula at hand have.
    pins: BTreeMap<KeyId, Pin>,
    /// The entries with variables, from which `tests` has the ones with values in their place.
    pinned: Vec<(u32, Test)>,
}

/// Which key.
type KeyId = u32;

/// One condition key.
struct Key {
    /// In lower case; none for one with a hole in its name.
    name: Option<String>,
    presence: Presence,
    /// Whether it is known to hold several values, or not to.
    several: Option<bool>,
    /// Whether an entry with a set operator speaks of it.
    sets: bool,
    /// Whether this is the time of the request.
    clock: bool,
    /// Whether its values are text, so that operators on numbers and the like may meet something else.
    text: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Block {
    tests: Vec<u32>,
    /// Whether the conjunction has a part of which nothing is known.
    unclear: bool,
}

/// An entry that has to hold, or to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Literal(u32);

impl Literal {
    fn new(test: u32, holds: bool) -> Self {
        Self(test << 1 | u32::from(!holds))
    }

    fn test(self) -> u32 {
        self.0 >> 1
    }

    fn holds(self) -> bool {
        self.0 & 1 == 0
    }

    fn opposite(self) -> Self {
        Self(self.0 ^ 1)
    }
}

impl<'a> Solver<'a> {
    pub(super) fn new(facts: Facts) -> Self {
        Self {
            facts,
            tests: Vec::new(),
            known: Vec::new(),
            by_hash: HashMap::new(),
            keys: Vec::new(),
            by_name: HashMap::new(),
            blocks: Vec::new(),
            by_block: HashMap::new(),
            specials: Specials::new(facts.several),
            memo: HashMap::new(),
            pins: BTreeMap::new(),
            pinned: Vec::new(),
        }
    }

    /// The conjunction of a statement's conditions. The same conditions, the same block.
    pub(super) fn block(&mut self, conditions: &'a [Condition]) -> BlockId {
        let mut tests = Vec::with_capacity(conditions.len());
        let mut unclear = false;
        for condition in conditions {
            match condition {
                Condition::Entry(entry) => {
                    tests.push(self.entry(Known::Entry(Cow::Borrowed(entry))));
                }
                Condition::Resolves(name) => {
                    tests.push(self.entry(Known::Resolves(name.trim().to_ascii_lowercase())));
                }
                Condition::Unclear(_) => unclear = true,
            }
        }
        tests.sort_unstable();
        tests.dedup();
        self.intern(Block { tests, unclear })
    }

    /// Something that is known of the requests at hand, as an entry: `fact("StringEquals", "aws:PrincipalAccount",
    /// [account])`. Add it with [`Formula::Holds`].
    pub(super) fn fact(
        &mut self,
        operator: &str,
        key: &str,
        values: impl IntoIterator<Item = Text>,
    ) -> BlockId {
        let entry = Entry {
            operator: operator.to_owned(),
            key: Text::literal(key.to_ascii_lowercase()),
            values: values.into_iter().collect(),
            variables: None,
        };
        let tests = vec![self.entry(Known::Entry(Cow::Owned(entry)))];
        self.intern(Block { tests, unclear: false })
    }

    /// Whether there is a context in which the formula holds, and one of them: with few keys, and readable.
    pub(super) fn solve(
        &mut self,
        formula: &Formula,
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Option<Context>, Exhausted> {
        let node = self.node(formula, mode);
        self.with_pins(&node, mode, budget)
    }

    fn intern(&mut self, block: Block) -> BlockId {
        if let Some(known) = self.by_block.get(&block) {
            return *known;
        }
        let id = BlockId(number(self.blocks.len()));
        self.blocks.push(block.clone());
        self.by_block.insert(block, id);
        id
    }

    fn entry(&mut self, known: Known<'a>) -> u32 {
        let hash = known.hash();
        let mut candidates = self.by_hash.get(&hash).into_iter().flatten();
        if let Some(same) = candidates.find(|index| self.text_of(**index) == Some(&known)) {
            return *same;
        }
        let key = self.key(&known.key());
        let index = number(self.tests.len());
        let test = Test::new(&known, key, &mut self.specials, None);
        if let Some(key) = self.keys.get_mut(key as usize)
            && test.is_set()
            && !key.sets
        {
            // What was found out about the key counted on single values.
            key.sets = true;
            self.memo.clear();
        }
        self.tests.push(test);
        self.known.push(known);
        self.by_hash.entry(hash).or_default().push(index);
        index
    }

    fn key(&mut self, name: &Text) -> KeyId {
        if let Some(known) = self.by_name.get(name) {
            return *known;
        }
        let id = number(self.keys.len());
        let plain = name.as_str();
        let clock = plain.is_some_and(keys::is_clock);
        // The two names of the time are one key.
        let same = self.keys.iter().position(|key| clock && key.clock).map(number);
        let id = same.unwrap_or(id);
        if same.is_none() {
            let (several, text) = plain.map_or((None, false), keys::kind);
            self.keys.push(Key {
                name: plain.map(ToOwned::to_owned),
                presence: plain.map_or(Presence::Optional, |name| self.facts.presence(name)),
                several,
                sets: false,
                clock,
                text,
            });
        }
        self.by_name.insert(name.clone(), id);
        id
    }

    fn test(&self, index: u32) -> Option<&Test> {
        self.tests.get(index as usize)
    }

    fn text_of(&self, index: u32) -> Option<&Known<'a>> {
        self.known.get(index as usize)
    }

    fn key_of(&self, key: KeyId) -> Option<&Key> {
        self.keys.get(key as usize)
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
