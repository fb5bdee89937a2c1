//! Values of parameters, and the documents that come of them.

use super::*;
use proptest::prelude::*;

fn bind(text: &str, pairs: &[(&str, &str)]) -> String {
    use miette::Diagnostic as _;
    let library = library(&[text]);
    match library.templates().next().unwrap().bind(&given(pairs)) {
        Ok(bound) => format!("{:?}", bound.values()),
        Err(errors) => errors
            .iter()
            .map(|error| {
                let help = error.help().map(|help| help.to_string()).unwrap_or_default();
                format!("{error} | {help}\n")
            })
            .collect(),
    }
}

#[test]
fn the_reader_rendered() {
    let library = library(&[READER]);
    let template = library.find("s3-object-reader@1").unwrap();
    let bound = template.bind(&given(&[("bucket", "payments-ledger")])).unwrap();
    let aws = bound.aws().unwrap();
    insta::assert_snapshot!(aws.permissions.unwrap(), @r#"{"Statement":[{"Action":["s3:GetObject","s3:ListBucket"],"Effect":"Allow","Resource":["arn:aws:s3:::payments-ledger","arn:aws:s3:::payments-ledger/*"]}],"Version":"2012-10-17"}"#);
    insta::assert_snapshot!(aws.trust.unwrap(), @r#"{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}}],"Version":"2012-10-17"}"#);
    assert_eq!(aws.boundary.as_deref(), Some("arn:aws:iam::*:policy/nhi-boundary"));
    assert_eq!(bound.kubernetes(), None);
    assert!(
        bound.renders(Platform::Aws)
            && bound.renders(Platform::Gcp)
            && bound.renders(Platform::Azure)
    );
    assert!(!bound.renders(Platform::Vault));
    assert_eq!(bound.missing(Platform::Kubernetes).len(), 1);

    let bound = template.bind(&given(&[("namespace", "billing")])).unwrap();
    assert_eq!(bound.aws(), None);
    let kubernetes = bound.kubernetes().unwrap();
    assert_eq!(kubernetes.namespaces, ["billing"]);
    insta::assert_snapshot!(kubernetes.rules, @r#"[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]}]"#);
}

#[test]
fn policy_variables_of_aws_stay() {
    let library = library(&[WRITER]);
    let template = library.find("lambda-table-writer@1").unwrap();
    let values = given(&[("account", "111122223333"), ("table", "orders"), ("function", "f")]);
    let permissions = template.bind(&values).unwrap().aws().unwrap().permissions.unwrap();
    assert!(permissions.contains("\"${aws:PrincipalTag/service}\""), "{permissions}");
}

#[test]
fn wrong_values() {
    insta::assert_snapshot!(bind(READER, &[("bukket", "x"), ("bucket", "Payments"), ("zone", "x"), ("prefix", "a/*")]), @r"
    `Payments` does not match the pattern of parameter `bucket` | the whole value has to match `[a-z0-9][a-z0-9.-]{2,62}`
    template `s3-object-reader@1.2.0` has no parameter `bukket` | did you mean `bucket`?
    `a/*` cannot be the value of parameter `prefix`: it holds `*`, which stands for any text | state one name; a parameter never stands for many things
    template `s3-object-reader@1.2.0` has no parameter `zone` | it has `app`, `bucket`, `namespace`, `prefix`, `repo`
    ");
    // Only the platform that lacks least is asked for.
    insta::assert_snapshot!(bind(WORKLOAD, &[("namespace", "billing")]), @"parameter `service_account` of template `kubernetes-workload@2.0.1` has no value | state `service_account`, a value that matches `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`");
    // A block that allows nothing does not count as a platform to live on.
    insta::assert_snapshot!(bind(READER, &[]), @"parameter `bucket` of template `s3-object-reader@1.2.0` has no value | state `bucket`, a value that matches `[a-z0-9][a-z0-9.-]{2,62}`");
}

#[test]
fn two_keys_do_not_become_one() {
    let text = r#"
template "t" {
  version = "1.0.0"
  parameter "x" {}
  parameter "y" {}
  aws {
    trust = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Principal = "*", Action = "sts:AssumeRole", Condition = { StringEquals = { "${param.x}:sub" = "a", "${param.y}:sub" = "b" } } } })
  }
}"#;
    assert_eq!(bind(text, &[("x", "a"), ("y", "b")]), "{\"x\": \"a\", \"y\": \"b\"}");
    insta::assert_snapshot!(bind(text, &[("x", "a"), ("y", "a")]), @"the values of parameters `x`, `y` make two keys of a condition the same | choose values that differ; of two equal keys only one would count");
}

#[test]
fn no_value_is_wider_than_it_looks() {
    let loose = r#"
template "loose" {
  version = "1.0.0"
  parameter "x" { pattern = "(?s).*" }
  aws {
    permissions = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::a/${param.x}" } })
  }
  vault {
    rule {
      path         = "secret/${param.x}"
      capabilities = ["read"]
    }
  }
}"#;
    let refused: String =
        ["*", "a?", "${aws:username}", "a$", "{b}", "a\nb", "a/+/b", "{{identity.entity.id}}"]
            .iter()
            .map(|value| bind(loose, &[("x", value)]).lines().next().unwrap().to_owned() + "\n")
            .collect();
    insta::assert_snapshot!(refused, @r"
    `*` cannot be the value of parameter `x`: it holds `*`, which stands for any text | state one name; a parameter never stands for many things
    `a?` cannot be the value of parameter `x`: it holds `?`, which stands for any character | state one name; a parameter never stands for many things
    `${aws:username}` cannot be the value of parameter `x`: it holds `${`, which begins a policy variable | state one name; a parameter never stands for many things
    `a$` cannot be the value of parameter `x`: it ends with `$` | state one name; a parameter never stands for many things
    `{b}` cannot be the value of parameter `x`: it begins with `{` | state one name; a parameter never stands for many things
    `a
    `a/+/b` cannot be the value of parameter `x`: it holds the segment `+`, which stands for any segment | state one name; a parameter never stands for many things
    `{{identity.entity.id}}` cannot be the value of parameter `x`: it begins with `{` | state one name; a parameter never stands for many things
    ");
    assert_eq!(bind(loose, &[("x", "a+b\"],")]), "{\"x\": \"a+b\\\"],\"}");
}

#[test]
fn patterns_hold_for_the_whole_value() {
    for value in ["ab", "abc\n", "\nabc", "abcd", "xabc", ""] {
        let text = r#"
template "t" {
  version = "1.0.0"
  parameter "x" { pattern = "abc|abc" }
  github { repositories = ["${param.x}"] }
}"#;
        assert!(bind(text, &[("x", value)]).contains("does not match"), "{value:?}");
    }
}

proptest! {
    /// Whatever a value holds, the document has the shape of the template: the value stays inside its string.
    #[test]
    fn a_value_stays_inside_its_string(value in "\\PC{0,40}") {
        let library = library(&[r#"
template "t" {
  version = "1.0.0"
  parameter "x" { pattern = ".*" }
  aws {
    permissions = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${param.x}/a" }] })
  }
}"#]);
        let template = library.find("t@1").unwrap();
        if let Ok(bound) = template.bind(&given(&[("x", &value)])) {
            let rendered = bound.aws().unwrap().permissions.unwrap();
            let read: serde_json::Value = serde_json::from_str(&rendered).unwrap();
            let expected = serde_json::json!({
                "Version": "2012-10-17",
                "Statement": [{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{value}/a") }],
            });
            prop_assert_eq!(read, expected);
            let wide = value.contains(['*', '?']) || value.contains("${");
            prop_assert!(!wide);
        }
    }
}
