//! What an action is to the framework: one file that implements [`Action`]. Terraform invokes it when the user asks for it or a
//! resource's `action_trigger` does; it does something to what exists, and has no state of its own.

use std::future::Future;

use tokio::sync::mpsc;

use crate::context::Context;
use crate::model::Model;
use crate::problem::Problem;
use crate::schema::Schema;

pub mod adapter;

/// Something that can be done to what exists.
pub trait Action: Send + Sync + 'static {
    /// The type name (`nhi_rotate`).
    const TYPE: &'static str;
    /// What it does, in Markdown.
    const DESCRIPTION: &'static str;

    /// Its arguments.
    type Model: Model;

    /// The schema; derived from the model.
    fn schema() -> Schema {
        Self::Model::schema(0, Self::DESCRIPTION)
    }

    /// What is wrong with a configuration on its own; with unknowns anywhere, before anything is configured.
    fn validate(_config: &Self::Model) -> Vec<Problem> {
        Vec::new()
    }

    /// Whether it could be done now, as far as the arguments are known; changes nothing.
    fn plan(config: Self::Model, context: &Context) -> impl Future<Output = Vec<Problem>> + Send;

    /// Does it; returns warnings.
    fn invoke(
        config: Self::Model,
        progress: &Progress,
        context: &Context,
    ) -> impl Future<Output = Result<Vec<Problem>, Vec<Problem>>> + Send;
}

/// Where an action tells what it has done so far.
#[derive(Debug)]
pub struct Progress(mpsc::Sender<String>);

impl Progress {
    /// A way to tell, and where it is heard.
    pub(crate) fn channel() -> (Self, mpsc::Receiver<String>) {
        let (teller, listener) = mpsc::channel(8);
        (Self(teller), listener)
    }

    /// Tells one thing, never a secret: the user sees it at once.
    pub async fn tell(&self, message: impl Into<String>) {
        // Nobody may be listening any more; the action goes on.
        let _nobody_listens = self.0.send(message.into()).await;
    }
}
