//! Kubernetes RBAC: whether what one set of bound rules allows stays inside another.
//!
//! RBAC only allows, and a rule is the product of its lists. So the inner side is taken apart into single tuples, and
//! each must be covered by one outer rule: as verbs, groups, resources, names and namespaces are open sets, no finite
//! union of narrower rules makes up for a `*`. That is exact for custom resources that do not exist yet, too.

use std::fmt;

use miette::{Diagnostic, SourceSpan};
use thiserror::Error;

use crate::problem::{Problem, summary};
use crate::text::Text;
use crate::verdict::{Comparison, Counterexample, Verdict, Why};

mod catalogue;
mod cover;
mod manifest;
mod narrow;
mod read;
mod request;

pub use narrow::change;

use cover::Cover;
use request::{Request, allows, real_requests, requests};

/// A rule of a role, as the API server reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// API groups; the empty string is the core group.
    pub api_groups: Vec<Text>,
    /// `pods`, `pods/log`, `*/scale`, `*`.
    pub resources: Vec<Text>,
    /// Objects by name; empty means all.
    pub resource_names: Vec<Text>,
    /// Verbs.
    pub verbs: Vec<Text>,
    /// Paths that are no resources: `/healthz*`. They count in cluster-wide bindings only.
    pub non_resource_urls: Vec<Text>,
}

/// A rule, where a binding makes it hold, and for whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// The namespace of a `RoleBinding`; none for a `ClusterRoleBinding`.
    pub namespace: Option<Text>,
    /// The rule.
    pub rule: Rule,
    /// Who gets it. None: whoever it is about.
    pub subject: Option<Subject>,
    /// Why it is not known what the role says; then `rule` says nothing.
    pub unknown: Option<Why>,
    /// Where the rule stands, if it was read from a text.
    pub span: Option<SourceSpan>,
}

/// Who a binding is for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A service account.
    ServiceAccount {
        /// Its namespace.
        namespace: Text,
        /// Its name.
        name: Text,
    },
    /// A user by name.
    User(Text),
    /// A group by name: `system:masters`.
    Group(Text),
}

/// What a text of manifests grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The rules that bindings make hold. In a text without bindings: those of its roles, for whoever is bound to them.
    pub grants: Vec<Grant>,
    /// What a reader should know.
    pub notes: Vec<Note>,
}

/// Something that a reader of manifests should know and that does not make them invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// A lowercase phrase.
    pub message: String,
    /// Where.
    pub span: SourceSpan,
}

/// Why a text is not what RBAC understands: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
#[error("not valid Kubernetes roles or bindings: {}", summary(problems))]
pub struct ManifestError {
    /// In the order of the text; never empty.
    #[related]
    pub problems: Vec<Problem>,
}

/// Reads manifests in JSON: `Role`, `ClusterRole`, `RoleBinding`, `ClusterRoleBinding`, a `List` of them, or bare rules.
pub fn parse(text: &Text) -> Result<Manifest, ManifestError> {
    read::manifest(text)
}

/// Inner tuples that a comparison may look at, times outer grants.
const BUDGET: usize = 2_000_000;

/// One element of the product that a rule is.
#[derive(Clone, Copy, Debug)]
struct Tuple<'a> {
    namespace: Option<&'a Text>,
    subject: Option<&'a Subject>,
    verb: &'a Text,
    what: What<'a>,
}

