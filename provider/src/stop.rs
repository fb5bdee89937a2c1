//! The user's wish to stop (Ctrl-C reaches us as `StopProvider`). It is a request, not an exit: work in flight looks at it
//! between steps and still returns what exists. Not one-way: a provider in reattach mode serves many runs, so a wish
//! only reaches the calls that were running when it came.

use tokio::sync::watch;

/// Where the wish is made.
#[derive(Debug)]
pub(crate) struct Stopper(watch::Sender<u64>);

impl Stopper {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Asks every call in flight to stop.
    pub(crate) fn stop(&self) {
        self.0.send_modify(|wishes| *wishes = wishes.wrapping_add(1));
    }

    /// What a call that starts now looks at.
    pub(crate) fn subscribe(&self) -> Stop {
        Stop(self.0.subscribe())
    }
}

/// What one call looks at.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<u64>);

impl Stop {
    /// Whether the user wants to stop. Look between steps; never abandon a step that creates something.
    pub fn is_wanted(&self) -> bool {
        // A dropped sender means that the server is gone.
        self.0.has_changed().unwrap_or(true)
    }

    /// Waits for the wish.
    pub async fn wanted(&self) {
        let mut wishes = self.0.clone();
        // An error means that the server is gone, which is a reason to stop as well.
        let _gone = wishes.changed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wish_reaches_running_calls_only() {
        let stopper = Stopper::new();
        let running = stopper.subscribe();
        assert!(!running.is_wanted());
        stopper.stop();
        assert!(running.is_wanted());
        running.wanted().await;
        assert!(!stopper.subscribe().is_wanted());
    }
}
