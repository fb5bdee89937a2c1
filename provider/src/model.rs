//! Models: a resource's attributes as a Rust struct. The [`model!`](crate::model::model) macro is the one place where an
//! attribute's name, type, description and rules are written; schema, decoding and problem paths derive from it.

use std::collections::BTreeMap;

use crate::attribute::Attribute;
use crate::path::Place;
use crate::problem::Problem;
use crate::schema::{AttributeSpec, Schema, Shape};
use crate::value::Value;

mod fields;

/// A struct of attributes. Written by the `model!` macro only.
pub trait Model: Clone + Default + PartialEq + Send + Sync + Sized + 'static {
    /// The attributes, in order.
    fn attributes() -> Vec<AttributeSpec>;

    /// Reads an object that lies at `path`.
    fn read(object: &Value, path: &Place<'_>) -> Result<Self, Vec<Problem>>;

    /// Adds the attributes to an object.
    fn write(&self, object: &mut BTreeMap<String, Value>);

    /// Reads a whole configuration, plan or state.
    fn from_value(value: &Value) -> Result<Self, Vec<Problem>> {
        Self::read(value, &Place::Root)
    }

    /// The object of all attributes.
    fn to_value(&self) -> Value {
        let mut object = BTreeMap::new();
        self.write(&mut object);
        Value::Object(object)
    }

    /// The schema of this model.
    fn schema(version: i64, description: &str) -> Schema {
        Schema { version, description: description.to_owned(), attributes: Self::attributes() }
    }
}

/// A type that an attribute can have.
pub trait Field: Sized {
    /// Its place in the schema.
    fn shape() -> Shape;

