//! Who answers for an identity, why it exists and when it ends: the facts that every governed identity must state.
//!
//! Reading order: [`Kind`]; the three facts [`owner`], [`purpose`] and [`expiry`] (with [`lifetime`]); how they are
//! written on real resources ([`metadata`], [`description`]) and read back ([`record`]); what an identity may become
//! ([`lifecycle`]); the caps of a kind ([`baseline`]); and the one place where all of it is judged ([`mod@assess`]).

pub mod assess;
pub mod baseline;
pub mod description;
pub mod expiry;
pub mod lifecycle;
pub mod lifetime;
pub mod metadata;
pub mod owner;
pub mod purpose;
pub mod record;

use std::fmt;

pub use assess::{CapSource, Context, Facts, Violation, assess};
pub use baseline::{Baseline, Caps};
pub use expiry::{Expiry, ExpiryError};
pub use lifecycle::{IllegalTransition, State};
pub use lifetime::{Lifetime, LifetimeError};
pub use metadata::{Fact, Keys, Style};
pub use owner::OwnerProblem;
pub use purpose::PurposeProblem;
pub use record::{Field, Record};

/// What sort of machine identity it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An account of a directory, a database or a cloud that a program logs in with.
    ServiceAccount,
    /// A workload that proves itself by where it runs: no secret of its own.
    WorkloadIdentity,
    /// A long-lived secret that stands for its holder.
    ApiKey,
    /// What a delivery pipeline presents.
    DeploymentToken,
    /// An X.509 certificate with its key.
    Certificate,
    /// An AI agent.
    Agent,
}

impl Kind {
    /// All kinds, in the order in which they are listed everywhere.
    pub const ALL: [Self; 6] = [
        Self::ServiceAccount,
        Self::WorkloadIdentity,
        Self::ApiKey,
        Self::DeploymentToken,
        Self::Certificate,
        Self::Agent,
    ];

    /// The name in templates, JSON and messages: `workload_identity`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ServiceAccount => "service_account",
            Self::WorkloadIdentity => "workload_identity",
            Self::ApiKey => "api_key",
            Self::DeploymentToken => "deployment_token",
            Self::Certificate => "certificate",
            Self::Agent => "agent",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
