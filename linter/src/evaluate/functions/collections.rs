//! Functions over lists, sets, maps and objects.

use std::collections::BTreeMap;

use serde_json::Number;

use crate::evaluate::convert::{convert_to, unique};
use crate::evaluate::operators::{equal, truth};
use crate::evaluate::types::{Type, convert};
use crate::evaluate::{Traced, number_text};
use crate::value::Value;

/// More elements than a configuration can mean.
const MAX_ELEMENTS: usize = 100_000;

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number_text(number).parse().ok(),
        Value::String(text) => text.as_str()?.parse().ok(),
        _ => None,
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::List(items) => {
            items.iter().map(|item| item.text()?.as_str().map(str::to_owned)).collect()
        }
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

pub(super) fn alltrue(arguments: &[Value]) -> Option<Value> {
    let [Value::List(items)] = arguments else { return None };
    if items.iter().any(|item| truth(item) == Some(false)) {
        return Some(Value::Bool(false));
    }
    items.iter().all(|item| truth(item) == Some(true)).then_some(Value::Bool(true))
}

pub(super) fn anytrue(arguments: &[Value]) -> Option<Value> {
    let [Value::List(items)] = arguments else { return None };
    if items.iter().any(|item| truth(item) == Some(true)) {
        return Some(Value::Bool(true));
    }
    items.iter().all(|item| truth(item) == Some(false)).then_some(Value::Bool(false))
}

pub(super) fn contains(arguments: &[Value]) -> Option<Value> {
    let [Value::List(items), wanted] = arguments else { return None };
    let found: Vec<Option<bool>> = items.iter().map(|item| equal(item, wanted)).collect();
    if found.contains(&Some(true)) {
        return Some(Value::Bool(true));
    }
    (!found.contains(&None)).then_some(Value::Bool(false))
}

pub(super) fn index(arguments: &[Value]) -> Option<Value> {
    let [Value::List(items), wanted] = arguments else { return None };
    let at = items.iter().position(|item| equal(item, wanted) == Some(true))?;
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
        [Value::String(text)] => text.as_str()?.chars().count(),
        _ => return None,
    };
    Some(Value::Number(Number::from(length as u64)))
}

pub(super) fn range(arguments: &[Value]) -> Option<Value> {
    let numbers: Vec<i64> = arguments.iter().map(integer).collect::<Option<_>>()?;
    let (start, end, step) = match numbers.as_slice() {
        [end] => (0, *end, if *end < 0 { -1 } else { 1 }),
        [start, end] => (*start, *end, if end < start { -1 } else { 1 }),
        [start, end, step] if *step != 0 => (*start, *end, *step),
        _ => return None,
    };
    let mut items = Vec::new();
    let mut at = start;
    while if step > 0 { at < end } else { at > end } {
        items.push(Value::Number(at.into()));
        at = at.checked_add(step)?;
        if items.len() > MAX_ELEMENTS {
            return None;
        }
    }
    Some(Value::List(items))
}

pub(super) fn sort(arguments: &[Value]) -> Option<Value> {
    let [list] = arguments else { return None };
    let mut items = strings(list)?;
    items.sort();
    Some(from_strings(items))
}

fn sets(arguments: &[Value]) -> Option<Vec<&Vec<Value>>> {
    arguments
        .iter()
        .map(|argument| match argument {
            Value::List(items) => Some(items),
            _ => None,
        })
        .collect()
}

pub(super) fn setintersection(arguments: &[Value]) -> Option<Value> {
    let sets = sets(arguments)?;
    let (first, others) = sets.split_first()?;
    let kept = first.iter().filter(|item| others.iter().all(|other| other.contains(item)));
    Some(unique(kept.cloned().map(Traced::plain).collect()).value)
}

