//! `check` on configurations of every platform: inside, outside, undecided, with role content from exports; and drafts of templates
//! that take in what they were drafted from.

use super::commands::{folder, ran, run_in};

const TEMPLATES: &str = r#"
template "lister" {
  version = "1.0.0"
  parameter "scope" {}
  azure {
    actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
    scopes  = ["/subscriptions/1/resourceGroups/${param.scope}"]
  }
}

template "viewer" {
  version = "1.0.0"
  parameter "bucket" {}
  gcp {
    permissions = ["storage.objects.get", "storage.objects.list"]
    resources   = ["//storage.googleapis.com/projects/_/buckets/${param.bucket}"]
  }
}

template "app-reader" {
  version = "1.0.0"
  parameter "app" {}
  vault {
    rule {
      path         = "secret/data/${param.app}/*"
      capabilities = ["read"]
    }
  }
}

template "config-reader" {
  version = "1.0.0"
  parameter "namespace" {}
  kubernetes {
    namespaces = ["${param.namespace}"]
    rule {
      api_groups = [""]
      resources  = ["configmaps"]
      verbs      = ["get", "list"]
    }
  }
}

template "puller" {
  version = "1.0.0"
  github {
    permissions  = { contents = "read" }
    repositories = ["acme/*"]
  }
}
"#;

fn azure(role: &str, scope: &str) -> String {
    format!(
        r#"
resource "azurerm_user_assigned_identity" "app" {{
  name = "app"
  tags = {{
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Lists the containers of the archive"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "lister@1"
  }}
}}

resource "azurerm_role_definition" "lister" {{
  name  = "Container Lister"
  scope = "/subscriptions/1"
  permissions {{
    actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
  }}
}}

resource "azurerm_role_assignment" "app" {{
  principal_id = azurerm_user_assigned_identity.app.principal_id
  {role}
  scope = "{scope}"
}}
"#
    )
}

const EXPORT: &str = r#"[
  {
    "name": "22222222-2222-2222-2222-222222222222",
    "roleName": "Blob Lister",
    "permissions": [
      { "actions": ["Microsoft.Storage/storageAccounts/blobServices/containers/read"], "notActions": [], "dataActions": [], "notDataActions": [] }
    ]
  }
]"#;

/// What `check` says of one file, as a person sees it.
fn checked(main: &str, flags: &str) -> String {
    found(main, &format!("--format pretty {flags}"))
}

/// The same, one line a finding.
fn listed(main: &str) -> String {
    found(main, "--format concise")
}

fn found(main: &str, flags: &str) -> String {
    let folder = folder(&[
        ("main.tf", main),
        ("templates.nhi.hcl", TEMPLATES),
        ("azure.json", EXPORT),
        ("gcp.json", GCP_EXPORT),
    ]);
    let line = format!("check . --templates templates.nhi.hcl --select TPL {flags}");
    let (output, errors, code) = run_in(folder.path(), &line);
    assert!(!errors.starts_with("error: "), "{errors}");
    format!("{output}--- exit {code}")
}

