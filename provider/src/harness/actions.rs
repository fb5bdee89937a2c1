//! Actions: validated, planned, and invoked to their one end.

use proto::tfplugin6 as wire;

use super::{Core, shown};
use crate::conformance::wholly_known;
use crate::value::Value;
use crate::wire as codec;

/// What an action did, in the order in which it told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Invoked {
    pub(crate) progress: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

impl Core {
    fn encode_action(&self, name: &str, config: &Value) -> wire::DynamicValue {
        let ty = &self.tables.action(name).expect("an action").ty;
        codec::encode(config, ty).expect("a value of the schema")
    }

    /// Validates and plans, with anything unknown; what the provider says.
    pub(crate) async fn plan_action(&mut self, name: &str, config: &Value) -> Vec<String> {
        let request = wire::validate_action_config::Request {
            type_name: name.to_owned(),
            config: Some(self.encode_action(name, config)),
        };
        let reply = self.client.validate_action_config(request).await.expect("a reply");
        let (_, messages) = shown(&reply.into_inner().diagnostics);
        if !messages.is_empty() {
            return messages;
        }
        let request = wire::plan_action::Request {
            action_type: name.to_owned(),
            config: Some(self.encode_action(name, config)),
            client_capabilities: None,
        };
        let reply = self.client.plan_action(request).await.expect("a reply").into_inner();
        assert!(reply.deferred.is_none(), "deferral was not allowed");
        shown(&reply.diagnostics).1
    }

    /// Plans and invokes; what it told, or its errors.
    pub(crate) async fn invoke(
        &mut self,
        name: &str,
        config: &Value,
    ) -> Result<Invoked, Vec<String>> {
        let planned = self.plan_action(name, config).await;
        if !planned.is_empty() {
            return Err(planned);
        }
        self.invoke_unplanned(name, config).await
    }

    /// Invokes although a plan might refuse: time has passed since.
    pub(crate) async fn invoke_unplanned(
        &mut self,
        name: &str,
        config: &Value,
    ) -> Result<Invoked, Vec<String>> {
        use wire::invoke_action::event::Type;
        assert!(wholly_known(config).is_empty(), "the configuration is known when it is invoked");
        let request = wire::invoke_action::Request {
            action_type: name.to_owned(),
            config: Some(self.encode_action(name, config)),
            client_capabilities: None,
        };
        let mut events = self.client.invoke_action(request).await.expect("a stream").into_inner();
        let mut invoked = Invoked::default();
        let mut end = None;
        while let Some(event) = events.message().await.expect("no status: core shows a crash") {
            assert!(end.is_none(), "an event after the end");
            match event.r#type.expect("an event without a type panics core") {
                Type::Progress(progress) => invoked.progress.push(progress.message),
                Type::Completed(completed) => end = Some(shown(&completed.diagnostics)),
            }
        }
        let (failed, messages) = end.expect("an action has an end");
        if failed {
            return Err(messages);
        }
        Ok(Invoked { warnings: messages, ..invoked })
    }
}
