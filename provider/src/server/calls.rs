//! One function per call: decode, ask the table, encode. No decisions.

use std::collections::BTreeMap;
use std::sync::Arc;

use proto::tfplugin6 as wire;

use super::Shared;
use super::refusal::diagnostics;
use crate::model::Model as _;
use crate::problem::Problem;
use crate::resource::ImportKey;
use crate::resource::adapter::Entry;
use crate::resource::operations::{Reply, Request};
use crate::schema::to_proto::type_bytes;
use crate::schema::validation;
use crate::settings::{self, Settings};
use crate::ty::Type;
use crate::value::Value;
use crate::wire as codec;

type Answer<T> = Result<T, Vec<Problem>>;

fn decode(dynamic: Option<&wire::DynamicValue>, ty: &Type, what: &str) -> Answer<Value> {
    codec::decode(dynamic, ty)
        .map_err(|error| vec![Problem::bug(format!("{what} cannot be read: {error}"))])
}

/// A null reply is an absent one.
fn encode(value: &Value, ty: &Type) -> Answer<Option<wire::DynamicValue>> {
    if value.is_null() {
        return Ok(None);
    }
    let encoded = codec::encode(value, ty);
    encoded
        .map(Some)
        .map_err(|error| vec![Problem::bug(format!("the reply cannot be written: {error}"))])
}

fn encode_identity(
    entry: &Entry,
    identity: Option<&Value>,
) -> Answer<Option<wire::ResourceIdentityData>> {
    let Some(identity) = identity else { return Ok(None) };
    let identity_data = encode(identity, &entry.identity_type())?;
    Ok(Some(wire::ResourceIdentityData { identity_data }))
}

/// Encodes what an operation answers with; if it cannot be encoded, that is the problem, and there is no state.
fn encoded(
    entry: &Entry,
    reply: &mut Reply,
) -> (Option<wire::DynamicValue>, Option<wire::ResourceIdentityData>) {
    let both = encode(&reply.state, &entry.ty)
        .and_then(|state| Ok((state, encode_identity(entry, reply.identity.as_ref())?)));
    both.unwrap_or_else(|problems| {
        reply.problems.extend(problems);
        (None, None)
    })
}

fn capabilities() -> wire::ServerCapabilities {
    wire::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: false,
        generate_resource_config: false,
    }
}

pub(super) async fn get_metadata(
    shared: Arc<Shared>,
    _: wire::get_metadata::Request,
) -> Answer<wire::get_metadata::Response> {
    use wire::get_metadata::{DataSourceMetadata, FunctionMetadata, ResourceMetadata};
    let tables = shared.tables();
    let name = |name: &&str| (*name).to_owned();
    let resources = tables.resources.keys().map(name);
    let data_sources = tables.data_sources.keys().map(name);
    let functions = tables.functions.keys().map(name);
    Ok(wire::get_metadata::Response {
        server_capabilities: Some(capabilities()),
        resources: resources.map(|type_name| ResourceMetadata { type_name }).collect(),
        data_sources: data_sources.map(|type_name| DataSourceMetadata { type_name }).collect(),
        functions: functions.map(|name| FunctionMetadata { name }).collect(),
        ..wire::get_metadata::Response::default()
    })
}

pub(super) async fn get_provider_schema(
    shared: Arc<Shared>,
    _: wire::get_provider_schema::Request,
) -> Answer<wire::get_provider_schema::Response> {
    let schema = shared.schema.get_or_init(|| {
        let tables = shared.tables();
        let resources = tables.resources.iter();
        let data_sources = tables.data_sources.iter();
        wire::get_provider_schema::Response {
            provider: Some(tables.provider.to_proto()),
            resource_schemas: resources
                .map(|(name, entry)| ((*name).to_owned(), entry.schema.to_proto()))
                .collect(),
            data_source_schemas: data_sources
                .map(|(name, entry)| ((*name).to_owned(), entry.schema.to_proto()))
                .collect(),
            functions: functions(&shared),
            server_capabilities: Some(capabilities()),
            ..wire::get_provider_schema::Response::default()
        }
    });
    Ok(schema.clone())
}

fn functions(shared: &Shared) -> BTreeMap<String, wire::Function> {
    let functions = shared.tables().functions.iter();
    functions.map(|(name, entry)| ((*name).to_owned(), entry.to_proto())).collect()
}

pub(super) async fn get_functions(
    shared: Arc<Shared>,
    _: wire::get_functions::Request,
) -> Answer<wire::get_functions::Response> {
    Ok(wire::get_functions::Response { functions: functions(&shared), diagnostics: Vec::new() })
}

