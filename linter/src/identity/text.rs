//! Identities inside texts: manifests, charts' values, templates of stacks.
//!
//! What such a text makes becomes a resource of the model of its own, of the type that a provider has for the same
//! thing, right after the one that holds the text. Everything that judges resources then judges it too, by the same
//! templates and rules; findings are reported at the argument that holds the text. What cannot be read is a grant of
//! anything, to nobody knows whom, so that it is undecided and never nothing.

mod arm;
mod cloud;
mod cloudformation;
mod deployment;
mod helm;
mod manifest;
mod vault;

use std::collections::{BTreeMap, BTreeSet};

use policy::text::{Hole, Text};
use policy::verdict::Why;

use crate::evaluate::functions;
use crate::model::{Mode, Model, Reference, Resource, Within};
use crate::value::Value;

use super::{Builder, Content, Grant, Platform, imperative, links};

pub(super) use manifest::stream as manifests;

/// The type of what stands for a text that cannot be read. No provider's type looks like it.
const UNREAD: &str = "(unread)";

/// Something that a text makes.
#[derive(Debug)]
pub(super) struct Part {
    /// What it is called within its host: `ServiceAccount/shop/web`. None if it is all that the host makes.
    pub(super) label: Option<String>,
    /// The argument that holds the text: `values[0]`.
    pub(super) path: String,
    /// What it is.
    pub(super) made: Made,
    /// Arguments that name something else of the same host: the argument, its label, the attribute.
    pub(super) links: Vec<(String, String, String)>,
}

/// What a text makes.
#[derive(Debug)]
pub(super) enum Made {
    /// The same as a provider's resource: its type and arguments.
    Resource(&'static str, BTreeMap<String, Value>),
    /// It cannot be known what.
    Unread(Platform, Why),
    /// Nothing that shows: a program that somebody wrote.
    Program(String),
}

/// Adds what the texts of a model make.
pub(crate) fn expand(model: &mut Model) {
    if !model.resources.iter().any(is_host) {
        return;
    }
    let resources = std::mem::take(&mut model.resources);
    model.resources.reserve(resources.len());
    for resource in resources {
        let host = model.resources.len();
        let mut parts = if is_host(&resource) { parts(&resource) } else { Vec::new() };
        parts.retain(|part| match &part.made {
            Made::Program(name) => {
                let hidden = !resource.sensitive.is_empty();
                let name = if hidden { "a program" } else { name };
                model.programs.insert(format!("`{name}` of `{}`", resource.address));
                false
            }
            Made::Resource(..) | Made::Unread(..) => true,
        });
        let sole = parts.len() == 1;
        let made: Vec<Resource> = parts
            .into_iter()
            .enumerate()
            .map(|(number, part)| part.resource(host, &resource, number, sole))
            .collect();
        model.resources.push(resource);
        model.resources.extend(made);
    }
}

/// Whether a resource may hold a text that makes identities.
fn is_host(resource: &Resource) -> bool {
    resource.within.is_none()
        && resource.action.leaves_it()
        && (reader(resource).is_some() || imperative::runs(resource))
}

/// Types, or how they begin, that are no identities and still say what some may do: by texts that make something of their own,
/// by programs that they run, by lists of who may do what.
const HOSTS: &[&str] = &[
    "argocd_application",
    "aws_cloudcontrolapi_resource",
    "aws_cloudformation_stack",
    "aws_serverlessapplicationrepository_cloudformation_stack",
    "azapi_",
    "azurerm_key_vault",
    "azurerm_management_group_template_deployment",
    "azurerm_resource_group_template_deployment",
    "azurerm_subscription_template_deployment",
    "azurerm_template_deployment",
    "azurerm_tenant_template_deployment",
    "external",
    "google_bigquery_dataset",
    "google_deployment_manager_deployment",
    "google_storage_bucket_ac",
    "google_storage_default_object_ac",
    "google_storage_object_ac",
    "helm_release",
    "k8s_manifest",
    "kubectl_manifest",
    "kubernetes_config_map",
    "kubernetes_manifest",
    "kustomization_resource",
    "null_resource",
    "shell_",
    "terraform_data",
];

/// Whether the instances of a type may hold a text that makes something.
pub(crate) fn holds_text(kind: &str) -> bool {
    HOSTS.iter().any(|family| kind.starts_with(family))
}

/// How the texts of a type are read.
fn reader(resource: &Resource) -> Option<fn(&Resource) -> Vec<Part>> {
    if resource.mode == Mode::Data {
        return None;
    }
    match resource.kind.as_str() {
        "aws_cloudcontrolapi_resource" => Some(cloudformation::one),
        "aws_cloudformation_stack" | "aws_cloudformation_stack_set" => Some(cloudformation::stack),
        "aws_serverlessapplicationrepository_cloudformation_stack" => {
            Some(cloudformation::published)
        }
        "azapi_resource" | "azapi_update_resource" => Some(arm::azapi),
        "azurerm_management_group_template_deployment"
        | "azurerm_resource_group_template_deployment"
        | "azurerm_subscription_template_deployment"
        | "azurerm_template_deployment"
        | "azurerm_tenant_template_deployment" => Some(arm::deployment),
        "argocd_application" => Some(helm::application),
        "google_deployment_manager_deployment" => Some(deployment::manager),
        "helm_release" => Some(helm::release),
        "kubernetes_manifest" => Some(manifest::object),
        "kubectl_manifest" | "k8s_manifest" | "kustomization_resource" => Some(manifest::text),
        "vault_generic_endpoint" => Some(vault::endpoint),
        _ => None,
    }
}

fn parts(resource: &Resource) -> Vec<Part> {
    let mut parts = reader(resource).map(|read| read(resource)).unwrap_or_default();
    if imperative::runs(resource) {
        parts.extend(imperative::parts(resource));
    }
    parts
}

impl Part {
    /// A part that names no other.
    pub(super) fn new(label: Option<String>, path: &str, made: Made) -> Self {
        Self { label, path: path.to_owned(), made, links: Vec::new() }
    }

