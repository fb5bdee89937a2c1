//! Grants as JSON, those with which somebody means harm too.

use super::super::*;
use super::{parsed, rows};

fn read(text: &str) -> String {
    match Grant::parse(&parsed(text)) {
        Err(error) => format!("error: {error}"),
        Ok(Grant { permissions, repositories, .. }) => {
            let places: Vec<String> = repositories.iter().map(ToString::to_string).collect();
            let list = |items: Vec<String>| items.join(",");
            let what = match permissions {
                Permissions::Unspecified => "?".to_owned(),
                Permissions::ReadAll => "read-all".to_owned(),
                Permissions::WriteAll => "write-all".to_owned(),
                Permissions::Levels(levels) => {
                    list(levels.iter().map(|(scope, level)| format!("{scope}={level}")).collect())
                }
                Permissions::Classic(names) => {
                    list(names.iter().map(ToString::to_string).collect())
                }
            };
            format!("{what} @ {}", places.join(","))
        }
    }
}

#[test]
fn reading() {
    let table = [
        (
            r#"{"permissions": {"contents": "read", "pull_requests": "write"}, "repositories": ["a/b"]}"#,
            "",
            "contents=read,pull-requests=write @ a/b",
        ),
        (r#"{"permissions": "read-all"}"#, "", "read-all @ *"),
        (r#"{"permissions": {}}"#, "", " @ *"),
        (r#"{"repositories": []}"#, "", "? @ "),
        (r#"{"scopes": ["repo", "read:org"]}"#, "", "repo,read:org @ *"),
        (
            r#"{"scopes": ["repo"], "repositories": ["a/b"]}"#,
            "",
            "error: not a valid GitHub grant: a classic token reaches every repository of its owner: it cannot have `repositories`",
        ),
        (
            r#"{"permissions": {"contents": "‹var.l›"}, "repositories": ["acme/‹word.r›"]}"#,
            "",
            "contents=<var.l> @ acme/<word.r>",
        ),
        (
            r#"{"permissions": {"id-token": "read"}}"#,
            "",
            "error: not a valid GitHub grant: scope `id-token` has no level `read`: it has none and write",
        ),
        (
            r#"{"permissions": {"contents": "all"}}"#,
            "",
            "error: not a valid GitHub grant: `all` is no level: there are none, read, write and admin",
        ),
        (
            r#"{"permissions": {"contents": "read", "contents": "write"}}"#,
            "",
            "error: not a valid GitHub grant: the name `contents` appears twice in one object",
        ),
        (
            r#"{"permissions": {"pull-requests": "read", "pull_requests": "write"}}"#,
            "",
            "error: not a valid GitHub grant: scope `pull-requests` appears twice",
        ),
        (
            r#"{"permissions": "admin"}"#,
            "",
            "error: not a valid GitHub grant: `admin` is no set of permissions",
        ),
        (
            r#"{"permissions": [1]}"#,
            "",
            "error: not a valid GitHub grant: `permissions` is an object or a string, not a list",
        ),
        (
            r#"{"permissions": {"contents": 1}}"#,
            "",
            "error: not a valid GitHub grant: the level of `contents` is a string, not a number",
        ),
        (
            r#"{"permissions": {}, "scopes": []}"#,
            "",
            "error: not a valid GitHub grant: a token has `permissions` or `scopes`, not both",
        ),
        (
            r#"{"repositories": "a/b"}"#,
            "",
            "error: not a valid GitHub grant: `repositories` is a list of strings, not a string",
        ),
        (
            r#"{"repositories": ["a/b*"]}"#,
            "",
            "error: not a valid GitHub grant: `a/b*` names no repository: there are `owner/name`, `owner/*` and `*`",
        ),
        (r#"{"jobs": {}}"#, "", "error: not a valid GitHub grant: `jobs` is no element of a grant"),
        ("[]", "", "error: not a valid GitHub grant: a grant is an object, not a list"),
        (
            "permissions:\n  contents: read\n",
            "",
            "error: not a valid GitHub grant: not a JSON document",
        ),
        (
            r#"{"permissions": {"#,
            "",
            "error: not a valid GitHub grant: expected a name in quotes, found the end of the text",
        ),
    ];
    rows(&table, |text, _| read(text));
    let deep = "[".repeat(100_000);
    assert!(read(&deep).ends_with("nested more than 128 levels deep"));
    let many = format!("{{\"repositories\": [{}\"a/b\"]}}", "\"a/b\",".repeat(50_000));
    assert!(read(&many).starts_with("? @ a/b,a/b"));
}

#[test]
fn what_is_selected_is_listed() {
    let table = [
        (r#"{"permissions": "read-all", "repository_selection": "all"}"#, "", "read-all @ *"),
        (
            r#"{"permissions": "read-all", "repository_selection": "selected", "repositories": ["a/b"]}"#,
            "",
            "read-all @ a/b",
        ),
        (
            r#"{"permissions": "read-all", "repository_selection": "selected"}"#,
            "",
            "error: not a valid GitHub grant: the selected repositories are not listed in `repositories`",
        ),
        (
            r#"{"permissions": "read-all", "repository_selection": "all", "repositories": ["a/b"]}"#,
            "",
            "error: not a valid GitHub grant: `all` repositories, and some in `repositories`",
        ),
    ];
    rows(&table, |text, _| read(text));
}