pub(super) async fn get_resource_identity_schemas(
    shared: Arc<Shared>,
    _: wire::get_resource_identity_schemas::Request,
) -> Answer<wire::get_resource_identity_schemas::Response> {
    use wire::resource_identity_schema::IdentityAttribute;
    let schema = |entry: &Entry| wire::ResourceIdentitySchema {
        version: 0,
        identity_attributes: entry
            .identity
            .iter()
            .map(|attribute| IdentityAttribute {
                name: attribute.name.to_owned(),
                r#type: type_bytes(&Type::String),
                required_for_import: attribute.required_for_import,
                optional_for_import: !attribute.required_for_import,
                description: attribute.description.to_owned(),
            })
            .collect(),
    };
    let entries = shared.tables().resources.values().filter(|entry| !entry.identity.is_empty());
    let identity_schemas = entries.map(|entry| (entry.name.to_owned(), schema(entry))).collect();
    Ok(wire::get_resource_identity_schemas::Response { identity_schemas, diagnostics: Vec::new() })
}

pub(super) async fn validate_provider_config(
    shared: Arc<Shared>,
    request: wire::validate_provider_config::Request,
) -> Answer<wire::validate_provider_config::Response> {
    let schema = &shared.tables().provider;
    let config = decode(request.config.as_ref(), &schema.ty(), "the provider's configuration")?;
    let mut problems = validation::problems(&schema.attributes, &config, false);
    problems.extend(settings::validate(&Settings::from_value(&config)?));
    Ok(wire::validate_provider_config::Response { diagnostics: diagnostics(&problems) })
}

pub(super) async fn validate_resource_config(
    shared: Arc<Shared>,
    request: wire::validate_resource_config::Request,
) -> Answer<wire::validate_resource_config::Response> {
    let entry = shared.tables().resource(&request.type_name)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let capabilities = request.client_capabilities.unwrap_or_default();
    let problems = entry.validate(&config, capabilities.write_only_attributes_allowed);
    Ok(wire::validate_resource_config::Response { diagnostics: diagnostics(&problems) })
}

pub(super) async fn validate_data_resource_config(
    shared: Arc<Shared>,
    request: wire::validate_data_resource_config::Request,
) -> Answer<wire::validate_data_resource_config::Response> {
    let entry = shared.tables().data_source(&request.type_name)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let problems = entry.validate(&config);
    Ok(wire::validate_data_resource_config::Response { diagnostics: diagnostics(&problems) })
}

pub(super) async fn configure_provider(
    shared: Arc<Shared>,
    request: wire::configure_provider::Request,
) -> Answer<wire::configure_provider::Response> {
    let ty = shared.tables().provider.ty();
    let config = decode(request.config.as_ref(), &ty, "the provider's configuration")?;
    let configured = settings::configure(Settings::from_value(&config)?)?;
    shared.configure(configured);
    Ok(wire::configure_provider::Response::default())
}

pub(super) async fn upgrade_resource_state(
    shared: Arc<Shared>,
    request: wire::upgrade_resource_state::Request,
) -> Answer<wire::upgrade_resource_state::Response> {
    let entry = shared.tables().resource(&request.type_name)?;
    let state = raw(request.raw_state.as_ref())?;
    let state = entry.upgrade(request.version, state)?;
    let upgraded_state = encode(&state, &entry.ty)?;
    Ok(wire::upgrade_resource_state::Response { upgraded_state, diagnostics: Vec::new() })
}

/// The JSON of a stored state; the flat form is older than Terraform 0.12, and so than this provider.
fn raw(state: Option<&wire::RawState>) -> Answer<&[u8]> {
    match state {
        Some(state) if state.flatmap.is_empty() && !state.json.is_empty() => Ok(&state.json),
        _ => Err(vec![Problem::error(
            "State not readable",
            "the stored state is not in the JSON form",
        )]),
    }
}

pub(super) async fn upgrade_resource_identity(
    shared: Arc<Shared>,
    request: wire::upgrade_resource_identity::Request,
) -> Answer<wire::upgrade_resource_identity::Response> {
    let entry = shared.tables().resource(&request.type_name)?;
    let json = raw(request.raw_identity.as_ref())?;
    let identity = codec::json::decode(json, &entry.identity_type(), codec::json::Unknown::Dropped)
        .map_err(|error| vec![Problem::error("Identity not readable", error.to_string())])?;
    let upgraded_identity = encode_identity(entry, Some(&identity))?;
    Ok(wire::upgrade_resource_identity::Response { upgraded_identity, diagnostics: Vec::new() })
}

