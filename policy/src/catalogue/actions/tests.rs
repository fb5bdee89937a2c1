//! What the catalogue says, against things that everybody knows and against its own size.

use super::*;

mod package;

#[test]
fn all_of_the_data_can_be_read() {
    assert_eq!(DATE, "2026-10-27");
    let all: Vec<Service> = services().collect();
    assert_eq!(all.len(), 457);
    assert_eq!(all.iter().map(Service::len).sum::<usize>(), 22_321);
    let mut kinds = 0;
    for service in &all {
        let names: Vec<&str> = service.actions().map(|action| action.lower()).collect();
        assert!(names.is_sorted_by(|one, other| one < other), "{service:?}");
        for kind in service.resource_types() {
            assert!(kind.arn().starts_with("arn:"), "{service:?} {} {}", kind.name(), kind.arn());
            assert!(kind.arn().matches(':').count() >= 5, "{}", kind.arn());
            kinds += 1;
        }
        for action in service.actions() {
            assert!(action.cell().is_some(), "{action}");
            assert_eq!(action.name().to_ascii_lowercase(), action.lower());
            let types = action.resource_types().count();
            let places = action.cell().map(|cell| cell.1).unwrap();
            assert_eq!(types, service.details().unwrap().type_lists[usize::from(places)].len());
        }
    }
    assert_eq!(kinds, 2_348);
    assert!(all.windows(2).all(|pair| pair[0].prefix() < pair[1].prefix()));
}

#[test]
fn look_ups_know_no_case() {
    for action in ["s3:GetObject", "S3:getobject", "iam:PASSROLE", "ec2:RunInstances"] {
        assert!(exists(action), "{action}");
    }
    for action in
        ["s3:GetObjectt", "s3:GetObjec", "s3", "s3:", ":GetObject", "", "foo:Bar", "s3:Get*", "*"]
    {
        assert!(!exists(action), "{action}");
    }
    assert_eq!(find("S3:GETOBJECT").unwrap().to_string(), "s3:GetObject");
}

#[test]
fn actions_know_their_resources_and_keys() {
    let show = |name: &str| {
        let action = find(name).unwrap();
        let types: Vec<String> = action
            .resource_types()
            .map(|(kind, required)| format!("{}{}", kind.arn(), if required { "!" } else { "" }))
            .collect();
        let keys: Vec<&str> = action.condition_keys().take(4).collect();
        format!("{action} {:?} {types:?} {keys:?}", action.level())
    };
    insta::assert_snapshot!(
        ["s3:listbucket", "iam:passrole", "ec2:DescribeInstances", "sqs:SendMessage", "s3:PutBucketPolicy"]
            .map(show)
            .join("\n"),
        @r#"
    s3:ListBucket List ["arn:${Partition}:s3:${Region}:${Account}:accesspoint/${AccessPointName}", "arn:${Partition}:s3:::${BucketName}"] ["s3:AccessGrantsInstanceArn", "s3:authType", "s3:delimiter", "s3:max-keys"]
    iam:PassRole Write ["arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}!"] ["iam:AssociatedResourceArn", "iam:PassedToService"]
    ec2:DescribeInstances List [] ["ec2:Region"]
    sqs:SendMessage Write ["arn:${Partition}:sqs:${Region}:${Account}:${QueueName}!"] []
    s3:PutBucketPolicy Permissions ["arn:${Partition}:s3:::${BucketName}!"] ["s3:authType", "s3:ResourceAccount", "s3:signatureAge", "s3:signatureversion"]
    "#
    );
}

#[test]
fn names_are_found_by_their_beginning() {
    let s3 = service("s3").unwrap();
    let found = |start: &str| -> Vec<String> {
        s3.starting_with(start).map(|action| action.to_string()).collect()
    };
    assert_eq!(
        found("listb"),
        ["s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"]
    );
    assert_eq!(found("").len(), s3.len());
    assert!(found("zz").is_empty());
    assert!(found("ListBucketVersionsAndMore").is_empty());
}

#[test]
fn keys_have_types() {
    assert_eq!(key_type("aws:SourceIp"), Some((KeyType::IpAddress, false)));
    assert_eq!(key_type("AWS:requesttag/Team"), Some((KeyType::String, false)));
    assert_eq!(key_type("aws:RequestTag/"), None);
    assert_eq!(key_type("s3:prefix"), Some((KeyType::String, false)));
    assert_eq!(key_type("aws:TagKeys"), Some((KeyType::String, true)));
    assert_eq!(key_type("dynamodb:LeadingKeys"), Some((KeyType::String, true)));
    assert_eq!(key_type("iam:PolicyARN"), Some((KeyType::Arn, false)));
    assert_eq!(key_type("iam:NoSuchKey"), None);
    assert_eq!(key_type(""), None);
}
