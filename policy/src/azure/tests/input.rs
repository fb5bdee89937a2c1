//! Exports as Azure's tools write them, and files that somebody else wrote.

use super::*;

const EXPORT: &str = r#"[
  {"id": "/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/2A2B9908-0000-0000-0000-000000000000",
   "name": "2a2b9908-0000-0000-0000-000000000000", "roleName": "Blob Reader", "roleType": "BuiltInRole",
   "assignableScopes": ["/"], "description": "…",
   "permissions": [{"actions": ["A/b/read"], "notActions": [], "dataActions": ["A/b/c/read"], "notDataActions": [],
                    "condition": null, "conditionVersion": null}]},
  {"id": "/providers/Microsoft.Authorization/roleDefinitions/3", "name": "3",
   "properties": {"roleName": "Rest Form", "permissions": [{"actions": ["R/*"], "condition": "c"}]}},
  {"Name": "File Form", "Id": null, "IsCustom": true, "Actions": ["F/read"], "NotActions": ["F/x"], "AssignableScopes": ["/"]}
]"#;

#[test]
fn every_form_of_a_role_definition() {
    let roles = Roles::parse(EXPORT).unwrap();
    let shown = |name: &str| {
        let definition = roles.get(name)?;
        let Block { actions, not_actions, data_actions, condition, .. } =
            definition.blocks.first()?;
        let list = |all: &[Text]| all.iter().map(Text::to_string).collect::<Vec<_>>().join(",");
        let condition = condition.as_ref().map(Text::to_string);
        Some(format!(
            "{} -{} d:{} {condition:?}",
            list(actions),
            list(not_actions),
            list(data_actions)
        ))
    };
    assert_eq!(shown("blob reader").unwrap(), "A/b/read - d:A/b/c/read None");
    assert_eq!(shown("2A2B9908-0000-0000-0000-000000000000"), shown("Blob Reader"));
    assert_eq!(shown("rest form").unwrap(), "R/* - d: Some(\"c\")");
    assert_eq!(shown("3"), shown("rest form"));
    assert_eq!(shown("File Form").unwrap(), "F/read -F/x d: None");
    assert!(roles.get("Contributor").is_some());
    assert_eq!(shown("nobody"), None);
    assert!(Roles::parse("[]").unwrap().get("Owner").is_some());
}

#[test]
fn an_export_goes_before_what_is_built_in() {
    let mut roles = Roles::default();
    let json = r#"{"name": "b24988ac-6180-42a0-ab88-20f7382dd24c", "roleName": "Contributor",
        "permissions": [{"actions": ["A/*"]}]}"#;
    roles.extend(Roles::parse(json).unwrap());
    assert_eq!(show_with(&roles, "role=Contributor", "A/*"), "inside");
    assert_eq!(show_with(&roles, "role=b24988ac-6180-42a0-ab88-20f7382dd24c", "A/*"), "inside");
}

#[test]
fn mistakes_are_named() {
    let table = [
        ("", "expected a value, found the end of the text"),
        ("[{", "expected a name in quotes, found the end of the text"),
        ("5", "`the export` is a number, not an object"),
        ("[[]]", "`the export` is a list, not an object"),
        ("{}", "a role definition has no `roleName`"),
        (r#"{"roleName": "x"}"#, "a role definition has no `permissions`"),
        (r#"{"roleName": 5, "permissions": []}"#, "`roleName` is a number, not a string"),
        (
            r#"{"roleName": "x", "permissions": {}}"#,
            "`permissions` is an object, not a list of objects",
        ),
        (
            r#"{"roleName": "x", "permissions": [null]}"#,
            "`permissions` is null, not a list of objects",
        ),
        (
            r#"{"roleName": "x", "permissions": [{"actions": "*"}]}"#,
            "`actions` is a string, not a list of strings",
        ),
        (
            r#"{"roleName": "x", "permissions": [{"notActions": [1]}]}"#,
            "`notActions` is a number, not a string",
        ),
        (
            r#"{"roleName": "x", "roleName": "y", "permissions": []}"#,
            "the name `roleName` appears twice in one object",
        ),
        (
            r#"{"roleName": "x", "permissions": [{"actions": [], "actions": ["*"]}]}"#,
            "the name `actions` appears twice in one object",
        ),
    ];
    for (json, expected) in table {
        assert_eq!(Roles::parse(json).unwrap_err().to_string(), expected, "{json}");
    }
    let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
    assert_eq!(Roles::parse(&deep).unwrap_err().to_string(), "nested more than 128 levels deep");
}

#[test]
fn no_prefix_of_an_export_is_read_as_one() {
    for end in EXPORT.char_indices().map(|(index, _)| index).filter(|index| *index < EXPORT.len()) {
        assert!(Roles::parse(EXPORT.get(..end).unwrap()).is_err(), "{end}");
    }
}

#[test]
fn huge_lists_are_read() {
    let actions: Vec<String> = (0..20_000).map(|index| format!("\"A/{index}/read\"")).collect();
    let json =
        format!(r#"{{"roleName": "x", "permissions": [{{"actions": [{}]}}]}}"#, actions.join(","));
    let roles = Roles::parse(&json).unwrap();
    assert_eq!(show_with(&roles, "role=x", "A/*"), "inside");
    assert_eq!(
        show_with(&roles, "role=x", "A/*/write"),
        "outside: `A/0/read` on `/subscriptions/s`"
    );
}

#[test]
fn sides_as_files() {
    let read = |json: &str| Grant::parse(&Text::literal(json));
    let assignments = r#"[{"id": "x", "principalId": "p", "roleDefinitionId": "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/1",
        "roleDefinitionName": "Reader", "scope": "/subscriptions/s", "condition": null},
        {"properties": {"roleDefinitionId": "1", "scope": "/", "condition": "c"}}]"#;
    let found = read(assignments).unwrap();
    assert_eq!(found[0].grant, grants("role=Reader").remove(0));
    assert_eq!(found[1].grant, grants("role=1 @/ ?c").remove(0));
    let definition = r#"{"Name": "x", "Actions": ["A/*"], "NotActions": ["A/b"], "AssignableScopes": ["/subscriptions/s"]}"#;
    assert_eq!(read(definition).unwrap()[0].grant, grants("A/* -A/b @").remove(0));
    assert_eq!(read(EXPORT).unwrap().len(), 3);
    assert_eq!(read("{}").unwrap_err().to_string(), "a role definition has no `permissions`");
    assert_eq!(read("null").unwrap_err().to_string(), "`the file` is null, not an object");
}
