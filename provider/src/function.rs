//! What a provider function is to the framework: one file that implements [`Function`]. Functions are pure: Terraform calls
//! them on an unconfigured provider and caches what they return.

use crate::attribute::Attribute;
use crate::model::Field;
use crate::path::Place;
use crate::schema::Shape;
use crate::ty::Type;
use crate::value::Value;

pub mod adapter;

/// A pure function.
pub trait Function: Send + Sync + 'static {
    /// Its name, without the provider's.
    const NAME: &'static str;
    /// One line.
    const SUMMARY: &'static str;
    /// What it does, in Markdown.
    const DESCRIPTION: &'static str;
    /// Its parameters; the types are those of `Arguments`, in the same order.
    const PARAMETERS: &'static [Parameter];

    /// The parameter that takes any number of further arguments; its type is that of the [`Rest`] that ends `Arguments`.
    const VARIADIC: Option<Parameter> = None;

    /// A tuple with one type per parameter. `Attribute<T>` takes null as well; no parameter takes unknowns.
    type Arguments: Arguments;
    /// What it returns.
    type Output: Field;

    /// Computes the result.
    fn call(arguments: Self::Arguments) -> Result<Self::Output, FunctionProblem>;
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name in the documentation.
    pub name: &'static str,
    /// What it means, in Markdown.
    pub description: &'static str,
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionProblem {
    /// The argument to blame, counted from zero.
    pub argument: Option<usize>,
    /// What is wrong with it.
    pub text: String,
}

impl FunctionProblem {
    /// A problem with one argument.
    pub fn at(argument: usize, text: impl Into<String>) -> Self {
        Self { argument: Some(argument), text: text.into() }
    }
}

/// A parameter as the signature needs it.
#[derive(Clone, Debug)]
pub struct ParameterType {
    pub(crate) ty: Type,
    pub(crate) allow_null: bool,
}

/// The type of one argument.
pub trait Argument: Sized {
    /// Its place in the signature.
    fn parameter() -> ParameterType;

    /// Reads it.
    fn read(value: &Value, position: usize) -> Result<Self, FunctionProblem>;
}

/// A tuple of arguments.
pub trait Arguments: Sized {
    /// The types, in order.
    fn parameters() -> Vec<ParameterType>;

    /// The type of the arguments after those, where there can be any.
    fn rest() -> Option<ParameterType> {
        None
    }

    /// Reads them.
    fn read(values: &[Value]) -> Result<Self, FunctionProblem>;
}

/// All arguments after the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest<T>(pub Vec<T>);

/// Implements [`Arguments`] for tuples that end with any number of arguments of one type.
macro_rules! open_tuples {
    ($($type:ident $position:literal),*; $after:literal) => {
        impl<$($type: Argument,)* R: Argument> Arguments for ($($type,)* Rest<R>) {
            fn parameters() -> Vec<ParameterType> {
                vec![$($type::parameter()),*]
            }

            fn rest() -> Option<ParameterType> {
                Some(R::parameter())
            }

            fn read(values: &[Value]) -> Result<Self, FunctionProblem> {
                let rest = values.iter().enumerate().skip($after);
                let rest = rest.map(|(position, value)| R::read(value, position));
                Ok((
                    $($type::read(values.get($position).unwrap_or(&Value::Null), $position)?,)*
                    Rest(rest.collect::<Result<_, _>>()?),
                ))
            }
        }
    };
}

open_tuples!(A 0; 1);
open_tuples!(A 0, B 1; 2);

/// Implements [`Argument`] for a type that does not take null.
macro_rules! arguments {
    ($($type:ty),*) => {
        $(impl Argument for $type {
            fn parameter() -> ParameterType {
                ParameterType { ty: plain_type::<Self>(), allow_null: false }
            }

            fn read(value: &Value, position: usize) -> Result<Self, FunctionProblem> {
                let read = read_field::<Self>(value, position)?;
                read.into_known().ok_or_else(|| FunctionProblem::at(position, "a value is needed here"))
            }
        })*
    };
}

arguments!(
    bool,
    String,
    i64,
    Value,
    Vec<String>,
    std::collections::BTreeMap<String, String>,
    std::collections::BTreeMap<String, Attribute<String>>
);

impl<T: Field> Argument for Attribute<T> {
    fn parameter() -> ParameterType {
        ParameterType { ty: plain_type::<T>(), allow_null: true }
    }

    fn read(value: &Value, position: usize) -> Result<Self, FunctionProblem> {
        read_field::<T>(value, position)
    }
}

pub(crate) fn plain_type<T: Field>() -> Type {
    let shape: Shape = T::shape();
    shape.ty()
}

fn read_field<T: Field>(value: &Value, position: usize) -> Result<Attribute<T>, FunctionProblem> {
    if !value.is_wholly_known() {
        return Err(FunctionProblem::at(position, "the value is not known yet"));
    }
    T::decode(value, &Place::Root).map_err(|problems| {
        let texts: Vec<String> = problems.into_iter().map(|problem| problem.detail).collect();
        FunctionProblem::at(position, texts.join("; "))
    })
}

/// Implements [`Arguments`] for tuples of one length.
macro_rules! tuples {
    ($($type:ident $position:literal),*) => {
        impl<$($type: Argument),*> Arguments for ($($type,)*) {
            fn parameters() -> Vec<ParameterType> {
                vec![$($type::parameter()),*]
            }

            fn read(values: &[Value]) -> Result<Self, FunctionProblem> {
                Ok(($($type::read(values.get($position).unwrap_or(&Value::Null), $position)?,)*))
            }
        }
    };
}

tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);