#[test]
fn azure_roles_are_held_against_templates() {
    let written = "role_definition_id = azurerm_role_definition.lister.role_definition_resource_id";
    let main = azure(written, "/subscriptions/1/resourceGroups/archive");
    insta::assert_snapshot!(checked(&main, ""), @"--- exit 0");
    let main =
        azure("role_definition_name = \"Contributor\"", "/subscriptions/1/resourceGroups/archive");
    insta::assert_snapshot!(checked(&main, ""), @r#"
    TPL001[outside-template]

      × `azurerm_user_assigned_identity.app` may do
      │ `Microsoft.ManagedIdentity/userAssignedIdentities/assign/action` on
      │ `/subscriptions/1/resourceGroups/archive`, which template `lister@1.0.0`
      │ does not allow
        ╭─[main.tf:22:26]
     21 │   principal_id = azurerm_user_assigned_identity.app.principal_id
     22 │   role_definition_name = "Contributor"
        ·                          ──────┬──────
        ·                                ╰── allows `Microsoft.ManagedIdentity/userAssignedIdentities/assign/action`
     23 │   scope = "/subscriptions/1/resourceGroups/archive"
        ╰────
      help: drop `Contributor`, or name a template that allows it; it opens a way
            to more privileges: runs its own code as a managed identity
      ╰─▶   ☞ template `lister@1.0.0` allows this at most
             ╭─[templates.nhi.hcl:6:16]
           5 │   azure {
           6 │     actions =
          ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
             ·
          ────────────────────────────────────────────────────────────────
           7 │     scopes  = ["/subscriptions/1/resourceGroups/${param.scope}"]
             ╰────

    --- exit 1
    "#);
    let main = azure(written, "/subscriptions/1");
    insta::assert_snapshot!(checked(&main, ""), @r#"
    TPL001[outside-template]

      × `azurerm_user_assigned_identity.app` may do
      │ `Microsoft.Storage/storageAccounts/blobServices/containers/read` on
      │ `/subscriptions/1`, which template `lister@1.0.0` does not allow
        ╭─[main.tf:23:11]
     22 │   role_definition_id = azurerm_role_definition.lister.role_definition_resource_id
     23 │   scope = "/subscriptions/1"
        ·           ─────────┬────────
        ·                    ╰── allows `Microsoft.Storage/storageAccounts/blobServices/containers/read`
     24 │ }
        ╰────
      help: narrow `/subscriptions/1` to
            `/subscriptions/1/resourceGroups/<param.scope>`, or name a template
            that allows it; no values of the parameters make it fit: no string of
            the identity stands where `scope` does
      ╰─▶   ☞ template `lister@1.0.0` allows this at most
             ╭─[templates.nhi.hcl:6:16]
           5 │   azure {
           6 │     actions =
          ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
             ·
          ────────────────────────────────────────────────────────────────
           7 │     scopes  = ["/subscriptions/1/resourceGroups/${param.scope}"]
             ╰────

    --- exit 1
    "#);
    let main =
        azure("role_definition_name = \"Blob Lister\"", "/subscriptions/1/resourceGroups/archive");
    insta::assert_snapshot!(checked(&main, ""), @r#"
    TPL005[undecided-grant]

      × permissions in `azurerm_role_assignment.app` cannot be compared with
      │ template `lister@1.0.0`: the content of the role `Blob Lister` is not
      │ known: give it with `--azure-roles FILE`
        ╭─[main.tf:22:26]
     21 │   principal_id = azurerm_user_assigned_identity.app.principal_id
     22 │   role_definition_name = "Blob Lister"
        ·                          ──────┬──────
        ·                                ╰── not decided before apply
     23 │   scope = "/subscriptions/1/resourceGroups/archive"
        ╰────
      help: write `az role definition list -o json` into a file, and name it with
            `--azure-roles` or `azure_roles` in `.nhi-lint.hcl`

    --- exit 1
    "#);
    insta::assert_snapshot!(checked(&main, "--azure-roles azure.json"), @"--- exit 0");
}

const GCP_EXPORT: &str = r#"[
  {
    "name": "roles/storage.objectViewer",
    "stage": "GA",
    "includedPermissions": ["storage.objects.get", "storage.objects.list"]
  }
]"#;

fn google(role: &str, more: &str) -> String {
    format!(
        r#"
resource "google_service_account" "robot" {{
  account_id  = "robot"
  description = "nhi:v1;own=payments;exp=2027-06-30;tpl=viewer@1;pur=Reads the invoices of the night"
}}

resource "google_project_iam_custom_role" "viewer" {{
  role_id     = "viewer"
  permissions = ["storage.objects.get"]
}}

resource "google_storage_bucket_iam_member" "robot" {{
  bucket = "ledger"
  role   = {role}
  member = "serviceAccount:${{google_service_account.robot.email}}"
  {more}
}}
"#
    )
}

#[test]
fn google_roles_are_held_against_templates() {
    insta::assert_snapshot!(checked(&google("google_project_iam_custom_role.viewer.id", ""), ""), @"--- exit 0");
    let main = google("\"roles/storage.objectViewer\"", "");
    insta::assert_snapshot!(checked(&main, ""), @r#"
    TPL005[undecided-grant]

      × permissions in `google_storage_bucket_iam_member.robot` cannot be
      │ compared with template `viewer@1.0.0`: the permissions of the role
      │ `roles/storage.objectViewer` are not known: give them with `--gcp-roles
      │ FILE`
        ╭─[main.tf:14:12]
     13 │   bucket = "ledger"
     14 │   role   = "roles/storage.objectViewer"
        ·            ──────────────┬─────────────
        ·                          ╰── not decided before apply
     15 │   member = "serviceAccount:${google_service_account.robot.email}"
        ╰────
      help: write what `gcloud iam roles describe ROLE --format=json` says into a
            file, and name it with `--gcp-roles` or `gcp_roles` in `.nhi-lint.hcl`

    --- exit 1
    "#);
    insta::assert_snapshot!(checked(&main, "--gcp-roles gcp.json"), @"--- exit 0");
    let main = google("\"roles/editor\"", "");
    insta::assert_snapshot!(checked(&main, ""), @r#"
    TPL005[undecided-grant]

      × permissions in `google_storage_bucket_iam_member.robot` cannot be compared
      │ with template `viewer@1.0.0`: the permissions of the role `roles/editor`
      │ are not known: give them with `--gcp-roles FILE`
        ╭─[main.tf:14:12]
     13 │   bucket = "ledger"
     14 │   role   = "roles/editor"
        ·            ───────┬──────
        ·                   ╰── not decided before apply
     15 │   member = "serviceAccount:${google_service_account.robot.email}"
        ╰────
      help: write what `gcloud iam roles describe ROLE --format=json` says into a
            file, and name it with `--gcp-roles` or `gcp_roles` in `.nhi-lint.hcl`

    --- exit 1
    "#);
}

/// A bucket's name does not say in which project it is, and a project is more than its buckets.
#[test]
fn a_role_on_a_project_is_more_than_one_on_a_bucket() {
    let project = r#"
resource "google_project_iam_member" "robot" {
  project = "acme"
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${google_service_account.robot.email}"
}
"#;
    let main = google("google_project_iam_custom_role.viewer.id", "") + project;
    insta::assert_snapshot!(checked(&main, "--gcp-roles gcp.json"), @r#"
    TPL001[outside-template]

      × `google_service_account.robot` may do `storage.objects.get` on
      │ `//cloudresourcemanager.googleapis.com/projects/acme`, which template
      │ `viewer@1.0.0` does not allow
        ╭─[main.tf:21:13]
     20 │   project = "acme"
     21 │   role    = "roles/storage.objectViewer"
        ·             ──────────────┬─────────────
        ·                           ╰── allows `storage.objects.get`
     22 │   member  = "serviceAccount:${google_service_account.robot.email}"
        ╰────
      help: narrow `//cloudresourcemanager.googleapis.com/projects/acme` to
            `//storage.googleapis.com/projects/_/buckets/ledger`, or name a
            template that allows it
      ╰─▶   ☞ template `viewer@1.0.0` allows this at most
              ╭─[templates.nhi.hcl:15:20]
           14 │   gcp {
           15 │     permissions = ["storage.objects.get", "storage.objects.list"]
              ·                    ─────────────────────────────────────────────
           16 │     resources   =
          ["//storage.googleapis.com/projects/_/buckets/${param.bucket}"]
              ╰────

    --- exit 1
    "#);
}

fn vault(policy: &str) -> String {
    format!(
        r#"
resource "vault_policy" "app" {{
  name   = "app"
  policy = <<-EOT
    {policy}
  EOT
}}

resource "vault_approle_auth_backend_role" "app" {{
  role_name      = "app"
  token_policies = ["default", vault_policy.app.name]
  alias_metadata = {{
    nhi_owner    = "payments"
    nhi_expiry   = "2027-06-30"
    nhi_template = "app-reader@1"
  }}
}}
"#
    )
}

#[test]
fn vault_policies_are_held_against_templates() {
    let reads = "path \"secret/data/ledger/*\" { capabilities = [\"read\"] }";
    insta::assert_snapshot!(checked(&vault(reads), ""), @"--- exit 0");
    let writes = "path \"secret/data/ledger/*\" { capabilities = [\"read\", \"delete\"] }";
    insta::assert_snapshot!(checked(&vault(writes), ""), @r#"
    TPL001[outside-template]

      × `vault_approle_auth_backend_role.app` may do `delete` on
      │ `secret/data/ledger/x`, which template `app-reader@1.0.0` does not allow
       ╭─[main.tf:5:59]
     4 │   policy = <<-EOT
     5 │     path "secret/data/ledger/*" { capabilities = ["read", "delete"] }
       ·                                                           ────┬───
       ·                                                               ╰── allows `delete`
     6 │   EOT
       ╰────
      help: drop `delete`, or name a template that allows it
      ╰─▶   ☞ template `app-reader@1.0.0` allows this at most
              ╭─[templates.nhi.hcl:25:22]
           24 │     rule {
           25 │       path         = "secret/data/${param.app}/*"
              ·                      ────────────────────────────
           26 │       capabilities = ["read"]
              ╰────

    --- exit 1
    "#);
    let elsewhere = vault(reads).replace("vault_policy.app.name]", "\"of-another-team\"]");
    insta::assert_snapshot!(checked(&elsewhere, ""), @r#"
    TPL005[undecided-grant]

      × permissions in `vault_approle_auth_backend_role.app` cannot be compared
      │ with template `app-reader@1.0.0`: policy `of-another-team` is not part of
      │ this configuration
        ╭─[main.tf:11:32]
     10 │   role_name      = "app"
     11 │   token_policies = ["default", "of-another-team"]
        ·                                ────────┬────────
        ·                                        ╰── not decided before apply
     12 │   alias_metadata = {
        ╰────
      help: write it in a form that can be compared, or ask the platform team for
            a template that says the same; of the parameters, no string of the
            identity stands where `app` does

    --- exit 1
    "#);
    let unreadable = "path \"secret/data/ledger/*\" { capabilities = ";
    insta::assert_snapshot!(checked(&vault(unreadable), ""), @r#"
    TPL005[undecided-grant]

      × permissions in `vault_policy.app` cannot be compared with template
      │ `app-reader@1.0.0`: policy `app` is not a valid Vault policy: expected a
      │ value, found the end of the text
       ╭─[main.tf:4:12]
     3 │   name   = "app"
     4 │   policy = <<-EOT
       ·            ───┬──
       ·               ╰── not decided before apply
     5 │     path "secret/data/ledger/*" { capabilities = 
       ╰────
      help: write it in a form that can be compared, or ask the platform team for
            a template that says the same

    --- exit 1
    "#);
}

/// The text of the data source is known after it was read, its blocks are known before.
#[test]
fn a_vault_policy_document_is_read_from_its_blocks() {
    let document = |capability: &str| {
        let main = format!(
            "data \"vault_policy_document\" \"app\" {{\n  rule {{\n    path         = \"secret/data/ledger/*\"\n    capabilities = [\"{capability}\"]\n    description  = \"x\"\n  }}\n}}\n"
        );
        let role = vault("").replace("<<-EOT\n    \n  EOT", "data.vault_policy_document.app.hcl");
        listed(&(main + &role))
    };
    insta::assert_snapshot!(document("read"), @"--- exit 0");
    insta::assert_snapshot!(document("update"), @r"
    main.tf:11:12: TPL001[outside-template] `vault_approle_auth_backend_role.app` may do `update` on `secret/data/ledger/x`, which template `app-reader@1.0.0` does not allow (vault_policy.app.policy)
    --- exit 1
    ");
}

/// Whoever logs in by the method becomes this; the model makes no other identity of it.
#[test]
fn a_role_of_an_auth_method_is_an_identity_of_its_own() {
    let main = r#"
resource "vault_policy" "all" {
  name   = "all"
  policy = "path \"*\" { capabilities = [\"read\"] }"
}

resource "vault_kubernetes_auth_backend_role" "app" {
  backend                          = "kubernetes"
  role_name                        = "app"
  bound_service_account_names      = ["app"]
  bound_service_account_namespaces = ["shop"]
  token_policies                   = [vault_policy.all.name]
}

resource "vault_token" "ci" {
  policies = ["root"]
}
"#;
    insta::assert_snapshot!(listed(main), @r"
    main.tf:4:12: TPL001[outside-template] `auth/kubernetes/role/app` may do `read` on `x`, which no template allows; the nearest is `app-reader@1.0.0` (vault_policy.all.policy)
    main.tf:16:15: TPL001[outside-template] `vault_token.ci` may do `create` on `x`, which no template allows; the nearest is `app-reader@1.0.0`
    --- exit 1
    ");
}

fn kubernetes(verbs: &str, role: &str) -> String {
    format!(
        r#"
resource "kubernetes_service_account_v1" "web" {{
  metadata {{
    name      = "web"
    namespace = "shop"
    annotations = {{
      "nhi.dev/owner"    = "payments"
      "nhi.dev/purpose"  = "Serves the shop to its customers"
      "nhi.dev/expiry"   = "2027-06-30"
      "nhi.dev/template" = "config-reader@1"
    }}
  }}
}}

resource "kubernetes_role_v1" "web" {{
  metadata {{
    name      = "web"
    namespace = "shop"
  }}
  rule {{
    api_groups = [""]
    resources  = ["configmaps"]
    verbs      = [{verbs}]
  }}
}}

resource "kubernetes_role_binding_v1" "web" {{
  metadata {{
    name      = "web"
    namespace = "shop"
  }}
  role_ref {{
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = "{role}"
  }}
  subject {{
    kind      = "ServiceAccount"
    name      = "web"
    namespace = "shop"
  }}
}}
"#
    )
}

#[test]
fn kubernetes_rules_are_held_against_templates() {
    insta::assert_snapshot!(checked(&kubernetes("\"get\"", "web"), ""), @"--- exit 0");
    insta::assert_snapshot!(checked(&kubernetes("\"get\", \"delete\"", "web"), ""), @r#"
    TPL001[outside-template]

      × `kubernetes_service_account_v1.web` may do `delete` on `configmaps` with
      │ name = example and namespace = shop, which template `config-reader@1.0.0`
      │ does not allow
        ╭─[main.tf:23:26]
     22 │     resources  = ["configmaps"]
     23 │     verbs      = ["get", "delete"]
        ·                          ────┬───
        ·                              ╰── allows `delete`
     24 │   }
        ╰────
      help: drop `delete`, or name a template that allows it
      ╰─▶   ☞ template `config-reader@1.0.0` allows this at most
              ╭─[templates.nhi.hcl:37:21]
           36 │     rule {
           37 │       api_groups = [""]
              ·                     ───
           38 │       resources  = ["configmaps"]
              ╰────

    --- exit 1
    "#);
    insta::assert_snapshot!(checked(&kubernetes("\"get\"", "elsewhere"), ""), @r#"
    TPL005[undecided-grant]

      × permissions in `kubernetes_role_binding_v1.web` cannot be compared with
      │ template `config-reader@1.0.0`: role `elsewhere` is not part of this
      │ configuration
        ╭─[main.tf:35:17]
     34 │     kind      = "Role"
     35 │     name      = "elsewhere"
        ·                 ─────┬─────
        ·                      ╰── not decided before apply
     36 │   }
        ╰────
      help: write it in a form that can be compared, or ask the platform team for
            a template that says the same; of the parameters, no string of the
            identity stands where `namespace` does

    --- exit 1
    "#);
}

/// What the control plane adds to an aggregated role is not written in it.
#[test]
fn an_aggregated_role_is_undecided() {
    let main = kubernetes("\"get\"", "web")
        .replace("kind      = \"Role\"", "kind      = \"ClusterRole\"")
        .replace("kubernetes_role_v1\"", "kubernetes_cluster_role_v1\"")
        .replace("  rule {", "  aggregation_rule {\n    cluster_role_selectors {\n      match_labels = { team = \"shop\" }\n    }\n  }\n  rule {");
    insta::assert_snapshot!(listed(&main), @r"
    main.tf:15:1: TPL005[undecided-grant] permissions in `kubernetes_cluster_role_v1.web` cannot be compared with template `config-reader@1.0.0`: role `web` is put together from other roles by their labels
    --- exit 1
    ");
}

#[test]
fn github_permissions_are_held_against_templates() {
    let key = |read_only: bool| {
        format!(
            "resource \"github_repository_deploy_key\" \"ci\" {{\n  title      = \"ci\"\n  repository = \"acme/ledger\"\n  key        = \"ssh-ed25519 AAAA\"\n  read_only  = {read_only}\n}}\n"
        )
    };
    insta::assert_snapshot!(listed(&key(true)), @"--- exit 0");
    insta::assert_snapshot!(listed(&key(false)), @r"
    main.tf:5:16: TPL001[outside-template] `deploy key of acme/ledger` may do `contents:write` on `acme/ledger`, which no template allows; the nearest is `puller@1.0.0` (github_repository_deploy_key.ci.read_only)
    --- exit 1
    ");
    let token = "resource \"github_workflow_repository_permissions\" \"r\" {\n  repository = \"acme/ledger\"\n  default_workflow_permissions = \"write\"\n}\n";
    insta::assert_snapshot!(listed(token), @r"
    main.tf:3:34: TPL001[outside-template] `GITHUB_TOKEN of acme/ledger` may do `actions:read` on `acme/ledger`, which no template allows; the nearest is `puller@1.0.0` (github_workflow_repository_permissions.r.default_workflow_permissions)
    --- exit 1
    ");
}

/// A draft takes in everything that it was drafted from, so that a check with it finds nothing beyond it.
#[test]
fn a_draft_takes_in_what_it_was_drafted_from() {
    let all = [
        azure("role_definition_name = \"Reader\"", "/subscriptions/1/resourceGroups/archive"),
        google("\"roles/storage.objectViewer\"", ""),
        vault("path \"secret/data/ledger/*\" { capabilities = [\"read\"] }"),
        kubernetes("\"get\", \"delete\"", "web"),
        super::check::ROLE.to_owned(),
    ];
    for main in all {
        let (template, reference) = main
            .lines()
            .find_map(|line| line.split_once("template").and_then(|(_, rest)| rest.split_once('@')))
            .or_else(|| main.split_once("tpl=").and_then(|(_, rest)| rest.split_once('@')))
            .unwrap();
        let name = template.rsplit([' ', '"']).next().unwrap();
        let version = reference.split(['"', ';']).next().unwrap();
        let named = main.replace(&format!("{name}@{version}"), &format!("{name}@0.1.0"));
        let folder = folder(&[("infra/main.tf", named.as_str())]);
        let (draft, errors, code) =
            run_in(folder.path(), &format!("template suggest infra --name {name}"));
        assert_eq!((errors.as_str(), code), ("", 0), "{name}");
        std::fs::write(folder.path().join("draft.nhi.hcl"), &draft).unwrap();
        let (output, ..) = run_in(
            folder.path(),
            "check infra --templates draft.nhi.hcl --select TPL --format concise",
        );
        assert_eq!(output, "", "{draft}");
    }
}

/// The tests that come with a draft pass on it.
#[test]
fn a_draft_passes_its_own_tests() {
    let folder = folder(&[("infra/main.tf", super::check::ROLE)]);
    let (draft, errors, code) =
        run_in(folder.path(), "template suggest infra --tests t/draft.nhitest.hcl");
    assert_eq!((draft.as_str(), code), ("", 2), "{errors}");
    std::fs::create_dir(folder.path().join("t")).unwrap();
    let (draft, _, code) =
        run_in(folder.path(), "template suggest infra --tests t/draft.nhitest.hcl");
    assert_eq!(code, 0);
    std::fs::write(folder.path().join("t/draft.nhi.hcl"), draft).unwrap();
    insta::assert_snapshot!(ran(folder.path(), "template test t"), @r"
    passed identity 1 is inside
    --- stderr
    1 of 1 tests passed
    --- exit 0
    ");
}

#[test]
fn drafts_of_chosen_identities() {
    let folder = folder(&[
        ("infra/main.tf", &vault("path \"a\" { capabilities = [\"read\"] }")),
        ("empty.tf", ""),
    ]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("template suggest infra --identity vault_approle_auth_backend_role.app"), @r#"
    template "app" {
      version     = "0.1.0"
      description = "What one identity may do: narrow it, then publish it"

      applies_to {
        kinds = ["workload_identity"]
      }

      require {
        metadata          = ["service", "environment"]
        max_lifetime      = "365d"
        max_session       = "1h"
        review_every      = "365d"
        static_credential = false
      }

      vault {
        rule {
          path         = "a"
          capabilities = ["read"]
        }
      }
    }
    --- exit 0
    "#);
    insta::assert_snapshot!(ran("template suggest infra --identity vault_approle_auth_backend_role.web"), @r"
    --- stderr
    error: there is no identity `vault_approle_auth_backend_role.web` here
      help: name the resource that makes it by its address, such as `aws_iam_role.export`
    --- exit 2
    ");
    insta::assert_snapshot!(ran("template suggest infra --name App"), @r"
    --- stderr
    error: `App` cannot be the name of a template
      help: names are of lower case letters, digits and hyphens
    --- exit 2
    ");
    insta::assert_snapshot!(ran("template suggest ."), @r"
    --- stderr
    error: there is nothing to draft a template from
      help: no identity here may do anything, or all of it is rendered from templates already
    --- exit 2
    ");
}

const TESTS: &str = r#"
test "reading is inside" {
  template = "s3-object-reader@1"
  params   = { bucket = "ledger" }
  platform = "aws"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::ledger/*" }] })
  expect   = "inside"
}

test "writing is inside" {
  template = "s3-object-reader@1"
  platform = "aws"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::ledger/*" }] })
  expect   = "inside"
}
"#;

#[test]
fn templates_run_their_tests() {
    let folder = folder(&[
        ("t/reader.nhi.hcl", super::READER),
        ("t/reader.nhitest.hcl", TESTS),
        ("o/x.nhi.hcl", super::READER),
    ]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("template test t"), @r"
    passed reading is inside
    failed writing is inside
           t/reader.nhitest.hcl:10: expected `inside`, found `outside`: `s3:PutObject` on `arn:aws:s3:::ledger/x` is allowed, which the template does not allow
    --- stderr
    1 of 2 tests passed
    --- exit 1
    ");
    insta::assert_snapshot!(ran("template test t/reader.nhitest.hcl --templates t --format json"), @r#"
    {"summary":{"broken":0,"failed":1,"passed":1},"tests":[{"file":"t/reader.nhitest.hcl","line":2,"name":"reading is inside","reason":null,"result":"passed","template":"s3-object-reader@1"},{"file":"t/reader.nhitest.hcl","line":10,"name":"writing is inside","reason":"expected `inside`, found `outside`: `s3:PutObject` on `arn:aws:s3:::ledger/x` is allowed, which the template does not allow","result":"failed","template":"s3-object-reader@1"}],"version":1}
    --- exit 1
    "#);
    insta::assert_snapshot!(ran("template test t/reader.nhitest.hcl"), @r"
    broken reading is inside
           t/reader.nhitest.hcl:2: there is no template `s3-object-reader`
    broken writing is inside
           t/reader.nhitest.hcl:10: there is no template `s3-object-reader`
    --- stderr
    0 of 2 tests passed
    --- exit 2
    ");
    insta::assert_snapshot!(ran("template test o"), @r"
    --- stderr
    error: no tests in `o`
      help: tests are `test` blocks in files that end in `.nhitest.hcl`
    --- exit 2
    ");
}

#[test]
fn a_template_is_shown_with_its_parameters() {
    let folder =
        folder(&[("t/reader.nhi.hcl", super::READER), (".nhi-lint.hcl", "templates = [\"t\"]\n")]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("template show s3-object-reader@1 --param bucket=ledger"), @r#"
    s3-object-reader@1.2.0 (active)
    sha256:739f57c7e68187626f716d6c99132b4e1b084e6219477a26e5f4e73f0365e75b
    parameter bucket matches [a-z0-9][a-z0-9.-]{2,62} = "ledger"

    aws {
      "permissions": {
        "Statement": [
          {
            "Action": [
              "s3:GetObject"
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:s3:::ledger/*"
            ]
          }
        ],
        "Version": "2012-10-17"
      },
      "trust": {
        "Statement": [
          {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {
              "Service": "ec2.amazonaws.com"
            }
          }
        ],
        "Version": "2012-10-17"
      }
    }
    --- exit 0
    "#);
    insta::assert_snapshot!(ran("template show s3-object-reader@1 --format json"), @r#"
    {"applies_to":{"environments":[],"kinds":[]},"description":null,"digest":"sha256:739f57c7e68187626f716d6c99132b4e1b084e6219477a26e5f4e73f0365e75b","owner":null,"parameters":[{"default":null,"description":null,"name":"bucket","pattern":"[a-z0-9][a-z0-9.-]{2,62}","value":null}],"platforms":{"aws":{"permissions":{"Statement":[{"Action":["s3:GetObject"],"Effect":"Allow","Resource":["arn:aws:s3:::${param.bucket}/*"]}],"Version":"2012-10-17"},"trust":{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}}],"Version":"2012-10-17"}}},"replaces":[],"require":{},"status":"active","template":"s3-object-reader@1.2.0","version":1}
    --- exit 0
    "#);
    insta::assert_snapshot!(ran("template show s3-object-reader@2"), @r"
    --- stderr
    error: template `s3-object-reader` has no version `2`
      help: there is `1.2.0`
    --- exit 2
    ");
    insta::assert_snapshot!(ran("template digest t"), @r"
    sha256:739f57c7e68187626f716d6c99132b4e1b084e6219477a26e5f4e73f0365e75b s3-object-reader@1.2.0
    --- exit 0
    ");
}
