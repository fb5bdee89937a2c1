//! What a governed resource renders for Google Cloud, Azure, Kubernetes, Vault and GitHub: taken as it is, it is inside; given
//! more room than the template gives it, it is found.

use super::commands::{folder, run_in};

const TEMPLATES: &str = r#"
template "viewer" {
  version = "1.0.0"
  parameter "bucket" {}
  gcp {
    roles       = ["roles/storage.objectViewer"]
    permissions = ["storage.objects.get"]
    resources   = ["//storage.googleapis.com/projects/_/buckets/${param.bucket}"]
  }
}
template "lister" {
  version = "1.0.0"
  parameter "group" {}
  azure {
    actions      = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
    data_actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]
    scopes       = ["/subscriptions/1/resourceGroups/${param.group}"]
  }
}
template "config-reader" {
  version = "1.0.0"
  parameter "namespace" {}
  kubernetes {
    namespaces = ["${param.namespace}"]
    rule {
      api_groups     = [""]
      resources      = ["configmaps"]
      resource_names = ["settings"]
      verbs          = ["get"]
    }
    rule {
      api_groups = ["apps"]
      resources  = ["deployments"]
      verbs      = ["list"]
    }
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
    rule {
      path         = "secret/metadata/${param.app}/*"
      capabilities = ["list"]
    }
  }
}
"#;

const IDENTITIES: &str = r#"
variable "value" {}
resource "nhi_workload_identity" "viewer" {
  name       = "viewer"
  owner      = "payments"
  purpose    = "Reads invoices from the ledger bucket"
  expiry     = "2027-06-30"
  template   = "viewer@1"
  parameters = { bucket = VALUE }
}
resource "nhi_workload_identity" "lister" {
  name       = "lister"
  owner      = "payments"
  purpose    = "Lists the containers of the archive"
  expiry     = "2027-06-30"
  template   = "lister@1"
  parameters = { group = VALUE }
}
resource "nhi_workload_identity" "config" {
  name       = "config"
  owner      = "payments"
  purpose    = "Reads the settings of the shop"
  expiry     = "2027-06-30"
  template   = "config-reader@1"
  parameters = { namespace = VALUE }
}
resource "nhi_workload_identity" "app" {
  name       = "app"
  owner      = "payments"
  purpose    = "Reads the secrets of the shop"
  expiry     = "2027-06-30"
  template   = "app-reader@1"
  parameters = { app = VALUE }
}
resource "google_service_account" "viewer" {
  account_id  = "viewer"
  description = nhi_workload_identity.viewer.description
}
resource "azurerm_user_assigned_identity" "lister" {
  name = "lister"
  tags = nhi_workload_identity.lister.tags
}
resource "kubernetes_service_account_v1" "config" {
  metadata {
    name        = "config"
    namespace   = "shop"
    annotations = nhi_workload_identity.config.annotations
  }
}
"#;

const BINDING: &str = r#"
resource "kubernetes_role_binding_v1" "config" {
  metadata {
    name      = "config"
    namespace = kubernetes_role_v1.config.metadata[0].namespace
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role_v1.config.metadata[0].name
  }
  subject {
    kind      = "ServiceAccount"
    name      = kubernetes_service_account_v1.config.metadata[0].name
    namespace = "shop"
  }
}
"#;

const LOGIN: &str = r#"
resource "vault_kubernetes_auth_backend_role" "app" {
  role_name                        = nhi_workload_identity.app.principal_name
  bound_service_account_names      = ["app"]
  bound_service_account_namespaces = ["shop"]
  token_policies                   = [vault_policy.app.name]
}
"#;

/// What `check` says of permissions, the identities' parameters being this expression.
fn with(parameter: &str, more: &str) -> String {
    let identities = IDENTITIES.replace("VALUE", parameter);
    let folder = folder(&[
        ("infra/main.tf", identities.as_str()),
        ("infra/more.tf", more),
        ("templates.nhi.hcl", TEMPLATES),
    ]);
    let line = "check infra --templates templates.nhi.hcl --select TPL --format concise";
    let (output, errors, code) = run_in(folder.path(), line);
    assert!(code < 2, "{errors}");
    output.trim().to_owned()
}

#[track_caller]
fn passes(more: &str) {
    assert_eq!(with("\"shop\"", more), "", "{more}");
}

/// Clean, although the parameter is not known.
#[track_caller]
fn passes_unknown(more: &str) {
    assert_eq!(with("var.value", more), "", "{more}");
}

/// A finding about this resource, whether the parameter is known or not.
#[track_caller]
fn caught(more: &str, address: &str) {
    for parameter in ["\"shop\"", "var.value"] {
        let found = with(parameter, more);
        let told = found.contains("TPL001") || found.contains("TPL005");
        assert!(told && found.contains(address), "{parameter}: {more}: {found}");
    }
}

fn google(kind: &str, rest: &str) -> String {
    format!(
        "resource \"{kind}\" \"viewer\" {{\n  member = \"serviceAccount:${{google_service_account.viewer.email}}\"\n  {rest}\n}}\n"
    )
}

