//! The one place where a typed [`Action`] becomes something that can stand in a table.

use std::fmt;
use std::marker::PhantomData;

use crate::action::{Action, Progress};
use crate::context::Context;
use crate::model::Model as _;
use crate::problem::Problem;
use crate::resource::adapter::BoxFuture;
use crate::schema::{Schema, validation};
use crate::ty::Type;
use crate::value::Value;

/// An action in the table.
pub struct Entry {
    /// Its type name.
    pub name: &'static str,
    /// Its schema.
    pub schema: Schema,
    pub(crate) ty: Type,
    calls: Box<dyn Calls>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Entry {
    /// The entry of an action.
    pub fn of<A: Action>() -> Self {
        let schema = A::schema();
        let ty = schema.ty();
        Self { name: A::TYPE, schema, ty, calls: Box::new(Typed(PhantomData::<fn() -> A>)) }
    }

    /// Everything that is wrong with a configuration.
    pub(crate) fn validate(&self, config: &Value) -> Vec<Problem> {
        let mut problems = validation::problems(&self.schema.attributes, config, false);
        problems.extend(self.calls.validate(config));
        problems
    }

    /// Whether it could be done now.
    pub(crate) async fn plan(&self, config: &Value, context: &Context) -> Vec<Problem> {
        self.calls.plan(config, context).await
    }

    /// Does it. Whatever calls it, nothing is done that the schema or the action itself refuses.
    pub(crate) async fn invoke(
        &self,
        config: &Value,
        progress: &Progress,
        context: &Context,
    ) -> Result<Vec<Problem>, Vec<Problem>> {
        let refused = self.validate(config);
        if crate::problem::has_errors(&refused) {
            return Err(refused);
        }
        self.calls.invoke(config, progress, context).await
    }
}

/// [`Action`] over untyped values, so that it can be a trait object.
trait Calls: Send + Sync {
    fn validate(&self, config: &Value) -> Vec<Problem>;

    fn plan<'a>(&'a self, config: &'a Value, context: &'a Context) -> BoxFuture<'a, Vec<Problem>>;

    fn invoke<'a>(
        &'a self,
        config: &'a Value,
        progress: &'a Progress,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Vec<Problem>, Vec<Problem>>>;
}

struct Typed<A>(PhantomData<fn() -> A>);

impl<A: Action> Calls for Typed<A> {
    fn validate(&self, config: &Value) -> Vec<Problem> {
        match A::Model::from_value(config) {
            Ok(config) => A::validate(&config),
            Err(problems) => problems,
        }
    }

    fn plan<'a>(&'a self, config: &'a Value, context: &'a Context) -> BoxFuture<'a, Vec<Problem>> {
        Box::pin(async move {
            match A::Model::from_value(config) {
                Ok(config) => A::plan(config, context).await,
                Err(problems) => problems,
            }
        })
    }

    fn invoke<'a>(
        &'a self,
        config: &'a Value,
        progress: &'a Progress,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Vec<Problem>, Vec<Problem>>> {
        Box::pin(async move { A::invoke(A::Model::from_value(config)?, progress, context).await })
    }
}
