//! What a run read, in one form for configuration, plan file, plan JSON and state.
//!
//! Rules see resource instances with their values. Where a plan says "known after apply", the value was rebuilt from
//! the configuration as far as it goes; the rest is a hole of a known shape. Terraform's own words are used for
//! addresses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use policy::text::Text;

use crate::catalogue::Catalogue;
use crate::source::{Sources, Span};
use crate::value::Value;

/// Everything one input holds.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// The path as it was given: `infra`, `plan.json`, `-`. Names in [`Model::sources`] are relative to the folder of
    /// the root module.
    pub(crate) input: String,
    /// Resource instances in source order: by file, then by place, then by instance key; without sources by address.
    pub(crate) resources: Vec<Resource>,
    /// The texts that spans point into.
    pub(crate) sources: Sources,
    /// What could not be read. Each makes the run fail with exit 2; the rest is judged all the same.
    pub(crate) problems: Vec<ReadProblem>,
    /// Managed instances that are there afterwards and are of types that no identity is made of: how many of each type.
    /// They are not in [`Model::resources`].
    pub(crate) others: BTreeMap<String, usize>,
    /// Texts that must not be shown wherever they turn up: the values of sensitive variables.
    pub(crate) secrets: BTreeSet<String>,
    /// Programs that somebody wrote and that run beside resources: what they do is not read.
    pub(crate) programs: BTreeSet<String>,
    /// What was known about resource types when it was read.
    pub(crate) catalogue: Arc<Catalogue>,
}

/// One instance of a resource or data source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resource {
    /// `module.robot[0].aws_iam_user.this`
    pub(crate) address: String,
    /// `module.robot[0]`, empty for the root module.
    pub(crate) module: String,
    /// Managed or data.
    pub(crate) mode: Mode,
    /// `aws_iam_user`
    pub(crate) kind: String,
    /// `this`
    pub(crate) name: String,
    /// What will happen to it.
    pub(crate) action: Action,
    /// Its values before: an object; `Null` where nothing was, where the plan changes nothing, or where nobody knows. Of
    /// what a plan leaves alone: what was recorded, where it was changed outside of Terraform.
    pub(crate) before: Value,
    /// Its values after: an object; `Null` when it goes away.
    pub(crate) after: Value,
    /// The address that it had before, where a `moved` block or a rename of the plan says so.
    pub(crate) previous: Option<String>,
    /// What exists already under this id and comes under Terraform's management: an `import` block.
    pub(crate) imported: Option<Text>,
    /// Programs that Terraform runs when it makes or destroys the resource.
    pub(crate) provisioners: Vec<Provisioner>,
    /// The block's header (`resource "aws_iam_user" "this"`).
    pub(crate) span: Option<Span>,
    /// Where each argument is written: `policy`, `inline_policy[0].policy` -> its value's place.
    pub(crate) places: BTreeMap<String, Span>,
    /// For each top-level argument the resources that its value derives from, through locals, variables and modules: the
    /// address as far as it is known and the attribute path (`aws_iam_role.export` + `id`).
    pub(crate) references: BTreeMap<String, BTreeSet<Reference>>,
    /// Those of [`Self::references`] that the value may turn out not to derive from: a branch of a condition that is not
    /// known yet, the other arguments of `coalesce`.
    pub(crate) uncertain: BTreeMap<String, BTreeSet<Reference>>,
    /// Paths of values that must not be shown.
    pub(crate) sensitive: BTreeSet<String>,
    /// Top-level arguments whose value was put together from what a plan says about *references* only, because there
    /// was no source to evaluate: a function around the reference would go unseen. Good enough to refuse, not to clear.
    pub(crate) assumed: BTreeSet<String>,
    /// Of what a text makes (a Kubernetes manifest, the template of a stack, a command): where that text is.
    pub(crate) within: Option<Within>,
}

/// The place of a text that makes resources of its own.
#[derive(Clone, Debug)]
pub(crate) struct Within {
    /// The resource that holds it, by its place in [`Model::resources`].
    pub(crate) host: usize,
    /// The argument: `yaml_body`.
    pub(crate) path: String,
}

/// A `provisioner` block of a resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Provisioner {
    /// `local-exec`
    pub(crate) kind: String,
    /// Where it stands: `provisioner[0]`; its arguments are in [`Resource::places`] below that.
    pub(crate) path: String,
    /// Its arguments: an object.
    pub(crate) arguments: Value,
}

/// A use of another resource's value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    /// `module.robot[0].aws_iam_user.this`; without an instance key where it could be any instance. Data sources start
    /// with `data.` after the module path.
    pub(crate) address: String,
    /// `name`, `aws.permissions`; empty for the whole object.
    pub(crate) attribute: String,
}

/// Managed resource or data source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// `resource`
    #[default]
    Managed,
    /// `data`
    Data,
}

/// What a plan does to a resource instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Action {
    /// It comes into being; also everything in a configuration that was read without a plan.
    #[default]
    Create,
    /// It changes in place.
    Update,
    /// It is destroyed and made anew, in either order.
    Replace,
    /// It is destroyed.
    Delete,
    /// Terraform stops managing it; it stays.
    Forget,
    /// A data source that is read at apply.
    Read,
    /// Nothing happens to it.
    NoOp,
    /// It is in the state; there is no plan.
    Exists,
}

impl Action {
    /// Whether the instance is there once the plan was applied.
    pub(crate) fn leaves_it(self) -> bool {
        !matches!(self, Self::Delete | Self::Forget)
    }
}

/// Something that could not be read, with the place where known and the way out.
#[derive(Clone, Debug)]
pub(crate) struct ReadProblem {
    /// A lowercase phrase: ``cannot parse `main.tf`: expected `}` ``.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
    /// Where.
    pub(crate) span: Option<Span>,
}
