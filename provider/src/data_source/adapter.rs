//! The one place where a typed [`DataSource`] becomes something that can stand in a table.

use std::fmt;
use std::marker::PhantomData;

use crate::context::Context;
use crate::data_source::DataSource;
use crate::model::Model;
use crate::problem::Problem;
use crate::resource::Done;
use crate::resource::adapter::BoxFuture;
use crate::schema::Schema;
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
