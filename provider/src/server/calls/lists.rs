//! List resources.

use std::sync::Arc;

use proto::tfplugin6 as wire;

use super::resources::encode_identity;
use super::{Answer, decode, encode};
use crate::list::adapter::{Listed, Query};
use crate::problem::{Problem, has_errors};
use crate::resource::adapter::Entry;
use crate::server::Shared;
use crate::server::refusal::diagnostics;
use crate::server::streams::Events;

pub(in crate::server) async fn validate_list_resource_config(
    shared: Arc<Shared>,
    request: wire::validate_list_resource_config::Request,
) -> Answer<wire::validate_list_resource_config::Response> {
    let entry = shared.tables().list(&request.type_name)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let diagnostics = diagnostics(&entry.validate(&config));
    Ok(wire::validate_list_resource_config::Response { diagnostics })
}

/// One event for each instance, until there are no more, Terraform has enough, or one is an error.
pub(in crate::server) async fn list_resource(
    shared: Arc<Shared>,
    request: wire::list_resource::Request,
    events: Events<wire::list_resource::Event>,
) -> Answer<()> {
    let tables = shared.tables();
    let (entry, resource) =
        (tables.list(&request.type_name)?, tables.resource(&request.type_name)?);
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let limit = usize::try_from(request.limit).ok().filter(|limit| *limit > 0);
    let query = Query { config: &config, limit, whole: request.include_resource_object };
    let context = shared.context(Vec::new());
    for listed in entry.list(resource, query, &context).await? {
        if context.stop().is_wanted() {
            return Err(vec![Problem::error("Stopped", "The list is not complete.")]);
        }
        if has_errors(&listed.problems) {
            return Err(listed.problems);
        }
        if !events.send(event(resource, listed)?).await {
            break;
        }
    }
    Ok(())
}

fn event(resource: &Entry, listed: Listed) -> Answer<wire::list_resource::Event> {
    let Listed { identity, display_name, state, problems } = listed;
    let resource_object = match state {
        Some(state) => encode(&state, &resource.ty)?,
        None => None,
    };
    Ok(wire::list_resource::Event {
        identity: encode_identity(resource, Some(&identity))?,
        display_name,
        resource_object,
        diagnostic: diagnostics(&problems),
    })
}