#[derive(Clone, Copy, Debug)]
enum What<'a> {
    /// Group, resource and name; no name means every object.
    Resource(&'a Text, &'a Text, Option<&'a Text>),
    Url(&'a Text),
}

/// The first answer of each kind, with the inner and the outer grant that it comes from.
#[derive(Default)]
struct Found {
    open: Option<(Counterexample, usize, Option<usize>)>,
    catalogue: Option<Counterexample>,
    doubt: Option<(Why, usize, Option<usize>)>,
    /// Whether the doubt stays in the clusters of today.
    real_doubt: Option<Why>,
}

/// Whether everything that `inner` allows is allowed by `outer` too.
///
/// The open world is the API server's own comparison: it holds for resources that do not exist yet, and counts rules that
/// no request of today can use. The catalogue has the resources of a cluster without extensions. The indices of the answer
/// count the grants of a side.
pub fn contains(outer: &[Grant], inner: &[Grant]) -> Comparison {
    let mut found = Found::default();
    let size = |grant: &Grant| {
        let rule = &grant.rule;
        let things =
            rule.api_groups.len() * rule.resources.len() * rule.resource_names.len().max(1);
        rule.verbs.len() * (things + rule.non_resource_urls.len())
    };
    let work = inner.iter().map(size).fold(0_usize, usize::saturating_add);
    let per_tuple = outer.iter().map(|grant| {
        let rule = &grant.rule;
        rule.verbs.len()
            + rule.resources.len()
            + rule.resource_names.len()
            + rule.non_resource_urls.len()
            + 1
    });
    if work.saturating_mul(per_tuple.sum::<usize>().max(1)) > BUDGET.saturating_mul(10) {
        let why = format!(
            "{work} single permissions are too many to compare with {} grants",
            outer.len()
        );
        return Comparison::same(Verdict::Undecided(Why::construct(why)), None, None);
    }
    for (index, grant) in inner.iter().enumerate() {
        if let Some(why) = &grant.unknown {
            if !allow_everything(outer, grant) {
                found.doubt.get_or_insert((why.clone(), index, None));
                found.real_doubt.get_or_insert(why.clone());
            }
            continue;
        }
        for tuple in tuples(grant) {
            judge(outer, inner, index, &tuple, &mut found);
        }
    }
    let verdict = |example: Option<Counterexample>, doubt: Option<Why>| match (example, doubt) {
        (Some(example), _) => Verdict::Outside(example),
        (None, Some(why)) => Verdict::Undecided(why),
        (None, None) => Verdict::Inside,
    };
    let (inner, outer) = match (&found.open, &found.doubt) {
        (Some((_, inner, outer)), _) | (None, Some((_, inner, outer))) => (Some(*inner), *outer),
        (None, None) => (None, None),
    };
    let catalogue = verdict(found.catalogue, found.real_doubt);
    let open = verdict(found.open.map(|it| it.0), found.doubt.map(|it| it.0));
    Comparison { open, catalogue, inner, outer }
}

/// Whether some outer grant covers the tuple; if not, what follows.
fn judge(outer: &[Grant], inner: &[Grant], index: usize, tuple: &Tuple<'_>, found: &mut Found) {
    if found.open.is_some() && found.catalogue.is_some() {
        return;
    }
    let mut doubt: Option<(Why, usize)> = None;
    for (at, other) in outer.iter().enumerate() {
        match cover::covers(other, tuple) {
            Cover::Yes => return,
            Cover::No => {}
            Cover::Maybe(why) => {
                doubt.get_or_insert((why, at));
            }
        }
    }
    let nearest = nearest(outer, tuple);
    if let Some((why, at)) = doubt {
        found.real_doubt.get_or_insert_with(|| why.clone());
        found.doubt.get_or_insert((why, index, Some(at)));
        return;
    }
    let shows = |request: &Request| allows(inner, request) && !allows(outer, request);
    let Some(example) = requests(tuple, outer).into_iter().find(shows) else {
        let why =
            Why::construct(format!("no request shows that the verb `{}` is outside", tuple.verb));
        found.real_doubt.get_or_insert_with(|| why.clone());
        found.doubt.get_or_insert((why, index, nearest));
        return;
    };
    if found.catalogue.is_none() {
        let real = real_requests(tuple, outer).into_iter().find(shows);
        found.catalogue = real.map(counterexample);
    }
    found.open.get_or_insert_with(|| (counterexample(example), index, nearest));
}

/// The first of the outer grants that have most in common with the tuple.
fn nearest(outer: &[Grant], tuple: &Tuple<'_>) -> Option<usize> {
    let scores = outer.iter().map(|other| cover::likeness(other, tuple)).enumerate();
    scores.max_by_key(|(at, score)| (*score, std::cmp::Reverse(*at))).map(|(at, _)| at)
}

fn tuples(grant: &Grant) -> impl Iterator<Item = Tuple<'_>> {
    let rule = &grant.rule;
    let namespace = grant.namespace.as_ref();
    let subject = grant.subject.as_ref();
    rule.verbs.iter().flat_map(move |verb| {
        let resources = rule.api_groups.iter().flat_map(move |group| {
            rule.resources.iter().flat_map(move |resource| {
                let names = rule.resource_names.iter().map(Some);
                let all = rule.resource_names.is_empty().then_some(None);
                names.chain(all).map(move |name| What::Resource(group, resource, name))
            })
        });
        // A namespaced binding never grants a path.
        let urls = rule.non_resource_urls.iter().filter(move |_| namespace.is_none());
        let all = resources.chain(urls.map(What::Url));
        all.map(move |what| Tuple { namespace, subject, verb, what })
    })
}

fn counterexample(request: Request) -> Counterexample {
    let mut found =
        Counterexample { resource: Some(request.resource()), ..Counterexample::default() };
    let group = request.group.as_deref().unwrap_or_default();
    found.escalation =
        catalogue::escalation(&request.verb, group, &request.kind).map(ToOwned::to_owned);
    for (key, value) in [("namespace", request.namespace), ("name", request.name)] {
        found.context.extend(value.map(|value| (key.to_owned(), vec![value])));
    }
    found.action = request.verb;
    found.principal = request.subject;
    found
}

/// Whether the grants allow everything that a role bound like the other one could.
fn allow_everything(outer: &[Grant], other: &Grant) -> bool {
    let star = |list: &[Text]| list.iter().any(|text| text.as_str() == Some("*"));
    let any = |covers: &dyn Fn(&Rule) -> bool| {
        outer.iter().any(|grant| {
            let here = cover::covers_place(grant, other.namespace.as_ref(), other.subject.as_ref());
            grant.unknown.is_none()
                && here == Cover::Yes
                && star(&grant.rule.verbs)
                && covers(&grant.rule)
        })
    };
    let things = |rule: &Rule| {
        star(&rule.api_groups) && star(&rule.resources) && rule.resource_names.is_empty()
    };
    // A namespaced binding never grants a path.
    let urls = other.namespace.is_some() || any(&|rule| star(&rule.non_resource_urls));
    urls && any(&things)
}

/// As user and group names are written: `system:serviceaccount:billing:app`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServiceAccount { namespace, name } => {
                write!(f, "system:serviceaccount:{namespace}:{name}")
            }
            Self::User(name) => write!(f, "{name}"),
            Self::Group(name) => write!(f, "group {name}"),
        }
    }
}

#[cfg(test)]
mod tests;
