//! Types as far as values show them: what `tolist`, conditionals and variables convert to.
//!
//! A value that is not known has no type here (Terraform would often know one), so what depends on it stays as it is.

use std::collections::BTreeMap;

use super::traced::Form;
use super::{Traced, convert, opaque, unknown};
use crate::value::Value;

/// A type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    /// Not known, or whatever it turns out to be.
    Any,
    /// That of `null`, which is of every type.
    Null,
    Bool,
    Number,
    String,
    List(Box<Type>),
    Set(Box<Type>),
    Map(Box<Type>),
    Tuple(Vec<Type>),
    Object(BTreeMap<String, Field>),
}

/// An attribute of an object type.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its type.
    pub(crate) kind: Type,
    /// It may be left out.
    pub(crate) optional: bool,
    /// What it is then.
    pub(crate) default: Option<Traced>,
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl Field {
    fn required(kind: Type) -> Self {
        Self { kind, optional: false, default: None }
    }
}

impl Type {
    /// The type of a value.
    pub(crate) fn of(value: &Traced) -> Self {
        match &value.value {
            Value::Null => Self::Null,
            Value::Unknown(_) => Self::Any,
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::List(_) => {
                let items = value.items().unwrap_or_default();
                match value.form() {
                    Form::Set => Self::Set(Box::new(Self::element(&items))),
                    Form::List => Self::List(Box::new(Self::element(&items))),
                    Form::Structure | Form::Map => {
                        Self::Tuple(items.iter().map(Self::of).collect())
                    }
                    Form::Unsettled => Self::Any,
                }
            }
            Value::Object(_) => {
                let fields = value.fields().unwrap_or_default();
                if value.form() == Form::Map {
                    let items: Vec<Traced> = fields.into_iter().map(|(_, field)| field).collect();
                    return Self::Map(Box::new(Self::element(&items)));
                }
                let fields = fields.into_iter();
                Self::Object(
                    fields.map(|(key, field)| (key, Field::required(Self::of(&field)))).collect(),
                )
            }
        }
    }

    /// The type of the elements of a list: that of the first of which something is known.
    fn element(items: &[Traced]) -> Self {
        let mut kinds = items.iter().map(Self::of);
        kinds.find(|kind| !matches!(kind, Self::Any | Self::Null)).unwrap_or(Self::Any)
    }

    /// Whether any part is not known.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Null | Self::Bool | Self::Number | Self::String => false,
            Self::List(inner) | Self::Set(inner) | Self::Map(inner) => inner.is_open(),
            Self::Tuple(items) => items.iter().any(Self::is_open),
            Self::Object(fields) => fields.values().any(|field| field.kind.is_open()),
        }
    }

    fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }
}

/// The type that all of them convert to; None where there is none.
pub(crate) fn unify(types: &[Type]) -> Option<Type> {
    let mut distinct: Vec<&Type> = Vec::new();
    for kind in types {
        if *kind != Type::Null && !distinct.contains(&kind) {
            distinct.push(kind);
        }
    }
    match distinct.as_slice() {
        [] if types.is_empty() => return Some(Type::Any),
        [] => return Some(Type::Null),
        [only] => return Some(Type::clone(only)),
        _ => {}
    }
    let has = |is: fn(&Type) -> bool| distinct.iter().any(|kind| is(kind));
    let all = |is: fn(&Type) -> bool| distinct.iter().all(|kind| is(kind));
    if has(|kind| matches!(kind, Type::Object(_))) && has(|kind| matches!(kind, Type::Tuple(_))) {
        return None;
    }
    if distinct.contains(&&Type::Any) {
        return Some(Type::Any);
    }
    if all(|kind| matches!(kind, Type::Object(_))) {
        return unify_objects(&distinct);
    }
    if all(|kind| matches!(kind, Type::Tuple(_))) {
        return unify_tuples(&distinct);
    }
    if all(|kind| matches!(kind, Type::Object(_) | Type::Map(_))) {
        return elements(&distinct).map(|inner| Type::Map(Box::new(inner)));
    }
    if all(|kind| matches!(kind, Type::Tuple(_) | Type::List(_))) {
        return elements(&distinct).map(|inner| Type::List(Box::new(inner)));
    }
    if all(|kind| matches!(kind, Type::Set(_))) {
        return elements(&distinct).map(|inner| Type::Set(Box::new(inner)));
    }
    if all(|kind| matches!(kind, Type::Tuple(_) | Type::List(_) | Type::Set(_))) {
        let list = distinct.iter().find(|kind| matches!(kind, Type::List(_)));
        let wanted = list.or_else(|| distinct.iter().find(|kind| matches!(kind, Type::Set(_))))?;
        return distinct.iter().all(|kind| converts(kind, wanted)).then(|| Type::clone(wanted));
    }
    if all(Type::is_primitive) {
        return distinct.contains(&&Type::String).then_some(Type::String);
    }
    None
}

