//! Kubernetes RBAC: whether what one set of bound rules allows stays inside another.
//!
//! RBAC only allows, and a rule is the product of its lists. So the inner side is taken apart into single tuples, and
//! each must be covered by one outer rule: as verbs, groups, resources, names and namespaces are open sets, no finite
//! union of narrower rules makes up for a `*`. That is exact for custom resources that do not exist yet, too.

use std::collections::BTreeMap;

use miette::SourceSpan;

use crate::glob::{self, Symbol};
use crate::text::{Part, Shape, Text};
use crate::verdict::{Change, Comparison, Counterexample, Verdict, Why};

mod request;

use request::{Request, allows, requests};

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

/// The smallest change of one inner grant after which it is no longer the one that leads outside.
pub fn change(outer: &[Grant], inner: &[Grant], answer: &Comparison) -> Option<Change> {
    let _ = (outer, inner, answer);
    None
}

/// Whether everything that `inner` allows is allowed by `outer` too.
///
/// The indices of the answer count the grants of a side.
pub fn contains(outer: &[Grant], inner: &[Grant]) -> Comparison {
    Comparison::same(verdict(outer, inner), None, None)
}

fn verdict(outer: &[Grant], inner: &[Grant]) -> Verdict {
    let strange = outer.iter().chain(inner).find_map(|grant| grant.unknown.clone());
    if let Some(why) = strange {
        return Verdict::Undecided(why);
    }
    if outer.iter().chain(inner).any(|grant| grant.subject.is_some()) {
        return Verdict::Undecided(Why::construct("the subjects of bindings are not compared"));
    }
    let mut open: Option<Why> = None;
    for grant in inner {
        for tuple in tuples(grant) {
            let mut doubts = Vec::new();
            let mut covered = false;
            for other in outer.iter().flat_map(tuples) {
                match other.covers(&tuple) {
                    Cover::Yes => {
                        covered = true;
                        break;
                    }
                    Cover::No => {}
                    Cover::Maybe(origins) => doubts.extend(origins),
                }
            }
            if covered {
                continue;
            }
            if doubts.is_empty()
                && let Some(found) = witness(outer, inner, &tuple)
            {
                return Verdict::Outside(found);
            }
            open.get_or_insert_with(|| why(&tuple, doubts));
        }
    }
    open.map_or(Verdict::Inside, Verdict::Undecided)
}

/// One element of the product that a rule is.
#[derive(Clone, Copy, Debug)]
struct Tuple<'a> {
    namespace: Option<&'a Text>,
    verb: &'a Text,
    what: What<'a>,
}

#[derive(Clone, Copy, Debug)]
enum What<'a> {
    /// Group, resource and name; no name means every object.
    Resource(&'a Text, &'a Text, Option<&'a Text>),
    Url(&'a Text),
}

/// Whether one text or tuple takes in another, for every value of the holes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Cover {
    No,
    /// It depends on these values.
    Maybe(Vec<String>),
    Yes,
}

impl Cover {
    fn and(self, other: impl FnOnce() -> Cover) -> Cover {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Maybe(mut origins) => match other() {
                Self::No => Self::No,
                Self::Yes => Self::Maybe(origins),
                Self::Maybe(more) => {
                    origins.extend(more);
                    Self::Maybe(origins)
                }
            },
        }
    }
}

fn tuples(grant: &Grant) -> impl Iterator<Item = Tuple<'_>> {
    let rule = &grant.rule;
    let namespace = grant.namespace.as_ref();
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
        resources.chain(urls.map(What::Url)).map(move |what| Tuple { namespace, verb, what })
    })
}

impl Tuple<'_> {
    fn covers(&self, inner: &Tuple<'_>) -> Cover {
        let scope = match (self.namespace, inner.namespace) {
            (None, _) => Cover::Yes,
            (Some(_), None) => Cover::No,
            (Some(own), Some(theirs)) => equal(own, theirs),
        };
        let verb = || star_or_equal(self.verb, inner.verb);
        scope.and(verb).and(|| match (self.what, inner.what) {
            (What::Resource(group, resource, name), What::Resource(own_group, own, own_name)) => {
                let named = || match (name, own_name) {
                    (None, _) => Cover::Yes,
                    (Some(_), None) => Cover::No,
                    (Some(name), Some(own)) => equal(name, own),
                };
                star_or_equal(group, own_group).and(|| covers_resource(resource, own)).and(named)
            }
            (What::Url(own), What::Url(theirs)) => covers_url(own, theirs),
            (What::Resource(..), What::Url(_)) | (What::Url(_), What::Resource(..)) => Cover::No,
        })
    }
}

