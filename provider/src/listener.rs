//! Where Terraform connects: a unix socket in a folder that only this user can enter, or a TCP port of this machine where
//! there are no sockets. What was made is removed on every way out.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
#[cfg(any(test, not(unix)))]
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tonic::transport::server::Connected;

use crate::handshake::{Address, Invitation};
use crate::logging::{Level, log};

#[cfg(unix)]
pub(crate) mod socket;

/// How long a client may take to prove itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// A listener before anyone has connected.
#[derive(Debug)]
pub(crate) enum Listener {
    /// A unix socket.
    #[cfg(unix)]
    Unix(tokio::net::UnixListener, socket::Folder),
    /// A TCP port, where there are no sockets (and in tests).
    #[cfg(any(test, not(unix)))]
    Tcp(TcpListener, std::net::SocketAddr),
}

impl Listener {
    /// Listens where the platform and the invitation say.
    #[cfg(unix)]
    pub(crate) fn open(invitation: &Invitation) -> io::Result<Self> {
        let (listener, folder) = socket::open(invitation)?;
        Ok(Self::Unix(listener, folder))
    }

    /// Listens where the platform and the invitation say.
    #[cfg(not(unix))]
    pub(crate) fn open(invitation: &Invitation) -> io::Result<Self> {
        Self::open_tcp(invitation.ports)
    }

    /// Listens at the first free port of a range; (0, 0) lets the system choose.
    #[cfg(any(test, not(unix)))]
    pub(crate) fn open_tcp((least, most): (u16, u16)) -> io::Result<Self> {
        let mut refused = io::Error::from(io::ErrorKind::AddrInUse);
        for port in least..=most {
            match std::net::TcpListener::bind(("127.0.0.1", port)) {
                Ok(listener) => {
                    listener.set_nonblocking(true)?;
                    let address = listener.local_addr()?;
                    return Ok(Self::Tcp(TcpListener::from_std(listener)?, address));
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Address {
        match self {
            #[cfg(unix)]
            Self::Unix(_, folder) => Address::Unix(folder.socket().display().to_string()),
            #[cfg(any(test, not(unix)))]
            Self::Tcp(_, address) => Address::Tcp(address.to_string()),
        }
    }

    async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            #[cfg(unix)]
            Self::Unix(listener, _) => Ok(Box::new(listener.accept().await?.0)),
            #[cfg(any(test, not(unix)))]
            Self::Tcp(listener, _) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }

    /// Accepts connections for ever and hands over those that proved themselves. Each proof has a task of its own, so that
    /// one silent client does not block the others.
    pub(crate) async fn serve(
        &self,
        tls: Option<Arc<ServerConfig>>,
        accepted: mpsc::Sender<io::Result<Connection>>,
    ) {
        let acceptor = tls.map(TlsAcceptor::from);
        loop {
            let stream = match self.accept().await {
                Ok(stream) => stream,
                Err(error) => {
                    log(Level::Warn, "a connection failed", &[("error", &error.to_string())]);
                    // Out of file descriptors, most likely: not a reason to spin.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            };
            let (acceptor, accepted) = (acceptor.clone(), accepted.clone());
            tokio::spawn(async move {
                let proven: io::Result<Box<dyn Stream>> = match acceptor {
                    None => Ok(stream),
                    Some(acceptor) => match timeout(PATIENCE, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => Ok(Box::new(stream)),
                        Ok(Err(error)) => Err(error),
                        Err(_) => Err(io::ErrorKind::TimedOut.into()),
                    },
                };
                match proven {
                    // The server may have ended meanwhile.
                    Ok(stream) => drop(accepted.send(Ok(Connection(stream))).await),
                    Err(error) => {
                        log(Level::Warn, "a client was refused", &[("error", &error.to_string())]);
                    }
                }
            });
        }
    }
}

/// Any kind of connection.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection whose client is known.
pub(crate) struct Connection(pub(crate) Box<dyn Stream>);

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }
}