pub(super) async fn read_resource(
    shared: Arc<Shared>,
    request: wire::read_resource::Request,
) -> Answer<wire::read_resource::Response> {
    let entry = shared.tables().resource(&request.type_name)?;
    let state = decode(request.current_state.as_ref(), &entry.ty, "the state")?;
    let mut reply = entry.read(&state, &shared.context(request.private)).await;
    let (new_state, new_identity) = encoded(entry, &mut reply);
    Ok(wire::read_resource::Response {
        new_state,
        diagnostics: diagnostics(&reply.problems),
        private: reply.private,
        deferred: None,
        new_identity,
    })
}

pub(super) async fn plan_resource_change(
    shared: Arc<Shared>,
    request: wire::plan_resource_change::Request,
) -> Answer<wire::plan_resource_change::Response> {
    let entry = shared.tables().resource(&request.type_name)?;
    let prior = decode(request.prior_state.as_ref(), &entry.ty, "the prior state")?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let proposed = decode(request.proposed_new_state.as_ref(), &entry.ty, "the proposed state")?;
    let change = Request { prior: &prior, config: &config, proposed: &proposed };
    let mut reply = entry.plan(change, &shared.context(request.prior_private)).await;
    let (planned_state, planned_identity) = encoded(entry, &mut reply);
    Ok(wire::plan_resource_change::Response {
        planned_state,
        requires_replace: reply.replace.iter().map(crate::path::Path::to_proto).collect(),
        planned_private: reply.private,
        diagnostics: diagnostics(&reply.problems),
        planned_identity,
        ..wire::plan_resource_change::Response::default()
    })
}

pub(super) async fn apply_resource_change(
    shared: Arc<Shared>,
    request: wire::apply_resource_change::Request,
) -> Answer<wire::apply_resource_change::Response> {
    let entry = shared.tables().resource(&request.type_name)?;
    let prior = decode(request.prior_state.as_ref(), &entry.ty, "the prior state")?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let planned = decode(request.planned_state.as_ref(), &entry.ty, "the planned state")?;
    let change = Request { prior: &prior, config: &config, proposed: &planned };
    let mut reply = entry.apply(change, &shared.context(request.planned_private)).await;
    let (new_state, new_identity) = encoded(entry, &mut reply);
    Ok(wire::apply_resource_change::Response {
        new_state,
        private: reply.private,
        diagnostics: diagnostics(&reply.problems),
        new_identity,
        ..wire::apply_resource_change::Response::default()
    })
}

pub(super) async fn import_resource_state(
    shared: Arc<Shared>,
    request: wire::import_resource_state::Request,
) -> Answer<wire::import_resource_state::Response> {
    let entry = shared.tables().resource(&request.type_name)?;
    let key = import_key(entry, &request)?;
    let mut reply = entry.import(key, &shared.context(Vec::new())).await;
    let (state, identity) = encoded(entry, &mut reply);
    let imported = wire::import_resource_state::ImportedResource {
        type_name: request.type_name,
        state,
        private: reply.private,
        identity,
    };
    let failed = crate::problem::has_errors(&reply.problems);
    Ok(wire::import_resource_state::Response {
        imported_resources: if failed { Vec::new() } else { vec![imported] },
        diagnostics: diagnostics(&reply.problems),
        deferred: None,
    })
}

fn import_key(entry: &Entry, request: &wire::import_resource_state::Request) -> Answer<ImportKey> {
    let Some(identity) = &request.identity else { return Ok(ImportKey::Id(request.id.clone())) };
    let identity = decode(identity.identity_data.as_ref(), &entry.identity_type(), "the identity")?;
    let entries = identity.as_object().into_iter().flatten();
    let texts =
        entries.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    Ok(ImportKey::Identity(texts.collect()))
}

pub(super) async fn read_data_source(
    shared: Arc<Shared>,
    request: wire::read_data_source::Request,
) -> Answer<wire::read_data_source::Response> {
    let entry = shared.tables().data_source(&request.type_name)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let (state, problems) = entry.read(&config, &shared.context(Vec::new())).await?;
    let state = encode(&state, &entry.ty)?;
    Ok(wire::read_data_source::Response {
        state,
        diagnostics: diagnostics(&problems),
        deferred: None,
    })
}

pub(super) async fn call_function(
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

pub(super) async fn stop_provider(
    shared: Arc<Shared>,
    _: wire::stop_provider::Request,
) -> Answer<wire::stop_provider::Response> {
    shared.stopper.stop();
    Ok(wire::stop_provider::Response::default())
}
