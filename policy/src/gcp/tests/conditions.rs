//! Conditions: what is decided about them, and what is left open.

mod errors;

use super::super::condition::Expr;
use super::dsl::text;
use super::*;

/// The answer for one permission on the project under two conditions; an empty one is none.
fn implies_at(inner: &str, outer: &str, place: &str) -> String {
    let side = |condition: &str| match condition {
        "" => format!("a.b.get @{place}"),
        _ => format!("a.b.get @{place} ?{condition}"),
    };
    show(&side(inner), &side(outer))
}

fn table(place: &str, rows: &[(&str, &str, &str)]) {
    for (inner, outer, expected) in rows {
        let found = implies_at(inner, outer, place);
        let found = found.replace(&format!("outside: `a.b.get` on `{place}`"), "outside");
        assert_eq!(found, *expected, "{inner} => {outer}");
    }
}

#[test]
fn times() {
    let open = "undecided: whether the condition of the outer side always holds is not decided";
    table(
        "projects/p",
        &[
            (
                "request.time < timestamp('2026-01-01T00:00:00Z')",
                "request.time < timestamp('2027-01-01T00:00:00Z')",
                "inside",
            ),
            (
                "request.time < timestamp('2027-01-01T00:00:00Z')",
                "request.time < timestamp('2026-01-01T00:00:00Z')",
                "outside with request.time = 2026-01-01T00:00:00Z",
            ),
            (
                "request.time < timestamp('2026-01-01T00:00:00Z')",
                "request.time <= timestamp('2026-01-01T00:00:00Z')",
                "inside",
            ),
            (
                "request.time <= timestamp('2026-01-01T00:00:00Z')",
                "request.time < timestamp('2026-01-01T00:00:00Z')",
                "outside with request.time = 2026-01-01T00:00:00Z",
            ),
            (
                "timestamp('2026-01-01T00:00:00Z') > request.time",
                "request.time < timestamp('2026-01-01T01:00:00+01:00')",
                "inside",
            ),
            (
                "request.time == timestamp('2026-01-01T00:00:00Z')",
                "request.time >= timestamp('2026-01-01T00:00:00Z')",
                "inside",
            ),
            (
                "request.time > timestamp('2026-01-01T00:00:00Z') && request.time < timestamp('2026-02-01T00:00:00Z')",
                "request.time > timestamp('2025-01-01T00:00:00Z') && request.time < timestamp('2026-03-01T00:00:00Z')",
                "inside",
            ),
            (
                "request.time < timestamp('2026-01-01T00:00:00Z') || request.time > timestamp('2027-01-01T00:00:00Z')",
                "request.time != timestamp('2026-06-01T00:00:00Z')",
                "inside",
            ),
            (
                "",
                "request.time < timestamp('2026-01-01T00:00:00Z')",
                "outside with request.time = 2026-01-01T00:00:00Z",
            ),
            (
                "",
                "request.time < timestamp('2026-01-01T00:00:00Z') || request.time >= timestamp('2026-01-01T00:00:00Z')",
                "inside",
            ),
            (
                "request.time > timestamp('2027-01-01T00:00:00Z') && request.time < timestamp('2026-01-01T00:00:00Z')",
                "false",
                "inside",
            ),
            ("", "request.time.getFullYear('UTC') == 2026", open),
            (
                "request.time.getFullYear( \"UTC\" ) == 2026",
                "request.time.getFullYear('UTC')==2026",
                "inside",
            ),
            ("request.time < timestamp('2026-01-01T00:00:00Z')", "", "inside"),
            ("request.time < timestamp('soon')", "request.time < timestamp(\"soon\")", "inside"),
        ],
    );
}

