//! Data sources.

use std::sync::Arc;

use proto::tfplugin6 as wire;

use super::{Answer, decode, encode};
use crate::server::Shared;
use crate::server::refusal::diagnostics;

pub(in crate::server) async fn validate_data_resource_config(
    shared: Arc<Shared>,
    request: wire::validate_data_resource_config::Request,
) -> Answer<wire::validate_data_resource_config::Response> {
    let entry = shared.tables().data_source(&request.type_name)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let problems = entry.validate(&config);
    Ok(wire::validate_data_resource_config::Response { diagnostics: diagnostics(&problems) })
}

pub(in crate::server) async fn read_data_source(
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
