//! What makes a list of one type, and a set: elements converted to each other, each once, in Terraform's order.
//!
//! Both can hang on what is not known: then the elements that it touches are unknown, or the set as a whole.

use std::cmp::Ordering;

use policy::text::{Hole, Part, Shape, Text};

use super::arguments::big;
use super::open_traced;
use crate::evaluate::convert::convert_to;
use crate::evaluate::operators::equal;
use crate::evaluate::types::{self, Type, convert};
use crate::evaluate::{Form, Traced, number_text, opaque};
use crate::value::Value;

/// More elements than a product can mean.
const MAX_ELEMENTS: usize = 100_000;

/// More elements than are compared pair by pair.
const MAX_PAIRS: usize = 500;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Null,
    Bool,
    Number,
    String,
    List,
    Object,
    Unknown,
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Bool,
        Value::Number(_) => Kind::Number,
        Value::String(_) => Kind::String,
        Value::List(_) => Kind::List,
        Value::Object(_) => Kind::Object,
        Value::Unknown(_) => Kind::Unknown,
    }
}

/// The elements as the elements of one list, map or set: of one type. None where Terraform finds none.
pub(super) fn unify(mut items: Vec<Traced>) -> Option<Vec<Traced>> {
    if !items.iter().any(|item| item.value.has_unknown()) {
        let compound = |item: &Traced| matches!(item.value, Value::List(_) | Value::Object(_));
        // Terraform finds no type for a bare null and a collection, but for one of known type it does.
        let nulls = items.iter().any(|item| item.value.is_null()) && items.iter().any(compound);
        // Sets among lists and tuples have a common type now and then.
        let is_set = |item: &Traced| item.form() == Form::Set;
        let mixed = items.iter().any(is_set) && !items.iter().all(is_set);
        let open = nulls || mixed;
        return unify_known(items).map(|items| if open { opened(items) } else { items });
    }
    let mut kinds: Vec<Kind> = items.iter().map(|item| kind(&item.value)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.retain(|kind| *kind != Kind::Null);
    let has = |kind| kinds.contains(&kind);
    let primitive = has(Kind::Bool) || has(Kind::Number) || has(Kind::String);
    let compound = has(Kind::List) || has(Kind::Object);
    if primitive && compound || has(Kind::List) && has(Kind::Object) {
        return None;
    }
    if has(Kind::String) && kinds.len() > 1 {
        for item in &mut items {
            item.value = convert_to("string", &item.value)?;
        }
        return Some(items);
    }
    if has(Kind::Bool) && has(Kind::Number) && !has(Kind::Unknown) {
        return None;
    }
    let open = has(Kind::Unknown);
    let stays = |value: &Value| match kind(value) {
        Kind::Null | Kind::String | Kind::Unknown => true,
        Kind::Bool | Kind::Number => !open,
        Kind::List | Kind::Object => !open || stable(value),
    };
    let settled = items.iter().all(|item| stays(&item.value));
    let first = items.iter().find(|item| !item.value.is_null());
    let alike = !compound
        || first.is_none_or(|first| items.iter().all(|item| same_type(&first.value, &item.value)));
    Some(if settled && alike { items } else { opened(items) })
}

/// What each becomes is open, that it is one of so many is not.
fn opened(mut items: Vec<Traced>) -> Vec<Traced> {
    let all: Vec<Value> = items.iter().map(|item| item.value.clone()).collect();
    for (index, item) in items.iter_mut().enumerate() {
        if !matches!(item.value, Value::Unknown(_) | Value::Null) {
            item.value = opaque(format!("[{index}]"), &(index, &all));
        }
    }
    items
}

fn unify_known(items: Vec<Traced>) -> Option<Vec<Traced>> {
    let mut kinds: Vec<Type> = Vec::new();
    for item in items.iter().filter(|item| !item.value.is_null()) {
        let kind = Type::of(item);
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if kinds.len() <= 1 {
        return Some(items);
    }
    let compound = |item: &Traced| matches!(item.value, Value::List(_) | Value::Object(_));
    match types::unify(&kinds) {
        Some(common) => items.into_iter().map(|item| convert(item, &common)).collect(),
        // Collections have more ways to a common type than are known here.
        None if items.iter().all(|item| compound(item) || item.value.is_null()) => {
            Some(opened(items))
        }
        None => None,
    }
}

/// Whether no conversion changes a value: there are only strings inside.
fn stable(value: &Value) -> bool {
    match value {
        Value::Null | Value::String(_) | Value::Unknown(_) => true,
        Value::Bool(_) | Value::Number(_) => false,
        Value::List(items) => items.iter().all(stable),
        Value::Object(fields) => fields.values().all(stable),
    }
}

/// Whether two values surely have types of which none is converted to the other.
fn same_type(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => true,
        (Value::Unknown(_), other) | (other, Value::Unknown(_)) => stable(other),
        (Value::List(left), Value::List(right)) if left.len() == right.len() => {
            left.iter().zip(right).all(|(left, right)| same_type(left, right))
        }
        (Value::List(left), Value::List(right)) => {
            let mut all = left.iter().chain(right);
            all.next().is_none_or(|first| all.all(|item| same_type(first, item)))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.keys().eq(right.keys())
                && left.values().zip(right.values()).all(|(left, right)| same_type(left, right))
        }
        (left, right) => kind(left) == kind(right),
    }
}

/// What becomes of the elements of a set.
enum Set {
    Settled(Vec<Traced>),
    /// How many there are, or in which order, hangs on what is not known.
    Open,
    /// They have no type in common.
    Wrong,
}

/// The elements of a set: of one type, each once, sorted.
fn set(items: Vec<Traced>) -> Set {
    let Some(mut items) = unify(told_apart(items)) else { return Set::Wrong };
    let plain = |item: &Traced| match &item.value {
        Value::Bool(_) | Value::Number(_) | Value::Null => true,
        Value::String(text) => !text.has_holes(),
        Value::List(_) | Value::Object(_) | Value::Unknown(_) => false,
    };
    if !items.iter().all(plain) {
        let settled = items.len() <= MAX_PAIRS
            && items.iter().enumerate().all(|(index, item)| {
                let mut others = items.iter().skip(index + 1);
                others.all(|other| order(&item.value, &other.value).is_some())
            });
        if !settled && items.len() > 1 {
            return Set::Open;
        }
    }
    items.sort_by(|left, right| order(&left.value, &right.value).unwrap_or(Ordering::Equal));
    let mut out: Vec<Traced> = Vec::with_capacity(items.len());
    for item in items {
        match out.last_mut() {
            Some(last) if order(&last.value, &item.value) == Some(Ordering::Equal) => {
                *last = std::mem::take(last).also(&item.origins);
            }
            _ => out.push(item),
        }
    }
    Set::Settled(out)
}

/// The elements as what they are compared by: of resources as a whole, that is more than is known.
pub(super) fn told_apart(items: Vec<Traced>) -> Vec<Traced> {
    if items.len() > 1 { items.into_iter().map(Traced::opened).collect() } else { items }
}

/// How two elements of a set stand to each other; None while that is not known. Null comes last.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Unknown(left), Value::Unknown(right)) => (left == right).then_some(Ordering::Equal),
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => None,
        (Value::Null, _) => Some(Ordering::Greater),
        (_, Value::Null) => Some(Ordering::Less),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Number(_), Value::Number(_)) => Some(big(left)?.compare(&big(right)?)),
        (Value::String(left), Value::String(right)) => order_of_texts(left, right),
        (left, right) if left == right => Some(Ordering::Equal),
        (left, right) => {
            let (mut first, mut second) = (String::new(), String::new());
            digest(left, &mut first)?;
            digest(right, &mut second)?;
            Some(first.cmp(&second))
        }
    }
}

