//! Policy variables: values are put in their place, and the rest is solved without them.
//!
//! For a counterexample a few likely values are tried. For a proof that is done only where the formula itself says which
//! values a variable can have, all of which are tried.

use std::collections::BTreeMap;

use super::entry::{Kind, Many, Test};
use super::search::Node;
use super::text::{Pattern, Pin};
use super::{Context, KeyId, Mode, Solver, keys};
use crate::glob::{Budget, Exhausted};
use crate::text::Text;

/// The most assignments that are tried.
const MOST: usize = 16;

/// Values that one variable is tried with besides the likeliest.
const EACH: usize = 4;

/// A value that all variables share.
const SHARED: &str = "example";

/// What each variable is taken for.
type Pins = BTreeMap<KeyId, Pin>;

/// The variables of a formula: the key, its name, and whether there is always a default.
type Names = Vec<(KeyId, String, bool)>;

impl Solver<'_> {
    /// A context in which the formula holds.
    pub(super) fn with_pins(
        &mut self,
        node: &Node,
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Option<Context>, Exhausted> {
        let mut tests = Vec::new();
        all_tests(node, &mut tests);
        let with_variables =
            |test: &u32| self.test(*test).is_some_and(|test| !test.variables.is_empty());
        let open: Vec<u32> = tests.iter().copied().filter(with_variables).collect();
        if open.is_empty() {
            return self.agreed(node, mode, budget);
        }
        let names = self.names(&open);
        let fixed = self.fixed(node, &names);
        let assignments = match mode {
            Mode::Certain => self.likely(&names, &tests, &fixed),
            Mode::Possible => {
                let Some(all) = combined(&fixed).filter(|_| !fixed.is_empty()) else {
                    return self.agreed(node, mode, budget);
                };
                all
            }
        };
        let memo = std::mem::take(&mut self.memo);
        let mut found = Ok(None);
        for pins in assignments {
            self.memo.clear();
            self.install(&open, pins);
            found = self.agreed(node, mode, budget);
            self.restore();
            if !matches!(found, Ok(None)) {
                break;
            }
        }
        self.memo = memo;
        found
    }

    /// Likewise; in a counterexample the account of the principal is the one that its ARN names.
    fn agreed(
        &mut self,
        node: &Node,
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Option<Context>, Exhausted> {
        let found = self.search(node, mode, budget)?;
        let account = match &found {
            Some(context) if mode == Mode::Certain => keys::another_account(context),
            Some(_) | None => None,
        };
        let Some(account) = account else { return Ok(found) };
        let key = self.key(&Text::literal("aws:principalaccount"));
        if self.pins.contains_key(&key) {
            return Ok(None);
        }
        let memo = std::mem::take(&mut self.memo);
        self.pins.insert(key, Pin::Value(account));
        let again = self.search(node, mode, budget);
        self.pins.remove(&key);
        self.memo = memo;
        Ok(again?.filter(|context| keys::another_account(context).is_none()))
    }

    fn names(&mut self, tests: &[u32]) -> Names {
        let mut names: BTreeMap<String, bool> = BTreeMap::new();
        for (name, default) in
            tests.iter().filter_map(|test| self.test(*test)).flat_map(|test| &test.variables)
        {
            *names.entry(name.clone()).or_insert(true) &= *default;
        }
        names
            .into_iter()
            .map(|(name, default)| (self.key(&Text::literal(name.as_str())), name, default))
            .collect()
    }

    /// The values that the formula leaves to variables, where it names them all.
    fn fixed(&self, node: &Node, names: &Names) -> BTreeMap<KeyId, Vec<String>> {
        let mut units = Vec::new();
        unit_tests(node, &mut units);
        let mut out: BTreeMap<KeyId, Vec<String>> = BTreeMap::new();
        for test in units.into_iter().filter_map(|test| self.test(test)) {
            let single = self
                .key_of(test.key)
                .is_some_and(|key| key.several != Some(true) && !key.sets && !key.clock);
            let (Kind::Text(_, patterns), true) = (&test.kind, single) else { continue };
            if test.negated
                || test.many != Many::Plain
                || test.absent != super::entry::Tri::No
                || !names.iter().any(|(key, ..)| *key == test.key)
            {
                continue;
            }
            let values: Option<Vec<String>> =
                patterns.iter().map(|pattern| pattern.literal.clone()).collect();
            if let Some(values) = values {
                let known = out.entry(test.key).or_insert_with(|| values.clone());
                known.retain(|value| values.contains(value));
            }
        }
        out
    }

    fn likely(
        &self,
        names: &Names,
        tests: &[u32],
        fixed: &BTreeMap<KeyId, Vec<String>>,
    ) -> Vec<Pins> {
        let mut choices: Vec<(KeyId, Vec<Pin>)> = Vec::with_capacity(names.len());
        for (index, (key, name, default)) in names.iter().enumerate() {
            if let Some(values) = fixed.get(key) {
                choices.push((*key, values.iter().cloned().map(Pin::Value).collect()));
                continue;
            }
            let likely = keys::likely(name).first().copied().unwrap_or(SHARED);
            let fresh =
                if likely == SHARED { format!("value-{}", index + 1) } else { likely.to_owned() };
            let mut values = vec![Pin::Value(fresh)];
            let constants = self.constants(*key, name, tests);
            values.extend(constants.into_iter().take(EACH).map(Pin::Value));
            values.push(Pin::Value(SHARED.to_owned()));
            values.extend(default.then_some(Pin::Absent));
            choices.push((*key, values));
        }
        let at = |(key, values): &(KeyId, Vec<Pin>), place: usize| {
            let pin = values.get(place).or(values.first()).cloned();
            (*key, pin.unwrap_or(Pin::Absent))
        };
        let plain: Pins = choices.iter().map(|choice| at(choice, 0)).collect();
        let shared = choices.iter().map(|(key, values)| {
            let shared = Pin::Value(SHARED.to_owned());
            let known = values.contains(&shared).then_some(shared);
            (*key, known.or(values.first().cloned()).unwrap_or(Pin::Absent))
        });
        let mut out = vec![plain.clone()];
        let most = choices.iter().map(|(_, values)| values.len()).max().unwrap_or_default();
        let mut further = vec![shared.collect()];
        for place in 1..most {
            further.push(choices.iter().map(|choice| at(choice, place)).collect());
            for choice in choices.iter().filter(|(_, values)| place < values.len()) {
                let mut pins = plain.clone();
                pins.extend([at(choice, place)]);
                further.push(pins);
            }
        }
        for pins in further {
            if out.len() < MOST && !out.contains(&pins) {
                out.push(pins);
            }
        }
        out
    }

    /// Strings that the formula names for the key, or for a key that is compared with it.
    fn constants(&self, key: KeyId, name: &str, tests: &[u32]) -> Vec<String> {
        let tests: Vec<&Test> = tests.iter().filter_map(|test| self.test(*test)).collect();
        let names = |test: &&&Test| test.variables.iter().any(|(variable, _)| variable == name);
        let compared: Vec<KeyId> = tests.iter().filter(names).map(|test| test.key).collect();
        let mut out = Vec::new();
        for test in tests {
            if test.key != key && !compared.contains(&test.key) {
                continue;
            }
            if let Kind::Text(_, patterns) = &test.kind {
                for literal in
                    patterns.iter().filter_map(|pattern: &Pattern| pattern.literal.as_ref())
                {
                    if !out.contains(literal) {
                        out.push(literal.clone());
                    }
                }
            }
        }
        out
    }

    fn install(&mut self, tests: &[u32], pins: Pins) {
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
    }

    /// Writes the values of the variables of an entry into the context.
    pub(super) fn variables(&self, test: u32, context: &mut Context) {
        for (name, _) in self.test(test).into_iter().flat_map(|test| &test.variables) {
            let Some(key) = self.by_name.get(&Text::literal(name.as_str())) else { continue };
            if let Some(Pin::Value(value)) = self.pins.get(key) {
                context.insert(name.clone(), vec![value.clone()]);
            }
        }
    }
}

/// Every entry that the formula speaks of.
fn all_tests(node: &Node, out: &mut Vec<u32>) {
    match node {
        Node::Literal(literal) => {
            if !out.contains(&literal.test()) {
                out.push(literal.test());
            }
        }
        Node::All(parts) | Node::Any(parts) => {
            for part in parts {
                all_tests(part, out);
            }
        }
    }
}

/// The entries that have to hold whatever else does.
fn unit_tests(node: &Node, out: &mut Vec<u32>) {
    match node {
        Node::Literal(literal) if literal.holds() => out.push(literal.test()),
        Node::All(parts) => {
            for part in parts {
                unit_tests(part, out);
            }
        }
        Node::Literal(_) | Node::Any(_) => {}
    }
}

/// Every combination of the values, as long as there are not too many.
fn combined(fixed: &BTreeMap<KeyId, Vec<String>>) -> Option<Vec<Pins>> {
    let mut out = vec![Pins::new()];
    for (key, values) in fixed {
        if out.len().saturating_mul(values.len()) > MOST {
            return None;
        }
        let longer = |pins: &Pins, value: &String| {
            let mut pins = pins.clone();
            pins.insert(*key, Pin::Value(value.clone()));
            pins
        };
        out = out
            .iter()
            .flat_map(|pins| values.iter().map(move |value| longer(pins, value)))
            .collect();
    }
    Some(out)
}
