//! Terraform's side of the protocol, for tests: a real client over an in-memory pipe that makes the calls in core's order
//! and asserts what core asserts. Any resource can be driven through its whole life with it; a broken rule fails the test
//! with core's own words.

use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use proto::tfplugin6 as wire;
use tokio::io::DuplexStream;
use tokio_stream::once;
use tonic::transport::{Channel, Endpoint};
use wire::provider_client::ProviderClient;

use crate::conformance::{
    Violation, conforms, is_compatible, no_write_only, paths_exist, plan_is_valid, wholly_known,
};
use crate::ending::Ending;
use crate::listener::Connection;
use crate::path::{Path, Step};
use crate::plugin::Plugin;
use crate::process::router;
use crate::resource::adapter::Entry;
use crate::server::Server;
use crate::server::tables::Tables;
use crate::value::Value;
use crate::wire as codec;

pub(crate) mod actions;
pub(crate) mod ephemeral;
mod generate;
mod import;
pub(crate) mod list;
mod moves;
mod proposed;

/// A core with one provider.
pub(crate) struct Core {
    pub(crate) client: ProviderClient<Channel>,
    pub(crate) server: Server,
    tables: Tables,
}

/// An instance in the state.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Instance {
    pub(crate) state: Value,
    pub(crate) private: Vec<u8>,
    pub(crate) identity: Option<wire::ResourceIdentityData>,
    pub(crate) tainted: bool,
}

/// What core decided from a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    Create,
    Update,
    Replace,
    Delete,
}

/// A plan, ready to be applied.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) action: Action,
    pub(crate) planned: Value,
    /// What exists before.
    prior: Option<Instance>,
    private: Vec<u8>,
    identity: Option<wire::ResourceIdentityData>,
    pub(crate) warnings: Vec<String>,
}

/// What the user sees when an operation fails, and what is in the state afterwards.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) messages: Vec<String>,
    pub(crate) saved: Option<Instance>,
}

/// Whether the diagnostics stop the operation, and each as one line: path, summary, detail.
pub(crate) fn shown(diagnostics: &[wire::Diagnostic]) -> (bool, Vec<String>) {
    let failed = diagnostics.iter().any(|diagnostic| {
        assert_ne!(diagnostic.severity(), wire::diagnostic::Severity::Invalid);
        diagnostic.severity() == wire::diagnostic::Severity::Error
    });
    let line = |diagnostic: &wire::Diagnostic| {
        let path = diagnostic.attribute.as_ref().map(|path| format!("{}: ", path_of(path)));
        let (summary, detail) = (&diagnostic.summary, &diagnostic.detail);
        format!("{}{summary}: {detail}", path.unwrap_or_default())
    };
    (failed, diagnostics.iter().map(line).collect())
}

fn path_of(path: &wire::AttributePath) -> Path {
    use wire::attribute_path::step::Selector;
    path.steps.iter().fold(Path::root(), |path, step| {
        path.then(match step.selector.clone().expect("a step") {
            Selector::AttributeName(name) => Step::Attribute(name),
            Selector::ElementKeyString(key) => Step::Key(key),
            Selector::ElementKeyInt(index) => Step::Index(index.try_into().expect("an index")),
        })
    })
}

#[track_caller]
fn holds(complaint: &str, violations: &[Violation]) {
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(violations.is_empty(), "{complaint}: {}", lines.join("; "));
}

impl Core {
    /// Starts a provider with these tables, at a fixed time.
    pub(crate) async fn start(tables: fn() -> Tables, clock: fn() -> Timestamp) -> Self {
        let server = Server::new(tables, clock);
        let (near, far) = tokio::io::duplex(1 << 16);
        let incoming = once(Ok::<_, std::io::Error>(Connection(Box::new(far))));
        let serving = router(server.clone(), Plugin::new(Ending::new()));
        tokio::spawn(serving.serve_with_incoming(incoming));
        let channel = connect(near).await;
        let client = ProviderClient::new(channel)
            .max_decoding_message_size(usize::MAX)
            .max_encoding_message_size(usize::MAX);
        Self { client, server, tables: tables() }
    }

