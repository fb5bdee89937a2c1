//! What counterexamples look like.

use std::collections::BTreeMap;

use crate::aws::{Decision, Document, contains};
use crate::catalogue::{actions, aws_managed_policies, aws_managed_policy};
use crate::text::Text;
use crate::verdict::Verdict;

/// A policy of one Allow: actions and resources between blanks, or the name of a managed one.
fn document(text: &str) -> Document {
    let list = |text: &str| {
        let quoted: Vec<String> = text.split(' ').map(|one| format!("{one:?}")).collect();
        quoted.join(",")
    };
    let json = match text.split_once(" on ") {
        Some((actions, resources)) => format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":[{}],"Resource":[{}]}}}}"#,
            list(actions),
            list(resources)
        ),
        None => aws_managed_policy(&format!("arn:aws:iam::aws:policy/{text}")).unwrap(),
    };
    Document::parse(&Text::from(json)).unwrap()
}

fn decide(inner: &str, outer: &str) -> Decision {
    contains(&[&document(outer)], &[&document(inner)])
}

fn request(inner: &str, outer: &str) -> String {
    match decide(inner, outer).open {
        Verdict::Outside(found) => {
            let exists = actions::exists(&found.action);
            format!("{found}{}", if exists { "" } else { " (no action of today)" })
        }
        Verdict::Inside => "inside".to_owned(),
        Verdict::Undecided(why) => why.reason,
    }
}

