//! Functions.

use std::sync::Arc;

use proto::tfplugin6 as wire;

use super::{Answer, decode, provider};
use crate::problem::Problem;
use crate::server::Shared;
use crate::value::Value;
use crate::wire as codec;

pub(in crate::server) async fn get_functions(
    shared: Arc<Shared>,
    _: wire::get_functions::Request,
) -> Answer<wire::get_functions::Response> {
    Ok(wire::get_functions::Response {
        functions: provider::functions(&shared),
        diagnostics: Vec::new(),
    })
}

pub(in crate::server) async fn call_function(
    shared: Arc<Shared>,
    request: wire::call_function::Request,
) -> Answer<wire::call_function::Response> {
    let Some(entry) = shared.tables().functions.get(request.name.as_str()) else {
        let detail = format!("this version of the provider has no function `{}`", request.name);
        return Err(vec![Problem::error("Unknown function", detail)]);
    };
    let types = entry.types.iter().chain(entry.rest.iter().cycle()).zip(&request.arguments);
    let arguments = types.map(|(ty, argument)| decode(Some(argument), &ty.ty, "the argument"));
    let arguments = arguments.collect::<Answer<Vec<Value>>>()?;
    Ok(match entry.call(&arguments) {
        Ok(result) => {
            // A function may return null, which is a value here, not an absence.
            let result = codec::encode(&result, &entry.output);
            let result = result.map_err(|error| vec![Problem::bug(error.to_string())])?;
            wire::call_function::Response { result: Some(result), error: None }
        }
        Err(problem) => {
            let function_argument = problem.argument.and_then(|index| i64::try_from(index).ok());
            let error = wire::FunctionError { text: problem.text, function_argument };
            wire::call_function::Response { result: None, error: Some(error) }
        }
    })
}
