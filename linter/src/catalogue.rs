//! Which resource types make machine identities, and where each keeps its name, permissions, end and governance.
//!
//! The facts are data (`data/identity_types.tsv`), read on first use; what somebody's settings add to them belongs to
//! a run. This file answers by type.

mod added;
mod entry;
mod suspicion;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

pub(crate) use added::Added;
pub(crate) use entry::{Class, Ends, Entry, Stands};
pub(crate) use suspicion::Suspicion;

use crate::identity::{self, base};
use crate::model::{Model, Resource};

static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    include_str!("../data/identity_types.tsv").lines().filter_map(Entry::parse).collect()
});

/// Families of types, in the order in which they are asked.
static FAMILIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    include_str!("../data/identity_families.tsv").lines().filter_map(Entry::parse).collect()
});

/// How much of the resources of a type is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// All: identities can be made of it, or it says what one of those may do.
    Read,
    /// Its values tell whether it is one that the catalogue should know.
    Peek,
    /// Nothing: it is counted and left alone.
    Skip,
}

/// How much is read of the types of one input, each looked up once.
pub(crate) struct Looks<'a> {
    catalogue: &'a Catalogue,
    known: RefCell<BTreeMap<&'a str, Look>>,
}

impl<'a> Looks<'a> {
    /// Of a run's catalogue.
    pub(crate) fn new(catalogue: &'a Catalogue) -> Self {
        Self { catalogue, known: RefCell::default() }
    }

    /// How much of a type is read.
    pub(crate) fn at(&self, kind: &'a str) -> Look {
        *self.known.borrow_mut().entry(kind).or_insert_with(|| self.catalogue.look(kind))
    }
}

/// What one run knows about resource types: the table, and what the settings add to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    /// Rows of the settings for one type.
    added: BTreeMap<String, Entry>,
    /// Rows of the settings for several types, with the pattern as kind.
    families: Vec<Entry>,
    /// Types that are no identities whatever they look like, or patterns of them.
    harmless: Vec<String>,
}

/// Why a row cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The type that it is like is not in the catalogue.
    NoSuchType,
    /// Nothing says what it is.
    NoClass,
}

impl Catalogue {
    /// Adds what the settings say about a type. What they do not say stays as it was.
    pub(crate) fn add(&mut self, added: Added) -> Result<(), Refused> {
        let base = match &added.like {
            Some(like) => Some(self.find(like).ok_or(Refused::NoSuchType)?),
            None => self.find(&added.kind),
        };
        let entry = added.over(base).ok_or(Refused::NoClass)?;
        if entry.kind.contains('*') {
            self.families.push(entry);
        } else {
            self.added.insert(entry.kind.clone().into_owned(), entry);
        }
        Ok(())
    }

    /// Declares a type, or a pattern of types, to be no identity.
    pub(crate) fn declare_harmless(&mut self, kind: String) {
        self.harmless.push(kind);
    }

    /// What is known about a type. Kubernetes types without `_v1` are the same as those with it.
    pub(crate) fn find(&self, kind: &str) -> Option<&Entry> {
        let meant = |it: &&Entry| matches(&it.kind, kind);
        self.added
            .get(kind)
            .or_else(|| built_in(kind))
            .or_else(|| self.families.iter().find(meant))
            .or_else(|| FAMILIES.iter().find(meant))
    }

    /// How much of the resources of a type is read.
    fn look(&self, kind: &str) -> Look {
        if self.concerns(kind) || self.suspects(kind).is_some() {
            Look::Read
        } else if suspicion::is_compared(kind) || self.is_harmless(kind) {
            Look::Skip
        } else {
            Look::Peek
        }
    }

    /// Whether identities can be made of a type: it is in the catalogue, or says what one of those may do.
    fn concerns(&self, kind: &str) -> bool {
        const FAMILIES: &[&str] =
            &["nhi_", "aws_iam_", "azuread_", "azurerm_role_", "google_iam_", "vault_"];
        FAMILIES.iter().any(|family| kind.starts_with(family))
            || (kind.starts_with("google_") && kind.contains("_iam_"))
            || (kind.starts_with("kubernetes_") && kind.contains("role"))
            || identity::holds_text(kind)
            || suspicion::calls(kind)
            || identity::uses(kind)
            || self.find(kind).is_some()
    }

    /// What the name of a type gives away that the catalogue does not know.
    fn suspects(&self, kind: &str) -> Option<Suspicion> {
        let found = suspicion::of_name(kind)?;
        (self.find(kind).is_none() && !self.is_harmless(kind)).then_some(found)
    }

    /// What a resource gives away whose type is not settled: it is neither in the catalogue nor harmless.
    pub(crate) fn suspicion(resource: &Resource) -> Option<Suspicion> {
        let Resource { kind, after, .. } = resource;
        suspicion::of_name(kind)
            .or_else(|| suspicion::of_call(kind, after))
            .or_else(|| suspicion::of_attributes(kind, after))
            .or_else(|| suspicion::of_made(resource))
    }

    /// Whether the name of a type is enough to say that no resource of it gives anything away.
    pub(crate) fn is_settled(&self, kind: &str) -> bool {
        self.find(kind).is_some()
            || self.is_harmless(kind)
            || (suspicion::is_compared(kind) && suspicion::of_name(kind).is_none())
    }

    /// Whether nothing at all is known about a type that is not settled.
    pub(crate) fn is_unknown(kind: &str) -> bool {
        !suspicion::is_compared(kind)
    }

    fn is_harmless(&self, kind: &str) -> bool {
        suspicion::is_harmless(kind) || self.harmless.iter().any(|it| matches(it, kind))
    }
}

