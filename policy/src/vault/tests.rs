//! Vault's order of rules, row by row, and against the other evaluator.

use super::*;
use crate::text::Shape;

mod laws;
mod reading;

/// `path capability,capability` joined by ` ; `, policies by ` | `; `‹x›` is a hole, `{}` no rule, `root` the policy.
fn side(text: &str) -> Vec<Policy> {
    text.split(" | ").map(policy).collect()
}

fn policy(text: &str) -> Policy {
    match text {
        "{}" => Policy::default(),
        "root" => Policy::root(),
        _ => Policy::from_rules(text.split(" ; ").map(rule).collect()),
    }
}

/// A restriction follows the capabilities: `p read mfa=x`.
fn rule(text: &str) -> Rule {
    let text = text.replace("{{ identity.entity.id }}", "{{\u{a0}identity.entity.id\u{a0}}}");
    let mut words = text.split(' ');
    let path = parsed(words.next().unwrap());
    let list = words.next().unwrap();
    let capabilities = list.split(',').filter(|it| *it != "-").map(parsed).collect();
    let restrictions = words
        .map(|word| {
            let (name, value) = word.split_once('=').unwrap();
            Restriction { name: name.to_owned(), value: parsed(value) }
        })
        .collect();
    Rule { path, capabilities, restrictions, span: None }
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
    let (inner, outer) = (side(inner), side(outer));
    contains(&outer.iter().collect::<Vec<_>>(), &inner.iter().collect::<Vec<_>>())
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
        // What decides.
        ("secret/* read", "secret/* read ; secret/foo list", "outside: `read` on `secret/foo`"),
        ("secret/* read ; secret/foo deny", "secret/* read", "inside"),
        (
            "secret/* read,list",
            "secret/+ read ; secret/* read,list",
            "outside: `list` on `secret/`",
        ),
        ("secret/+/x read", "secret/* read", "inside"),
        ("secret/* read", "secret/+/x read", "outside: `read` on `secret/x`"),
        ("secret/foo* read", "secret/foo/* read", "outside: `read` on `secret/foo`"),
        ("secret/foo/* read", "secret/foo* read", "inside"),
        ("secret/* deny ; secret/a/* read", "secret/a/* read", "inside"),
        ("secret/a/* read", "secret/* deny ; secret/a/* read", "inside"),
        ("secret/+/+/foo/* read ; secret/* deny", "{}", "inside"),
        ("secret/+/+/foo/* read ; secret/a/* deny", "{}", "outside: `read` on `secret/x/x/foo/x`"),
        ("p read | p deny", "{}", "inside"),
        ("p read | p list", "p read,list", "inside"),
        ("p read,list", "p read | p list", "inside"),
        ("p read", "p read | p deny", "outside: `read` on `p`"),
        ("p read,sudo", "p read", "outside: `read` on `p` with sudo = true"),
        ("p list,sudo", "p list", "outside: `list` on `p/` with sudo = true"),
        ("p sudo", "{}", "inside"),
        ("p read,sudo", "p read,sudo", "inside"),
        ("{}", "{}", "inside"),
        ("{}", "secret/* deny", "inside"),
        ("p read", "{}", "outside: `read` on `p`"),
        ("p deny,read", "{}", "inside"),
        ("p -", "{}", "inside"),
        // Less before the wildcard loses, then a glob, then more `+`.
        ("foo/+/bar read", "foo/+/ba* list ; foo/+/bar read", "inside"),
        ("foo/+/bar read", "foo/+/ba* list ; foo/+/b* read", "outside: `read` on `foo/x/bar`"),
        ("foo/a/b read", "foo/+/b list ; foo/a/+ read", "inside"),
        ("foo/a/b read", "foo/+/b read ; foo/a/+ list", "outside: `read` on `foo/a/b`"),
        ("foo/a/b read", "foo/+/+ list ; foo/+/b read", "inside"),
        ("foo/a/b read", "foo/+/* read ; foo/+/b list", "outside: `read` on `foo/a/b`"),
        ("foo/ read", "foo/+ read", "inside"),
        ("foo/+ read", "foo/* read", "inside"),
        ("foo/+ read", "foo/x read ; foo/y read", "outside: `read` on `foo/z`"),
        ("+ read", "* read", "inside"),
        ("+/x read", "+/* read", "inside"),
        ("a/+x read", "a/+x read", "inside"),
        ("a/bx read", "a/+x read", "outside: `read` on `a/bx`"),
        ("a*b read", "a*b read", "inside"),
        ("axb read", "a*b read", "outside: `read` on `axb`"),
        ("/secret/x read", "secret/x read", "inside"),
        ("* read", "* read ; sys/* deny", "outside: `read` on `sys/x`"),
        ("* read ; sys/* deny", "* read ; sys/* deny", "inside"),
        ("a/b/c read ; a/b/* deny", "a/b/c read", "inside"),
        // Listing looks at the path without its slash too.
        ("secret/foo list", "secret/foo list", "inside"),
        ("secret/foo/ list", "secret/foo list", "outside: `list` on `secret/foo//`"),
        ("secret/foo list", "secret/foo/ list", "outside: `list` on `secret/foo`"),
        ("secret/* list", "secret/* list ; secret/a deny", "outside: `list` on `secret/a/`"),
        ("secret/a list", "secret/* list", "inside"),
        ("secret/ list", "secret/* list", "inside"),
        ("secret/+ list", "secret/+/ list", "outside: `list` on `secret/`"),
        // Kinds of capabilities.
        ("p create,update", "p create,update,patch", "inside"),
        ("p patch", "p create,update", "outside: `patch` on `p`"),
        ("p subscribe", "p read,list", "outside: `subscribe` on `p`"),
        ("p recover", "p read,update", "outside: `recover` on `p`"),
        ("p newcap", "p read", "outside: `newcap` on `p`"),
        ("p newcap", "p newcap", "inside"),
        // Root.
        ("* read", "root", "inside"),
        ("root", "root", "inside"),
        ("root", "* read,list", "outside: `create` on `x`"),
        (
            "p read",
            "root | p read",
            "undecided: `root` stands alone: a token with it and others is refused",
        ),
        (
            "root",
            "* create,read,update,patch,delete,list,sudo,subscribe,recover,scan",
            "undecided: `root` also allows what later versions of Vault ask for",
        ),
    ];
    rows(&table, |inner, outer| say(&compare(inner, outer).open));
}

