//! One key: whether some entries can hold and others fail, all of them at once.

use super::entry::{Many, Test, Tri};
use super::keys::Presence;
use super::text::Pin;
use super::{Key, KeyId, Literal, Mode, Solver};
use crate::glob::{Budget, Exhausted};

/// What the request has for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Model {
    Absent,
    /// One value, or several.
    Values(Vec<String>),
    /// The time of the request: as `aws:CurrentTime` and as `aws:EpochTime` would have it.
    Time(String, String),
}

impl Solver<'_> {
    /// What the request may have for the key, if anything. The literals are in order, all of one key.
    pub(super) fn check(
        &mut self,
        key: KeyId,
        literals: &[Literal],
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Option<Model>, Exhausted> {
        budget.spend(literals.len())?;
        let question = (mode, literals.to_vec());
        if let Some(known) = self.memo.get(&question) {
            return Ok(known.clone());
        }
        let model = self.model(key, literals, mode, budget)?;
        self.memo.insert(question, model.clone());
        Ok(model)
    }

    fn model(
        &self,
        id: KeyId,
        literals: &[Literal],
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Option<Model>, Exhausted> {
        let Some(key) = self.key_of(id) else { return Ok(None) };
        if self.contradicts(key, literals) {
            return Ok(None);
        }
        if key.name.is_none() {
            return Ok((mode == Mode::Possible).then_some(Model::Absent));
        }
        let wants: Vec<(&Test, bool)> = literals
            .iter()
            .filter_map(|literal| Some((self.test(literal.test())?, literal.holds())))
            .collect();
        let pin = self.pins.get(&id);
        if key.clock {
            return Ok(super::clock::instant(&wants, mode));
        }
        let never = match key.presence {
            Presence::Always => true,
            Presence::Expected => mode == Mode::Certain,
            Presence::Optional => false,
        };
        if !never
            && matches!(pin, None | Some(Pin::Absent))
            && wants.iter().all(|(test, holds)| test.absent.serves(*holds, mode))
        {
            return Ok(Some(Model::Absent));
        }
        match pin {
            Some(Pin::Value(value)) => {
                let fits = wants
                    .iter()
                    .all(|(test, holds)| single(key, test, value, mode).serves(*holds, mode));
                return Ok(fits.then(|| Model::Values(vec![value.clone()])));
            }
            Some(Pin::Absent) => return Ok(None),
            None => {}
        }
        if let Some(value) = self.one(id, key, &wants, mode, budget)? {
            return Ok(Some(Model::Values(vec![value])));
        }
        let sets = key.several == Some(true) || (key.sets && key.several.is_none());
        if sets { self.set(id, &wants, mode, budget) } else { Ok(None) }
    }

    /// Whether an entry that holds implies one that fails, or excludes another that holds, whatever is not known about both.
    fn contradicts(&self, key: &Key, literals: &[Literal]) -> bool {
        let known =
            |literal: &Literal| Some((self.test(literal.test())?, self.text_of(literal.test())?));
        let holding = || literals.iter().filter(|literal| literal.holds()).filter_map(known);
        let single = key.several == Some(false) || (key.several.is_none() && !key.sets);
        let opposed = |(one, _): (&Test, _)| {
            one.is_vague() && holding().any(|(other, _)| other.is_vague() && one.excludes(other))
        };
        if single && key.name.is_some() && holding().any(opposed) {
            return true;
        }
        let several = key.sets || key.several == Some(true) || key.name.is_none() || key.text;
        literals.iter().filter(|literal| literal.holds()).any(|given| {
            literals.iter().filter(|literal| !literal.holds()).any(|wanted| {
                if given.opposite() == *wanted {
                    return true;
                }
                let (Some((given, before)), Some((wanted, after))) = (known(given), known(wanted))
                else {
                    return false;
                };
                // Where nothing is vague, the values tell.
                (several || (given.is_vague() && wanted.is_vague()))
                    && (after.follows_from(before)
                        || (key.several != Some(true) || given.is_set())
                            && wanted.follows_from(given))
            })
        })
    }

    /// A single value.
    fn one(
        &self,
        id: KeyId,
        key: &Key,
        wants: &[(&Test, bool)],
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Option<String>, Exhausted> {
        if key.several != Some(true) {
            return self.value(id, wants, mode, budget);
        }
        // What an entry without a set operator makes of a key that holds several values nobody says.
        let (told, vague): (Vec<_>, Vec<_>) =
            wants.iter().partition(|(test, _)| test.is_set() || test.is_presence());
        if mode == Mode::Certain && !vague.is_empty() {
            return Ok(None);
        }
        self.value(id, &told, mode, budget)
    }

    /// A set of values. What holds for all of them is asked of each; each thing that must hold for one gets one.
    fn set(
        &self,
        id: KeyId,
        wants: &[(&Test, bool)],
        mode: Mode,
        budget: &mut Budget,
    ) -> Result<Option<Model>, Exhausted> {
        let mut all = Vec::new();
        let mut some = Vec::new();
        for want in wants {
            match (want.0.many, want.1) {
                (Many::All, true) | (Many::Any, false) => all.push(*want),
                (Many::All, false) | (Many::Any, true) => some.push(*want),
                (Many::Plain, _) if want.0.is_presence() => all.push(*want),
                (Many::Plain, _) if mode == Mode::Certain => return Ok(None),
                (Many::Plain, _) => {}
            }
        }
        let mut values = Vec::new();
        for own in some {
            let mut both = all.clone();
            both.push(own);
            let Some(value) = self.value(id, &both, mode, budget)? else { return Ok(None) };
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if values.is_empty() {
            let Some(value) = self.value(id, &all, mode, budget)? else { return Ok(None) };
            values.push(value);
        }
        Ok(Some(Model::Values(values)))
    }
}

fn single(key: &Key, test: &Test, value: &str, mode: Mode) -> Tri {
    if key.several == Some(true) && !test.is_set() && !test.is_presence() {
        Tri::Maybe
    } else {
        test.on(value, mode)
    }
}
