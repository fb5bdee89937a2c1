//! Texts of policies, those with which somebody means harm too.

use super::super::*;
use super::parsed;

fn read(text: &str) -> String {
    match Policy::parse(&parsed(text)) {
        Err(error) => format!("error: {error}"),
        Ok(Policy { unknown: Some(why), .. }) => format!("unknown: {}", why.reason),
        Ok(policy) => {
            let rule = |rule: &Rule| {
                let list: Vec<String> = rule.capabilities.iter().map(ToString::to_string).collect();
                let mut out = format!("{} [{}]", rule.path, list.join(" "));
                for Restriction { name, value } in &rule.restrictions {
                    out.extend([" ", name, "=", &value.to_string()]);
                }
                out
            };
            let mut lines: Vec<String> = policy.rules.iter().map(rule).collect();
            lines.extend(policy.notes.iter().map(|note| format!("note: {}", note.message)));
            lines.join("; ")
        }
    }
}

#[test]
fn hcl_and_json() {
    let table = [
        (r#"path "secret/*" { capabilities = ["read", "list"] }"#, "secret/* [read list]"),
        ("# why\npath \"a\" {\n  // so\n  capabilities = [\"read\",] /* or */\n}\n", "a [read]"),
        (r#"path "a" { policy = "write" }"#, "a [create read update delete list]"),
        (r#"path "a" { policy = "sudo" }"#, "a [create read update delete list sudo]"),
        (r#"path "a" { policy = "read" capabilities = ["sudo"] }"#, "a [sudo read list]"),
        (
            r#"path "a" { policy = "admin" }"#,
            "error: not a valid Vault policy: `admin` is no policy",
        ),
        (r#"name = "x" path "a" { capabilities = ["deny"] } path "b" { }"#, "a [deny]; b []"),
        (
            r#"path "a" { capabilities = ["update"] allowed_parameters = { "b" = ["x"] "a" = [] } min_wrapping_ttl = "1s" }"#,
            r#"a [update] allowed_parameters={a=[],b=["x"]} min_wrapping_ttl="1s""#,
        ),
        (
            r#"path "a" { capabilities = ["update"] allowed_parameters = { "*" = [] } denied_parameters = {} }"#,
            "a [update]",
        ),
        (
            r#"path "a" { capabilities = ["read"] control_group = { factor "ops" { identity { group_names = ["g"] approvals = 2 } } } }"#,
            r#"a [read] control_group={factor ops={identity={approvals=2,group_names=["g"]}}}"#,
        ),
        (
            r#"path "a" { capabilities = ["read"] colour = "red" }"#,
            r#"a [read] colour="red"; note: `colour` is no known element of a rule: taken as a restriction"#,
        ),
        (
            r#"path "a" { capabilities = ["raed"] }"#,
            "a [raed]; note: `raed` is no known capability",
        ),
        (
            r#"{"path": {"secret/*": {"capabilities": ["read"]}, "b": {"policy": "deny"}}}"#,
            "secret/* [read]; b [deny]",
        ),
        (
            r#" {"path": [{"a": {"capabilities": ["read"]}}, {"b": [{"capabilities": ["list"]}]}]}"#,
            "a [read]; b [list]",
        ),
        ("", ""),
        (
            r#"path "" { capabilities = ["read"] }"#,
            " [read]; note: an empty path matches no request",
        ),
        (
            r#"path "//a" { capabilities = ["read"] }"#,
            "//a [read]; note: path `//a` begins with two slashes: it matches nothing",
        ),
        (
            "path \"a\" {\n capabilities = [<<E\nread\nE\n]\n}",
            "a [read\n]; note: `read\n` is no known capability",
        ),
        (r#"path "a\"\u0041" { capabilities = ["read"] }"#, "a\"A [read]"),
    ];
    for (text, expected) in table {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn what_vault_refuses_is_an_error() {
    let table = [
        (
            r#"path "a/+*" { capabilities = ["read"] }"#,
            "path `a/+*` has `+*`, which no path can have",
        ),
        (
            r#"path "{{identity.entity.id" { capabilities = ["read"] }"#,
            "path `{{identity.entity.id` has `{{` without `}}`",
        ),
        (r#"paths "a" { }"#, "`paths` is no element of a policy"),
        ("path { }", "a `path` block needs the path as its label"),
        (
            r#"path "a" { capabilities = "read" }"#,
            "`capabilities` is a list of strings, not a string",
        ),
        (r#"path "a" { capabilities = [1] }"#, "a capability is a string, not a number"),
        (
            r#"path "a" { capabilities = ["read"] capabilities = ["sudo"] }"#,
            "`capabilities` appears twice",
        ),
        (r#"{"path": {"a": {}, "a": {}}}"#, "the name `a` appears twice in one object"),
        (r#"{"path": {"a": 1}}"#, "a `path` block is an object, not a number"),
        (r#"{"path": 1}"#, "a `path` block needs the path as its label"),
        (r#"path "a" { capabilities = ["read" }"#, "expected `,` or `]`, found `}`"),
        (r#"path "a" {"#, "expected a name, found the end of the text"),
        (r#"path "a"#, "expected `\"`, found the end of the text"),
        ("/* a", "expected `*/` after a comment, found the end of the text"),
        (
            "path \"a\" { capabilities = <<E\nread",
            "expected the end of the heredoc, found the end of the text",
        ),
        ("}", "expected a name, found `}`"),
        ("{", "expected a name in quotes, found the end of the text"),
    ];
    for (text, expected) in table {
        let found = read(text);
        assert!(found.ends_with(expected), "{text}: {found}");
    }
}

#[test]
fn texts_that_mean_harm_end_well() {
    let deep = format!("path \"a\" {{ x = {} }}", "[".repeat(10_000));
    assert!(read(&deep).ends_with("nested more than 128 levels deep"), "{}", read(&deep));
    let blocks = "a { ".repeat(10_000);
    assert!(read(&format!("path \"a\" {{ {blocks}")).ends_with("nested more than 128 levels deep"));
    let long = format!("path \"a\" {{ capabilities = [{}] }}", "\"read\",".repeat(50_000));
    assert!(read(&long).starts_with("a [read read"));
    let whole = r#"path "s/*" { capabilities = ["read"] min_wrapping_ttl = "1s" }"#;
    for cut in 0..whole.len() {
        let _ = read(whole.get(..cut).unwrap());
    }
}

#[test]
fn unknown_parts() {
    let table = [
        // A raw value could leave its quotes.
        (
            r#"path "secret/‹var.a›" { capabilities = ["read"] }"#,
            "unknown: `var.a` is not known before apply",
        ),
        (
            r#"path "secret/‹word.a›/*" { capabilities = ["‹word.c›"] }"#,
            "secret/<word.a>/* [<word.c>]",
        ),
        (r#"{"path": {"secret/‹word.a›": {"capabilities": ["read"]}}}"#, "secret/<word.a> [read]"),
        (
            r#"‹word.a› "x" {}"#,
            "error: not a valid Vault policy: expected a name, found the unknown `word.a`",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn problems_point_into_the_text() {
    let text = "path \"secret/‹word.a›\" {\n  capabilities = 1\n}";
    let Err(error) = Policy::parse(&parsed(text)) else { panic!("refused") };
    let rendered = parsed(text).to_string();
    let [Problem::Element { span, .. }] = error.problems.as_slice() else { panic!("one problem") };
    assert_eq!(rendered.get(span.offset()..span.offset() + span.len()), Some("1"));
    let text = "path \"é\" { capabilities = [\"odd\"] }";
    let span = Policy::parse(&parsed(text)).unwrap().notes()[0].span;
    assert_eq!(text.get(span.offset()..span.offset() + span.len()), Some("\"odd\""));
}

proptest::proptest! {
    /// Whatever is cut off or put in, reading ends with an answer, and every problem points into the text.
    #[test]
    fn reading_always_answers(cut in 0..70usize, put in ".{0,3}") {
        let whole = r#"path "s/*" { capabilities = ["read"] min_wrapping_ttl = "1s" } # end"#;
        let (start, end) = whole.split_at(cut.min(whole.len()));
        let text = format!("{start}{put}{end}");
        for text in [text.as_str(), start] {
            if let Err(error) = Policy::parse(&Text::literal(text)) {
                for problem in error.problems {
                    let Problem::Element { span, .. } = problem else { continue };
                    proptest::prop_assert!(text.get(span.offset()..span.offset() + span.len()).is_some());
                }
            }
        }
    }
}
