//! The one place where a typed [`DataSource`] becomes something that can stand in a table.

use std::fmt;
use std::marker::PhantomData;

use crate::conformance::{conforms, plan_is_valid, wholly_known};
use crate::context::Context;
use crate::data_source::DataSource;
use crate::model::Model as _;
use crate::problem::Problem;
use crate::resource::Done;
use crate::resource::adapter::BoxFuture;
use crate::resource::operations::bugs;
use crate::schema::{Schema, validation};
use crate::ty::Type;
use crate::value::Value;

/// A data source in the table.
pub struct Entry {
    /// Its type name.
    pub name: &'static str,
    /// Its schema.
    pub schema: Schema,
    pub(crate) ty: Type,
    pub(crate) calls: Box<dyn Calls>,
}

impl Entry {
    /// The entry of a data source.
    pub fn of<D: DataSource>() -> Self {
        let schema = D::schema();
        let ty = schema.ty();
        Self { name: D::TYPE, schema, ty, calls: Box::new(Typed(PhantomData::<fn() -> D>)) }
    }
}

impl Entry {
    /// Everything that is wrong with a configuration.
    pub(crate) fn validate(&self, config: &Value) -> Vec<Problem> {
        let mut problems = validation::problems(&self.schema.attributes, config, false);
        problems.extend(self.calls.validate(config));
        problems
    }

    /// Looks it up, and holds the result to Terraform's rules: wholly known, and the arguments as they were.
    pub(crate) async fn read(
        &self,
        config: &Value,
        context: &Context,
    ) -> Result<(Value, Vec<Problem>), Vec<Problem>> {
        let Done { state, warnings, private: _ } = self.calls.read(config, context).await?;
        let mut violations = conforms(&self.ty, &state);
        violations.extend(wholly_known(&state));
        violations.extend(plan_is_valid(&self.schema.attributes, &Value::Null, config, &state));
        if violations.is_empty() {
            return Ok((state, warnings));
        }
        Err(bugs(self.name, "read", &violations))
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// [`DataSource`] over untyped values, so that it can be a trait object.
pub(crate) trait Calls: Send + Sync {
    fn validate(&self, config: &Value) -> Vec<Problem>;

    fn read<'a>(
        &'a self,
        config: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Done<Value>, Vec<Problem>>>;
}

struct Typed<D>(PhantomData<fn() -> D>);

impl<D: DataSource> Calls for Typed<D> {
    fn validate(&self, config: &Value) -> Vec<Problem> {
        match D::Model::from_value(config) {
            Ok(config) => D::validate(&config),
            Err(problems) => problems,
        }
    }

    fn read<'a>(
        &'a self,
        config: &'a Value,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Done<Value>, Vec<Problem>>> {
        Box::pin(async move {
            let Done { state, warnings, private } =
                D::read(D::Model::from_value(config)?, context).await?;
            Ok(Done { state: state.to_value(), warnings, private })
        })
    }
}
