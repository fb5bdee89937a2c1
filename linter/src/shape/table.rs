//! The shapes as data: one row an attribute.
//!
//! Sources: the providers' documentation of each resource's attributes and the platforms' lists of resource names. A
//! slot without a default that the configuration does not fill is a word that the platform makes up.

use crate::model::Mode;

/// Type (`data.` before a data source), attribute, form. See `shaped` for the forms.
const FORMS: &[(&str, &str, &str)] = &[
    (
        "aws_api_gateway_rest_api",
        "execution_arn",
        "arn:{partition}:execute-api:{region}:{account}:{id}",
    ),
    (
        "aws_bedrockagent_agent",
        "agent_arn",
        "arn:{partition}:bedrock:{region}:{account}:agent/{agent_id}",
    ),
    ("aws_cloudtrail", "arn", "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"),
    (
        "aws_cloudwatch_event_bus",
        "arn",
        "arn:{partition}:events:{region}:{account}:event-bus/{name}",
    ),
    ("aws_cloudwatch_event_rule", "arn", "arn:{partition}:events:{region}:{account}:rule/{name}"),
    ("aws_cloudwatch_log_group", "arn", "arn:{partition}:logs:{region}:{account}:log-group:{name}"),
    ("aws_cloudwatch_log_group", "id", "{name}"),
    (
        "aws_cloudwatch_metric_alarm",
        "arn",
        "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm_name}",
    ),
    ("aws_codebuild_project", "arn", "arn:{partition}:codebuild:{region}:{account}:project/{name}"),
    (
        "aws_codecommit_repository",
        "arn",
        "arn:{partition}:codecommit:{region}:{account}:{repository_name}",
    ),
    ("aws_codepipeline", "arn", "arn:{partition}:codepipeline:{region}:{account}:{name}"),
    (
        "aws_cognito_user_pool",
        "arn",
        "arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}",
    ),
    ("aws_db_instance", "arn", "arn:{partition}:rds:{region}:{account}:db:{identifier}"),
    ("aws_dynamodb_table", "arn", "arn:{partition}:dynamodb:{region}:{account}:table/{name}"),
    ("aws_dynamodb_table", "id", "{name}"),
    ("aws_dynamodb_table", "stream_arn", "~arn:*:dynamodb:*:*:table/*/stream/*"),
    ("aws_ebs_volume", "arn", "arn:{partition}:ec2:{region}:{account}:volume/{id}"),
    ("aws_ecr_repository", "arn", "arn:{partition}:ecr:{region}:{account}:repository/{name}"),
    ("aws_ecr_repository", "id", "{name}"),
    ("aws_ecr_repository", "repository_url", "{account}.dkr.ecr.{region}.amazonaws.com/{name}"),
    ("aws_ecs_cluster", "arn", "arn:{partition}:ecs:{region}:{account}:cluster/{name}"),
    ("aws_ecs_cluster", "id", "arn:{partition}:ecs:{region}:{account}:cluster/{name}"),
    ("aws_ecs_service", "id", "~arn:*:ecs:*:*:service/*"),
    ("aws_ecs_task_definition", "arn", "~arn:*:ecs:*:*:task-definition/*"),
    (
        "aws_ecs_task_definition",
        "arn_without_revision",
        "arn:{partition}:ecs:{region}:{account}:task-definition/{family}",
    ),
    (
        "aws_efs_file_system",
        "arn",
        "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}",
    ),
    ("aws_eks_cluster", "arn", "arn:{partition}:eks:{region}:{account}:cluster/{name}"),
    ("aws_eks_cluster", "id", "{name}"),
    (
        "aws_elasticache_replication_group",
        "arn",
        "arn:{partition}:elasticache:{region}:{account}:replicationgroup:{replication_group_id}",
    ),
    ("aws_glue_catalog_database", "arn", "arn:{partition}:glue:{region}:{account}:database/{name}"),
    ("aws_glue_job", "arn", "arn:{partition}:glue:{region}:{account}:job/{name}"),
    ("aws_iam_group", "arn", "arn:{partition}:iam::{account}:group{path|/}{name}"),
    ("aws_iam_group", "id", "{name}"),
    ("aws_iam_group", "name", "{name}"),
    (
        "aws_iam_instance_profile",
        "arn",
        "arn:{partition}:iam::{account}:instance-profile{path|/}{name}",
    ),
    ("aws_iam_instance_profile", "id", "{name}"),
    ("aws_iam_instance_profile", "name", "{name}"),
    (
        "aws_iam_openid_connect_provider",
        "arn",
        "arn:{partition}:iam::{account}:oidc-provider/{url:host}",
    ),
    (
        "aws_iam_openid_connect_provider",
        "id",
        "arn:{partition}:iam::{account}:oidc-provider/{url:host}",
    ),
    ("aws_iam_policy", "arn", "arn:{partition}:iam::{account}:policy{path|/}{name}"),
    ("aws_iam_policy", "id", "arn:{partition}:iam::{account}:policy{path|/}{name}"),
    ("aws_iam_policy", "name", "{name}"),
    ("aws_iam_role", "arn", "arn:{partition}:iam::{account}:role{path|/}{name}"),
    ("aws_iam_role", "id", "{name}"),
    ("aws_iam_role", "name", "{name}"),
    ("aws_iam_saml_provider", "arn", "arn:{partition}:iam::{account}:saml-provider/{name}"),
    ("aws_iam_saml_provider", "id", "arn:{partition}:iam::{account}:saml-provider/{name}"),
    (
        "aws_iam_service_linked_role",
        "arn",
        "arn:{partition}:iam::{account}:role/aws-service-role/{aws_service_name}/{name}",
    ),
    ("aws_iam_user", "arn", "arn:{partition}:iam::{account}:user{path|/}{name}"),
    ("aws_iam_user", "id", "{name}"),
    ("aws_iam_user", "name", "{name}"),
    ("aws_instance", "arn", "arn:{partition}:ec2:{region}:{account}:instance/{id}"),
    (
        "aws_kinesis_firehose_delivery_stream",
        "arn",
        "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}",
    ),
    ("aws_kinesis_stream", "arn", "arn:{partition}:kinesis:{region}:{account}:stream/{name}"),
    ("aws_kms_alias", "arn", "arn:{partition}:kms:{region}:{account}:{name}"),
    ("aws_kms_key", "arn", "arn:{partition}:kms:{region}:{account}:key/{key_id}"),
    ("aws_kms_key", "id", "{key_id}"),
    ("aws_kms_key", "key_id", "{key_id}"),
    ("aws_lambda_alias", "arn", "~arn:*:lambda:*:*:function:*:*"),
    (
        "aws_lambda_function",
        "arn",
        "arn:{partition}:lambda:{region}:{account}:function:{function_name}",
    ),
    ("aws_lambda_function", "id", "{function_name}"),
    ("aws_lambda_function", "invoke_arn", "~arn:*:apigateway:*:lambda:path/*"),
    ("aws_lambda_function", "qualified_arn", "~arn:*:lambda:*:*:function:*:*"),
    ("aws_lb", "arn", "~arn:*:elasticloadbalancing:*:*:loadbalancer/*"),
    ("aws_lb_target_group", "arn", "~arn:*:elasticloadbalancing:*:*:targetgroup/*"),
    ("aws_msk_cluster", "arn", "~arn:*:kafka:*:*:cluster/*"),
    ("aws_opensearch_domain", "arn", "arn:{partition}:es:{region}:{account}:domain/{domain_name}"),
    (
        "aws_rds_cluster",
        "arn",
        "arn:{partition}:rds:{region}:{account}:cluster:{cluster_identifier}",
    ),
    ("aws_rolesanywhere_profile", "arn", "~arn:*:rolesanywhere:*:*:profile/*"),
    ("aws_rolesanywhere_trust_anchor", "arn", "~arn:*:rolesanywhere:*:*:trust-anchor/*"),
    ("aws_route53_zone", "arn", "arn:{partition}:route53:::hostedzone/{zone_id}"),
    ("aws_s3_access_point", "arn", "arn:{partition}:s3:{region}:{account}:accesspoint/{name}"),
    ("aws_s3_bucket", "arn", "arn:{partition}:s3:::{bucket}"),
    ("aws_s3_bucket", "bucket", "{bucket}"),
    ("aws_s3_bucket", "id", "{bucket}"),
    ("aws_s3_bucket_versioning", "id", "{bucket}"),
    ("aws_s3_object", "arn", "arn:{partition}:s3:::{bucket}/{key}"),
    (
        "aws_secretsmanager_secret",
        "arn",
        "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{suffix}",
    ),
    (
        "aws_secretsmanager_secret",
        "id",
        "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-{suffix}",
    ),
    ("aws_secretsmanager_secret_version", "arn", "~arn:*:secretsmanager:*:*:secret:*"),
    ("aws_security_group", "arn", "arn:{partition}:ec2:{region}:{account}:security-group/{id}"),
    (
        "aws_sfn_state_machine",
        "arn",
        "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
    ),
    (
        "aws_sfn_state_machine",
        "id",
        "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
    ),
    ("aws_sns_topic", "arn", "arn:{partition}:sns:{region}:{account}:{name}"),
    ("aws_sns_topic", "id", "arn:{partition}:sns:{region}:{account}:{name}"),
    ("aws_sqs_queue", "arn", "arn:{partition}:sqs:{region}:{account}:{name}"),
    ("aws_sqs_queue", "id", "https://sqs.{region}.amazonaws.com/{account}/{name}"),
    ("aws_sqs_queue", "url", "https://sqs.{region}.amazonaws.com/{account}/{name}"),
    ("aws_ssm_parameter", "arn", "arn:{partition}:ssm:{region}:{account}:parameter{name:path}"),
    ("aws_ssm_parameter", "id", "{name}"),
    ("aws_ssoadmin_permission_set", "arn", "~arn:*:sso:::permissionSet/*"),
    ("aws_subnet", "arn", "arn:{partition}:ec2:{region}:{account}:subnet/{id}"),
    ("aws_vpc", "arn", "arn:{partition}:ec2:{region}:{account}:vpc/{id}"),
    ("azuread_application", "client_id", "{client_id}"),
    ("azuread_application", "object_id", "{object_id}"),
    ("azuread_service_principal", "object_id", "{object_id}"),
    ("azurerm_user_assigned_identity", "client_id", "{client_id}"),
    ("azurerm_user_assigned_identity", "principal_id", "{principal_id}"),
    ("data.aws_caller_identity", "account_id", "{account}"),
    ("data.aws_caller_identity", "arn", "~arn:*"),
    ("data.aws_caller_identity", "id", "{account}"),
    ("data.aws_canonical_user_id", "id", "{id}"),
    ("data.aws_iam_group", "arn", "~arn:*:iam::*:group/*"),
    (
        "data.aws_iam_openid_connect_provider",
        "arn",
        "arn:{partition}:iam::{account}:oidc-provider/{url:host}",
    ),
    ("data.aws_iam_policy", "arn", "~arn:*:iam::*:policy/*"),
    ("data.aws_iam_role", "arn", "~arn:*:iam::*:role/*"),
    ("data.aws_iam_role", "id", "{name}"),
    ("data.aws_iam_user", "arn", "~arn:*:iam::*:user/*"),
    ("data.aws_kms_key", "arn", "~arn:*:kms:*:*:key/*"),
    (
        "data.aws_lambda_function",
        "arn",
        "arn:{partition}:lambda:{region}:{account}:function:{function_name}",
    ),
    ("data.aws_partition", "dns_suffix", "amazonaws.com"),
    ("data.aws_partition", "id", "{partition}"),
    ("data.aws_partition", "partition", "{partition}"),
    ("data.aws_region", "id", "{region}"),
    ("data.aws_region", "name", "{region}"),
    ("data.aws_region", "region", "{region}"),
    ("data.aws_s3_bucket", "arn", "arn:{partition}:s3:::{bucket}"),
    ("data.aws_s3_bucket", "id", "{bucket}"),
    ("data.aws_secretsmanager_secret", "arn", "~arn:*:secretsmanager:*:*:secret:*"),
    ("data.aws_sns_topic", "arn", "arn:{partition}:sns:{region}:{account}:{name}"),
    ("data.aws_sqs_queue", "arn", "arn:{partition}:sqs:{region}:{account}:{name}"),
    (
        "data.aws_ssm_parameter",
        "arn",
        "arn:{partition}:ssm:{region}:{account}:parameter{name:path}",
    ),
    ("data.google_client_config", "project", "{project}"),
    ("data.google_project", "project_id", "{project_id}"),
    ("data.google_service_account", "email", "{account_id}@{project}.iam.gserviceaccount.com"),
    (
        "data.google_service_account",
        "member",
        "serviceAccount:{account_id}@{project}.iam.gserviceaccount.com",
    ),
    (
        "data.google_service_account",
        "name",
        "projects/{project}/serviceAccounts/{account_id}@{project}.iam.gserviceaccount.com",
    ),
    ("github_repository", "full_name", "~*/*"),
    (
        "google_iam_workload_identity_pool",
        "name",
        "projects/{project_number}/locations/global/workloadIdentityPools/{workload_identity_pool_id}",
    ),
    ("google_project_iam_custom_role", "id", "projects/{project}/roles/{role_id}"),
    ("google_project_iam_custom_role", "name", "projects/{project}/roles/{role_id}"),
    ("google_pubsub_topic", "id", "projects/{project}/topics/{name}"),
    ("google_secret_manager_secret", "id", "projects/{project}/secrets/{secret_id}"),
    ("google_secret_manager_secret", "name", "projects/{project}/secrets/{secret_id}"),
    ("google_service_account", "email", "{account_id}@{project}.iam.gserviceaccount.com"),
    (
        "google_service_account",
        "id",
        "projects/{project}/serviceAccounts/{account_id}@{project}.iam.gserviceaccount.com",
    ),
    (
        "google_service_account",
        "member",
        "serviceAccount:{account_id}@{project}.iam.gserviceaccount.com",
    ),
    (
        "google_service_account",
        "name",
        "projects/{project}/serviceAccounts/{account_id}@{project}.iam.gserviceaccount.com",
    ),
    ("google_storage_bucket", "id", "{name}"),
    ("google_storage_bucket", "url", "gs://{name}"),
    ("vault_policy", "id", "{name}"),
];

