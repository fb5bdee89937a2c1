//! Tables of the facts that are known about Google Cloud, and the laws that every answer keeps.

use super::*;
use crate::text::Shape;

mod conditions;
mod dsl;
mod input;
mod laws;

use dsl::{check, export, grants, show, show_with};

const BUCKET: &str = "//storage.googleapis.com/projects/_/buckets/b";

#[test]
fn roles_are_sets() {
    check(&[
        ("role=roles/storage.objectViewer", "role=roles/storage.admin", "inside"),
        (
            "role=roles/storage.admin",
            "role=roles/storage.objectViewer",
            "outside: `storage.buckets.setIamPolicy` on `projects/p` (grants itself any role on the resource)",
        ),
        ("role=roles/storage.objectViewer", "storage.objects.get storage.objects.list", "inside"),
        (
            "role=roles/storage.objectViewer",
            "storage.objects.get",
            "outside: `storage.objects.list` on `projects/p`",
        ),
        ("storage.objects.get", "role=roles/storage.objectViewer", "inside"),
        ("a.b.get", "role=roles/storage.objectViewer", "outside: `a.b.get` on `projects/p`"),
        // Several bindings add up.
        ("role=roles/storage.objectViewer", "storage.objects.get ; storage.objects.list", "inside"),
        ("role=roles/both", "role=roles/storage.objectViewer ; role=roles/iam.tokens", "inside"),
        (
            "role=roles/both",
            "role=roles/storage.objectViewer",
            "outside: `iam.serviceAccounts.getAccessToken` on `projects/p` (becomes any service account by minting its token)",
        ),
        // A role that is off grants nothing; an empty one neither.
        ("role=projects/p/roles/off", "{}", "inside"),
        ("role=projects/p/roles/gone", "{}", "inside"),
        (
            "role=roles/storage.objectViewer",
            "role=projects/p/roles/off",
            "outside: `storage.objects.get` on `projects/p`",
        ),
        ("role=projects/p/roles/custom", "a.b.get", "inside"),
        // There are no wildcards, and case counts.
        (
            "storage.objects.get",
            "storage.objects.*",
            "outside: `storage.objects.get` on `projects/p`",
        ),
        ("storage.objects.*", "storage.objects.*", "inside"),
        ("a.b.Get", "a.b.get", "outside: `a.b.Get` on `projects/p`"),
        ("{}", "{}", "inside"),
        ("a.b.get", "{}", "outside: `a.b.get` on `projects/p`"),
        // What a deny policy takes away on the inner side leaves the role smaller: R without R.x is inside R.
        ("storage.objects.get", "storage.objects.get storage.objects.list", "inside"),
    ]);
}

#[test]
fn roles_without_content_are_decided_by_name() {
    let unknown = "undecided: the permissions of the role `roles/run.admin` are not known: give them with `--gcp-roles FILE`";
    check(&[
        ("role=roles/run.admin", "role=roles/run.admin", "inside"),
        ("role=roles/run.admin", "role=roles/owner", unknown),
        ("role=roles/run.admin", "{}", unknown),
        ("a.b.get", "role=roles/run.admin", unknown),
        ("a.b.get", "role=roles/run.admin ; a.b.get", "inside"),
        ("role=roles/viewer", "role=roles/editor", "inside"),
        ("role=roles/viewer", "role=roles/owner", "inside"),
        ("role=roles/editor", "role=roles/owner", "inside"),
        (
            "role=roles/owner",
            "role=roles/editor",
            "undecided: the permissions of the role `roles/owner` are not known: give them with `--gcp-roles FILE`",
        ),
        (
            "role=roles/bare",
            "a.b.get",
            "undecided: the export names the role `roles/bare` without its permissions: take `gcloud iam roles describe` for `--gcp-roles FILE`",
        ),
        ("role=roles/bare", "role=roles/bare", "inside"),
        ("role=roles/run.admin @projects/q", "role=roles/run.admin", unknown),
        ("role=‹word.r›", "role=‹word.r›", "inside"),
        ("role=‹word.r›", "role=roles/owner", "undecided: `word.r` is not known before apply"),
        ("a.b.get", "role=‹word.r›", "undecided: `word.r` is not known before apply"),
    ]);
}

