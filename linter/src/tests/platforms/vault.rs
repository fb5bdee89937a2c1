//! Vault: policies of the model, of data sources and of others.

use super::{checked, listed};

pub(super) fn vault(policy: &str) -> String {
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
