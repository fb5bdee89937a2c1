//! One request against one side, step by step as a server does it: the check that every counterexample has to pass, and the
//! oracle of the property tests. It shares nothing with the comparison.

use std::collections::{BTreeMap, BTreeSet};

use super::Policy;
use crate::text::{Part, Shape, Text};

/// A request to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request<'a> {
    pub(super) capability: &'a str,
    pub(super) path: &'a str,
    /// Whether the path is one that asks for `sudo` as well.
    pub(super) sudo: bool,
}

/// The rules as a server keeps them.
#[derive(Default)]
pub(super) struct Server {
    root: bool,
    exact: BTreeMap<String, BTreeSet<String>>,
    prefixes: BTreeMap<String, BTreeSet<String>>,
    segments: BTreeMap<String, BTreeSet<String>>,
}

/// A likely string that the text can become.
pub(super) fn filled(text: &Text) -> String {
    let fill = |part: &Part| match part {
        Part::Literal(known) => known.clone(),
        Part::Hole(hole) => match &hole.shape {
            Shape::Any | Shape::Word => "example".to_owned(),
            Shape::Glob(pattern) => pattern.replace('*', "example").replace('?', "x"),
        },
    };
    text.parts().iter().map(fill).collect()
}

impl Server {
    /// Takes in the policies of a token, unknown parts filled as in [`filled`] and restrictions fulfilled.
    pub(super) fn new(policies: &[&Policy]) -> Self {
        let mut tables =
            Self { root: policies.iter().any(|policy| policy.is_root()), ..Self::default() };
        for rule in policies.iter().flat_map(|policy| policy.rules()) {
            let path = filled(&super::path::normal(&rule.path));
            if path.contains("+*") {
                continue;
            }
            let mut granted: BTreeSet<String> = rule.capabilities.iter().map(filled).collect();
            if granted.contains("deny") {
                granted = BTreeSet::from(["deny".to_owned()]);
            }
            let segmented = path == "+" || path.contains("/+") || path.starts_with("+/");
            let (table, key) = match path.strip_suffix('*') {
                _ if segmented => (&mut tables.segments, path.as_str()),
                Some(stem) => (&mut tables.prefixes, stem),
                None => (&mut tables.exact, path.as_str()),
            };
            let own = table.entry(key.to_owned()).or_default();
            own.extend(granted);
            if own.contains("deny") {
                own.retain(|name| name == "deny");
            }
        }
        tables
    }

    /// Whether it allows the request.
    pub(super) fn allows(&self, request: &Request<'_>) -> bool {
        if self.root {
            return true;
        }
        let listing = matches!(request.capability, "list" | "scan");
        let path = request.path.trim_start_matches('/');
        self.find(path, listing).is_some_and(|granted| {
            granted.contains(request.capability) && (!request.sudo || granted.contains("sudo"))
        })
    }

    fn find(&self, path: &str, listing: bool) -> Option<&BTreeSet<String>> {
        if let Some(found) = self.exact.get(path) {
            return Some(found);
        }
        if listing {
            let stem = path.strip_suffix('/');
            if let Some(found) = stem.and_then(|stem| self.exact.get(stem)) {
                return Some(found);
            }
            if let Some(found) = stem.and_then(|stem| self.wildcard(stem)) {
                return Some(found);
            }
        }
        self.wildcard(path)
    }

    fn wildcard(&self, path: &str) -> Option<&BTreeSet<String>> {
        let longest = self.prefixes.iter().filter(|(stem, _)| path.starts_with(stem.as_str()));
        let mut best = longest.max_by_key(|(stem, _)| stem.len()).map(|(stem, granted)| {
            (Place { first: stem.len(), prefix: true, plusses: 0, stem }, granted)
        });
        let asked: Vec<&str> = path.split('/').collect();
        for (pattern, granted) in &self.segments {
            let prefix = pattern.ends_with('*');
            let stem = pattern.strip_suffix('*').unwrap_or(pattern);
            let own: Vec<&str> = stem.split('/').collect();
            if asked.len() < own.len() || (!prefix && asked.len() != own.len()) {
                continue;
            }
            let last = own.len() - 1;
            let fits = own.iter().zip(&asked).enumerate().all(|(at, (own, asked))| {
                *own == "+" || own == asked || (prefix && at == last && asked.starts_with(own))
            });
            if !fits {
                continue;
            }
            let place = Place {
                first: pattern.find('+').unwrap_or_default(),
                prefix,
                plusses: own.iter().filter(|segment| **segment == "+").count(),
                stem,
            };
            if best.as_ref().is_none_or(|(other, _)| place.beats(other)) {
                best = Some((place, granted));
            }
        }
        best.map(|(_, granted)| granted)
    }
}

/// Where the wildcards of a path stand.
struct Place<'a> {
    first: usize,
    prefix: bool,
    plusses: usize,
    stem: &'a str,
}

impl Place<'_> {
    fn beats(&self, other: &Place<'_>) -> bool {
        if self.first != other.first {
            return self.first > other.first;
        }
        if self.prefix != other.prefix {
            return other.prefix;
        }
        if self.plusses != other.plusses {
            return self.plusses < other.plusses;
        }
        if self.stem.len() != other.stem.len() {
            return self.stem.len() > other.stem.len();
        }
        self.stem > other.stem
    }
}
