//! What a call may know besides its arguments: the configured provider, the time, and the user's wish to stop.

use std::sync::Arc;

use jiff::Timestamp;

use crate::problem::Problem;
use crate::settings::Configured;
use crate::stop::Stop;

/// The surroundings of one call.
#[derive(Clone, Debug)]
pub struct Context {
    /// What configuring the provider made; none before `ConfigureProvider`.
    pub(crate) configured: Option<Arc<Configured>>,
    /// The time of the call, read once at the edge so that tests choose it.
    pub(crate) now: Timestamp,
    /// The user's wish to stop.
    pub(crate) stop: Stop,
    /// What the resource stored beside its state the last time; empty at first.
    pub(crate) private: Vec<u8>,
}

impl Context {
    /// The configured provider.
    pub(crate) fn configured(&self) -> Result<&Arc<Configured>, Vec<Problem>> {
        self.configured.as_ref().ok_or_else(|| {
            vec![Problem::error(
                "Provider not configured",
                "the provider has to be configured before it can read or change anything",
            )]
        })
    }

    /// The time of the call.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The user's wish to stop.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// What the resource stored beside its state the last time; empty at first.
    pub fn private(&self) -> &[u8] {
        &self.private
    }
}
