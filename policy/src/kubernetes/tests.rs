//! The rules that the API server's own comparison follows, row by row.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

/// `verbs resources [names=a,b] [groups=…] [ns=…]`, or `verbs /path`; `;` joins grants; `‹x›` is a hole.
fn grants(text: &str) -> Vec<Grant> {
    if text == "{}" {
        return Vec::new();
    }
    text.split(" ; ").map(grant).collect()
}

fn grant(text: &str) -> Grant {
    let list = |text: &str| -> Vec<Text> { text.split(',').map(parsed).collect() };
    let mut words = text.split(' ');
    let mut rule = Rule { verbs: list(words.next().unwrap()), ..Rule::default() };
    rule.api_groups = vec![Text::literal("")];
    let mut namespace = None;
    for word in words {
        match word.split_once('=') {
            Some(("names", names)) => rule.resource_names = list(names),
            Some(("groups", groups)) => rule.api_groups = list(groups),
            Some(("ns", name)) => namespace = Some(parsed(name)),
            _ if word.starts_with('/') => rule.non_resource_urls = list(word),
            _ => rule.resources = list(word),
        }
    }
    Grant { namespace, rule, ..Grant::default() }
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

fn show(inner: &str, outer: &str) -> String {
    match contains(&grants(outer), &grants(inner)).open {
        Verdict::Inside => "inside".to_owned(),
        Verdict::Outside(found) => format!("outside: {found}"),
        Verdict::Undecided(why) => format!("undecided: {}", why.reason),
    }
}

#[test]
fn the_table() {
    let table = [
        ("get pods", "* pods", "inside"),
        ("get pods", "get *", "inside"),
        (
            "get *",
            "get pods,secrets,configmaps",
            "outside: `get` on `pods/exec` with name = example and namespace = example",
        ),
        (
            "get pods/log",
            "get pods",
            "outside: `get` on `pods/log` with name = example and namespace = example",
        ),
        ("get pods/log", "get */log", "inside"),
        ("get pods/log", "get *", "inside"),
        ("get */scale", "get *", "inside"),
        (
            "get *",
            "get */scale",
            "outside: `get` on `secrets` with name = example and namespace = example",
        ),
        ("get secrets names=a,b", "get secrets names=a ; get secrets names=b", "inside"),
        (
            "get secrets",
            "get secrets names=a",
            "outside: `get` on `secrets` with name = example and namespace = example",
        ),
        ("get secrets names=a", "get secrets", "inside"),
        (
            "create pods names=x",
            "{}",
            "outside: `create` on `pods` with name = x and namespace = example",
        ),
        ("get,list pods", "get pods ; list pods", "inside"),
        (
            "get,watch pods",
            "get pods ; list pods",
            "outside: `watch` on `pods` with namespace = example",
        ),
        ("get /healthz/*", "get /healthz*", "inside"),
        ("get /healthz*", "get /healthz/*", "outside: `get` on `/healthzx`"),
        ("get /a*", "get /a,/a/*", "outside: `get` on `/ax`"),
        ("get /a ns=n", "{}", "inside"),
        ("get pods ns=a", "get pods", "inside"),
        (
            "get pods",
            "get pods ns=a",
            "outside: `get` on `pods` with name = example and namespace = example",
        ),
        (
            "get pods ns=a",
            "get pods ns=b",
            "outside: `get` on `pods` with name = example and namespace = a",
        ),
        (
            "get deployments groups=apps",
            "get deployments",
            "outside: `get` on `deployments.apps` with name = example and namespace = example",
        ),
        ("get deployments groups=apps", "get deployments groups=*", "inside"),
        (
            "* * groups=*",
            "get,list,watch * groups=*",
            "outside: `create` on `secrets` with namespace = example",
        ),
        ("get,bind,escalate roles", "get,bind,escalate roles", "inside"),
        ("{}", "{}", "inside"),
        // Holes.
        ("get secrets names=‹var.n›", "get secrets", "inside"),
        ("get secrets names=‹var.n›", "get secrets names=‹var.n›", "inside"),
        (
            "get secrets names=‹var.n›",
            "get secrets names=a",
            "undecided: `var.n` is not known before apply",
        ),
        (
            "get secrets ns=team-‹word.t›",
            "get secrets ns=prod",
            "outside: `get` on `secrets` with name = example and namespace = team-example",
        ),
        ("get secrets", "‹var.v› secrets", "undecided: `var.v` is not known before apply"),
        ("‹var.v› secrets", "get secrets", "undecided: `var.v` is not known before apply"),
        ("‹word.v› secrets", "* secrets", "inside"),
        ("get ‹var.r›", "get pods/log", "undecided: `var.r` is not known before apply"),
    ];
    for (inner, outer, expected) in table {
        assert_eq!(show(inner, outer), expected, "{inner} in {outer}");
    }
}

fn side() -> impl Strategy<Value = String> {
    let verbs = subsequence(vec!["get", "list", "create", "*"], 1..3);
    let resources = subsequence(vec!["pods", "pods/log", "*/log", "secrets", "*"], 1..3);
    let one = (
        verbs,
        resources,
        select(vec!["", " names=a", " names=a,b"]),
        select(vec!["", " ns=n"]),
        select(vec!["", " groups=*"]),
    );
    let one = one.prop_map(|(verbs, resources, names, ns, groups)| {
        format!("{} {}{names}{ns}{groups}", verbs.join(","), resources.join(","))
    });
    proptest::collection::vec(one, 1..3).prop_map(|all| all.join(" ; "))
}

proptest! {
    /// What is decided agrees with the concrete check, and something is always decided where nothing is unknown.
    #[test]
    fn verdicts_agree_with_requests(outer in side(), inner in side()) {
        let (outer, inner) = (grants(&outer), grants(&inner));
        let verdict = contains(&outer, &inner).open;
        prop_assert!(!matches!(verdict, Verdict::Undecided(_)), "{verdict:?}");
        if verdict.is_inside() {
            for request in inner.iter().flat_map(tuples).flat_map(|tuple| requests(&tuple)) {
                let escapes = allows(&inner, &request) == Some(true) && allows(&outer, &request) == Some(false);
                prop_assert!(!escapes, "{request:?}");
            }
        }
        prop_assert!(contains(&inner, &inner).open.is_inside());
        let more: Vec<Grant> = inner.iter().chain(&outer).cloned().collect();
        prop_assert!(contains(&more, &inner).open.is_inside());
    }
}
