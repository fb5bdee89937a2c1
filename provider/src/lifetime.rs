//! When the process has to go, and when it must not. Ctrl-C reaches the whole process group, Terraform first of all, and
//! Terraform tells us what to do about it: so the interrupt itself is ignored. A Terraform that was killed tells nobody:
//! its end of our stdout closes, and what is in flight is finished before we follow.

use std::io;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::ending::Ending;
use crate::logging::{Level, log};
use crate::server::Server;

/// How long a call in flight may take when nobody waits for its answer any more.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits for calls in flight, so that what they change is whole, but not for ever.
async fn finished(server: &Server) {
    if timeout(PATIENCE, server.idle()).await.is_err() {
        log(Level::Warn, "a call did not end", &[]);
    }
}

/// What interrupts mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupts {
    /// Terraform decides.
    Ignored,
    /// A person started us and wants us to end.
    End,
}

/// Watches for signals until the end. They are caught from here on, before Terraform can know of us.
pub(crate) fn watch_signals(
    interrupts: Interrupts,
    server: &Server,
    ending: &Ending,
) -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let (server, ending) = (server.clone(), ending.clone());
        tokio::spawn(async move {
            terminate.recv().await;
            log(Level::Info, "asked to terminate", &[]);
            finished(&server).await;
            ending.begin();
        });
    }
    #[cfg(unix)]
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    #[cfg(windows)]
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    let (server, ending) = (server.clone(), ending.clone());
    tokio::spawn(async move {
        while interrupt.recv().await.is_some() {
            log(Level::Debug, "interrupt", &[]);
            if interrupts == Interrupts::End {
                finished(&server).await;
                ending.begin();
            }
        }
    });
    Ok(())
}

/// Ends the process when nobody reads our stdout any more.
#[cfg(unix)]
pub(crate) fn watch_parent(server: Server, ending: Ending) {
    let gone = watch::Sender::new(false);
    let mut noticed = gone.subscribe();
    tokio::spawn(async move {
        if noticed.wait_for(|gone| *gone).await.is_ok() {
            log(Level::Info, "terraform is gone", &[]);
            finished(&server).await;
            ending.begin();
        }
    });
    // A thread of its own, because the wait has no end; it ends with the process.
    std::thread::spawn(move || {
        if reader_is_gone() {
            gone.send_replace(true);
        }
    });
}

/// On Windows there is no such sign; go-plugin ends its children there itself.
#[cfg(not(unix))]
pub(crate) fn watch_parent(_server: Server, _ending: Ending) {}

/// Waits until the reader of our stdout has closed its end. False if that cannot be known.
#[cfg(unix)]
fn reader_is_gone() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdout = io::stdout();
    loop {
        let mut descriptors = [PollFd::new(&stdout, PollFlags::empty())];
        match poll(&mut descriptors, None) {
            Ok(_) => {
                let [descriptor] = &descriptors;
                return descriptor.revents().intersects(PollFlags::ERR | PollFlags::HUP);
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}
