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

/// The whole story of one file: its grants in one line, or what is wrong with it.
fn side(json: &str) -> String {
    let found = match Grant::parse(&Text::literal(json)) {
        Ok(found) => found,
        Err(error) => return error.to_string(),
    };
    let list = |sign: &str, all: &[Text]| -> String {
        all.iter().map(|one| format!("{sign}{one} ")).collect()
    };
    let one = |grant: &Grant| {
        let Assigned::Definition(definition) = &grant.what else { return "a role".to_owned() };
        let blocks = definition.blocks.iter().map(|block| {
            let lists = [
                list("", &block.actions),
                list("-", &block.not_actions),
                list("d:", &block.data_actions),
                list("-d:", &block.not_data_actions),
            ];
            let condition = block.condition.as_ref().map(|it| format!("?{it}"));
            lists.concat() + &condition.unwrap_or_default()
        });
        let all = blocks.collect::<Vec<_>>().join("|");
        let condition = grant.condition.as_ref().map(|it| format!("?{it}"));
        format!("{} @{}{}", all.trim(), grant.scope, condition.unwrap_or_default())
    };
    found.iter().map(|found| one(&found.grant)).collect::<Vec<_>>().join(" ; ")
}

#[test]
fn nothing_that_narrows_is_overlooked() {
    let table = [
        // As Terraform spells the lists.
        (
            r#"{"permissions": [{"actions": ["*"], "not_actions": ["A/*"], "data_actions": ["D/*"], "not_data_actions": ["D/x"]}]}"#,
            "* -A/* d:D/* -d:D/x @",
        ),
        (r#"{"actions": ["*"], "NOTACTIONS": ["A/*"]}"#, "* -A/* @"),
        (
            r#"{"permissions": [{"actions": ["*"], "Actions": ["A/*"]}]}"#,
            "`actions` is there in two spellings",
        ),
        (
            r#"{"permissions": [{"actions": ["*"], "exceptActions": ["A/*"]}]}"#,
            "`exceptActions` is no known element of a role's permissions",
        ),
        (
            r#"{"permissions": [{"actions": ["*"], "Condition": "c"}], "scope": "/", "condition": "d"}"#,
            "* ?c @/?d",
        ),
        (r#"{"actions": ["*"], "condition": "c"}"#, "* ?c @"),
        (r#"{"permissions": [{"actions": ["*"], "conditionVersion": "2.0"}]}"#, "* @"),
    ];
    for (json, expected) in table {
        assert_eq!(side(json), expected, "{json}");
    }
    let deny = "a deny assignment takes away what roles grant: it is not compared";
    for json in [
        r#"{"properties": {"denyAssignmentName": "x", "permissions": [{"actions": ["*"]}], "scope": "/"}}"#,
        r#"[{"type": "Microsoft.Authorization/denyAssignments", "permissions": [{"actions": ["*"]}]}]"#,
        r#"{"id": "/subscriptions/s/providers/Microsoft.Authorization/denyAssignments/1", "permissions": []}"#,
        r#"{"Actions": ["*"], "ExcludePrincipals": []}"#,
    ] {
        assert_eq!(side(json), deny, "{json}");
    }
}

#[test]
fn operations_that_cannot_be() {
    let table = [
        ("Microsoft.Storage/*/read", ""),
        ("*", ""),
        ("‹word.x›", ""),
        ("A/‹word.x›/read", ""),
        ("A/b read", "an operation has no blanks"),
        ("A/‹word.x›/?", "`?` is no wildcard in an operation: there is only `*`"),
        ("", "an operation is `Provider/resource/verb`, or a pattern with `*`"),
        ("read", "an operation is `Provider/resource/verb`, or a pattern with `*`"),
    ];
    for (action, expected) in table {
        assert_eq!(
            check_action(&dsl::text(action)).err().unwrap_or_default(),
            expected,
            "{action}"
        );
    }
}
