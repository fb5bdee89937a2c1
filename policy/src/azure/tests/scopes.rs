//! Where roles hold.

use super::*;

#[test]
fn scopes() {
    let out = |scope: &str| format!("outside: `A/b/read` on `{scope}`");
    let rg = "/subscriptions/s/resourceGroups/rg";
    let table = [
        (rg, "/subscriptions/s", "inside".to_owned()),
        ("/subscriptions/s", rg, out("/subscriptions/s")),
        ("/subscriptions/s/resourceGroups/rg2", rg, out("/subscriptions/s/resourceGroups/rg2")),
        ("/Subscriptions/S/resourcegroups/RG", rg, "inside".to_owned()),
        ("/subscriptions/s/resourceGroups/rg/", rg, "inside".to_owned()),
        (rg, "/subscriptions/s/resourceGroups/rg/", "inside".to_owned()),
        (rg, "/", "inside".to_owned()),
        ("/", rg, out("/")),
        ("/", "/", "inside".to_owned()),
        ("/subscriptions/t", "/subscriptions/s", out("/subscriptions/t")),
        (
            "/subscriptions/s/resourceGroups/rg/providers/A/b/c",
            "/subscriptions/s/resourceGroups/*",
            "inside".to_owned(),
        ),
        ("/subscriptions/s", "/subscriptions/s/resourceGroups/*", out("/subscriptions/s")),
        (
            "/subscriptions/s/resourceGroups/*",
            rg,
            out("/subscriptions/s/resourceGroups/example"),
        ),
        (
            "/subscriptions/s/resourceGroups/*",
            "/subscriptions/*/resourceGroups/*",
            "inside".to_owned(),
        ),
        (
            "/subscriptions/s",
            "/providers/Microsoft.Management/managementGroups/mg",
            "undecided: whether `/subscriptions/s` is below the management group `/providers/microsoft.management/managementgroups/mg` is not known".to_owned(),
        ),
        (
            "/providers/Microsoft.Management/managementGroups/MG",
            "/providers/Microsoft.Management/managementGroups/mg",
            "inside".to_owned(),
        ),
        (
            "/providers/Microsoft.Management/managementGroups/mg",
            "/subscriptions/s",
            out("/providers/Microsoft.Management/managementGroups/mg"),
        ),
    ];
    for (inner, outer, expected) in table {
        let sides = (format!("A/b/read @{inner}"), format!("A/b/read @{outer}"));
        assert_eq!(show(&sides.0, &sides.1), expected, "{inner} in {outer}");
    }
    check(&[
        ("A/b/read @", "A/b/read @", "inside"),
        (
            "A/b/read @",
            "A/b/read",
            "undecided: one side does not say the scope that its roles hold at",
        ),
        (
            "A/b/read @",
            "A/b/read @/",
            "undecided: one side does not say the scope that its roles hold at",
        ),
        // One scope is enough, and two narrow ones are no wide one.
        ("A/b/read", "A/b/read @/subscriptions/t ; A/b/read", "inside"),
        (
            "A/b/read",
            "A/b/read @/subscriptions/s/resourceGroups/a ; A/b/read @/subscriptions/s/resourceGroups/b",
            "outside: `A/b/read` on `/subscriptions/s`",
        ),
    ]);
}

#[test]
fn a_tree_says_what_is_in_a_management_group() {
    let group = |name: &str| format!("/providers/Microsoft.Management/managementGroups/{name}");
    let mut tree = Tree::new();
    tree.place("/subscriptions/S", group("team"));
    tree.place(group("team"), group("all"));
    tree.place(group("all"), "/");
    let answer = |inner: &str, outer: &str| {
        let (inner, outer) = (grants(&format!("A/b @{inner}")), grants(&format!("A/b @{outer}")));
        contains_in(&tree, &Roles::default(), &outer, &inner).open.name()
    };
    let rg = "/subscriptions/s/resourceGroups/rg";
    assert_eq!(answer(rg, &group("team")), "inside");
    assert_eq!(answer(rg, &group("ALL")), "inside");
    assert_eq!(answer(rg, &group("other")), "outside");
    assert_eq!(answer("/subscriptions/unknown", &group("all")), "undecided");
    assert_eq!(answer(&group("team"), &group("all")), "inside");
    assert_eq!(answer(&group("all"), &group("team")), "outside");
}

#[test]
fn half_a_scope_holds_nothing() {
    let halves = [
        "//",
        "/subscriptions",
        "/subscriptions/",
        "/subscriptions/s/resourceGroups",
        "/subscriptions/S/resourcegroups//",
        "/providers/Microsoft.Management/managementGroups/",
    ];
    for half in halves {
        assert_eq!(
            show("A/b/read @/subscriptions/s/resourceGroups/rg", &format!("A/* @{half}")),
            format!("undecided: `{half}` is no scope that a role can be assigned at")
        );
    }
}
