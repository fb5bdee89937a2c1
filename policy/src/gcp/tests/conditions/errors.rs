//! What Google Cloud answers with an error, and what a name does not say.

use super::super::show;
use super::{implies_at, table};

#[test]
fn what_only_looks_as_if_it_always_held() {
    let always = "undecided: whether the condition of the outer side always holds is not decided";
    table(
        "projects/p",
        &[
            ("", "resource.name.startsWith('')", always),
            ("", "!(resource.name in [])", always),
            ("", "resource.name == 'a' || resource.name != 'a'", always),
            ("resource.name.startsWith('a')", "resource.name.startsWith('')", "inside"),
            ("resource.name.startsWith('a')", "!(resource.name in [])", "inside"),
            // An error on one side of `||` does not matter where the other side is true.
            ("", "resource.name == 'a' || true", "inside"),
            ("", "!(resource.name == 'a' && false)", "inside"),
            // A name that is not there may be what keeps the first condition from holding.
            ("!resource.name.startsWith('a')", "resource.name != 'a'", "inside"),
        ],
    );
    // Times that CEL does not take are errors there: nothing holds under them.
    for time in [
        "2030-01-01 00:00:00Z",
        "2030-01-01T00:00Z",
        "2030-01-01T00:00:00Z[UTC]",
        "2030-01-01t00:00:00z",
        "20300101T000000Z",
        "2030-01-01T00:00:00.Z",
        "2030-01-01T00:00:00+01",
    ] {
        let early = "request.time < timestamp('2020-01-01T00:00:00Z')";
        let found = implies_at(early, &format!("request.time < timestamp('{time}')"), "projects/p");
        assert!(found.starts_with("undecided: "), "{time}: {found}");
    }
    let fraction = "request.time < timestamp('2030-01-01T00:00:00.5Z')";
    let whole = "request.time < timestamp('2030-01-01T00:00:00Z')";
    assert_eq!(implies_at(whole, fraction, "projects/p"), "inside");
}

#[test]
fn a_project_is_named_behind_the_service_only() {
    let below = |inner: &str| show(&format!("a.b.get @{inner}"), "a.b.get @projects/p");
    for (inner, expected) in [
        ("//secretmanager.googleapis.com/projects/p/secrets/x", "inside"),
        (
            "//iam.googleapis.com/projects/-/serviceAccounts/x",
            "undecided: whether `//iam.googleapis.com/projects/-/serviceAccounts/x` is below `//cloudresourcemanager.googleapis.com/projects/p` is not known",
        ),
        (
            "//x.googleapis.com/things/projects/p",
            "undecided: whether `//x.googleapis.com/things/projects/p` is below `//cloudresourcemanager.googleapis.com/projects/p` is not known",
        ),
    ] {
        assert_eq!(below(inner), expected, "{inner}");
    }
}
