//! What a list resource is to the framework: one type that implements [`List`]. `terraform query` asks it what exists, to import
//! it or to look at it; nothing is changed, and nothing counts as held by a state because it was listed.

use std::future::Future;

use crate::context::Context;
use crate::model::Model;
use crate::problem::Problem;
use crate::resource::Resource;
use crate::schema::Schema;

pub mod adapter;

/// A list of the instances of a resource that has an identity.
pub trait List: Send + Sync + 'static {
    /// The resource. The list has its type name.
    type Resource: Resource;
    /// What it lists, in Markdown.
    const DESCRIPTION: &'static str;

    /// What narrows the list: the block `config`.
    type Model: Model;
    /// What is found. Rendered one by one as Terraform reads on.
    type Item: Send + 'static;

    /// The schema; derived from the model.
    fn schema() -> Schema {
        Self::Model::schema(0, Self::DESCRIPTION)
    }

    /// What is wrong with a configuration on its own; with unknowns anywhere, before anything is configured.
    fn validate(_config: &Self::Model) -> Vec<Problem> {
        Vec::new()
    }

    /// Finds what exists, in an order that stays; more than `limit` are not asked for.
    fn find(
        config: Self::Model,
        limit: Option<usize>,
        context: &Context,
    ) -> impl Future<Output = Result<Vec<Self::Item>, Vec<Problem>>> + Send;

    /// Its identity: the resource's identity attributes.
    fn identity(item: &Self::Item) -> Vec<(&'static str, String)>;

    /// What a person calls it.
    fn display_name(item: &Self::Item) -> String;

    /// The whole of it, as an import followed by a refresh would give it.
    fn state(
        item: Self::Item,
        context: &Context,
    ) -> Result<<Self::Resource as Resource>::Model, Vec<Problem>>;
}
