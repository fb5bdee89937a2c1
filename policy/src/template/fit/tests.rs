//! Identities against templates.

mod brute;
mod misses;
mod platforms;

use super::*;
use crate::template::Library;
use crate::text::Shape;

const READER: &str = include_str!("../../../../examples/templates/s3-object-reader.nhi.hcl");
const WORKLOAD: &str = include_str!("../../../../examples/templates/kubernetes-workload.nhi.hcl");

const EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn policy(statements: &str) -> Text {
    Text::from(format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#))
}

fn allow(actions: &str, resources: &str) -> Text {
    policy(&format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":{resources}}}"#))
}

/// The answer in one line.
#[track_caller]
fn answer(
    template: &str,
    given: &[(&str, &str)],
    permissions: &[Text],
    trust: Option<&str>,
) -> String {
    let (library, errors) = Library::parse(&[("x", template)]);
    assert!(errors.is_empty(), "{errors:?}");
    let policies: Vec<Policy> = permissions.iter().map(|it| Policy::parse(it).unwrap()).collect();
    let trust = trust.map(|it| Policy::parse(&Text::from(it)).unwrap());
    let subject = Subject {
        aws: Some(AwsSubject {
            permissions: &policies.iter().collect::<Vec<_>>(),
            trust: trust.as_ref(),
            boundary: Field::Value("arn:aws:iam::111122223333:policy/nhi-boundary".into()),
        }),
        ..Subject::default()
    };
    let given = given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    show(&fit(library.templates().next().unwrap(), &given, &subject))
}

fn show(fit: &Fit) -> String {
    let values = |binding: &Binding| {
        let values = binding.values.iter().map(|(name, value)| format!("{name}={value}"));
        let free = binding.free.iter().map(|name| format!("{name}=?"));
        values.chain(free).collect::<Vec<_>>().join(" ")
    };
    match fit {
        Fit::Inside(binding) => format!("inside [{}]", values(binding)),
        Fit::Outside(outside) => {
            let gaps: Vec<_> = outside
                .gaps
                .iter()
                .map(|gap| format!("{}: {}", gap.part.name(), gap.reason))
                .collect();
            format!("outside [{}] {}", values(&outside.binding), gaps.join("; "))
        }
        Fit::Undecided(undecided) => {
            let part = undecided.part.map_or("parameters", Part::name);
            format!("undecided [{}] {part}: {}", values(&undecided.binding), undecided.why.reason)
        }
        Fit::Unbindable(errors) => {
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        }
        Fit::Inapplicable(reason) => format!("inapplicable: {reason}"),
    }
}

#[test]
fn one_action_too_many() {
    let inner = allow(r#"["s3:GetObject","s3:PutObject"]"#, r#""arn:aws:s3:::payments-ledger/*""#);
    insta::assert_snapshot!(answer(READER, &[], &[inner], Some(EC2)), @"outside [bucket=payments-ledger prefix=] permissions: `s3:PutObject` on `arn:aws:s3:::payments-ledger/x` is allowed, which the template does not allow");
}

#[test]
fn inferred_and_stated() {
    let inner = || {
        allow(
            r#"["s3:GetObject"]"#,
            r#"["arn:aws:s3:::payments-ledger","arn:aws:s3:::payments-ledger/in/*"]"#,
        )
    };
    insta::assert_snapshot!(answer(READER, &[], &[inner()], Some(EC2)), @"inside [bucket=payments-ledger prefix=]");
    insta::assert_snapshot!(answer(READER, &[("bucket", "payments-ledger")], &[inner()], None), @"inside [bucket=payments-ledger prefix=]");
    insta::assert_snapshot!(answer(READER, &[("bucket", "other")], &[inner()], None), @"outside [bucket=other prefix=] permissions: `s3:GetObject` on `arn:aws:s3:::payments-ledger/in/example` is allowed, which the template does not allow");
    insta::assert_snapshot!(answer(READER, &[("prefix", "out/"), ("bucket", "payments-ledger")], &[inner()], None), @"outside [bucket=payments-ledger prefix=out/] permissions: `s3:GetObject` on `arn:aws:s3:::payments-ledger/in/x` is allowed, which the template does not allow");
    insta::assert_snapshot!(answer(READER, &[("bucket", "X"), ("zone", "x")], &[inner()], None), @"`X` does not match the pattern of parameter `bucket`; template `s3-object-reader@1.2.0` has no parameter `zone`");
}

#[test]
fn nothing_to_infer_from() {
    // An identity that may do nothing is inside whatever the bucket is.
    insta::assert_snapshot!(answer(READER, &[], &[], Some(EC2)), @"inside [prefix= bucket=?]");
    insta::assert_snapshot!(answer(READER, &[], &[allow(r#""s3:GetObject""#, r#""*""#)], None), @"outside [prefix= bucket=?] permissions: `s3:GetObject` on `arn:aws:s3:::example-bucket/example-object` is allowed, which the template does not allow");
    insta::assert_snapshot!(answer(READER, &[], &[allow(r#""s3:GetObject""#, r#""arn:aws:s3:::payments-*/*""#)], None), @"outside [prefix= bucket=?] permissions: `s3:GetObject` on `arn:aws:s3:::payments-x/x` is allowed, which the template does not allow");
    insta::assert_snapshot!(answer(READER, &[], &[allow(r#""dynamodb:GetItem""#, r#""*""#)], None), @"outside [prefix= bucket=?] permissions: `dynamodb:GetItem` on `arn:aws:dynamodb:us-east-1:111122223333:table/example` is allowed, which the template does not allow");
}

#[test]
fn two_buckets_are_one_too_many() {
    let inner = [
        allow(r#""s3:GetObject""#, r#""arn:aws:s3:::other/*""#),
        allow(r#""s3:GetObject""#, r#"["arn:aws:s3:::ledger","arn:aws:s3:::ledger/*"]"#),
    ];
    insta::assert_snapshot!(answer(READER, &[], &inner, None), @"outside [bucket=ledger prefix=] permissions: `s3:GetObject` on `arn:aws:s3:::other/x` is allowed, which the template does not allow");
}

#[test]
fn more_than_one_value_fits() {
    let text = r#"
template "t" {
  version = "1.0.0"
  parameter "prefix" { pattern = "[a-z/]+" }
  aws {
    permissions = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/${param.prefix}*" }] })
  }
}"#;
    let inner = || allow(r#""s3:GetObject""#, r#""arn:aws:s3:::b/in/x""#);
    insta::assert_snapshot!(answer(text, &[], &[inner()], None), @"undecided [] parameters: ambiguous: it fits with more than one value of `prefix`; state which is meant");
    insta::assert_snapshot!(answer(text, &[("prefix", "in/")], &[inner()], None), @"inside [prefix=in/]");
    let exact = text.replace("[a-z/]+", "[a-z]+/");
    insta::assert_snapshot!(answer(&exact, &[], &[inner()], None), @"inside [prefix=in/]");
}

#[test]
fn a_default_gives_way_to_what_is_found() {
    let text = r#"
template "t" {
  version = "1.0.0"
  parameter "region" {
    pattern = "[a-z0-9-]+"
    default = "eu-central-1"
  }
  aws {
    permissions = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:${param.region}:1:q" }] })
  }
}"#;
    let inner =
        |region: &str| allow(r#""sqs:SendMessage""#, &format!(r#""arn:aws:sqs:{region}:1:q""#));
    insta::assert_snapshot!(answer(text, &[], &[inner("eu-central-1")], None), @"inside [region=eu-central-1]");
    insta::assert_snapshot!(answer(text, &[], &[inner("us-east-1")], None), @"inside [region=us-east-1]");
    insta::assert_snapshot!(answer(text, &[], &[inner("*")], None), @"outside [region=eu-central-1] permissions: `sqs:SendMessage` on `arn:aws:sqs:us-east-1:1:q` is allowed, which the template does not allow");
}

#[test]
fn one_default_stays_while_another_gives_way() {
    let text = r#"
template "t" {
  version = "1.0.0"
  parameter "region" { default = "eu-central-1" }
  parameter "prefix" { default = "" }
  aws {
    permissions = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:${param.region}:1:${param.prefix}*" }] })
  }
}"#;
    let inner = |actions: &str| allow(actions, r#""arn:aws:sqs:us-east-1:1:jobs""#);
    insta::assert_snapshot!(answer(text, &[], &[inner(r#""sqs:SendMessage""#)], None), @"inside [prefix= region=us-east-1]");
    insta::assert_snapshot!(answer(text, &[], &[inner(r#"["sqs:SendMessage","sqs:DeleteQueue"]"#)], None), @"outside [prefix= region=us-east-1] permissions: `sqs:DeleteQueue` on `arn:aws:sqs:us-east-1:1:jobs` is allowed, which the template does not allow");
}

#[test]
fn hard_patterns_end() {
    let text = r#"
template "t" {
  version = "1.0.0"
  parameter "a" {}
  parameter "b" {}
  parameter "c" {}
  aws {
    permissions = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${param.a}*${param.b}*a${param.c}" }] })
  }
}"#;
    let long = format!(r#""arn:aws:s3:::{}b""#, "a".repeat(20_000));
    insta::assert_snapshot!(answer(text, &[], &[allow(r#""s3:GetObject""#, &long)], None), @"undecided [] parameters: there are too many ways to read the parameters out of the policies; state them");
    // What no value can mend is said without any.
    let put = [allow(r#"["s3:GetObject","s3:PutObject"]"#, &long.replace(&"a".repeat(19_000), ""))];
    insta::assert_snapshot!(answer(text, &[], &put, None).split(" is allowed").nth(1).unwrap(), @", which the template does not allow");
}

#[test]
fn many_buckets() {
    let buckets: Vec<String> =
        (0..60).map(|it| format!(r#""arn:aws:s3:::bucket-{it:02}/*""#)).collect();
    let inner = allow(r#""s3:GetObject""#, &format!("[{}]", buckets.join(",")));
    insta::assert_snapshot!(answer(READER, &[], &[inner], None), @"outside [bucket=bucket-00 prefix=] permissions: `s3:GetObject` on `arn:aws:s3:::bucket-01/example-object` is allowed, which the template does not allow");
}

#[test]
fn values_that_make_two_keys_one() {
    let text = r#"
template "t" {
  version = "1.0.0"
  parameter "a" {}
  parameter "b" {}
  aws {
    permissions = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*", Condition = { StringEquals = { "aws:PrincipalTag/${param.a}" = "1", "aws:PrincipalTag/${param.b}" = "2" } } }] })
  }
}"#;
    let inner = || allow(r#""s3:GetObject""#, r#""*""#);
    let given = |b| [("a", "x"), ("b", b)];
    insta::assert_snapshot!(answer(text, &given("x"), &[inner()], None), @"undecided [a=x b=x] permissions: not a valid policy document: the name `aws:PrincipalTag/x` appears twice in one object");
    insta::assert_snapshot!(answer(text, &given("y"), &[inner()], None), @"outside [a=x b=y] permissions: `s3:GetObject` on `arn:aws:s3:::example-bucket/example-object` is allowed, which the template does not allow");
}

#[test]
fn trust_and_boundary() {
    let lambda = EC2.replace("ec2", "lambda");
    insta::assert_snapshot!(answer(READER, &[], &[], Some(&lambda)), @"outside [prefix= bucket=?] trust: `sts:AssumeRole` by `lambda.amazonaws.com` is trusted, which the template does not allow");
    let no_trust = r#"
template "t" {
  version = "1.0.0"
  aws { boundary = "arn:aws:iam::*:policy/other" }
}"#;
    insta::assert_snapshot!(answer(no_trust, &[], &[allow(r#""s3:GetObject""#, r#""*""#)], Some(EC2)), @"outside [] permissions: the template allows nothing on AWS; trust: the template lets nobody become the identity; boundary: the permissions boundary `arn:aws:iam::111122223333:policy/nhi-boundary` does not match `arn:aws:iam::*:policy/other`");
    let nothing = "template \"t\" {\n  version = \"1.0.0\"\n}\n";
    insta::assert_snapshot!(answer(nothing, &[], &[], Some(EC2)), @"outside [] trust: the template lets nobody become the identity");
    insta::assert_snapshot!(answer(nothing, &[], &[], None), @"inside []");
}

#[test]
fn boundaries() {
    let (library, _) = Library::parse(&[("x", READER)]);
    let template = library.templates().next().unwrap();
    let with = |boundary: Field<Text>| {
        let aws = AwsSubject { permissions: &[], trust: None, boundary };
        show(&fit(template, &BTreeMap::new(), &Subject { aws: Some(aws), ..Subject::default() }))
    };
    insta::assert_snapshot!(with(Field::Absent), @"outside [prefix= bucket=?] boundary: no permissions boundary is set, and one that matches `arn:aws:iam::*:policy/nhi-boundary` is asked for");
    insta::assert_snapshot!(with(Field::Unknown("var.boundary".into())), @"undecided [prefix= bucket=?] boundary: the permissions boundary comes from `var.boundary`, which is not known before apply");
    insta::assert_snapshot!(with(Field::Value(Text::hole("aws_iam_policy.b.arn", Shape::Any))), @"undecided [prefix= bucket=?] boundary: whether the permissions boundary `<aws_iam_policy.b.arn>` matches `arn:aws:iam::*:policy/nhi-boundary` is not known before apply");
    let known = Shape::Glob("arn:aws:iam::*:policy/nhi-boundary".into());
    insta::assert_snapshot!(with(Field::Value(Text::hole("aws_iam_policy.b.arn", known))), @"inside [prefix= bucket=?]");
}

#[test]
fn a_workload_by_its_cluster() {
    let issuer = "oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF";
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
        "Principal":{{"Federated":"arn:aws:iam::111122223333:oidc-provider/{issuer}"}},
        "Condition":{{"StringEquals":{{"{issuer}:aud":"sts.amazonaws.com","{issuer}:sub":"system:serviceaccount:billing:export"}}}}}}]}}"#
    );
    let inner = || {
        allow(
            r#"["sqs:ReceiveMessage","sqs:DeleteMessage"]"#,
            r#""arn:aws:sqs:eu-central-1:111122223333:invoices""#,
        )
    };
    insta::assert_snapshot!(answer(WORKLOAD, &[], &[inner()], Some(&trust)), @"inside [account=111122223333 namespace=billing oidc_provider=oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF queue=invoices service_account=export]");
    let open =
        trust.replace(&format!(r#","{issuer}:sub":"system:serviceaccount:billing:export""#), "");
    insta::assert_snapshot!(answer(WORKLOAD, &[], &[inner()], Some(&open)), @"outside [account=111122223333 oidc_provider=oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF queue=invoices namespace=? service_account=?] trust: `sts:AssumeRoleWithWebIdentity` by `arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF` with oidc.eks.eu-central-1.amazonaws.com/id/0123456789abcdef0123456789abcdef:aud = sts.amazonaws.com and oidc.eks.eu-central-1.amazonaws.com/id/0123456789abcdef0123456789abcdef:sub = example is trusted, which the template does not allow");
}

#[test]
fn unknown_values() {
    let bucket = |shape| {
        let mut text = Text::from(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::"#,
        );
        text.push(&Text::hole("aws_s3_bucket.b.id", shape));
        text.push_str(r#"/*"}]}"#);
        text
    };
    insta::assert_snapshot!(answer(READER, &[], &[bucket(Shape::Word)], None), @"undecided [bucket=<aws_s3_bucket.b.id> prefix=] parameters: the value of `aws_s3_bucket.b.id` is not known before apply, and parameter `bucket` must match `[a-z0-9][a-z0-9.-]{2,62}`");
    let loose = READER.replace(
        "    pattern     = \"[a-z0-9][a-z0-9.-]{2,62}\" # anchored regular expression\n",
        "",
    );
    insta::assert_snapshot!(answer(&loose, &[], &[bucket(Shape::Word)], None), @"inside [bucket=<aws_s3_bucket.b.id> prefix=]");
    insta::assert_snapshot!(answer(&loose, &[], &[bucket(Shape::Any)], None), @"undecided [bucket=<aws_s3_bucket.b.id> prefix=] parameters: the value of `aws_s3_bucket.b.id` is not known before apply, and parameter `bucket` must hold no wildcard");
    insta::assert_snapshot!(answer(&loose, &[], &[Text::hole("data.aws_iam_policy_document.d.json", Shape::Any)], None), @"undecided [prefix= bucket=?] permissions: `data.aws_iam_policy_document.d.json` is not known before apply");
}

#[test]
fn kinds_and_environments() {
    let (library, _) = Library::parse(&[("x", READER)]);
    let template = library.templates().next().unwrap();
    let subject = |kind, environment| Subject { kind, environment, ..Subject::default() };
    let answer = |subject| show(&fit(template, &BTreeMap::new(), &subject));
    insta::assert_snapshot!(answer(subject(Some(Kind::Agent), None)), @"inapplicable: template `s3-object-reader@1.2.0` is not for kind `agent`");
    insta::assert_snapshot!(answer(subject(None, Some("qa"))), @"inapplicable: template `s3-object-reader@1.2.0` is not for environment `qa`");
    insta::assert_snapshot!(answer(subject(Some(Kind::ServiceAccount), Some("prod"))), @"inside []");
}

proptest::proptest! {
    /// What a template renders for some values is inside that template, with these values or without.
    #[test]
    fn what_is_rendered_fits(bucket in "[a-z0-9][a-z0-9.-]{2,30}", prefix in "[a-z/]{0,6}") {
        let (library, _) = Library::parse(&[("x", READER)]);
        let template = library.templates().next().unwrap();
        let given: BTreeMap<String, String> =
            [("bucket".into(), bucket.clone()), ("prefix".into(), prefix)].into();
        let rendered = template.bind(&given).unwrap().aws().unwrap();
        let permissions = Policy::parse(&Text::from(rendered.permissions.unwrap())).unwrap();
        let trust = Policy::parse(&Text::from(rendered.trust.unwrap())).unwrap();
        let subject = Subject {
            aws: Some(AwsSubject {
                permissions: &[&permissions],
                trust: Some(&trust),
                boundary: Field::Value("arn:aws:iam::111122223333:policy/nhi-boundary".into()),
            }),
            ..Subject::default()
        };
        proptest::prop_assert!(matches!(fit(template, &given, &subject), Fit::Inside(_)));
        let Fit::Inside(binding) = fit(template, &BTreeMap::new(), &subject) else {
            return Err(proptest::test_runner::TestCaseError::fail("not inside"));
        };
        proptest::prop_assert_eq!(binding.values.get("bucket"), Some(&Text::from(bucket)));
    }
}
