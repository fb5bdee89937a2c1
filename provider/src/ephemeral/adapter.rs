//! The one place where a typed [`Ephemeral`] becomes something that can stand in a table.

use std::fmt;
use std::marker::PhantomData;

use crate::conformance::{conforms, plan_is_valid, wholly_known};
use crate::context::Context;
use crate::ephemeral::{Ephemeral, Opened, Renewed};
use crate::model::Model as _;
use crate::problem::Problem;
use crate::resource::adapter::BoxFuture;
use crate::resource::operations::bugs;
use crate::resource::planning::with_defaults;
use crate::schema::{Schema, validation};
use crate::ty::Type;
use crate::value::Value;

/// An ephemeral resource in the table.
pub struct Entry {
    /// Its type name.
    pub name: &'static str,
    /// Its schema.
    pub schema: Schema,
    pub(crate) ty: Type,
    pub(crate) calls: Box<dyn Calls>,
}

impl Entry {
    /// The entry of an ephemeral resource.
    pub fn of<E: Ephemeral>() -> Self {
        let schema = E::schema();
        let ty = schema.ty();
        Self { name: E::TYPE, schema, ty, calls: Box::new(Typed(PhantomData::<fn() -> E>)) }
    }

    /// Everything that is wrong with a configuration.
    pub(crate) fn validate(&self, config: &Value) -> Vec<Problem> {
        let mut problems = validation::problems(&self.schema.attributes, config, false);
        problems.extend(self.calls.validate(config));
        problems
    }

    /// Makes it, and holds the result to Terraform's rules: wholly known, and the arguments as they were. What broke a rule
    /// is closed again, since Terraform closes only what it has taken.
    pub(crate) async fn open(
        &self,
        config: &Value,
        context: &Context,
    ) -> Result<Opened<Value>, Vec<Problem>> {
        let filled = with_defaults(&self.schema.attributes, config);
        let opened = self.calls.open(&filled, context).await?;
        let mut violations = conforms(&self.ty, &opened.result);
        violations.extend(wholly_known(&opened.result));
        let attributes = &self.schema.attributes;
        violations.extend(plan_is_valid(attributes, &Value::Null, config, &opened.result));
        if violations.is_empty() {
            return Ok(opened);
        }
        let mut problems = bugs(self.name, "opened", &violations);
        let context = Context { private: opened.private, ..context.clone() };
        problems.extend(self.calls.close(&context).await);
        Err(problems)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// [`Ephemeral`] over untyped values, so that it can be a trait object.
pub(crate) trait Calls: Send + Sync {
    fn validate(&self, config: &Value) -> Vec<Problem>;

    fn open<'a>(
        &'a self,
        config: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Opened<Value>, Vec<Problem>>>;

    fn renew<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Renewed, Vec<Problem>>>;

    fn close<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Vec<Problem>>;
}

struct Typed<E>(PhantomData<fn() -> E>);

impl<E: Ephemeral> Calls for Typed<E> {
    fn validate(&self, config: &Value) -> Vec<Problem> {
        match E::Model::from_value(config) {
            Ok(config) => E::validate(&config),
            Err(problems) => problems,
        }
    }

    fn open<'a>(
        &'a self,
        config: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Opened<Value>, Vec<Problem>>> {
        Box::pin(async move {
            let Opened { result, renew_at, private, warnings } =
                E::open(E::Model::from_value(config)?, context).await?;
            Ok(Opened { result: result.to_value(), renew_at, private, warnings })
        })
    }

    fn renew<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Renewed, Vec<Problem>>> {
        Box::pin(E::renew(context))
    }

    fn close<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Vec<Problem>> {
        Box::pin(E::close(context))
    }
}