    fn entry(&self, name: &str) -> &Entry {
        self.tables.resource(name).expect("a resource")
    }

    fn encode(&self, name: &str, value: &Value) -> wire::DynamicValue {
        codec::encode(value, &self.entry(name).ty).expect("a value of the schema")
    }

    /// Decodes strictly, as core does: whatever does not fit the schema fails the test.
    fn decode(&self, name: &str, value: Option<&wire::DynamicValue>) -> Value {
        codec::decode(value, &self.entry(name).ty).expect("provider produced an invalid object")
    }

    /// Configures the provider; what it says.
    pub(crate) async fn configure(&mut self, config: &Value) -> Vec<String> {
        let ty = self.tables.provider.ty();
        let config = Some(codec::encode(config, &ty).expect("a configuration"));
        let request = wire::configure_provider::Request { config, ..Default::default() };
        let reply = self.client.configure_provider(request).await.expect("a reply").into_inner();
        shown(&reply.diagnostics).1
    }

    /// Validates a configuration, in which anything may be unknown; what the provider says.
    pub(crate) async fn validate(&mut self, name: &str, config: &Value) -> Vec<String> {
        let request = wire::validate_resource_config::Request {
            type_name: name.to_owned(),
            config: Some(self.encode(name, config)),
            client_capabilities: Some(wire::ClientCapabilities {
                write_only_attributes_allowed: true,
                ..Default::default()
            }),
        };
        let reply = self.client.validate_resource_config(request).await.expect("a reply");
        shown(&reply.into_inner().diagnostics).1
    }

    /// Upgrades a stored state and reads what exists, as every run does before it plans.
    pub(crate) async fn refresh(
        &mut self,
        name: &str,
        stored: &Instance,
    ) -> Result<Option<Instance>, Failure> {
        let version = self.entry(name).schema.version;
        let json = codec::json::to_json(&stored.state).to_string().into_bytes();
        let state = self.upgrade(name, version, &json).await?;
        assert_eq!(state, stored.state, "an upgrade from the same version changed the state");
        let request = wire::read_resource::Request {
            type_name: name.to_owned(),
            current_state: Some(self.encode(name, &state)),
            private: stored.private.clone(),
            current_identity: stored.identity.clone(),
            ..Default::default()
        };
        let reply = self.client.read_resource(request).await.expect("a reply").into_inner();
        let (failed, messages) = shown(&reply.diagnostics);
        if failed {
            return Err(Failure { messages, saved: Some(stored.clone()) });
        }
        let state = self.decode(name, reply.new_state.as_ref());
        holds("provider produced invalid object", &wholly_known(&state));
        holds(
            "provider produced invalid object",
            &no_write_only(&self.entry(name).schema.attributes, &state),
        );
        if state.is_null() {
            return Ok(None);
        }
        self.identity_is_kept(name, stored.identity.as_ref(), reply.new_identity.as_ref());
        let (private, identity) = (reply.private, reply.new_identity);
        Ok(Some(Instance { state, private, identity, tainted: stored.tainted }))
    }

    /// Upgrades a stored state.
    pub(crate) async fn upgrade(
        &mut self,
        name: &str,
        version: i64,
        json: &[u8],
    ) -> Result<Value, Failure> {
        let request = wire::upgrade_resource_state::Request {
            type_name: name.to_owned(),
            version,
            raw_state: Some(wire::RawState { json: json.to_vec(), ..Default::default() }),
        };
        let reply =
            self.client.upgrade_resource_state(request).await.expect("a reply").into_inner();
        let (failed, messages) = shown(&reply.diagnostics);
        if failed {
            return Err(Failure { messages, saved: None });
        }
        let state = self.decode(name, reply.upgraded_state.as_ref());
        holds("invalid resource state upgrade", &wholly_known(&state));
        holds(
            "invalid resource state upgrade",
            &no_write_only(&self.entry(name).schema.attributes, &state),
        );
        Ok(state)
    }

