//! Kubernetes RBAC: rules are products of finite lists, so one rule is inside a ceiling exactly if each of its atoms is.

use std::collections::BTreeMap;
use std::sync::Arc;

use policy::template::model::{Kubernetes, KubernetesRule};
use policy::template::{Platform, Template};
use policy::text::Text;
use policy::verdict::{Counterexample, Why};

use crate::finding::Decided;
use crate::identity::{Content, Grant, Identity, Rule};

use super::{Answer, Culprit, Doubt, Gap, Part};

/// One thing that a rule allows.
struct Atom<'a> {
    group: &'a str,
    resource: &'a str,
    name: Option<&'a str>,
    verb: &'a str,
}

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
    let mut gaps = Vec::new();
    let mut doubts = Vec::new();
    for grant in &identity.grants {
        let culprit = Culprit::of(grant, Part::Permissions);
        match gap(grant, ceiling) {
            Ok(None) => {}
            Ok(Some(example)) => gaps.push(Gap {
                culprit,
                counterexample: Some(example),
                reason: String::new(),
                decided: template.map(|template| Decided {
                    file: Arc::clone(&template.place.file),
                    span: template.place.span,
                    label: format!("template `{}` decides", template.reference()),
                }),
            }),
            Err(why) => {
                doubts.push(Doubt { culprit, why });
            }
        }
    }
    if !gaps.is_empty() {
        return Answer::Outside(gaps, doubts);
    }
    if doubts.is_empty() { Answer::Inside } else { Answer::Undecided(doubts) }
}

/// What a grant allows and the ceiling does not.
fn gap(grant: &Grant, ceiling: &Kubernetes<String>) -> Result<Option<Counterexample>, Why> {
    let (rules, namespace) = match &grant.content {
        Content::Rules { rules, namespace } => (rules, namespace),
        Content::KubernetesRole { role, namespace } if role.as_str() == Some("cluster-admin") => {
            let everything = Atom { group: "*", resource: "*", name: None, verb: "*" };
            return Ok(
                (!allows(ceiling, &everything)).then(|| example(&everything, namespace.as_ref()))
            );
        }
        Content::KubernetesRole { role, .. } => {
            return Err(Why::construct(format!("role `{role}` is not part of this configuration")));
        }
        Content::Document(_) | Content::Arn(_) | Content::Role { .. } | Content::Rendered => {
            return Ok(None);
        }
    };
    let inside_namespace = match namespace.as_ref().map(Text::as_str) {
        None => ceiling.namespaces.iter().any(|allowed| allowed == "*"),
        Some(Some(name)) => {
            ceiling.namespaces.iter().any(|allowed| allowed == name || allowed == "*")
        }
        Some(None) => {
            return Err(unknown(namespace.iter()));
        }
    };
    for rule in rules {
        if let Some(url) = rule.urls.first() {
            return Ok(Some(Counterexample {
                action: "get".into(),
                resource: Some(url.to_string()),
                ..Counterexample::default()
            }));
        }
        for atom in atoms(rule)? {
            if !inside_namespace || !allows(ceiling, &atom) {
                return Ok(Some(example(&atom, namespace.as_ref())));
            }
        }
    }
    Ok(None)
}

fn atoms(rule: &Rule) -> Result<Vec<Atom<'_>>, Why> {
    let groups = known(&rule.api_groups)?;
    let resources = known(&rule.resources)?;
    let names = known(&rule.resource_names)?;
    let verbs = known(&rule.verbs)?;
    let names: Vec<Option<&str>> =
        if names.is_empty() { vec![None] } else { names.into_iter().map(Some).collect() };
    let mut atoms = Vec::new();
    for group in &groups {
        for resource in &resources {
            for name in &names {
                atoms.extend(verbs.iter().map(|verb| Atom { group, resource, name: *name, verb }));
            }
        }
    }
    Ok(atoms)
}

fn known(texts: &[Text]) -> Result<Vec<&str>, Why> {
    texts.iter().map(|text| text.as_str().ok_or_else(|| unknown(std::iter::once(text)))).collect()
}

fn unknown<'a>(texts: impl Iterator<Item = &'a Text>) -> Why {
    let unknown: Vec<String> =
        texts.flat_map(Text::holes).map(|hole| hole.origin.to_string()).collect();
    let first = unknown.first().cloned().unwrap_or_default();
    Why { reason: format!("the value of `{first}` is not known before apply"), unknown }
}

fn allows(ceiling: &Kubernetes<String>, atom: &Atom<'_>) -> bool {
    let has = |list: &[String], wanted: &str| list.iter().any(|item| item == wanted || item == "*");
    let resource = |rule: &KubernetesRule<String>| {
        let subresource = atom.resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
        has(&rule.resources, atom.resource)
            || subresource.is_some_and(|sub| rule.resources.contains(&sub))
    };
    let name = |rule: &KubernetesRule<String>| {
        rule.resource_names.is_empty()
            || atom.name.is_some_and(|name| rule.resource_names.iter().any(|it| it == name))
    };
    ceiling.rules.iter().any(|rule| {
        has(&rule.api_groups, atom.group)
            && resource(rule)
            && has(&rule.verbs, atom.verb)
            && name(rule)
    })
}

fn example(atom: &Atom<'_>, namespace: Option<&Text>) -> Counterexample {
    let group = if atom.group.is_empty() { String::new() } else { format!("{}/", atom.group) };
    let name = atom.name.map(|name| format!("/{name}")).unwrap_or_default();
    let place = namespace.map(|namespace| format!("{namespace}/")).unwrap_or_default();
    Counterexample {
        action: atom.verb.to_owned(),
        resource: Some(format!("{place}{group}{}{name}", atom.resource)),
        ..Counterexample::default()
    }
}
