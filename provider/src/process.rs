//! The process that Terraform starts: from the arguments to the exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use jiff::Timestamp;
use proto::goplugin::grpc_broker_server::GrpcBrokerServer;
use proto::goplugin::grpc_controller_server::GrpcControllerServer;
use proto::goplugin::grpc_stdio_server::GrpcStdioServer;
use proto::health::health_server::HealthServer;
use proto::tfplugin6::provider_server::ProviderServer;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Router;

use crate::ending::Ending;
use crate::handshake::{HandshakeError, Invitation, Line};
use crate::lifetime::{Interrupts, watch_parent, watch_signals};
use crate::listener::{Connection, Listener};
use crate::logging::{self, Level, log};
use crate::plugin::Plugin;
use crate::reattach;
use crate::server::Server;
use crate::server::tables::Tables;
use crate::tls::{Tls, TlsError};

/// What a message may hold, both ways. gRPC's default of 4 MiB breaks large values.
const LARGEST_MESSAGE: usize = 256 << 20;
/// How much a client may send before we say that it was read: there is nobody to be fair to, and each say is a frame.
const WINDOW: u32 = 4 << 20;
/// How long connections may take to close; Terraform kills after two seconds.
const GRACE: Duration = Duration::from_secs(1);

const HELP: &str = "\
terraform-provider-nhi: governed non-human identities for Terraform and OpenTofu

Terraform starts this program itself. By hand:

  -debug, --debug   serve until interrupted, and print how to attach Terraform (TF_REATTACH_PROVIDERS)
  --version         print the version
  --help            print this text
";

/// Why the process could not serve.
#[derive(Debug, thiserror::Error)]
enum ProcessError {
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the provider cannot listen: {0}")]
    Listen(#[source] io::Error),
    #[error("signals cannot be watched: {0}")]
    Signals(#[source] io::Error),
    #[error("stdout cannot be written: {0}")]
    Stdout(#[source] io::Error),
    #[error("the provider cannot serve: {0}")]
    Serve(#[from] tonic::transport::Error),
    #[error("`{0}` is not an argument of this program; see `--help`")]
    Argument(String),
}

/// What the arguments ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Plugin,
    Debug,
    Version,
    Help,
}

impl Mode {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Self, ProcessError> {
        let mut mode = Self::Plugin;
        for argument in arguments {
            mode = match argument.as_str() {
                "-debug" | "--debug" => Self::Debug,
                "-version" | "--version" | "-V" => return Ok(Self::Version),
                "-help" | "--help" | "-h" => return Ok(Self::Help),
                _ => return Err(ProcessError::Argument(argument)),
            };
        }
        Ok(mode)
    }
}

/// Runs the program.
pub(crate) fn run(
    arguments: impl Iterator<Item = String>,
    variable: impl Fn(&str) -> Option<String>,
    tables: fn() -> Tables,
) -> ExitCode {
    logging::start(logging::level(&variable));
    let outcome = Mode::read(arguments).and_then(|mode| match mode {
        Mode::Version => tell(&format!("terraform-provider-nhi {}\n", env!("CARGO_PKG_VERSION"))),
        Mode::Help => tell(HELP),
        Mode::Debug => serve(None, tables),
        Mode::Plugin => serve(Some(Invitation::read(variable)?), tables),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nothing left to tell it to if stderr is gone as well.
            let _reader_gone = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// The one place that writes to stdout.
fn tell(text: &str) -> Result<(), ProcessError> {
    let mut stdout = io::stdout();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(ProcessError::Stdout)
}

/// Serves until the end; without an invitation in debug mode.
fn serve(invitation: Option<Invitation>, tables: fn() -> Tables) -> Result<(), ProcessError> {
    // One thread: calls are short or wait for the inventory's own thread, and every thread costs start time and memory.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ProcessError::Listen)?;
    let outcome = runtime.block_on(listen_and_serve(invitation, tables));
    // A blocked file system must not keep us from going.
    runtime.shutdown_background();
    outcome
}

async fn listen_and_serve(
    invitation: Option<Invitation>,
    tables: fn() -> Tables,
) -> Result<(), ProcessError> {
    let debug = invitation.is_none();
    let invitation = invitation.unwrap_or_default();
    let listener = Listener::open(&invitation).map_err(ProcessError::Listen)?;
    let address = listener.address();
    let tls = invitation.client_certificate.clone().map(Tls::pinned_to).transpose()?;
    let server = Server::new(tables, Timestamp::now);
    let ending = Ending::new();
    let interrupts = if debug { Interrupts::End } else { Interrupts::Ignored };
    watch_signals(interrupts, &server, &ending).map_err(ProcessError::Signals)?;
    if !invitation.speaks_our_version() {
        log(Level::Error, "terraform does not speak version 6 of the provider protocol", &[]);
    }
    if debug {
        tell(&reattach::instructions(&address, std::process::id()))?;
    } else {
        let certificate = tls.as_ref().map(|tls| &tls.certificate);
        let asks_for_multiplexing = invitation.asks_for_multiplexing;
        tell(&format!("{}\n", Line { address: &address, certificate, asks_for_multiplexing }))?;
        watch_parent(server.clone(), ending.clone());
    }

    let (accepted, incoming) = mpsc::channel::<io::Result<Connection>>(4);
    let config = tls.map(|tls| tls.config);
    let routes = router(server, Plugin::new(ending.clone()));
    let until_the_end =
        routes.serve_with_incoming_shutdown(ReceiverStream::new(incoming), ending.begun());
    tokio::select! {
        outcome = until_the_end => outcome?,
        () = listener.serve(config, accepted) => {}
        () = overdue(&ending) => log(Level::Warn, "connections stayed open", &[]),
    }
    Ok(())
}

/// The end has begun and its grace is over.
async fn overdue(ending: &Ending) {
    ending.begun().await;
    tokio::time::sleep(GRACE).await;
}

/// Every service, with room for large messages.
pub(crate) fn router(server: Server, plugin: Plugin) -> Router {
    let provider = ProviderServer::new(server)
        .max_decoding_message_size(LARGEST_MESSAGE)
        .max_encoding_message_size(LARGEST_MESSAGE);
    tonic::transport::Server::builder()
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .add_service(provider)
        .add_service(GrpcControllerServer::new(plugin.clone()))
        .add_service(GrpcStdioServer::new(plugin.clone()))
        .add_service(GrpcBrokerServer::new(plugin.clone()))
        .add_service(HealthServer::new(plugin))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(arguments: &[&str]) -> Result<Mode, String> {
        Mode::read(arguments.iter().map(ToString::to_string)).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_are_few() {
        assert_eq!(mode(&[]), Ok(Mode::Plugin));
        assert_eq!(mode(&["-debug"]), Ok(Mode::Debug));
        assert_eq!(mode(&["--debug", "--version"]), Ok(Mode::Version));
        assert_eq!(mode(&["-h"]), Ok(Mode::Help));
        assert_eq!(
            mode(&["--serve"]),
            Err("`--serve` is not an argument of this program; see `--help`".to_owned())
        );
    }
}