#[test]
fn restrictions_and_unknown_parts() {
    let table = [
        // Restrictions count for nothing on the inner side and for everything on the outer one.
        ("p update allowed_parameters={a=[]}", "p update", "inside"),
        (
            "p update",
            "p update allowed_parameters={a=[]}",
            "undecided: `allowed_parameters` on path `p` is not compared",
        ),
        ("p list,delete", "p list,delete required_parameters=[a]", "inside"),
        (
            "p read",
            "p read mfa_methods=[a]",
            "undecided: `mfa_methods` on path `p` is not compared",
        ),
        ("p read mfa_methods=[a]", "p read mfa_methods=[a]", "inside"),
        ("p read,list mfa_methods=[a]", "p list,read mfa_methods=[a]", "inside"),
        (
            "p read mfa_methods=[a]",
            "p read mfa_methods=[b]",
            "undecided: `mfa_methods` on path `p` is not compared",
        ),
        ("p read mfa_methods=[a]", "{}", "outside: `read` on `p` with mfa_methods = [a]"),
        ("p read strange=1", "{}", "undecided: `strange` on path `p` is not compared"),
        ("p read", "p list mfa_methods=[a]", "outside: `read` on `p`"),
        // Unknown paths.
        ("secret/‹var.a›/x read", "secret/* read", "inside"),
        ("secret/‹var.a›/x read", "secret/‹var.a›/x read", "inside"),
        ("secret/‹var.a›/x read", "secret/‹var.a›/x read,list", "inside"),
        (
            "secret/‹var.a›/x read,list",
            "secret/‹var.a›/x read",
            "outside: `list` on `secret/example/x/`",
        ),
        (
            "secret/‹var.a›/x read",
            "secret/* read ; secret/b/x deny",
            "undecided: `var.a` is not known before apply",
        ),
        ("secret/‹word.a› read", "secret/* read ; other/x deny", "inside"),
        (
            "secret/‹var.a› read",
            "secret/‹var.b› read",
            "undecided: `var.a` is not known before apply",
        ),
        ("secret/‹word.a› read", "other/* read", "outside: `read` on `secret/example`"),
        ("secret/‹word.a› read", "{}", "outside: `read` on `secret/example`"),
        (
            "secret/x read",
            "secret/‹var.a› deny ; secret/* read",
            "undecided: `var.a` is not known before apply",
        ),
        ("secret/x read", "other/‹word.a› deny ; secret/* read", "inside"),
        ("secret/‹var.a›/* read ; kv/a read", "secret/‹var.a›/* read ; kv/* read", "inside"),
        (
            "secret/‹var.a›/* read ; secret/b/c list",
            "secret/‹var.a›/* read,list ; secret/b/c list,read",
            "inside",
        ),
        (
            "secret/‹var.a›/* read ; secret/b/c list",
            "secret/‹var.a›/* read ; secret/b/c list",
            "inside",
        ),
        (
            "secret/‹var.a›/* read",
            "secret/‹var.a›/* read ; secret/b/c list",
            "undecided: `var.a` is not known before apply",
        ),
        ("‹var.a› read", "* read", "inside"),
        ("‹var.a› read", "a/* read", "undecided: `var.a` is not known before apply"),
        // Templates are unknown parts of which both sides have the same.
        (
            "secret/{{identity.entity.id}}/* read",
            "secret/{{ identity.entity.id }}/* read,list",
            "inside",
        ),
        ("secret/{{identity.entity.name}}/* read", "secret/* read", "inside"),
        (
            "secret/{{identity.entity.name}}/* read",
            "secret/{{identity.entity.id}}/* read",
            "undecided: the value of `{{identity.entity.name}}` decides",
        ),
        // Unknown capabilities.
        ("p ‹var.c›", "p read", "undecided: `var.c` is not known before apply"),
        ("p ‹var.c›", "p ‹var.c›", "inside"),
        ("p ‹var.c›", "root", "inside"),
        ("p read", "p ‹var.c›,read", "undecided: `var.c` is not known before apply"),
        ("p read", "p list ; q ‹var.c›", "outside: `read` on `p`"),
    ];
    rows(&table, |inner, outer| say(&compare(inner, outer).open));
}

