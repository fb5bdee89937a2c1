//! Answers as Terraform sees them.

use super::*;
use crate::model::Model as _;
use crate::resources::testing::READER;
use crate::wire::json::to_json;

fn call(ceiling: &str, policy: &str, platform: &[&str]) -> String {
    let platforms = platform.iter().map(|name| (*name).to_owned()).collect();
    match PolicyContains::call((ceiling.to_owned(), policy.to_owned(), Rest(platforms))) {
        Ok(answer) => to_json(&answer.to_value()).to_string(),
        Err(problem) => format!("{}: {}", problem.argument.unwrap(), problem.text),
    }
}

fn aws(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"{resource}"}}]}}"#
    )
}

#[test]
fn templates() {
    let inside = aws("s3:GetObject", "arn:aws:s3:::payments-ledger/*");
    insta::assert_snapshot!(call(READER, &inside, &[]), @r#"{"change":null,"parameters":{"bucket":"payments-ledger","prefix":""},"reason":null,"verdict":"inside","witness":null}"#);
    let outside = aws("s3:PutObject", "arn:aws:s3:::payments-ledger/*");
    insta::assert_snapshot!(call(READER, &outside, &["aws"]), @r#"{"change":"Drop `s3:PutObject`.","parameters":{"bucket":"payments-ledger","prefix":""},"reason":"`s3:PutObject` on `arn:aws:s3:::payments-ledger/x` is allowed, which the template does not allow.","verdict":"outside","witness":{"action":"s3:PutObject","context":{},"principal":null,"resource":"arn:aws:s3:::payments-ledger/x"}}"#);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
    insta::assert_snapshot!(call(READER, trust, &[]), @r#"{"change":"Drop `*`.","parameters":{"prefix":""},"reason":"`sts:AssumeRole` by `arn:aws:iam::444455556666:role/anyone` is trusted, which the template does not allow.","verdict":"outside","witness":{"action":"sts:AssumeRole","context":{},"principal":"arn:aws:iam::444455556666:role/anyone","resource":null}}"#);
}

#[test]
fn policies() {
    let (wide, narrow) = (aws("s3:*", "*"), aws("s3:GetObject", "arn:aws:s3:::a/*"));
    insta::assert_snapshot!(call(&wide, &narrow, &[]), @r#"{"change":null,"parameters":null,"reason":null,"verdict":"inside","witness":null}"#);
    insta::assert_snapshot!(call(&narrow, &wide, &[]), @r#"{"change":"Drop `s3:*`.","parameters":null,"reason":"`s3:PutObject` on `arn:aws:s3:::example-bucket/example-object` is allowed, which the ceiling does not allow.","verdict":"outside","witness":{"action":"s3:PutObject","context":{},"principal":null,"resource":"arn:aws:s3:::example-bucket/example-object"}}"#);
}

#[test]
fn undecided_is_an_answer() {
    let odd = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringFuzzyLike":{"aws:PrincipalTag/a":"b"}}}]}"#;
    insta::assert_snapshot!(call(odd, &aws("s3:GetObject", "*"), &[]), @r#"{"change":null,"parameters":null,"reason":"The condition operator `StringFuzzyLike` is not known.","verdict":"undecided","witness":null}"#);
}

#[test]
fn other_platforms() {
    let vault = "path \"secret/data/billing/*\" {\n  capabilities = [\"read\", \"list\"]\n}\n";
    insta::assert_snapshot!(call(READER, vault, &["vault"]), @r#"{"change":"Drop `list`.","parameters":{"app":"billing"},"reason":"`list` on `secret/data/billing/` is allowed, which the template does not allow.","verdict":"outside","witness":{"action":"list","context":{},"principal":null,"resource":"secret/data/billing/"}}"#);
    insta::assert_snapshot!(call(vault, r#"{"path":{"secret/data/billing/x":{"capabilities":["read"]}}}"#, &["vault"]), @r#"{"change":null,"parameters":null,"reason":null,"verdict":"inside","witness":null}"#);
    let rules = r#"[{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}]"#;
    insta::assert_snapshot!(call(READER, rules, &["kubernetes"]), @r#"{"change":"Drop `get secrets`.","parameters":{},"reason":"`get` on `secrets` with name = example and namespace = example is allowed, which the template does not allow.","verdict":"outside","witness":{"action":"get","context":{"name":["example"],"namespace":["example"]},"principal":null,"resource":"secrets"}}"#);
    insta::assert_snapshot!(call(r#"{"permissions":{"contents":"write"}}"#, r#"{"permissions":{"contents":"read"}}"#, &["github"]), @r#"{"change":null,"parameters":null,"reason":null,"verdict":"inside","witness":null}"#);
    let binding = r#"[{"role":"roles/storage.objectViewer","resource":"//storage.googleapis.com/projects/_/buckets/a"}]"#;
    let wider = binding.replace("objectViewer", "admin");
    insta::assert_snapshot!(call(binding, &wider, &["gcp"]), @r#"{"change":null,"parameters":null,"reason":"The permissions of the role `roles/storage.admin` are not known.","verdict":"undecided","witness":null}"#);
    let role = r#"{"roleName":"x","assignableScopes":["/subscriptions/a"],"permissions":[{"actions":["Microsoft.Storage/*/read"],"notActions":[],"dataActions":[],"notDataActions":[]}]}"#;
    assert!(call(role, role, &["azure"]).contains(r#""verdict":"inside""#));
    insta::assert_snapshot!(call(role, &role.replace("/read", "/write"), &["azure"]), @r#"{"change":"Drop `Microsoft.Storage/*/write`.","parameters":null,"reason":"`Microsoft.Storage/storageAccounts/write` is allowed, which the ceiling does not allow.","verdict":"outside","witness":{"action":"Microsoft.Storage/storageAccounts/write","context":{},"principal":null,"resource":null}}"#);
}

#[test]
fn what_is_wrong_has_a_place() {
    let fine = aws("s3:GetObject", "*");
    insta::assert_snapshot!(call(READER, "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{ \"Effect\": \"Alow\" }]\n}", &[]), @r"
    1: Line 3, column 29: `Alow` is not an effect. Write `Allow` or `Deny`.
    Line 3, column 17: The statement has no `Action`.
    Line 3, column 17: The statement has no `Resource`. An identity policy needs `Resource`, a trust policy needs `Principal`.
    ");
    insta::assert_snapshot!(call("template \"a\" {\n  version = \"1\"\n}\n", &fine, &[]), @"0: Line 2, column 13: `1` is not a version: unexpected end of input while parsing major version number. Write three numbers, such as `1.2.0`, without a `v`.");
    insta::assert_snapshot!(call("{", &fine, &[]), @"0: Line 1, column 2: Expected a name in quotes, found the end of the text.");
    insta::assert_snapshot!(call(&fine, &fine, &["gpc"]), @"2: `gpc` is not a platform. There are `aws`, `gcp`, `azure`, `kubernetes`, `vault`, `github`.");
    insta::assert_snapshot!(call(&fine, &fine, &["aws", "gcp"]), @"3: There is at most one platform.");
}
