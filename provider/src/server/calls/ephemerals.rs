//! Ephemeral resources.

use std::sync::Arc;

use jiff::Timestamp;
use proto::tfplugin6 as wire;

use super::{Answer, decode, encode};
use crate::ephemeral::{Opened, Renewed};
use crate::server::Shared;
use crate::server::refusal::diagnostics;

pub(in crate::server) async fn validate_ephemeral_resource_config(
    shared: Arc<Shared>,
    request: wire::validate_ephemeral_resource_config::Request,
) -> Answer<wire::validate_ephemeral_resource_config::Response> {
    let entry = shared.tables().ephemeral(&request.type_name)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let diagnostics = diagnostics(&entry.validate(&config));
    Ok(wire::validate_ephemeral_resource_config::Response { diagnostics })
}

pub(in crate::server) async fn open_ephemeral_resource(
    shared: Arc<Shared>,
    request: wire::open_ephemeral_resource::Request,
) -> Answer<wire::open_ephemeral_resource::Response> {
    let entry = shared.tables().ephemeral(&request.type_name)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let opened = entry.open(&config, &shared.context(Vec::new())).await?;
    let Opened { result, renew_at, private, warnings } = opened;
    Ok(wire::open_ephemeral_resource::Response {
        diagnostics: diagnostics(&warnings),
        renew_at: renew_at.map(timestamp),
        result: encode(&result, &entry.ty)?,
        private: Some(private),
        deferred: None,
    })
}

pub(in crate::server) async fn renew_ephemeral_resource(
    shared: Arc<Shared>,
    request: wire::renew_ephemeral_resource::Request,
) -> Answer<wire::renew_ephemeral_resource::Response> {
    let entry = shared.tables().ephemeral(&request.type_name)?;
    let context = shared.context(request.private.unwrap_or_default());
    let Renewed { renew_at, private } = entry.calls.renew(&context).await?;
    Ok(wire::renew_ephemeral_resource::Response {
        diagnostics: Vec::new(),
        renew_at: renew_at.map(timestamp),
        private: Some(private),
    })
}

pub(in crate::server) async fn close_ephemeral_resource(
    shared: Arc<Shared>,
    request: wire::close_ephemeral_resource::Request,
) -> Answer<wire::close_ephemeral_resource::Response> {
    let entry = shared.tables().ephemeral(&request.type_name)?;
    let context = shared.context(request.private.unwrap_or_default());
    let diagnostics = diagnostics(&entry.calls.close(&context).await);
    Ok(wire::close_ephemeral_resource::Response { diagnostics })
}

fn timestamp(time: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}