    /// Plans a configuration (null to destroy) for what is in the state: refresh, validate, plan, and plan again for a
    /// replacement.
    pub(crate) async fn plan(
        &mut self,
        name: &str,
        config: &Value,
        stored: Option<&Instance>,
    ) -> Result<Plan, Failure> {
        let prior = match stored {
            Some(stored) => self.refresh(name, stored).await?,
            None => None,
        };
        if !config.is_null() {
            let messages = self.validate(name, config).await;
            if !messages.is_empty() {
                return Err(Failure { messages, saved: prior });
            }
        }
        self.decide(name, config, prior).await
    }

    async fn decide(
        &mut self,
        name: &str,
        config: &Value,
        prior: Option<Instance>,
    ) -> Result<Plan, Failure> {
        let mut plan = self.plan_once(name, config, prior.as_ref(), &[]).await?;
        let replaces = plan.action == Action::Replace
            || (prior.as_ref().is_some_and(|prior| prior.tainted) && !config.is_null());
        if replaces {
            let private = plan.private.clone();
            plan = self.plan_once(name, config, None, &private).await?;
            plan.action = Action::Replace;
        }
        plan.prior = prior;
        Ok(plan)
    }

    async fn plan_once(
        &mut self,
        name: &str,
        config: &Value,
        prior: Option<&Instance>,
        private: &[u8],
    ) -> Result<Plan, Failure> {
        let attributes = self.entry(name).schema.attributes.clone();
        let identity = prior.and_then(|prior| prior.identity.clone());
        let prior_state = prior.map(|prior| prior.state.clone()).unwrap_or_default();
        let proposed = proposed::new_state(&attributes, &prior_state, config);
        let request = wire::plan_resource_change::Request {
            type_name: name.to_owned(),
            prior_state: Some(self.encode(name, &prior_state)),
            proposed_new_state: Some(self.encode(name, &proposed)),
            config: Some(self.encode(name, config)),
            prior_private: prior.map_or_else(|| private.to_vec(), |prior| prior.private.clone()),
            prior_identity: identity.clone(),
            ..Default::default()
        };
        let reply = self.client.plan_resource_change(request).await.expect("a reply").into_inner();
        let (failed, warnings) = shown(&reply.diagnostics);
        if failed {
            return Err(Failure { messages: warnings, saved: prior.cloned() });
        }
        let planned = self.decode(name, reply.planned_state.as_ref());
        let invalid = "provider produced invalid plan";
        assert!(reply.deferred.is_none() && !reply.legacy_type_system, "{invalid}");
        holds(invalid, &plan_is_valid(&attributes, &prior_state, config, &planned));
        let replace: Vec<Path> = reply.requires_replace.iter().map(path_of).collect();
        holds(invalid, &paths_exist(&replace, &prior_state, &planned));
        // Core ignores paths whose value does not change.
        let replaces = replace.iter().any(|path| prior_state.at(path) != planned.at(path));
        let action = match (prior.is_some(), planned.is_null()) {
            (false, _) => Action::Create,
            (true, true) => Action::Delete,
            (true, false) if replaces => Action::Replace,
            (true, false) if planned == prior_state => Action::Nothing,
            (true, false) => Action::Update,
        };
        if action == Action::Update || action == Action::Nothing {
            self.identity_is_kept(name, identity.as_ref(), reply.planned_identity.as_ref());
        }
        let (private, identity) = (reply.planned_private, reply.planned_identity);
        Ok(Plan { action, planned, prior: None, private, identity, warnings })
    }

    /// Applies a plan with the configuration as it is known by then: plan again, compare, and carry out, a replacement as
    /// delete and create.
    pub(crate) async fn apply(
        &mut self,
        name: &str,
        config: &Value,
        plan: Plan,
    ) -> Result<Option<Instance>, Failure> {
        holds("the configuration is known at apply", &wholly_known(config));
        let again = self.decide(name, config, plan.prior.clone()).await?;
        let attributes = self.entry(name).schema.attributes.clone();
        holds(
            "provider produced inconsistent final plan",
            &is_compatible(&attributes, &plan.planned, &again.planned),
        );
        let settled = plan.action == Action::Update && again.action == Action::Nothing;
        assert!(plan.action == again.action || settled, "inconsistent final plan: other action");
        match again.action {
            Action::Nothing => Ok(again.prior),
            Action::Replace => {
                let prior = again.prior.clone();
                let delete = Plan { planned: Value::Null, ..again.clone() };
                self.carry_out(name, &Value::Null, prior, delete).await?;
                self.carry_out(name, config, None, again).await
            }
            Action::Create | Action::Update | Action::Delete => {
                let prior = again.prior.clone();
                self.carry_out(name, config, prior, again).await
            }
        }
    }

