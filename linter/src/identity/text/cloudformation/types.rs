//! The types of `CloudFormation` that need no more than other names: one table, one row each.

/// Names, and what they are called elsewhere.
pub(super) type Pairs = &'static [(&'static str, &'static str)];

/// Types that have the same properties as the provider's, under other names.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html>
const SIMPLE: &[(&str, &str, Pairs)] = &[
    ("AWS::IAM::AccessKey", "aws_iam_access_key", &[("UserName", "user")]),
    (
        "AWS::IAM::UserToGroupAddition",
        "aws_iam_group_membership",
        &[("GroupName", "group"), ("Users", "users")],
    ),
    (
        "AWS::IAM::OIDCProvider",
        "aws_iam_openid_connect_provider",
        &[("Url", "url"), ("ClientIdList", "client_id_list")],
    ),
    (
        "AWS::IAM::SAMLProvider",
        "aws_iam_saml_provider",
        &[("Name", "name"), ("SamlMetadataDocument", "saml_metadata_document")],
    ),
    (
        "AWS::IAM::ServerCertificate",
        "aws_iam_server_certificate",
        &[("ServerCertificateName", "name")],
    ),
    (
        "AWS::Lambda::Permission",
        "aws_lambda_permission",
        &[("Principal", "principal"), ("Action", "action"), ("FunctionName", "function_name")],
    ),
    (
        "AWS::IAM::ServiceLinkedRole",
        "aws_iam_service_linked_role",
        &[("AWSServiceName", "aws_service_name"), ("Description", "description")],
    ),
    (
        "AWS::EKS::PodIdentityAssociation",
        "aws_eks_pod_identity_association",
        &[("RoleArn", "role_arn"), ("ServiceAccount", "service_account")],
    ),
    (
        "AWS::RolesAnywhere::TrustAnchor",
        "aws_rolesanywhere_trust_anchor",
        &[("Name", "name"), ("Source", "source")],
    ),
    (
        "AWS::RolesAnywhere::Profile",
        "aws_rolesanywhere_profile",
        &[
            ("Name", "name"),
            ("RoleArns", "role_arns"),
            ("ManagedPolicyArns", "managed_policy_arns"),
        ],
    ),
    ("AWS::SSO::PermissionSet", "aws_ssoadmin_permission_set", &[("Name", "name")]),
    ("AWS::ApiGateway::ApiKey", "aws_api_gateway_api_key", &[("Name", "name")]),
    ("AWS::AppSync::ApiKey", "aws_appsync_api_key", &[("ApiId", "api_id"), ("Expires", "expires")]),
    ("AWS::Transfer::User", "aws_transfer_user", &[("UserName", "user_name"), ("Role", "role")]),
    (
        "AWS::Cognito::UserPoolClient",
        "aws_cognito_user_pool_client",
        &[("ClientName", "name"), ("GenerateSecret", "generate_secret")],
    ),
    (
        "AWS::EKS::AccessEntry",
        "aws_eks_access_entry",
        &[("PrincipalArn", "principal_arn"), ("ClusterName", "cluster_name")],
    ),
];

/// The provider's type and its names of the properties.
pub(super) fn simple(kind: &str) -> Option<(&'static str, Pairs)> {
    SIMPLE.iter().find(|(name, ..)| *name == kind).map(|(_, made, names)| (*made, *names))
}

/// Whether the properties of a type are read.
pub(super) fn is_read(kind: &str) -> bool {
    kind.starts_with("AWS::IAM::")
        || kind.starts_with("AWS::Serverless::")
        || simple(kind).is_some()
}
