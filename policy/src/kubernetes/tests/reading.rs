//! Manifests, those with which somebody means harm too.

use super::super::*;
use super::parsed;

fn read(text: &str) -> String {
    let list = |texts: &[Text]| texts.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    match parse(&parsed(text)) {
        Err(error) => {
            let problems: Vec<String> = error.problems.iter().map(ToString::to_string).collect();
            format!("error: {}", problems.join("; "))
        }
        Ok(manifest) => {
            let grants = manifest.grants.iter().map(|grant| {
                let rule = &grant.rule;
                let mut out = match &grant.unknown {
                    Some(why) => format!("? {}", why.reason),
                    None => format!(
                        "{} {}{}",
                        list(&rule.verbs),
                        list(&rule.resources),
                        list(&rule.non_resource_urls)
                    ),
                };
                if !rule.resource_names.is_empty() {
                    out.extend([" names=", &list(&rule.resource_names)]);
                }
                out.extend(grant.namespace.iter().map(|it| format!(" ns={it}")));
                out.extend(grant.subject.iter().map(|it| format!(" for={it}")));
                out
            });
            let notes = manifest.notes.iter().map(|note| format!("note: {}", note.message));
            grants.chain(notes).collect::<Vec<_>>().join(" ; ")
        }
    }
}

const RULE: &str = r#"{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}"#;