#[test]
fn resources() {
    let out = |place: &str| format!("outside: `a.b.get` on `{place}`");
    let maybe = |inner: &str, outer: &str| {
        format!("undecided: whether `{inner}` is below `{outer}` is not known")
    };
    let manager = |name: &str| format!("//cloudresourcemanager.googleapis.com/{name}");
    let inside = || "inside".to_owned();
    let topic = "//pubsub.googleapis.com/projects/p/topics/t";
    let table = [
        ("projects/p", "projects/p", inside()),
        ("projects/p", "//cloudresourcemanager.googleapis.com/projects/p", inside()),
        ("projects/p", "projects/q", out("projects/p")),
        ("projects/p2", "projects/p", out("projects/p2")),
        (
            "projects/p",
            "projects/123456",
            "undecided: whether the projects `123456` and `p` are the same is not known".to_owned(),
        ),
        ("projects/123", "projects/456", out("projects/123")),
        ("projects/p", "projects/*", inside()),
        (topic, "projects/p", inside()),
        (topic, "projects/q", out(topic)),
        (topic, topic, inside()),
        (topic, "//pubsub.googleapis.com/projects/p/topics/*", inside()),
        (topic, "//pubsub.googleapis.com/projects/p/topics/t2", out(topic)),
        (topic, "//pubsub.googleapis.com/projects/p/subscriptions/t", out(topic)),
        (topic, "//run.googleapis.com/projects/p/topics/t", out(topic)),
        (
            topic,
            "//pubsub.googleapis.com/projects/99/topics/t",
            "undecided: whether the projects `99` and `p` are the same is not known".to_owned(),
        ),
        ("projects/p", topic, out("projects/p")),
        (BUCKET, BUCKET, inside()),
        ("//storage.googleapis.com/projects/_/buckets/b/managedFolders/f", BUCKET, inside()),
        (
            "//storage.googleapis.com/projects/_/buckets/bb",
            BUCKET,
            out("//storage.googleapis.com/projects/_/buckets/bb"),
        ),
        (BUCKET, "//storage.googleapis.com/projects/_/buckets/*", inside()),
        (BUCKET, "projects/p", maybe(BUCKET, &manager("projects/p"))),
        ("projects/p", BUCKET, out("projects/p")),
        ("projects/p", "folders/1", maybe(&manager("projects/p"), &manager("folders/1"))),
        (
            "projects/p",
            "organizations/1",
            maybe(&manager("projects/p"), &manager("organizations/1")),
        ),
        ("folders/1", "projects/p", out("folders/1")),
        ("organizations/1", "folders/1", out("organizations/1")),
        ("organizations/1", "organizations/2", out("organizations/1")),
        ("folders/1", "folders/2", maybe(&manager("folders/1"), &manager("folders/2"))),
    ];
    for (inner, outer, expected) in table {
        let sides = (format!("a.b.get @{inner}"), format!("a.b.get @{outer}"));
        assert_eq!(show(&sides.0, &sides.1), expected, "{inner} in {outer}");
    }
    check(&[
        ("a.b.get @", "a.b.get @", "inside"),
        (
            "a.b.get @",
            "a.b.get",
            "undecided: one side does not say the resource that its roles hold on",
        ),
        (
            "a.b.get",
            "a.b.get @",
            "undecided: one side does not say the resource that its roles hold on",
        ),
        ("a.b.get", "a.b.get @projects/q ; a.b.get", "inside"),
    ]);
}

#[test]
fn a_tree_says_what_lies_where() {
    let mut tree = Tree::new();
    tree.place(BUCKET, "projects/p");
    tree.place("projects/p", "folders/1");
    tree.place("folders/1", "organizations/9");
    let answer = |inner: &str, outer: &str| {
        let (inner, outer) =
            (grants(&format!("a.b.get @{inner}")), grants(&format!("a.b.get @{outer}")));
        contains_in(&tree, &Roles::default(), &outer, &inner).open.name()
    };
    assert_eq!(answer(BUCKET, "projects/p"), "inside");
    assert_eq!(answer(BUCKET, "folders/1"), "inside");
    assert_eq!(answer(BUCKET, "organizations/9"), "inside");
    assert_eq!(answer(BUCKET, "folders/2"), "outside");
    assert_eq!(answer("//pubsub.googleapis.com/projects/p/topics/t", "folders/1"), "inside");
    assert_eq!(answer("projects/p", "folders/1"), "inside");
    assert_eq!(answer("projects/p", "//cloudresourcemanager.googleapis.com/folders/1"), "inside");
    assert_eq!(answer("folders/1", "projects/p"), "outside");
    assert_eq!(answer("projects/q", "folders/1"), "undecided");
}

