//! Manifests: what a text gives is what the provider's own resources give.

use crate::tests::commands::{folder, run_in};

use super::TEMPLATES;

/// Every finding, one line each.
#[track_caller]
fn all(main: &str) -> String {
    let folder = folder(&[("main.tf", main), ("templates.nhi.hcl", TEMPLATES)]);
    let (output, errors, code) =
        run_in(folder.path(), "check . --templates templates.nhi.hcl --format concise");
    assert!(!errors.starts_with("error: "), "{errors}");
    format!("{output}--- exit {code}")
}

const ACCOUNT: &str = r#"
resource "kubernetes_manifest" "web" {
  manifest = {
    apiVersion = "v1"
    kind       = "ServiceAccount"
    metadata = {
      name      = "web"
      namespace = "shop"
      annotations = {
        "nhi.dev/owner"    = "payments"
        "nhi.dev/purpose"  = "Serves the shop to its customers"
        "nhi.dev/expiry"   = "2027-06-30"
        "nhi.dev/template" = "config-reader@1"
      }
    }
  }
}
"#;

fn role(verbs: &str) -> String {
    format!(
        r#"
resource "kubernetes_manifest" "role" {{
  manifest = {{
    apiVersion = "rbac.authorization.k8s.io/v1"
    kind       = "Role"
    metadata   = {{ name = "web", namespace = "shop" }}
    rules      = [{{ apiGroups = [""], resources = ["configmaps"], verbs = [{verbs}] }}]
  }}
}}

resource "kubernetes_manifest" "binding" {{
  manifest = {{
    apiVersion = "rbac.authorization.k8s.io/v1"
    kind       = "RoleBinding"
    metadata   = {{ name = "web", namespace = "shop" }}
    roleRef    = {{ apiGroup = "rbac.authorization.k8s.io", kind = "Role", name = "web" }}
    subjects   = [{{ kind = "ServiceAccount", name = "web", namespace = "shop" }}]
  }}
}}
"#
    )
}

#[test]
fn objects_are_service_accounts_roles_and_bindings() {
    insta::assert_snapshot!(all(&(ACCOUNT.to_owned() + &role("\"get\""))), @"--- exit 0");
    insta::assert_snapshot!(all(&(ACCOUNT.to_owned() + &role("\"get\", \"delete\""))), @r"
    main.tf:24:83: TPL001[outside-template] `kubernetes_manifest.web` may do `delete` on `configmaps` with name = example and namespace = shop, which template `config-reader@1.0.0` does not allow (kubernetes_manifest.role.manifest)
    --- exit 1
    ");
}
