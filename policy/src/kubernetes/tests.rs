//! The rules that the API server's own comparison follows, row by row.

use super::*;
use crate::text::Shape;

mod laws;
mod reading;
mod today;

/// `verbs resources [names=a,b] [groups=…] [ns=…] [for=…] [unknown=why]`, or `verbs /path`; `;` joins grants; `‹x›` is a hole.
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
    let mut subject = None;
    let mut unknown = None;
    for word in words {
        match word.split_once('=') {
            Some(("names", names)) => rule.resource_names = list(names),
            Some(("groups", groups)) => rule.api_groups = list(groups),
            Some(("ns", name)) => namespace = Some(parsed(name)),
            Some(("for", who)) => subject = Some(subject_of(who)),
            Some(("unknown", why)) => unknown = Some(Why::construct(why)),
            _ if word.starts_with('/') => rule.non_resource_urls = list(word),
            _ => rule.resources = list(word),
        }
    }
    Grant { namespace, rule, subject, unknown, span: None }
}

/// `sa:namespace/name`, `user:name` or `group:name`.
fn subject_of(text: &str) -> Subject {
    let (kind, name) = text.split_once(':').unwrap();
    match (kind, name.split_once('/')) {
        ("sa", Some((namespace, name))) => {
            Subject::ServiceAccount { namespace: parsed(namespace), name: parsed(name) }
        }
        ("user", _) => Subject::User(parsed(name)),
        _ => Subject::Group(parsed(name)),
    }
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
        // Stars and literals.
        (
            "get pods/*",
            "get pods",
            "outside: `get` on `pods/*` with name = example and namespace = example",
        ),
        ("get pods/*", "get *", "inside"),
        ("get pods/*", "get pods/*", "inside"),
        (
            "get pods/log",
            "get pods/*",
            "outside: `get` on `pods/log` with name = example and namespace = example",
        ),
        (
            "get *",
            "get pods ; get */log",
            "outside: `get` on `secrets` with name = example and namespace = example",
        ),
        ("*  pods".trim(), "* pods", "inside"),
        (
            "* pods",
            "get,list,create,delete,update,watch,patch,deletecollection,impersonate pods",
            "outside: `a-later-verb` on `pods` with name = example and namespace = example",
        ),
        (
            "get pods groups=*",
            "get pods groups=,apps",
            "outside: `get` on `pods.example.com` with name = example and namespace = example",
        ),
        // Names.
        ("list secrets names=a", "list secrets", "inside"),
        (
            "list secrets",
            "list secrets names=a",
            "outside: `list` on `secrets` with namespace = example",
        ),
        (
            "get secrets",
            "get secrets names=example",
            "outside: `get` on `secrets` with name = example-2 and namespace = example",
        ),
        (
            "create pods/exec names=x",
            "create pods/exec names=y",
            "outside: `create` on `pods/exec` with name = x and namespace = example",
        ),
        ("create pods/exec names=x", "create pods/exec", "inside"),
        // Paths.
        ("get /a**", "get /a*", "inside"),
        ("get /a*", "get /a**", "inside"),
        (
            "get *",
            "get /*",
            "outside: `get` on `secrets` with name = example and namespace = example",
        ),
        ("get /*", "get *", "outside: `get` on `/x`"),
        ("get /a", "get /a ns=n", "outside: `get` on `/a`"),
        // Places.
        (
            "get pods",
            "get pods ns=example",
            "outside: `get` on `pods` with name = example and namespace = example-2",
        ),
        ("get pods ns=a ; get pods ns=b", "get pods ns=a ; get pods ns=b", "inside"),
        ("get nodes ns=a", "{}", "outside: `get` on `nodes` with name = example and namespace = a"),
        ("get nodes", "get nodes ns=a", "outside: `get` on `nodes` with name = example"),
        // Subjects.
        ("get pods for=sa:n/a", "get pods for=sa:n/a", "inside"),
        ("get pods for=sa:n/a", "get pods", "inside"),
        (
            "get pods for=sa:n/a",
            "get pods for=sa:n/b",
            "outside: `get` on `pods` by `system:serviceaccount:n:a` with name = example and namespace = example",
        ),
        ("get pods for=sa:n/a", "get pods for=user:system:serviceaccount:n:a", "inside"),
        ("get pods for=sa:n/a", "get pods for=group:system:serviceaccounts:n", "inside"),
        ("get pods for=sa:n/a", "get pods for=group:system:serviceaccounts", "inside"),
        ("get pods for=sa:n/a", "get pods for=group:system:authenticated", "inside"),
        (
            "get pods for=sa:n/a",
            "get pods for=group:system:serviceaccounts:m",
            "outside: `get` on `pods` by `system:serviceaccount:n:a` with name = example and namespace = example",
        ),
        (
            "get pods for=sa:n/a",
            "get pods for=group:system:masters",
            "outside: `get` on `pods` by `system:serviceaccount:n:a` with name = example and namespace = example",
        ),
        (
            "get pods for=user:u",
            "get pods for=group:g",
            "undecided: who is in the group `g` is not known",
        ),
        (
            "get pods for=group:g",
            "get pods for=user:u",
            "outside: `get` on `pods` by `group g` with name = example and namespace = example",
        ),
        (
            "get pods for=group:g",
            "get pods for=group:h",
            "undecided: who is in the group `h` is not known",
        ),
        (
            "get pods for=group:system:serviceaccounts:n",
            "get pods for=group:system:serviceaccounts",
            "inside",
        ),
        (
            "get pods for=user:system:anonymous",
            "get pods for=group:system:authenticated",
            "undecided: who is in the group `system:authenticated` is not known",
        ),
        (
            "get pods",
            "get pods for=user:u",
            "undecided: the outer side is for `u` alone, and the inner side does not say who it is for",
        ),
        // Roles that are not known.
        ("get pods unknown=why", "get pods", "undecided: why"),
        ("get pods unknown=why ns=a", "* * groups=*", "inside"),
        ("get pods unknown=why", "* * groups=*", "undecided: why"),
        ("get pods unknown=why", "* * groups=* ; * /*", "undecided: why"),
        ("get pods ns=a", "get pods ns=a unknown=why", "undecided: why"),
        (
            "get pods ns=a",
            "get pods ns=b unknown=why",
            "outside: `get` on `pods` with name = example and namespace = a",
        ),
    ];
    rows(&table, |inner, outer| say(&compare(inner, outer).open));
}

