//! One thread that owns one database connection. Requests queue up; what is waiting when a transaction begins is committed
//! together, so that ten parallel resource operations share one wait for the disk. Nothing blocks the async runtime.

use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::error::InventoryError;

/// How many requests one transaction takes at most: a bound on how long the first of them waits.
const BATCH: usize = 256;

/// How often the write lock is asked for; each attempt waits for the connection's busy timeout.
const ATTEMPTS: usize = 4;

/// Does its work and returns what to do once it is known whether the work is on disk.
type Job = Box<dyn FnOnce(Result<&Connection, InventoryError>) -> Finish + Send>;
type Finish = Box<dyn FnOnce(Result<(), InventoryError>)>;

/// Where a worker's connection comes from.
pub(super) trait Source: Clone + Send + Sync + 'static {
    /// Whether requests change anything: then they run in transactions.
    const WRITES: bool;

    /// Makes sure that `connection` is the one to use for the next batch.
    fn connect(&self, connection: &mut Option<Connection>) -> Result<(), InventoryError>;
}

/// A handle on the thread, which starts with the first request and ends when the handle is dropped. Dropping waits for it: the
/// connection is closed properly then, which leaves everything in the one file.
pub(super) struct Worker<S> {
    source: S,
    thread: OnceLock<Thread>,
}

struct Thread {
    queue: Sender<Job>,
    /// None where the system had no thread to give.
    handle: Option<JoinHandle<()>>,
}

impl<S> Drop for Worker<S> {
    fn drop(&mut self) {
        if let Some(Thread { queue, handle }) = self.thread.take() {
            drop(queue);
            // A thread that panicked has nothing left to wait for.
            let _ended = handle.map(JoinHandle::join);
        }
    }
}

impl<S: Source> Worker<S> {
    /// A worker that has not opened anything yet.
    pub(super) fn new(source: S) -> Self {
        Self { source, thread: OnceLock::new() }
    }

    /// Runs `work` on the thread. Where the source writes, the answer comes when the work is durable.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, InventoryError> + Send + 'static,
    ) -> Result<T, InventoryError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let outcome = connection.and_then(|connection| isolated::<S, T>(connection, work));
            Box::new(move |committed| {
                // A caller that was cancelled does not wait any more; the work stands all the same.
                let _gone = reply.send(committed.and(outcome));
            })
        });
        let ended = || InventoryError::Storage("its thread has ended".to_owned());
        self.queue().send(job).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }

    fn queue(&self) -> &Sender<Job> {
        let start = || {
            let (queue, receiver) = channel();
            let source = self.source.clone();
            let thread = std::thread::Builder::new().name("nhi-inventory".to_owned());
            // Without a thread the receiver is gone, and every request says so.
            let handle = thread.spawn(move || serve(&source, &receiver)).ok();
            Thread { queue, handle }
        };
        &self.thread.get_or_init(start).queue
    }
}

/// Runs one request so that its failure undoes nothing but itself.
fn isolated<S: Source, T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, InventoryError>,
) -> Result<T, InventoryError> {
    if !S::WRITES {
        return work(connection);
    }
    connection.execute_batch("SAVEPOINT request")?;
    let outcome = work(connection);
    connection.execute_batch(match outcome {
        Ok(_) => "RELEASE request",
        Err(_) => "ROLLBACK TO request; RELEASE request",
    })?;
    outcome
}

fn serve<S: Source>(source: &S, queue: &Receiver<Job>) {
    let mut slot = None;
    while let Ok(first) = queue.recv() {
        let ready = source.connect(&mut slot).and_then(|()| match &slot {
            Some(connection) if S::WRITES => begin(connection).map(|()| connection),
            Some(connection) => Ok(connection),
            None => Err(InventoryError::Storage("there is no connection".to_owned())),
        });
        let jobs = std::iter::once(first).chain(queue.try_iter().take(BATCH - 1));
        let finishes: Vec<Finish> = jobs.map(|job| job(ready.clone())).collect();
        let committed = match ready {
            Ok(connection) if S::WRITES => commit(connection),
            // Each request carries its own outcome.
            Ok(_) | Err(_) => Ok(()),
        };
        for finish in finishes {
            finish(committed.clone());
        }
    }
}

fn begin(connection: &Connection) -> Result<(), InventoryError> {
    let mut outcome = Err(InventoryError::Busy);
    for _ in 0..ATTEMPTS {
        outcome = connection.execute_batch("BEGIN IMMEDIATE").map_err(InventoryError::from);
        if outcome != Err(InventoryError::Busy) {
            break;
        }
    }
    outcome
}

fn commit(connection: &Connection) -> Result<(), InventoryError> {
    connection.execute_batch("COMMIT").map_err(|error| {
        // A failed commit may leave the transaction open, and the next batch needs a clean start. Where SQLite has rolled
        // back already, there is nothing to undo.
        let _already_undone = connection.execute_batch("ROLLBACK");
        error.into()
    })
}
