//! The provider protocol: one short method per call, which hands the request to its function in `calls`. What every call
//! needs is in [`Server::answer`]: it runs to its end even if Terraform stops listening, a panic becomes a diagnostic, and
//! its duration is logged.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;
use proto::tfplugin6 as wire;
use tokio::sync::watch;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};
use wire::provider_server::Provider;

use crate::context::Context;
use crate::problem::Problem;
use crate::server::refusal::Refusal;
use crate::server::tables::Tables;
use crate::settings::Configured;
use crate::stop::Stopper;

mod calls;
mod guard;
mod refusal;
mod streams;
pub(crate) mod tables;

/// The provider service; clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct Server(Arc<Shared>);

/// What all calls share.
#[derive(Debug)]
pub(crate) struct Shared {
    tables: fn() -> Tables,
    /// Built at the first call that needs it, so that the handshake does not wait.
    built: OnceLock<Tables>,
    schema: OnceLock<wire::get_provider_schema::Response>,
    configured: RwLock<Option<Arc<Configured>>>,
    stopper: Stopper,
    clock: fn() -> Timestamp,
    /// The number of calls in flight.
    busy: watch::Sender<usize>,
}

impl Server {
    /// A server of these tables.
    pub(crate) fn new(tables: fn() -> Tables, clock: fn() -> Timestamp) -> Self {
        guard::install();
        Self(Arc::new(Shared {
            tables,
            built: OnceLock::new(),
            schema: OnceLock::new(),
            configured: RwLock::new(None),
            stopper: Stopper::new(),
            clock,
            busy: watch::Sender::new(0),
        }))
    }

    /// Waits until no call is in flight.
    pub(crate) async fn idle(&self) {
        let mut busy = self.0.busy.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        let _sender_gone = busy.wait_for(|calls| *calls == 0).await;
    }

    /// Runs one call.
    async fn answer<Q, A, F, C>(
        &self,
        rpc: &'static str,
        request: Request<Q>,
        call: C,
    ) -> Result<Response<A>, Status>
    where
        Q: Send + 'static,
        A: Refusal,
        F: Future<Output = Result<A, Vec<Problem>>> + Send + 'static,
        C: FnOnce(Arc<Shared>, Q) -> F,
    {
        let busy = Busy::enter(&self.0);
        let call = call(Arc::clone(&self.0), request.into_inner());
        // A task of its own: dropping it with the request would abandon a create half way.
        let task = tokio::spawn(async move {
            let answer = guard::watched(rpc, call).await;
            drop(busy);
            answer
        });
        match task.await {
            Ok(Ok(answer)) => Ok(Response::new(answer)),
            Ok(Err(problems)) => Ok(Response::new(A::refuse(&problems))),
            Err(_) => Err(Status::unavailable("the provider is shutting down")),
        }
    }
}

impl Shared {
    /// The tables.
    fn tables(&self) -> &Tables {
        self.built.get_or_init(self.tables)
    }

    /// The surroundings of a call that starts now.
    fn context(&self, private: Vec<u8>) -> Context {
        let configured = self.configured.read().unwrap_or_else(PoisonError::into_inner).clone();
        Context { configured, now: (self.clock)(), stop: self.stopper.subscribe(), private }
    }

    fn configure(&self, configured: Configured) {
        let mut slot = self.configured.write().unwrap_or_else(PoisonError::into_inner);
        *slot = Some(Arc::new(configured));
    }
}

/// Counts a call while it is in flight.
struct Busy(Arc<Shared>);

impl Busy {
    fn enter(shared: &Arc<Shared>) -> Self {
        shared.busy.send_modify(|calls| *calls += 1);
        Self(Arc::clone(shared))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.send_modify(|calls| *calls = calls.saturating_sub(1));
    }
}

/// Writes the methods of the service: each hands its request to the function of the same name.
macro_rules! service {
    (
        streams { $($stream_part:ident: $stream:ident;)* }
        $($part:ident: $($method:ident),*;)*
    ) => {
        #[tonic::async_trait]
        impl Provider for Server {
            $($(async fn $method(
                &self,
                request: Request<wire::$method::Request>,
            ) -> Result<Response<wire::$method::Response>, Status> {
                self.answer(stringify!($method), request, calls::$part::$method).await
            })*)*

            $(async fn $stream(
                &self,
                request: Request<wire::$stream::Request>,
            ) -> Result<Response<BoxStream<wire::$stream::Event>>, Status> {
                Ok(self.stream(stringify!($stream), request, calls::$stream_part::$stream))
            })*
        }
    };
}

// What is not here answers "unimplemented": Terraform does not call it, since the schema has no state stores.
service! {
    streams {
        lists: list_resource;
        actions: invoke_action;
    }
    provider: get_metadata, get_provider_schema, get_resource_identity_schemas, validate_provider_config,
        configure_provider, stop_provider;
    resources: validate_resource_config, upgrade_resource_state, upgrade_resource_identity, read_resource,
        plan_resource_change, apply_resource_change, import_resource_state, move_resource_state,
        generate_resource_config;
    data_sources: validate_data_resource_config, read_data_source;
    ephemerals: validate_ephemeral_resource_config, open_ephemeral_resource, renew_ephemeral_resource,
        close_ephemeral_resource;
    lists: validate_list_resource_config;
    actions: validate_action_config, plan_action;
    functions: get_functions, call_function;
}