    /// The resource that it is in the model.
    fn resource(self, host: usize, of: &Resource, number: usize, sole: bool) -> Resource {
        let argument = self.path.split(['.', '[']).next().unwrap_or(&self.path).to_owned();
        // What must not be shown is told apart by its number.
        let label = if of.sensitive.iter().any(|mark| is_of(mark, &argument)) {
            (!sole).then(|| (number + 1).to_string())
        } else {
            self.label
        };
        let address = match label {
            Some(label) => format!("{}/{label}", of.address),
            None => of.address.clone(),
        };
        let (kind, after) = match self.made {
            Made::Resource(kind, after) => (kind, after),
            Made::Unread(platform, why) => (UNREAD, unread(platform, why)),
            // Those are taken out before.
            Made::Program(name) => {
                (UNREAD, unread(Platform::Aws, Why::construct(format!("`{name}` is not read"))))
            }
        };
        let mut references = references(of, &argument, &after, sole);
        for (name, label, attribute) in self.links {
            let address = format!("{}/{label}", of.address);
            references.entry(name).or_default().insert(Reference { address, attribute });
        }
        let span = of.places.get(&self.path).or_else(|| of.places.get(&argument)).copied();
        Resource {
            address,
            module: of.module.clone(),
            mode: Mode::Managed,
            kind: kind.to_owned(),
            name: of.name.clone(),
            action: of.action,
            span: span.or(of.span),
            references,
            assumed: if of.assumed.contains(&argument) {
                after.keys().cloned().collect()
            } else {
                BTreeSet::new()
            },
            after: Value::Object(after),
            within: Some(Within { host, path: self.path }),
            ..Resource::default()
        }
    }
}

/// Whether a mark is on an argument, or on something inside it.
fn is_of(mark: &str, argument: &str) -> bool {
    mark.strip_prefix(argument).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The references of the argument, for each piece of what it makes that derives from them. A piece of which all is
/// known derives from what the argument does only if the argument makes nothing else.
fn references(
    of: &Resource,
    argument: &str,
    after: &BTreeMap<String, Value>,
    sole: bool,
) -> BTreeMap<String, BTreeSet<Reference>> {
    let Some(all) = of.references.get(argument) else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for (name, value) in after {
        let mut origins = Vec::new();
        holes(value, &mut |hole| origins.push(links::base(&hole.origin)));
        let derives = |reference: &&Reference| {
            let base = links::base(&reference.address);
            if origins.is_empty() { sole } else { origins.iter().any(|it| it.contains(&base)) }
        };
        let kept: BTreeSet<Reference> = all.iter().filter(derives).cloned().collect();
        if !kept.is_empty() {
            found.insert(name.clone(), kept);
        }
    }
    found
}

/// Every unknown part of a value.
fn holes(value: &Value, found: &mut dyn FnMut(&Hole)) {
    match value {
        Value::Unknown(hole) => found(hole),
        Value::String(text) => text.holes().for_each(found),
        Value::List(items) => items.iter().for_each(|item| holes(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| holes(field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The platforms, by the names that they have in the model.
const PLATFORMS: &[(&str, Platform)] = &[
    ("aws", Platform::Aws),
    ("azure", Platform::Azure),
    ("github", Platform::GitHub),
    ("google", Platform::Google),
    ("kubernetes", Platform::Kubernetes),
    ("vault", Platform::Vault),
];

/// What stands in the model for a text that cannot be read.
fn unread(platform: Platform, why: Why) -> BTreeMap<String, Value> {
    let name = PLATFORMS.iter().find(|(_, known)| *known == platform).map_or("aws", |it| it.0);
    let unknown = why.unknown.iter().map(|origin| Value::from(origin.as_str())).collect();
    [
        ("platform".to_owned(), Value::from(name)),
        ("reason".to_owned(), Value::from(why.reason.as_str())),
        ("unknown".to_owned(), Value::List(unknown)),
    ]
    .into()
}

/// Gives whoever a text that cannot be read is about the permission to do anything.
pub(super) fn extract(builder: &mut Builder<'_>) {
    for (number, index) in builder.links.of_kind(UNREAD).into_iter().enumerate() {
        let Some(resource) = builder.links.resource(index) else { continue };
        let said = |name: &str| resource.after.get(name);
        let platform = PLATFORMS
            .iter()
            .find(|(name, _)| said("platform").as_str() == Some(name))
            .map_or(Platform::Aws, |it| it.1);
        let unknown = said("unknown").elements().iter().filter_map(Value::as_str);
        let why = Why {
            reason: said("reason").as_str().unwrap_or_default().to_owned(),
            unknown: unknown.map(str::to_owned).collect(),
        };
        // Each is judged by itself: two of one resource are two.
        let name = format!("whoever `{}` is about ({})", resource.address, number + 1);
        let identity = builder.elsewhere(platform, &name, index);
        let grant = Grant { resource: index, path: String::new(), content: Content::Unread(why) };
        builder.grant(identity, &[grant]);
    }
}

/// A value that is set.
fn set(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

/// Why the text in an argument cannot be read, where it is its unknown parts.
fn not_known(path: &str, value: &Value) -> Why {
    let mut unknown = Vec::new();
    holes(value, &mut |hole| {
        let origin = hole.origin.to_string();
        if !unknown.contains(&origin) {
            unknown.push(origin);
        }
    });
    Why { reason: format!("what `{path}` makes is not known before apply"), unknown }
}

/// The values that a text holds, if it can be read: JSON, or the documents of a stream of YAML. What has a key twice
/// cannot be read: programs differ in which of the two they take.
fn documents(text: &Text) -> Option<Vec<Value>> {
    if let Ok(node) = policy::json::parse(text) {
        return value(&node).map(|value| vec![value]);
    }
    functions::documents(text)
}

/// A node of JSON as a value, unless an object in it has a key twice.
fn value(node: &policy::json::Node) -> Option<Value> {
    use policy::json::Value as Json;
    Some(match &node.value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.parse() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::from(number.as_str()),
        },
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(value).collect::<Option<_>>()?),
        Json::Object(members) => {
            let field = |member: &policy::json::Member| {
                Some((member.name.to_string(), value(&member.value)?))
            };
            let fields: BTreeMap<_, _> = members.iter().map(field).collect::<Option<_>>()?;
            if fields.len() < members.len() {
                return None;
            }
            Value::Object(fields)
        }
        Json::Hole(hole) => Value::Unknown(hole.clone()),
    })
}

/// `[{ key = …, value = … }]`, as clouds write tags, as a map.
pub(super) fn map_of_pairs(pairs: &Value) -> Value {
    let mut map = BTreeMap::new();
    for pair in pairs.elements() {
        let either = |lower: &str, upper: &str| {
            set(pair.get(lower)).unwrap_or_else(|| pair.get(upper)).clone()
        };
        if let Value::Unknown(_) = pair {
            return pair.clone();
        }
        if let Some(key) = either("key", "Key").as_str() {
            map.insert(key.to_owned(), either("value", "Value"));
        }
    }
    Value::Object(map)
}