    async fn carry_out(
        &mut self,
        name: &str,
        config: &Value,
        prior: Option<Instance>,
        plan: Plan,
    ) -> Result<Option<Instance>, Failure> {
        let attributes = self.entry(name).schema.attributes.clone();
        let prior_state = prior.as_ref().map(|prior| prior.state.clone()).unwrap_or_default();
        let request = wire::apply_resource_change::Request {
            type_name: name.to_owned(),
            prior_state: Some(self.encode(name, &prior_state)),
            planned_state: Some(self.encode(name, &plan.planned)),
            config: Some(self.encode(name, config)),
            planned_private: plan.private,
            planned_identity: plan.identity,
            ..Default::default()
        };
        let reply = self.client.apply_resource_change(request).await.expect("a reply").into_inner();
        let (failed, messages) = shown(&reply.diagnostics);
        let state = self.decode(name, reply.new_state.as_ref());
        holds("provider produced invalid object", &conforms(&self.entry(name).ty, &state));
        holds("provider produced invalid object", &no_write_only(&attributes, &state));
        holds("provider returned invalid result object after apply", &wholly_known(&state));
        let instance = Instance {
            state,
            private: reply.private,
            identity: reply.new_identity,
            // A failed create is half done; a failed update keeps what it was.
            tainted: failed && prior.as_ref().is_none_or(|prior| prior.tainted),
        };
        let exists = !instance.state.is_null();
        if failed {
            let saved = if exists { Some(instance) } else { prior };
            return Err(Failure { messages, saved });
        }
        let inconsistent = "provider produced inconsistent result after apply";
        holds(inconsistent, &is_compatible(&attributes, &plan.planned, &instance.state));
        if exists && !self.entry(name).identity.is_empty() {
            let identity = instance.identity.as_ref().expect("an identity after apply");
            holds(inconsistent, &wholly_known(&self.identity_value(name, identity)));
        }
        Ok(exists.then_some(instance))
    }

    pub(crate) fn identity_value(
        &self,
        name: &str,
        identity: &wire::ResourceIdentityData,
    ) -> Value {
        let ty = self.entry(name).identity_type();
        codec::decode(identity.identity_data.as_ref(), &ty).expect("an identity of the schema")
    }

    /// An identity is for ever: once it is wholly there it stays the same.
    fn identity_is_kept(
        &self,
        name: &str,
        before: Option<&wire::ResourceIdentityData>,
        after: Option<&wire::ResourceIdentityData>,
    ) {
        if self.entry(name).identity.is_empty() {
            assert!(after.is_none(), "an identity without a schema");
            return;
        }
        let after = self.identity_value(name, after.expect("an identity"));
        holds("invalid identity", &wholly_known(&after));
        let before = before.map(|before| self.identity_value(name, before));
        if let Some(Value::Object(before)) = before {
            for (attribute, value) in before.iter().filter(|(_, value)| !value.is_null()) {
                assert_eq!(after.attribute(attribute), value, "unexpected identity change");
            }
        }
    }
}

/// A client of one end of a pipe.
pub(crate) async fn connect(pipe: DuplexStream) -> Channel {
    let mut pipe = Some(pipe);
    let connector = tower::service_fn(move |_| {
        let pipe = pipe.take().ok_or_else(|| std::io::Error::other("one connection only"));
        std::future::ready(pipe.map(TokioIo::new))
    });
    let endpoint = Endpoint::from_static("http://in.memory");
    endpoint.connect_with_connector(connector).await.expect("a connection")
}
