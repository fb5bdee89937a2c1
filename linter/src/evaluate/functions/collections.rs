//! Functions over lists, sets, maps and objects.

use std::collections::BTreeMap;

use serde_json::Number;

use super::arguments::{integer, known, text};
use super::sets::{is_among, unify};
use super::{characters, open, open_traced};
use crate::evaluate::Traced;
use crate::evaluate::convert::convert_to;
use crate::evaluate::operators::equal;
use crate::value::Value;

/// More elements than a configuration can mean.
const MAX_ELEMENTS: usize = 100_000;

fn strings(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::List(items) => items.iter().map(known).collect(),
        _ => None,
    }
}

fn from_strings(items: impl IntoIterator<Item = String>) -> Value {
    Value::List(items.into_iter().map(|item| item.as_str().into()).collect())
}

/// Whether a value is nothing to `coalesce`; None while unknown.
fn absent(value: &Value) -> Option<bool> {
    match value {
        Value::Null => Some(true),
        Value::Unknown(_) => None,
        Value::String(_) => equal(value, &"".into()),
        Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Object(_) => Some(false),
    }
}

/// The truth values of a list; an inner None is not known.
fn truths(arguments: &[Value]) -> Option<Vec<Option<bool>>> {
    let [Value::List(items)] = arguments else { return None };
    items
        .iter()
        .map(|item| match convert_to("bool", item) {
            Some(Value::Bool(truth)) => Some(Some(truth)),
            // Null is not true.
            Some(Value::Null) => Some(Some(false)),
            _ => item.has_unknown().then_some(None),
        })
        .collect()
}

pub(super) fn alltrue(arguments: &[Value]) -> Option<Value> {
    let truths = truths(arguments)?;
    if truths.contains(&None) {
        return None;
    }
    Some(Value::Bool(truths.iter().all(|truth| *truth == Some(true))))
}

pub(super) fn anytrue(arguments: &[Value]) -> Option<Value> {
    let truths = truths(arguments)?;
    if truths.contains(&None) {
        return None;
    }
    Some(Value::Bool(truths.contains(&Some(true))))
}

pub(super) fn contains(arguments: &[Value]) -> Option<Value> {
    let [Value::List(items), wanted] = arguments else { return None };
    match is_among(wanted, items) {
        // Whether a tuple is a list, and an object a map, does not show.
        Some(true) if matches!(wanted, Value::List(_) | Value::Object(_)) => {
            Some(open("contains", arguments))
        }
        found => found.map(Value::Bool),
    }
}

pub(super) fn index(arguments: &[Value]) -> Option<Value> {
    let [Value::List(items), wanted] = arguments else { return None };
    let at = items.iter().position(|item| equal(item, wanted) == Some(true))?;
    if matches!(wanted, Value::List(_) | Value::Object(_)) {
        return Some(open("index", arguments));
    }
    Some(Value::Number(Number::from(at as u64)))
}

pub(super) fn keys(arguments: &[Value]) -> Option<Value> {
    match arguments {
        [Value::Object(fields)] => Some(from_strings(fields.keys().cloned())),
        _ => None,
    }
}

pub(super) fn length(arguments: &[Value]) -> Option<Value> {
    let length = match arguments {
        [Value::List(items)] => items.len(),
        [Value::Object(fields)] => fields.len(),
        [Value::String(_) | Value::Number(_) | Value::Bool(_)] => {
            match characters(&known(arguments.first()?)?) {
                Some(characters) => characters.len(),
                None => return Some(open("length", arguments)),
            }
        }
        _ => return None,
    };
    Some(Value::Number(Number::from(length as u64)))
}

pub(super) fn sort(arguments: &[Value]) -> Option<Value> {
    let [list] = arguments else { return None };
    let mut items = strings(list)?;
    items.sort();
    Some(from_strings(items))
}

pub(super) fn transpose(arguments: &[Value]) -> Option<Value> {
    let [Value::Object(fields)] = arguments else { return None };
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, list) in fields {
        for item in strings(list)? {
            out.entry(item).or_default().push(key.clone());
        }
    }
    Some(Value::Object(out.into_iter().map(|(key, items)| (key, from_strings(items))).collect()))
}

pub(super) fn tobool(arguments: &[Value]) -> Option<Value> {
    primitive("bool", arguments)
}

pub(super) fn tonumber(arguments: &[Value]) -> Option<Value> {
    primitive("number", arguments)
}