/// What the elements of all collections have in common.
fn elements(types: &[&Type]) -> Option<Type> {
    let mut inner = Vec::new();
    for kind in types {
        match kind {
            Type::List(element) | Type::Set(element) | Type::Map(element) => {
                inner.push(Type::clone(element));
            }
            Type::Tuple(items) => inner.extend(items.iter().cloned()),
            Type::Object(fields) => inner.extend(fields.values().map(|field| field.kind.clone())),
            Type::Any | Type::Null | Type::Bool | Type::Number | Type::String => return None,
        }
    }
    // An empty collection of any type takes that of the others, if they are of several.
    let told: Vec<Type> = inner.iter().filter(|kind| **kind != Type::Any).cloned().collect();
    let several = told.iter().any(|kind| *kind != Type::Null && told.first() != Some(kind));
    unify(if several { &told } else { &inner })
}

fn unify_objects(types: &[&Type]) -> Option<Type> {
    let shapes: Vec<&BTreeMap<String, Field>> = types
        .iter()
        .filter_map(|kind| if let Type::Object(fields) = kind { Some(fields) } else { None })
        .collect();
    let (first, others) = shapes.split_first()?;
    if others.iter().any(|other| !other.keys().eq(first.keys())) {
        return elements(types).map(|inner| Type::Map(Box::new(inner)));
    }
    let mut fields = BTreeMap::new();
    for name in first.keys() {
        let across: Vec<Type> = shapes
            .iter()
            .filter_map(|fields| fields.get(name).map(|field| field.kind.clone()))
            .collect();
        fields.insert(name.clone(), Field::required(unify(&across)?));
    }
    Some(Type::Object(fields))
}

fn unify_tuples(types: &[&Type]) -> Option<Type> {
    let shapes: Vec<&Vec<Type>> = types
        .iter()
        .filter_map(|kind| if let Type::Tuple(items) = kind { Some(items) } else { None })
        .collect();
    let (first, others) = shapes.split_first()?;
    if others.iter().any(|other| other.len() != first.len()) {
        return elements(types).map(|inner| Type::List(Box::new(inner)));
    }
    let mut items = Vec::new();
    for index in 0..first.len() {
        let across: Vec<Type> =
            shapes.iter().filter_map(|items| items.get(index).cloned()).collect();
        items.push(unify(&across)?);
    }
    Some(Type::Tuple(items))
}

/// Whether values of one type may become values of another; some of them may still fail to.
fn converts(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (_, Type::Any | Type::Null) | (Type::Any | Type::Null, _) => true,
        (Type::Bool, Type::Number) | (Type::Number, Type::Bool) => false,
        (from, to) if from.is_primitive() && to.is_primitive() => true,
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to))
        | (Type::Map(from), Type::Map(to)) => converts(from, to),
        (Type::Tuple(items), Type::List(to) | Type::Set(to)) => {
            items.iter().all(|from| converts(from, to))
        }
        (Type::Object(fields), Type::Map(to)) => {
            fields.values().all(|from| converts(&from.kind, to))
        }
        (Type::Map(from), Type::Object(fields)) => {
            fields.values().all(|to| converts(from, &to.kind))
        }
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to).all(|(from, to)| converts(from, to))
        }
        (Type::Object(from), Type::Object(to)) => to.iter().all(|(name, to)| {
            from.get(name).map_or(to.optional, |from| converts(&from.kind, &to.kind))
        }),
        _ => false,
    }
}