#[test]
fn a_role_of_google_is_inside_on_the_rendered_resource_only() {
    let bucket = "google_storage_bucket_iam_member";
    let own = "bucket = nhi_workload_identity.viewer.parameters.bucket";
    for role in [
        "role = nhi_workload_identity.viewer.gcp.roles[0]",
        "role = one(nhi_workload_identity.viewer.gcp.roles)",
        "for_each = toset(nhi_workload_identity.viewer.gcp.roles)\n  role = each.value",
        "count = length(nhi_workload_identity.viewer.gcp.roles)\n  role = nhi_workload_identity.viewer.gcp.roles[count.index]",
    ] {
        passes(&google(bucket, &format!("{role}\n  {own}")));
        let found = google(bucket, &format!("{role}\n  bucket = \"other\""));
        caught(&found, "google_storage_bucket_iam_member.viewer");
        let found = google("google_project_iam_member", &format!("{role}\n  project = \"acme\""));
        caught(&found, "google_project_iam_member.viewer");
    }
    let wide = google(bucket, &format!("role = \"roles/storage.admin\"\n  {own}"));
    caught(&wide, "google_storage_bucket_iam_member.viewer");
    let custom = |permissions: &str| {
        format!(
            "resource \"google_project_iam_custom_role\" \"viewer\" {{\n  project = \"acme\"\n  role_id = \"viewer\"\n  title = \"Viewer\"\n  permissions = {permissions}\n}}\n{}",
            google(bucket, &format!("role = google_project_iam_custom_role.viewer.id\n  {own}"))
        )
    };
    passes(&custom("nhi_workload_identity.viewer.gcp.permissions"));
    let more = custom(
        "concat(nhi_workload_identity.viewer.gcp.permissions, [\"storage.objects.delete\"])",
    );
    caught(&more, "google_storage_bucket_iam_member.viewer");
}

#[test]
fn a_role_definition_of_azure_is_inside_at_the_rendered_scope_only() {
    let assigned = |actions: &str, scope: &str| {
        format!(
            r#"
resource "azurerm_role_definition" "lister" {{
  name  = "lister"
  scope = "/subscriptions/1"
  permissions {{
    actions          = {actions}
    not_actions      = nhi_workload_identity.lister.azure.not_actions
    data_actions     = nhi_workload_identity.lister.azure.data_actions
    not_data_actions = nhi_workload_identity.lister.azure.not_data_actions
  }}
}}
resource "azurerm_role_assignment" "lister" {{
  principal_id       = azurerm_user_assigned_identity.lister.principal_id
  role_definition_id = azurerm_role_definition.lister.role_definition_resource_id
  scope              = {scope}
}}
"#
        )
    };
    let (actions, scope) = (
        "nhi_workload_identity.lister.azure.actions",
        "nhi_workload_identity.lister.azure.scopes[0]",
    );
    passes(&assigned(actions, scope));
    passes_unknown(&assigned(actions, scope));
    let address = "azurerm_role_assignment.lister";
    caught(&assigned(actions, "\"/subscriptions/1\""), address);
    caught(&assigned("[\"*\"]", scope), address);
}

#[test]
fn rules_of_kubernetes_are_inside_in_the_rendered_namespace_only() {
    let role = |rules: &str, namespace: &str| {
        format!(
            r#"
resource "kubernetes_role_v1" "config" {{
  metadata {{
    name      = "config"
    namespace = {namespace}
  }}
  dynamic "rule" {{
    for_each = {rules}
    content {{
      api_groups     = rule.value.apiGroups
      resources      = rule.value.resources
      resource_names = try(rule.value.resourceNames, null)
      verbs          = rule.value.verbs
    }}
  }}
}}
{BINDING}
"#
        )
    };
    let rules = "jsondecode(nhi_workload_identity.config.kubernetes.rules)";
    let namespace = "nhi_workload_identity.config.kubernetes.namespaces[0]";
    passes(&role(rules, namespace));
    passes_unknown(&role(rules, namespace));
    caught(&role(rules, "\"kube-system\""), "kubernetes_role_v1.config");
    let more = format!(
        "concat({rules}, [{{ apiGroups = [\"\"], resources = [\"secrets\"], verbs = [\"get\"] }}])"
    );
    caught(&role(&more, namespace), "kubernetes_role_v1.config");
}

#[test]
fn a_rendered_vault_policy_is_inside_and_an_altered_one_is_not() {
    let policy = |policy: &str| {
        format!(
            "resource \"vault_policy\" \"app\" {{\n  name = \"app\"\n  policy = {policy}\n}}\n{LOGIN}"
        )
    };
    passes(&policy("nhi_workload_identity.app.vault.policy"));
    passes_unknown(&policy("nhi_workload_identity.app.vault.policy"));
    let altered =
        "replace(nhi_workload_identity.app.vault.policy, \"\\\"read\\\"\", \"\\\"delete\\\"\")";
    caught(&policy(altered), "vault_policy.app");
}

#[test]
fn a_stated_parameter_that_is_not_known_is_not_inferred() {
    let bucket = |bucket: &str| {
        google(
            "google_storage_bucket_iam_member",
            &format!("role = \"roles/storage.objectViewer\"\n  bucket = {bucket}"),
        )
    };
    passes_unknown(&bucket("var.value"));
    assert!(with("var.value", &bucket("\"other\"")).contains("TPL005"));
}
