//! Names for counterexamples that a reader recognises.
//!
//! Not a catalogue: a few actions of well-known services, each with a resource that it is used on. Every name here
//! exists, and whether a request built from it proves anything is for the evaluator to say.

/// Actions as AWS spells them, the most telling ones of a service first, each with a typical resource.
pub(super) const ACTIONS: &[(&str, &str)] = &[
    ("s3:PutObject", "arn:aws:s3:::example-bucket/example-object"),
    ("s3:DeleteObject", "arn:aws:s3:::example-bucket/example-object"),
    ("s3:GetObject", "arn:aws:s3:::example-bucket/example-object"),
    ("s3:ListBucket", "arn:aws:s3:::example-bucket"),
    ("s3:DeleteBucket", "arn:aws:s3:::example-bucket"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::example-bucket"),
    ("s3:DeleteObjectVersion", "arn:aws:s3:::example-bucket/example-object"),
    ("s3:ListAllMyBuckets", "*"),
    ("iam:CreateUser", "arn:aws:iam::111122223333:user/example"),
    ("iam:PassRole", "arn:aws:iam::111122223333:role/example"),
    ("iam:AttachRolePolicy", "arn:aws:iam::111122223333:role/example"),
    ("iam:DeleteRole", "arn:aws:iam::111122223333:role/example"),
    ("iam:GetRole", "arn:aws:iam::111122223333:role/example"),
    ("iam:ListRoles", "*"),
    ("ec2:TerminateInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0"),
    ("ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/*"),
    ("ec2:CreateTags", "arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0"),
    ("ec2:DescribeInstances", "*"),
    ("organizations:LeaveOrganization", "*"),
    ("organizations:DescribeOrganization", "*"),
    ("sts:AssumeRole", "arn:aws:iam::111122223333:role/example"),
    ("sts:TagSession", "arn:aws:iam::111122223333:role/example"),
    ("kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012"),
    (
        "kms:ScheduleKeyDeletion",
        "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012",
    ),
    (
        "kms:DescribeKey",
        "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012",
    ),
    ("dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:111122223333:table/example"),
    ("dynamodb:DeleteTable", "arn:aws:dynamodb:us-east-1:111122223333:table/example"),
    ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/example"),
    ("dynamodb:ListTables", "*"),
    ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:example"),
    ("lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:111122223333:function:example"),
    ("lambda:GetFunction", "arn:aws:lambda:us-east-1:111122223333:function:example"),
    (
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:example-a1b2c3",
    ),
    (
        "secretsmanager:DeleteSecret",
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:example-a1b2c3",
    ),
    ("ssm:GetParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/example"),
    ("ssm:PutParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/example"),
    ("sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:example"),
    ("sqs:DeleteQueue", "arn:aws:sqs:us-east-1:111122223333:example"),
    ("sns:Publish", "arn:aws:sns:us-east-1:111122223333:example"),
    ("sns:DeleteTopic", "arn:aws:sns:us-east-1:111122223333:example"),
    (
        "logs:PutLogEvents",
        "arn:aws:logs:us-east-1:111122223333:log-group:example:log-stream:example",
    ),
    ("logs:DeleteLogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:example:*"),
    ("logs:CreateLogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:example:*"),
    ("cloudwatch:PutMetricData", "*"),
    ("ecr:PutImage", "arn:aws:ecr:us-east-1:111122223333:repository/example"),
    ("ecr:GetAuthorizationToken", "*"),
    ("ecs:RunTask", "arn:aws:ecs:us-east-1:111122223333:task-definition/example:1"),
    ("ecs:UpdateService", "arn:aws:ecs:us-east-1:111122223333:service/example/example"),
    ("eks:DescribeCluster", "arn:aws:eks:us-east-1:111122223333:cluster/example"),
    ("eks:DeleteCluster", "arn:aws:eks:us-east-1:111122223333:cluster/example"),
    ("rds:DeleteDBInstance", "arn:aws:rds:us-east-1:111122223333:db:example"),
    ("rds:DescribeDBInstances", "arn:aws:rds:us-east-1:111122223333:db:*"),
    ("cloudformation:CreateStack", "arn:aws:cloudformation:us-east-1:111122223333:stack/example/*"),
    ("cloudtrail:StopLogging", "arn:aws:cloudtrail:us-east-1:111122223333:trail/example"),
    ("account:CloseAccount", "*"),
];

/// Partition, region and account for wildcards in those places.
pub(super) const PLACES: &[(&str, &str, &str)] =
    &[("aws", "us-east-1", "111122223333"), ("aws-cn", "cn-north-1", "444455556666")];

/// Whether an action works on something inside the thing that the first part of a resource names, as far as the
/// spelling tells: `s3:GetObjectTagging` on an object, `s3:ListBucket` on a bucket.
pub(super) fn wants_path(action: &str) -> Option<bool> {
    let lower = action.to_ascii_lowercase();
    let known = ACTIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(action));
    match (known, lower.strip_prefix("s3:")) {
        (Some((_, resource)), _) => Some(resource.contains('/')),
        (None, Some(name)) => Some(name.contains("object") || name.contains("multipart")),
        (None, None) => None,
    }
}

/// A glob with something likely in the place of each wildcard.
pub(super) fn filled(pattern: &str, place: (&str, &str, &str)) -> String {
    let mut fields: Vec<String> = pattern.splitn(6, ':').map(ToOwned::to_owned).collect();
    let arn = fields.len() == 6 && fields.first().is_some_and(|field| field == "arn");
    for (index, field) in fields.iter_mut().enumerate() {
        let whole = matches!(field.as_str(), "*" | "?*");
        let (filler, known) = match index {
            1 if arn => (place.0, place.0),
            3 if arn => (place.1, place.1),
            4 if arn => (place.2, place.2),
            _ => ("x", "example"),
        };
        if whole {
            known.clone_into(field);
            continue;
        }
        // `us-*` becomes the rest of a region that begins like it.
        let rest = field.strip_suffix('*').and_then(|start| filler.strip_prefix(start));
        let run = rest.filter(|_| arn && index < 5).unwrap_or("x");
        *field = field.replace('*', run).replace('?', "1");
    }
    fields.join(":")
}