/// Two strings: what is the same in front, holes included, does not matter.
fn order_of_texts(left: &Text, right: &Text) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        return Some(left.cmp(right));
    }
    let (mut left_parts, mut right_parts) = (left.parts(), right.parts());
    while let (Some((first, left)), Some((second, right))) =
        (left_parts.split_first(), right_parts.split_first())
    {
        match (first, second) {
            (first, second) if first == second => {
                (left_parts, right_parts) = (left, right);
            }
            (Part::Literal(first), Part::Literal(second)) => {
                let shorter = first.len().min(second.len());
                let differ = first.as_bytes().get(..shorter) != second.as_bytes().get(..shorter);
                let ends = match first.len().cmp(&second.len()) {
                    Ordering::Less => left.is_empty(),
                    Ordering::Greater => right.is_empty(),
                    Ordering::Equal => false,
                };
                return (differ || ends).then(|| first.cmp(second));
            }
            _ => return None,
        }
    }
    let never_empty = |parts: &[Part]| {
        parts.iter().any(|part| match part {
            Part::Literal(_) => true,
            Part::Hole(Hole { shape, .. }) => *shape == Shape::Word,
        })
    };
    match (left_parts.is_empty(), right_parts.is_empty()) {
        (true, true) => Some(Ordering::Equal),
        (true, false) => never_empty(right_parts).then_some(Ordering::Less),
        (false, true) => never_empty(left_parts).then_some(Ordering::Greater),
        (false, false) => None,
    }
}

/// The text by which Terraform sorts lists and objects inside of sets; None where it is not sure.
fn digest(value: &Value, out: &mut String) -> Option<()> {
    match value {
        Value::Null => out.push('~'),
        Value::Bool(truth) => out.push(if *truth { 'T' } else { 'F' }),
        Value::Number(number) => {
            let text = number_text(number);
            if text.len() > 6 || text.contains('.') {
                return None;
            }
            out.push_str(&text);
        }
        Value::String(text) => {
            let text = text.as_str()?;
            if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
                return None;
            }
            out.push_str(&format!("{text:?}").replace("\\'", "'"));
        }
        Value::List(items) => {
            out.push('[');
            for item in items {
                digest(item, out)?;
                out.push(';');
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('<');
            for (key, field) in fields {
                digest(&key.as_str().into(), out)?;
                out.push(':');
                digest(field, out)?;
                out.push(';');
            }
            out.push('>');
        }
        Value::Unknown(_) => return None,
    }
    Some(())
}

