//! `contains` for every platform but AWS.

use super::{folder, ran};

const READS: &str = "path \"secret/data/app/*\" {\n  capabilities = [\"read\"]\n}\n";
const LISTS: &str =
    "# of the team\npath \"secret/data/app/*\" {\n  capabilities = [\"read\", \"list\"]\n}\n";
const BOUND: &str = "path \"secret/data/app/*\" {\n  capabilities = [\"read\"]\n  control_group = {\n    ttl = \"4h\"\n  }\n}\n";

#[test]
fn vault_policies() {
    let template = "template \"app\" {\n  version = \"1.0.0\"\n  parameter \"app\" {}\n  vault {\n    rule {\n      path         = \"secret/data/${param.app}/*\"\n      capabilities = [\"read\"]\n    }\n  }\n}\n";
    let folder = folder(&[
        ("reads.hcl", READS),
        ("lists.hcl", LISTS),
        ("bound.hcl", BOUND),
        ("reads.json", r#"{"path":{"secret/data/app/*":{"capabilities":["read"]}}}"#),
        ("odd.hcl", "path \"secret/*\" {\n  capabilities = [\"reed\"]\n}\n"),
        ("app.nhi.hcl", template),
    ]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("contains --inner reads.hcl --outer lists.hcl"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner reads.json --outer reads.hcl"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner lists.hcl --outer reads.hcl"), @r"
    outside: the inner side allows `list` on `secret/data/app/`, and the outer side does not
      allowed by: lists.hcl:2, path `secret/data/app/*`
      nearest on the outer side: reads.hcl:1, path `secret/data/app/*`
      to fit: drop `list`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner lists.hcl --outer reads.hcl --format json"), @r#"
    {"version":1,"world":"open","result":"outside","catalogue":"outside","counterexample":{"action":"list","resource":"secret/data/app/","principal":null,"context":{}},"reason":null,"inner":{"file":"lists.hcl","line":2,"element":"path","name":"secret/data/app/*"},"outer":{"file":"reads.hcl","line":1,"element":"path","name":"secret/data/app/*"},"change":"drop `list`"}
    --- exit 1
    "#);
    insta::assert_snapshot!(ran("contains --inner reads.hcl --outer bound.hcl"), @r"
    undecided: `control_group` on path `secret/data/app/*` is not compared
      it is about: reads.hcl:1, path `secret/data/app/*`
    --- exit 3
    ");
    insta::assert_snapshot!(ran("contains --inner lists.hcl --template app@1 --param app=app --templates ."), @r#"
    outside: the inner side allows `list` on `secret/data/app/`, and the outer side does not
      allowed by: lists.hcl:2, path `secret/data/app/*`
      nearest on the outer side: app.nhi.hcl:6, template `app@1.0.0`
      to fit: drop `list`
      template `app@1.0.0` with app = "app"
    --- exit 1
    "#);
    insta::assert_snapshot!(ran("contains --inner odd.hcl --outer reads.hcl"), @r"
    outside: the inner side allows `reed` on `secret/x`, and the outer side does not
      allowed by: odd.hcl:1, path `secret/*`
      nearest on the outer side: reads.hcl:1, path `secret/data/app/*`
      to fit: drop `secret/*`
    --- exit 1
    ");
}

const ROLES: &str = r#"[
  {
    "id": "/subscriptions/1/providers/Microsoft.Authorization/roleDefinitions/11111111-1111-1111-1111-111111111111",
    "name": "11111111-1111-1111-1111-111111111111",
    "roleName": "Blob Lister",
    "permissions": [
      { "actions": ["Microsoft.Storage/storageAccounts/blobServices/containers/read"], "notActions": [], "dataActions": [], "notDataActions": [] }
    ]
  }
]"#;

#[test]
fn azure_assignments_and_definitions() {
    let folder = folder(&[
        ("roles.json", ROLES),
        (
            "lists.json",
            r#"[{ "roleDefinitionName": "Blob Lister", "scope": "/subscriptions/1/resourceGroups/rg" }]"#,
        ),
        ("reads.json", r#"[{ "roleDefinitionName": "Reader", "scope": "/subscriptions/1" }]"#),
        (
            "owns.json",
            r#"[{ "roleDefinitionName": "Owner", "scope": "/subscriptions/1/resourceGroups/rg" }]"#,
        ),
        (
            "narrow.json",
            r#"{ "roleName": "Narrow", "permissions": [{ "actions": ["Microsoft.Compute/*"], "notActions": ["Microsoft.Compute/*/delete"] }] }"#,
        ),
        (
            "wide.json",
            r#"{ "roleName": "Wide", "permissions": [{ "actions": ["Microsoft.Compute/*"], "notActions": [] }] }"#,
        ),
        (".nhi-lint.hcl", "azure_roles = [\"roles.json\"]\n"),
        ("empty/.nhi-lint.hcl", ""),
    ]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("contains --inner lists.json --outer reads.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner owns.json --outer reads.json"), @r"
    outside: the inner side allows `Microsoft.Authorization/roleAssignments/write` on `/subscriptions/1/resourceGroups/rg`, and the outer side does not
      allowed by: owns.json:1, role `Owner`
      nearest on the outer side: reads.json:1, role `Reader`
      opens a way to more privileges: assigns any role to anyone
      to fit: narrow `Owner` to `Reader`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner reads.json --outer owns.json --format json"), @r#"
    {"version":1,"world":"open","result":"outside","catalogue":"outside","counterexample":{"action":"Microsoft.Storage/storageAccounts/read","resource":"/subscriptions/1","principal":null,"context":{}},"reason":null,"inner":{"file":"reads.json","line":1,"element":"role","name":"Reader"},"outer":{"file":"owns.json","line":1,"element":"role","name":"Owner"},"change":"narrow `/subscriptions/1` to `/subscriptions/1/resourceGroups/rg`"}
    --- exit 1
    "#);
    insta::assert_snapshot!(ran("contains --inner narrow.json --outer wide.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner wide.json --outer narrow.json"), @r"
    outside: the inner side allows `Microsoft.Compute/virtualMachines/delete`, and the outer side does not
      allowed by: wide.json:1, role `Wide`
      nearest on the outer side: narrow.json:1, role `Narrow`
      to fit: drop `Microsoft.Compute/*`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner lists.json --outer reads.json --azure-roles owns.json"), @r"
    --- stderr
    error: `owns.json` is no export of roles: a role definition has no `roleName`
      help: write the file with `az role definition list --output json`
    --- exit 2
    ");
}

/// Without the export nothing is known of the role.
#[test]
fn a_role_of_unknown_content_is_undecided() {
    let folder = folder(&[
        ("lists.json", r#"[{ "roleDefinitionName": "Blob Lister", "scope": "/subscriptions/1" }]"#),
        ("reads.json", r#"[{ "roleDefinitionName": "Reader", "scope": "/subscriptions/1" }]"#),
    ]);
    insta::assert_snapshot!(ran(folder.path(), "contains --inner lists.json --outer reads.json"), @r"
    undecided: the content of the role `Blob Lister` is not known: give it with `--azure-roles FILE`
      it is about: lists.json:1, role `Blob Lister`
    --- exit 3
    ");
}

const VIEWER: &str = r#"[
  {
    "name": "roles/storage.objectViewer",
    "includedPermissions": ["storage.objects.get", "storage.objects.list"]
  },
  {
    "name": "roles/storage.objectUser",
    "includedPermissions": ["storage.objects.create", "storage.objects.get", "storage.objects.list"]
  }
]"#;

#[test]
fn google_policies_and_roles() {
    let bound = |role: &str, condition: &str| {
        format!(
            r#"{{ "bindings": [{{ "role": "{role}", "members": ["serviceAccount:a@p.iam"]{condition} }}] }}"#
        )
    };
    let only = r#", "condition": { "title": "invoices", "expression": "resource.name.startsWith(\"projects/_/buckets/ledger/objects/invoices/\")" }"#;
    let folder = folder(&[
        ("roles.json", VIEWER),
        ("views.json", &bound("roles/storage.objectViewer", "")),
        ("some.json", &bound("roles/storage.objectViewer", only)),
        ("uses.json", &bound("roles/storage.objectUser", "")),
        ("edits.json", &bound("roles/editor", "")),
        (
            "custom.json",
            r#"{ "name": "projects/p/roles/get", "includedPermissions": ["storage.objects.get"] }"#,
        ),
        ("odd.json", r#"{ "bindings": [{ "members": [] }] }"#),
    ]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("contains --inner views.json --outer uses.json --gcp-roles roles.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner uses.json --outer views.json --gcp-roles roles.json"), @r"
    outside: the inner side allows `storage.objects.create`, and the outer side does not
      allowed by: uses.json:1, role `roles/storage.objectUser`
      nearest on the outer side: views.json:1, role `roles/storage.objectViewer`
      to fit: narrow `roles/storage.objectUser` to `roles/storage.objectViewer`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner some.json --outer views.json --gcp-roles roles.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner views.json --outer some.json --gcp-roles roles.json --format json"), @r#"
    {"version":1,"world":"open","result":"outside","catalogue":"outside","counterexample":{"action":"storage.objects.get","resource":null,"principal":null,"context":{"resource.name":["projects/_/buckets/example/objects/example"]}},"reason":null,"inner":{"file":"views.json","line":1,"element":"role","name":"roles/storage.objectViewer"},"outer":{"file":"some.json","line":1,"element":"role","name":"roles/storage.objectViewer"},"change":"require `resource.name.startsWith(\"projects/_/buckets/ledger/objects/invoices/\")`"}
    --- exit 1
    "#);
    insta::assert_snapshot!(ran("contains --inner custom.json --outer views.json --gcp-roles roles.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner views.json --outer uses.json"), @r"
    undecided: the permissions of the role `roles/storage.objectViewer` are not known: give them with `--gcp-roles FILE`
      it is about: views.json:1, role `roles/storage.objectViewer`
    --- exit 3
    ");
    insta::assert_snapshot!(ran("contains --inner views.json --outer edits.json"), @r"
    undecided: the permissions of the role `roles/storage.objectViewer` are not known: give them with `--gcp-roles FILE`
      it is about: views.json:1, role `roles/storage.objectViewer`
    --- exit 3
    ");
    insta::assert_snapshot!(ran("contains --inner odd.json --outer views.json"), @r"
    --- stderr
    error: `odd.json` is not readable: a grant has no `role` (line 1)
      help: a grant says `role` or `permissions`, and `resource` and `condition` where there are any
    --- exit 2
    ");
}

#[test]
fn github_permissions() {
    let folder = folder(&[
        (
            "reads.json",
            r#"{ "permissions": { "contents": "read" }, "repositories": ["acme/ledger"] }"#,
        ),
        (
            "writes.json",
            r#"{ "permissions": { "contents": "write", "id-token": "write" }, "repositories": ["acme/*"] }"#,
        ),
        ("all.json", r#"{ "permissions": "write-all" }"#),
        ("odd.json", r#"{ "permissions": { "content": "read" } }"#),
        ("workflow.yml", "permissions:\n  contents: read\n"),
        (
            "puller.nhi.hcl",
            "template \"puller\" {\n  version = \"1.0.0\"\n  github {\n    permissions  = { contents = \"read\" }\n    repositories = [\"acme/*\"]\n  }\n}\n",
        ),
    ]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("contains --inner reads.json --outer writes.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner writes.json --outer reads.json"), @r"
    outside: the inner side allows `contents:read` on `acme/example`, and the outer side does not
      allowed by: writes.json:1, permissions
      nearest on the outer side: reads.json:1, permissions
      to fit: drop `contents: write, id-token: write`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner writes.json --template puller@1 --templates . --format json"), @r#"
    {"version":1,"world":"open","result":"outside","catalogue":"outside","counterexample":{"action":"contents:write","resource":"acme/example","principal":null,"context":{}},"reason":null,"inner":{"file":"writes.json","line":1,"element":"permissions"},"outer":{"file":"puller.nhi.hcl","line":4,"element":"template","name":"puller@1.0.0"},"change":"narrow `contents: write, id-token: write` to `contents: read`","template":{"reference":"puller@1.0.0","parameters":{}}}
    --- exit 1
    "#);
    insta::assert_snapshot!(ran("contains --inner writes.json --outer all.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner odd.json --outer all.json"), @r"
    undecided: `content` is no scope that is known
      it is about: odd.json:1, permissions
    --- exit 3
    ");
    insta::assert_snapshot!(ran("contains --platform github --inner workflow.yml --outer all.json"), @r#"
    --- stderr
    error: `workflow.yml` is not a valid GitHub grant: not a JSON document (line 1)
      help: a grant is `{"permissions": {"contents": "read"}, "repositories": ["owner/name"]}`; the YAML of a workflow file is not read
    --- exit 2
    "#);
}

/// A role with one rule, bound to a service account.
fn bound(verbs: &str, kind: &str) -> String {
    let place = if kind == "Role" { ", \"namespace\": \"shop\"" } else { "" };
    format!(
        r#"{{
  "apiVersion": "v1",
  "kind": "List",
  "items": [
    {{
      "apiVersion": "rbac.authorization.k8s.io/v1",
      "kind": "{kind}",
      "metadata": {{ "name": "web"{place} }},
      "rules": [
        {{ "apiGroups": [""], "resources": ["configmaps"], "verbs": [{verbs}] }}
      ]
    }},
    {{
      "apiVersion": "rbac.authorization.k8s.io/v1",
      "kind": "{kind}Binding",
      "metadata": {{ "name": "web"{place} }},
      "roleRef": {{ "apiGroup": "rbac.authorization.k8s.io", "kind": "{kind}", "name": "web" }},
      "subjects": [{{ "kind": "ServiceAccount", "name": "web", "namespace": "shop" }}]
    }}
  ]
}}"#
    )
}

#[test]
fn kubernetes_manifests() {
    let template = "template \"config\" {\n  version = \"1.0.0\"\n  parameter \"namespace\" {}\n  kubernetes {\n    namespaces = [\"${param.namespace}\"]\n    rule {\n      api_groups = [\"\"]\n      resources  = [\"configmaps\"]\n      verbs      = [\"get\", \"list\"]\n    }\n  }\n}\n";
    let folder = folder(&[
        ("reads.json", &bound("\"get\"", "Role")),
        ("writes.json", &bound("\"get\", \"update\"", "Role")),
        ("everywhere.json", &bound("\"get\"", "ClusterRole")),
        (
            "elsewhere.json",
            r#"{ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "web", "namespace": "shop" }, "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "of-another-team" }, "subjects": [{ "kind": "ServiceAccount", "name": "web", "namespace": "shop" }] }"#,
        ),
        ("pod.json", r#"{ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web" } }"#),
        ("config.nhi.hcl", template),
    ]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("contains --inner reads.json --outer writes.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner writes.json --outer reads.json"), @r"
    outside: the inner side allows `update` on `configmaps` by `system:serviceaccount:shop:web` with name = example and namespace = shop, and the outer side does not
      allowed by: writes.json:10, rule
      nearest on the outer side: reads.json:10, rule
      to fit: drop `update`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner everywhere.json --outer reads.json --format json"), @r#"
    {"version":1,"world":"open","result":"outside","catalogue":"outside","counterexample":{"action":"get","resource":"configmaps","principal":"system:serviceaccount:shop:web","context":{"name":["example"],"namespace":["example"]}},"reason":null,"inner":{"file":"everywhere.json","line":10,"element":"rule"},"outer":{"file":"reads.json","line":10,"element":"rule"},"change":"narrow `the whole cluster` to `namespace shop`"}
    --- exit 1
    "#);
    insta::assert_snapshot!(ran("contains --inner reads.json --template config@1 --param namespace=shop --templates ."), @r#"
    inside: the outer side allows everything that the inner side allows
      template `config@1.0.0` with namespace = "shop"
    --- exit 0
    "#);
    insta::assert_snapshot!(ran("contains --inner writes.json --template config@1 --param namespace=shop --templates ."), @r#"
    outside: the inner side allows `update` on `configmaps` with name = example and namespace = shop, and the outer side does not
      allowed by: writes.json:10, rule
      nearest on the outer side: config.nhi.hcl:7, template `config@1.0.0`
      to fit: drop `update`
      template `config@1.0.0` with namespace = "shop"
    --- exit 1
    "#);
    insta::assert_snapshot!(ran("contains --inner elsewhere.json --outer reads.json"), @r"
    undecided: ClusterRole `of-another-team` is not part of the text
      it is about: elsewhere.json:1, rule
    --- exit 3
    ");
    insta::assert_snapshot!(ran("contains --inner pod.json --outer reads.json"), @r"
    --- stderr
    error: `pod.json` holds no roles and no bindings (line 1): `Pod` grants nothing: it is not looked at
      help: give it the roles and bindings: `kubectl get role,rolebinding -o json`
    --- exit 2
    ");
}
