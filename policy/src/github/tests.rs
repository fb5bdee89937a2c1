//! Scopes, levels and repositories, row by row, and against the other evaluator.

use super::*;
use crate::text::Shape;
use crate::verdict::{Comparison, Verdict};

mod laws;
mod reading;

/// `scope=level,… @ repository,…` joined by ` ; `; also `read-all`, `write-all`, `?`, and `classic:scope,…`; `‹x›` is a hole.
fn grants(text: &str) -> Vec<Grant> {
    if text == "{}" { Vec::new() } else { text.split(" ; ").map(grant).collect() }
}

fn grant(text: &str) -> Grant {
    let (what, place) = text.split_once(" @ ").unwrap_or((text, "*"));
    let permissions = match what {
        "?" => Permissions::Unspecified,
        "read-all" => Permissions::ReadAll,
        "write-all" => Permissions::WriteAll,
        "-" => Permissions::Levels(BTreeMap::new()),
        _ => match what.strip_prefix("classic:") {
            Some(names) => Permissions::Classic(names.split(',').map(parsed).collect()),
            None => Permissions::levels(what.split(',').map(|pair| {
                let (scope, level) = pair.split_once('=').unwrap();
                (parsed(scope), parsed(level))
            })),
        },
    };
    let repositories = place.split(',').filter(|it| *it != "-").map(parsed).collect();
    Grant { permissions, repositories, span: None }
}

fn parsed(text: &str) -> Text {
    let mut out = Text::new();
    for (index, piece) in text.split(['‹', '›']).enumerate() {
        if index % 2 == 0 {
            out.push_str(piece);
        } else {
            let shape = if piece.starts_with("word") { Shape::Word } else { Shape::Any };
            out.push(&Text::hole(piece, shape));
        }
    }
    out
}

fn compare(inner: &str, outer: &str) -> Comparison {
    contains(&grants(outer), &grants(inner))
}

fn say(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Inside => "inside".to_owned(),
        Verdict::Outside(found) => format!("outside: {found}"),
        Verdict::Undecided(why) => format!("undecided: {}", why.reason),
    }
}

