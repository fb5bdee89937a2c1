//! Values of charts, deployments of Google, and groups of Entra.

use super::all;

#[test]
fn values_of_charts() {
    let main = r#"
variable "u" {}

resource "helm_release" "app" {
  name      = "app"
  chart     = "app"
  namespace = "shop"
  values = [
    yamlencode({
      serviceAccount = { create = true, name = "app" }
      rbac           = { create = true, rules = [{ apiGroups = [""], resources = ["secrets"], verbs = ["*"] }] }
      worker         = { serviceAccount = { annotations = { "nhi.dev/owner" = "payments" } } }
      off            = { serviceAccount = { create = false, name = "x" } }
    }),
    <<-YAML
      extraObjects:
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: ClusterRoleBinding
          metadata: {name: app}
          roleRef: {kind: ClusterRole, name: cluster-admin, apiGroup: rbac.authorization.k8s.io}
          subjects: [{kind: ServiceAccount, name: app, namespace: shop}]
    YAML
  ]
  set {
    name  = "web.serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn"
    value = "arn:aws:iam::1:role/web"
  }
  set {
    name  = "worker.rbac.create"
    value = "true"
  }
}

resource "helm_release" "unknown" {
  name   = "unknown"
  chart  = "app"
  values = [var.u]
}

resource "helm_release" "templated" {
  name   = "templated"
  chart  = "app"
  values = ["{{ if }}: {{"]
}

resource "helm_release" "plain" {
  name   = "plain"
  chart  = "app"
  values = ["replicas: 2"]
}
"#;
    insta::assert_snapshot!(all(main), @r"
    main.tf:8:12: PRV001[admin-grant] the role allows every verb on every resource in the whole cluster (helm_release.app.values)
    main.tf:8:12: OWN001[ungoverned-identity] no governance record answers for `helm_release.app/serviceAccount`
    main.tf:8:12: OWN001[ungoverned-identity] no governance record answers for `helm_release.app/web.serviceAccount`
    main.tf:8:12: PUR001[missing-purpose] `helm_release.app/worker.serviceAccount` has no purpose
    main.tf:8:12: EXP001[missing-expiry] `helm_release.app/worker.serviceAccount` has no end date
    main.tf:8:12: TPL005[undecided-grant] permissions in `helm_release.app` cannot be compared with template `app-reader@1.0.0`: the chart makes roles, and which is no part of the plan
    main.tf:8:12: TPL001[outside-template] `helm_release.app/serviceAccount` may do `get` on `secrets` with name = example and namespace = shop, which no template allows; the nearest is `config-reader@1.0.0`
    main.tf:37:13: TPL005[undecided-grant] permissions in `helm_release.unknown` cannot be compared with template `app-reader@1.0.0`: what `values[0]` makes is not known before apply
    main.tf:43:13: TPL005[undecided-grant] permissions in `helm_release.templated` cannot be compared with template `app-reader@1.0.0`: `values[0]` holds no values that can be read
    --- exit 1
    ");
}

#[test]
fn deployments_of_google() {
    let main = r#"
resource "google_deployment_manager_deployment" "d" {
  name = "d"
  target {
    config {
      content = <<-YAML
        resources:
          - name: robot
            type: iam.v1.serviceAccount
            properties: {accountId: robot}
          - name: member
            type: gcp-types/cloudresourcemanager-v1:virtual.projects.iamMemberBinding
            properties: {resource: acme, role: roles/owner, member: "serviceAccount:robot@acme.iam.gserviceaccount.com"}
          - name: more
            type: more.jinja
      YAML
    }
  }
}
"#;
    insta::assert_snapshot!(all(main), @r"
    main.tf:2:1: OWN001[ungoverned-identity] no governance record answers for `google_deployment_manager_deployment.d/robot`
    main.tf:2:1: TPL005[undecided-grant] permissions in `google_deployment_manager_deployment.d/member` cannot be compared with template `viewer@1.0.0`: the permissions of the role `roles/owner` are not known: give them with `--gcp-roles FILE`
    main.tf:2:1: PRV001[admin-grant] `roles/owner` is an administrator's role of `//cloudresourcemanager.googleapis.com/projects/acme` (google_deployment_manager_deployment.d.target)
    main.tf:2:1: TPL005[undecided-grant] permissions in `google_deployment_manager_deployment.d` cannot be compared with template `app-reader@1.0.0`: what the template `more.jinja` makes is not evaluated
    --- exit 1
    ");
}

#[test]
fn members_of_groups_have_what_the_groups_are_given() {
    let main = r#"
resource "azurerm_user_assigned_identity" "app" {
  name = "app"
}

resource "azuread_group" "inner" {
  display_name = "inner"
}

resource "azuread_group" "outer" {
  display_name = "outer"
  members      = [azuread_group.inner.object_id]
}

resource "azuread_group_member" "app" {
  group_object_id  = azuread_group.inner.object_id
  member_object_id = azurerm_user_assigned_identity.app.principal_id
}

resource "azurerm_role_assignment" "outer" {
  principal_id         = azuread_group.outer.object_id
  role_definition_name = "Owner"
  scope                = "/subscriptions/1"
}
"#;
    insta::assert_snapshot!(all(main), @r"
    main.tf:2:1: OWN001[ungoverned-identity] no governance record answers for `azurerm_user_assigned_identity.app`
    main.tf:22:26: TPL001[outside-template] `azurerm_user_assigned_identity.app` may do `Microsoft.Authorization/roleAssignments/write` on `/subscriptions/1`, which no template allows; the nearest is `lister@1.0.0` (azurerm_role_assignment.outer.role_definition_name)
    main.tf:22:26: PRV001[admin-grant] `Owner` is an administrator's role of `/subscriptions/1` (azurerm_role_assignment.outer.role_definition_name)
    --- exit 1
    ");
}
