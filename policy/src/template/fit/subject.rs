//! An identity as strings at places, from which the values of parameters are inferred.

use super::Subject;
use super::place::Place;
use crate::aws::{Document, DocumentError};
use crate::json::{self, Node, Value};
use crate::template::model::Platform;
use crate::text::Text;
use crate::{azure, gcp, kubernetes, vault};

/// A policy document of an identity.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What it means.
    pub document: Document,
    pub(super) strings: Vec<Placed>,
    /// Whether all of it is known.
    pub(super) plain: bool,
}

/// A string of a policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) place: Place,
    pub(super) text: Text,
    /// Which statement it stands in.
    pub(super) statement: u32,
}

/// Where a string was found, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A statement of one of the policies that are attached.
    Statement { policy: usize, statement: u32 },
    /// A statement of the trust policy.
    Trust { statement: u32 },
    /// One of the grants of a platform.
    Grant { platform: Platform, index: usize },
}

impl Policy {
    /// Reads a policy document. The spans count bytes of `text.to_string()`.
    pub fn parse(text: &Text) -> Result<Self, DocumentError> {
        let mut strings = Vec::new();
        let document = match json::parse(text) {
            Ok(node) => {
                for (index, statement) in (0..).zip(items(node.get("Statement"))) {
                    collect(statement, index, &mut strings);
                }
                Document::from_tree(&node)?
            }
            // It says what is wrong, or that nothing is known.
            Err(_) => Document::parse(text)?,
        };
        strings.dedup_by(|again, first| again.place == first.place && again.text == first.text);
        Ok(Self { document, strings, plain: !text.has_holes() })
    }

    /// The same for one that may have been put together as a string; see [`Document::parse_template`].
    pub fn parse_template(text: &Text) -> Result<Self, DocumentError> {
        let Self { document, strings, plain } = Self::parse(text)?;
        Ok(Self { document: document.written_as(text), strings, plain })
    }
}

impl Policy {
    /// The keys of conditions as they are written.
    pub(in crate::template) fn condition_keys(&self) -> impl Iterator<Item = &Text> {
        let keys = self.strings.iter().filter(|it| it.place == Place::ConditionKey);
        keys.map(|it| &it.text)
    }
}

impl<'a> Subject<'a> {
    /// The platforms that it is something on.
    pub fn platforms(&self) -> impl Iterator<Item = Platform> {
        let Self {
            kind: _,
            environment: _,
            aws,
            gcp,
            azure,
            kubernetes,
            vault,
            github,
            unknown: _,
        } = self;
        let there = [
            (Platform::Aws, aws.is_some()),
            (Platform::Gcp, gcp.is_some()),
            (Platform::Azure, azure.is_some()),
            (Platform::Kubernetes, kubernetes.is_some()),
            (Platform::Vault, vault.is_some()),
            (Platform::GitHub, github.is_some()),
        ];
        there.into_iter().filter(|(_, there)| *there).map(|(platform, _)| platform)
    }

