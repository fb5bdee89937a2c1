//! Azure: roles that are built in, written out, or known from an export.

use super::checked;

pub(super) fn azure(role: &str, scope: &str) -> String {
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
      help: drop `Contributor`, or name a template that allows it; this opens a
            way to more privileges: runs its own code as a managed identity
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
