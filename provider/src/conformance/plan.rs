//! A planned state against configuration and prior state: the provider may decide what the configuration leaves to it,
//! and nothing else.

use super::{Violation, shown};
use crate::path::{Path, Place};
use crate::schema::{AttributeSpec, Nesting};
use crate::value::Value;

/// The plan does what the configuration says. `prior` is null in a create.
pub(crate) fn plan_is_valid(
    attributes: &[AttributeSpec],
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<Violation> {
    let mut found = super::no_write_only(attributes, planned);
    object(attributes, Sides { prior, config, planned }, &Place::Root, &mut found);
    found
}

/// The three values of one place.
#[derive(Clone, Copy)]
struct Sides<'a> {
    prior: &'a Value,
    config: &'a Value,
    planned: &'a Value,
}

impl<'a> Sides<'a> {
    fn attribute(self, name: &str) -> Self {
        let Self { prior, config, planned } = self;
        Self {
            prior: prior.attribute(name),
            config: config.attribute(name),
            planned: planned.attribute(name),
        }
    }

    /// The same step into all three; null where it leads nowhere.
    fn step(self, path: &Path) -> Self {
        let at = |value: &'a Value| value.at(path).unwrap_or(&Value::Null);
        Self { prior: at(self.prior), config: at(self.config), planned: at(self.planned) }
    }

    /// The provider may keep another spelling of a value that was configured before.
    fn keeps_prior(self) -> bool {
        !self.prior.is_null() && !self.config.is_null() && self.planned == self.prior
    }
}

fn object(
    attributes: &[AttributeSpec],
    sides: Sides<'_>,
    path: &Place<'_>,
    found: &mut Vec<Violation>,
) {
    match (sides.config.is_null(), sides.planned.is_null()) {
        (true, true) => return,
        (false, true) => {
            found.push(Violation::new(path, "planned for absence, but the configuration wants it"));
            return;
        }
        (true, false) => {
            found.push(Violation::new(
                path,
                "planned for existence, but the configuration does not want it",
            ));
            return;
        }
        (false, false) => {}
    }
    if sides.config.is_unknown() || sides.planned.is_unknown() {
        if sides.config != sides.planned && !sides.keeps_prior() {
            let message = if sides.config.is_unknown() {
                "planned as known, but the configuration is unknown"
            } else {
                "planned as unknown, but the configuration is known"
            };
            found.push(Violation::new(path, message));
        }
        return;
    }
    for spec in attributes {
        let sides = sides.attribute(spec.name);
        let path = path.attribute(spec.name);
        if spec.rules.write_only {
            continue;
        }
        match spec.shape.nested() {
            None => plain(spec, sides, &path, found),
            Some((nesting, nested)) if spec.is_block() => {
                block(nesting, nested, sides, &path, found);
            }
            Some((nesting, nested)) => {
                if sides.config.is_null() && spec.rules.mode.is_computed() {
                    continue;
                }
                collection(nesting, nested, sides, &path, found);
            }
        }
    }
}

fn plain(spec: &AttributeSpec, sides: Sides<'_>, path: &Place<'_>, found: &mut Vec<Violation>) {
    let Sides { prior, config, planned } = sides;
    if planned == config || sides.keeps_prior() {
        return;
    }
    let sensitive = spec.rules.sensitive;
    if config.is_null() {
        if !spec.rules.mode.is_computed() {
            let message = format!(
                "{} is planned for an attribute that only the configuration sets",
                shown(planned, sensitive)
            );
            found.push(Violation::new(path, message));
        }
        return;
    }
    let or_prior = if prior.is_null() { "" } else { " and not the prior value" };
    let message = format!(
        "{} is planned, which is not the configured {}{or_prior}",
        shown(planned, sensitive),
        shown(config, sensitive)
    );
    found.push(Violation::new(path, message));
}

/// Blocks are never null where there could be several: none is an empty collection.
fn block(
    nesting: Nesting,
    nested: &[AttributeSpec],
    sides: Sides<'_>,
    path: &Place<'_>,
    found: &mut Vec<Violation>,
) {
    if nesting != Nesting::Single && sides.planned.is_null() {
        found.push(Violation::new(path, "no blocks have to be an empty collection, not null"));
        return;
    }
    if sides.planned.is_unknown() && !sides.config.is_unknown() {
        found.push(Violation::new(path, "a block cannot be unknown"));
        return;
    }
    let elements = sides.planned.elements().unwrap_or_default();
    if elements.iter().any(Value::is_unknown) && sides.config.is_wholly_known() {
        found.push(Violation::new(path, "a block cannot be unknown"));
        return;
    }
    collection(nesting, nested, sides, path, found);
}

fn collection(
    nesting: Nesting,
    nested: &[AttributeSpec],
    sides: Sides<'_>,
    path: &Place<'_>,
    found: &mut Vec<Violation>,
) {
    match (nesting, sides.config, sides.planned) {
        (Nesting::List, Value::List(config), Value::List(planned)) => {
            if config.len() != planned.len() {
                let message = format!(
                    "{} elements are planned, but the configuration has {}",
                    planned.len(),
                    config.len()
                );
                found.push(Violation::new(path, message));
                return;
            }
            for index in 0..config.len() {
                let sides = sides.step(&Path::root().index(index));
                object(nested, sides, &path.index(index), found);
            }
        }
        (Nesting::Map, Value::Map(config), Value::Map(planned)) => {
            let keys = config.keys().chain(planned.keys());
            let keys: std::collections::BTreeSet<&String> = keys.collect();
            for key in keys {
                let path = path.key(key);
                match (config.contains_key(key), planned.contains_key(key)) {
                    (true, true) => {
                        object(nested, sides.step(&Path::root().key(key)), &path, found);
                    }
                    (true, false) => {
                        found.push(Violation::new(&path, "the element is not planned"));
                    }
                    (false, _) => {
                        found
                            .push(Violation::new(&path, "the element is not in the configuration"));
                    }
                }
            }
        }
        (Nesting::Set, Value::Set(config), Value::Set(planned)) => {
            let (config, planned) = (config.as_slice(), planned.as_slice());
            // Elements that are not wholly known may turn out equal, so only known sets have a length.
            let comparable = config.iter().chain(planned).all(Value::is_wholly_known);
            if comparable && config.len() != planned.len() {
                let message = format!(
                    "{} elements are planned, but the configuration has {}",
                    planned.len(),
                    config.len()
                );
                found.push(Violation::new(path, message));
            }
        }
        // One object, or null or unknown on either side.
        _ => object(nested, sides, path, found),
    }
}
