//! What an ephemeral resource is to the framework: one file that implements [`Ephemeral`]. Terraform opens it in every plan
//! and every apply that needs it, and keeps what comes of it in memory only.

use std::fmt;
use std::future::{Future, ready};

use jiff::Timestamp;

use crate::context::Context;
use crate::model::Model;
use crate::problem::Problem;
use crate::schema::Schema;

pub mod adapter;

/// Something that exists while it is used.
pub trait Ephemeral: Send + Sync + 'static {
    /// The type name (`nhi_token`).
    const TYPE: &'static str;
    /// What it gives, in Markdown.
    const DESCRIPTION: &'static str;

    /// Arguments and results.
    type Model: Model;

    /// The schema; derived from the model.
    fn schema() -> Schema {
        Self::Model::schema(0, Self::DESCRIPTION)
    }

    /// What is wrong with a configuration on its own; with unknowns anywhere, before anything is configured.
    fn validate(_config: &Self::Model) -> Vec<Problem> {
        Vec::new()
    }

    /// Makes it: the arguments stay as they are, everything is known. Terraform only asks when the arguments are known;
    /// defaults are filled in.
    fn open(
        config: Self::Model,
        context: &Context,
    ) -> impl Future<Output = Result<Opened<Self::Model>, Vec<Problem>>> + Send;

    /// Keeps it valid beyond [`Opened::renew_at`]; `context.private` is what opening or the last renewal left.
    fn renew(_context: &Context) -> impl Future<Output = Result<Renewed, Vec<Problem>>> + Send {
        ready(Ok(Renewed::default()))
    }

    /// Ends it, perhaps more than once; `context.private` is what opening left. Returns warnings and errors.
    fn close(_context: &Context) -> impl Future<Output = Vec<Problem>> + Send {
        ready(Vec::new())
    }
}

/// What exists after opening. Its `Debug` leaves out the result, which is mostly secret.
pub struct Opened<M> {
    /// Arguments and results, wholly known.
    pub result: M,
    /// When Terraform asks to renew it; Terraform keeps no margin of its own.
    pub renew_at: Option<Timestamp>,
    /// What renewing and closing need to know. Never a secret: Terraform keeps it in memory, and may log it.
    pub private: Vec<u8>,
    /// What the user should know.
    pub warnings: Vec<Problem>,
}

impl<M> fmt::Debug for Opened<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Opened").field("renew_at", &self.renew_at).finish_non_exhaustive()
    }
}

/// What exists after renewing.
#[derive(Debug, Default)]
pub struct Renewed {
    /// When Terraform asks again; none ends it.
    pub renew_at: Option<Timestamp>,
    /// What the next renewal needs to know.
    pub private: Vec<u8>,
}
