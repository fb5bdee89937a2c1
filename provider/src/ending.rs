//! The end of the process, which may come from the controller, from a signal, or because Terraform is gone.

use std::sync::Arc;

use tokio::sync::watch;

/// Shared by whoever may begin the end and whoever has to notice it.
#[derive(Clone, Debug)]
pub(crate) struct Ending(Arc<watch::Sender<bool>>);

impl Ending {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Begins the end.
    pub(crate) fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the end has begun.
    pub(crate) async fn begun(&self) {
        let mut ending = self.0.subscribe();
        // The sender lives as long as `self`, so this cannot fail.
        let _sender_gone = ending.wait_for(|begun| *begun).await;
    }
}