    /// Every string that a parameter could be inferred from, in order.
    pub(super) fn visit_strings(&self, see: &mut dyn FnMut(Place, &'a Text, Source)) {
        if let Some(aws) = &self.aws {
            for (policy, it) in aws.permissions.iter().copied().enumerate() {
                for Placed { place, text, statement } in &it.strings {
                    see(*place, text, Source::Statement { policy, statement: *statement });
                }
            }
            for Placed { place, text, statement } in aws.trust.iter().flat_map(|it| &it.strings) {
                see(*place, text, Source::Trust { statement: *statement });
            }
        }
        let gcp = self.gcp.map(|it| it.grants).unwrap_or_default();
        for (index, grant) in gcp.iter().enumerate() {
            let source = Source::Grant { platform: Platform::Gcp, index };
            if let Some(text) = &grant.resource {
                see(Place::FullResource, text, source);
            }
            match &grant.what {
                gcp::Assigned::Role(role) => see(Place::Role, role, source),
                gcp::Assigned::Permissions(all) => {
                    for text in all {
                        see(Place::Permission, text, source);
                    }
                }
            }
        }
        let azure = self.azure.map(|it| it.grants).unwrap_or_default();
        for (index, grant) in azure.iter().enumerate() {
            let source = Source::Grant { platform: Platform::Azure, index };
            assignment_strings(grant, &mut |place, text| see(place, text, source));
        }
        for (index, grant) in self.kubernetes.unwrap_or_default().iter().enumerate() {
            let source = Source::Grant { platform: Platform::Kubernetes, index };
            rule_strings(grant, &mut |place, text| see(place, text, source));
        }
        let policies = self.vault.unwrap_or_default().iter().copied();
        for (index, rule) in policies.flat_map(vault::Policy::rules).enumerate() {
            see(Place::Path, &rule.path, Source::Grant { platform: Platform::Vault, index });
        }
        for (index, grant) in self.github.unwrap_or_default().iter().enumerate() {
            let source = Source::Grant { platform: Platform::GitHub, index };
            for text in &grant.repositories {
                see(Place::Repository, text, source);
            }
        }
    }
}

fn assignment_strings<'a>(grant: &'a azure::Grant, see: &mut dyn FnMut(Place, &'a Text)) {
    if grant.scope != Text::new() {
        see(Place::Scope, &grant.scope);
    }
    let azure::Assigned::Definition(definition) = &grant.what else { return };
    for block in &definition.blocks {
        for text in &block.actions {
            see(Place::Action, text);
        }
        for text in &block.data_actions {
            see(Place::DataAction, text);
        }
    }
}

/// A rule without verbs, or without anything to do them to, says nothing.
fn rule_strings<'a>(grant: &'a kubernetes::Grant, see: &mut dyn FnMut(Place, &'a Text)) {
    let rule = &grant.rule;
    if rule.verbs.is_empty() || rule.api_groups.is_empty() || rule.resources.is_empty() {
        return;
    }
    if let Some(text) = &grant.namespace {
        see(Place::Namespace, text);
    }
    for (place, texts) in [
        (Place::ApiGroup, &rule.api_groups),
        (Place::ResourceType, &rule.resources),
        (Place::Object, &rule.resource_names),
        (Place::Verb, &rule.verbs),
    ] {
        for text in texts {
            see(place, text);
        }
    }
}

impl Source {
    /// A phrase for people: `statement 2`.
    pub(super) fn describe(self, subject: &Subject<'_>) -> String {
        let many = subject.aws.as_ref().is_some_and(|aws| aws.permissions.len() > 1);
        match self {
            Self::Statement { policy, statement } if many => {
                format!("statement {} of policy {}", statement + 1, policy + 1)
            }
            Self::Statement { statement, .. } => format!("statement {}", statement + 1),
            Self::Trust { statement } => format!("statement {} of the trust policy", statement + 1),
            Self::Grant { platform: Platform::Kubernetes | Platform::Vault, index } => {
                format!("rule {}", index + 1)
            }
            Self::Grant { index, .. } => format!("grant {}", index + 1),
        }
    }
}

fn collect(statement: &Node, index: u32, strings: &mut Vec<Placed>) {
    let mut put = |place, text: &Text| {
        strings.push(Placed { place, text: text.clone(), statement: index });
    };
    for (name, place) in [
        ("Resource", Place::Resource),
        ("NotResource", Place::Resource),
        ("Principal", Place::Principal),
        ("NotPrincipal", Place::Principal),
    ] {
        if let Some(node) = statement.get(name) {
            texts(node, &mut |text| put(place, text));
        }
    }
    for operator in members(statement.get("Condition")) {
        for key in members(Some(&operator.value)) {
            put(Place::ConditionKey, &key.name);
            texts(&key.value, &mut |text| put(Place::ConditionValue, text));
        }
    }
}

fn texts(node: &Node, put: &mut dyn FnMut(&Text)) {
    match &node.value {
        Value::String(text) => put(text),
        Value::Array(nodes) => nodes.iter().for_each(|node| texts(node, put)),
        Value::Object(members) => members.iter().for_each(|it| texts(&it.value, put)),
        Value::Hole(hole) => put(&Text::from(hole.clone())),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn members(node: Option<&Node>) -> &[json::Member] {
    match node.map(|node| &node.value) {
        Some(Value::Object(members)) => members,
        _ => &[],
    }
}

fn items(node: Option<&Node>) -> &[Node] {
    match node {
        Some(Node { value: Value::Array(nodes), .. }) => nodes,
        Some(node) => std::slice::from_ref(node),
        None => &[],
    }
}