#[test]
fn strings() {
    let missing = "undecided: whether the condition of the outer side always holds is not decided";
    table(
        "projects/p",
        &[
            ("resource.name.startsWith('p/a')", "resource.name.startsWith('p/')", "inside"),
            (
                "resource.name.startsWith('p/')",
                "resource.name.startsWith('p/a')",
                "outside with resource.name = p/example",
            ),
            ("resource.name == 'p/a'", "resource.name.startsWith('p/')", "inside"),
            ("'p/a' == resource.name", "resource.name.endsWith('/a')", "inside"),
            (
                "resource.name.startsWith('p/') && resource.name.endsWith('/a')",
                "resource.name != 'p/b'",
                "inside",
            ),
            (
                "resource.name.startsWith('p/') && resource.name != 'p/b'",
                "resource.name.startsWith('p/')",
                "inside",
            ),
            (
                "resource.name in ['a', 'b']",
                "resource.name == 'a' || resource.name == 'b'",
                "inside",
            ),
            (
                "resource.name in ['a', 'c']",
                "resource.name in ['a', 'b']",
                "outside with resource.name = c",
            ),
            ("resource.name in []", "false", "inside"),
            (
                "!(resource.name == 'a' || resource.name == 'b')",
                "resource.name != 'a' && resource.name != 'b'",
                "inside",
            ),
            ("!resource.name.startsWith('p/')", "resource.name != 'p/a'", "inside"),
            (
                "resource.type == 'storage.googleapis.com/Bucket'",
                "resource.type.startsWith('storage.googleapis.com/')",
                "inside",
            ),
            (
                "resource.service == 'a.b'",
                "resource.service == 'c.d'",
                "outside with resource.service = a.b",
            ),
            // Whether an attribute is there at all is not known: without it neither side of a choice holds.
            ("", "resource.name == 'a' || resource.name != 'a'", missing),
            (
                "",
                "resource.name.startsWith('p/')",
                "outside with resource.name = projects/_/buckets/example/objects/example",
            ),
            // Attributes that hang together are not shown as if they did not.
            (
                "resource.type == 'storage.googleapis.com/Object'",
                "resource.service == 'storage.googleapis.com'",
                "undecided: whether the condition `resource.type == 'storage.googleapis.com/Object'` implies that of the outer side is not decided",
            ),
            (
                "resource.type == 'storage.googleapis.com/Object'",
                "resource.name.startsWith('projects/_/buckets/b/')",
                "outside with resource.name = projects/_/buckets/example/objects/example and resource.type = storage.googleapis.com/Object",
            ),
        ],
    );
}

#[test]
fn cloud_storage_names_say_where_things_lie() {
    let bucket = "//storage.googleapis.com/projects/_/buckets/b";
    table(
        bucket,
        &[
            ("", "resource.name.startsWith('projects/_/buckets/b')", "inside"),
            ("", "resource.service == 'storage.googleapis.com'", "inside"),
            ("", "resource.type.startsWith('storage.googleapis.com/')", "inside"),
            (
                "",
                "resource.name.startsWith('projects/_/buckets/b/objects/a')",
                "outside with resource.name = projects/_/buckets/b/objects/example",
            ),
            ("resource.name.startsWith('projects/_/buckets/c')", "false", "inside"),
            ("", "resource.name == 'x' || resource.name != 'x'", "inside"),
        ],
    );
    check(&[
        // A condition on the whole project keeps to one bucket.
        (
            "a.b.get ?resource.name.startsWith('projects/_/buckets/b/')",
            "a.b.get @//storage.googleapis.com/projects/_/buckets/b",
            "inside",
        ),
        (
            "a.b.get ?resource.name.startsWith('projects/_/buckets/b')",
            "a.b.get @//storage.googleapis.com/projects/_/buckets/b",
            "outside: `a.b.get` on `projects/p` with resource.name = projects/_/buckets/bexample",
        ),
        (
            "a.b.get ?resource.name.startsWith('projects/p/topics/t')",
            "a.b.get @//pubsub.googleapis.com/projects/p/topics/t",
            "undecided: whether the condition keeps the grant to what the outer side covers is not decided",
        ),
        (
            "a.b.get ?request.time < timestamp('2026-01-01T00:00:00Z')",
            "a.b.get @//pubsub.googleapis.com/projects/p/topics/t",
            "outside: `a.b.get` on `projects/p` with request.time = 2025-12-31T23:59:59Z",
        ),
    ]);
}

#[test]
fn lists_and_tags() {
    let only = |list: &str| {
        format!("api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([{list}])")
    };
    let (a, ab, c) = (only("'roles/a'"), only("'roles/a','roles/b'"), only("'roles/c'"));
    let attribute = "iam.googleapis.com/modifiedGrantsByRole";
    let either = format!("{a} || {ab}");
    let nothing = format!("{a} && {c}");
    table(
        "projects/p",
        &[
            (&a, &ab, "inside"),
            (&ab, &a, &format!("outside with {attribute} = roles/b")),
            (&either, &ab, "inside"),
            // The empty list is in every other.
            (&nothing, "false", &format!("outside with {attribute} = ")),
            (&a, &c, &format!("outside with {attribute} = roles/a")),
            (&nothing, &c, "inside"),
            (
                "",
                &a,
                &format!("outside with {attribute} = roles/b").replace("roles/b", "roles/example"),
            ),
            ("resource.matchTag('1/env', 'dev')", "resource.matchTag('1/env', 'dev')", "inside"),
            ("resource.matchTag( \"1/env\",'dev' )", "resource.matchTag('1/env', 'dev')", "inside"),
            (
                "",
                "resource.matchTag('1/env', 'dev')",
                "outside with resource.matchTag(\"1/env\",\"dev\") = false",
            ),
            (
                "resource.matchTag('1/env', 'dev')",
                "false",
                "outside with resource.matchTag(\"1/env\",\"dev\") = true",
            ),
            (
                "resource.matchTag('1/env', 'dev')",
                "resource.matchTag('1/env', 'prod')",
                "undecided: whether the condition `resource.matchTag('1/env', 'dev')` implies that of the outer side is not decided",
            ),
            ("resource.matchTag('a','b') && x.y", "x.y", "inside"),
        ],
    );
}