/// Whether an element is among others; None while that is not known.
pub(super) fn is_among<'v>(
    item: &Value,
    others: impl IntoIterator<Item = &'v Value>,
) -> Option<bool> {
    let mut result = Some(false);
    for other in others {
        match equal(item, other) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    result
}

/// The elements of a set, or what stands for them.
fn settle(name: &str, arguments: &[Traced], items: Vec<Traced>) -> Option<Traced> {
    match set(items) {
        Set::Settled(items) => Some(Traced::list(items).formed(Form::Set)),
        Set::Open => Some(open_traced(name, arguments)),
        Set::Wrong => None,
    }
}

/// Each element once, sorted.
pub(super) fn toset(arguments: &[Traced]) -> Option<Traced> {
    match arguments {
        [value] if value.value.is_null() => Some(value.clone()),
        [list] => settle("toset", arguments, list.items()?).map(|set| set.also_own(&list.origins)),
        _ => None,
    }
}

/// The elements of some sets, all of one type.
fn unified(arguments: &[Traced]) -> Option<Vec<Vec<Traced>>> {
    let lists: Vec<Vec<Traced>> =
        arguments.iter().map(|argument| unify(argument.items()?)).collect::<Option<_>>()?;
    let mut all = unify(lists.iter().flatten().cloned().collect())?.into_iter();
    Some(lists.iter().map(|list| all.by_ref().take(list.len()).collect()).collect())
}

/// Those of the first set that are, or are not, in the others.
fn filtered(
    name: &str,
    arguments: &[Traced],
    keep: impl Fn(&Value, &[Vec<Traced>]) -> Option<bool>,
) -> Option<Traced> {
    let sets = unified(arguments)?;
    let (first, others) = sets.split_first()?;
    let mut kept = Vec::new();
    for item in first {
        match keep(&item.value, others) {
            Some(true) => kept.push(item.clone()),
            Some(false) => {}
            None => return Some(open_traced(name, arguments)),
        }
    }
    settle(name, arguments, kept)
}

fn values_of(list: &[Traced]) -> impl Iterator<Item = &Value> {
    list.iter().map(|item| &item.value)
}

pub(super) fn setintersection(arguments: &[Traced]) -> Option<Traced> {
    filtered("setintersection", arguments, |item, others| {
        let mut result = Some(true);
        for other in others {
            match is_among(item, values_of(other)) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => result = None,
            }
        }
        result
    })
}

pub(super) fn setsubtract(arguments: &[Traced]) -> Option<Traced> {
    if arguments.len() != 2 {
        return None;
    }
    filtered("setsubtract", arguments, |item, others| {
        others.iter().try_fold(true, |keep, other| Some(keep && !is_among(item, values_of(other))?))
    })
}

pub(super) fn setunion(arguments: &[Traced]) -> Option<Traced> {
    if arguments.is_empty() {
        return None;
    }
    settle("setunion", arguments, unified(arguments)?.into_iter().flatten().collect())
}

pub(super) fn setproduct(arguments: &[Traced]) -> Option<Traced> {
    if arguments.len() < 2 {
        return None;
    }
    let mut rows: Vec<Vec<Traced>> = vec![Vec::new()];
    for argument in arguments {
        let items = unify(argument.items()?)?;
        if rows.len().saturating_mul(items.len()) > MAX_ELEMENTS {
            return Some(open_traced("setproduct", arguments));
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
    let rows: Vec<Traced> = rows.into_iter().map(Traced::list).collect();
    // With a set among them, the product is a set, with an order of its own.
    let has = |form| arguments.iter().any(|argument| argument.form() == form);
    if has(Form::Set) {
        return settle("setproduct", arguments, rows);
    }
    if !has(Form::Unsettled) {
        return Some(Traced::list(rows).formed(Form::List));
    }
    match set(rows.clone()) {
        Set::Settled(sorted) if values_of(&sorted).eq(values_of(&rows)) => Some(Traced::list(rows)),
        Set::Settled(_) | Set::Open | Set::Wrong => Some(open_traced("setproduct", arguments)),
    }
}

/// The values at the places at which the keys are among those that are looked for.
pub(super) fn matchkeys(arguments: &[Traced]) -> Option<Traced> {
    let [values, keys, wanted] = arguments else { return None };
    let mut values = unify(values.items()?)?;
    unify(keys.items()?)?;
    let lists = unified(&[keys.clone(), wanted.clone()])?;
    let [keys, wanted] = lists.as_slice() else { return None };
    if keys.len() != values.len() {
        return None;
    }
    let mut kept = Vec::new();
    for (value, key) in values.drain(..).zip(keys) {
        match is_among(&key.value, values_of(wanted)) {
            Some(true) => kept.push(value.also(&key.origins)),
            Some(false) => {}
            None => return Some(open_traced("matchkeys", arguments)),
        }
    }
    Some(Traced::list(kept).formed(Form::List))
}
