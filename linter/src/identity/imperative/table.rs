//! The commands that make identities, credentials, grants or trusts, from the references of their programs.

use policy::text::{Part, Text};

use crate::catalogue::matches;

use super::Platform;

/// A command that makes something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The program.
    pub(super) program: &'static str,
    /// Its subcommands; in a word, `*` stands for any characters.
    words: &'static [&'static str],
    /// What it makes: `a user of AWS`.
    pub(super) makes: &'static str,
    /// What makes the same where a plan shows it.
    pub(super) instead: &'static str,
}

const fn row(
    program: &'static str,
    words: &'static [&'static str],
    makes: &'static str,
    instead: &'static str,
) -> Row {
    Row { program, words, makes, instead }
}

/// One line a command, by program. Sources: the command references at <https://docs.aws.amazon.com/cli/latest/reference/>,
/// <https://cloud.google.com/sdk/gcloud/reference>, <https://learn.microsoft.com/cli/azure/reference-index>,
/// <https://learn.microsoft.com/powershell/module/az.resources>, <https://docs.aws.amazon.com/powershell/latest/reference>,
/// <https://kubernetes.io/docs/reference/kubectl/generated/>, <https://developer.hashicorp.com/vault/docs/commands>,
/// <https://cli.github.com/manual/>, <https://eksctl.io/usage/iamserviceaccounts/>.
pub(super) const TABLE: &[Row] = &[
    row("aws", &["iam", "create-user"], "a user", "`aws_iam_user`"),
    row("aws", &["iam", "create-role"], "a role", "`aws_iam_role`"),
    row("aws", &["iam", "create-group"], "a group", "`aws_iam_group`"),
    row("aws", &["iam", "create-access-key"], "a static key", "`aws_iam_role` for the workload"),
    row("aws", &["iam", "update-access-key"], "a static key that works", "`aws_iam_access_key`"),
    row("aws", &["iam", "create-login-profile"], "a password", "`aws_iam_user_login_profile`"),
    row("aws", &["iam", "update-login-profile"], "a password", "`aws_iam_user_login_profile`"),
    row(
        "aws",
        &["iam", "*-service-specific-credential"],
        "a password for a service",
        "`aws_iam_service_specific_credential`",
    ),
    row("aws", &["iam", "upload-*"], "a key or certificate", "its resource of the provider"),
    row(
        "aws",
        &["iam", "create-service-linked-role"],
        "a role of a service",
        "`aws_iam_service_linked_role`",
    ),
    row("aws", &["iam", "create-policy*"], "a policy", "`aws_iam_policy`"),
    row("aws", &["iam", "set-default-policy-version"], "another policy", "`aws_iam_policy`"),
    row("aws", &["iam", "put-role-policy"], "permissions", "`aws_iam_role_policy`"),
    row("aws", &["iam", "put-user-policy"], "permissions", "`aws_iam_user_policy`"),
    row("aws", &["iam", "put-group-policy"], "permissions", "`aws_iam_group_policy`"),
    row(
        "aws",
        &["iam", "*-permissions-boundary"],
        "another ceiling",
        "the argument `permissions_boundary`",
    ),
    row("aws", &["iam", "attach-role-policy"], "permissions", "`aws_iam_role_policy_attachment`"),
    row("aws", &["iam", "attach-user-policy"], "permissions", "`aws_iam_user_policy_attachment`"),
    row("aws", &["iam", "attach-group-policy"], "permissions", "`aws_iam_group_policy_attachment`"),
    row("aws", &["iam", "add-user-to-group"], "permissions", "`aws_iam_user_group_membership`"),
    row("aws", &["iam", "update-assume-role-policy"], "another trust", "`aws_iam_role`"),
    row("aws", &["iam", "*-instance-profile"], "an instance profile", "`aws_iam_instance_profile`"),
    row("aws", &["iam", "*-open-id-connect-*"], "a trust", "`aws_iam_openid_connect_provider`"),
    row("aws", &["iam", "*-saml-provider"], "a trust", "`aws_iam_saml_provider`"),
    row("aws", &["sso-admin", "create-*"], "a permission set or assignment", "`aws_ssoadmin_*`"),
    row("aws", &["sso-admin", "put-*"], "permissions", "`aws_ssoadmin_*`"),
    row("aws", &["sso-admin", "attach-*"], "permissions", "`aws_ssoadmin_*`"),
    row("aws", &["eks", "create-access-entry"], "access to a cluster", "`aws_eks_access_entry`"),
    row(
        "aws",
        &["eks", "associate-access-policy"],
        "permissions in a cluster",
        "`aws_eks_access_policy_association`",
    ),
    row(
        "aws",
        &["eks", "create-pod-identity-association"],
        "a trust",
        "`aws_eks_pod_identity_association`",
    ),
    row(
        "aws",
        &["cloudformation", "create-*"],
        "whatever a stack says",
        "`aws_cloudformation_stack`",
    ),
    row(
        "aws",
        &["cloudformation", "update-*"],
        "whatever a stack says",
        "`aws_cloudformation_stack`",
    ),
    row(
        "aws",
        &["cloudformation", "deploy"],
        "whatever a stack says",
        "`aws_cloudformation_stack`",
    ),
    row(
        "gcloud",
        &["iam", "service-accounts", "create"],
        "a service account",
        "`google_service_account`",
    ),
    row(
        "gcloud",
        &["iam", "service-accounts", "keys", "*"],
        "a static key",
        "`google_service_account_key`",
    ),
    row("gcloud", &["iam", "roles", "create"], "a role", "`google_project_iam_custom_role`"),
    row("gcloud", &["iam", "roles", "update"], "another role", "`google_project_iam_custom_role`"),
    row("gcloud", &["iam", "roles", "copy"], "a role", "`google_project_iam_custom_role`"),
    row(
        "gcloud",
        &["iam", "workload-identity-pools", "**", "create*"],
        "a trust",
        "`google_iam_workload_identity_pool_provider`",
    ),
    row(
        "gcloud",
        &["iam", "workforce-pools", "**", "create*"],
        "a trust",
        "its resource of the provider",
    ),
    row(
        "gcloud",
        &["services", "identity", "create"],
        "a service agent",
        "`google_project_service_identity`",
    ),
    row("gcloud", &["storage", "hmac", "create"], "a static key", "`google_storage_hmac_key`"),
    row("gcloud", &["**", "add-iam-policy-binding"], "permissions", "a `google_*_iam_member`"),
    row("gcloud", &["**", "set-iam-policy"], "permissions", "a `google_*_iam_policy`"),
    row("gsutil", &["iam", "ch"], "permissions", "`google_storage_bucket_iam_member`"),
    row("gsutil", &["iam", "set"], "permissions", "`google_storage_bucket_iam_policy`"),
    row("gsutil", &["hmac", "create"], "a static key", "`google_storage_hmac_key`"),
    row("bq", &["add-iam-policy-binding"], "permissions", "`google_bigquery_dataset_iam_member`"),
    row("bq", &["set-iam-policy"], "permissions", "`google_bigquery_dataset_iam_policy`"),
    row("az", &["ad", "sp", "create"], "a service principal", "`azuread_service_principal`"),
    row(
        "az",
        &["ad", "sp", "create-for-rbac"],
        "a service principal with a password",
        "`azuread_service_principal`",
    ),
    row("az", &["ad", "sp", "credential", "reset"], "a password", "`azuread_application_password`"),
    row("az", &["ad", "app", "create"], "an application", "`azuread_application`"),
    row(
        "az",
        &["ad", "app", "credential", "reset"],
        "a password",
        "`azuread_application_password`",
    ),
    row(
        "az",
        &["ad", "app", "federated-credential", "create"],
        "a trust",
        "`azuread_application_federated_identity_credential`",
    ),
    row("az", &["ad", "app", "permission", "*"], "permissions", "`azuread_app_role_assignment`"),
    row("az", &["ad", "group", "member", "add"], "permissions", "`azuread_group_member`"),
    row("az", &["role", "assignment", "create"], "permissions", "`azurerm_role_assignment`"),
    row("az", &["role", "definition", "create"], "a role", "`azurerm_role_definition`"),
    row("az", &["role", "definition", "update"], "another role", "`azurerm_role_definition`"),
    row("az", &["identity", "create"], "an identity", "`azurerm_user_assigned_identity`"),
    row(
        "az",
        &["identity", "federated-credential", "create"],
        "a trust",
        "`azurerm_federated_identity_credential`",
    ),
    row("az", &["keyvault", "set-policy"], "permissions", "`azurerm_key_vault_access_policy`"),
    row("az", &["**", "identity", "assign"], "an identity", "the block `identity` of the resource"),
    row(
        "az",
        &["deployment", "**", "create"],
        "whatever a template says",
        "the resources themselves",
    ),
    row("new-azadserviceprincipal", &[], "a service principal", "`azuread_service_principal`"),
    row("new-azadapplication", &[], "an application", "`azuread_application`"),
    row("new-azadappcredential", &[], "a password", "`azuread_application_password`"),
    row("new-azadspcredential", &[], "a password", "`azuread_service_principal_password`"),
    row("new-azroleassignment", &[], "permissions", "`azurerm_role_assignment`"),
    row("new-azroledefinition", &[], "a role", "`azurerm_role_definition`"),
    row("new-azuserassignedidentity", &[], "an identity", "`azurerm_user_assigned_identity`"),
    row("new-iamuser", &[], "a user", "`aws_iam_user`"),
    row("new-iamrole", &[], "a role", "`aws_iam_role`"),
    row("new-iamaccesskey", &[], "a static key", "`aws_iam_role` for the workload"),
    row("register-iamrolepolicy", &[], "permissions", "`aws_iam_role_policy_attachment`"),
    row("register-iamuserpolicy", &[], "permissions", "`aws_iam_user_policy_attachment`"),
    row("write-iamrolepolicy", &[], "permissions", "`aws_iam_role_policy`"),
    row("write-iamuserpolicy", &[], "permissions", "`aws_iam_user_policy`"),
    row(
        "kubectl",
        &["create", "serviceaccount*"],
        "a service account",
        "`kubernetes_service_account_v1`",
    ),
    row("kubectl", &["create", "sa"], "a service account", "`kubernetes_service_account_v1`"),
    row("kubectl", &["create", "token"], "a token", "`kubernetes_token_request_v1`"),
    row("kubectl", &["create", "role"], "a role", "`kubernetes_role_v1`"),
    row("kubectl", &["create", "clusterrole"], "a role", "`kubernetes_cluster_role_v1`"),
    row("kubectl", &["create", "rolebinding"], "permissions", "`kubernetes_role_binding_v1`"),
    row(
        "kubectl",
        &["create", "clusterrolebinding"],
        "permissions",
        "`kubernetes_cluster_role_binding_v1`",
    ),
    row("kubectl", &["set", "subject"], "permissions", "`kubernetes_role_binding_v1`"),
    row("oc", &["adm", "policy", "add-*"], "permissions", "`kubernetes_role_binding_v1`"),
    row("oc", &["policy", "add-*"], "permissions", "`kubernetes_role_binding_v1`"),
    row("oc", &["create", "sa"], "a service account", "`kubernetes_service_account_v1`"),
    row(
        "oc",
        &["create", "serviceaccount"],
        "a service account",
        "`kubernetes_service_account_v1`",
    ),
    row("oc", &["create", "token"], "a token", "`kubernetes_token_request_v1`"),
    row("oc", &["sa", "new-token"], "a token", "`kubernetes_token_request_v1`"),
    row("eksctl", &["create", "iam*"], "a service account with a role", "`aws_iam_role`"),
    row(
        "eksctl",
        &["create", "podidentityassociation*"],
        "a trust",
        "`aws_eks_pod_identity_association`",
    ),
    row("eksctl", &["create", "accessentry"], "access to a cluster", "`aws_eks_access_entry`"),
    row("vault", &["token", "create"], "a token", "`vault_token`"),
    row("vault", &["policy", "write"], "a policy", "`vault_policy`"),
    row("vault", &["write", "auth/*"], "a role or a login", "its resource of the provider"),
    row("vault", &["write", "sys/polic*"], "a policy", "`vault_policy`"),
    row("vault", &["write", "identity/*"], "an entity or a group", "`vault_identity_entity`"),
    row("vault", &["auth", "enable"], "a way to log in", "`vault_auth_backend`"),
    row("gh", &["repo", "deploy-key", "add"], "a static key", "`github_repository_deploy_key`"),
    row("gh", &["ssh-key", "add"], "a static key", "`github_user_ssh_key`"),
    row("gh", &["api", "*/keys"], "a static key", "`github_repository_deploy_key`"),
    row("gh", &["api", "*/keys/*"], "a static key", "`github_repository_deploy_key`"),
    row("gh", &["api", "*/collaborators/*"], "permissions", "`github_repository_collaborator`"),
    row("terraform", &["apply"], "whatever its own configuration says", "a module"),
    row("tofu", &["apply"], "whatever its own configuration says", "a module"),
    row("terragrunt", &["apply*"], "whatever its own configuration says", "a module"),
    row("terragrunt", &["run-all", "apply"], "whatever its own configuration says", "a module"),
    row("pulumi", &["up"], "whatever its own program says", "a module"),
    row("cdk", &["deploy"], "whatever its own program says", "the resources themselves"),
    row("cdktf", &["deploy"], "whatever its own program says", "a module"),
    row("sam", &["deploy"], "whatever a template says", "`aws_cloudformation_stack`"),
    row("serverless", &["deploy"], "whatever a template says", "`aws_cloudformation_stack`"),
    row("sls", &["deploy"], "whatever a template says", "`aws_cloudformation_stack`"),
    row("eksctl", &["create", "cluster"], "roles of a cluster", "`aws_eks_cluster`"),
    row("aws", &["kms", "create-grant"], "permissions", "`aws_kms_grant`"),
    row("aws", &["lambda", "add-permission"], "permissions", "`aws_lambda_permission`"),
    row("aws", &["s3api", "put-bucket-policy"], "permissions", "`aws_s3_bucket_policy`"),
    row("aws", &["kms", "put-key-policy"], "permissions", "`aws_kms_key_policy`"),
    row("aws", &["rolesanywhere", "create-*"], "a trust", "`aws_rolesanywhere_*`"),
    row("aws", &["apigateway", "create-api-key"], "a static key", "`aws_api_gateway_api_key`"),
    row(
        "aws",
        &["cognito-idp", "create-user-pool-client"],
        "a client",
        "`aws_cognito_user_pool_client`",
    ),
];

