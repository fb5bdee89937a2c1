//! Imports, by id and by identity, and the read that follows.

use proto::tfplugin6 as wire;

use super::{Core, Failure, Instance, holds, shown};
use crate::conformance::wholly_known;
use crate::value::Value;
use crate::wire as codec;

impl Core {
    /// Imports by id, then reads, as core does.
    pub(crate) async fn import(&mut self, name: &str, id: &str) -> Result<Instance, Failure> {
        let request = wire::import_resource_state::Request {
            type_name: name.to_owned(),
            id: id.to_owned(),
            ..Default::default()
        };
        self.import_with(name, request).await
    }

    /// Imports by identity, then reads, as core does.
    pub(crate) async fn import_by_identity(
        &mut self,
        name: &str,
        identity: &Value,
    ) -> Result<Instance, Failure> {
        let data = codec::encode(identity, &self.entry(name).identity_type()).expect("an identity");
        let request = wire::import_resource_state::Request {
            type_name: name.to_owned(),
            identity: Some(wire::ResourceIdentityData { identity_data: Some(data) }),
            ..Default::default()
        };
        self.import_with(name, request).await
    }

    async fn import_with(
        &mut self,
        name: &str,
        request: wire::import_resource_state::Request,
    ) -> Result<Instance, Failure> {
        let by_identity = request.identity.is_some();
        let reply = self.client.import_resource_state(request).await.expect("a reply").into_inner();
        let (failed, messages) = shown(&reply.diagnostics);
        if failed {
            return Err(Failure { messages, saved: None });
        }
        let [imported] = reply.imported_resources.try_into().expect("one imported resource");
        assert_eq!(imported.type_name, name);
        assert!(
            !by_identity || imported.identity.is_some(),
            "an import by identity has an identity"
        );
        let state = self.decode(name, imported.state.as_ref());
        assert!(!state.is_null(), "the import is empty");
        holds("invalid import", &wholly_known(&state));
        let (private, identity) = (imported.private, imported.identity);
        let stub = Instance { state, private, identity: identity.clone(), tainted: false };
        let read = self.refresh(name, &stub).await?;
        read.ok_or_else(|| Failure {
            messages: vec!["Cannot import non-existent remote object".to_owned()],
            saved: None,
        })
    }
}
