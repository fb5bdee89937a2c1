//! What the provider says of itself, and its configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use proto::tfplugin6 as wire;

use super::{Answer, decode};
use crate::model::Model as _;
use crate::resource::adapter::Entry;
use crate::schema::to_proto::type_bytes;
use crate::schema::{Schema, validation};
use crate::server::Shared;
use crate::server::refusal::diagnostics;
use crate::settings::{self, Settings};
use crate::ty::Type;

pub(in crate::server) async fn get_metadata(
    shared: Arc<Shared>,
    _: wire::get_metadata::Request,
) -> Answer<wire::get_metadata::Response> {
    use wire::get_metadata::{
        ActionMetadata, DataSourceMetadata, EphemeralMetadata, FunctionMetadata,
        ListResourceMetadata, ResourceMetadata,
    };
    let tables = shared.tables();
    let name = |name: &&str| (*name).to_owned();
    let resources = tables.resources.keys().map(name);
    let data_sources = tables.data_sources.keys().map(name);
    let ephemerals = tables.ephemerals.keys().map(name);
    let lists = tables.lists.keys().map(name);
    let actions = tables.actions.keys().map(name);
    let functions = tables.functions.keys().map(name);
    Ok(wire::get_metadata::Response {
        server_capabilities: Some(capabilities()),
        resources: resources.map(|type_name| ResourceMetadata { type_name }).collect(),
        data_sources: data_sources.map(|type_name| DataSourceMetadata { type_name }).collect(),
        ephemeral_resources: ephemerals.map(|type_name| EphemeralMetadata { type_name }).collect(),
        list_resources: lists.map(|type_name| ListResourceMetadata { type_name }).collect(),
        actions: actions.map(|type_name| ActionMetadata { type_name }).collect(),
        functions: functions.map(|name| FunctionMetadata { name }).collect(),
        ..wire::get_metadata::Response::default()
    })
}

pub(in crate::server) async fn get_provider_schema(
    shared: Arc<Shared>,
    _: wire::get_provider_schema::Request,
) -> Answer<wire::get_provider_schema::Response> {
    let schema = shared.schema.get_or_init(|| {
        let tables = shared.tables();
        wire::get_provider_schema::Response {
            provider: Some(tables.provider.to_proto()),
            resource_schemas: schemas(&tables.resources, |entry| &entry.schema),
            data_source_schemas: schemas(&tables.data_sources, |entry| &entry.schema),
            ephemeral_resource_schemas: schemas(&tables.ephemerals, |entry| &entry.schema),
            list_resource_schemas: schemas(&tables.lists, |entry| &entry.schema),
            action_schemas: schemas(&tables.actions, |entry| &entry.schema)
                .into_iter()
                .map(|(name, schema)| (name, wire::ActionSchema { schema: Some(schema) }))
                .collect(),
            functions: functions(&shared),
            server_capabilities: Some(capabilities()),
            ..wire::get_provider_schema::Response::default()
        }
    });
    Ok(schema.clone())
}

fn schemas<E>(
    table: &BTreeMap<&'static str, E>,
    schema: impl Fn(&E) -> &Schema,
) -> BTreeMap<String, wire::Schema> {
    table.iter().map(|(name, entry)| ((*name).to_owned(), schema(entry).to_proto())).collect()
}

pub(super) fn functions(shared: &Shared) -> BTreeMap<String, wire::Function> {
    let functions = shared.tables().functions.iter();
    functions.map(|(name, entry)| ((*name).to_owned(), entry.to_proto())).collect()
}

pub(in crate::server) async fn get_resource_identity_schemas(
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

pub(in crate::server) async fn validate_provider_config(
    shared: Arc<Shared>,
    request: wire::validate_provider_config::Request,
) -> Answer<wire::validate_provider_config::Response> {
    let schema = &shared.tables().provider;
    let config = decode(request.config.as_ref(), &schema.ty(), "the provider's configuration")?;
    let mut problems = validation::problems(&schema.attributes, &config, false);
    problems.extend(settings::validate(&Settings::from_value(&config)?));
    Ok(wire::validate_provider_config::Response { diagnostics: diagnostics(&problems) })
}

pub(in crate::server) async fn configure_provider(
    shared: Arc<Shared>,
    request: wire::configure_provider::Request,
) -> Answer<wire::configure_provider::Response> {
    let ty = shared.tables().provider.ty();
    let config = decode(request.config.as_ref(), &ty, "the provider's configuration")?;
    let configured = settings::configure(Settings::from_value(&config)?)?;
    shared.configure(configured);
    Ok(wire::configure_provider::Response::default())
}

pub(in crate::server) async fn stop_provider(
    shared: Arc<Shared>,
    _: wire::stop_provider::Request,
) -> Answer<wire::stop_provider::Response> {
    shared.stopper.stop();
    Ok(wire::stop_provider::Response::default())
}

fn capabilities() -> wire::ServerCapabilities {
    wire::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: true,
    }
}
