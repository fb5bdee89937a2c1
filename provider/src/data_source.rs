//! What a data source is to the framework: one file that implements [`DataSource`].

use std::future::Future;

use crate::context::Context;
use crate::model::Model;
use crate::problem::Problem;
use crate::resource::Done;
use crate::schema::Schema;

pub mod adapter;

/// Something that can be looked up.
pub trait DataSource: Send + Sync + 'static {
    /// The type name (`nhi_template`).
    const TYPE: &'static str;
    /// What it looks up, in Markdown.
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

    /// Looks it up: the arguments stay as they are, everything is known. Terraform only asks when the arguments are known.
    fn read(
        config: Self::Model,
        context: &Context,
    ) -> impl Future<Output = Result<Done<Self::Model>, Vec<Problem>>> + Send;
}
