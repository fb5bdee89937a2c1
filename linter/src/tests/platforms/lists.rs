//! Grants that are written elsewhere than in a role binding: lists of access, endpoints, templates of Azure.

use serde_json::json;

use super::{all, planned};

#[test]
fn access_policies_of_key_vaults() {
    let main = r#"
variable "u" {}

resource "azurerm_user_assigned_identity" "app" {
  name = "app"
}

resource "azurerm_key_vault" "v" {
  name = "v"
  access_policy {
    object_id          = azurerm_user_assigned_identity.app.principal_id
    secret_permissions = ["Get", "Purge"]
  }
}

resource "azurerm_key_vault_access_policy" "p" {
  key_vault_id    = "/subscriptions/1/v"
  object_id       = "11111111-1111-1111-1111-111111111111"
  key_permissions = [var.u]
}
"#;
    insta::assert_snapshot!(all(main), @r"
    main.tf:4:1: OWN001[ungoverned-identity] no governance record answers for `azurerm_user_assigned_identity.app`
    main.tf:12:26: TPL001[outside-template] `azurerm_user_assigned_identity.app` may do `Microsoft.KeyVault/vaults/secrets/getSecret/action` on `/subscriptions/example/resourceGroups/example/providers/Microsoft.KeyVault/vaults/v` with dataAction = true, which no template allows; the nearest is `lister@1.0.0` (azurerm_key_vault.v.access_policy[0].secret_permissions)
    main.tf:19:21: TPL005[undecided-grant] permissions in `azurerm_key_vault_access_policy.p` cannot be compared with template `app-reader@1.0.0`: `var.u` is not known before apply
    --- exit 1
    ");
}

#[test]
fn lists_of_buckets_objects_and_datasets() {
    let main = r#"
variable "u" {}

resource "google_service_account" "robot" {
  account_id = "robot"
}

resource "google_storage_bucket_access_control" "b" {
  bucket = "ledger"
  role   = "WRITER"
  entity = "user-${google_service_account.robot.email}"
}

resource "google_storage_bucket_acl" "b" {
  bucket      = "ledger"
  role_entity = ["OWNER:user-legacy@acme.iam.gserviceaccount.com", "READER:user-ada@example.com", "READER:allUsers"]
}

resource "google_storage_default_object_access_control" "b" {
  bucket = "ledger"
  role   = var.u
  entity = var.u
}

resource "google_bigquery_dataset" "d" {
  project    = "acme"
  dataset_id = "d"
  access {
    role          = "OWNER"
    user_by_email = google_service_account.robot.email
  }
  access {
    role          = "OWNER"
    user_by_email = "ada@example.com"
  }
}

resource "google_bigquery_dataset_access" "d" {
  project    = "acme"
  dataset_id = "d"
  role       = "roles/bigquery.admin"
  iam_member = "serviceAccount:legacy@acme.iam.gserviceaccount.com"
}
"#;
    insta::assert_snapshot!(all(main), @r"
    main.tf:4:1: OWN001[ungoverned-identity] no governance record answers for `google_service_account.robot`
    main.tf:10:12: TPL005[undecided-grant] permissions in `google_storage_bucket_access_control.b` cannot be compared with template `viewer@1.0.0`: the permissions of the role `roles/storage.legacyBucketWriter` are not known: give them with `--gcp-roles FILE`
    main.tf:16:18: TPL005[undecided-grant] permissions in `google_storage_bucket_acl.b` cannot be compared with template `viewer@1.0.0`: the permissions of the role `roles/storage.legacyBucketOwner` are not known: give them with `--gcp-roles FILE`
    main.tf:21:12: TPL005[undecided-grant] permissions in `google_storage_default_object_access_control.b` cannot be compared with template `app-reader@1.0.0`: `var.u` is not known before apply
    --- exit 1
    ");
}

#[test]
fn whom_a_cluster_lets_in() {
    let main = r#"
variable "u" {}

resource "aws_eks_access_policy_association" "ci" {
  cluster_name  = "c"
  principal_arn = "arn:aws:iam::1:role/ci"
  policy_arn    = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
  access_scope {
    type = "cluster"
  }
}

resource "kubernetes_config_map_v1_data" "auth" {
  metadata {
    name      = "aws-auth"
    namespace = "kube-system"
  }
  data = {
    mapRoles = yamlencode([{ rolearn = "arn:aws:iam::1:role/ops", username = "ops", groups = ["system:masters"] }])
    mapUsers = var.u
  }
}
"#;
    insta::assert_snapshot!(all(main), @r"
    main.tf:7:19: TPL001[outside-template] `arn:aws:iam::1:role/ci` may do `get` on `secrets` with name = example and namespace = example, which no template allows; the nearest is `config-reader@1.0.0` (aws_eks_access_policy_association.ci.policy_arn)
    main.tf:7:19: PRV001[admin-grant] the role allows every verb on every resource in the whole cluster (aws_eks_access_policy_association.ci.policy_arn)
    main.tf:19:16: TPL001[outside-template] `arn:aws:iam::1:role/ops` may do `get` on `secrets` with name = example and namespace = example, which no template allows; the nearest is `config-reader@1.0.0` (kubernetes_config_map_v1_data.auth.data.mapRoles)
    main.tf:20:16: TPL005[undecided-grant] permissions in `kubernetes_config_map_v1_data.auth` cannot be compared with template `app-reader@1.0.0`: whom `mapUsers` lets in is not known before apply
    main.tf:19:16: PRV001[admin-grant] the role allows every verb on every resource in the whole cluster (kubernetes_config_map_v1_data.auth.data.mapRoles)
    --- exit 1
    ");
}

#[test]
fn endpoints_of_vault_by_their_paths() {
    let main = r#"
variable "u" {}

resource "vault_generic_endpoint" "policy" {
  path      = "sys/policies/acl/app"
  data_json = jsonencode({ policy = "path \"secret/*\" { capabilities = [\"read\", \"sudo\"] }" })
}

resource "vault_generic_endpoint" "role" {
  path      = "auth/approle/role/app"
  data_json = jsonencode({ token_policies = "default,app" })
}

resource "vault_generic_endpoint" "user" {
  path      = "auth/userpass/users/ci"
  data_json = <<-JSON
    {"policies": ["root"], "password": "hunter2"}
  JSON
}

resource "vault_generic_endpoint" "unknown" {
  path      = var.u
  data_json = "{}"
}

resource "vault_generic_endpoint" "data" {
  path      = "auth/jwt/role/x"
  data_json = var.u
}

resource "vault_generic_endpoint" "mount" {
  path      = "sys/mounts/kv"
  data_json = "{}"
}
"#;
    insta::assert_snapshot!(all(main), @r"
    main.tf:6:15: TPL001[outside-template] `vault_generic_endpoint.role` may do `read` on `secret/x`, which no template allows; the nearest is `app-reader@1.0.0` (vault_generic_endpoint.policy.data_json)
    main.tf:11:15: OWN001[ungoverned-identity] no governance record answers for `vault_generic_endpoint.role`
    main.tf:16:15: OWN001[ungoverned-identity] no governance record answers for `vault_generic_endpoint.user`
    main.tf:17:19: TPL001[outside-template] `auth/userpass/role/ci` may do `create` on `x`, which no template allows; the nearest is `app-reader@1.0.0` (vault_generic_endpoint.user.data_json)
    main.tf:16:15: PRV001[admin-grant] the policy `root` allows everything (vault_generic_endpoint.user.data_json)
    main.tf:16:15: CRE001[long-lived-credential] `vault_generic_endpoint.user` is a credential with no end set (default: the password never ends, tokens end after the system's default, 768 hours)
    main.tf:22:15: TPL005[undecided-grant] permissions in `vault_generic_endpoint.unknown` cannot be compared with template `app-reader@1.0.0`: what `path` makes is not known before apply
    main.tf:28:15: TPL005[undecided-grant] permissions in `vault_generic_endpoint.data` cannot be compared with template `app-reader@1.0.0`: what `data_json` makes is not known before apply
    --- exit 1
    ");
}

#[test]
fn templates_of_azure() {
    let owner = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
    let template = json!({
        "parameters": { "who": { "type": "string" } },
        "resources": [
            { "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31", "name": "app" },
            { "type": "Microsoft.Authorization/roleAssignments", "name": "[guid('x')]", "properties": {
                "principalId": "[parameters('who')]",
                "roleDefinitionId": format!("[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{owner}')]"),
            } },
            { "type": "Microsoft.Resources/deployments", "name": "linked", "properties": { "templateLink": { "uri": "https://example.com" } } },
        ],
    });
    let resources = [
        (
            "azurerm_resource_group_template_deployment.t",
            json!({ "resource_group_name": "rg", "template_content": template.to_string(),
                "parameters_content": "{\"who\":{\"value\":\"22222222-2222-2222-2222-222222222222\"}}" }),
            json!({}),
        ),
        (
            "azurerm_subscription_template_deployment.u",
            json!({}),
            json!({ "template_content": true }),
        ),
        (
            "azapi_resource.a",
            json!({ "type": "Microsoft.Authorization/roleAssignments@2022-04-01", "name": "a", "parent_id": "/subscriptions/1",
                "body": { "properties": { "principalId": "33333333-3333-3333-3333-333333333333",
                    "roleDefinitionId": format!("/subscriptions/1/providers/Microsoft.Authorization/roleDefinitions/{owner}") } } }),
            json!({}),
        ),
        (
            "azapi_resource.u",
            json!({ "type": "Microsoft.Authorization/roleAssignments@2022-04-01" }),
            json!({ "body": true, "parent_id": true }),
        ),
    ];
    insta::assert_snapshot!(planned(&resources), @r"
    azapi_resource.a.body: TPL001[outside-template] `33333333-3333-3333-3333-333333333333` may do `Microsoft.Authorization/roleAssignments/write` on `/subscriptions/1`, which no template allows; the nearest is `lister@1.0.0`
    azapi_resource.a.body: PRV001[admin-grant] `Owner` is an administrator's role of `/subscriptions/1`
    azapi_resource.u.body: TPL005[undecided-grant] permissions in `azapi_resource.u` cannot be compared with template `app-reader@1.0.0`: `azapi_resource.u.body` is not known before apply
    azurerm_resource_group_template_deployment.t.template_content: OWN001[ungoverned-identity] no governance record answers for `azurerm_resource_group_template_deployment.t/userAssignedIdentities/app`
    azurerm_resource_group_template_deployment.t.template_content: TPL001[outside-template] `22222222-2222-2222-2222-222222222222` may do `Microsoft.Authorization/roleAssignments/write` on `/subscriptions/example/resourceGroups/rg`, which no template allows; the nearest is `lister@1.0.0`
    azurerm_resource_group_template_deployment.t.template_content: PRV001[admin-grant] `Owner` is an administrator's role of `/subscriptions/<the subscription of azurerm_resource_group_template_deployment.t>/resourceGroups/rg`
    azurerm_resource_group_template_deployment.t.template_content: TPL005[undecided-grant] permissions in `azurerm_resource_group_template_deployment.t` cannot be compared with template `app-reader@1.0.0`: what a linked template makes is no part of the plan
    azurerm_subscription_template_deployment.u.template_content: TPL005[undecided-grant] permissions in `azurerm_subscription_template_deployment.u` cannot be compared with template `app-reader@1.0.0`: what `template_content` makes is not known before apply
    --- exit 1
    ");
}