#[test]
fn unknown_parts_hold_for_every_value() {
    check(&[
        ("a.‹word.x›.get", "a.‹word.x›.get", "inside"),
        ("a.‹word.x›.get", "b.c.get", "outside: `a.example.get` on `projects/p`"),
        ("a.‹word.x›.get", "a.b.get", "undecided: `word.x` is not known before apply"),
        ("a.b.get", "a.‹word.x›.get", "undecided: `word.x` is not known before apply"),
        ("‹var.x›", "{}", "undecided: `var.x` is not known before apply"),
        (
            "storage.‹word.x›.get",
            "role=roles/storage.admin",
            "undecided: `word.x` is not known before apply",
        ),
        (
            "compute.‹word.x›.get",
            "role=roles/storage.admin",
            "outside: `compute.example.get` on `projects/p`",
        ),
        ("a.b.get @projects/‹word.p›", "a.b.get @projects/‹word.p›", "inside"),
        (
            "a.b.get @//pubsub.googleapis.com/projects/‹word.p›/topics/t",
            "a.b.get @projects/‹word.p›",
            "inside",
        ),
        ("a.b.get @projects/‹word.p›", "a.b.get @projects/*", "inside"),
        (
            "a.b.get @projects/‹word.p›",
            "a.b.get @projects/q",
            "undecided: `word.p` is not known before apply",
        ),
        (
            "a.b.get @//storage.googleapis.com/projects/_/buckets/‹word.b›",
            "a.b.get @//storage.googleapis.com/projects/_/buckets/*",
            "inside",
        ),
        (
            "a.b.get @//storage.googleapis.com/projects/_/buckets/‹word.b›",
            "a.b.get @//storage.googleapis.com/projects/_/buckets/b",
            "undecided: `word.b` is not known before apply",
        ),
    ]);
}

#[test]
fn the_smallest_change() {
    let table = [
        ("a.b.get a.b.set", "a.b.get", "drop `a.b.set`"),
        (
            "a.b.get",
            "a.b.get @//pubsub.googleapis.com/projects/p/topics/t",
            "narrow `projects/p` to `//pubsub.googleapis.com/projects/p/topics/t`",
        ),
        (
            "role=roles/storage.admin",
            "role=roles/storage.objectViewer",
            "narrow `roles/storage.admin` to `roles/storage.objectViewer`",
        ),
        (
            "role=roles/storage.admin",
            "storage.objects.get",
            "narrow `roles/storage.admin` to `storage.objects.get`",
        ),
        ("role=roles/storage.admin", "a.b.get", "drop `roles/storage.admin`"),
        (
            "a.b.get",
            "a.b.get ?request.time < timestamp(\"2027-01-01T00:00:00Z\")",
            "require `request.time < timestamp(\"2027-01-01T00:00:00Z\")`",
        ),
        ("a.b.get", "a.b.get", "none"),
    ];
    for (inner, outer, expected) in table {
        let (inner_side, outer_side) = (grants(inner), grants(outer));
        let roles = export();
        let comparison = contains(&roles, &outer_side, &inner_side);
        let change = change(&roles, &outer_side, &inner_side, &comparison);
        let shown = change.map_or("none".to_owned(), |change| change.to_string());
        assert_eq!(shown, expected, "{inner} in {outer}");
    }
}

#[test]
fn the_nearest_binding() {
    let table = [
        ("a.b.set", "z.y.get ; a.b.get", Some(1)),
        ("a.b.set", "a.b.set @projects/q ; a.b.get", Some(0)),
        ("a.b.set", "z.y.get @projects/q", None),
    ];
    for (inner, outer, expected) in table {
        let comparison = contains(&export(), &grants(outer), &grants(inner));
        assert_eq!((comparison.inner, comparison.outer), (Some(0), expected), "{inner} in {outer}");
    }
}

#[test]
fn every_known_escalation_is_told() {
    for permission in
        ["iam.serviceAccounts.actAs", "iam.serviceAccounts.signJwt", "x.y.setIamPolicy"]
    {
        let comparison = contains(&Roles::default(), &[], &grants(permission));
        let Verdict::Outside(found) = comparison.open else { panic!("{permission}") };
        assert!(found.escalation.is_some(), "{permission}");
    }
}
