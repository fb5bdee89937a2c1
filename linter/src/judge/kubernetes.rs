//! Kubernetes identities: the rules of their roles against the `kubernetes` block of a template.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::kubernetes as rbac;
use policy::template::model::Kubernetes;
use policy::template::{Platform, Template};
use policy::text::Text;
use policy::verdict::{Verdict, Why};

use crate::finding::Decided;
use crate::identity::{Content, Grant, Identity};

use super::{Answer, Culprit, Doubt, Gap, Part};

/// How an identity stands to a template.
pub(super) fn answer(
    identity: &Identity,
    template: &Template,
    given: &BTreeMap<String, String>,
) -> Answer {
    let applies = &template.applies_to;
    let environment = identity.governance.record.environment.as_str();
    let elsewhere = |name: &str| {
        !applies.environments.is_empty() && !applies.environments.iter().any(|it| it == name)
    };
    if (!applies.kinds.is_empty() && !applies.kinds.contains(&identity.kind))
        || environment.is_some_and(elsewhere)
    {
        return Answer::Inapplicable;
    }
    let nothing = Kubernetes::default();
    let ceiling = if template.covers(Platform::Kubernetes) {
        let filled = template.bind(given).ok().and_then(|bound| bound.kubernetes_strings());
        match (filled, identity.grants.first()) {
            (Some(ceiling), _) => ceiling,
            (None, Some(grant)) => {
                let why = Why::construct(
                    "the identity does not state the parameters that the template's `kubernetes` block uses",
                );
                return Answer::Undecided(vec![Doubt {
                    culprit: Culprit::of(grant, Part::Permissions),
                    why,
                }]);
            }
            (None, None) => return Answer::Inside,
        }
    } else {
        nothing
    };
    compare(identity, &ceiling, Some(template))
}

/// An identity against nothing.
pub(super) fn bare(identity: &Identity) -> Answer {
    compare(identity, &Kubernetes::default(), None)
}

fn compare(
    identity: &Identity,
    ceiling: &Kubernetes<String>,
    template: Option<&Template>,
) -> Answer {
    let outer = outer(ceiling);
    let mut gaps = Vec::new();
    let mut doubts = Vec::new();
    for grant in &identity.grants {
        let culprit = Culprit::of(grant, Part::Permissions);
        let verdict = match inner(grant) {
            Ok(inner) => rbac::contains(&outer, &inner).open,
            Err(why) => Verdict::Undecided(why),
        };
        match verdict {
            Verdict::Inside => {}
            Verdict::Outside(example) => gaps.push(Gap {
                culprit,
                counterexample: Some(example),
                reason: String::new(),
                decided: template.map(decided),
            }),
            Verdict::Undecided(why) => doubts.push(Doubt { culprit, why }),
        }
    }
    if !gaps.is_empty() {
        return Answer::Outside(gaps, doubts);
    }
    if doubts.is_empty() { Answer::Inside } else { Answer::Undecided(doubts) }
}

/// The ceiling as bindings: each rule in each namespace, `*` being the whole cluster.
fn outer(ceiling: &Kubernetes<String>) -> Vec<rbac::Grant> {
    let texts = |list: &[String]| list.iter().map(|text| Text::literal(text.as_str())).collect();
    let mut grants = Vec::new();
    for namespace in &ceiling.namespaces {
        for rule in &ceiling.rules {
            grants.push(rbac::Grant {
                namespace: (namespace != "*").then(|| Text::literal(namespace.as_str())),
                rule: rbac::Rule {
                    api_groups: texts(&rule.api_groups),
                    resources: texts(&rule.resources),
                    resource_names: texts(&rule.resource_names),
                    verbs: texts(&rule.verbs),
                    non_resource_urls: Vec::new(),
                },
                ..rbac::Grant::default()
            });
        }
    }
    grants
}

/// A grant of the identity as bindings.
fn inner(grant: &Grant) -> Result<Vec<rbac::Grant>, Why> {
    match &grant.content {
        Content::Rules { rules, namespace } => Ok(rules
            .iter()
            .map(|rule| rbac::Grant {
                namespace: namespace.clone(),
                rule: rule.clone(),
                ..rbac::Grant::default()
            })
            .collect()),
        Content::KubernetesRole { role, namespace } if role.as_str() == Some("cluster-admin") => {
            let all = || vec![Text::literal("*")];
            let rule = rbac::Rule {
                api_groups: all(),
                resources: all(),
                verbs: all(),
                ..rbac::Rule::default()
            };
            Ok(vec![rbac::Grant {
                namespace: namespace.clone(),
                rule,
                ..rbac::Grant::default()
            }])
        }
        Content::KubernetesRole { role, .. } => {
            Err(Why::construct(format!("role `{role}` is not part of this configuration")))
        }
        Content::Document(_)
        | Content::Arn(_)
        | Content::Role { .. }
        | Content::Rendered { .. } => Ok(Vec::new()),
    }
}

fn decided(template: &Template) -> Decided {
    Decided {
        file: Arc::clone(&template.place.file),
        span: template.place.span,
        label: format!("template `{}` decides", template.reference()),
    }
}
