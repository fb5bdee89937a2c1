//! Whether an outer grant covers a tuple, for every value of the unknown parts.

use super::{Grant, Subject, Tuple, What};
use crate::glob::{self, Symbol};
use crate::text::Text;
use crate::verdict::Why;

/// Whether one thing takes in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    No,
    /// It depends on what is not known.
    Maybe(Why),
    Yes,
}

impl Cover {
    fn and(self, other: impl FnOnce() -> Cover) -> Cover {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Maybe(mut why) => match other() {
                Self::No => Self::No,
                Self::Yes => Self::Maybe(why),
                Self::Maybe(more) => {
                    let known: Vec<String> = std::mem::take(&mut why.unknown);
                    let all = known.into_iter().chain(more.unknown);
                    why.unknown = once_each(all);
                    Self::Maybe(why)
                }
            },
        }
    }
}

fn once_each(origins: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for origin in origins {
        if !out.contains(&origin) {
            out.push(origin);
        }
    }
    out
}

/// A list covers what one of its elements covers.
fn some<'a>(list: impl IntoIterator<Item = &'a Text>, covers: impl Fn(&Text) -> Cover) -> Cover {
    let mut answer = Cover::No;
    for text in list {
        match covers(text) {
            Cover::Yes => return Cover::Yes,
            Cover::No => {}
            maybe @ Cover::Maybe(_) => answer = maybe,
        }
    }
    answer
}

/// As a rule is the product of its lists, each of these has to cover its part.
pub(super) fn covers(outer: &Grant, tuple: &Tuple<'_>) -> Cover {
    let place = covers_place(outer, tuple.namespace, tuple.subject);
    if let Some(why) = &outer.unknown {
        return place.and(|| Cover::Maybe(why.clone()));
    }
    let rule = &outer.rule;
    let verbs = || some(&rule.verbs, |own| star_or_equal(own, tuple.verb));
    place.and(verbs).and(|| match tuple.what {
        What::Resource(group, resource, name) => {
            let groups = some(&rule.api_groups, |own| star_or_equal(own, group));
            let resources = || some(&rule.resources, |own| covers_resource(own, resource));
            let names = || match name {
                _ if rule.resource_names.is_empty() => Cover::Yes,
                None => Cover::No,
                Some(name) => some(&rule.resource_names, |own| equal(own, name)),
            };
            groups.and(resources).and(names)
        }
        // A namespaced binding never grants a path.
        What::Url(_) if outer.namespace.is_some() => Cover::No,
        What::Url(url) => some(&rule.non_resource_urls, |own| covers_url(own, url)),
    })
}

/// How many parts of the tuple the grant covers: the more, the nearer it comes.
pub(super) fn likeness(outer: &Grant, tuple: &Tuple<'_>) -> usize {
    let rule = &outer.rule;
    let parts = match tuple.what {
        What::Resource(group, resource, _) => [
            some(&rule.resources, |own| covers_resource(own, resource)),
            some(&rule.api_groups, |own| star_or_equal(own, group)),
            some(&rule.verbs, |own| star_or_equal(own, tuple.verb)),
            covers_place(outer, tuple.namespace, tuple.subject),
        ],
        What::Url(url) => [
            some(&rule.non_resource_urls, |own| covers_url(own, url)),
            Cover::No,
            some(&rule.verbs, |own| star_or_equal(own, tuple.verb)),
            covers_place(outer, tuple.namespace, tuple.subject),
        ],
    };
    // The resource counts for more than the rest.
    let weights = [3, 1, 2, 2];
    parts
        .iter()
        .zip(weights)
        .filter(|(part, _)| **part == Cover::Yes)
        .map(|(_, weight)| weight)
        .sum()
}

pub(super) fn covers_place(
    outer: &Grant,
    namespace: Option<&Text>,
    subject: Option<&Subject>,
) -> Cover {
    let scope = match (&outer.namespace, namespace) {
        (None, _) => Cover::Yes,
        (Some(_), None) => Cover::No,
        (Some(own), Some(theirs)) => equal(own, theirs),
    };
    scope.and(|| covers_subject(outer.subject.as_ref(), subject))
}

fn covers_subject(outer: Option<&Subject>, inner: Option<&Subject>) -> Cover {
    let Some(outer) = outer else { return Cover::Yes };
    let Some(inner) = inner else {
        let why = format!(
            "the outer side is for `{outer}` alone, and the inner side does not say who it is for"
        );
        return Cover::Maybe(Why::construct(why));
    };
    let (own, theirs) = (name(outer), name(inner));
    let Subject::Group(group) = outer else {
        // A user, or the user that a service account is.
        return if matches!(inner, Subject::Group(_)) { Cover::No } else { equal(&own, &theirs) };
    };
    let known = theirs.as_str().unwrap_or_default();
    let stranger = matches!(known, "system:anonymous" | "system:unauthenticated");
    if group.as_str() == Some("system:authenticated") && !stranger && !theirs.has_holes() {
        return Cover::Yes;
    }
    match inner {
        Subject::Group(other) => {
            let wide = group.as_str() == Some("system:serviceaccounts");
            let account =
                other.as_str().is_some_and(|it| it.starts_with("system:serviceaccounts:"));
            let same = equal(group, other);
            if same != Cover::No {
                return same;
            }
            match other.as_str() {
                Some(_) if wide && account => Cover::Yes,
                Some(other) if is_fixed(other) => Cover::No,
                Some(_) | None => Cover::Maybe(membership(group)),
            }
        }
        // The groups of a service account are given by its namespace.
        Subject::ServiceAccount { .. } if group.as_str() == Some("system:serviceaccounts") => {
            Cover::Yes
        }
        Subject::ServiceAccount { namespace, .. } => {
            let mut of_namespace = Text::literal("system:serviceaccounts:");
            of_namespace.push(namespace);
            equal(group, &of_namespace)
        }
        Subject::User(_) => Cover::Maybe(membership(group)),
    }
}

/// Whether a group has the members that its name says.
fn is_fixed(group: &str) -> bool {
    group == "system:authenticated"
        || group == "system:unauthenticated"
        || group == "system:serviceaccounts"
        || group.starts_with("system:serviceaccounts:")
}

fn membership(group: &Text) -> Why {
    Why::construct(format!("who is in the group `{group}` is not known"))
}

/// The name that requests come under.
fn name(subject: &Subject) -> Text {
    match subject {
        Subject::ServiceAccount { namespace, name } => {
            let mut out = Text::literal("system:serviceaccount:");
            out.push(namespace);
            out.push_str(":");
            out.push(name);
            out
        }
        Subject::User(name) | Subject::Group(name) => name.clone(),
    }
}

/// Every string that a text can become.
fn strings(text: &Text) -> Vec<Symbol> {
    glob::strings(text, glob::compile)
}

fn maybe(outer: &Text, inner: &Text) -> Cover {
    let holes = inner.holes().chain(outer.holes());
    let unknown = once_each(holes.map(|hole| hole.origin.to_string()));
    let first = unknown.first().cloned().unwrap_or_default();
    Cover::Maybe(Why { reason: format!("`{first}` is not known before apply"), unknown })
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
    let star = same == Cover::No
        && outer.has_holes()
        && glob::meets(&strings(outer), &[Symbol::Char('*')]);
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
        return if outer == inner || outer.as_str() == Some("*") {
            Cover::Yes
        } else {
            maybe(outer, inner)
        };
    };
    let prefix = own.ends_with('*').then(|| own.trim_end_matches('*'));
    if own == theirs || prefix.is_some_and(|prefix| theirs.starts_with(prefix)) {
        Cover::Yes
    } else {
        Cover::No
    }
}
