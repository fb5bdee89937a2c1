//! Concrete requests, and what bound rules say to them: the check that every counterexample has to pass.

use super::catalogue;
use super::{Grant, Rule, Subject, Tuple, What};
use crate::text::{Part, Text};

/// What an API server is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) verb: String,
    /// None for a path.
    pub(super) group: Option<String>,
    /// `pods`, `pods/log`, or a path that begins with `/`.
    pub(super) kind: String,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    /// Who asks, as [`Subject`] prints; none: whoever it is.
    pub(super) subject: Option<String>,
}

/// Verbs that speak of a whole collection. A list or watch of one object by name is asked for by a field selector.
const COLLECTION: [&str; 4] = ["list", "watch", "create", "deletecollection"];

const VERBS: [&str; 10] = [
    "get",
    "list",
    "create",
    "delete",
    "update",
    "watch",
    "patch",
    "deletecollection",
    "impersonate",
    "a-later-verb",
];

impl Request {
    /// `pods`, `deployments.apps/scale`, or the path.
    pub(super) fn resource(&self) -> String {
        match (self.group.as_deref().unwrap_or_default(), self.kind.split_once('/')) {
            ("", _) => self.kind.clone(),
            (group, Some((kind, sub))) => format!("{kind}.{group}/{sub}"),
            (group, None) => format!("{}.{group}", self.kind),
        }
    }

    /// Whether an API server can be asked so: no collection goes by the name of one object, nothing is below a namespace
    /// that is not, and no resource has a star in its name. A `create` does have a name where an update or an apply makes
    /// the object, and a namespace lies in itself.
    fn is_real(&self) -> bool {
        let Some(group) = &self.group else { return true };
        let main = !self.kind.contains('/');
        let itself = is_namespace(group, &self.kind)
            && self.name == self.namespace
            && !matches!(self.verb.as_str(), "list" | "deletecollection");
        !(self.kind.contains('*')
            || main && self.verb == "deletecollection" && self.name.is_some()
            || self.namespace.is_some() && !itself && catalogue::is_cluster_wide(group, &self.kind))
    }
}

/// Whether the resource is a namespace, which requests put into itself.
fn is_namespace(group: &str, kind: &str) -> bool {
    group.is_empty() && kind.split('/').next() == Some("namespaces")
}

/// Likely requests of a tuple, in the order in which they show best what it allows.
pub(super) fn requests(tuple: &Tuple<'_>, outer: &[Grant]) -> Vec<Request> {
    let mut out = Vec::new();
    for verb in likely(tuple.verb, &VERBS) {
        match tuple.what {
            What::Url(url) => out.extend(paths(url, outer).into_iter().map(|kind| Request {
                verb: verb.clone(),
                kind,
                subject: tuple.subject.map(subject),
                ..Request::default()
            })),
            What::Resource(group, kind, _) => {
                for group in likely(group, &["", "apps", "example.com", "later.example.com"]) {
                    for kind in kinds(kind) {
                        places(tuple, &verb, &group, &kind, outer, &mut out);
                    }
                }
            }
        }
    }
    out
}

/// The requests of a tuple that the clusters of today know.
pub(super) fn real_requests(tuple: &Tuple<'_>, outer: &[Grant]) -> Vec<Request> {
    let What::Resource(group, kind, _) = tuple.what else { return requests(tuple, outer) };
    let mut out = Vec::new();
    let star = |text: &Text| text.as_str() == Some("*");
    let sub = kind.as_str().and_then(|kind| kind.strip_prefix("*/"));
    if !star(group) && !star(kind) && sub.is_none() {
        for verb in literal_verbs(tuple.verb, &example(group), &example(kind)) {
            places(tuple, &verb, &example(group), &example(kind), outer, &mut out);
        }
    } else {
        let own = example(kind);
        for resource in catalogue::resources() {
            let below = resource.kind.split_once('/').map(|(_, sub)| sub);
            let fits = (star(group) || example(group) == resource.group)
                && (star(kind) || own == resource.kind || (sub.is_some() && sub == below));
            if fits {
                for verb in literal_verbs(tuple.verb, resource.group, resource.kind) {
                    places(tuple, &verb, resource.group, resource.kind, outer, &mut out);
                }
            }
        }
    }
    // What is spelled out is there, whether a cluster has it without extensions or not.
    if out.is_empty() && !(star(group) && (star(kind) || sub.is_some())) {
        out = requests(tuple, outer);
    }
    out.retain(Request::is_real);
    out
}

/// The verb, or the verbs that the resource knows if it is a star.
fn literal_verbs(verb: &Text, group: &str, kind: &str) -> Vec<String> {
    let mut resources = catalogue::resources().iter();
    let known = resources.find(|it| it.group == group && it.kind == kind);
    match known {
        Some(resource) if verb.as_str() == Some("*") => {
            resource.verbs.iter().map(|verb| (*verb).to_owned()).collect()
        }
        Some(_) | None => likely(verb, &VERBS),
    }
}

