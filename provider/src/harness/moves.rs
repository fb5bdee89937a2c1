//! Moves of a state to another type of resource.

use proto::tfplugin6 as wire;

use super::{Core, Failure, Instance, holds, shown};
use crate::conformance::{no_write_only, wholly_known};
use crate::wire as codec;

impl Core {
    /// Moves an instance of this provider's type `from` to the type `to`, as core does for a `moved` block before it refreshes.
    pub(crate) async fn move_state(
        &mut self,
        from: &str,
        instance: &Instance,
        to: &str,
    ) -> Result<Instance, Failure> {
        let version = self.entry(from).schema.version;
        let json = codec::json::to_json(&instance.state).to_string();
        let request = wire::move_resource_state::Request {
            source_provider_address: crate::ADDRESS.to_owned(),
            source_type_name: from.to_owned(),
            source_schema_version: version,
            source_state: Some(wire::RawState { json: json.into_bytes(), ..Default::default() }),
            target_type_name: to.to_owned(),
            source_private: instance.private.clone(),
            ..Default::default()
        };
        self.move_with(request).await
    }

    /// Moves what the request says.
    pub(crate) async fn move_with(
        &mut self,
        request: wire::move_resource_state::Request,
    ) -> Result<Instance, Failure> {
        let to = request.target_type_name.clone();
        let reply = self.client.move_resource_state(request).await.expect("a reply").into_inner();
        let (failed, messages) = shown(&reply.diagnostics);
        if failed {
            return Err(Failure { messages, saved: None });
        }
        let state = self.decode(&to, reply.target_state.as_ref());
        let invalid = "provider returned invalid value";
        assert!(!state.is_null(), "{invalid}: null");
        holds(invalid, &wholly_known(&state));
        holds(invalid, &no_write_only(&self.entry(&to).schema.attributes, &state));
        if let Some(identity) = &reply.target_identity {
            holds(invalid, &wholly_known(&self.identity_value(&to, identity)));
        }
        let (private, identity) = (reply.target_private, reply.target_identity);
        Ok(Instance { state, private, identity, tainted: false })
    }
}
