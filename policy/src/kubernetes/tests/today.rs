//! The clusters of today: what a request of theirs can use, and what none can.

use super::super::*;
use super::{compare, rows, say};

#[test]
fn the_clusters_of_today() {
    let core: Vec<&str> =
        catalogue::resources().iter().filter(|it| it.group.is_empty()).map(|it| it.kind).collect();
    let core = format!("get {}", core.join(","));
    let table = [
        ("get *", core.as_str(), "inside"),
        (
            "get *",
            "get pods",
            "outside: `get` on `bindings` with name = example and namespace = example",
        ),
        // An update or an apply that makes the object names it.
        (
            "create pods names=x",
            "{}",
            "outside: `create` on `pods` with name = x and namespace = example",
        ),
        ("deletecollection pods names=x", "{}", "inside"),
        (
            "get,delete namespaces ns=a",
            "{}",
            "outside: `get` on `namespaces` with name = a and namespace = a",
        ),
        ("list namespaces ns=a", "{}", "inside"),
        ("get nodes ns=a", "{}", "inside"),
        (
            "get widgets groups=*",
            "{}",
            "outside: `get` on `widgets` with name = example and namespace = example",
        ),
        (
            "get * groups=cert-manager.io",
            "{}",
            "outside: `get` on `secrets.cert-manager.io` with name = example and namespace = example",
        ),
        (
            "create pods/exec names=x",
            "{}",
            "outside: `create` on `pods/exec` with name = x and namespace = example",
        ),
        (
            "list secrets names=a",
            "{}",
            "outside: `list` on `secrets` with name = a and namespace = example",
        ),
        ("get pods/*", "{}", "inside"),
        (
            "get examples ns=a",
            "{}",
            "outside: `get` on `examples` with name = example and namespace = a",
        ),
        (
            "* roles groups=rbac.authorization.k8s.io",
            "get,list,watch,create,update,patch,delete,deletecollection roles groups=*",
            "outside: `bind` on `roles.rbac.authorization.k8s.io` with name = example and namespace = example",
        ),
        ("* pods", "get,list,create,delete,update,watch,patch,deletecollection pods", "inside"),
    ];
    rows(&table, |inner, outer| say(&compare(inner, outer).catalogue));
}

#[test]
fn an_administrator_may_do_what_any_role_says() {
    let binding = |kind: &str, role: &str, who: &str| {
        let text = format!(
            r#"{{"kind": "{kind}", "metadata": {{"name": "b", "namespace": "n"}}, "roleRef": {{"kind": "ClusterRole", "name": "{role}"}},
                "subjects": [{{"kind": "User", "name": "{who}"}}]}}"#
        );
        parse(&Text::literal(text)).unwrap().grants
    };
    let admin = binding("ClusterRoleBinding", "cluster-admin", "a");
    let here = binding("RoleBinding", "cluster-admin", "a");
    let somebody = |kind: &str, who: &str| binding(kind, "elsewhere", who);
    let absent = "undecided: ClusterRole `elsewhere` is not part of the text";
    for (outer, inner, expected) in [
        (&admin, somebody("ClusterRoleBinding", "a"), "inside"),
        (&admin, somebody("RoleBinding", "a"), "inside"),
        (&here, somebody("RoleBinding", "a"), "inside"),
        (&here, somebody("ClusterRoleBinding", "a"), absent),
        (&admin, somebody("ClusterRoleBinding", "b"), absent),
    ] {
        assert_eq!(say(&contains(outer, &inner).open), expected, "{inner:?}");
    }
}
