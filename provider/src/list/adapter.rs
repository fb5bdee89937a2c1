//! The one place where a typed [`List`] becomes something that can stand in a table.

use std::fmt;
use std::marker::PhantomData;

use crate::conformance::{conforms, no_write_only, wholly_known};
use crate::context::Context;
use crate::list::List;
use crate::model::Model as _;
use crate::problem::Problem;
use crate::resource;
use crate::resource::Resource as _;
use crate::resource::adapter::BoxFuture;
use crate::resource::operations::bugs;
use crate::schema::{Schema, validation};
use crate::ty::Type;
use crate::value::Value;

/// A list resource in the table.
pub struct Entry {
    /// The type name of its resource.
    pub name: &'static str,
    /// The schema of the block `config`.
    pub schema: Schema,
    pub(crate) ty: Type,
    calls: Box<dyn Calls>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What Terraform asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    pub(crate) config: &'a Value,
    /// How many at most.
    pub(crate) limit: Option<usize>,
    /// Whether the whole of each is wanted, or its identity.
    pub(crate) whole: bool,
}

/// One instance of a list.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) identity: Value,
    pub(crate) display_name: String,
    /// The whole of it, where that was asked for and is possible.
    pub(crate) state: Option<Value>,
    pub(crate) problems: Vec<Problem>,
}

/// Instances, rendered as they are read.
pub(crate) type Listing<'a> = Box<dyn Iterator<Item = Listed> + Send + 'a>;

impl Entry {
    /// The entry of a list resource.
    pub fn of<L: List>() -> Self {
        let schema = L::schema();
        let ty = schema.ty();
        let calls = Box::new(Typed(PhantomData::<fn() -> L>));
        Self { name: L::Resource::TYPE, schema, ty, calls }
    }

    /// Everything that is wrong with a configuration.
    pub(crate) fn validate(&self, config: &Value) -> Vec<Problem> {
        let mut problems = validation::problems(&self.schema.attributes, config, false);
        problems.extend(self.calls.validate(config));
        problems
    }

    /// What exists, each held to Terraform's rules: an identity that is known, and a state such as a refresh returns.
    pub(crate) async fn list<'a>(
        &'a self,
        resource: &'a resource::adapter::Entry,
        query: Query<'a>,
        context: &'a Context,
    ) -> Result<Listing<'a>, Vec<Problem>> {
        let listing = self.calls.list(query, context).await?;
        let limit = query.limit.unwrap_or(usize::MAX);
        Ok(Box::new(listing.take(limit).map(|listed| checked(resource, listed))))
    }
}

fn checked(resource: &resource::adapter::Entry, mut listed: Listed) -> Listed {
    let mut violations = conforms(&resource.identity_type(), &listed.identity);
    violations.extend(wholly_known(&listed.identity));
    if let Some(state) = &listed.state {
        violations.extend(conforms(&resource.ty, state));
        violations.extend(wholly_known(state));
        violations.extend(no_write_only(&resource.schema.attributes, state));
    }
    listed.problems.extend(bugs(resource.name, "listed", &violations));
    listed
}

/// [`List`] over untyped values, so that it can be a trait object.
trait Calls: Send + Sync {
    fn validate(&self, config: &Value) -> Vec<Problem>;

    fn list<'a>(
        &'a self,
        query: Query<'a>,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Listing<'a>, Vec<Problem>>>;
}

struct Typed<L>(PhantomData<fn() -> L>);

impl<L: List> Calls for Typed<L> {
    fn validate(&self, config: &Value) -> Vec<Problem> {
        match L::Model::from_value(config) {
            Ok(config) => L::validate(&config),
            Err(problems) => problems,
        }
    }

    fn list<'a>(
        &'a self,
        query: Query<'a>,
        context: &'a Context,
    ) -> BoxFuture<'a, Result<Listing<'a>, Vec<Problem>>> {
        Box::pin(async move {
            let config = L::Model::from_value(query.config)?;
            let items = L::find(config, query.limit, context).await?;
            let listing = items.into_iter().map(move |item| {
                let identity = L::identity(&item).into_iter();
                let identity = identity.map(|(name, text)| (name.to_owned(), Value::from(text)));
                let identity = Value::Object(identity.collect());
                let display_name = L::display_name(&item);
                let state = query.whole.then(|| L::state(item, context)).transpose();
                let (state, problems) = match state {
                    Ok(state) => (state.map(|state| state.to_value()), Vec::new()),
                    Err(problems) => (None, problems),
                };
                Listed { identity, display_name, state, problems }
            });
            Ok(Box::new(listing) as Listing<'a>)
        })
    }
}
