//! The types that an attribute can have: scalars, collections, nested models and blocks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Block, Field, Model, attribute_value};
use crate::attribute::Attribute;
use crate::number::Number;
use crate::path::Place;
use crate::problem::Problem;
use crate::schema::{Nesting, Shape};
use crate::ty::Type;
use crate::value::{Elements, Value};

/// Never shows the value itself: it may be a secret.
fn mismatch<T>(ty: &Type, path: &Place<'_>) -> Result<T, Vec<Problem>> {
    Err(vec![
        Problem::error("Unsuitable value", format!("{} is needed here", ty.name())).at(path.path()),
    ])
}

/// Null and unknown, which every type has.
fn absent<T>(value: &Value) -> Option<Attribute<T>> {
    match (value.is_null(), value.is_unknown()) {
        (true, _) => Some(Attribute::Null),
        (_, true) => Some(Attribute::Unknown),
        (false, false) => None,
    }
}

/// Implements [`Field`] for a type with one variant of [`Value`].
macro_rules! scalar {
    ($type:ty, $ty:expr, $variant:ident($inner:ident) => $read:expr, $self:ident => $write:expr) => {
        impl Field for $type {
            fn shape() -> Shape {
                Shape::Plain($ty)
            }

            fn decode(value: &Value, path: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>> {
                match (absent(value), value) {
                    (Some(absent), _) => Ok(absent),
                    (None, Value::$variant($inner)) => Ok(Attribute::Known($read)),
                    (None, _) => mismatch(&$ty, path),
                }
            }

            fn encode(&$self) -> Value {
                $write
            }
        }
    };
}

scalar!(bool, Type::Bool, Bool(value) => *value, self => Value::Bool(*self));
scalar!(String, Type::String, String(text) => text.clone(), self => Value::text(self.as_str()));
scalar!(Number, Type::Number, Number(number) => number.clone(), self => Value::Number(self.clone()));

impl Field for i64 {
    fn shape() -> Shape {
        Number::shape()
    }

    fn decode(value: &Value, path: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>> {
        let whole = Number::decode(value, path)?.map(|number| {
            number.as_i64().ok_or_else(|| {
                let detail = format!("`{number}` is not a whole number that fits in 64 bits");
                vec![Problem::error("Unsuitable number", detail).at(path.path())]
            })
        });
        match whole {
            Attribute::Null => Ok(Attribute::Null),
            Attribute::Unknown => Ok(Attribute::Unknown),
            Attribute::Known(whole) => whole.map(Attribute::Known),
        }
    }

    fn encode(&self) -> Value {
        (*self).into()
    }
}

/// Any value, of a `dynamic` attribute.
impl Field for Value {
    fn shape() -> Shape {
        Shape::Plain(Type::Dynamic)
    }

    fn decode(value: &Value, _: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>> {
        Ok(absent(value).unwrap_or_else(|| Attribute::Known(value.clone())))
    }

    fn encode(&self) -> Value {
        self.clone()
    }
}

/// An element that may be null or unknown on its own.
impl<T: Field> Field for Attribute<T> {
    fn shape() -> Shape {
        T::shape()
    }

    fn decode(value: &Value, path: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>> {
        T::decode(value, path).map(Attribute::Known)
    }

    fn encode(&self) -> Value {
        attribute_value(self)
    }
}

impl<M: Model> Field for M {
    fn shape() -> Shape {
        Shape::Nested(Nesting::Single, M::attributes())
    }

    fn decode(value: &Value, path: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>> {
        match absent(value) {
            Some(absent) => Ok(absent),
            None => M::read(value, path).map(Attribute::Known),
        }
    }

    fn encode(&self) -> Value {
        self.to_value()
    }
}

impl<M: Model> Field for Block<M> {
    fn shape() -> Shape {
        Shape::Block(Nesting::Single, M::attributes())
    }

    fn decode(value: &Value, path: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>> {
        M::decode(value, path).map(|model| model.map(Self))
    }

    fn encode(&self) -> Value {
        self.0.to_value()
    }
}

/// Reads the elements of a collection: all problems, else unknown if one is, else all of them.
fn elements<'a, K, T: Field>(
    entries: impl Iterator<Item = (K, &'a Value, Place<'a>)>,
) -> Result<Attribute<Vec<(K, T)>>, Vec<Problem>> {
    let (mut known, mut unknown, mut problems) = (Vec::new(), false, Vec::new());
    for (key, value, path) in entries {
        match T::decode(value, &path) {
            Ok(Attribute::Known(element)) => known.push((key, element)),
            Ok(Attribute::Unknown) => unknown = true,
            Ok(Attribute::Null) => {
                problems.push(
                    Problem::error("Missing value", "null is not possible here").at(path.path()),
                );
            }
            Err(found) => problems.extend(found),
        }
    }
    match (problems.is_empty(), unknown) {
        (false, _) => Err(problems),
        (true, true) => Ok(Attribute::Unknown),
        (true, false) => Ok(Attribute::Known(known)),
    }
}

fn without_keys<K, T>(entries: Attribute<Vec<(K, T)>>) -> Attribute<impl Iterator<Item = T>> {
    entries.map(|entries| entries.into_iter().map(|(_, element)| element))
}

impl<T: Field> Field for Vec<T> {
    fn shape() -> Shape {
        T::shape().collected(Nesting::List)
    }

    fn decode(value: &Value, path: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>> {
        match (absent(value), value) {
            (Some(absent), _) => Ok(absent),
            (None, Value::List(list)) => {
                let entries = list.iter().enumerate();
                let entries = entries.map(|(index, value)| ((), value, path.index(index)));
                elements(entries).map(|read| without_keys(read).map(Iterator::collect))
            }
            (None, _) => mismatch(&Self::shape().ty(), path),
        }
    }

    fn encode(&self) -> Value {
        Value::List(self.iter().map(Field::encode).collect())
    }
}

impl<T: Field + Ord> Field for BTreeSet<T> {
    fn shape() -> Shape {
        T::shape().collected(Nesting::Set)
    }

    fn decode(value: &Value, path: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>> {
        match (absent(value), value) {
            (Some(absent), _) => Ok(absent),
            (None, Value::Set(set)) => {
                let entries = set.as_slice().iter().map(|value| ((), value, *path));
                elements(entries).map(|read| without_keys(read).map(Iterator::collect))
            }
            (None, _) => mismatch(&Self::shape().ty(), path),
        }
    }

    fn encode(&self) -> Value {
        Value::Set(self.iter().map(Field::encode).collect::<Elements>())
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    fn shape() -> Shape {
        T::shape().collected(Nesting::Map)
    }

    fn decode(value: &Value, path: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>> {
        match (absent(value), value) {
            (Some(absent), _) => Ok(absent),
            (None, Value::Map(map)) => {
                let entries = map.iter().map(|(key, value)| (key.clone(), value, path.key(key)));
                elements(entries).map(|read| read.map(|pairs| pairs.into_iter().collect()))
            }
            (None, _) => mismatch(&Self::shape().ty(), path),
        }
    }

    fn encode(&self) -> Value {
        let entries = self.iter().map(|(key, value)| (key.clone(), value.encode()));
        Value::Map(entries.collect())
    }
}
