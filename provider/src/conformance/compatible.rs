//! What came out against what was planned: what was known stays, what was unknown may become anything of its type.

use super::{Violation, shown};
use crate::path::Place;
use crate::schema::AttributeSpec;
use crate::value::Value;

/// The actual object keeps every promise of the planned one.
pub(crate) fn is_compatible(
    attributes: &[AttributeSpec],
    planned: &Value,
    actual: &Value,
) -> Vec<Violation> {
    let mut found = Vec::new();
    match (planned.is_null(), actual.is_null()) {
        (true, true) => {}
        (true, false) => {
            found.push(Violation::new(&Place::Root, "it was planned away and still exists"));
        }
        (false, true) => {
            found.push(Violation::new(&Place::Root, "it was planned and does not exist"));
        }
        (false, false) => members(attributes, planned, actual, &Place::Root, &mut found),
    }
    found
}

fn members(
    attributes: &[AttributeSpec],
    planned: &Value,
    actual: &Value,
    path: &Place<'_>,
    found: &mut Vec<Violation>,
) {
    for spec in attributes {
        // Write-only values are null on both sides, which has an assertion of its own.
        if spec.rules.write_only {
            continue;
        }
        let sensitive = spec.rules.sensitive || nested_sensitive(spec);
        let (planned, actual) = (planned.attribute(spec.name), actual.attribute(spec.name));
        value(planned, actual, sensitive, &path.attribute(spec.name), found);
    }
}

/// A message about a collection could show a sensitive attribute of an element.
fn nested_sensitive(spec: &AttributeSpec) -> bool {
    spec.shape.nested().is_some_and(|(_, nested)| {
        nested.iter().any(|spec| spec.rules.sensitive || nested_sensitive(spec))
    })
}

fn value(
    planned: &Value,
    actual: &Value,
    sensitive: bool,
    path: &Place<'_>,
    found: &mut Vec<Violation>,
) {
    if planned.is_unknown() || planned == actual {
        return;
    }
    match (planned, actual) {
        (Value::Object(plans), Value::Object(_)) => {
            for (name, planned) in plans {
                let path = path.attribute(name);
                value(planned, actual.attribute(name), sensitive, &path, found);
            }
        }
        (Value::List(plans), Value::List(actuals)) => {
            if plans.len() != actuals.len() {
                let message =
                    format!("{} elements were planned, there are {}", plans.len(), actuals.len());
                found.push(Violation::new(path, message));
                return;
            }
            for (index, (planned, actual)) in plans.iter().zip(actuals).enumerate() {
                value(planned, actual, sensitive, &path.index(index), found);
            }
        }
        (Value::Map(plans), Value::Map(actuals)) => {
            for (key, planned) in plans {
                let path = path.key(key);
                match actuals.get(key) {
                    Some(actual) => value(planned, actual, sensitive, &path, found),
                    None => found.push(Violation::new(&path, "the element has vanished")),
                }
            }
            for key in actuals.keys().filter(|key| !plans.contains_key(*key)) {
                let path = path.key(key);
                found.push(Violation::new(&path, "the element has appeared"));
            }
        }
        (Value::Set(plans), Value::Set(actuals)) => {
            set(plans.as_slice(), actuals.as_slice(), path, found);
        }
        (Value::Dynamic(plan), Value::Dynamic(actual)) if plan.0 == actual.0 => {
            value(&plan.1, &actual.1, sensitive, path, found);
        }
        (planned, actual) => {
            let message = format!(
                "{} was planned, but now it is {}",
                shown(planned, sensitive),
                shown(actual, sensitive)
            );
            found.push(Violation::new(path, message));
        }
    }
}

/// Set elements have no key: each one has to find a partner on the other side, and the set cannot grow.
fn set(plans: &[Value], actuals: &[Value], path: &Place<'_>, found: &mut Vec<Violation>) {
    if actuals.len() > plans.len() {
        let message = format!("{} elements were planned, there are {}", plans.len(), actuals.len());
        found.push(Violation::new(path, message));
    }
    let agrees = |planned: &Value, actual: &Value| {
        let mut found = Vec::new();
        value(planned, actual, true, path, &mut found);
        found.is_empty()
    };
    let (known, open): (Vec<&Value>, Vec<&Value>) =
        plans.iter().partition(|plan| plan.is_wholly_known());
    // INVARIANT: elements of a set are sorted, so known ones are found by search and a large set stays cheap.
    let is_known = |actual: &Value| known.binary_search(&actual).is_ok();
    if known.iter().any(|plan| actuals.binary_search(plan).is_err())
        || open.iter().any(|plan| !actuals.iter().any(|actual| agrees(plan, actual)))
    {
        found.push(Violation::new(path, "a planned element has vanished"));
    }
    let partner = |actual: &Value| is_known(actual) || open.iter().any(|plan| agrees(plan, actual));
    if !actuals.iter().all(partner) {
        found.push(Violation::new(path, "an element that was not planned has appeared"));
    }
}
