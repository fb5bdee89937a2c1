//! What a governed resource is to the framework. One resource is one file that implements [`Resource`]; everything that
//! Terraform demands around it (marking unknowns, replacing, nulling write-only values, checking our own replies) is
//! done once, in the adapter.

use std::collections::BTreeMap;
use std::future::{Future, ready};

use crate::context::Context;
use crate::model::Model;
use crate::path::Path;
use crate::problem::Problem;
use crate::schema::Schema;
use crate::value::Value;

pub mod adapter;
pub(crate) mod generation;
pub(crate) mod operations;
pub(crate) mod planning;

/// A managed resource. `validate` and `plan` are pure; `facts` reads, and only `create`, `update` and `delete` change
/// anything.
pub trait Resource: Send + Sync + 'static {
    /// The type name (`nhi_owner`).
    const TYPE: &'static str;
    /// What it guarantees, in Markdown.
    const DESCRIPTION: &'static str;
    /// Version of the stored form; raise it together with [`Resource::upgrade`].
    const VERSION: i64 = 0;
    /// The attributes that identify an instance for ever, by which it can be imported as well. They are text
    /// attributes of the model, known after create.
    const IDENTITY: &'static [IdentityAttribute] = &[];

    /// The attributes.
    type Model: Model;
    /// What `plan` has to know besides its arguments, read beforehand: whether the owner is active, what the template
    /// says. `()` if nothing.
    type Facts: Default + Send + Sync;

    /// The schema; derived from the model.
    fn schema() -> Schema {
        Self::Model::schema(Self::VERSION, Self::DESCRIPTION)
    }

    /// What is wrong with a configuration on its own. Called before anything is configured, with unknowns anywhere. The
    /// framework has already checked what the schema says.
    fn validate(_config: &Self::Model) -> Vec<Problem> {
        Vec::new()
    }

    /// Reads what `plan` (with the proposed model) or `plan_destroy` (with the prior one) has to know.
    fn facts(
        _subject: &Self::Model,
        _context: &Context,
    ) -> impl Future<Output = Result<Self::Facts, Vec<Problem>>> + Send {
        ready(Ok(Self::Facts::default()))
    }

    /// Decides what an apply will make. `change.proposed` is ready to be returned as it is: defaults are filled in,
    /// computed attributes are unknown in a create and where an update may change them.
    fn plan(
        change: Change<'_, Self::Model>,
        facts: &Self::Facts,
        context: &Context,
    ) -> Result<Planned<Self::Model>, Vec<Problem>>;

    /// Decides whether the instance may be destroyed; errors refuse, warnings are shown.
    fn plan_destroy(
        _prior: &Self::Model,
        _facts: &Self::Facts,
        _context: &Context,
    ) -> Vec<Problem> {
        Vec::new()
    }

    /// Makes what was planned: every known value stays, every unknown becomes known or null. Write-only values are
    /// filled in.
    fn create(
        planned: Self::Model,
        context: &Context,
    ) -> impl Future<Output = Result<Done<Self::Model>, Failed<Self::Model>>> + Send;

    /// Reads what exists now; `None` if it is gone. Return the spelling of `state` where the meaning is the same.
    fn read(
        state: Self::Model,
        context: &Context,
    ) -> impl Future<Output = Result<Option<Done<Self::Model>>, Vec<Problem>>> + Send;

    /// Changes what exists into what was planned.
    fn update(
        prior: Self::Model,
        planned: Self::Model,
        context: &Context,
    ) -> impl Future<Output = Result<Done<Self::Model>, Failed<Self::Model>>> + Send;

    /// Ends what exists; returns warnings. What is already gone is not an error.
    fn delete(
        prior: Self::Model,
        context: &Context,
    ) -> impl Future<Output = Result<Vec<Problem>, Failed<Self::Model>>> + Send;

    /// The state of an instance that exists but is not in the state, as far as `read` needs it. By default the import id
    /// becomes the attribute `id`, and identity attributes become the attributes of the same name.
    fn import(
        key: ImportKey,
        _context: &Context,
    ) -> impl Future<Output = Result<Self::Model, Vec<Problem>>> + Send {
        ready(import_by_name(key))
    }

    /// Takes over the state of another type of resource (`moved`); none if it cannot come from there. The private data tells
    /// [`Resource::is_moved`] and `read` where it came from, until an update has made it an instance of this type.
    fn moved(_source: &Moved<'_>) -> Option<Result<Done<Self::Model>, Vec<Problem>>> {
        None
    }

    /// Whether the private data says that the instance is still of the type that it was moved from. Everything that is
    /// computed may then change, although the configuration does not.
    fn is_moved(_private: &[u8]) -> bool {
        false
    }

    /// Rewrites a state that was stored by version `from` into the current form.
    fn upgrade(from: i64, _state: serde_json::Value) -> Result<serde_json::Value, Vec<Problem>> {
        let detail = format!(
            "the state of {} was written in version {from} of its form, which this provider cannot read",
            Self::TYPE
        );
        Err(vec![Problem::error("State too old", detail)])
    }
}