/// `R` stands for a rule, `N` for metadata with that name, `NS` with a namespace as well.
fn expand(text: &str) -> String {
    text.replace("$R", RULE)
        .replace("$x", r#""metadata": {"name": "x"}"#)
        .replace("$a", r#""metadata": {"name": "a", "namespace": "n"}"#)
}

#[test]
fn manifests() {
    let table = [
        ("$R", "get pods"),
        ("[$R, $R]", "get pods ; get pods"),
        (r#"{"kind": "Role", $a, "rules": [$R]}"#, "get pods ns=n"),
        (r#"{"kind": "Role", $x, "rules": [$R]}"#, "get pods ns=default"),
        (
            r#"{"kind": "ClusterRole", $x, "rules": [$R, {"verbs": ["get"], "nonResourceURLs": ["/healthz"]}]}"#,
            "get pods ; get /healthz",
        ),
        (r#"{"kind": "ClusterRole", $x, "rules": null}"#, ""),
        (
            r#"{"kind": "List", "items": [{"kind": "Role", $a, "rules": [$R]}, {"kind": "ConfigMap"}]}"#,
            "get pods ns=n ; note: `ConfigMap` grants nothing: it is not looked at",
        ),
        (
            r#"[{"kind": "ClusterRole", $x, "rules": [$R]}, {"kind": "RoleBinding", $a, "roleRef": {"kind": "ClusterRole", "name": "x"}, "subjects": [{"kind": "ServiceAccount", "name": "s"}, {"kind": "Group", "name": "g"}]}]"#,
            "get pods ns=n for=system:serviceaccount:n:s ; get pods ns=n for=group g",
        ),
        (
            r#"[{"kind": "Role", $a, "rules": [$R]}, {"kind": "RoleBinding", $a, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": [{"kind": "User", "name": "u"}]}]"#,
            "? ClusterRole `view` is not part of the text ns=n for=u ; note: Role `a` is bound to nobody: it grants nothing",
        ),
        (
            r#"{"kind": "ClusterRoleBinding", $x, "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}, "subjects": [{"kind": "Group", "name": "system:masters"}]}"#,
            "* * for=group system:masters ; * * for=group system:masters ; note: `system:masters` passes every check, whatever is bound to it",
        ),
        (
            r#"{"kind": "RoleBinding", $a, "roleRef": {"kind": "Role", "name": "a"}}"#,
            "note: the binding is for nobody",
        ),
        (
            r#"[{"kind": "ClusterRole", $x, "rules": [], "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"l": "1"}}]}}, {"kind": "ClusterRole", "metadata": {"name": "y", "labels": {"l": "1"}}, "rules": [$R]}]"#,
            "get pods ; ? ClusterRole `x` is made of other roles by their labels ; get pods",
        ),
        // The rules of a file are overwritten; those that come out of a cluster are what was written over them.
        (
            r#"{"kind": "ClusterRole", $x, "rules": [$R], "aggregationRule": {}}"#,
            "? ClusterRole `x` is made of other roles by their labels",
        ),
        (
            r#"{"kind": "ClusterRole", "metadata": {"name": "x", "uid": "1"}, "rules": [$R], "aggregationRule": {}}"#,
            "get pods",
        ),
        (r#"{"kind": "ClusterRole", $x, "rules": [$R], "aggregationRule": null}"#, "get pods"),
        (
            r#"[{"kind": "ClusterRole", $x, "rules": []}, {"kind": "ClusterRole", $x, "rules": [$R]}]"#,
            "error: the role `x` appears twice",
        ),
        (
            r#"[{"kind": "Role", $a, "rules": [$R]}, {"kind": "ClusterRole", "metadata": {"name": "a"}, "rules": [$R]}]"#,
            "get pods ns=n ; get pods",
        ),
        (
            r#"{"kind": "Role", $a, "rules": [{"apiGroups": [""], "resources": ["pods/*"], "verbs": ["Get"], "names": ["x"]}]}"#,
            "Get pods/* ns=n ; note: `names` is no known element here ; note: `pods/*` matches no resource: only `*` and `*/sub` are wildcards ; note: verb `Get` matches no request: verbs are in lower case",
        ),
        (
            r#"{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["‹var.n›"]}"#,
            "get secrets names=<var.n>",
        ),
        (r#"{"kind": "Role", $a, "rules": ‹var.r›}"#, "? `var.r` is not known before apply ns=n"),
    ];
    for (text, expected) in table {
        assert_eq!(read(&expand(text)), expected, "{text}");
    }
}

#[test]
fn what_the_api_server_refuses_is_an_error() {
    let table = [
        (r#"{"verbs": [], "apiGroups": [""], "resources": ["pods"]}"#, "a rule needs `verbs`"),
        (
            r#"{"verbs": ["get"], "resources": ["pods"]}"#,
            "a rule needs `apiGroups` and `resources`",
        ),
        (
            r#"{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "nonResourceURLs": ["/x"]}"#,
            "a rule has resources or `nonResourceURLs`, not both",
        ),
        (
            r#"{"kind": "Role", $a, "rules": [{"verbs": ["get"], "nonResourceURLs": ["/x"]}]}"#,
            "a `Role` cannot have `nonResourceURLs`",
        ),
        (
            r#"{"verbs": "get", "apiGroups": [""], "resources": ["pods"]}"#,
            "`verbs` is a list of strings, not a string; a rule needs `verbs`",
        ),
        (
            r#"{"verbs": [1, "get"], "apiGroups": [""], "resources": ["pods"]}"#,
            "an item of `verbs` is a string, not a number",
        ),
        (r#"{"verbs": ["get"], "verbs": ["*"]}"#, "the name `verbs` appears twice in one object"),
        (
            r#"{"kind": "Role", "apiVersion": "v1", $a}"#,
            "roles and bindings have an `apiVersion` of `rbac.authorization.k8s.io`",
        ),
        (
            r#"{"kind": "RoleBinding", $a}"#,
            "a binding needs a `roleRef` with the kind and name of a role",
        ),
        (
            r#"{"kind": "ClusterRoleBinding", $x, "roleRef": {"kind": "Role", "name": "a"}}"#,
            "a `ClusterRoleBinding` cannot bind a `Role`",
        ),
        (
            r#"{"kind": "ClusterRoleBinding", $x, "roleRef": {"kind": "ClusterRole", "name": "a"}, "subjects": [{"kind": "ServiceAccount", "name": "s"}]}"#,
            "a service account needs its `namespace`",
        ),
        (
            r#"{"kind": "RoleBinding", $a, "roleRef": {"kind": "Role", "name": "a"}, "subjects": [{"kind": "Robot", "name": "s"}, {}]}"#,
            "a subject is a `ServiceAccount`, a `User` or a `Group`; a subject needs a `name`",
        ),
        (r#"{"kind": "Role", $a, "rules": [1]}"#, "a rule is an object, not a number"),
        (r#"{"kind": "List"}"#, "a `List` needs `items`"),
        ("{}", "a manifest needs a `kind`"),
        ("1", "a manifest is an object, not a number"),
        ("kind: Role", "expected a value, found `k`"),
        ("{", "expected a name in quotes, found the end of the text"),
    ];
    for (text, expected) in table {
        assert_eq!(read(&expand(text)), format!("error: {expected}"), "{text}");
    }
}

#[test]
fn texts_that_mean_harm_end_well() {
    assert_eq!(read(&"[".repeat(100_000)), "error: nested more than 128 levels deep");
    let lists = format!("{}{}", "[".repeat(20), "]".repeat(20));
    assert_eq!(read(&lists), "error: lists of lists of manifests");
    let many = format!("[{}{RULE}]", format!("{RULE},").repeat(20_000));
    assert!(read(&many).starts_with("get pods ; get pods"));
    let whole = expand(r#"{"kind": "Role", $a, "rules": [$R]}"#);
    for cut in 0..whole.len() {
        assert!(read(whole.get(..cut).unwrap()).starts_with("error"), "{cut}");
    }
}

#[test]
fn grants_point_into_the_text() {
    let text = expand(r#"{"kind": "Role", $a, "rules": [$R]}"#);
    let span = parse(&Text::literal(text.clone())).unwrap().grants[0].span.unwrap();
    assert_eq!(text.get(span.offset()..span.offset() + span.len()), Some(RULE));
}
