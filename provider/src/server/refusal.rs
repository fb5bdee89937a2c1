//! How each reply says that a call came to nothing: diagnostics, never a gRPC status, which Terraform shows as a crash.

use proto::tfplugin6 as wire;

use crate::problem::Problem;

/// A reply that can carry problems instead of a result.
pub(super) trait Refusal: Send + 'static {
    /// The reply of a call that came to nothing.
    fn refuse(problems: &[Problem]) -> Self;
}

pub(super) fn diagnostics(problems: &[Problem]) -> Vec<wire::Diagnostic> {
    problems.iter().map(Problem::to_proto).collect()
}

/// Implements [`Refusal`] for replies with a list of diagnostics.
macro_rules! with_diagnostics {
    ($($message:ident),* $(,)?) => {
        $(impl Refusal for wire::$message::Response {
            fn refuse(problems: &[Problem]) -> Self {
                let mut reply = Self::default();
                reply.diagnostics.extend(diagnostics(problems));
                reply
            }
        })*
    };
}

with_diagnostics!(
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    get_functions,
    validate_provider_config,
    validate_resource_config,
    validate_data_resource_config,
    configure_provider,
    upgrade_resource_state,
    upgrade_resource_identity,
    read_resource,
    plan_resource_change,
    apply_resource_change,
    import_resource_state,
    read_data_source,
    validate_ephemeral_resource_config,
    open_ephemeral_resource,
    renew_ephemeral_resource,
    close_ephemeral_resource,
    move_resource_state,
    generate_resource_config,
    validate_list_resource_config,
    validate_action_config,
    plan_action,
);

fn text(problems: &[Problem]) -> String {
    let texts = problems.iter().map(|problem| format!("{}: {}", problem.summary, problem.detail));
    texts.collect::<Vec<_>>().join("\n")
}

impl Refusal for wire::call_function::Response {
    fn refuse(problems: &[Problem]) -> Self {
        let error = wire::FunctionError { text: text(problems), function_argument: None };
        Self { result: None, error: Some(error) }
    }
}

impl Refusal for wire::stop_provider::Response {
    fn refuse(problems: &[Problem]) -> Self {
        Self { error: text(problems) }
    }
}
