//! What a reader recognises: likely actions and resources for counterexamples.
//!
//! What exists comes from the catalogue of actions; here is only what it does not say: which actions tell a reader
//! most, and what names of things look like. Whether a request built from this proves anything is for the evaluator to
//! say.

use crate::catalogue::actions::{self, Action, ResourceType, Service};

mod arn;

pub(super) use arn::{Ask, merged};

/// Actions of which people know at once why it matters who may do them, the most telling ones of a service first.
pub(super) const TELLING: &[&str] = &[
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:DeleteBucket",
    "s3:PutBucketPolicy",
    "s3:DeleteObjectVersion",
    "s3:ListAllMyBuckets",
    "iam:CreateUser",
    "iam:PassRole",
    "iam:AttachRolePolicy",
    "iam:DeleteRole",
    "iam:GetRole",
    "iam:ListRoles",
    "ec2:TerminateInstances",
    "ec2:RunInstances",
    "ec2:CreateTags",
    "ec2:DescribeInstances",
    "organizations:LeaveOrganization",
    "organizations:DescribeOrganization",
    "sts:AssumeRole",
    "sts:TagSession",
    "kms:Decrypt",
    "kms:ScheduleKeyDeletion",
    "kms:DescribeKey",
    "dynamodb:PutItem",
    "dynamodb:DeleteTable",
    "dynamodb:GetItem",
    "dynamodb:ListTables",
    "lambda:InvokeFunction",
    "lambda:UpdateFunctionCode",
    "lambda:GetFunction",
    "secretsmanager:GetSecretValue",
    "secretsmanager:DeleteSecret",
    "ssm:GetParameter",
    "ssm:PutParameter",
    "sqs:SendMessage",
    "sqs:DeleteQueue",
    "sns:Publish",
    "sns:DeleteTopic",
    "logs:PutLogEvents",
    "logs:DeleteLogGroup",
    "logs:CreateLogGroup",
    "cloudwatch:PutMetricData",
    "ecr:PutImage",
    "ecr:GetAuthorizationToken",
    "ecs:RunTask",
    "ecs:UpdateService",
    "eks:DescribeCluster",
    "eks:DeleteCluster",
    "rds:DeleteDBInstance",
    "rds:DescribeDBInstances",
    "cloudformation:CreateStack",
    "cloudtrail:StopLogging",
    "account:CloseAccount",
];

/// Partition, region and account.
pub(super) type Place = (&'static str, &'static str, &'static str);

/// Places that belong together, for wildcards.
pub(super) const PLACES: &[Place] = &[
    ("aws", "us-east-1", "111122223333"),
    ("aws", "eu-central-1", "444455556666"),
    ("aws-cn", "cn-north-1", "444455556666"),
    ("aws-us-gov", "us-gov-west-1", "444455556666"),
];

/// Places that fit the beginning of a pattern.
pub(super) fn places(pattern: &str) -> impl Iterator<Item = Place> + use<> {
    let partition = pattern.strip_prefix("arn:").and_then(|rest| rest.split(':').next());
    let known = partition.and_then(|own| PLACES.iter().position(|place| place.0 == own));
    let last = match known {
        Some(first) => PLACES.get(first).map_or("aws", |place| place.0),
        None => "",
    };
    PLACES
        .iter()
        .filter(move |place| last == place.0 || (last.is_empty() && place.0 != "aws-us-gov"))
        .copied()
}

/// Types of resources that are tried for one action.
const TYPES: usize = 4;

/// The types of resources that an action works on, the one that it is named after first; none if requests for it can
/// name none but `*`.
pub(super) fn types(action: Action) -> Vec<ResourceType> {
    let name = action.lower();
    let mut found: Vec<(ResourceType, bool)> = action.resource_types().collect();
    found.sort_by_key(|(kind, required)| {
        let named = name.contains(kind.name().replace('-', "").as_str());
        (!named, !required, kind.arn().len())
    });
    found.into_iter().map(|(kind, _)| kind).take(TYPES).collect()
}

/// Legal resources for an action, for any of which a policy may ask with `*`; the plainest first.
pub(super) fn resources(action: Action) -> Vec<String> {
    let types = types(action);
    if types.is_empty() {
        return vec!["*".to_owned()];
    }
    of_types(&types)
}

/// Resources of a service, for actions that are not known.
pub(super) fn resources_of(service: Service) -> Vec<String> {
    let mut types: Vec<ResourceType> = service.resource_types().collect();
    types.sort_by_key(|kind| kind.arn().len());
    types.truncate(1);
    of_types(&types)
}

fn of_types(types: &[ResourceType]) -> Vec<String> {
    let all = places("").flat_map(|place| types.iter().map(move |kind| (kind, place)));
    all.filter_map(|(kind, place)| merged(&[Ask::Many], kind.arn(), place, true)).collect()
}

/// The action of this full name, if it exists.
pub(super) fn known(action: &str) -> Option<Action> {
    actions::find(action)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telling_actions_exist_as_they_are_written() {
        for action in TELLING {
            assert_eq!(known(action).unwrap().to_string(), *action);
        }
    }

    #[test]
    fn resources_are_those_of_the_action() {
        let first = |action: &str| resources(known(action).unwrap()).into_iter().next().unwrap();
        let shown = [
            "s3:PutObject",
            "s3:ListBucket",
            "s3:ListAllMyBuckets",
            "iam:PassRole",
            "ec2:RunInstances",
            "ec2:TerminateInstances",
            "kms:Decrypt",
            "dynamodb:Query",
            "secretsmanager:GetSecretValue",
            "logs:PutLogEvents",
            "sqs:SendMessage",
            "lambda:InvokeFunction",
            "sts:AssumeRole",
            "ecs:RunTask",
            "organizations:AttachPolicy",
            "execute-api:Invoke",
        ]
        .map(|action| format!("{action} {}", first(action)));
        insta::assert_snapshot!(shown.join("\n"), @"
        s3:PutObject arn:aws:s3:::example-bucket/example-object
        s3:ListBucket arn:aws:s3:::example-bucket
        s3:ListAllMyBuckets *
        iam:PassRole arn:aws:iam::111122223333:role/example
        ec2:RunInstances arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0
        ec2:TerminateInstances arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0
        kms:Decrypt arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012
        dynamodb:Query arn:aws:dynamodb:us-east-1:111122223333:table/example
        secretsmanager:GetSecretValue arn:aws:secretsmanager:us-east-1:111122223333:secret:example-a1b2c3
        logs:PutLogEvents arn:aws:logs:us-east-1:111122223333:log-group:example:log-stream:example
        sqs:SendMessage arn:aws:sqs:us-east-1:111122223333:example
        lambda:InvokeFunction arn:aws:lambda:us-east-1:111122223333:function:example
        sts:AssumeRole arn:aws:iam::111122223333:role/example
        ecs:RunTask arn:aws:ecs:us-east-1:111122223333:task-definition/example:1
        organizations:AttachPolicy arn:aws:organizations::111122223333:policy/o-a1b2c3d4e5/example/p-example
        execute-api:Invoke arn:aws:execute-api:us-east-1:111122223333:/domainnames/example+example
        ");
    }

    #[test]
    fn every_action_has_a_likely_resource() {
        for action in actions::services().flat_map(|service| service.actions()) {
            let likely = resources(action);
            let first = likely.first().unwrap();
            assert!(first == "*" || first.matches(':').count() >= 5, "{action} {first}");
            assert!(!first.contains(['$', '?']), "{action} {first}");
        }
    }
}
