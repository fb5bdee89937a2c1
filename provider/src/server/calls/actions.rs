//! Actions.

use std::pin::pin;
use std::sync::Arc;

use proto::tfplugin6 as wire;
use wire::invoke_action::Event;
use wire::invoke_action::event::{Completed, Progress as Told, Type};

use super::{Answer, decode};
use crate::action::Progress;
use crate::server::Shared;
use crate::server::refusal::diagnostics;
use crate::server::streams::Events;

pub(in crate::server) async fn validate_action_config(
    shared: Arc<Shared>,
    request: wire::validate_action_config::Request,
) -> Answer<wire::validate_action_config::Response> {
    let entry = shared.tables().action(&request.type_name)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let diagnostics = diagnostics(&entry.validate(&config));
    Ok(wire::validate_action_config::Response { diagnostics })
}

pub(in crate::server) async fn plan_action(
    shared: Arc<Shared>,
    request: wire::plan_action::Request,
) -> Answer<wire::plan_action::Response> {
    let entry = shared.tables().action(&request.action_type)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let problems = entry.plan(&config, &shared.context(Vec::new())).await;
    Ok(wire::plan_action::Response { diagnostics: diagnostics(&problems), deferred: None })
}

/// Any number of messages, then exactly one end; an error's end is written where errors become events.
pub(in crate::server) async fn invoke_action(
    shared: Arc<Shared>,
    request: wire::invoke_action::Request,
    events: Events<Event>,
) -> Answer<()> {
    let entry = shared.tables().action(&request.action_type)?;
    let config = decode(request.config.as_ref(), &entry.ty, "the configuration")?;
    let context = shared.context(Vec::new());
    let (progress, mut messages) = Progress::channel();
    let mut invoked = pin!(entry.invoke(&config, &progress, &context));
    let outcome = loop {
        tokio::select! {
            biased;
            Some(message) = messages.recv() => tell(&events, message).await,
            outcome = &mut invoked => break outcome,
        }
    };
    while let Ok(message) = messages.try_recv() {
        tell(&events, message).await;
    }
    let completed = Completed { diagnostics: diagnostics(&outcome?) };
    // What was done is done, whether anybody hears of it or not.
    let _nobody_listens = events.send(Event { r#type: Some(Type::Completed(completed)) }).await;
    Ok(())
}

async fn tell(events: &Events<Event>, message: String) {
    let event = Event { r#type: Some(Type::Progress(Told { message })) };
    // The action goes on although nobody listens.
    let _nobody_listens = events.send(event).await;
}
