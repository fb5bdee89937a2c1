//! Managed resources.

use std::sync::Arc;

use proto::tfplugin6 as wire;

use super::{Answer, decode, encode};
use crate::problem::Problem;
use crate::resource::adapter::Entry;
use crate::resource::generation::generated;
use crate::resource::operations::{Reply, Request};
use crate::resource::{ImportKey, Moved};
use crate::server::Shared;
use crate::server::refusal::diagnostics;
use crate::value::Value;
use crate::wire as codec;

pub(in crate::server) async fn validate_resource_config(
    shared: Arc<Shared>,
    request: wire::validate_resource_config::Request,
) -> Answer<wire::validate_resource_config::Response> {
    let entry = shared.tables().resource(&request.type_name)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let capabilities = request.client_capabilities.unwrap_or_default();
    let problems = entry.validate(&config, capabilities.write_only_attributes_allowed);
    Ok(wire::validate_resource_config::Response { diagnostics: diagnostics(&problems) })
}

pub(in crate::server) async fn upgrade_resource_state(
    shared: Arc<Shared>,
    request: wire::upgrade_resource_state::Request,
) -> Answer<wire::upgrade_resource_state::Response> {
    let entry = shared.tables().resource(&request.type_name)?;
    let state = raw(request.raw_state.as_ref())?;
    let state = entry.upgrade(request.version, state)?;
    let upgraded_state = encode(&state, &entry.ty)?;
    Ok(wire::upgrade_resource_state::Response { upgraded_state, diagnostics: Vec::new() })
}

pub(in crate::server) async fn upgrade_resource_identity(
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

pub(in crate::server) async fn read_resource(
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

pub(in crate::server) async fn plan_resource_change(
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

pub(in crate::server) async fn apply_resource_change(
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

pub(in crate::server) async fn import_resource_state(
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

pub(super) fn encode_identity(
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

pub(in crate::server) async fn move_resource_state(
    shared: Arc<Shared>,
    request: wire::move_resource_state::Request,
) -> Answer<wire::move_resource_state::Response> {
    let entry = shared.tables().resource(&request.target_type_name)?;
    let json = raw(request.source_state.as_ref())?;
    let state = serde_json::from_slice(json)
        .map_err(|error| vec![Problem::error("State not readable", error.to_string())])?;
    let mut reply = entry.moved(Moved {
        provider: &request.source_provider_address,
        type_name: &request.source_type_name,
        version: request.source_schema_version,
        state,
    });
    let (target_state, target_identity) = encoded(entry, &mut reply);
    Ok(wire::move_resource_state::Response {
        target_state,
        diagnostics: diagnostics(&reply.problems),
        target_private: reply.private,
        target_identity,
    })
}

pub(in crate::server) async fn generate_resource_config(
    shared: Arc<Shared>,
    request: wire::generate_resource_config::Request,
) -> Answer<wire::generate_resource_config::Response> {
    let entry = shared.tables().resource(&request.type_name)?;
    let state = decode(request.state.as_ref(), &entry.ty, "the state")?;
    let config = encode(&generated(&entry.schema.attributes, &state), &entry.ty)?;
    Ok(wire::generate_resource_config::Response { config, diagnostics: Vec::new() })
}