    /// Reads a value at `path`. Null and unknown are passed on; a collection with an unknown element is unknown, unless
    /// its elements are [`Attribute`]s.
    fn decode(value: &Value, path: &Place<'_>) -> Result<Attribute<Self>, Vec<Problem>>;

    /// The value.
    fn encode(&self) -> Value;
}

/// A block (`issuer { … }`) of a nested model, where the model alone would be an attribute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block<M>(pub M);

/// The value of an attribute.
pub(crate) fn attribute_value<T: Field>(attribute: &Attribute<T>) -> Value {
    match attribute {
        Attribute::Null => Value::Null,
        Attribute::Unknown => Value::unknown(),
        Attribute::Known(value) => value.encode(),
    }
}

/// Reads one attribute of an object and keeps its problems.
pub(crate) fn read_attribute<T: Field>(
    object: &Value,
    name: &'static str,
    path: &Place<'_>,
    problems: &mut Vec<Problem>,
) -> Attribute<T> {
    T::decode(object.attribute(name), &path.attribute(name)).unwrap_or_else(|found| {
        problems.extend(found);
        Attribute::Null
    })
}

/// Reads a part that shares the object with its owner and keeps its problems.
pub(crate) fn read_part<M: Model>(
    object: &Value,
    path: &Place<'_>,
    problems: &mut Vec<Problem>,
) -> M {
    M::read(object, path).unwrap_or_else(|found| {
        problems.extend(found);
        M::default()
    })
}

/// Declares a model. The doc comment of a field is the attribute's published description, its right-hand side the
/// attribute's [`Rules`](crate::schema::Rules); `Model::name` is the attribute's name, for problem paths. Parts (`..common: Common`)
/// come first and share the object with their owner.
///
/// ```text
/// model! {
///     /// A team that answers for identities.
///     pub(crate) struct Owner {
///         /// Name of the team.
///         name: String = required().replaces(),
///         /// Address books, chat rooms and pagers.
///         contacts: Vec<String> = optional(),
///         /// Identifier of the owner.
///         id: String = computed().stable(),
///     }
/// }
/// Problem::error("…", "…").at(Owner::name)
/// ```
macro_rules! model {
    (
        $(#[doc = $about:literal])*
        $vis:vis struct $model:ident {
            $(.. $part:ident : $part_type:ty,)*
            $($(#[doc = $doc:literal])+ $field:ident : $type:ty = $rules:expr,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, Default, PartialEq)]
        $vis struct $model {
            $(
                /// Attributes shared with other models.
                $vis $part: $part_type,
            )*
            $($(#[doc = $doc])+ $vis $field: $crate::attribute::Attribute<$type>,)*
        }

        impl $model {
            $(
                $(#[doc = $doc])+
                #[expect(non_upper_case_globals, reason = "the name of an attribute reads like its field")]
                $vis const $field: &'static str = stringify!($field);
            )*
        }

        impl $crate::model::Model for $model {
            fn attributes() -> Vec<$crate::schema::AttributeSpec> {
                let parts: Vec<Vec<$crate::schema::AttributeSpec>> =
                    vec![$(<$part_type as $crate::model::Model>::attributes()),*];
                let own = [$($crate::schema::AttributeSpec::new(
                    Self::$field,
                    concat!($($doc, "\n"),+),
                    <$type as $crate::model::Field>::shape(),
                    $rules,
                )),*];
                parts.into_iter().flatten().chain(own).collect()
            }

            fn read(
                object: &$crate::value::Value,
                path: &$crate::path::Place<'_>,
            ) -> Result<Self, Vec<$crate::problem::Problem>> {
                let mut problems = Vec::new();
                let model = Self {
                    $($part: $crate::model::read_part(object, path, &mut problems),)*
                    $($field: $crate::model::read_attribute(
                        object, Self::$field, path, &mut problems,
                    ),)*
                };
                if problems.is_empty() { Ok(model) } else { Err(problems) }
            }

            fn write(
                &self,
                object: &mut std::collections::BTreeMap<String, $crate::value::Value>,
            ) {
                $($crate::model::Model::write(&self.$part, object);)*
                $(object.insert(
                    Self::$field.to_owned(),
                    $crate::model::attribute_value(&self.$field),
                );)*
            }
        }
    };
}
pub(crate) use model;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number;
    use crate::schema::{computed, optional, required};

    model! {
        /// Parts.
        struct Common {
            /// Identifier.
            id: String = computed(),
        }
    }

    model! {
        /// Nested.
        struct Rotation {
            /// Days.
            every: i64 = required(),
        }
    }

    model! {
        /// A sample.
        struct Sample {
            ..common: Common,
            /// The name, written
            /// on two lines.
            name: String = required(),
            /// Elements that wait for each other.
            together: Vec<String> = optional(),
            /// Elements on their own.
            apart: Vec<Attribute<String>> = optional(),
            /// Nested attribute.
            rotation: Rotation = optional(),
            /// Block.
            block: Block<Rotation> = optional(),
            /// Map of nested.
            by_name: BTreeMap<String, Rotation> = optional(),
        }
    }

    #[test]
    fn names_types_and_descriptions_come_from_the_declaration() {
        let described: Vec<String> = Sample::attributes()
            .iter()
            .map(|spec| format!("{}: {} ({})", spec.name, spec.ty().to_json(), spec.description))
            .collect();
        insta::assert_snapshot!(described.join("\n"), @r#"
        id: "string" (Identifier.)
        name: "string" (The name, written on two lines.)
        together: ["list","string"] (Elements that wait for each other.)
        apart: ["list","string"] (Elements on their own.)
        rotation: ["object",{"every":"number"}] (Nested attribute.)
        block: ["object",{"every":"number"}] (Block.)
        by_name: ["map",["object",{"every":"number"}]] (Map of nested.)
        "#);
        assert_eq!(Sample::name, "name");
        assert!(Sample::attributes()[5].is_block());
    }

    #[test]
    fn a_model_round_trips_and_unknown_elements_are_told_apart() {
        let list = Value::List(vec!["a".into(), Value::unknown()]);
        let rotation = Value::object([("every", 3.into())]);
        let value = Value::object([
            ("id", Value::unknown()),
            ("name", "n".into()),
            ("together", list.clone()),
            ("apart", list.clone()),
            ("rotation", rotation.clone()),
            ("block", Value::Null),
            ("by_name", Value::Map([("x".to_owned(), rotation)].into())),
        ]);
        let sample = Sample::from_value(&value).expect("a sample");
        assert!(sample.common.id.is_unknown());
        assert!(sample.together.is_unknown());
        assert_eq!(sample.apart, Attribute::Known(vec![Attribute::from("a"), Attribute::Unknown]));
        let written = sample.to_value();
        assert_eq!(written.attribute("apart"), &list);
        assert_eq!(written.attribute("by_name"), value.attribute("by_name"));
    }

    #[test]
    fn all_problems_come_at_once_with_paths() {
        let value = Value::object([
            ("name", true.into()),
            (
                "rotation",
                Value::object([(
                    "every",
                    Value::Number(Number::from_text("1.5").expect("a number")),
                )]),
            ),
            ("together", Value::List(vec![Value::Null])),
        ]);
        let problems = Sample::from_value(&value).expect_err("three problems");
        let shown: Vec<String> = problems
            .iter()
            .map(|problem| {
                let path = problem.attribute.clone().unwrap_or_default();
                format!("{path}: {}", problem.detail)
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @"
        name: a string is needed here
        together[0]: null is not possible here
        rotation.every: `1.5` is not a whole number that fits in 64 bits
        ");
    }
}