/// What statements in SQL make.
pub(super) const STATEMENT: Row =
    row("sql", &[], "a user or a grant of a database", "the provider of the database");

/// How surely a command is one of the table.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found {
    /// It is.
    Certain(&'static Row),
    /// It is, if an unknown word turns out so.
    Possible,
}

/// The row of a command. `program` is in lower case, without folder and ending.
pub(super) fn find(program: &str, arguments: &[Text]) -> Option<Found> {
    let asked = |word: &Text| matches!(word.as_str(), Some("--help" | "-h"));
    // `--user-name help` asks for nothing.
    let last = match arguments {
        [.., before, last] => Some(last).filter(|_| !before.to_string().starts_with("--")),
        [last] => Some(last),
        [] => None,
    };
    if arguments.iter().any(asked) || last.is_some_and(|last| last.as_str() == Some("help")) {
        return None;
    }
    let names: &[&str] = match program {
        "bao" => &["vault"],
        "oc" => &["oc", "kubectl"],
        other => &[other],
    };
    let mut possible = None;
    for row in TABLE.iter().filter(|row| names.contains(&row.program)) {
        match fits(arguments, row.words).filter(|_| acts(row, arguments)) {
            Some(true) => return Some(Found::Certain(row)),
            Some(false) => possible = Some(Found::Possible),
            None => {}
        }
    }
    possible
}