pub(super) fn setsubtract(arguments: &[Value]) -> Option<Value> {
    let [Value::List(from), Value::List(without)] = arguments else { return None };
    let kept = from.iter().filter(|item| !without.contains(item));
    Some(unique(kept.cloned().map(Traced::plain).collect()).value)
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

/// Passes its argument through: conversions that do not show in a [`Value`].
pub(super) fn sensitive(arguments: &[Traced]) -> Option<Traced> {
    let [value] = arguments else { return None };
    Some(value.clone().hidden())
}

pub(super) fn nonsensitive(arguments: &[Traced]) -> Option<Traced> {
    let [value] = arguments else { return None };
    Some(value.clone().shown())
}

/// A collection whose elements are of the type that they have in common.
fn collection(arguments: &[Traced], of: fn(Box<Type>) -> Type) -> Option<Traced> {
    let [value] = arguments else { return None };
    convert(value.clone(), &of(Box::new(Type::Any)))
}

pub(super) fn tolist(arguments: &[Traced]) -> Option<Traced> {
    collection(arguments, Type::List)
}

pub(super) fn tomap(arguments: &[Traced]) -> Option<Traced> {
    collection(arguments, Type::Map)
}

pub(super) fn toset(arguments: &[Traced]) -> Option<Traced> {
    collection(arguments, Type::Set)
}

#[expect(clippy::unnecessary_wraps, reason = "a row of the table of functions")]
pub(super) fn list(arguments: &[Traced]) -> Option<Traced> {
    Some(Traced::list(arguments.to_vec()))
}

pub(super) fn coalesce(arguments: &[Traced]) -> Option<Traced> {
    for argument in arguments {
        match absent(&argument.value) {
            Some(true) => {}
            Some(false) => return Some(argument.clone()),
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
        if !absent(&item.value)? {
            kept.push(item);
        }
    }
    Some(Traced::list(kept))
}

pub(super) fn concat(arguments: &[Traced]) -> Option<Traced> {
    let mut items = Vec::new();
    for argument in arguments {
        items.extend(argument.items()?);
    }
    Some(Traced::list(items))
}

pub(super) fn chunklist(arguments: &[Traced]) -> Option<Traced> {
    let [list, size] = arguments else { return None };
    let size = usize::try_from(integer(&size.value)?).ok()?;
    let items = list.items()?;
    let chunks = items.chunks(if size == 0 { items.len().max(1) } else { size });
    Some(Traced::list(chunks.map(|chunk| Traced::list(chunk.to_vec())).collect()))
}

/// Each element once, in the order of the list.
pub(super) fn distinct(arguments: &[Traced]) -> Option<Traced> {
    let [list] = arguments else { return None };
    let mut kept: Vec<Traced> = Vec::new();
    for item in list.items()? {
        match kept.iter_mut().find(|known| known.value == item.value) {
            Some(known) => *known = std::mem::take(known).also(&item.origins),
            None => kept.push(item),
        }
    }
    Some(Traced::list(kept))
}

/// Each element once, sorted. A set has one type: a string among its elements makes strings of them.
pub(super) fn element(arguments: &[Traced]) -> Option<Traced> {
    let [list, at] = arguments else { return None };
    let items = list.items()?;
    let length = i64::try_from(items.len()).ok().filter(|length| *length > 0)?;
    let at = integer(&at.value)?.rem_euclid(length);
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
    let name = key.value.text()?;
    let name = name.as_str()?;
    if fields.contains_key(name) {
        return map.attribute(name).ok().map(|value| value.also(&key.origins));
    }
    default.cloned()
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

pub(super) fn setproduct(arguments: &[Traced]) -> Option<Traced> {
    let mut rows: Vec<Vec<Traced>> = vec![Vec::new()];
    for argument in arguments {
        let items = argument.items()?;
        if rows.len().saturating_mul(items.len()) > MAX_ELEMENTS {
            return None;
        }
        let mut next = Vec::with_capacity(rows.len() * items.len());
        for row in &rows {
            for item in &items {
                let mut row = row.clone();
                row.push(item.clone());
                next.push(row);
            }
        }
        rows = next;
    }
    Some(Traced::list(rows.into_iter().map(Traced::list).collect()))
}

pub(super) fn setunion(arguments: &[Traced]) -> Option<Traced> {
    let mut items = Vec::new();
    for argument in arguments {
        items.extend(argument.items()?);
    }
    Some(unique(items))
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
        out.insert(key.value.text()?.as_str()?.to_owned(), value.also(&key.origins));
    }
    Some(Traced::object(out))
}