pub(super) fn tostring(arguments: &[Value]) -> Option<Value> {
    primitive("string", arguments)
}

fn primitive(kind: &str, arguments: &[Value]) -> Option<Value> {
    match arguments {
        [value] => convert_to(kind, value),
        _ => None,
    }
}

/// Passes its argument through: marks do not show in a [`Value`].
pub(super) fn same(arguments: &[Traced]) -> Option<Traced> {
    match arguments {
        [value] => Some(value.clone()),
        _ => None,
    }
}

pub(super) fn tolist(arguments: &[Traced]) -> Option<Traced> {
    match arguments {
        [value] if value.value.is_null() => Some(value.clone()),
        [list] => unify(list.items()?).map(Traced::list),
        _ => None,
    }
}

pub(super) fn tomap(arguments: &[Traced]) -> Option<Traced> {
    let [map] = arguments else { return None };
    if map.value.is_null() {
        return Some(map.clone());
    }
    let (keys, values): (Vec<String>, Vec<Traced>) = map.fields()?.into_iter().unzip();
    Some(Traced::object(keys.into_iter().zip(unify(values)?).collect()))
}

/// The first that is neither null nor an empty string, converted to a type that all have in common.
pub(super) fn coalesce(arguments: &[Traced]) -> Option<Traced> {
    for argument in unify(arguments.to_vec())? {
        match absent(&argument.value) {
            Some(true) => {}
            Some(false) => return Some(argument),
            None => return None,
        }
    }
    None
}

pub(super) fn coalescelist(arguments: &[Traced]) -> Option<Traced> {
    for argument in arguments {
        match &argument.value {
            Value::List(items) if !items.is_empty() => return Some(argument.clone()),
            Value::List(_) | Value::Null => {}
            _ => return None,
        }
    }
    None
}

pub(super) fn compact(arguments: &[Traced]) -> Option<Traced> {
    let [list] = arguments else { return None };
    let mut kept = Vec::new();
    for item in list.items()? {
        let value = convert_to("string", &item.value)?;
        if !absent(&value)? {
            kept.push(Traced { value, ..item });
        }
    }
    Some(Traced::list(kept))
}

/// Tuples keep their elements as they are; lists become one of one type. Which of both they are does not show, so where
/// it matters an element is unknown.
pub(super) fn concat(arguments: &[Traced]) -> Option<Traced> {
    let mut items = Vec::new();
    let mut lists = !arguments.is_empty();
    for argument in arguments {
        let own = argument.items()?;
        lists &= unify(own.clone()).is_some_and(|unified| {
            unified.iter().zip(&own).all(|(left, right)| left.value == right.value)
        });
        items.extend(own);
    }
    if arguments.is_empty() {
        return None;
    }
    if lists && let Some(unified) = unify(items.clone()) {
        let all: Vec<Value> = items.iter().map(|item| item.value.clone()).collect();
        for (index, (item, unified)) in items.iter_mut().zip(unified).enumerate() {
            if item.value != unified.value && !matches!(item.value, Value::Unknown(_)) {
                item.value = crate::evaluate::opaque(format!("concat()[{index}]"), &(index, &all));
            }
        }
    }
    Some(Traced::list(items))
}

pub(super) fn chunklist(arguments: &[Traced]) -> Option<Traced> {
    let [list, size] = arguments else { return None };
    let size = usize::try_from(integer(&size.value)?).ok()?;
    let items = unify(list.items()?)?;
    let chunks = items.chunks(if size == 0 { items.len().max(1) } else { size });
    Some(Traced::list(chunks.map(|chunk| Traced::list(chunk.to_vec())).collect()))
}

/// Each element once, in the order of the list.
pub(super) fn distinct(arguments: &[Traced]) -> Option<Traced> {
    let [list] = arguments else { return None };
    let mut kept: Vec<Traced> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for item in unify(list.items()?)? {
        // A quick way for what is known, for long lists.
        if let Some(text) = item.value.as_str() {
            if !seen.insert(text.to_owned()) {
                if let Some(known) = kept.iter_mut().find(|known| known.value == item.value) {
                    *known = std::mem::take(known).also(&item.origins);
                }
                continue;
            }
            if kept.len() + 1 == seen.len() {
                kept.push(item);
                continue;
            }
        }
        let mut found = None;
        for (index, known) in kept.iter().enumerate() {
            match equal(&known.value, &item.value) {
                Some(true) => {
                    found = Some(index);
                    break;
                }
                Some(false) => {}
                None => return Some(open_traced("distinct", arguments)),
            }
        }
        match found.and_then(|index| kept.get_mut(index)) {
            Some(known) => *known = std::mem::take(known).also(&item.origins),
            None => kept.push(item),
        }
    }
    Some(Traced::list(kept))
}