/// A value as one of a type; None where Terraform refuses.
pub(crate) fn convert(value: Traced, to: &Type) -> Option<Traced> {
    let whole = value.origins.clone();
    match (&value.value, to) {
        (Value::Null, _) | (_, Type::Any | Type::Null) => Some(value),
        (_, Type::String | Type::Number | Type::Bool) => {
            let name = match to {
                Type::Number => "number",
                Type::Bool => "bool",
                _ => "string",
            };
            let converted = convert::convert_to(name, &value.value)?;
            Some(Traced { value: converted, origins: value.origins })
        }
        (Value::Unknown(_), _) => Some(value),
        (Value::List(_), Type::List(inner)) => {
            let items = each(value.items()?, inner)?;
            Some(Traced::list(items).formed(Form::List).also_own(&whole))
        }
        (Value::List(_), Type::Set(inner)) => {
            let items = each(value.items()?, inner)?;
            Some(convert::unique(items).also_own(&whole))
        }
        (Value::List(items), Type::Tuple(types)) => {
            let fits = items.len() == types.len()
                && matches!(value.form(), Form::Structure | Form::Unsettled);
            let items = value.items().filter(|_| fits)?.into_iter().zip(types);
            let items = items.map(|(item, to)| convert(item, to)).collect::<Option<_>>()?;
            Some(Traced::list(items).also_own(&whole))
        }
        (Value::Object(_), Type::Map(_)) if value.is_resource() => {
            Some(Traced::derived(unknown("a map of a resource's attributes"), [&value]))
        }
        (Value::Object(_), Type::Map(inner)) => {
            let (names, fields): (Vec<String>, Vec<Traced>) = value.fields()?.into_iter().unzip();
            let fields = each(fields, inner)?;
            let object = Traced::object(names.into_iter().zip(fields).collect());
            Some(object.formed(Form::Map).also_own(&whole))
        }
        (Value::Object(given), Type::Object(types)) => {
            let mut fields = BTreeMap::new();
            for (name, to) in types {
                let given = if given.contains_key(name) || value.is_resource() {
                    value.attribute(name).ok()?
                } else if to.optional {
                    Traced::default()
                } else {
                    return None;
                };
                let given = match &to.default {
                    Some(default) if given.value.is_null() => default.clone(),
                    _ => given,
                };
                fields.insert(name.clone(), convert(given, &to.kind)?);
            }
            Some(Traced::object(fields).also_own(&whole))
        }
        _ => None,
    }
}

/// Elements of one type; where the type leaves something open, of the one that they have in common.
fn each(items: Vec<Traced>, to: &Type) -> Option<Vec<Traced>> {
    let items: Vec<Traced> =
        items.into_iter().map(|item| convert(item, to)).collect::<Option<_>>()?;
    if !to.is_open() {
        return Some(items);
    }
    let common = unify(&items.iter().map(Type::of).collect::<Vec<_>>())?;
    items
        .into_iter()
        .map(|item| convert(item, &common).map(|item| loosened(item, &common)))
        .collect()
}

/// A value of a type of which something is not known: what is there may yet be converted, and what other values than
/// strings become is not known.
pub(super) fn loosened(value: Traced, kind: &Type) -> Traced {
    if !kind.is_open() {
        return value;
    }
    let inside = |part: &str, index: usize| match kind {
        Type::List(inner) | Type::Set(inner) | Type::Map(inner) => Type::clone(inner),
        Type::Tuple(kinds) => kinds.get(index).cloned().unwrap_or(Type::Any),
        Type::Object(fields) => fields.get(part).map_or(Type::Any, |field| field.kind.clone()),
        Type::Any | Type::Null | Type::Bool | Type::Number | Type::String => Type::Any,
    };
    let form = if *kind == Type::Any { Form::Unsettled } else { value.form() };
    match &value.value {
        Value::Bool(_) | Value::Number(_) if *kind == Type::Any => {
            let open = opaque("a value of the type of one that is not known", &value.value);
            Traced { value: open, origins: value.origins }
        }
        Value::List(_) => {
            let items = value.items().unwrap_or_default().into_iter().enumerate();
            let items = items.map(|(index, item)| loosened(item, &inside("", index)));
            Traced::list(items.collect()).formed(form).also_own(&value.origins)
        }
        Value::Object(_) if !value.is_resource() => {
            let fields = value.fields().unwrap_or_default().into_iter();
            let fields = fields.map(|(key, field)| {
                let kind = inside(&key, 0);
                (key, loosened(field, &kind))
            });
            Traced::object(fields.collect()).formed(form).also_own(&value.origins)
        }
        _ => value,
    }
}
