//! GitHub: deploy keys and the tokens of workflows.

use super::listed;

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
