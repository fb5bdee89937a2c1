//! The services that go-plugin expects beside the provider: the controller that ends us, captured output, the broker for
//! side channels, and health. Output and broker stay open and silent until the end.

use proto::goplugin::grpc_broker_server::GrpcBroker;
use proto::goplugin::grpc_controller_server::GrpcController;
use proto::goplugin::grpc_stdio_server::GrpcStdio;
use proto::goplugin::{ConnInfo, Empty, StdioData};
use proto::health::health_check_response::ServingStatus;
use proto::health::health_server::Health;
use proto::health::{HealthCheckRequest, HealthCheckResponse};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use crate::ending::Ending;

/// The name under which go-plugin asks for our health.
const SERVICE: &str = "plugin";

/// All of go-plugin's services.
#[derive(Clone, Debug)]
pub(crate) struct Plugin {
    ending: Ending,
}

impl Plugin {
    /// The services of a process that ends when `ending` says so.
    pub(crate) fn new(ending: Ending) -> Self {
        Self { ending }
    }

    /// A stream that stays silent and ends with the process, so that it does not hold up a graceful end.
    fn silent<T: Send + 'static>(&self, first: Option<T>) -> BoxStream<T> {
        let (sender, receiver) = mpsc::channel(1);
        let ending = self.ending.clone();
        tokio::spawn(async move {
            if let Some(first) = first {
                // The client may have gone already.
                let _client_gone = sender.send(Ok(first)).await;
            }
            tokio::select! {
                () = ending.begun() => {}
                () = sender.closed() => {}
            }
        });
        Box::pin(ReceiverStream::new(receiver))
    }

    fn status(request: &HealthCheckRequest) -> Option<HealthCheckResponse> {
        let known = request.service.is_empty() || request.service == SERVICE;
        known.then(|| HealthCheckResponse { status: ServingStatus::Serving.into() })
    }
}

#[tonic::async_trait]
impl GrpcController for Plugin {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.ending.begin();
        Ok(Response::new(Empty {}))
    }
}

#[tonic::async_trait]
impl GrpcStdio for Plugin {
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(Response::new(self.silent(None)))
    }
}

#[tonic::async_trait]
impl GrpcBroker for Plugin {
    async fn start_stream(
        &self,
        _: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        Ok(Response::new(self.silent(None)))
    }
}

#[tonic::async_trait]
impl Health for Plugin {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let status = Self::status(request.get_ref());
        status.map(Response::new).ok_or_else(|| Status::not_found("unknown service"))
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<BoxStream<HealthCheckResponse>>, Status> {
        let unknown = HealthCheckResponse { status: ServingStatus::ServiceUnknown.into() };
        let status = Self::status(request.get_ref()).unwrap_or(unknown);
        Ok(Response::new(self.silent(Some(status))))
    }
}
