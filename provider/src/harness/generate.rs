//! Configuration for what was imported without one: generated, then planned as if a person had written it.

use proto::tfplugin6 as wire;

use super::{Action, Core, Instance};
use crate::value::Value;

impl Core {
    /// The configuration that the provider writes for a state.
    pub(crate) async fn generate(&mut self, name: &str, state: &Value) -> Value {
        let request = wire::generate_resource_config::Request {
            type_name: name.to_owned(),
            state: Some(self.encode(name, state)),
        };
        let reply = self.client.generate_resource_config(request).await.expect("a reply");
        let reply = reply.into_inner();
        assert_eq!(reply.diagnostics, []);
        let config = self.decode(name, reply.config.as_ref());
        let computed = self.entry(name).schema.attributes.iter().filter(|spec| {
            !spec.rules.mode.is_configurable() && !config.attribute(spec.name).is_null()
        });
        let computed: Vec<&str> = computed.map(|spec| spec.name).collect();
        assert!(computed.is_empty(), "core would reject the configuration of {computed:?}");
        config
    }

    /// Generates the configuration of an instance and plans it: nothing may change.
    pub(crate) async fn generates(&mut self, name: &str, instance: &Instance) -> Value {
        let config = self.generate(name, &instance.state).await;
        let plan = self.plan(name, &config, Some(instance)).await;
        let plan = plan.unwrap_or_else(|failure| panic!("{name}: {:?}", failure.messages));
        assert_eq!(plan.action, Action::Nothing, "{name}: {:?}", plan.planned);
        config
    }
}