/// The subcommand of a command, without options, what belongs to them, and what they are about.
pub(super) fn shown(program: &str, row: &Row, arguments: &[Text]) -> String {
    let mut out = program.to_owned();
    let mut words = arguments.iter();
    let mut any = false;
    for wanted in row.words {
        if *wanted == "**" {
            any = true;
            continue;
        }
        for word in words.by_ref() {
            let here = is(word, wanted) == Some(true);
            if here || (any && !word.to_string().starts_with('-')) {
                out.push(' ');
                out.push_str(&word.to_string());
            }
            if here {
                break;
            }
        }
        any = false;
    }
    out
}

/// Whether a command makes what its row says: some subcommands have another side that only reads or takes away.
fn acts(row: &Row, arguments: &[Text]) -> bool {
    let mut known = arguments.iter().filter_map(Text::as_str);
    match row.words {
        // Taking a boundary away is the way to more.
        ["iam", "*-permissions-boundary"] => true,
        ["iam", glob] if glob.starts_with('*') => !known.any(|word| {
            ["get-", "list-", "delete-", "remove-", "tag-", "untag-"]
                .iter()
                .any(|verb| word.starts_with(verb))
        }),
        ["iam", "service-accounts", "keys", _] => {
            !known.any(|word| ["list", "delete", "describe", "disable"].contains(&word))
        }
        ["ad", "app", "permission", _] => {
            !known.any(|word| word.starts_with("list") || word == "delete")
        }
        // Without a method and without fields it reads.
        ["api", _] => {
            let method = |word: &str| {
                let word = word.trim_start_matches("--method=").trim_start_matches("-X");
                ["POST", "PUT", "PATCH"].contains(&word.to_ascii_uppercase().as_str())
                    || ["-f", "-F", "--field", "--raw-field", "--input"].contains(&word)
            };
            let unknown = |pair: &[Text]| match pair {
                [option, value] => {
                    matches!(option.as_str(), Some("-X" | "--method")) && value.has_holes()
                }
                _ => false,
            };
            known.any(method) || arguments.windows(2).any(unknown)
        }
        _ => true,
    }
}

