//! Exports and policies as Google's tools write them, and files that somebody else wrote.

use super::*;

const EXPORT: &str = r#"[
  {"name": "roles/a", "title": "A", "stage": "GA", "etag": "AA==", "includedPermissions": ["x.y.get", "x.y.list"]},
  {"name": "organizations/1/roles/b", "stage": "ALPHA", "includedPermissions": []}
]"#;

#[test]
fn what_an_export_says() {
    let roles = Roles::parse(EXPORT).unwrap();
    assert_eq!(roles.get("roles/a").unwrap(), ["x.y.get", "x.y.list"]);
    assert_eq!(roles.get("organizations/1/roles/b").unwrap(), [] as [&str; 0]);
    assert_eq!(roles.get("roles/A"), None);
    let one = Roles::parse(r#"{"name": "roles/c", "includedPermissions": ["x.y.get"]}"#).unwrap();
    let mut both = roles.clone();
    both.extend(&one);
    assert_eq!(both.get("roles/c").unwrap(), ["x.y.get"]);
    // A role that the second export names without content keeps what the first said.
    both.extend(&Roles::parse(r#"{"name": "roles/a"}"#).unwrap());
    assert!(both.get("roles/a").is_some());
    assert_eq!(Roles::parse("[]").unwrap(), Roles::default());
}

#[test]
fn mistakes_are_named() {
    let table = [
        ("", "expected a value, found the end of the text"),
        ("7", "`the export` is a number, not an object"),
        ("{}", "a role has no `name`"),
        (r#"{"name": 1}"#, "`name` is a number, not a string"),
        (
            r#"{"name": "x", "includedPermissions": "all"}"#,
            "`includedPermissions` is a string, not a list of strings",
        ),
        (
            r#"{"name": "x", "includedPermissions": [{}]}"#,
            "`includedPermissions` is an object, not a string",
        ),
        (r#"{"name": "x", "deleted": "yes"}"#, "`deleted` is a string, not a boolean"),
        (r#"{"name": "x", "name": "y"}"#, "the name `name` appears twice in one object"),
    ];
    for (json, expected) in table {
        assert_eq!(Roles::parse(json).unwrap_err().to_string(), expected, "{json}");
    }
    for end in EXPORT.char_indices().map(|(index, _)| index) {
        assert!(Roles::parse(EXPORT.get(..end).unwrap()).is_err(), "{end}");
    }
}

#[test]
fn huge_lists_are_read() {
    let permissions: Vec<String> = (0..50_000).map(|index| format!("\"a.b{index}.get\"")).collect();
    let json =
        format!(r#"{{"name": "roles/x", "includedPermissions": [{}]}}"#, permissions.join(","));
    let roles = Roles::parse(&json).unwrap();
    assert_eq!(show_with(&roles, "role=roles/x", "role=roles/x"), "inside");
    assert_eq!(show_with(&roles, "role=roles/x", "{}"), "outside: `a.b0.get` on `projects/p`");
}

#[test]
fn sides_as_files() {
    let policy = r#"{"bindings": [
        {"role": "roles/viewer", "members": ["user:a@example.com"]},
        {"role": "roles/editor", "members": [], "condition": {"title": "t", "expression": "a.b"}}], "etag": "x", "version": 3}"#;
    let read = |json: &str| Grant::parse(&Text::literal(json));
    let found = read(policy).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].grant.what, Assigned::Role("roles/viewer".into()));
    assert_eq!(found[1].grant.condition, Some("a.b".into()));
    assert_eq!(found[1].grant.resource, None);
    let own = r#"[{"permissions": ["a.b.get"], "resource": "projects/p", "condition": "c"}, {"role": "roles/x"}]"#;
    assert_eq!(read(own).unwrap()[0].grant, grants("a.b.get ?c").remove(0));
    assert_eq!(read(EXPORT).unwrap()[0].grant, grants("x.y.get x.y.list @").remove(0));
    let off = r#"{"name": "projects/p/roles/x", "stage": "DISABLED", "includedPermissions": ["a.b.get"]}"#;
    assert_eq!(read(off).unwrap()[0].grant.what, Assigned::Permissions(Vec::new()));
    for (json, expected) in [
        ("[]", ""),
        ("[1]", "`the file` is a number, not an object"),
        ("{}", "a grant has no `role`"),
        (r#"{"role": "r", "condition": {"title": "t"}}"#, "a condition has no `expression`"),
        (r#"{"bindings": {}}"#, "`bindings` is an object, not a list of objects"),
        (r#"{"bindings": [3]}"#, "`bindings` is a number, not a list of objects"),
        (
            r#"{"bindings": [{"role": "r", "condition": 3}]}"#,
            "`condition` is a number, not a string",
        ),
    ] {
        let found = read(json).map_or_else(|error| error.to_string(), |_| String::new());
        assert_eq!(found, expected, "{json}");
    }
}

#[test]
fn nothing_that_narrows_is_overlooked() {
    let narrows = "deny policies and principal access boundaries take away what roles grant: they are not compared";
    let table = [
        (
            r#"{"name": "policies/x/denypolicies/y", "rules": [{"denyRule": {"deniedPermissions": ["a.b/c.get"]}}]}"#,
            narrows,
        ),
        (r#"[{"role": "roles/viewer"}, {"denyRule": {}}]"#, narrows),
        (
            r#"{"name": "organizations/1/locations/global/principalAccessBoundaryPolicies/x", "details": {}}"#,
            narrows,
        ),
        (
            r#"{"role": "roles/viewer", "Condition": {"expression": "false"}}"#,
            "`Condition` is spelled `condition`",
        ),
        (
            r#"{"role": "roles/viewer", "permissions": ["a.b.get"]}"#,
            "a grant has a role or permissions, not both",
        ),
        (
            r#"{"permissions": [], "includedPermissions": ["a.b.get"]}"#,
            "a grant has a role or permissions, not both",
        ),
    ];
    for (json, expected) in table {
        let found = Grant::parse(&Text::literal(json));
        assert_eq!(
            found.map_or_else(|error| error.to_string(), |_| String::new()),
            expected,
            "{json}"
        );
    }
}

#[test]
fn permissions_that_cannot_be() {
    let form = "a permission is `service.resource.verb`";
    let table = [
        ("storage.objects.get", ""),
        ("accesscontextmanager.gcpUserAccessBindings.list", ""),
        ("‹word.x›", ""),
        ("storage.‹word.x›.get", ""),
        ("storage.objects.*", "permissions of Google Cloud have no wildcards"),
        ("storage.‹word.x›.*", "permissions of Google Cloud have no wildcards"),
        ("storage.googleapis.com/objects.get", "a permission has letters, digits and dots only"),
        ("storage.objects", form),
        ("storage..get", form),
        ("", form),
    ];
    for (permission, expected) in table {
        let found = check_permission(&dsl::text(permission)).err().unwrap_or_default();
        assert_eq!(found, expected, "{permission}");
    }
}