/// An attribute of a resource's identity.
#[derive(Clone, Copy, Debug)]
pub struct IdentityAttribute {
    /// Its name, in the identity and in the model.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Whether an import by identity has to give it.
    pub required_for_import: bool,
}

/// What a `moved` block moves here.
#[derive(Debug)]
pub struct Moved<'a> {
    /// The source address of the provider of the old type.
    pub provider: &'a str,
    /// The old type.
    pub type_name: &'a str,
    /// The version of the stored form.
    pub version: i64,
    /// The stored state.
    pub state: serde_json::Value,
}

impl Moved<'_> {
    /// Whether the old type is this provider's, wherever it was installed from.
    pub fn is_ours(&self) -> bool {
        let ours = crate::ADDRESS.split_once('/').map(|(_, path)| path);
        self.provider.split_once('/').map(|(_, path)| path) == ours
    }
}

/// One change to decide.
#[derive(Debug)]
pub struct Change<'a, M> {
    /// What exists; none in a create.
    pub prior: Option<&'a M>,
    /// What the configuration says.
    pub config: &'a M,
    /// What an apply would make if the resource does not object.
    pub proposed: M,
}

/// What an apply will make.
#[derive(Debug)]
pub struct Planned<M> {
    /// The planned state. What the configuration sets has to stay as it is.
    pub state: M,
    /// Changes that force a replacement, besides the attributes that the schema marks so.
    pub replace: Vec<Path>,
    /// What the user should know.
    pub warnings: Vec<Problem>,
    /// What to store beside the state; none keeps what there is.
    pub private: Option<Vec<u8>>,
}

impl<M> From<M> for Planned<M> {
    fn from(state: M) -> Self {
        Self { state, replace: Vec::new(), warnings: Vec::new(), private: None }
    }
}

/// What exists after a successful operation.
#[derive(Debug)]
pub struct Done<M> {
    /// The state, wholly known.
    pub state: M,
    /// What the user should know.
    pub warnings: Vec<Problem>,
    /// What to store beside the state; none keeps what there is.
    pub private: Option<Vec<u8>>,
}

impl<M> From<M> for Done<M> {
    fn from(state: M) -> Self {
        Self { state, warnings: Vec::new(), private: None }
    }
}

/// What exists after a failed operation. Terraform saves `state` and taints a half-created instance, so that an id is
/// never lost; without it a create is forgotten, and an update or delete leaves the prior state.
#[derive(Debug)]
pub struct Failed<M> {
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// What exists all the same.
    pub state: Option<M>,
}

impl<M> From<Problem> for Failed<M> {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem], state: None }
    }
}

impl<M> From<Vec<Problem>> for Failed<M> {
    fn from(problems: Vec<Problem>) -> Self {
        Self { problems, state: None }
    }
}

/// What to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportKey {
    /// `terraform import ADDRESS ID`, or `id` of an import block.
    Id(String),
    /// `identity` of an import block, by attribute name.
    Identity(BTreeMap<String, String>),
}

impl ImportKey {
    /// The one text that identifies the instance: the import id, or the identity attribute `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id),
            Self::Identity(identity) => identity.get(name).map(String::as_str),
        }
    }
}

fn import_by_name<M: Model>(key: ImportKey) -> Result<M, Vec<Problem>> {
    let named = match key {
        ImportKey::Id(id) => BTreeMap::from([("id".to_owned(), id)]),
        ImportKey::Identity(identity) => identity,
    };
    let named = named.into_iter().map(|(name, text)| (name, Value::from(text)));
    M::from_value(&Value::Object(named.collect()))
}
