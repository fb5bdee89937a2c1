//! Drafts, and whether what they were drafted from fits.

use super::*;
use crate::governance::Field;
use crate::template::case;
use crate::template::fit::{AwsSubject, AzureSubject, GcpSubject, Policy};
use crate::text::Shape;

fn policy(statements: &str) -> Policy {
    Policy::parse(&Text::from(format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)))
        .unwrap()
}

/// A draft, which must be readable and hold everything.
#[track_caller]
fn draft(identities: &[Subject<'_>]) -> String {
    let text = suggest("draft", identities);
    let (library, errors) = Library::parse(&[("draft.nhi.hcl", text.as_str())]);
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    let template = library.templates().next().unwrap();
    for identity in identities {
        let fit = decide(template, &BTreeMap::new(), identity);
        assert!(matches!(fit, Fit::Inside(_)), "{fit:?}\n{text}");
    }
    assert_eq!(suggest("draft", identities), text);
    let tests = suggest_tests("draft", identities);
    let (cases, errors) = case::parse("draft.nhitest.hcl", &tests);
    assert!(errors.is_empty(), "{errors:?}\n{tests}");
    for case in cases {
        assert_eq!(case.run(&library), case::Outcome::Passed, "{tests}");
    }
    text
}

#[test]
fn one_role() {
    let permissions = policy(
        r#"{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::ledger/*"},
        {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::ledger/*"},
        {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::ledger","Condition":{"StringLike":{"s3:prefix":["in/*","${aws:username}"]}}}"#,
    );
    let trust = policy(
        r#"{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}"#,
    );
    let aws = AwsSubject {
        permissions: &[&permissions],
        trust: Some(&trust),
        boundary: Field::Value("arn:aws:iam::111122223333:policy/edge".into()),
    };
    let identity = Subject {
        kind: Some(Kind::WorkloadIdentity),
        environment: Some("prod"),
        aws: Some(aws),
        ..Subject::default()
    };
    insta::assert_snapshot!(draft(&[identity]), @r#"
    template "draft" {
      version     = "0.1.0"
      description = "What one identity may do: narrow it, then publish it"

      applies_to {
        kinds        = ["workload_identity"]
        environments = ["prod"]
      }

      require {
        metadata          = ["service", "environment"]
        max_lifetime      = "365d"
        max_session       = "1h"
        review_every      = "365d"
        static_credential = false
      }

      aws {
        permissions = jsonencode({
          Version = "2012-10-17"
          Statement = [
            {
              # wildcards of the identities, kept as they are: "arn:aws:s3:::ledger/*"
              Effect   = "Allow"
              Action   = ["s3:GetObject", "s3:PutObject"]
              Resource = "arn:aws:s3:::ledger/*"
            },
            {
              Effect    = "Allow"
              Action    = "s3:ListBucket"
              Resource  = "arn:aws:s3:::ledger"
              Condition = { StringLike = { "s3:prefix" = ["$${aws:username}", "in/*"] } }
            },
          ]
        })
        trust = jsonencode({
          Version = "2012-10-17"
          Statement = [
            {
              Effect    = "Allow"
              Principal = { Service = "lambda.amazonaws.com" }
              Action    = "sts:AssumeRole"
              Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }
            },
          ]
        })
        boundary = "arn:aws:iam::111122223333:policy/edge"
      }
    }
    "#);
}

fn on_aws<'a>(permissions: &'a [&'a Policy]) -> Subject<'a> {
    let boundary = Field::Absent;
    let aws = Some(AwsSubject { permissions, trust: None, boundary });
    Subject { aws, ..Subject::default() }
}

/// The block of a draft in lines, without what every draft has.
#[track_caller]
fn block(identities: &[Subject<'_>]) -> String {
    let text = draft(identities);
    let start = text.find("  parameter").or_else(|| text.find("\n  aws")).unwrap_or_default();
    text.get(start..).unwrap_or_default().to_owned()
}

#[test]
fn what_differs_becomes_a_parameter() {
    let role = |account: &str, region: &str, queue: &str| {
        policy(&format!(
            r#"{{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:{region}:{account}:{queue}"}},
            {{"Effect":"Allow","Action":["kms:Decrypt"],"Resource":"arn:aws:kms:{region}:{account}:key/*"}},
            {{"Effect":"Allow","Action":["logs:PutLogEvents"],"Resource":"arn:aws:logs:{region}:{account}:log-group:/aws/lambda/{queue}:*"}}"#
        ))
    };
    let one = role("111122223333", "eu-central-1", "orders");
    let two = role("444455556666", "us-east-1", "invoices");
    insta::assert_snapshot!(block(&[on_aws(&[&one]), on_aws(&[&two])]), @r#"
      parameter "account" {
        pattern = "[0-9]{12}"
      }

      parameter "function" {
        pattern = "invoices|orders"
      }

      parameter "region" {
        pattern = "eu-central-1|us-east-1"
      }

      require {
        metadata = ["service", "environment"]
      }

      aws {
        permissions = jsonencode({
          Version = "2012-10-17"
          Statement = [
            {
              # wildcards of the identities, kept as they are: "arn:aws:kms:${param.region}:${param.account}:key/*"
              Effect   = "Allow"
              Action   = "kms:Decrypt"
              Resource = "arn:aws:kms:${param.region}:${param.account}:key/*"
            },
            {
              # wildcards of the identities, kept as they are: "arn:aws:logs:${param.region}:${param.account}:log-group:/aws/lambda/${param.function}:*"
              Effect   = "Allow"
              Action   = "logs:PutLogEvents"
              Resource = "arn:aws:logs:${param.region}:${param.account}:log-group:/aws/lambda/${param.function}:*"
            },
            {
              Effect   = "Allow"
              Action   = "sqs:SendMessage"
              Resource = "arn:aws:sqs:${param.region}:${param.account}:${param.function}"
            },
          ]
        })
      }
    }
    "#);
}

#[test]
fn unknown_values_become_parameters() {
    let mut text = Text::from(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::logs-"#,
    );
    text.push(&Text::hole("random_id.x.hex", Shape::Word));
    text.push_str(r#"/*"}]}"#);
    let role = Policy::parse(&text).unwrap();
    insta::assert_snapshot!(block(&[on_aws(&[&role])]), @r#"
      parameter "bucket" {
        # not known before apply (random_id.x.hex): add a pattern once it is
      }

      require {
        metadata = ["service", "environment"]
      }

      aws {
        permissions = jsonencode({
          Version = "2012-10-17"
          Statement = [
            {
              # wildcards of the identities, kept as they are: "arn:aws:s3:::logs-${param.bucket}/*"
              Effect   = "Allow"
              Action   = "s3:GetObject"
              Resource = "arn:aws:s3:::logs-${param.bucket}/*"
            },
          ]
        })
      }
    }
    "#);
}

#[test]
fn every_platform() {
    let rule = |namespace: &str, names: &[&str]| crate::kubernetes::Grant {
        namespace: Some(namespace.into()),
        rule: crate::kubernetes::Rule {
            api_groups: vec!["".into()],
            resources: vec!["configmaps".into()],
            resource_names: names.iter().map(|it| (*it).into()).collect(),
            verbs: vec!["list".into(), "get".into()],
            non_resource_urls: Vec::new(),
        },
        ..crate::kubernetes::Grant::default()
    };
    let policy = |app: &str| {
        crate::vault::Policy::from_rules(vec![crate::vault::Rule {
            path: format!("secret/data/{app}/*").into(),
            capabilities: vec!["read".into()],
            ..crate::vault::Rule::default()
        }])
    };
    let token = |repository: &str| crate::github::Grant {
        permissions: crate::github::Permissions::levels([
            ("contents", "read"),
            ("id-token", "write"),
        ]),
        repositories: vec![repository.into()],
        span: None,
    };
    let bound = |bucket: &str| crate::gcp::Grant {
        what: crate::gcp::Assigned::Role("roles/storage.objectViewer".into()),
        resource: Some(format!("//storage.googleapis.com/projects/_/buckets/{bucket}").into()),
        condition: None,
    };
    let assigned = |group: &str| crate::azure::Grant {
        what: crate::azure::Assigned::Definition(crate::azure::Definition::of(
            crate::azure::Block {
                actions: vec!["Microsoft.Storage/storageAccounts/read".into()],
                ..crate::azure::Block::default()
            },
        )),
        scope: format!("/subscriptions/0000/resourceGroups/{group}").into(),
        condition: None,
    };
    let known = (crate::gcp::Roles::default(), crate::azure::Roles::default());
    let rules = [[rule("billing", &[])], [rule("orders", &[])]];
    let policies = [policy("billing"), policy("orders")];
    let tokens = [[token("acme/billing")], [token("acme/orders")]];
    let bindings = [[bound("billing-data")], [bound("orders-data")]];
    let assignments = [[assigned("billing")], [assigned("orders")]];
    let attached = [[&policies[0]], [&policies[1]]];
    let identities: Vec<Subject<'_>> = (0..2)
        .map(|index| Subject {
            gcp: Some(GcpSubject { roles: &known.0, grants: &bindings[index] }),
            azure: Some(AzureSubject { roles: &known.1, grants: &assignments[index] }),
            kubernetes: Some(&rules[index]),
            vault: Some(&attached[index]),
            github: Some(&tokens[index]),
            ..Subject::default()
        })
        .collect();
    insta::assert_snapshot!(block(&identities), @r#"
      parameter "bucket" {
        pattern = "billing-data|orders-data"
      }

      parameter "namespace" {
        pattern = "billing|orders"
      }

      require {
        metadata = ["service", "environment"]
      }

      gcp {
        roles     = ["roles/storage.objectViewer"]
        resources = ["//storage.googleapis.com/projects/_/buckets/${param.bucket}"]
      }

      azure {
        actions = ["Microsoft.Storage/storageAccounts/read"]
        scopes  = ["/subscriptions/0000/resourceGroups/${param.namespace}"]
      }

      kubernetes {
        namespaces = ["${param.namespace}"]
        rule {
          api_groups = [""]
          resources  = ["configmaps"]
          verbs      = ["get", "list"]
        }
      }

      vault {
        rule {
          path         = "secret/data/${param.namespace}/*"
          capabilities = ["read"]
        }
      }

      github {
        permissions = {
          contents = "read"
          id-token = "write"
        }
        repositories = ["acme/${param.namespace}"]
      }
    }
    "#);
}

/// A role as plans have them: some services, one account and region, and names that belong to one application.
fn arbitrary_role() -> impl proptest::strategy::Strategy<Value = (Vec<String>, String)> {
    use proptest::prelude::*;
    let statement = (
        proptest::sample::subsequence(
            vec!["s3:GetObject", "s3:PutObject", "sqs:SendMessage", "dynamodb:*", "kms:Decrypt"],
            1..3,
        ),
        proptest::sample::subsequence(
            vec![
                "arn:aws:s3:::{app}-data/*",
                "arn:aws:s3:::shared",
                "arn:aws:sqs:{region}:{account}:{app}",
                "arn:aws:dynamodb:{region}:{account}:table/{app}",
                "arn:aws:kms:{region}:{account}:key/*",
                "*",
            ],
            1..4,
        ),
        proptest::sample::select(vec![
            "",
            r#","Condition":{"StringEquals":{"aws:SourceAccount":"{account}"}}"#,
            r#","Condition":{"StringLike":{"aws:PrincipalTag/app":["{app}","x*"]}}"#,
        ]),
    );
    let place = (
        proptest::sample::select(vec!["111122223333", "444455556666"]),
        proptest::sample::select(vec!["eu-central-1", "us-east-1"]),
        proptest::sample::select(vec!["orders", "billing", "shared", "a.b"]),
    );
    (proptest::collection::vec(statement, 1..4), place).prop_map(
        |(statements, (account, region, app))| {
            let fill = |text: &str| {
                text.replace("{account}", account).replace("{region}", region).replace("{app}", app)
            };
            let quoted = |list: &[&str]| {
                list.iter().map(|it| format!("\"{}\"", fill(it))).collect::<Vec<_>>().join(",")
            };
            let statements = statements.iter().map(|(actions, resources, condition)| {
                format!(
                    r#"{{"Effect":"Allow","Action":[{}],"Resource":[{}]{}}}"#,
                    quoted(actions),
                    quoted(resources),
                    fill(condition)
                )
            });
            (statements.collect(), app.to_owned())
        },
    )
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever roles a draft comes from, it is a template, and each of them fits.
    #[test]
    fn everything_that_it_was_drafted_from_fits(
        roles in proptest::collection::vec(arbitrary_role(), 1..4),
    ) {
        let policies: Vec<Policy> =
            roles.iter().map(|(statements, _)| policy(&statements.join(","))).collect();
        let attached: Vec<[&Policy; 1]> = policies.iter().map(|policy| [policy]).collect();
        let identities: Vec<Subject<'_>> = attached.iter().map(|it| on_aws(it)).collect();
        let text = suggest("draft", &identities);
        let (library, errors) = Library::parse(&[("draft.nhi.hcl", text.as_str())]);
        proptest::prop_assert!(errors.is_empty(), "{:?}\n{}", errors, text);
        let template = library.templates().next().unwrap();
        for (index, identity) in identities.iter().enumerate() {
            let answer = decide(template, &BTreeMap::new(), identity);
            let why = format!("{answer:?}");
            // Which of several values is meant may be open; that one fits may not.
            let open = matches!(&answer, Fit::Undecided(undecided) if undecided.part.is_none());
            proptest::prop_assert!(matches!(answer, Fit::Inside(_)) || open, "identity {}: {}\n{}", index, why, text);
        }
    }
}
