//! List resources: read until there are no more, or as many as were asked for.

use proto::tfplugin6 as wire;

use super::{Core, holds, shown};
use crate::conformance::{no_write_only, wholly_known};
use crate::ty::Type;
use crate::value::Value;
use crate::wire as codec;

/// One instance of a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) identity: Value,
    pub(crate) display_name: String,
    pub(crate) state: Option<Value>,
}

impl Core {
    /// Lists; `whole` asks for the instances themselves. What was found before an error is beside it.
    pub(crate) async fn list(
        &mut self,
        name: &str,
        config: &Value,
        (limit, whole): (i64, bool),
    ) -> Result<Vec<Found>, (Vec<Found>, Vec<String>)> {
        let ty = &self.tables.list(name).expect("a list resource").ty;
        let config = Some(codec::encode(config, ty).expect("a value of the schema"));
        let number = |number: i64| {
            let number = Value::from(number);
            Some(codec::encode(&number, &Type::Number).expect("a number"))
        };
        let request = wire::validate_list_resource_config::Request {
            type_name: name.to_owned(),
            config: config.clone(),
            include_resource_object: Some(
                codec::encode(&Value::Bool(whole), &Type::Bool).expect("a bool"),
            ),
            limit: number(limit),
        };
        let reply = self.client.validate_list_resource_config(request).await.expect("a reply");
        let (_, messages) = shown(&reply.into_inner().diagnostics);
        if !messages.is_empty() {
            return Err((Vec::new(), messages));
        }
        let request = wire::list_resource::Request {
            type_name: name.to_owned(),
            config,
            include_resource_object: whole,
            limit,
        };
        let mut events = self.client.list_resource(request).await.expect("a stream").into_inner();
        let most = usize::try_from(limit).expect("a limit");
        let mut found = Vec::new();
        while let Some(event) = events.message().await.expect("no status: core shows a crash") {
            let (failed, messages) = shown(&event.diagnostic);
            if failed {
                return Err((found, messages));
            }
            assert!(limit == 0 || found.len() < most, "more than were asked for");
            let identity = event.identity.as_ref().expect("missing resource identity data");
            let identity = self.identity_value(name, identity);
            holds("invalid identity", &wholly_known(&identity));
            assert_eq!(
                event.resource_object.is_some(),
                whole,
                "the object is there when asked for"
            );
            let state = event.resource_object.as_ref().map(|it| self.decode(name, Some(it)));
            if let Some(state) = &state {
                holds("provider produced invalid object", &wholly_known(state));
                let attributes = &self.entry(name).schema.attributes;
                holds("provider produced invalid object", &no_write_only(attributes, state));
            }
            found.push(Found { identity, display_name: event.display_name, state });
        }
        Ok(found)
    }
}
