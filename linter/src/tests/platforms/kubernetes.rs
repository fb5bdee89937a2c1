//! Kubernetes: roles that bindings give to service accounts.

use super::{checked, listed};

pub(super) fn kubernetes(verbs: &str, role: &str) -> String {
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
