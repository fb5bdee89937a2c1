//! Calls that answer with many events: list resources and actions. What holds for every call holds for them; the stream ends
//! when the call does, and a failure is its last event.

use std::sync::Arc;

use proto::tfplugin6::{invoke_action, list_resource};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};

use super::refusal::{Refusal, diagnostics};
use super::{Busy, Server, Shared, guard};
use crate::problem::Problem;

/// Where a call puts its events. Terraform reads as fast as it likes; a call waits for it.
pub(super) struct Events<E>(mpsc::Sender<Result<E, Status>>);

impl<E> Events<E> {
    /// Whether the event found a reader. Where it did not, Terraform has heard enough.
    pub(super) async fn send(&self, event: E) -> bool {
        self.0.send(Ok(event)).await.is_ok()
    }
}

impl Server {
    /// Runs one call that streams.
    pub(super) fn stream<Q, E, F, C>(
        &self,
        rpc: &'static str,
        request: Request<Q>,
        call: C,
    ) -> Response<BoxStream<E>>
    where
        Q: Send + 'static,
        E: Refusal,
        F: Future<Output = Result<(), Vec<Problem>>> + Send + 'static,
        C: FnOnce(Arc<Shared>, Q, Events<E>) -> F,
    {
        let busy = Busy::enter(&self.0);
        let (events, stream) = mpsc::channel(16);
        let last = Events(events.clone());
        let call = call(Arc::clone(&self.0), request.into_inner(), Events(events));
        // A task of its own: dropping it with the stream would abandon an action half way.
        tokio::spawn(async move {
            if let Err(problems) = guard::watched(rpc, call).await {
                // Nobody may be listening any more.
                let _nobody_listens = last.send(E::refuse(&problems)).await;
            }
            drop(busy);
        });
        Response::new(Box::pin(ReceiverStream::new(stream)))
    }
}

impl Refusal for list_resource::Event {
    fn refuse(problems: &[Problem]) -> Self {
        Self { diagnostic: diagnostics(problems), ..Self::default() }
    }
}

impl Refusal for invoke_action::Event {
    fn refuse(problems: &[Problem]) -> Self {
        use invoke_action::event::{Completed, Type};
        let completed = Completed { diagnostics: diagnostics(problems) };
        Self { r#type: Some(Type::Completed(completed)) }
    }
}