pub(super) fn element(arguments: &[Traced]) -> Option<Traced> {
    let [list, at] = arguments else { return None };
    let items = list.items()?;
    let length = i64::try_from(items.len()).ok().filter(|length| *length > 0)?;
    let at = integer(&at.value)?;
    if at < 0 {
        // From the end in newer releases, an error in older ones.
        return Some(open_traced("element", arguments));
    }
    let at = at % length;
    items.get(usize::try_from(at).ok()?).cloned()
}

pub(super) fn flatten(arguments: &[Traced]) -> Option<Traced> {
    let [list] = arguments else { return None };
    let mut out = Vec::new();
    let mut open: Vec<std::vec::IntoIter<Traced>> = vec![list.items()?.into_iter()];
    while let Some(items) = open.last_mut() {
        match items.next() {
            None => drop(open.pop()),
            // A list of unknown length inside: so is the whole.
            Some(item) if matches!(item.value, Value::Unknown(_)) => return None,
            Some(item) => match item.items() {
                Some(inner) => open.push(inner.into_iter()),
                None => out.push(item),
            },
        }
    }
    Some(Traced::list(out))
}

pub(super) fn lookup(arguments: &[Traced]) -> Option<Traced> {
    let (map, key, default) = match arguments {
        [map, key] => (map, key, None),
        [map, key, default] => (map, key, Some(default)),
        _ => return None,
    };
    let Value::Object(fields) = &map.value else { return None };
    let name = text(&key.value)?;
    let name = name.as_str()?;
    if fields.contains_key(name) {
        return map.attribute(name).ok().map(|value| value.also(&key.origins));
    }
    let default = default?;
    // A map makes its type of it, an object does not.
    let mut all: Vec<Traced> = map.fields()?.into_iter().map(|(_, field)| field).collect();
    all.push(default.clone());
    let unchanged = |default: &Traced| {
        unify(all.clone())?.last().map(|last| last.value == default.value)
    };
    if fields.is_empty() || unchanged(default) == Some(true) {
        return Some(default.clone().also(&key.origins));
    }
    Some(open_traced("lookup", arguments))
}

pub(super) fn merge(arguments: &[Traced]) -> Option<Traced> {
    let mut out = BTreeMap::new();
    for argument in arguments {
        match &argument.value {
            Value::Null => {}
            Value::Object(_) => out.extend(argument.fields()?),
            // What an unknown map holds may replace any key.
            _ => return None,
        }
    }
    Some(Traced::object(out))
}

pub(super) fn one(arguments: &[Traced]) -> Option<Traced> {
    let [list] = arguments else { return None };
    let mut items = list.items()?.into_iter();
    match (items.next(), items.next()) {
        (None, _) => Some(Traced::default()),
        (Some(only), None) => Some(only),
        (Some(_), Some(_)) => None,
    }
}

pub(super) fn reverse(arguments: &[Traced]) -> Option<Traced> {
    let [list] = arguments else { return None };
    let mut items = list.items()?;
    items.reverse();
    Some(Traced::list(items))
}

pub(super) fn slice(arguments: &[Traced]) -> Option<Traced> {
    let [list, start, end] = arguments else { return None };
    let place = |value: &Traced| usize::try_from(integer(&value.value)?).ok();
    let items = list.items()?;
    Some(Traced::list(items.get(place(start)?..place(end)?)?.to_vec()))
}

pub(super) fn values(arguments: &[Traced]) -> Option<Traced> {
    match arguments {
        [map] => Some(Traced::list(map.fields()?.into_iter().map(|(_, field)| field).collect())),
        _ => None,
    }
}

pub(super) fn zipmap(arguments: &[Traced]) -> Option<Traced> {
    let [keys, values] = arguments else { return None };
    let (keys, values) = (keys.items()?, values.items()?);
    if keys.len() != values.len() {
        return None;
    }
    let mut out = BTreeMap::new();
    for (key, value) in keys.into_iter().zip(values) {
        out.insert(known(&key.value)?, value.also(&key.origins));
    }
    Some(Traced::object(out))
}