/// Checks every row before it complains.
fn rows(table: &[(&str, &str, &str)], show: impl Fn(&str, &str) -> String) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(inner, outer, expected)| (show(inner, outer), inner, outer, expected))
        .filter(|(found, _, _, expected)| found != *expected)
        .map(|(found, inner, outer, expected)| {
            format!("{inner} in {outer}: {found}, not {expected}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table() {
    let table = [
        // Levels.
        ("contents=read", "contents=write", "inside"),
        ("contents=write", "contents=read", "outside: `contents:write` on `acme/example`"),
        ("contents=read", "contents=read", "inside"),
        ("contents=none", "{}", "inside"),
        ("-", "{}", "inside"),
        ("contents=read", "-", "outside: `contents:read` on `acme/example`"),
        ("contents=read", "issues=write", "outside: `contents:read` on `acme/example`"),
        ("contents=read,issues=write", "contents=read ; issues=write", "inside"),
        ("id-token=write", "id-token=write,contents=read", "inside"),
        ("id-token=write", "contents=write", "outside: `id-token:write` on `acme/example`"),
        ("models=read", "models=read", "inside"),
        ("pull_requests=write", "pull-requests=write", "inside"),
        (
            "repository-projects=admin",
            "repository-projects=write",
            "outside: `repository-projects:admin` on `acme/example`",
        ),
        ("metadata=read", "issues=read", "inside"),
        ("metadata=read", "-", "outside: `metadata:read` on `acme/example`"),
        // All.
        ("contents=write,id-token=write,models=read", "write-all", "inside"),
        ("contents=read", "read-all", "inside"),
        ("contents=write", "read-all", "outside: `contents:write` on `acme/example`"),
        ("id-token=write", "read-all", "outside: `id-token:write` on `acme/example`"),
        ("models=read", "read-all", "inside"),
        ("vulnerability-alerts=read", "write-all", "inside"),
        (
            "vulnerability-alerts=write",
            "write-all",
            "outside: `vulnerability-alerts:write` on `acme/example`",
        ),
        ("code-quality=write", "write-all", "inside"),
        (
            "repository-projects=read",
            "write-all",
            "outside: `repository-projects:read` on `acme/example`",
        ),
        // Organisations.
        ("members=read @ -", "members=read @ -", "inside"),
        ("members=read @ -", "members=read", "inside"),
        (
            "members=read @ -",
            "members=read @ acme/*",
            "undecided: the inner side does not say which organisation its token is for",
        ),
        (
            "members=read @ acme/a",
            "members=read @ -",
            "undecided: the outer side does not say which organisation its token is for",
        ),
        ("members=read @ acme/a", "members=read @ ACME/b", "inside"),
        ("members=read @ acme/a", "members=read @ acme2/a", "outside: `members:read` on `acme`"),
        (
            "contents=read @ acme2/x",
            "contents=read @ acme/*",
            "outside: `contents:read` on `acme2/x`",
        ),
        (
            "contents=read @ */*",
            "contents=read @ acme/*",
            "outside: `contents:read` on `*/example`",
        ),
        ("metadata=read", "contents=nonsense", "outside: `metadata:read` on `acme/example`"),
        ("administration=write", "write-all", "outside: `administration:read` on `acme/example`"),
        (
            "repository-projects=admin",
            "write-all",
            "outside: `repository-projects:read` on `acme/example`",
        ),
        ("read-all", "write-all", "inside"),
        ("write-all", "read-all", "outside: `actions:write` on `acme/example`"),
        ("write-all", "write-all", "inside"),
        ("read-all", "contents=write", "outside: `actions:read` on `acme/example`"),
        ("newscope=write", "newscope=write", "inside"),
        ("newscope=read", "newscope=write", "inside"),
        ("newscope=write", "contents=write", "outside: `newscope:read` on `acme/example`"),
        ("newscope=write", "write-all", "undecided: `newscope` is no scope that is known"),
        // Nothing said.
        ("?", "write-all", "inside"),
        (
            "?",
            "contents=read",
            "undecided: `permissions` is not given: what holds is the default of the repository or organisation",
        ),
        ("contents=read", "?", "undecided: `permissions` of the outer side is not given"),
        ("? @ a/b", "? @ a/b", "inside"),
        // Repositories.
        ("contents=read @ acme/a", "contents=read @ ACME/A", "inside"),
        ("contents=read @ acme/a", "contents=read @ acme/*", "inside"),
        ("contents=read @ acme/a", "contents=read", "inside"),
        (
            "contents=read @ acme/a",
            "contents=read @ acme/b",
            "outside: `contents:read` on `acme/a`",
        ),
        (
            "contents=read @ acme/*",
            "contents=read @ acme/a,acme/b",
            "outside: `contents:read` on `acme/example`",
        ),
        (
            "contents=read @ acme/*",
            "contents=read @ acme/example",
            "outside: `contents:read` on `acme/example-2`",
        ),
        ("contents=read", "contents=read @ acme/*", "outside: `contents:read` on `acme-2/example`"),
        ("contents=read @ a/x,b/y", "contents=read @ a/* ; contents=write @ b/y", "inside"),
        (
            "contents=write @ a/x,b/y",
            "contents=read @ a/* ; contents=write @ b/y",
            "outside: `contents:write` on `a/x`",
        ),
        ("contents=read @ x", "contents=read @ x", "inside"),
        ("contents=read @ x", "contents=read @ y", "outside: `contents:read` on `x`"),
        (
            "contents=read @ acme/x",
            "contents=read @ x",
            "undecided: `x` does not say whose repository it is",
        ),
        (
            "contents=read @ x",
            "contents=read @ acme/*",
            "undecided: `x` does not say whose repository it is",
        ),
        ("contents=read @ -", "{}", "inside"),
        // About the organisation.
        ("members=read @ acme/a", "members=read @ acme/b", "inside"),
        ("members=read @ acme/a", "members=read @ other/a", "outside: `members:read` on `acme`"),
        ("members=read", "members=read @ acme/a", "outside: `members:read` on `acme-2`"),
        ("gists=write @ acme/a", "gists=write @ other/a", "inside"),
        // Classic tokens.
        ("classic:public_repo", "classic:repo", "inside"),
        ("classic:repo", "classic:public_repo", "outside: `repo`"),
        ("classic:read:org", "classic:admin:org", "inside"),
        ("classic:admin:org", "classic:write:org", "outside: `admin:org`"),
        ("classic:repo,gist", "classic:repo ; classic:gist", "inside"),
        ("classic:newscope", "classic:repo", "undecided: `newscope` is no scope that is known"),
        ("classic:repo", "{}", "outside: `repo`"),
        (
            "classic:repo",
            "contents=write",
            "undecided: scopes of classic tokens are not compared with others",
        ),
        (
            "contents=read",
            "classic:repo",
            "undecided: scopes of classic tokens are not compared with others",
        ),
        // Unknown parts.
        ("contents=‹var.l›", "contents=‹var.l›", "inside"),
        ("contents=‹var.l›", "contents=write", "inside"),
        ("contents=‹var.l›", "contents=read", "undecided: `var.l` is not known before apply"),
        ("contents=read", "contents=‹var.l›", "undecided: `var.l` is not known before apply"),
        ("‹var.s›=read", "contents=write", "undecided: `var.s` is not known before apply"),
        ("‹var.s›=read", "‹var.s›=write", "inside"),
        ("contents=read @ ‹var.r›", "contents=read @ ‹var.r›", "inside"),
        ("contents=read @ ‹var.r›", "contents=read", "inside"),
        ("contents=read @ acme/‹word.r›", "contents=read @ acme/*", "inside"),
        (
            "contents=read @ acme/‹word.r›",
            "contents=read @ acme/a",
            "undecided: `word.r` is not known before apply",
        ),
        (
            "contents=read @ acme/‹word.r›",
            "contents=read @ other/a",
            "outside: `contents:read` on `acme/example`",
        ),
        ("members=read @ acme/‹word.r›", "members=read @ acme/a", "inside"),
    ];
    rows(&table, |inner, outer| say(&compare(inner, outer).open));
}

#[test]
fn worlds_differ_where_scopes_may_be_added() {
    let all: Vec<String> = scopes()
        .filter(|scope| scope.workflow.is_some())
        .map(|scope| format!("{}={}", scope.name, scope.given(Level::Write).name()))
        .collect();
    let answer = compare("write-all @ a/b", &format!("{} @ a/b", all.join(",")));
    assert_eq!(say(&answer.open), "outside: `a-later-scope:read` on `a/b`");
    assert_eq!(answer.catalogue, Verdict::Inside);
    let answer = compare("read-all @ a/b", "contents=read @ a/b");
    assert_eq!(say(&answer.catalogue), "outside: `actions:read` on `a/b`");
}

#[test]
fn answers_say_where_and_what_to_change() {
    let table = [
        ("contents=write", "contents=read", "0 0 narrow `contents: write` to `contents: read`"),
        ("contents=read ; issues=write,contents=read", "contents=read", "1 0 drop `issues: write`"),
        ("contents=read @ a/x,b/y", "contents=read @ a/*", "0 0 drop `b/y`"),
        ("write-all", "read-all", "0 0 narrow `write-all` to `read-all`"),
        ("write-all", "issues=read ; contents=read", "0 0 narrow `write-all` to `issues: read`"),
        ("classic:repo,gist", "classic:repo", "0 0 drop `gist`"),
        ("contents=read", "{}", "0 - drop `contents: read`"),
        ("contents=read", "contents=read", "- - -"),
    ];
    rows(&table, |inner, outer| {
        let (inner, outer) = (grants(inner), grants(outer));
        let answer = contains(&outer, &inner);
        let show = |index: Option<usize>| index.map_or("-".to_owned(), |it| it.to_string());
        let change = change(&outer, &inner, &answer).map_or("-".to_owned(), |it| it.to_string());
        format!("{} {} {change}", show(answer.inner), show(answer.outer))
    });
}

#[test]
fn ways_to_more_are_named() {
    let Verdict::Outside(found) = compare("workflows=write", "{}").open else { panic!("outside") };
    let expected = "writes workflows, which run with the secrets and tokens of the repository";
    assert_eq!(found.escalation.as_deref(), Some(expected));
}

#[test]
fn the_catalogue_is_in_order() {
    assert_eq!(
        scopes().count(),
        include_str!("scopes.tsv").lines().filter(|it| !it.starts_with('#')).count()
    );
    for scope in scopes() {
        assert!(!scope.levels.is_empty(), "{}", scope.name);
        assert!(scope.levels.is_sorted(), "{}", scope.name);
        assert!(!scope.name.contains('_'), "{}", scope.name);
    }
    assert_eq!(check_level("id_token", "write"), Ok(()));
    assert_eq!(
        check_level("id-token", "read"),
        Err("scope `id-token` has no level `read`: it has none and write".to_owned())
    );
    assert_eq!(check_level("anything", "admin"), Ok(()));
    assert!(check_level("contents", "all").is_err());
}

#[test]
fn work_has_an_end() {
    let many = |count: usize, tail: &str| {
        let all: Vec<String> = (0..count).map(|at| format!("a/r{at}{tail}")).collect();
        grants(&format!("write-all @ {}", all.join(",")))
    };
    let one = grants("contents=read @ a/x").remove(0);
    let outer = vec![one; 200];
    let answer = contains(&outer, &many(2_000, ""));
    assert_eq!(
        say(&answer.open),
        "undecided: the comparison of 1 grants takes more than 200000 steps"
    );
}