/// Every string that a text can become.
fn strings(text: &Text) -> Vec<Symbol> {
    let mut symbols = Vec::new();
    for part in text.parts() {
        match part {
            Part::Literal(known) => symbols.extend(known.chars().map(Symbol::Char)),
            Part::Hole(hole) => match &hole.shape {
                Shape::Any => symbols.push(Symbol::Many),
                Shape::Word => symbols.extend([Symbol::One, Symbol::Many]),
                Shape::Glob(pattern) => symbols.extend(glob::compile(pattern)),
            },
        }
    }
    glob::normal(symbols)
}

fn maybe(outer: &Text, inner: &Text) -> Cover {
    let holes = inner.holes().chain(outer.holes());
    Cover::Maybe(holes.map(|hole| hole.origin.to_string()).collect())
}

fn equal(outer: &Text, inner: &Text) -> Cover {
    if outer == inner {
        return Cover::Yes;
    }
    if (outer.has_holes() || inner.has_holes()) && glob::meets(&strings(outer), &strings(inner)) {
        return maybe(outer, inner);
    }
    Cover::No
}

fn star_or_equal(outer: &Text, inner: &Text) -> Cover {
    if outer.as_str() == Some("*") {
        return Cover::Yes;
    }
    let same = equal(outer, inner);
    // A hole may turn out to be the star.
    let star = same == Cover::No && glob::meets(&strings(outer), &[Symbol::Char('*')]);
    if star { maybe(outer, inner) } else { same }
}

fn covers_resource(outer: &Text, inner: &Text) -> Cover {
    let plain = star_or_equal(outer, inner);
    if plain == Cover::Yes {
        return plain;
    }
    if outer.has_holes() || inner.has_holes() {
        // `*/sub` of one side against a resource of the other: not worth telling apart.
        let sub = |text: &Text| strings(text).contains(&Symbol::Char('/')) || text.has_holes();
        return if sub(outer) && sub(inner) { maybe(outer, inner) } else { plain };
    }
    let (outer, inner) = (outer.as_str().unwrap_or_default(), inner.as_str().unwrap_or_default());
    let sub = outer.strip_prefix("*/");
    match inner.split_once('/') {
        Some((_, own)) if sub == Some(own) => Cover::Yes,
        _ => Cover::No,
    }
}

fn covers_url(outer: &Text, inner: &Text) -> Cover {
    let (Some(own), Some(theirs)) = (outer.as_str(), inner.as_str()) else {
        return if outer == inner { Cover::Yes } else { maybe(outer, inner) };
    };
    let prefix = own.ends_with('*').then(|| own.trim_end_matches('*'));
    if own == theirs || prefix.is_some_and(|prefix| theirs.starts_with(prefix)) {
        Cover::Yes
    } else {
        Cover::No
    }
}

/// A request of the tuple that the inner side allows and the outer side does not, by the concrete check.
fn witness(outer: &[Grant], inner: &[Grant], tuple: &Tuple<'_>) -> Option<Counterexample> {
    let found = requests(tuple).into_iter().find(|request: &Request| {
        allows(inner, request) == Some(true) && allows(outer, request) == Some(false)
    })?;
    let mut context = BTreeMap::new();
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            context.insert(key.to_owned(), vec![value]);
        }
    };
    put("namespace", found.namespace);
    put("name", found.name);
    Some(Counterexample {
        action: found.verb,
        resource: Some(found.resource),
        context,
        ..Counterexample::default()
    })
}

fn why(tuple: &Tuple<'_>, doubts: Vec<String>) -> Why {
    let mut unknown: Vec<String> = Vec::new();
    for origin in doubts {
        if !unknown.contains(&origin) {
            unknown.push(origin);
        }
    }
    let reason = match unknown.first() {
        Some(origin) => format!("`{origin}` is not known before apply"),
        None => format!("no request shows that the verb `{}` is outside", tuple.verb),
    };
    Why { reason, unknown }
}

#[cfg(test)]
mod tests;
