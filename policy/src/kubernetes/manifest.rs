//! From roles and bindings to grants.

use miette::SourceSpan;

use super::read::absent;
use super::{Grant, Note, Rule, Subject};
use crate::text::{Hole, Text};
use crate::verdict::Why;

/// What a text holds.
#[derive(Default)]
pub(super) struct Objects {
    pub(super) bare: Vec<(Rule, SourceSpan)>,
    pub(super) roles: Vec<Role>,
    pub(super) bindings: Vec<Binding>,
}

/// Names and values.
pub(super) type Labels = Vec<(Text, Text)>;

pub(super) struct Role {
    pub(super) cluster: bool,
    pub(super) namespace: Option<Text>,
    pub(super) name: Text,
    pub(super) rules: Vec<(Rule, SourceSpan)>,
    pub(super) unknown: Option<Why>,
    pub(super) labels: Labels,
    /// The selectors of a role that is made of others; none for one that is not understood.
    pub(super) aggregation: Option<Vec<Option<Labels>>>,
    /// Whether it comes out of a cluster.
    pub(super) live: bool,
    pub(super) span: SourceSpan,
}

pub(super) struct Binding {
    /// None: the whole cluster.
    pub(super) namespace: Option<Text>,
    pub(super) role: Text,
    /// Whether the role is a `ClusterRole`.
    pub(super) to_cluster: bool,
    pub(super) subjects: Vec<Subject>,
    pub(super) span: SourceSpan,
}

pub(super) fn unknown(hole: &Hole) -> Why {
    let origin = hole.origin.to_string();
    Why { reason: format!("`{origin}` is not known before apply"), unknown: vec![origin] }
}

impl Objects {
    pub(super) fn grants(&self, notes: &mut Vec<Note>) -> Vec<Grant> {
        let bare = self.bare.iter().map(|(rule, span)| Grant {
            rule: rule.clone(),
            span: Some(*span),
            ..Grant::default()
        });
        let mut grants: Vec<Grant> = bare.collect();
        if self.bindings.is_empty() {
            for role in &self.roles {
                grants.extend(self.content(role, role.namespace.as_ref(), None));
            }
            return grants;
        }
        for role in &self.roles {
            if !self.bindings.iter().any(|binding| binds(binding, role)) {
                let kind = if role.cluster { "ClusterRole" } else { "Role" };
                let message =
                    format!("{kind} `{}` is bound to nobody: it grants nothing", role.name);
                notes.push(Note { message, span: role.span });
            }
        }
        for binding in &self.bindings {
            for subject in &binding.subjects {
                grants.extend(self.bound(binding, subject));
            }
        }
        grants
    }

    fn bound(&self, binding: &Binding, subject: &Subject) -> Vec<Grant> {
        let namespace = binding.namespace.as_ref();
        if let Some(role) = self.roles.iter().find(|role| binds(binding, role)) {
            return self.content(role, namespace, Some(subject));
        }
        let grant = Grant {
            namespace: namespace.cloned(),
            subject: Some(subject.clone()),
            span: Some(binding.span),
            ..Grant::default()
        };
        let star = || vec![Text::literal("*")];
        if binding.to_cluster && binding.role.as_str() == Some("cluster-admin") {
            let things =
                Rule { api_groups: star(), resources: star(), verbs: star(), ..Rule::default() };
            let urls = Rule { verbs: star(), non_resource_urls: star(), ..Rule::default() };
            return vec![Grant { rule: things, ..grant.clone() }, Grant { rule: urls, ..grant }];
        }
        let kind = if binding.to_cluster { "ClusterRole" } else { "Role" };
        vec![Grant { unknown: Some(absent(kind, &binding.role)), ..grant }]
    }

    /// The rules of a role, in a place and for somebody.
    fn content(
        &self,
        role: &Role,
        namespace: Option<&Text>,
        subject: Option<&Subject>,
    ) -> Vec<Grant> {
        let grant = |rule: Rule, span: SourceSpan| Grant {
            namespace: namespace.cloned(),
            rule,
            subject: subject.cloned(),
            unknown: None,
            span: Some(span),
        };
        let mut unknown = role.unknown.clone();
        // What a cluster has filled holds its rules. In a file they are overwritten by those of other roles, which may not
        // all be here.
        let made = role.aggregation.as_ref().filter(|_| !role.live || role.rules.is_empty());
        let own = role.rules.iter().filter(|_| made.is_none());
        let mut grants: Vec<Grant> = own.map(|(rule, span)| grant(rule.clone(), *span)).collect();
        if let Some(selectors) = made {
            let others =
                self.roles.iter().filter(|other| other.cluster && other.aggregation.is_none());
            let chosen = others.filter(|other| {
                let has = |pair: &(Text, Text)| other.labels.contains(pair);
                selectors.iter().flatten().any(|labels| labels.iter().all(has))
            });
            for (rule, span) in chosen.flat_map(|other| &other.rules) {
                grants.push(grant(rule.clone(), *span));
            }
            let why = format!("ClusterRole `{}` is made of other roles by their labels", role.name);
            unknown = unknown.or(Some(Why::construct(why)));
        }
        if let Some(why) = unknown {
            grants.push(Grant { unknown: Some(why), ..grant(Rule::default(), role.span) });
        }
        grants
    }
}

fn binds(binding: &Binding, role: &Role) -> bool {
    let here = role.cluster || role.namespace == binding.namespace;
    binding.to_cluster == role.cluster && binding.role == role.name && here
}
