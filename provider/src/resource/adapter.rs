//! The one place where a typed [`Resource`] becomes something that can stand in a table, and where futures are boxed.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use crate::context::Context;
use crate::model::Model;
use crate::problem::Problem;
use crate::resource::{
    Change, Done, Failed, IdentityAttribute, ImportKey, Moved, Planned, Resource,
};
use crate::schema::Schema;
use crate::ty::Type;
use crate::value::Value;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A resource in the table.
pub struct Entry {
    /// Its type name.
    pub name: &'static str,
    /// Its schema.
    pub schema: Schema,
    /// Its identity; empty if it has none.
    pub identity: &'static [IdentityAttribute],
    pub(crate) ty: Type,
    pub(crate) calls: Box<dyn Calls>,
}

impl Entry {
    /// The entry of a resource.
    pub fn of<R: Resource>() -> Self {
        let schema = R::schema();
        let ty = schema.ty();
        let calls = Box::new(Typed(PhantomData::<fn() -> R>));
        Self { name: R::TYPE, schema, identity: R::IDENTITY, ty, calls }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// [`Resource`] over untyped values, so that it can be a trait object.
pub(crate) trait Calls: Send + Sync {
    fn validate(&self, config: &Value) -> Vec<Problem>;

    fn plan<'a>(
        &'a self,
        request: PlanCall<'a>,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Planned<Value>, Vec<Problem>>>;

    fn plan_destroy<'a>(
        &'a self,
        prior: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Vec<Problem>>;

    fn create<'a>(
        &'a self,
        planned: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Done<Value>, Failed<Value>>>;

    fn read<'a>(
        &'a self,
        state: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Option<Done<Value>>, Vec<Problem>>>;

    fn update<'a>(
        &'a self,
        prior: &'a Value,
        planned: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Done<Value>, Failed<Value>>>;

    fn delete<'a>(
        &'a self,
        prior: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Vec<Problem>, Failed<Value>>>;

    fn import<'a>(
        &'a self,
        key: ImportKey,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Value, Vec<Problem>>>;

    fn moved(&self, source: &Moved<'_>) -> Option<Result<Done<Value>, Vec<Problem>>>;

    fn is_moved(&self, private: &[u8]) -> bool;

    fn upgrade(
        &self,
        from: i64,
        state: serde_json::Value,
    ) -> Result<serde_json::Value, Vec<Problem>>;
}

/// What `plan` decides on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlanCall<'a> {
    pub(crate) prior: Option<&'a Value>,
    pub(crate) config: &'a Value,
    pub(crate) proposed: &'a Value,
}

struct Typed<R>(PhantomData<fn() -> R>);

fn untyped<M: Model>(failed: Failed<M>) -> Failed<Value> {
    Failed { problems: failed.problems, state: failed.state.map(|state| state.to_value()) }
}

fn done<M: Model>(done: Done<M>) -> Done<Value> {
    Done { state: done.state.to_value(), warnings: done.warnings, private: done.private }
}

impl<R: Resource> Calls for Typed<R> {
    fn validate(&self, config: &Value) -> Vec<Problem> {
        match R::Model::from_value(config) {
            Ok(config) => R::validate(&config),
            Err(problems) => problems,
        }
    }

    fn plan<'a>(
        &'a self,
        request: PlanCall<'a>,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Planned<Value>, Vec<Problem>>> {
        Box::pin(async move {
            let prior = request.prior.map(R::Model::from_value).transpose()?;
            let config = R::Model::from_value(request.config)?;
            let proposed = R::Model::from_value(request.proposed)?;
            let facts = R::facts(&proposed, context).await?;
            let change = Change { prior: prior.as_ref(), config: &config, proposed };
            let planned = R::plan(change, &facts, context)?;
            let Planned { state, replace, warnings, private } = planned;
            Ok(Planned { state: state.to_value(), replace, warnings, private })
        })
    }

    fn plan_destroy<'a>(
        &'a self,
        prior: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Vec<Problem>> {
        Box::pin(async move {
            let facts = async {
                let prior = R::Model::from_value(prior)?;
                let facts = R::facts(&prior, context).await?;
                Ok((prior, facts))
            };
            match facts.await {
                Ok((prior, facts)) => R::plan_destroy(&prior, &facts, context),
                Err(problems) => problems,
            }
        })
    }

    fn create<'a>(
        &'a self,
        planned: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Done<Value>, Failed<Value>>> {
        Box::pin(async move {
            let planned = R::Model::from_value(planned)?;
            R::create(planned, context).await.map(done).map_err(untyped)
        })
    }

    fn read<'a>(
        &'a self,
        state: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Option<Done<Value>>, Vec<Problem>>> {
        Box::pin(async move {
            let state = R::Model::from_value(state)?;
            Ok(R::read(state, context).await?.map(done))
        })
    }

    fn update<'a>(
        &'a self,
        prior: &'a Value,
        planned: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Done<Value>, Failed<Value>>> {
        Box::pin(async move {
            let prior = R::Model::from_value(prior)?;
            let planned = R::Model::from_value(planned)?;
            R::update(prior, planned, context).await.map(done).map_err(untyped)
        })
    }

    fn delete<'a>(
        &'a self,
        prior: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Vec<Problem>, Failed<Value>>> {
        Box::pin(async move {
            let prior = R::Model::from_value(prior)?;
            R::delete(prior, context).await.map_err(untyped)
        })
    }

    fn import<'a>(
        &'a self,
        key: ImportKey,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Value, Vec<Problem>>> {
        Box::pin(async move { R::import(key, context).await.map(|state| state.to_value()) })
    }

    fn moved(&self, source: &Moved<'_>) -> Option<Result<Done<Value>, Vec<Problem>>> {
        R::moved(source).map(|moved| moved.map(done))
    }

    fn is_moved(&self, private: &[u8]) -> bool {
        R::is_moved(private)
    }

    fn upgrade(
        &self,
        from: i64,
        state: serde_json::Value,
    ) -> Result<serde_json::Value, Vec<Problem>> {
        R::upgrade(from, state)
    }
}