#[test]
fn servers_refuse_some_requests() {
    let table = [
        ("secret/foo list", "secret/foo/ list", "inside"),
        ("secret/+ list", "secret/+/ list", "outside: `list` on `secret/`"),
        ("secret/foo/ list", "secret/foo list", "inside"),
        ("p/ update", "{}", "inside"),
        ("p/ read", "{}", "outside: `read` on `p/`"),
        ("p/* update", "p/+ update", "outside: `update` on `p/x/x`"),
    ];
    rows(&table, |inner, outer| say(&compare(inner, outer).catalogue));
}

#[test]
fn answers_say_where_and_what_to_change() {
    let table = [
        ("a read ; b read,list", "a read ; b read", "1 1 drop `list`"),
        (
            "a read ; secret/* read",
            "secret/x/* read ; a read",
            "1 0 narrow `secret/*` to `secret/x/*`",
        ),
        ("secret/* read,update,delete", "secret/* read", "0 0 drop `update` and `delete`"),
        ("a read ; b read", "a read", "1 0 drop `b`"),
        ("a read | b read,sudo", "b read | a read", "1 0 drop `sudo`"),
        ("root", "a read", "- 0 drop `root`"),
        ("a read", "a read", "- - -"),
    ];
    for (inner, outer, expected) in table {
        let (inner_side, outer_side) = (side(inner), side(outer));
        let (inner_side, outer_side): (Vec<_>, Vec<_>) =
            (inner_side.iter().collect(), outer_side.iter().collect());
        let answer = contains(&outer_side, &inner_side);
        let change = change(&outer_side, &inner_side, &answer);
        let show = |index: Option<usize>| index.map_or("-".to_owned(), |it| it.to_string());
        let change = change.map_or("-".to_owned(), |it| it.to_string());
        let found = format!("{} {} {change}", show(answer.inner), show(answer.outer));
        assert_eq!(found, expected, "{inner} in {outer}");
    }
}

#[test]
fn ways_to_more_are_named() {
    let table = [
        ("sys/policies/acl/* update", Some("writes policies: it can allow itself anything")),
        ("auth/kubernetes/role/+ create", Some("decides who logs in with which policies")),
        ("sys/policies/acl/* read", None),
        ("secret/* update", None),
    ];
    for (inner, expected) in table {
        let Verdict::Outside(found) = compare(inner, "{}").open else { panic!("{inner}") };
        assert_eq!(found.escalation.as_deref(), expected, "{inner}");
    }
}

#[test]
fn work_has_an_end() {
    let many = |count: usize| {
        let rules = (0..count).map(|at| {
            let path: Vec<String> =
                (0..count).map(|it| if it == at { "a" } else { "+" }.to_owned()).collect();
            format!("{} read", path.join("/"))
        });
        rules.collect::<Vec<_>>().join(" ; ")
    };
    assert_eq!(say(&compare(&many(6), "+/* read").open), "inside");
    let reason = say(&compare(&many(40), "+/* list").open);
    assert!(reason.starts_with("outside: `read` on `"), "{reason}");
    let reason = say(&compare(&many(30), &format!("{} ; +/* read", many(30))).open);
    assert!(
        reason.starts_with("undecided: the comparison of 31 paths takes more than"),
        "{reason}"
    );
}
