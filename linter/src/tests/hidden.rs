//! Ways to hide a grant on Google Cloud, Azure, Kubernetes and Vault: each is refused or undecided, never clean.

use super::commands::{folder, run_in};

const TEMPLATES: &str = r#"
template "viewer" {
  version = "1.0.0"
  gcp {
    permissions = ["storage.objects.get"]
    resources   = ["//storage.googleapis.com/projects/_/buckets/b"]
  }
  azure {
    actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
    scopes  = ["/subscriptions/1"]
  }
  kubernetes {
    namespaces = ["shop"]
    rule {
      api_groups = [""]
      resources  = ["configmaps"]
      verbs      = ["get"]
    }
  }
  vault {
    rule {
      path         = "secret/data/app/*"
      capabilities = ["read"]
    }
  }
}
"#;

const IDENTITIES: &str = r#"
variable "u" {}
resource "google_service_account" "a" {
  account_id = "a"
}
resource "azurerm_user_assigned_identity" "a" {
  name = "a"
}
resource "kubernetes_service_account_v1" "a" {
  metadata {
    name      = "a"
    namespace = "shop"
  }
}
"#;

/// What is found, without the metadata.
#[track_caller]
fn caught(more: &str, code: &str) {
    let main = format!("{IDENTITIES}{more}");
    let folder = folder(&[("main.tf", main.as_str()), ("t.nhi.hcl", TEMPLATES)]);
    let line = "check . --templates t.nhi.hcl --select TPL001,TPL005 --format concise";
    let (output, errors, _) = run_in(folder.path(), line);
    assert!(output.contains(code), "{more}: {output}{errors}");
}

#[test]
fn policies_of_google_that_cannot_be_read() {
    let policy = |data: &str| {
        format!(
            "resource \"google_project_iam_policy\" \"m\" {{\n  project = \"p\"\n  policy_data = {data}\n}}\n"
        )
    };
    let member = "\"serviceAccount:${google_service_account.a.email}\"";
    for data in [
        "var.u",
        "\"{not json\"",
        &format!("jsonencode({{ bindings = [{{ role = var.u, members = [{member}] }}] }})"),
        "<<JSON\n{\"bindings\":[{\"role\":\"roles/owner\",\"members\":[\"serviceAccount:${google_service_account.a.email}\"]}]}\nJSON",
        "jsonencode(merge(jsondecode(data.google_iam_policy.d.policy_data), { bindings = [{ role = var.u }] }))",
    ] {
        let data_source = "data \"google_iam_policy\" \"d\" {\n}\n";
        caught(&format!("{data_source}{}", policy(data)), "TPL005");
    }
    let dynamic = format!(
        "data \"google_iam_policy\" \"d\" {{\n  dynamic \"binding\" {{\n    for_each = var.u\n    content {{\n      role = binding.value\n      members = [{member}]\n    }}\n  }}\n}}\n"
    );
    caught(&format!("{dynamic}{}", policy("data.google_iam_policy.d.policy_data")), "TPL005");
}

#[test]
fn a_custom_role_of_another_project_is_another_role() {
    caught(
        r#"
resource "google_project_iam_custom_role" "r" {
  project     = "p1"
  role_id     = "r"
  title       = "R"
  permissions = ["storage.objects.get"]
}
resource "google_storage_bucket_iam_member" "m" {
  bucket = "b"
  role   = "projects/p2/roles/r"
  member = "serviceAccount:${google_service_account.a.email}"
}
"#,
        "TPL005",
    );
}

#[test]
fn roles_of_azure_with_unknown_blocks_and_assignments_in_time() {
    caught(
        r#"
resource "azurerm_role_definition" "d" {
  name  = "d"
  scope = "/subscriptions/1"
  dynamic "permissions" {
    for_each = var.u
    content {
      actions = permissions.value
    }
  }
}
resource "azurerm_role_assignment" "m" {
  scope              = "/subscriptions/1"
  role_definition_id = azurerm_role_definition.d.role_definition_resource_id
  principal_id       = azurerm_user_assigned_identity.a.principal_id
}
"#,
        "TPL005",
    );
    for kind in ["azurerm_pim_active_role_assignment", "azurerm_pim_eligible_role_assignment"] {
        let role = "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
        caught(
            &format!(
                "resource \"{kind}\" \"m\" {{\n  scope = \"/subscriptions/1\"\n  role_definition_id = \"{role}\"\n  principal_id = azurerm_user_assigned_identity.a.principal_id\n}}\n"
            ),
            "TPL001",
        );
    }
}

/// A binding of a role to a subject.
fn binding(kind: &str, role: &str, subject: &str) -> String {
    format!(
        r#"
resource "kubernetes_role_binding_v1" "b" {{
  metadata {{
    name      = "b"
    namespace = "shop"
  }}
  role_ref {{
    api_group = "rbac.authorization.k8s.io"
    kind      = {kind}
    name      = "{role}"
  }}
  subject {{
    {subject}
  }}
}}
"#
    )
}

#[test]
fn service_accounts_of_kubernetes_by_their_other_names() {
    for subject in [
        "kind = \"User\"\n    name = \"system:serviceaccount:shop:a\"",
        "kind = \"Group\"\n    name = \"system:serviceaccounts:shop\"",
        "kind = \"Group\"\n    name = \"system:serviceaccounts\"",
        "kind = \"ServiceAccount\"\n    name = \"a\"\n    namespace = var.u",
        "kind = var.u\n    name = \"a\"\n    namespace = \"shop\"",
    ] {
        caught(&binding("\"ClusterRole\"", "cluster-admin", subject), "TPL001");
    }
}

#[test]
fn a_role_of_kubernetes_in_another_namespace_or_of_unknown_kind_is_another_role() {
    let role = |namespace: &str| {
        format!(
            "resource \"kubernetes_role_v1\" \"r\" {{\n  metadata {{\n    name = \"r\"\n    namespace = \"{namespace}\"\n  }}\n  rule {{\n    api_groups = [\"\"]\n    resources = [\"configmaps\"]\n    verbs = [\"get\"]\n  }}\n}}\n"
        )
    };
    let subject = "kind = \"ServiceAccount\"\n    name = \"a\"\n    namespace = \"shop\"";
    let other = binding("\"Role\"", "r", subject) + &role("other");
    caught(&other, "TPL005");
    let unknown = binding("var.u", "r", subject) + &role("shop");
    caught(&unknown, "TPL005");
}

#[test]
fn policies_of_vault_that_are_named_in_other_ways() {
    let login = |kind: &str, policies: &str| {
        format!("resource \"{kind}\" \"r\" {{\n  name = \"r\"\n  {policies}\n}}\n")
    };
    for kind in [
        "vault_aws_auth_backend_role",
        "vault_ldap_auth_backend_user",
        "vault_ldap_auth_backend_group",
        "vault_github_team",
    ] {
        caught(&login(kind, "policies = [\"root\"]"), "TPL001");
    }
    caught(&login("vault_token_auth_backend_role", "allowed_policies_glob = [\"*\"]"), "TPL005");
    caught(
        r#"
resource "vault_identity_entity" "e" {
  name = "e"
}
resource "vault_identity_group" "outer" {
  name             = "outer"
  policies         = ["root"]
  member_group_ids = [vault_identity_group.inner.id]
}
resource "vault_identity_group" "inner" {
  name              = "inner"
  member_entity_ids = [vault_identity_entity.e.id]
}
"#,
        "TPL001",
    );
}
