//! Functions over lists, sets, maps and objects.

use std::collections::BTreeMap;

use serde_json::Number;

use super::arguments::{integer, known, text};
use super::sets::{is_among, told_apart, unify};
use super::{characters, open, open_traced};
use crate::evaluate::convert::convert_to;
use crate::evaluate::operators::equal;
use crate::evaluate::types::{Type, convert};
use crate::evaluate::{Form, Traced};
use crate::value::Value;

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
    if wanted.is_null() {
        return None;
    }
    match is_among(wanted, items) {
        // Whether a tuple is a list, and an object a map, does not show.
        Some(true) if matches!(wanted, Value::List(_) | Value::Object(_)) => {
            Some(open("contains", arguments))
        }
        found => found.map(Value::Bool),
    }
}

pub(super) fn index(arguments: &[Traced]) -> Option<Traced> {
    let [list, wanted] = arguments else { return None };
    if wanted.value.is_null() {
        return None;
    }
    for (at, item) in sequence(list)?.into_iter().enumerate() {
        match equal(&item.value, &wanted.value) {
            Some(true) if matches!(wanted.value, Value::List(_) | Value::Object(_)) => {
                return Some(open_traced("index", arguments));
            }
            Some(true) => {
                let at = Value::Number(Number::from(at as u64));
                return Some(Traced::derived(at, arguments));
            }
            Some(false) => {}
            None => return Some(open_traced("index", arguments)),
        }
    }
    None
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
        [Value::String(text)] => match characters(text.as_str()?) {
            Some(characters) => characters.len(),
            None => return Some(open("length", arguments)),
        },
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

pub(super) fn sensitive(arguments: &[Traced]) -> Option<Traced> {
    let [value] = arguments else { return None };
    Some(value.clone().hidden())
}

pub(super) fn nonsensitive(arguments: &[Traced]) -> Option<Traced> {
    let [value] = arguments else { return None };
    Some(value.clone().shown())
}

pub(super) fn tolist(arguments: &[Traced]) -> Option<Traced> {
    match arguments {
        [value] if value.value.is_null() => Some(value.clone()),
        [list] => Some(as_list(unify(list.items()?)?).also_own(&list.origins)),
        _ => None,
    }
}

pub(super) fn tomap(arguments: &[Traced]) -> Option<Traced> {
    let [map] = arguments else { return None };
    if map.value.is_null() {
        return Some(map.clone());
    }
    if map.is_resource() {
        return Some(open_traced("tomap", arguments));
    }
    let (keys, values): (Vec<String>, Vec<Traced>) = map.fields()?.into_iter().unzip();
    let fields = keys.into_iter().zip(unify(values)?).collect();
    Some(Traced::object(fields).formed(Form::Map).also_own(&map.origins))
}

fn as_list(items: Vec<Traced>) -> Traced {
    Traced::list(items).formed(Form::List)
}

/// The elements of a list or tuple. A set has no places.
fn sequence(list: &Traced) -> Option<Vec<Traced>> {
    if list.form() == Form::Set { None } else { list.items() }
}

/// The first that is neither null nor an empty string, converted to a type that all have in common. A null of no type of
/// its own keeps that from happening.
pub(super) fn coalesce(arguments: &[Traced]) -> Option<Traced> {
    let given: Vec<Traced> =
        arguments.iter().filter(|argument| !argument.value.is_null()).cloned().collect();
    let nulls = given.len() < arguments.len();
    let unified = match unify(given.clone()) {
        None if nulls => return Some(open_traced("coalesce", arguments)),
        unified => unified?,
    };
    for (plain, unified) in given.into_iter().zip(unified) {
        match absent(&unified.value) {
            Some(true) => {}
            Some(false) if !nulls || plain.value == unified.value => return Some(unified),
            Some(false) | None => return Some(open_traced("coalesce", arguments)),
        }
    }
    None
}

pub(super) fn coalescelist(arguments: &[Traced]) -> Option<Traced> {
    for argument in arguments {
        let lists = matches!(&argument.value, Value::List(_) | Value::Null | Value::Unknown(_));
        if !lists || argument.form() == Form::Set {
            return None;
        }
    }
    for argument in arguments {
        match &argument.value {
            // One without a type of its own is refused.
            Value::Null => return Some(open_traced("coalescelist", arguments)),
            Value::List(items) if !items.is_empty() => return Some(argument.clone()),
            Value::List(_) => {}
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
    Some(as_list(kept))
}

/// Lists become one of one type; with a tuple among them, all is a tuple of what there is.
pub(super) fn concat(arguments: &[Traced]) -> Option<Traced> {
    let mut items = Vec::new();
    for argument in arguments {
        items.extend(sequence(argument)?);
    }
    let has = |form| arguments.iter().any(|argument| argument.form() == form);
    if arguments.is_empty() {
        return None;
    }
    if has(Form::Structure) {
        return Some(Traced::list(items));
    }
    match unify(items.clone()) {
        Some(unified) if !has(Form::Unsettled) => Some(as_list(unified)),
        Some(unified)
            if items.iter().map(|item| &item.value).eq(unified.iter().map(|item| &item.value)) =>
        {
            Some(as_list(unified).formed(Form::Unsettled))
        }
        _ if has(Form::Unsettled) => Some(open_traced("concat", arguments)),
        // Lists without a type in common are one tuple.
        _ => Some(Traced::list(items)),
    }
}

pub(super) fn chunklist(arguments: &[Traced]) -> Option<Traced> {
    let [list, size] = arguments else { return None };
    let size = usize::try_from(integer(&size.value)?).ok()?;
    let items = unify(list.items()?)?;
    let chunks = items.chunks(if size == 0 { items.len().max(1) } else { size });
    Some(as_list(chunks.map(|chunk| as_list(chunk.to_vec())).collect()))
}

/// Each element once, in the order of the list.
pub(super) fn distinct(arguments: &[Traced]) -> Option<Traced> {
    let [list] = arguments else { return None };
    let mut kept: Vec<Traced> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for item in unify(told_apart(list.items()?))? {
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
    Some(as_list(kept))
}

pub(super) fn element(arguments: &[Traced]) -> Option<Traced> {
    let [list, at] = arguments else { return None };
    let items = sequence(list)?;
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
    if map.form() == Form::Map {
        let fields = map.fields()?.into_iter();
        let kinds = fields.map(|(_, field)| Type::of(&field));
        let kind = kinds
            .into_iter()
            .find(|kind| !matches!(kind, Type::Any | Type::Null))
            .unwrap_or(Type::Any);
        return convert(default.clone(), &kind).map(|default| default.also(&key.origins));
    }
    // A map makes its type of it, an object does not.
    let mut all: Vec<Traced> = map.fields()?.into_iter().map(|(_, field)| field).collect();
    all.push(default.clone());
    let unchanged =
        |default: &Traced| unify(all.clone())?.last().map(|last| last.value == default.value);
    let is_object = map.form() == Form::Structure;
    if is_object || fields.is_empty() || unchanged(default) == Some(true) {
        return Some(default.clone().also(&key.origins));
    }
    Some(open_traced("lookup", arguments))
}

pub(super) fn merge(arguments: &[Traced]) -> Option<Traced> {
    let mut out = BTreeMap::new();
    let maps = arguments.iter().all(|argument| argument.form() == Form::Map);
    for argument in arguments {
        match &argument.value {
            Value::Null => {}
            Value::Object(_) => out.extend(argument.fields()?),
            // What an unknown map holds may replace any key.
            _ => return None,
        }
    }
    let form = if maps && !arguments.is_empty() { Form::Map } else { Form::Structure };
    Some(Traced::object(out).formed(form))
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
    let form = if list.form() == Form::Set { Form::List } else { list.form() };
    Some(Traced::list(items).formed(form))
}

pub(super) fn slice(arguments: &[Traced]) -> Option<Traced> {
    let [list, start, end] = arguments else { return None };
    let place = |value: &Traced| usize::try_from(integer(&value.value)?).ok();
    let items = sequence(list)?;
    let items = items.get(place(start)?..place(end)?)?.to_vec();
    Some(Traced::list(items).formed(list.form()))
}

pub(super) fn values(arguments: &[Traced]) -> Option<Traced> {
    match arguments {
        [map] => {
            let items = map.fields()?.into_iter().map(|(_, field)| field).collect();
            let form = if map.form() == Form::Map { Form::List } else { Form::Structure };
            Some(Traced::list(items).formed(form))
        }
        _ => None,
    }
}

pub(super) fn zipmap(arguments: &[Traced]) -> Option<Traced> {
    let [keys, values] = arguments else { return None };
    let form = match values.form() {
        Form::Structure => Form::Structure,
        Form::List => Form::Map,
        // A set does not say which value goes with which key.
        Form::Set | Form::Map => return None,
        Form::Unsettled => Form::Unsettled,
    };
    let (keys, values) = (keys.items()?, values.items()?);
    if keys.len() != values.len() {
        return None;
    }
    let mut out = BTreeMap::new();
    for (key, value) in keys.into_iter().zip(values) {
        out.insert(known(&key.value)?, value.also(&key.origins));
    }
    Some(Traced::object(out).formed(form))
}
