//! The one resource behind all kinds: what a kind's file says of itself, with the decisions that all of them share.

use std::fmt;
use std::marker::PhantomData;

use super::facts::{self, Facts};
use super::{Governed, IDENTITY, lifecycle, moving, plan, store, validate};
use crate::context::Context;
use crate::problem::Problem;
use crate::resource::{
    Change, Done, Failed, IdentityAttribute, ImportKey, Moved, Planned, Resource,
};

/// The resource of a kind. A kind's file names it: `type Agent = Kinded<AgentModel>`.
pub(crate) struct Kinded<G>(PhantomData<fn() -> G>);

impl<G: Governed> fmt::Debug for Kinded<G> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(G::TYPE)
    }
}

impl<G: Governed> Resource for Kinded<G> {
    const TYPE: &'static str = G::TYPE;
    const DESCRIPTION: &'static str = G::DESCRIPTION;
    const IDENTITY: &'static [IdentityAttribute] = IDENTITY;

    type Model = G;
    type Facts = Facts;

    fn validate(config: &G) -> Vec<Problem> {
        let mut problems = validate::problems(config.common());
        problems.extend(config.check());
        problems
    }

    async fn facts(subject: &G, context: &Context) -> Result<Facts, Vec<Problem>> {
        facts::read(subject, context).await
    }

    fn plan(
        change: Change<'_, G>,
        facts: &Facts,
        context: &Context,
    ) -> Result<Planned<G>, Vec<Problem>> {
        plan::plan(change, facts, context)
    }

    fn plan_destroy(_: &G, facts: &Facts, context: &Context) -> Vec<Problem> {
        lifecycle::plan_destroy(facts, context.now())
    }

    async fn create(planned: G, context: &Context) -> Result<Done<G>, Failed<G>> {
        store::create(planned, context).await
    }

    async fn read(state: G, context: &Context) -> Result<Option<Done<G>>, Vec<Problem>> {
        store::read(state, context).await
    }

    async fn update(prior: G, planned: G, context: &Context) -> Result<Done<G>, Failed<G>> {
        store::update(prior, planned, context).await
    }

    async fn delete(prior: G, context: &Context) -> Result<Vec<Problem>, Failed<G>> {
        store::delete(prior, context).await
    }

    async fn import(key: ImportKey, _: &Context) -> Result<G, Vec<Problem>> {
        Ok(store::import(&key))
    }

    fn moved(source: &Moved<'_>) -> Option<Result<Done<G>, Vec<Problem>>> {
        moving::moved(source)
    }

    fn is_moved(private: &[u8]) -> bool {
        moving::came_from(private).is_some()
    }
}
