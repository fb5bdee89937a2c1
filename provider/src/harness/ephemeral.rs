//! Ephemeral resources: opened, renewed with the latest private, closed with the private of opening.

use jiff::Timestamp;
use proto::tfplugin6 as wire;

use super::{Core, holds, shown};
use crate::conformance::{conforms, plan_is_valid, wholly_known};
use crate::ephemeral::adapter::Entry;
use crate::value::Value;
use crate::wire as codec;

/// An ephemeral resource that is open.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) result: Value,
    /// When core would renew it.
    pub(crate) renew_at: Option<Timestamp>,
    /// What the next renewal gets.
    latest: Option<Vec<u8>>,
    /// What closing gets, whatever renewals said.
    opened: Option<Vec<u8>>,
}

fn time(stamp: prost_types::Timestamp) -> Timestamp {
    Timestamp::new(stamp.seconds, stamp.nanos).expect("a time that Go can hold")
}

impl Core {
    fn ephemeral(&self, name: &str) -> &Entry {
        self.tables.ephemeral(name).expect("an ephemeral resource")
    }

    fn encode_ephemeral(&self, name: &str, config: &Value) -> wire::DynamicValue {
        codec::encode(config, &self.ephemeral(name).ty).expect("a value of the schema")
    }

    /// Validates a configuration, in which anything may be unknown; what the provider says.
    pub(crate) async fn validate_ephemeral(&mut self, name: &str, config: &Value) -> Vec<String> {
        let request = wire::validate_ephemeral_resource_config::Request {
            type_name: name.to_owned(),
            config: Some(self.encode_ephemeral(name, config)),
        };
        let reply = self.client.validate_ephemeral_resource_config(request).await;
        shown(&reply.expect("a reply").into_inner().diagnostics).1
    }

    /// Validates and opens.
    pub(crate) async fn open(&mut self, name: &str, config: &Value) -> Result<Open, Vec<String>> {
        let messages = self.validate_ephemeral(name, config).await;
        if !messages.is_empty() {
            return Err(messages);
        }
        holds("core opens what is known", &wholly_known(config));
        let request = wire::open_ephemeral_resource::Request {
            type_name: name.to_owned(),
            config: Some(self.encode_ephemeral(name, config)),
            client_capabilities: None,
        };
        let reply = self.client.open_ephemeral_resource(request).await.expect("a reply");
        let reply = reply.into_inner();
        let (failed, messages) = shown(&reply.diagnostics);
        if failed {
            return Err(messages);
        }
        assert!(reply.deferred.is_none(), "deferral was not allowed");
        let entry = self.ephemeral(name);
        let result = codec::decode(reply.result.as_ref(), &entry.ty).expect("a result");
        let invalid = "provider produced invalid ephemeral resource instance";
        assert!(!result.is_null(), "{invalid}: null");
        holds(invalid, &conforms(&entry.ty, &result));
        holds(invalid, &wholly_known(&result));
        holds(invalid, &plan_is_valid(&entry.schema.attributes, &Value::Null, config, &result));
        let renew_at = reply.renew_at.map(time);
        Ok(Open { result, renew_at, latest: reply.private.clone(), opened: reply.private })
    }

    /// Renews, as core does when [`Open::renew_at`] has come.
    pub(crate) async fn renew(&mut self, name: &str, open: &mut Open) -> Result<(), Vec<String>> {
        assert!(open.renew_at.is_some(), "core never renews what does not ask for it");
        let request = wire::renew_ephemeral_resource::Request {
            type_name: name.to_owned(),
            private: open.latest.clone(),
        };
        let reply = self.client.renew_ephemeral_resource(request).await.expect("a reply");
        let reply = reply.into_inner();
        let (failed, messages) = shown(&reply.diagnostics);
        if failed {
            open.renew_at = None;
            return Err(messages);
        }
        open.renew_at = reply.renew_at.map(time);
        open.latest = reply.private;
        Ok(())
    }

    /// Closes; what the provider says.
    pub(crate) async fn close(&mut self, name: &str, open: &Open) -> Vec<String> {
        let request = wire::close_ephemeral_resource::Request {
            type_name: name.to_owned(),
            private: open.opened.clone(),
        };
        let reply = self.client.close_ephemeral_resource(request).await.expect("a reply");
        shown(&reply.into_inner().diagnostics).1
    }
}