#[test]
fn answers_say_where_and_what_to_change() {
    let table = [
        ("get,list,delete pods", "get,list pods", "0 0 drop `delete`"),
        ("get,delete,update pods", "get pods", "0 0 drop `delete` and `update`"),
        ("get pods ; get secrets,pods", "get pods", "1 0 drop `secrets`"),
        ("get *", "get pods,services", "0 0 narrow `*` to `pods` and `services`"),
        ("get secrets", "get pods ; get secrets names=a", "0 1 require `resourceNames = a`"),
        ("get pods", "get pods ns=a", "0 0 narrow `the whole cluster` to `namespace a`"),
        ("get pods ns=b", "get pods ns=a", "0 0 narrow `namespace b` to `namespace a`"),
        ("get pods ; get secrets", "get pods", "1 0 drop `get secrets`"),
        ("get /healthz*", "get /healthz", "0 0 drop `get /healthz*`"),
        ("get pods", "get pods", "- - -"),
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
    let table = [
        (
            "escalate roles groups=rbac.authorization.k8s.io",
            "writes roles that allow more than it may itself",
        ),
        (
            "bind clusterroles groups=rbac.authorization.k8s.io",
            "binds roles that allow more than it may itself",
        ),
        ("impersonate users", "acts as somebody else"),
        ("create serviceaccounts/token", "makes tokens of service accounts"),
        ("get pods", "-"),
    ];
    for (inner, expected) in table {
        let Verdict::Outside(found) = compare(inner, "{}").open else { panic!("{inner}") };
        assert_eq!(found.escalation.as_deref().unwrap_or("-"), expected, "{inner}");
    }
}

#[test]
fn work_has_an_end() {
    let many: Vec<String> = (0..3_000).map(|at| format!("r{at}")).collect();
    let text = format!("{} {} names={}", many.join(","), many.join(","), many.join(","));
    let reason = say(&compare(&text, "get pods").open);
    assert_eq!(
        reason,
        "undecided: 27000000000 single permissions are too many to compare with 1 grants"
    );
}
