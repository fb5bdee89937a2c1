//! `contains`: inside, outside, undecided and failures, in text and in JSON.

mod platforms;

use super::READER;
use super::commands::{folder, ran};

/// An AWS policy of one statement.
fn allow(sid: &str, actions: &str, resource: &str) -> String {
    format!(
        r#"{{
  "Version": "2012-10-17",
  "Statement": [
    {{ "Sid": "{sid}", "Effect": "Allow", "Action": [{actions}], "Resource": "{resource}" }}
  ]
}}"#
    )
}

fn aws() -> tempfile::TempDir {
    let both = format!("[{}, {}]", allow("A", "\"s3:*\"", "*"), allow("B", "\"ec2:*\"", "*"));
    folder(&[
        ("reads.json", &allow("Read", "\"s3:GetObject\"", "arn:aws:s3:::ledger/*")),
        ("writes.json", &allow("Write", "\"s3:PutObject\"", "arn:aws:s3:::ledger/*")),
        ("all.json", &allow("All", "\"s3:*\"", "*")),
        ("passes.json", &allow("Pass", "\"iam:PassRole\", \"ec2:RunInstances\"", "*")),
        ("list.json", &both),
        ("reader.nhi.hcl", READER),
    ])
}

#[test]
fn what_limits_an_identity_counts() {
    let folder = aws();
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("contains --inner all.json --outer reads.json"), @r"
    outside: the inner side allows `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, and the outer side does not
      allowed by: all.json:4, statement 1 `All`
      to fit: drop `s3:*`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner all.json --outer reads.json --boundary reads.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner all.json --outer reads.json --scp reads.json --scp all.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner all.json --outer reads.json --session writes.json"), @r"
    outside: the inner side allows `s3:PutObject` on `arn:aws:s3:::ledger/example-object`, and the outer side does not
      allowed by: all.json:4, statement 1 `All`
      to fit: drop `s3:*`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner all.json --outer reads.json --scp list.json"), @r"
    outside: the inner side allows `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, and the outer side does not
      allowed by: all.json:4, statement 1 `All`
      to fit: drop `s3:*`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner all.json --outer reads.json --scp list.json --boundary reads.json --format json"), @r#"
    {"version":1,"world":"open","result":"inside","catalogue":"inside","counterexample":null,"reason":null}
    --- exit 0
    "#);
}

#[test]
fn policies_of_one_side_count_together() {
    let folder = aws();
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("contains --inner reads.json --inner writes.json --outer reads.json --outer writes.json"), @r"
    inside: the outer side allows everything that the inner side allows
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner reads.json --inner writes.json --outer reads.json"), @r"
    outside: the inner side allows `s3:PutObject` on `arn:aws:s3:::ledger/x`, and the outer side does not
      allowed by: writes.json:4, statement 1 `Write`
      to fit: drop `s3:PutObject`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner list.json --outer all.json"), @r"
    outside: the inner side allows `ec2:TerminateInstances` on `arn:aws:ec2:us-east-1:111122223333:instance/i-0123456789abcdef0`, and the outer side does not
      allowed by: list.json:9, statement 1 `B`
      to fit: drop `ec2:*`
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner writes.json --template s3-object-reader@1 --templates . --param bucket=ledger --format json"), @r#"
    {"version":1,"world":"open","result":"outside","catalogue":"outside","counterexample":{"action":"s3:PutObject","resource":"arn:aws:s3:::ledger/x","principal":null,"context":{}},"reason":null,"inner":{"file":"writes.json","line":4,"element":"statement 1","name":"Write"},"change":"drop `s3:PutObject`","template":{"reference":"s3-object-reader@1.2.0","parameters":{"bucket":"ledger"}}}
    --- exit 1
    "#);
}

#[test]
fn a_way_to_more_privileges_is_named() {
    let folder = aws();
    insta::assert_snapshot!(ran(folder.path(), "contains --inner passes.json --outer reads.json"), @r"
    outside: the inner side allows `iam:PassRole` on `arn:aws:iam::111122223333:role/example`, and the outer side does not
      allowed by: passes.json:4, statement 1 `Pass`
      opens a way to more privileges: passes a role to a new EC2 instance (ec2-001)
      to fit: drop `iam:PassRole` and `ec2:RunInstances`
    --- exit 1
    ");
}

const EVERY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}"#;
const EACH: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:A*","sts:D*","sts:G*","sts:S*","sts:T*"],"Resource":"*"}]}"#;

