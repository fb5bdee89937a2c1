//! The one place where a typed [`Function`] becomes something that can stand in a table.

use std::fmt;

use proto::tfplugin6;

use crate::function::{
    Arguments as _, Function, FunctionProblem, Parameter, ParameterType, plain_type,
};
use crate::model::Field as _;
use crate::schema::to_proto::type_bytes;
use crate::ty::Type;
use crate::value::Value;

/// A function in the table.
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// What it does, in Markdown.
    pub description: &'static str,
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// The parameter that takes any number of further arguments.
    pub variadic: Option<Parameter>,
    pub(crate) types: Vec<ParameterType>,
    pub(crate) rest: Option<ParameterType>,
    pub(crate) output: Type,
    call: fn(&[Value]) -> Result<Value, FunctionProblem>,
}

impl Entry {
    /// The entry of a function.
    pub fn of<F: Function>() -> Self {
        let call = |values: &[Value]| F::call(F::Arguments::read(values)?).map(|out| out.encode());
        Self {
            name: F::NAME,
            summary: F::SUMMARY,
            description: F::DESCRIPTION,
            parameters: F::PARAMETERS,
            variadic: F::VARIADIC,
            types: F::Arguments::parameters(),
            rest: F::Arguments::rest(),
            output: plain_type::<F::Output>(),
            call,
        }
    }

    /// Calls it.
    pub(crate) fn call(&self, arguments: &[Value]) -> Result<Value, FunctionProblem> {
        (self.call)(arguments)
    }

    /// The signature that Terraform reads.
    pub(crate) fn to_proto(&self) -> tfplugin6::Function {
        let kind = tfplugin6::StringKind::Markdown;
        let to_proto =
            |(parameter, ty): (&Parameter, &ParameterType)| tfplugin6::function::Parameter {
                name: parameter.name.to_owned(),
                r#type: type_bytes(&ty.ty),
                allow_null_value: ty.allow_null,
                allow_unknown_values: false,
                description: parameter.description.to_owned(),
                description_kind: kind.into(),
            };
        tfplugin6::Function {
            parameters: self.parameters.iter().zip(&self.types).map(to_proto).collect(),
            variadic_parameter: self.variadic.iter().zip(&self.rest).map(to_proto).next(),
            r#return: Some(tfplugin6::function::Return { r#type: type_bytes(&self.output) }),
            summary: self.summary.to_owned(),
            description: self.description.to_owned(),
            description_kind: kind.into(),
            ..tfplugin6::Function::default()
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}
