//! Which resource types make machine identities, and where each keeps its name, permissions, end and governance.
//!
//! The facts are data (`data/identity_types.tsv`); this file only reads them, on first use, and answers by type.

use std::sync::LazyLock;

static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    include_str!("../data/identity_types.tsv").lines().filter_map(Entry::parse).collect()
});

/// What is known about one resource type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// `aws_iam_access_key`
    pub(crate) kind: &'static str,
    /// What it is.
    pub(crate) class: Class,
    /// Attributes that name it or the identity that it belongs to.
    names: &'static str,
    /// Attributes that hold permissions or trust.
    permissions: &'static str,
    /// Attributes that hold when it ends.
    expiry: &'static str,
    /// Whether the expiry attribute must be set.
    pub(crate) ends: Ends,
    /// Attributes that can carry governance metadata.
    metadata: &'static str,
    /// When it is judged by itself.
    pub(crate) stands: Stands,
    /// The short-lived sibling of a long-lived credential.
    pub(crate) instead: Option<&'static str>,
}

/// What a resource type is to governance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Somebody's machine self: a role, a service account.
    Identity,
    /// Proof that lasts until it is taken away.
    Credential,
    /// Proof, or a way to get it, that ends by itself soon.
    ShortLived,
    /// What an identity may do.
    Grant,
    /// Who may become an identity.
    Trust,
}

/// What is known about the end of a resource type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// The provider refuses one without an expiry.
    Required,
    /// An expiry may be set.
    Optional,
    /// It ends by itself within a bearable time.
    Bounded,
    /// It cannot be given an end.
    Never,
}

/// When a resource is judged by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Always.
    Alone,
    /// Where the attribute is set (and, if given, has that value).
    If {
        /// The attribute, with a dot into a block.
        attribute: &'static str,
        /// The value that it must have.
        value: Option<&'static str>,
    },
    /// Never: it keeps secrets, carries another identity, or belongs to one.
    Apart,
}

impl Entry {
    fn parse(line: &'static str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let mut columns = line.split('\t');
        let kind = columns.next()?;
        let _provider = columns.next()?;
        let class = match columns.next()? {
            "identity" => Class::Identity,
            "credential" => Class::Credential,
            "short-lived" => Class::ShortLived,
            "grant" => Class::Grant,
            "trust" => Class::Trust,
            _ => return None,
        };
        let names = columns.next()?;
        let permissions = columns.next()?;
        let expiry = columns.next()?;
        let ends = match columns.next()? {
            "required" => Ends::Required,
            "optional" => Ends::Optional,
            "bounded" => Ends::Bounded,
            "none" => Ends::Never,
            _ => return None,
        };
        let metadata = columns.next()?;
        let _write_only = columns.next()?;
        let _last_used = columns.next()?;
        let stands = match columns.next()? {
            "alone" => Stands::Alone,
            "holder" | "carrier" | "-" => Stands::Apart,
            condition => {
                let (attribute, value) = match condition.strip_prefix("if ")?.split_once('=') {
                    Some((attribute, value)) => (attribute, Some(value)),
                    None => (condition.strip_prefix("if ")?, None),
                };
                Stands::If { attribute, value }
            }
        };
        let instead = columns.next().filter(|text| *text != "-");
        Some(Self { kind, class, names, permissions, expiry, ends, metadata, stands, instead })
    }

    /// Attributes that name it or the identity that it belongs to.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        list(self.names)
    }

    /// Attributes that hold permissions or trust.
    pub(crate) fn permissions(&self) -> impl Iterator<Item = &'static str> {
        list(self.permissions)
    }

    /// Attributes that hold when it ends.
    pub(crate) fn expiry(&self) -> impl Iterator<Item = &'static str> {
        list(self.expiry)
    }

    /// Attributes that can carry governance metadata.
    pub(crate) fn metadata(&self) -> impl Iterator<Item = &'static str> {
        list(self.metadata)
    }
}

fn list(column: &'static str) -> impl Iterator<Item = &'static str> {
    column.split(',').filter(|item| *item != "-")
}

/// What is known about a type. Kubernetes types without `_v1` are the same as those with it.
pub(crate) fn find(kind: &str) -> Option<&'static Entry> {
    let by_name = |name: &str| {
        let index = TABLE.binary_search_by(|entry| entry.kind.cmp(name)).ok()?;
        TABLE.get(index)
    };
    by_name(kind).or_else(|| {
        if kind.starts_with("kubernetes_") { by_name(&format!("{kind}_v1")) } else { None }
    })
}

/// Whether identities can be made of a type: it is in the catalogue, or says what one of those may do. Everything else
/// in a plan is counted and left alone.
pub(crate) fn concerns(kind: &str) -> bool {
    const FAMILIES: &[&str] =
        &["nhi_", "aws_iam_", "azuread_", "azurerm_role_", "google_iam_", "vault_"];
    FAMILIES.iter().any(|family| kind.starts_with(family))
        || (kind.starts_with("google_") && kind.contains("_iam_"))
        || (kind.starts_with("kubernetes_") && kind.contains("role"))
        || find(kind).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_well_formed() {
        let text = include_str!("../data/identity_types.tsv");
        let rows: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        for row in &rows {
            assert_eq!(row.split('\t').count(), 12, "columns of {row}");
            assert!(row.split('\t').all(|column| !column.is_empty()), "an empty column in {row}");
            assert!(Entry::parse(row).is_some(), "cannot parse {row}");
        }
        assert_eq!(rows.len(), 623);
        assert_eq!(TABLE.len(), 623);
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
        assert_eq!(without.map(|entry| entry.kind).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn old_kubernetes_names_are_known() {
        assert_eq!(
            find("kubernetes_service_account").map(|entry| entry.kind),
            Some("kubernetes_service_account_v1")
        );
        assert!(find("aws_s3_bucket").is_none());
    }
}