/// Options without a value. Every other one may have one.
fn is_flag(option: &str) -> bool {
    option.contains('=')
        || option.starts_with("--no-")
        || ["--debug", "--quiet", "-q", "--force", "--verbose", "-v"].contains(&option)
}

/// Whether words are a subcommand, with options and their values anywhere between: surely (`true`), if unknown words turn
/// out so (`false`), or not.
fn fits(words: &[Text], pattern: &[&str]) -> Option<bool> {
    let Some((wanted, later)) = pattern.split_first() else { return Some(true) };
    if *wanted == "**" {
        // Anything may stand there, so that an unknown word says nothing.
        let sure = |at| words.get(at..).and_then(|words| fits(words, later)) == Some(true);
        return (0..=words.len()).any(sure).then_some(true);
    }
    let (word, rest) = words.split_first()?;
    let first = match word.parts().first() {
        Some(Part::Literal(first)) => first.as_str(),
        Some(Part::Hole(_)) | None => "",
    };
    if first.starts_with('-') {
        let value = rest.first().filter(|_| !is_flag(first) && word.as_str().is_some());
        let without = || fits(rest, pattern);
        let with = || fits(rest.get(1..)?, pattern);
        return match value {
            Some(value) if value.as_str().is_none() => with(),
            Some(_) => without().max(with()),
            None => without(),
        };
    }
    // An unknown word can become several.
    if first.is_empty() && word.has_holes() {
        return Some(false);
    }
    let here = is(word, wanted)?;
    fits(rest, later).map(|rest| here && rest)
}

/// Whether a word is what a pattern says.
fn is(word: &Text, pattern: &str) -> Option<bool> {
    if let Some(known) = word.as_str() {
        return matches(pattern, known).then_some(true);
    }
    let (before, _) = pattern.split_once('*').unwrap_or((pattern, ""));
    let known = match word.parts().first() {
        Some(Part::Literal(first)) => first.as_str(),
        Some(Part::Hole(_)) | None => "",
    };
    (before.starts_with(known) || known.starts_with(before) && pattern.contains('*'))
        .then_some(false)
}

/// Whose commands a program has.
pub(super) fn platform(program: &str) -> Platform {
    match program {
        "gcloud" | "gsutil" | "bq" => Platform::Google,
        "az" => Platform::Azure,
        "kubectl" | "oc" => Platform::Kubernetes,
        "vault" | "bao" => Platform::Vault,
        "gh" => Platform::GitHub,
        _ => Platform::Aws,
    }
}

/// Whether a program is one of the table's.
pub(super) fn is_program(name: &str) -> bool {
    name == "bao" || TABLE.iter().any(|row| row.program == name)
}