/// Arguments that are optional and computed: a plan calls them unknown when nobody set them.
const UNSET: &[(&str, &[&str])] = &[
    ("aws_iam_group", &["name_prefix"]),
    ("aws_iam_group_policy", &["name_prefix"]),
    ("aws_iam_instance_profile", &["name_prefix"]),
    ("aws_iam_policy", &["name_prefix"]),
    ("aws_iam_role", &["inline_policy", "managed_policy_arns", "name_prefix"]),
    ("aws_iam_role_policy", &["name_prefix"]),
    ("aws_iam_user_policy", &["name_prefix"]),
    ("aws_kms_key", &["policy"]),
    ("aws_s3_bucket", &["acl", "bucket_prefix", "grant", "policy"]),
    ("aws_secretsmanager_secret", &["name_prefix", "policy"]),
    ("aws_sns_topic", &["name_prefix", "policy"]),
    ("aws_sqs_queue", &["name_prefix", "policy"]),
    ("google_service_account", &["create_ignore_already_exists"]),
];

/// Types of identities that take the provider's default tags.
const TAGGABLE: &[&str] = &[
    "aws_iam_instance_profile",
    "aws_iam_openid_connect_provider",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_saml_provider",
    "aws_iam_server_certificate",
    "aws_iam_service_linked_role",
    "aws_iam_user",
    "aws_rolesanywhere_profile",
    "aws_rolesanywhere_trust_anchor",
    "aws_transfer_user",
];

