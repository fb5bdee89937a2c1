//! Tables of the facts that are known about Azure, and the laws that every answer keeps.

use super::*;
use crate::text::{Part, Shape};
use crate::verdict::{Change, Verdict};

mod dsl;
mod input;
mod laws;
mod scopes;

use dsl::{grants, roles, show, show_with};

fn check(table: &[(&str, &str, &str)]) {
    for (inner, outer, expected) in table {
        assert_eq!(show(inner, outer), *expected, "{inner} in {outer}");
    }
}

#[test]
fn roles_that_everybody_knows() {
    check(&[
        ("role=Contributor", "role=Owner", "inside"),
        (
            "role=Owner",
            "role=Contributor",
            "outside: `Microsoft.Authorization/roleAssignments/write` on `/subscriptions/s` (assigns any role to anyone)",
        ),
        ("role=Reader", "role=Contributor", "inside"),
        ("role=Reader", "role=User_Access_Administrator", "inside"),
        (
            "role=User_Access_Administrator",
            "role=Contributor",
            "outside: `Microsoft.Authorization/roleAssignments/write` on `/subscriptions/s` (assigns any role to anyone)",
        ),
        ("role=User_Access_Administrator", "role=Owner", "inside"),
        ("role=owner", "role=OWNER", "inside"),
        ("role=8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "role=Owner", "inside"),
        (
            "role=/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/ACDD72A7-3385-48ef-bd42-f606fba81ae7",
            "role=Reader",
            "inside",
        ),
        ("role=Contributor", "*", "inside"),
        ("*", "role=Owner", "inside"),
    ]);
}

#[test]
fn patterns_and_subtraction() {
    check(&[
        ("*/read", "*", "inside"),
        (
            "*",
            "*/read */write */delete */action",
            "outside: `Microsoft.x/x/x` on `/subscriptions/s`; catalogue: inside",
        ),
        ("* -A/* | A/read", "* -A/*", "outside: `A/read` on `/subscriptions/s`"),
        ("* -A/* ; A/read", "* -A/*", "outside: `A/read` on `/subscriptions/s`"),
        ("* -A/*", "* -A/* | A/read", "inside"),
        ("* -A/*", "* -A/* ; A/read", "inside"),
        ("* -A/x/write", "* -A/* ; A/*", "inside"),
        ("A/* -A/secret/*", "A/* -A/secret/keys/*", "inside"),
        (
            "A/* -A/secret/keys/*",
            "A/* -A/secret/*",
            "outside: `A/secret/write` on `/subscriptions/s`",
        ),
        (
            "Microsoft.Storage/*/read",
            "Microsoft.Storage/storageAccounts/*",
            "outside: `Microsoft.Storage/examples/read` on `/subscriptions/s`",
        ),
        ("Microsoft.Storage/storageAccounts/read", "Microsoft.Storage/*/read", "inside"),
        // A star may stand for nothing, and crosses slashes.
        ("A/b/c/read", "A/*/read", "inside"),
        ("A//read", "A/*/read", "inside"),
        ("A/read", "A/*/read", "outside: `A/read` on `/subscriptions/s`"),
        ("A/read", "A*/read", "inside"),
        ("A/*/b/*/read", "A/*/read", "inside"),
        // Names are compared without case, a question mark is one.
        (
            "microsoft.storage/STORAGEACCOUNTS/Read",
            "Microsoft.Storage/storageAccounts/read",
            "inside",
        ),
        ("A/b/ACTION", "A/b/action", "inside"),
        ("A/b/read", "A/?/read", "outside: `A/b/read` on `/subscriptions/s`"),
        ("A/?/read", "A/?/read", "inside"),
        // The union of several covers what none covers alone.
        ("A/*", "A/* -A/b/* ; A/b*", "inside"),
        ("A/*", "A/* -A/b/* ; A/b/c*", "outside: `A/b/write` on `/subscriptions/s`"),
        ("A/*/read", "A/*/read -A/x/read | A/x/*", "inside"),
        ("A/b/read B/c/write", "A/*/read | B/*", "inside"),
        ("A/b/read -A/b/read", "{}", "inside"),
        ("A/b/read -A/*", "{}", "inside"),
        ("{}", "{}", "inside"),
        ("A/b/read", "{}", "outside: `A/b/read` on `/subscriptions/s`"),
        (
            "*",
            "* -Microsoft.Authorization/*/write",
            "outside: `Microsoft.Authorization/roleAssignments/write` on `/subscriptions/s` (assigns any role to anyone)",
        ),
    ]);
}

#[test]
fn planes_are_apart() {
    check(&[
        (
            "d:*",
            "*",
            "outside: `Microsoft.KeyVault/vaults/secrets/getSecret/action` on `/subscriptions/s` with dataAction = true",
        ),
        (
            "d:A/b/read",
            "A/b/read",
            "outside: `A/b/read` on `/subscriptions/s` with dataAction = true",
        ),
        ("A/b/read", "d:A/b/read", "outside: `A/b/read` on `/subscriptions/s`"),
        ("d:A/b/read", "d:A/*", "inside"),
        ("d:A/* -d:A/b/*", "d:A/* -d:A/b/read", "inside"),
        (
            "d:A/b/read",
            "role=Owner",
            "outside: `A/b/read` on `/subscriptions/s` with dataAction = true",
        ),
        // What is taken away on one plane stays on the other.
        ("d:A/b/read -A/*", "d:A/b/read", "inside"),
        (
            "A/b/read d:A/b/read -A/*",
            "A/b/read",
            "outside: `A/b/read` on `/subscriptions/s` with dataAction = true",
        ),
    ]);
}

#[test]
fn conditions_are_compared_as_they_are_written() {
    check(&[
        ("A/b/read ?c", "A/b/read", "inside"),
        ("A/b/read ?c", "A/b/read ?c", "inside"),
        (
            "A/b/read",
            "A/b/read ?c",
            "undecided: the outer side grants under a condition that is not decided: `c`",
        ),
        (
            "A/b/read ?c",
            "A/b/read ?d",
            "undecided: the outer side grants under a condition that is not decided: `d`",
        ),
        ("A/b/read ?c", "A/b/read ?d ; A/* ", "inside"),
        (
            "A/b/read ?c",
            "{}",
            "undecided: `A/b/read` is granted under a condition, which is not decided",
        ),
        ("A/b/write", "A/b/read ?c", "outside: `A/b/write` on `/subscriptions/s`"),
        ("A/b/read ?c ; A/b/write", "A/b/read", "outside: `A/b/write` on `/subscriptions/s`"),
    ]);
}

#[test]
fn roles_without_content_are_decided_by_name() {
    let unknown = "undecided: the content of the role `Storage Blob Data Reader` is not known: give it with `--azure-roles FILE`";
    check(&[
        ("role=Storage_Blob_Data_Reader", "role=storage_blob_data_reader", "inside"),
        ("role=Storage_Blob_Data_Reader", "role=Owner", unknown),
        ("role=Storage_Blob_Data_Reader", "* d:*", "inside"),
        ("role=Storage_Blob_Data_Reader", "* ; d:*", "inside"),
        ("role=Storage_Blob_Data_Reader", "{}", unknown),
        ("role=Reader", "role=Storage_Blob_Data_Reader", unknown),
        ("role=Reader", "role=Storage_Blob_Data_Reader ; */read", "inside"),
        ("role=Storage_Blob_Data_Reader ?c", "role=Storage_Blob_Data_Reader", "inside"),
        ("role=Storage_Blob_Data_Reader", "role=Storage_Blob_Data_Reader ?c", unknown),
        (
            "role=Storage_Blob_Data_Reader @/subscriptions/s/resourceGroups/a",
            "role=Storage_Blob_Data_Reader",
            "inside",
        ),
        (
            "role=Storage_Blob_Data_Reader ; A/b/read",
            "{}",
            "outside: `A/b/read` on `/subscriptions/s`",
        ),
        ("role=‹var.role›", "role=‹var.role›", "inside"),
        ("role=‹var.role›", "role=Owner", "undecided: `var.role` is not known before apply"),
        ("A/b/read", "role=‹var.role›", "undecided: `var.role` is not known before apply"),
    ]);
}

#[test]
fn an_export_gives_roles_their_content() {
    let roles = roles(&[
        (
            "Blob Reader",
            "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
            "S/accounts/containers/read d:S/accounts/containers/blobs/read",
        ),
        (
            "Blob Writer",
            "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
            "S/accounts/containers/* d:S/accounts/containers/blobs/*",
        ),
        ("Twin", "00000000-0000-0000-0000-000000000001", "A/read"),
        ("Twin", "00000000-0000-0000-0000-000000000002", "B/read"),
    ]);
    let show = |inner: &str, outer: &str| show_with(&roles, inner, outer);
    assert_eq!(show("role=Blob_Reader", "role=Blob_Writer"), "inside");
    assert_eq!(show("role=2A2B9908-6ea1-4ae2-8e65-a410df84e7d1", "role=Blob_Writer"), "inside");
    // The export's own operations are the examples.
    assert_eq!(
        show("role=Blob_Writer", "role=Blob_Reader"),
        "outside: `S/accounts/containers/write` on `/subscriptions/s`"
    );
    assert_eq!(
        show("d:S/*", "role=Owner"),
        "outside: `S/accounts/containers/blobs/read` on `/subscriptions/s` with dataAction = true"
    );
    // A name that two roles have says nothing; their ids do.
    let open =
        "undecided: the content of the role `Twin` is not known: give it with `--azure-roles FILE`";
    assert_eq!(show("role=Twin", "role=Twin"), open);
    assert_eq!(show("role=00000000-0000-0000-0000-000000000001", "A/*"), "inside");
}

#[test]
fn unknown_parts_hold_for_every_value() {
    check(&[
        ("A/‹word.x›/read", "A/*", "inside"),
        ("A/‹word.x›/read", "A/‹word.x›/read", "inside"),
        ("A/‹word.x›/read", "A/‹word.y›/read", "undecided: `word.x` is not known before apply"),
        ("A/‹word.x›/read", "B/*", "outside: `A/example/read` on `/subscriptions/s`"),
        ("A/‹var.x›", "B/*", "undecided: `var.x` is not known before apply"),
        ("A/b/read", "A/‹var.x›", "undecided: `var.x` is not known before apply"),
        ("A/b/read", "A/* -A/‹var.x›", "undecided: `var.x` is not known before apply"),
        ("A/b/read -A/‹word.x›/read", "{}", "undecided: `word.x` is not known before apply"),
        ("A/* -A/‹word.x›/read", "A/* -A/‹word.x›/read", "inside"),
        (
            "A/b/read @/subscriptions/‹word.s›/resourceGroups/a",
            "A/b/read @/subscriptions/‹word.s›",
            "inside",
        ),
        (
            "A/b/read @/subscriptions/‹word.s›/resourceGroups/a",
            "A/b/read @/subscriptions/*",
            "inside",
        ),
        (
            "A/b/read @/subscriptions/‹word.s›",
            "A/b/read @/subscriptions/t",
            "undecided: `word.s` is not known before apply",
        ),
        (
            "A/b/read @/subscriptions/‹word.s›",
            "A/b/read @/subscriptions/t/resourceGroups/g",
            "outside: `A/b/read` on `/subscriptions/example`",
        ),
        ("A/b/read @‹var.scope›", "A/b/read @/", "inside"),
        ("A/b/read @‹var.scope›", "A/b/read", "undecided: `var.scope` is not known before apply"),
        ("A/b/read ?‹var.c›", "A/b/read ?‹var.c›", "inside"),
    ]);
}

#[test]
fn the_smallest_change() {
    let table = [
        ("A/b/read A/b/write", "A/b/read", "drop `A/b/write`"),
        ("A/b/read A/b/write B/c/delete", "A/b/read", "drop `A/b/write` and `B/c/delete`"),
        ("A/*", "A/b/read A/b/write", "narrow `A/*` to `A/b/read` and `A/b/write`"),
        (
            "A/b/read",
            "A/b/read @/subscriptions/s/resourceGroups/g",
            "narrow `/subscriptions/s` to `/subscriptions/s/resourceGroups/g`",
        ),
        ("role=Owner", "role=Contributor", "narrow `Owner` to `Contributor`"),
        ("role=Owner", "A/b/read", "drop `Owner`"),
        ("A/b/read", "{}", "drop `A/b/read`"),
        ("A/b/read", "A/b/read", "none"),
    ];
    for (inner, outer, expected) in table {
        let (inner_side, outer_side) = (grants(inner), grants(outer));
        let roles = Roles::default();
        let comparison = contains(&roles, &outer_side, &inner_side);
        let change = change(&roles, &outer_side, &inner_side, &comparison);
        let shown = change.map_or("none".to_owned(), |change: Change| change.to_string());
        assert_eq!(shown, expected, "{inner} in {outer}");
    }
}

#[test]
fn the_nearest_grant() {
    let table = [
        ("A/b/write", "B/*; A/b/read", Some(1)),
        ("A/b/write", "A/b/write @/subscriptions/t ; A/b/read", Some(0)),
        ("A/b/write", "B/* @/subscriptions/t", None),
        ("A/b/write ; A/b/read", "A/b/read", Some(0)),
    ];
    for (inner, outer, expected) in table {
        let comparison = contains(&Roles::default(), &grants(outer), &grants(inner));
        assert!(matches!(comparison.open, Verdict::Outside(_)), "{inner} in {outer}");
        assert_eq!(comparison.outer, expected, "{inner} in {outer}");
        assert_eq!(comparison.inner, Some(0));
    }
}

#[test]
fn a_budget_ends_every_question() {
    // `*a?*` families make the product of the patterns grow with two to the power of their length.
    let many: Vec<String> = (0..40).map(|index| format!("*{index}*{}*/read", 39 - index)).collect();
    let verdict = show("*/read", &many.join(" "));
    assert!(
        verdict.starts_with("undecided: the work budget") || verdict.starts_with("outside"),
        "{verdict}"
    );
}
