//! The blocks of a template as grants of their platforms, and where each of these stands in the template.

use miette::SourceSpan;

use super::super::matching::Partial;
use crate::template::bind::Bound;
use crate::template::expression::Interpolated;
use crate::template::model::{KubernetesRule, Spanned, Template};
use crate::text::Text;
use crate::{azure, gcp, github, kubernetes, vault};

type Strings = Vec<Spanned<Interpolated>>;

/// Grants of a platform, each with its place in the template's file.
pub(super) struct Ceiling<G> {
    pub(super) grants: Vec<G>,
    pub(super) spans: Vec<Option<SourceSpan>>,
}

impl<G> Ceiling<G> {
    fn nothing() -> Self {
        Self { grants: Vec::new(), spans: Vec::new() }
    }

    fn push(&mut self, grant: G, span: Option<SourceSpan>) {
        self.grants.push(grant);
        self.spans.push(span);
    }

    fn placed(self) -> Vec<(G, Option<SourceSpan>)> {
        self.grants.into_iter().zip(self.spans).collect()
    }
}

/// A template whose parameters have values, as the engines take it. What a template does not say is not allowed: without a block
/// there is nothing. None if a parameter has no value.
impl Bound<'_> {
    /// The ceiling on Google Cloud, each grant with its place in the template's file.
    pub fn gcp_grants(&self) -> Option<Vec<(gcp::Grant, Option<SourceSpan>)>> {
        of_gcp(self.template, &self.texts()).map(Ceiling::placed)
    }

    /// The same for Azure.
    pub fn azure_grants(&self) -> Option<Vec<(azure::Grant, Option<SourceSpan>)>> {
        of_azure(self.template, &self.texts()).map(Ceiling::placed)
    }

    /// The same for Kubernetes.
    pub fn kubernetes_grants(&self) -> Option<Vec<(kubernetes::Grant, Option<SourceSpan>)>> {
        of_kubernetes(self.template, &self.texts()).map(Ceiling::placed)
    }

    /// The same for Vault: the rules of one policy.
    pub fn vault_rules(&self) -> Option<Vec<(vault::Rule, Option<SourceSpan>)>> {
        of_vault(self.template, &self.texts()).map(Ceiling::placed)
    }

    /// The same for GitHub.
    pub fn github_grants(&self) -> Option<Vec<(github::Grant, Option<SourceSpan>)>> {
        of_github(self.template, &self.texts()).map(Ceiling::placed)
    }

    fn texts(&self) -> Partial {
        let text =
            |(name, value): (&String, &String)| (name.clone(), Text::literal(value.as_str()));
        self.values.iter().map(text).collect()
    }
}

fn fill(values: &Partial) -> impl FnMut(&Spanned<Interpolated>) -> Option<Text> {
    |string| string.value.fill_text(values)
}

/// Each rule in each namespace. None if a parameter has no value; likewise for the other platforms.
pub(super) fn of_kubernetes(
    template: &Template,
    values: &Partial,
) -> Option<Ceiling<kubernetes::Grant>> {
    let mut out = Ceiling::nothing();
    let Some(block) = &template.kubernetes else { return Some(out) };
    let filled = block.try_map(fill(values))?;
    for namespace in &filled.namespaces {
        for (rule, written) in filled.rules.iter().zip(&block.rules) {
            let span = span_of(&[&written.api_groups, &written.resources, &written.verbs]);
            out.push(bound(namespace, rule), span);
        }
    }
    Some(out)
}

/// A rule in a namespace, `*` being the whole cluster.
fn bound(namespace: &Text, rule: &KubernetesRule<Text>) -> kubernetes::Grant {
    kubernetes::Grant {
        namespace: (namespace.as_str() != Some("*")).then(|| namespace.clone()),
        rule: kubernetes::Rule {
            api_groups: rule.api_groups.clone(),
            resources: rule.resources.clone(),
            resource_names: rule.resource_names.clone(),
            verbs: rule.verbs.clone(),
            non_resource_urls: Vec::new(),
        },
        ..kubernetes::Grant::default()
    }
}

/// One policy of all rules.
pub(super) fn of_vault(template: &Template, values: &Partial) -> Option<Ceiling<vault::Rule>> {
    let mut out = Ceiling::nothing();
    let Some(block) = &template.vault else { return Some(out) };
    let filled = block.try_map(fill(values))?;
    for (rule, written) in filled.rules.into_iter().zip(&block.rules) {
        let grant = vault::Rule {
            path: rule.path,
            capabilities: rule.capabilities,
            ..vault::Rule::default()
        };
        out.push(grant, Some(written.path.span));
    }
    Some(out)
}

/// The operations at each scope. Without a scope there is one grant that says no place.
pub(super) fn of_azure(template: &Template, values: &Partial) -> Option<Ceiling<azure::Grant>> {
    let mut out = Ceiling::nothing();
    let Some(block) = &template.azure else { return Some(out) };
    let filled = block.try_map(fill(values))?;
    if filled.actions.is_empty() && filled.data_actions.is_empty() {
        return Some(out);
    }
    let definition = azure::Definition::of(azure::Block {
        actions: filled.actions,
        not_actions: filled.not_actions,
        data_actions: filled.data_actions,
        not_data_actions: filled.not_data_actions,
        condition: None,
    });
    let span = span_of(&[&block.actions, &block.data_actions]);
    let nowhere = filled.scopes.is_empty().then(Text::new);
    for scope in filled.scopes.into_iter().chain(nowhere) {
        let what = azure::Assigned::Definition(definition.clone());
        out.push(azure::Grant { what, scope, condition: None }, span);
    }
    Some(out)
}

/// Each role, and the permissions, on each resource. Without a resource no place is said.
pub(super) fn of_gcp(template: &Template, values: &Partial) -> Option<Ceiling<gcp::Grant>> {
    let mut out = Ceiling::nothing();
    let Some(block) = &template.gcp else { return Some(out) };
    let filled = block.try_map(fill(values))?;
    let nowhere = filled.resources.is_empty().then_some(None);
    for resource in filled.resources.iter().cloned().map(Some).chain(nowhere) {
        for (role, written) in filled.roles.iter().zip(&block.roles) {
            let what = gcp::Assigned::Role(role.clone());
            let grant = gcp::Grant { what, resource: resource.clone(), condition: None };
            out.push(grant, Some(written.span));
        }
        if !filled.permissions.is_empty() {
            let what = gcp::Assigned::Permissions(filled.permissions.clone());
            let grant = gcp::Grant { what, resource, condition: None };
            out.push(grant, span_of(&[&block.permissions]));
        }
    }
    Some(out)
}

/// The levels in all repositories.
pub(super) fn of_github(template: &Template, values: &Partial) -> Option<Ceiling<github::Grant>> {
    let mut out = Ceiling::nothing();
    let Some(block) = &template.github else { return Some(out) };
    let filled = block.try_map(fill(values))?;
    let levels: Strings = block.permissions.values().cloned().collect();
    let permissions = github::Permissions::levels(filled.permissions);
    let repositories = filled.repositories;
    let span = span_of(&[&levels]).or_else(|| span_of(&[&block.repositories]));
    out.push(github::Grant { permissions, repositories, span: None }, span);
    Some(out)
}

/// From the beginning of the first string of the lists to the end of the last.
fn span_of(lists: &[&Strings]) -> Option<SourceSpan> {
    let spans = || lists.iter().flat_map(|list| list.iter()).map(|string| string.span);
    let start = spans().map(|span| span.offset()).min()?;
    let end = spans().map(|span| span.offset() + span.len()).max()?;
    Some((start, end - start).into())
}