#[test]
fn requests_are_those_that_people_make() {
    let rows = [
        ("s3:* on *", "s3:Get* s3:List* on *"),
        ("s3:* on arn:aws:s3:::b/*", "s3:GetObject s3:PutObject on arn:aws:s3:::b/*"),
        ("s3:* on arn:aws:s3:::b/*", "s3:*Object* on *"),
        ("s3:* on arn:aws:s3:::b arn:aws:s3:::b/*", "s3:* on arn:aws:s3:::b/*"),
        ("s3:GetObject on arn:aws:s3:::b arn:aws:s3:::b/*", "s3:GetObject on arn:aws:s3:::c/*"),
        ("s3:getobject on *", "s3:GetObject on arn:aws:s3:::example-bucket/*"),
        ("s3:GetObject on arn:*:s3:::b/*", "s3:GetObject on arn:aws:s3:::b/*"),
        ("s3:ListBucket on arn:aws:s3:::b/*", "s3:GetObject on *"),
        ("s3:List* on arn:aws:s3:::b*", "s3:GetObject on *"),
        ("s3:ListAllMyBuckets on *", "s3:GetObject on *"),
        ("ec2:* on *", "ec2:Describe* ec2:RunInstances ec2:TerminateInstances ec2:CreateTags on *"),
        ("ec2:Describe* on *", "ec2:DescribeInstances ec2:DescribeVpcs on *"),
        (
            "ec2:StartInstances on arn:aws:ec2:*:*:instance/*",
            "ec2:StartInstances on arn:aws:ec2:us-east-1:*:instance/*",
        ),
        (
            "dynamodb:* on arn:aws:dynamodb:eu-*:*:table/*/index/*",
            "dynamodb:Query dynamodb:PutItem on *",
        ),
        (
            "iam:* on *",
            "iam:Get* iam:List* iam:CreateUser iam:PassRole iam:AttachRolePolicy iam:DeleteRole on *",
        ),
        ("glue:* on *", "glue:Get* on *"),
        ("glue:Get* on *", "glue:GetDatabase on *"),
        ("foo:Bar on *", "s3:* on *"),
        ("foo:* on *", "s3:* on *"),
        ("* on *", "s3:* on *"),
        ("ssm:GetParameter* on arn:aws:ssm:*:*:parameter/app/*", "ssm:GetParameter on *"),
        ("kms:* on *", "kms:Decrypt kms:Encrypt kms:Describe* on *"),
        ("cloudfront:CreateInvalidation on *", "cloudfront:Get* on *"),
        ("s3:?etObject on *", "s3:GetObject on *"),
        ("AWSLambda_FullAccess", "PowerUserAccess"),
        ("SecurityAudit", "ReadOnlyAccess"),
        ("AdministratorAccess", "PowerUserAccess"),
        ("AdministratorAccess", "ReadOnlyAccess"),
        ("AmazonEC2FullAccess", "AmazonEC2ReadOnlyAccess"),
        ("AmazonDynamoDBFullAccess", "AmazonDynamoDBReadOnlyAccess"),
    ];
    let shown =
        rows.map(|(inner, outer)| format!("{inner} <= {outer}:\n    {}", request(inner, outer)));
    insta::assert_snapshot!(shown.join("\n"), @"
    s3:* on * <= s3:Get* s3:List* on *:
        `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`
    s3:* on arn:aws:s3:::b/* <= s3:GetObject s3:PutObject on arn:aws:s3:::b/*:
        `s3:DeleteObject` on `arn:aws:s3:::b/example-object`
    s3:* on arn:aws:s3:::b/* <= s3:*Object* on *:
        `s3:BypassGovernanceRetention` on `arn:aws:s3:::b/example-object`
    s3:* on arn:aws:s3:::b arn:aws:s3:::b/* <= s3:* on arn:aws:s3:::b/*:
        `s3:ListBucket` on `arn:aws:s3:::b`
    s3:GetObject on arn:aws:s3:::b arn:aws:s3:::b/* <= s3:GetObject on arn:aws:s3:::c/*:
        `s3:GetObject` on `arn:aws:s3:::b/example-object`
    s3:getobject on * <= s3:GetObject on arn:aws:s3:::example-bucket/*:
        `s3:GetObject` on `arn:aws:s3:::another-bucket/another-object`
    s3:GetObject on arn:*:s3:::b/* <= s3:GetObject on arn:aws:s3:::b/*:
        `s3:GetObject` on `arn:aws-cn:s3:::b/x`
    s3:ListBucket on arn:aws:s3:::b/* <= s3:GetObject on *:
        `s3:ListBucket` on `arn:aws:s3:::b/x`
    s3:List* on arn:aws:s3:::b* <= s3:GetObject on *:
        `s3:ListBucket` on `arn:aws:s3:::bx`
    s3:ListAllMyBuckets on * <= s3:GetObject on *:
        `s3:ListAllMyBuckets` on `*`
    ec2:* on * <= ec2:Describe* ec2:RunInstances ec2:TerminateInstances ec2:CreateTags on *:
        `ec2:AttachApplianceToNatGateway` on `arn:aws:ec2:us-east-1:111122223333:natgateway/example`
    ec2:Describe* on * <= ec2:DescribeInstances ec2:DescribeVpcs on *:
        `ec2:DescribeAccountAttributes` on `*`
    ec2:StartInstances on arn:aws:ec2:*:*:instance/* <= ec2:StartInstances on arn:aws:ec2:us-east-1:*:instance/*:
        `ec2:StartInstances` on `arn:aws:ec2:eu-central-1:444455556666:instance/x`
    dynamodb:* on arn:aws:dynamodb:eu-*:*:table/*/index/* <= dynamodb:Query dynamodb:PutItem on *:
        `dynamodb:UpdateContributorInsights` on `arn:aws:dynamodb:eu-central-1:111122223333:table/example/index/example`
    iam:* on * <= iam:Get* iam:List* iam:CreateUser iam:PassRole iam:AttachRolePolicy iam:DeleteRole on *:
        `iam:AttachGroupPolicy` on `arn:aws:iam::111122223333:group/example`
    glue:* on * <= glue:Get* on *:
        `glue:BatchGetStageFiles` on `*`
    glue:Get* on * <= glue:GetDatabase on *:
        `glue:GetDataPreviewStatement` on `*`
    foo:Bar on * <= s3:* on *:
        `foo:Bar` on `arn:aws:foo:us-east-1:111122223333:example/x` (no action of today)
    foo:* on * <= s3:* on *:
        `foo:Example` on `arn:aws:foo:us-east-1:111122223333:example/x` (no action of today)
    * on * <= s3:* on *:
        `iam:CreateUser` on `arn:aws:iam::111122223333:user/example`
    ssm:GetParameter* on arn:aws:ssm:*:*:parameter/app/* <= ssm:GetParameter on *:
        `ssm:GetParameterHistory` on `arn:aws:ssm:us-east-1:111122223333:parameter/app/example`
    kms:* on * <= kms:Decrypt kms:Encrypt kms:Describe* on *:
        `kms:ScheduleKeyDeletion` on `arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012`
    cloudfront:CreateInvalidation on * <= cloudfront:Get* on *:
        `cloudfront:CreateInvalidation` on `arn:aws:cloudfront::111122223333:distribution/example`
    s3:?etObject on * <= s3:GetObject on *:
        `s3:Xetobject` on `arn:aws:s3:::example-bucket` (no action of today)
    AWSLambda_FullAccess <= PowerUserAccess:
        `iam:GetPolicy` on `arn:aws:iam::111122223333:policy/example`
    SecurityAudit <= ReadOnlyAccess:
        `airflow:GetEnvironment` on `arn:aws:airflow:us-east-1:111122223333:environment/example`
    AdministratorAccess <= PowerUserAccess:
        `account:CloseAccount` on `arn:aws:account::111122223333:account`
    AdministratorAccess <= ReadOnlyAccess:
        `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`
    AmazonEC2FullAccess <= AmazonEC2ReadOnlyAccess:
        `ec2:TerminateInstances` on `arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0`
    AmazonDynamoDBFullAccess <= AmazonDynamoDBReadOnlyAccess:
        `dynamodb:PutItem` on `arn:aws:dynamodb:us-east-1:111122223333:table/example`
    ");
}

/// AWS's own policies name actions that its reference does not list.
#[test]
fn literal_actions_that_the_catalogue_lacks_do_not_vanish() {
    let mut lacking: BTreeMap<String, String> = BTreeMap::new();
    for (_, json) in aws_managed_policies() {
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let list =
            |one: &serde_json::Value| one.as_array().cloned().unwrap_or_else(|| vec![one.clone()]);
        for statement in list(&json["Statement"]) {
            let named = list(&statement["Action"]);
            let named = named.iter().filter_map(serde_json::Value::as_str);
            for action in named.filter(|it| !it.contains('*') && !actions::exists(it)) {
                lacking.insert(action.to_ascii_lowercase(), action.to_owned());
            }
        }
    }
    assert_eq!(lacking.len(), 142);
    for action in lacking.values() {
        assert!(!actions::exists(action));
        let decision = decide(&format!("{action} on *"), "s3:GetObject on *");
        for verdict in [decision.open, decision.catalogue] {
            let Verdict::Outside(found) = verdict else { panic!("{action}") };
            assert!(found.action.eq_ignore_ascii_case(action), "{action} {found}");
        }
    }
}
