//! `nhi_service_account`: an account of a directory, a database or a cloud that a program logs in with.
//!
//! Guarantees: those of every identity, see [`identity`](super::identity).

use policy::governance::Kind;

use super::identity::{self, Common, Governed, facts::Facts, lifecycle, plan, store, validate};
use crate::context::Context;
use crate::model::model;
use crate::problem::Problem;
use crate::resource::{Change, Done, Failed, IdentityAttribute, ImportKey, Planned, Resource};

/// `nhi_service_account`.
#[derive(Debug)]
pub(crate) struct ServiceAccount;

model! {
    /// The attributes of `nhi_service_account`.
    pub(crate) struct ServiceAccountModel {
        ..common: Common,
    }
}

impl Governed for ServiceAccountModel {
    const KIND: Kind = Kind::ServiceAccount;

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }
}

impl Resource for ServiceAccount {
    const TYPE: &'static str = "nhi_service_account";
    const DESCRIPTION: &'static str = "An account of a directory, a database or a cloud that a program logs in with. It has an \
        owner, a purpose, an end date and a template, and renders the template's ceiling for other providers' resources. An \
        active account is not destroyed: disable it first.";
    const IDENTITY: &'static [IdentityAttribute] = identity::IDENTITY;

    type Model = ServiceAccountModel;
    type Facts = Facts;

    fn validate(config: &ServiceAccountModel) -> Vec<Problem> {
        validate::problems(&config.common)
    }

    async fn facts(
        subject: &ServiceAccountModel,
        context: &Context,
    ) -> Result<Facts, Vec<Problem>> {
        identity::facts::read(subject, context).await
    }

    fn plan(
        change: Change<'_, ServiceAccountModel>,
        facts: &Facts,
        context: &Context,
    ) -> Result<Planned<ServiceAccountModel>, Vec<Problem>> {
        plan::plan(change, facts, context)
    }

    fn plan_destroy(_: &ServiceAccountModel, facts: &Facts, context: &Context) -> Vec<Problem> {
        lifecycle::plan_destroy(facts, context.now())
    }

    async fn create(
        planned: ServiceAccountModel,
        context: &Context,
    ) -> Result<Done<ServiceAccountModel>, Failed<ServiceAccountModel>> {
        store::create(planned, context).await
    }

    async fn read(
        state: ServiceAccountModel,
        context: &Context,
    ) -> Result<Option<Done<ServiceAccountModel>>, Vec<Problem>> {
        store::read(state, context).await
    }

    async fn update(
        prior: ServiceAccountModel,
        planned: ServiceAccountModel,
        context: &Context,
    ) -> Result<Done<ServiceAccountModel>, Failed<ServiceAccountModel>> {
        store::update(prior, planned, context).await
    }

    async fn delete(
        prior: ServiceAccountModel,
        context: &Context,
    ) -> Result<Vec<Problem>, Failed<ServiceAccountModel>> {
        store::delete(prior, context).await
    }

    async fn import(key: ImportKey, _: &Context) -> Result<ServiceAccountModel, Vec<Problem>> {
        Ok(store::import(&key))
    }
}