/// All of today's actions begin with one of these letters; what AWS adds later need not.
#[test]
fn the_world_of_today_is_smaller() {
    let folder = folder(&[("every.json", EVERY), ("each.json", EACH)]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("contains --inner every.json --outer each.json"), @r"
    outside: the inner side allows `sts:Example` on `arn:aws:iam::111122223333:root`, and the outer side does not
      allowed by: every.json:1, statement 1
      to fit: narrow `sts:*` to `sts:A*`, `sts:D*`, `sts:G*`, `sts:S*` and `sts:T*`
      over the actions that exist today: inside
    --- exit 1
    ");
    insta::assert_snapshot!(ran("contains --inner every.json --outer each.json --format json"), @r#"
    {"version":1,"world":"open","result":"outside","catalogue":"inside","counterexample":{"action":"sts:Example","resource":"arn:aws:iam::111122223333:root","principal":null,"context":{}},"reason":null,"inner":{"file":"every.json","line":1,"element":"statement 1"},"change":"narrow `sts:*` to `sts:A*`, `sts:D*`, `sts:G*`, `sts:S*` and `sts:T*`"}
    --- exit 1
    "#);
    insta::assert_snapshot!(ran("contains --inner every.json --outer each.json --world catalogue"), @r"
    inside: the outer side allows everything that the inner side allows
      over every action that could ever be added: outside, by `sts:Example` on `arn:aws:iam::111122223333:root`
    --- exit 0
    ");
    insta::assert_snapshot!(ran("contains --inner every.json --outer each.json --world catalogue --format json"), @r#"
    {"version":1,"world":"catalogue","result":"inside","catalogue":"inside","counterexample":null,"reason":null,"open":"outside"}
    --- exit 0
    "#);
}

#[test]
fn mistakes_are_refused_with_their_place() {
    let folder = aws();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("twice.json", "{\n  \"Statement\": [],\n  \"Statement\": []\n}");
    put(
        "effect.json",
        "{\n  \"Statement\": [\n    { \"Effect\": \"Alow\", \"Action\": \"*\", \"Resource\": \"*\" }\n  ]\n}",
    );
    put("vault.hcl", "path \"secret/*\" {\n  capabilities = [\"read\"]\n}\n");
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("contains --inner twice.json --outer all.json"), @r"
    --- stderr
    error: `twice.json` is not a valid policy document: the name `Statement` appears twice in one object (line 3)
      help: programs disagree on which of the two counts: keep one
    --- exit 2
    ");
    insta::assert_snapshot!(ran("contains --inner effect.json --outer all.json"), @r"
    --- stderr
    error: `effect.json` is not a valid policy document: `Alow` is not an effect (line 3)
      help: write `Allow` or `Deny`
    --- exit 2
    ");
    insta::assert_snapshot!(ran("contains --inner all.json --outer vault.hcl"), @r"
    --- stderr
    error: `vault.hcl` is a Vault policy, and the comparison is about AWS
      help: say `--platform vault`, or name another file
    --- exit 2
    ");
    insta::assert_snapshot!(ran("contains --inner all.json --outer all.json --platform vault"), @r"
    --- stderr
    error: `all.json` is an AWS policy document, and the comparison is about Vault
      help: say `--platform aws`, or name another file
    --- exit 2
    ");
    insta::assert_snapshot!(ran("contains --inner vault.hcl --outer vault.hcl --boundary all.json"), @r"
    --- stderr
    error: `--boundary` is for AWS policies, and this is Vault
      help: leave `--boundary` out, or say `--platform aws`
    --- exit 2
    ");
    insta::assert_snapshot!(ran("contains --inner - --outer -"), @r"
    --- stderr
    error: `-` is given twice, and standard input can be read once
      help: put one of the policies into a file
    --- exit 2
    ");
    insta::assert_snapshot!(ran("contains --inner all.json --template nothing@1 --templates ."), @r"
    --- stderr
    error: there is no template `nothing`
      help: there are `s3-object-reader`
    --- exit 2
    ");
    insta::assert_snapshot!(ran("contains --inner all.json --template s3-object-reader@1"), @r"
    --- stderr
    error: no templates are loaded
      help: say where they are with `--templates`, or `templates` in `.nhi-lint.hcl`
    --- exit 2
    ");
    insta::assert_snapshot!(ran("contains --inner all.json --template s3-object-reader@1 --templates . --param bucket=*"), @r"
    --- stderr
    error: `*` does not match the pattern of parameter `bucket`
      help: the whole value has to match `[a-z0-9][a-z0-9.-]{2,62}`
    --- exit 2
    ");
    insta::assert_snapshot!(ran("contains --inner all.json"), @r"
    --- stderr
    error: the following required arguments were not provided:
      --outer <FILE>

    Usage: nhi-lint contains --inner <FILE> --outer <FILE>

    For more information, try '--help'.
    --- exit 2
    ");
}
