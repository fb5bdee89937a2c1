//! The shapes as data: one row an attribute.
//!
//! Sources: the providers' documentation of each resource's attributes and the platforms' lists of resource names. A
//! slot without a default that the configuration does not fill is a word that the platform makes up.

use std::sync::LazyLock;

use crate::model::Mode;

/// Type (`data.` before a data source), attribute and form of each attribute that was looked up one by one: in the
/// documentation of the providers, and for AWS in what the provider said of resources that it had made.
static FORMS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("forms.tsv").lines().collect());

/// The same for all ARNs beside, made by a program: `tests/oracles/shapes/arns.py`.
static ARNS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("arns.tsv").lines().collect());

/// Arguments that are optional and computed: a plan calls them unknown when nobody set them.
const UNSET: &[(&str, &[&str])] = &[
    ("aws_iam_group", &["name_prefix"]),
    ("aws_iam_group_policy", &["name_prefix"]),
    ("aws_iam_instance_profile", &["name_prefix"]),
    ("aws_iam_policy", &["name_prefix"]),
    ("aws_iam_role", &["inline_policy", "managed_policy_arns", "name_prefix"]),
    ("aws_iam_role_policy", &["name_prefix"]),
    ("aws_iam_user_policy", &["name_prefix"]),
    ("aws_kms_key", &["policy"]),
    ("aws_s3_bucket", &["acl", "bucket_prefix", "grant", "policy"]),
    ("aws_secretsmanager_secret", &["name_prefix", "policy"]),
    ("aws_sns_topic", &["name_prefix", "policy"]),
    ("aws_sqs_queue", &["name_prefix", "policy"]),
    ("google_service_account", &["create_ignore_already_exists"]),
];

/// Types of identities that take the provider's default tags.
const TAGGABLE: &[&str] = &[
    "aws_iam_instance_profile",
    "aws_iam_openid_connect_provider",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_saml_provider",
    "aws_iam_server_certificate",
    "aws_iam_service_linked_role",
    "aws_iam_user",
    "aws_rolesanywhere_profile",
    "aws_rolesanywhere_trust_anchor",
    "aws_transfer_user",
];

/// Whether resources of the type take the provider's default tags, as far as it is known here.
pub(super) fn is_taggable(kind: &str) -> bool {
    TAGGABLE.binary_search(&kind).is_ok()
}

/// Attributes and forms of a type.
pub(super) fn rows(mode: Mode, kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let data = if mode == Mode::Data { "data." } else { "" };
    let name = format!("{data}{kind}");
    [&*FORMS, &*ARNS].into_iter().flat_map(move |table| {
        let start = table.partition_point(|row| first(row) < name.as_str());
        let rows = table.get(start..).unwrap_or_default().iter();
        let name = name.clone();
        rows.take_while(move |row| first(row) == name)
            .filter_map(|row| row.split_once('\t')?.1.split_once('\t'))
    })
}

fn first(row: &'static str) -> &'static str {
    row.split_once('\t').map_or(row, |(kind, _)| kind)
}

/// The optional and computed arguments of a managed type.
pub(super) fn unset(kind: &str) -> &'static [&'static str] {
    let found = UNSET.binary_search_by(|(known, _)| (*known).cmp(kind)).ok();
    found.and_then(|at| UNSET.get(at)).map_or(&[], |(_, attributes)| attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_each_row_is_there_once() {
        for table in [&*FORMS, &*ARNS] {
            let rows: Vec<Vec<&str>> = table.iter().map(|row| row.split('\t').collect()).collect();
            assert!(rows.iter().all(|row| row.len() == 3));
            assert!(rows.is_sorted_by(|left, right| left.get(..2) < right.get(..2)));
        }
        assert!(TAGGABLE.is_sorted());
        assert!(UNSET.is_sorted_by(|left, right| left.0 < right.0));
        assert_eq!(rows(Mode::Managed, "aws_s3_bucket").count(), 5);
        assert_eq!(rows(Mode::Data, "aws_s3_bucket").count(), 3);
        assert_eq!(rows(Mode::Managed, "aws_datasync_agent").count(), 1);
        assert_eq!(rows(Mode::Data, "aws_nothing").count(), 0);
    }
}
