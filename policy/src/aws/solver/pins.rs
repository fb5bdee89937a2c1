//! Policy variables in counterexamples: likely values are put in their place, and the rest is solved without them.

use std::collections::BTreeMap;

use super::entry::{Kind, Test};
use super::search::Node;
use super::{Context, KeyId, Mode, Solver, keys};
use crate::glob::{Budget, Exhausted};
use crate::text::Text;

/// The most assignments that are tried.
const MOST: usize = 16;

/// Values that one variable is tried with besides the likeliest.
const EACH: usize = 4;

/// A value that all variables share.
const SHARED: &str = "example";

/// A value for each variable; none where it has its default.
type Pins = BTreeMap<KeyId, Option<String>>;

impl Solver<'_> {
    /// A context in which the formula holds for certain.
    pub(super) fn with_pins(
        &mut self,
        node: &Node,
        budget: &mut Budget,
    ) -> Result<Option<Context>, Exhausted> {
        let mut tests = Vec::new();
        self.with_variables(node, &mut tests);
        if tests.is_empty() {
            return self.search(node, Mode::Certain, budget);
        }
        for pins in self.assignments(&tests) {
            self.install(&tests, pins);
            let found = self.search(node, Mode::Certain, budget);
            self.restore();
            let found = found?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The entries with variables that the formula speaks of.
    fn with_variables(&self, node: &Node, out: &mut Vec<u32>) {
        match node {
            Node::Literal(literal) => {
                let test = literal.test();
                let any = self.test(test).is_some_and(|test| !test.variables.is_empty());
                if any && !out.contains(&test) {
                    out.push(test);
                }
            }
            Node::All(parts) | Node::Any(parts) => {
                for part in parts {
                    self.with_variables(part, out);
                }
            }
        }
    }

    fn assignments(&mut self, tests: &[u32]) -> Vec<Pins> {
        let mut names: BTreeMap<String, bool> = BTreeMap::new();
        for test in tests {
            for (name, default) in self.test(*test).into_iter().flat_map(|test| &test.variables) {
                let slot = names.entry(name.clone()).or_insert(true);
                *slot &= *default;
            }
        }
        let mut choices: Vec<(KeyId, Vec<Option<String>>)> = Vec::new();
        for (index, (name, default)) in names.into_iter().enumerate() {
            let key = self.key(&Text::literal(name.as_str()));
            let likely = keys::likely(&name).first().copied().unwrap_or(SHARED);
            let fresh =
                if likely == SHARED { format!("value-{}", index + 1) } else { likely.to_owned() };
            let mut values = vec![Some(fresh)];
            values.extend(self.constants(key, &name).into_iter().take(EACH).map(Some));
            values.push(Some(SHARED.to_owned()));
            values.extend(default.then_some(None));
            choices.push((key, values));
        }
        let first = |(key, values): &(KeyId, Vec<Option<String>>), place: usize| {
            (*key, values.get(place).or(values.first()).cloned().flatten())
        };
        let plain: Pins = choices.iter().map(|choice| first(choice, 0)).collect();
        let mut out = vec![plain.clone()];
        let most = choices.iter().map(|(_, values)| values.len()).max().unwrap_or_default();
        for place in 1..most {
            let together: Pins = choices.iter().map(|choice| first(choice, place)).collect();
            let alone = choices.iter().filter(|(_, values)| place < values.len()).map(|choice| {
                let mut pins = plain.clone();
                pins.extend([first(choice, place)]);
                pins
            });
            for pins in std::iter::once(together).chain(alone) {
                if !out.contains(&pins) {
                    out.push(pins);
                }
            }
        }
        let shared = Some(SHARED.to_owned());
        out.insert(1, plain.keys().map(|key| (*key, shared.clone())).collect());
        out.dedup();
        out.truncate(MOST);
        out
    }

    /// Strings that policies name for the key, or for a key that is compared with it.
    fn constants(&self, key: KeyId, name: &str) -> Vec<String> {
        let compared: Vec<KeyId> = self
            .tests
            .iter()
            .filter(|test| test.variables.iter().any(|(variable, _)| variable == name))
            .map(|test| test.key)
            .collect();
        let mut out = Vec::new();
        for test in self.tests.iter().filter(|test| test.key == key || compared.contains(&test.key))
        {
            if let Kind::Text(patterns) = &test.kind {
                for literal in patterns.iter().filter_map(|pattern| pattern.literal.as_ref()) {
                    if !out.contains(literal) {
                        out.push(literal.clone());
                    }
                }
            }
        }
        out
    }

    fn install(&mut self, tests: &[u32], pins: Pins) {
        self.forget();
        for index in tests {
            let (Some(known), Some(slot)) =
                (self.known.get(*index as usize), self.tests.get_mut(*index as usize))
            else {
                continue;
            };
            let by_name = &self.by_name;
            let value = |name: &str| pins.get(by_name.get(&Text::literal(name))?).cloned();
            let mut test = Test::new(known, slot.key, &mut self.specials, Some(&value));
            std::mem::swap(&mut test, slot);
            self.pinned.push((*index, test));
        }
        self.pins = pins;
    }

    fn restore(&mut self) {
        for (index, test) in std::mem::take(&mut self.pinned) {
            if let Some(slot) = self.tests.get_mut(index as usize) {
                *slot = test;
            }
        }
        self.pins.clear();
        self.forget();
    }

    /// What was found out for certain held for other values of the variables.
    fn forget(&mut self) {
        self.memo.retain(|(mode, _), _| *mode != Mode::Certain);
    }

    /// Writes the values of the variables of an entry into the context.
    pub(super) fn variables(&self, test: u32, context: &mut Context) {
        for (name, _) in self.test(test).into_iter().flat_map(|test| &test.variables) {
            let Some(key) = self.by_name.get(&Text::literal(name.as_str())) else { continue };
            if let Some(Some(value)) = self.pins.get(key) {
                context.insert(name.clone(), vec![value.clone()]);
            }
        }
    }
}