fn places(
    tuple: &Tuple<'_>,
    verb: &str,
    group: &str,
    kind: &str,
    outer: &[Grant],
    out: &mut Vec<Request>,
) {
    let What::Resource(_, _, name) = tuple.what else { return };
    let collection = COLLECTION.contains(&verb) && !kind.contains('/');
    let names = match name {
        Some(name) => vec![Some(example(name))],
        None if collection => vec![None],
        None => {
            let taken = outer.iter().flat_map(|grant| &grant.rule.resource_names);
            vec![Some(fresh("example", taken))]
        }
    };
    let namespaces = match tuple.namespace {
        Some(namespace) => vec![Some(example(namespace))],
        // A binding to the whole cluster holds in every namespace, and where there is none.
        None if catalogue::is_cluster_wide(group, kind) => vec![None],
        None => {
            let taken = outer.iter().filter_map(|grant| grant.namespace.as_ref());
            vec![Some(fresh("example", taken)), None]
        }
    };
    let itself = is_namespace(group, kind).then_some(&namespaces);
    for name in itself.into_iter().flatten().filter(|_| name.is_none()).chain(&names) {
        for namespace in &namespaces {
            out.push(Request {
                verb: verb.to_owned(),
                group: Some(group.to_owned()),
                kind: kind.to_owned(),
                namespace: namespace.clone(),
                name: name.clone(),
                subject: tuple.subject.map(subject),
            });
        }
    }
}

/// A name that no text is.
fn fresh<'a>(stem: &str, taken: impl Iterator<Item = &'a Text> + Clone) -> String {
    let free = |name: &String| !taken.clone().any(|text| text.as_str() == Some(name));
    let more = (2..10_000).map(|at| format!("{stem}-{at}"));
    std::iter::once(stem.to_owned()).chain(more).find(free).unwrap_or_else(|| stem.to_owned())
}

/// A path that a URL rule matches and, if there is one, no other names.
fn paths(url: &Text, outer: &[Grant]) -> Vec<String> {
    let path = example(url);
    if !path.ends_with('*') {
        return vec![path];
    }
    let stem = path.trim_end_matches('*').to_owned();
    let named: Vec<&Text> = outer.iter().flat_map(|grant| &grant.rule.non_resource_urls).collect();
    let free = |path: &String| !named.iter().any(|own| own.as_str() == Some(path));
    let stem = if stem.is_empty() { "/".to_owned() } else { stem };
    let letters = "xyzabcdefghijklmnopqrstuvw0123456789".chars();
    let ends = letters.map(|letter| format!("{stem}{letter}"));
    ends.filter(|path| free(path)).collect()
}

fn kinds(kind: &Text) -> Vec<String> {
    match kind.as_str().and_then(|known| known.strip_prefix("*/")) {
        Some(sub) if sub != "*" => vec![format!("pods/{sub}"), format!("examples/{sub}")],
        _ => likely(
            kind,
            &["secrets", "pods", "pods/exec", "examples", "laterexamples", "examples/later"],
        ),
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

/// The subject as requests name it.
pub(super) fn subject(subject: &Subject) -> String {
    match subject {
        Subject::ServiceAccount { namespace, name } => {
            format!("system:serviceaccount:{}:{}", example(namespace), example(name))
        }
        Subject::User(name) => example(name),
        Subject::Group(name) => format!("group {}", example(name)),
    }
}

/// Whether some grant allows the request, holes filled as in [`requests`]; what is not known allows nothing.
pub(super) fn allows(grants: &[Grant], request: &Request) -> bool {
    grants.iter().any(|grant| {
        let here = match (&grant.namespace, &request.namespace) {
            (None, _) => true,
            (Some(own), Some(asked)) => example(own) == *asked,
            (Some(_), None) => false,
        };
        let who = grant.subject.as_ref().is_none_or(|own| is_for(&subject(own), request));
        who && here
            && grant.unknown.is_none()
            && matches(&grant.rule, request, grant.namespace.is_none())
    })
}

fn is_for(own: &str, request: &Request) -> bool {
    let Some(asked) = request.subject.as_deref() else { return false };
    let account = asked.strip_prefix("system:serviceaccount:").or_else(|| {
        let group = asked.strip_prefix("group system:serviceaccounts")?;
        Some(group.strip_prefix(':').unwrap_or(group))
    });
    let stranger = matches!(asked, "system:anonymous" | "group system:unauthenticated");
    own == asked
        || match own.strip_prefix("group ") {
            Some("system:authenticated") => !stranger,
            Some("system:serviceaccounts") => account.is_some(),
            Some(group) => group
                .strip_prefix("system:serviceaccounts:")
                .is_some_and(|own| account.is_some_and(|it| it.split(':').next() == Some(own))),
            None => false,
        }
}

fn matches(rule: &Rule, request: &Request, cluster: bool) -> bool {
    let listed = |list: &[Text], asked: &str| {
        list.iter().any(|one| example(one) == "*" || example(one) == asked)
    };
    if !listed(&rule.verbs, &request.verb) {
        return false;
    }
    let Some(group) = &request.group else {
        return cluster
            && rule.non_resource_urls.iter().map(example).any(|url| {
                url == request.kind
                    || (url.ends_with('*') && request.kind.starts_with(url.trim_end_matches('*')))
            });
    };
    let (kind, sub) = request.kind.split_once('/').unwrap_or((&request.kind, ""));
    let kinds = rule.resources.iter().map(example).any(|own| {
        own == "*"
            || own == request.kind
            || (!sub.is_empty() && !kind.is_empty() && own == format!("*/{sub}"))
    });
    let names = rule.resource_names.is_empty()
        || request
            .name
            .as_ref()
            .is_some_and(|name| rule.resource_names.iter().any(|own| example(own) == *name));
    kinds && names && listed(&rule.api_groups, group)
}
