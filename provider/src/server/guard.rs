//! A panic ends one call, not the process with all other calls in it: it is caught, logged with its place, and becomes a
//! diagnostic. The panic's own text is never shown, because it may quote a value.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Once;
use std::task::{Context, Poll};
use std::time::Instant;

use crate::logging::{Level, log};
use crate::problem::Problem;

thread_local! {
    /// Where the last panic of this thread happened.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Whether a call is running on this thread.
    static IN_CALL: Cell<bool> = const { Cell::new(false) };
}

/// Makes panics leave their place behind instead of printing their text.
pub(super) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place =
                panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
            log(Level::Error, "panic", &[("place", &place)]);
            if !IN_CALL.get() {
                // Nobody will tell the user of this one. Terraform shows what begins like this as a crash.
                let line = format!("panic: terraform-provider-nhi stopped at {place}\n");
                let _reader_gone = std::io::stderr().write_all(line.as_bytes());
            }
            PLACE.set(Some(place));
            // Tests want to see what failed; a released provider never prints a panic's text.
            if cfg!(test) {
                previous(panic);
            }
        }));
    });
}

/// Runs a call: logs its duration, and turns a panic into a problem.
pub(super) async fn watched<T>(
    rpc: &'static str,
    call: impl Future<Output = Result<T, Vec<Problem>>>,
) -> Result<T, Vec<Problem>> {
    let started = Instant::now();
    let answer = Caught(Box::pin(call)).await.unwrap_or_else(|place| {
        Err(vec![Problem::bug(format!("`{rpc}` stopped unexpectedly at {place}"))])
    });
    let took = started.elapsed().as_secs_f64() * 1000.0;
    let outcome = if answer.is_ok() { "ok" } else { "refused" };
    let fields =
        [("tf_rpc", rpc), ("tf_req_duration_ms", &format!("{took:.3}")), ("outcome", outcome)];
    log(Level::Debug, "call served", &fields);
    answer
}

/// A future whose panic is its error: the place where it happened.
struct Caught<F>(Pin<Box<F>>);

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, String>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // A future that panicked is never polled again, so nothing sees its broken state.
        IN_CALL.set(true);
        let polled = catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context)));
        IN_CALL.set(false);
        match polled {
            Ok(poll) => poll.map(Ok),
            Err(_text) => {
                let place = PLACE.take();
                Poll::Ready(Err(place.unwrap_or_else(|| "an unknown place".to_owned())))
            }
        }
    }
}