#[test]
fn what_is_opaque() {
    let open = |text: &str| {
        format!(
            "undecided: whether the condition `{text}` implies that of the outer side is not decided"
        )
    };
    table(
        "projects/p",
        &[
            ("x.y()", "x.y()", "inside"),
            ("x.y()", "x.z()", &open("x.y()")),
            ("x.y() && a", "a", "inside"),
            ("a || b", "b || a", "inside"),
            ("a", "a || b", "inside"),
            ("a || b", "a", &open("a || b")),
            ("a && !(b)", "!b", "inside"),
            ("!a", "a == false", &open("!a")),
            ("a == b && c", "c", "inside"),
            // An error on one side of an `||` does no harm to the other; by itself it grants nothing.
            (
                "",
                "a || !a",
                "undecided: whether the condition of the outer side always holds is not decided",
            ),
            ("a || !a", "a || !a", "inside"),
            ("a && !a", "false", "inside"),
            ("a ? b : c", "a ? b : c", "inside"),
            ("a ? b : c", "c", &open("a ? b : c")),
            ("(((a)))", "a", "inside"),
            ("true", "", "inside"),
            ("", "true", "inside"),
            ("", "false", "outside"),
            // What cannot be read is itself and nothing else.
            ("a &&", "a &&", "inside"),
            ("a &&", "a", &open("a &&")),
            ("resource.name == r'x'", "resource.name == r'x'", "inside"),
            ("(a", "(a", "inside"),
            ("x.y()", "", "inside"),
            (
                "resource.name.extract('a/{x}') == 'y'",
                "resource.name.extract(\"a/{x}\") == \"y\"",
                "inside",
            ),
        ],
    );
}

#[test]
fn unknown_parts_of_conditions() {
    let open = |text: &str| {
        format!(
            "undecided: whether the condition `{text}` implies that of the outer side is not decided"
        )
    };
    table(
        "projects/p",
        &[
            ("resource.name == \"a/‹word.x›\"", "resource.name == \"a/‹word.x›\"", "inside"),
            ("resource.name == \"a/‹word.x›\" && b", "b", "inside"),
            // An unknown value of any form could leave its quotes.
            (
                "resource.name == \"a/‹var.x›\" && b",
                "b",
                &open("resource.name == \"a/<var.x>\" && b"),
            ),
            (
                "resource.name == 'a/‹word.x›' && b",
                "b",
                &open("resource.name == 'a/<word.x>' && b"),
            ),
            ("‹var.c›", "‹var.c›", "inside"),
        ],
    );
}

#[test]
fn hostile_conditions_end() {
    let deep = format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(implies_at(&deep, &deep, "projects/p"), "inside");
    let long = vec!["a"; 3_000].join(" || ");
    assert_eq!(implies_at(&long, "a", "projects/p"), "inside");
    let noes = format!("{}a", "!".repeat(4_000));
    assert_eq!(implies_at(&noes, &noes, "projects/p"), "inside");
    // Many opaque questions are more than can be tried.
    let names: Vec<String> = (0..40).map(|index| format!("x{index}")).collect();
    let found = implies_at(&names.join(" || "), &names.join(" && "), "projects/p");
    assert!(found.starts_with("undecided: "), "{found}");
    for odd in [
        "\"",
        "'",
        "\\",
        "a\u{0}b",
        "🦀",
        "//",
        "a // b",
        "[",
        "]",
        "}{",
        "\"\"\"a\"\"\"",
        "0x",
        "-",
        "!!",
    ] {
        assert_eq!(implies_at(odd, odd, "projects/p"), "inside", "{odd}");
    }
}

#[test]
fn parsing_is_total_on_prefixes() {
    let whole = "!(resource.name.startsWith(\"p\\\"/\") && request.time < timestamp('2026-01-01T00:00:00Z')) || api.getAttribute('x', []).hasOnly(['a', \"b\"]) ? c : d[1]{e: f}";
    for (end, _) in whole.char_indices() {
        let prefix = text(whole.get(..end).unwrap());
        assert_eq!(Expr::parse(&prefix), Expr::parse(&prefix));
    }
}
