//! Concrete requests, and what bound rules say to them: the check that every counterexample has to pass.

use super::{Grant, Rule, Tuple, What};
use crate::text::{Part, Text};

/// What an API server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) verb: String,
    /// `pods`, `pods/log`, `deployments.apps`, or a path that begins with `/`.
    pub(super) resource: String,
    group: String,
    kind: String,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
}

/// Likely requests of a tuple.
pub(super) fn requests(tuple: &Tuple<'_>) -> Vec<Request> {
    let verbs = likely(tuple.verb, &["get", "list", "create", "delete", "update", "impersonate"]);
    let namespace = tuple.namespace.map(example);
    let mut out = Vec::new();
    for verb in verbs {
        match tuple.what {
            What::Url(url) => {
                let path = example(url);
                let path = path.strip_suffix('*').map_or(path.clone(), |start| format!("{start}x"));
                out.push(Request {
                    verb,
                    resource: path,
                    group: String::new(),
                    kind: String::new(),
                    namespace: None,
                    name: None,
                });
            }
            What::Resource(group, kind, name) => {
                // Without a name a request speaks of the whole collection, or of an object that no rule names.
                let names = match name {
                    Some(name) => vec![Some(example(name))],
                    None => vec![Some("example".to_owned()), None],
                };
                // A binding to the whole cluster holds in every namespace, and where there is none.
                let namespaces = match &namespace {
                    Some(namespace) => vec![Some(namespace.clone())],
                    None => vec![Some("example".to_owned()), None],
                };
                for group in likely(group, &["", "apps", "example.com"]) {
                    for kind in kinds(kind) {
                        for name in &names {
                            let collection = matches!(verb.as_str(), "list" | "create" | "watch");
                            if collection && name.is_some() && names.len() > 1 {
                                continue;
                            }
                            for namespace in &namespaces {
                                out.push(Request {
                                    verb: verb.clone(),
                                    resource: shown(&kind, &group),
                                    group: group.clone(),
                                    kind: kind.clone(),
                                    namespace: namespace.clone(),
                                    name: name.clone(),
                                });
                            }
                        }
                    }
                }
            }
        }
    }
    out
}

fn shown(kind: &str, group: &str) -> String {
    match (group, kind.split_once('/')) {
        ("", _) => kind.to_owned(),
        (_, Some((kind, sub))) => format!("{kind}.{group}/{sub}"),
        (_, None) => format!("{kind}.{group}"),
    }
}

fn kinds(kind: &Text) -> Vec<String> {
    match kind.as_str().and_then(|known| known.strip_prefix("*/")) {
        Some(sub) if sub != "*" => vec![format!("pods/{sub}"), format!("examples/{sub}")],
        _ => likely(kind, &["secrets", "pods", "pods/exec", "examples"]),
    }
}

/// The text itself, or the candidates if it is a star.
fn likely(text: &Text, candidates: &[&str]) -> Vec<String> {
    if text.as_str() == Some("*") {
        return candidates.iter().map(|one| (*one).to_owned()).collect();
    }
    vec![example(text)]
}

/// The text with a likely value for every hole.
fn example(text: &Text) -> String {
    text.parts()
        .iter()
        .map(|part| match part {
            Part::Literal(known) => known.as_str(),
            Part::Hole(_) => "example",
        })
        .collect()
}

/// Whether some grant allows the request, holes filled as in [`requests`]. None if the request is malformed.
pub(super) fn allows(grants: &[Grant], request: &Request) -> Option<bool> {
    if request.verb.is_empty() || request.resource.is_empty() {
        return None;
    }
    Some(grants.iter().any(|grant| {
        let here = match (&grant.namespace, &request.namespace) {
            (None, _) => true,
            (Some(own), Some(asked)) => example(own) == *asked,
            (Some(_), None) => false,
        };
        here && matches(&grant.rule, request, grant.namespace.is_none())
    }))
}

fn matches(rule: &Rule, request: &Request, cluster: bool) -> bool {
    let listed = |list: &[Text], asked: &str| {
        list.iter().any(|one| example(one) == "*" || example(one) == asked)
    };
    if !listed(&rule.verbs, &request.verb) {
        return false;
    }
    if request.resource.starts_with('/') {
        return cluster
            && rule.non_resource_urls.iter().any(|url| {
                let url = example(url);
                url == request.resource
                    || (url.ends_with('*')
                        && request.resource.starts_with(url.trim_end_matches('*')))
            });
    }
    let (kind, sub) = request.kind.split_once('/').unwrap_or((&request.kind, ""));
    let kinds = rule.resources.iter().any(|own| {
        let own = example(own);
        own == "*"
            || own == request.kind
            || (!sub.is_empty() && !kind.is_empty() && own == format!("*/{sub}"))
    });
    let names = rule.resource_names.is_empty()
        || request
            .name
            .as_ref()
            .is_some_and(|name| rule.resource_names.iter().any(|own| example(own) == *name));
    kinds && names && listed(&rule.api_groups, &request.group)
}
