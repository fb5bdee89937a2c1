//! go-plugin's own services over the pipe, and the end that they bring.

use proto::goplugin::grpc_broker_client::GrpcBrokerClient;
use proto::goplugin::grpc_controller_client::GrpcControllerClient;
use proto::goplugin::grpc_stdio_client::GrpcStdioClient;
use proto::goplugin::{ConnInfo, Empty};
use proto::health::HealthCheckRequest;
use proto::health::health_check_response::ServingStatus;
use proto::health::health_client::HealthClient;
use tokio_stream::StreamExt as _;
use tonic::Code;

use crate::ending::Ending;
use crate::handshake::Address;
use crate::harness::connect;
use crate::listener::{Connection, Listener};
use crate::plugin::Plugin;
use crate::process::router;
use crate::server::Server;

#[tokio::test]
async fn the_controller_ends_the_process_although_streams_are_open() {
    let ending = Ending::new();
    let server = Server::new(super::tables, super::clock);
    let (near, far) = tokio::io::duplex(1 << 16);
    // More clients could come: a listener that ends would end the server as well.
    let incoming = tokio_stream::once(Ok::<_, std::io::Error>(Connection(Box::new(far))))
        .chain(tokio_stream::pending());
    let begun = ending.clone();
    let serving = tokio::spawn(
        router(server, Plugin::new(ending.clone()))
            .serve_with_incoming_shutdown(incoming, async move { begun.begun().await }),
    );
    let channel = connect(near).await;

    let mut output =
        GrpcStdioClient::new(channel.clone()).stream_stdio(()).await.expect("a stream");
    let silent = tokio_stream::pending::<ConnInfo>();
    let broker = GrpcBrokerClient::new(channel.clone()).start_stream(silent).await;
    let mut broker = broker.expect("a stream");

    let mut health = HealthClient::new(channel.clone());
    let plugin = HealthCheckRequest { service: "plugin".to_owned() };
    let status = health.check(plugin.clone()).await.expect("a reply").into_inner();
    assert_eq!(status.status(), ServingStatus::Serving);
    let other = health.check(HealthCheckRequest { service: "other".to_owned() }).await;
    assert_eq!(other.expect_err("unknown").code(), Code::NotFound);
    let mut watched = health.watch(plugin).await.expect("a stream").into_inner();
    let first = watched.message().await.expect("a message").expect("a status");
    assert_eq!(first.status(), ServingStatus::Serving);

    GrpcControllerClient::new(channel).shutdown(Empty {}).await.expect("a reply");
    assert_eq!(output.get_mut().message().await.expect("an end"), None);
    assert_eq!(broker.get_mut().message().await.expect("an end"), None);
    serving.await.expect("no panic").expect("a clean end");
}

#[tokio::test]
async fn tcp_takes_the_first_free_port_of_the_range() {
    let taken = Listener::open_tcp((0, 0)).expect("a port");
    let Address::Tcp(address) = taken.address() else { panic!("TCP") };
    let port: u16 = address.strip_prefix("127.0.0.1:").expect("local").parse().expect("a port");
    assert!(Listener::open_tcp((port, port)).is_err());
    if let Some(next) = port.checked_add(20) {
        let found = Listener::open_tcp((port, next)).expect("a port");
        assert_ne!(found.address(), Address::Tcp(address));
    }
}