/// What the use of resources by others gives away, by address without keys.
pub(crate) fn used(model: &Model) -> BTreeMap<String, Suspicion> {
    let mut found = BTreeMap::new();
    for reference in model.resources.iter().flat_map(|it| it.references.values().flatten()) {
        if let Some(suspicion) = suspicion::of_use(reference) {
            found.entry(base(&reference.address)).or_insert(suspicion);
        }
    }
    found
}

/// Every type of the table.
pub(crate) fn known_kinds() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|entry| entry.kind.as_ref())
}

/// Every row of the table.
#[cfg(test)]
pub(crate) fn rows() -> &'static [Entry] {
    &TABLE
}

/// The table's row of a type.
fn built_in(kind: &str) -> Option<&'static Entry> {
    let by_name = |name: &str| {
        let index = TABLE.binary_search_by(|entry| entry.kind.as_ref().cmp(name)).ok()?;
        TABLE.get(index)
    };
    by_name(kind).or_else(|| {
        if kind.starts_with("kubernetes_") { by_name(&format!("{kind}_v1")) } else { None }
    })
}

/// Whether a type or another word is meant by a pattern, in which `*` stands for any characters.
pub(crate) fn matches(pattern: &str, word: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| word.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(kind: &str) -> Option<&'static Entry> {
        built_in(kind)
    }

    #[test]
    fn every_row_is_well_formed() {
        let types = include_str!("../data/identity_types.tsv").lines();
        let lines = types.chain(include_str!("../data/identity_families.tsv").lines());
        let rows: Vec<&str> = lines.filter(|line| !line.starts_with('#')).collect();
        for row in &rows {
            assert_eq!(row.split('\t').count(), 13, "columns of {row}");
            assert!(row.split('\t').all(|column| !column.is_empty()), "an empty column in {row}");
            assert!(Entry::parse(row).is_some(), "cannot parse {row}");
        }
        assert_eq!(rows.len(), 1006 + 35);
        assert_eq!(FAMILIES.len(), 35);
        assert_eq!(TABLE.len(), 1006);
        assert!(TABLE.is_sorted_by(|a, b| a.kind < b.kind), "sorted, each type once");
    }

    #[test]
    fn what_has_no_attribute_for_an_end_cannot_have_one() {
        for entry in TABLE.iter() {
            let dated = entry.expiry().next().is_some();
            let says = matches!(entry.ends, Ends::Required | Ends::Optional);
            assert!(
                dated || !says,
                "{} says that an expiry may be set, and names none",
                entry.kind
            );
        }
    }

    #[test]
    fn a_long_lived_credential_names_a_way_out() {
        let judged =
            |entry: &&Entry| entry.class == Class::Credential && entry.stands != Stands::Apart;
        let without = TABLE
            .iter()
            .filter(judged)
            .filter(|entry| entry.ends == Ends::Never && entry.instead.is_none());
        assert_eq!(
            without.map(|entry| entry.kind.as_ref()).collect::<Vec<_>>(),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn old_kubernetes_names_are_known() {
        let found = find("kubernetes_service_account").map(|entry| entry.kind.as_ref());
        assert_eq!(found, Some("kubernetes_service_account_v1"));
        assert!(find("aws_s3_bucket").is_none());
    }

    #[test]
    fn a_star_stands_for_anything() {
        let yes = ["acme_*_token acme_robot_token", "* x", "a*b*c axxbyyc", "acme_* acme_", "a a"];
        let no = ["acme_*_token acme_token", "a*b*c acb", "acme_robot acme_robots", "a*a a"];
        for (cases, expected) in [(&yes[..], true), (&no[..], false)] {
            for case in cases {
                let (pattern, kind) = case.split_once(' ').unwrap();
                assert_eq!(matches(pattern, kind), expected, "{case}");
            }
        }
    }

    #[test]
    fn settings_win_over_the_table_column_by_column() {
        let mut catalogue = Catalogue::default();
        let kind = "aws_iam_access_key".to_owned();
        let metadata = Some(vec!["notes".to_owned()]);
        catalogue.add(Added { kind, metadata, ..Added::default() }).unwrap();
        let entry = catalogue.find("aws_iam_access_key").unwrap();
        assert_eq!(entry.metadata().collect::<Vec<_>>(), ["notes"]);
        assert_eq!(entry.names().collect::<Vec<_>>(), ["user"]);
        assert_eq!(entry.class, Class::Credential);
    }

    #[test]
    fn a_type_is_like_another_or_says_what_it_is() {
        let mut catalogue = Catalogue::default();
        let like = |like: &str| Added {
            kind: "acme_*_robot".into(),
            like: Some(like.into()),
            ..Added::default()
        };
        assert_eq!(catalogue.add(like("acme_thing")), Err(Refused::NoSuchType));
        assert_eq!(catalogue.add(like("aws_iam_role")), Ok(()));
        let found = catalogue.find("acme_big_robot").map(|entry| entry.class);
        assert_eq!(found, Some(Class::Identity));
        let bare = Added { kind: "acme_key".into(), ..Added::default() };
        assert_eq!(catalogue.add(bare), Err(Refused::NoClass));
    }

    #[test]
    fn an_end_that_can_be_written_may_be_written() {
        let mut catalogue = Catalogue::default();
        catalogue
            .add(Added {
                kind: "acme_key".into(),
                class: Some(Class::Credential),
                expiry: Some(vec!["ends".into()]),
                ..Added::default()
            })
            .unwrap();
        assert_eq!(catalogue.find("acme_key").map(|entry| entry.ends), Some(Ends::Optional));
    }
}