/// Whether resources of the type take the provider's default tags, as far as it is known here.
pub(super) fn is_taggable(kind: &str) -> bool {
    TAGGABLE.binary_search(&kind).is_ok()
}

/// Attributes and forms of a type.
pub(super) fn rows(mode: Mode, kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let data = if mode == Mode::Data { "data." } else { "" };
    let name = format!("{data}{kind}");
    let start = FORMS.partition_point(|(kind, _, _)| *kind < name.as_str());
    let rows = FORMS.get(start..).unwrap_or_default();
    rows.iter()
        .take_while(move |(kind, _, _)| *kind == name)
        .map(|(_, attribute, form)| (*attribute, *form))
}

/// The optional and computed arguments of a managed type.
pub(super) fn unset(kind: &str) -> &'static [&'static str] {
    let found = UNSET.binary_search_by(|(known, _)| (*known).cmp(kind)).ok();
    found.and_then(|at| UNSET.get(at)).map_or(&[], |(_, attributes)| attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_each_row_is_there_once() {
        assert!(FORMS.is_sorted_by(|left, right| (left.0, left.1) < (right.0, right.1)));
        assert!(TAGGABLE.is_sorted());
        assert!(UNSET.is_sorted_by(|left, right| left.0 < right.0));
        assert_eq!(rows(Mode::Managed, "aws_s3_bucket").count(), 3);
        assert_eq!(rows(Mode::Data, "aws_s3_bucket").count(), 2);
        assert_eq!(rows(Mode::Data, "aws_nothing").count(), 0);
    }
}
