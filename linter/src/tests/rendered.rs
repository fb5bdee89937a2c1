//! What a governed resource rendered is inside its template; whatever was done to it afterwards is not taken on trust.

use serde_json::json;

use super::commands::{folder, ran};
use super::{READER, allow, ec2, found};

const WRITER: &str = r#"
template "s3-object-writer" {
  version = "1.0.0"
  aws {
    permissions = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::ledger/*" }]
    })
    trust = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
    })
  }
}
"#;

const IDENTITIES: &str = r#"
resource "nhi_service_account" "reader" {
  name       = "reader"
  owner      = "payments"
  purpose    = "Nightly export of invoices to the ledger bucket"
  expiry     = "2027-06-30"
  template   = "s3-object-reader@1.2.0"
  parameters = { bucket = "ledger" }
}
resource "nhi_service_account" "writer" {
  name     = "writer"
  owner    = "payments"
  purpose  = "Writes invoices to the ledger bucket"
  expiry   = "2027-06-30"
  template = "s3-object-writer@1.0.0"
}
resource "nhi_service_account" "many" {
  for_each   = toset(["a", "b"])
  name       = each.key
  owner      = "payments"
  purpose    = "Nightly export of invoices to the ledger bucket"
  expiry     = "2027-06-30"
  template   = "s3-object-reader@1.2.0"
  parameters = { bucket = "ledger-${each.key}" }
}
resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = nhi_service_account.reader.aws.trust
  tags               = nhi_service_account.reader.tags
}
variable "wide" {
  type = bool
}
variable "index" {
  type = number
}
locals {
  reader = nhi_service_account.reader
}
"#;

/// What is found when the role of the reader gets this policy.
fn with_policy(policy: &str) -> String {
    with(&format!(
        "resource \"aws_iam_role_policy\" \"p\" {{\n  role   = aws_iam_role.reader.id\n  policy = {policy}\n}}\n"
    ))
}

fn with(more: &str) -> String {
    let folder = folder(&[
        ("infra/main.tf", IDENTITIES),
        ("infra/more.tf", more),
        ("templates/reader.nhi.hcl", READER),
        ("templates/writer.nhi.hcl", WRITER),
    ]);
    let all = ran(folder.path(), "check infra --templates templates --format concise");
    assert!(!all.contains("--- exit 2"), "{all}");
    all.split("--- stderr").next().unwrap_or_default().trim().to_owned()
}

#[test]
fn an_untouched_policy_passes() {
    for policy in [
        "nhi_service_account.reader.aws.permissions",
        "local.reader.aws.permissions",
        "nhi_service_account.reader.aws[\"permissions\"]",
        "\"${nhi_service_account.reader.aws.permissions}\"",
    ] {
        assert_eq!(with_policy(policy), "", "{policy}");
    }
}

#[test]
fn a_policy_that_was_worked_on_does_not() {
    for policy in [
        "replace(nhi_service_account.reader.aws.permissions, \"s3:GetObject\", \"*\")",
        "jsonencode(jsondecode(nhi_service_account.reader.aws.permissions))",
        "jsonencode(merge(jsondecode(nhi_service_account.reader.aws.permissions), { Statement = [{ Effect = \"Allow\", Action = \"s3:*\", Resource = \"*\" }] }))",
        "format(\"%s \", nhi_service_account.reader.aws.permissions)",
        "\"${nhi_service_account.reader.aws.permissions} \"",
        "join(\"\", concat([nhi_service_account.reader.aws.permissions], [\" \"]))",
        "var.wide ? nhi_service_account.reader.aws.permissions : \"{}\"",
        "var.wide ? replace(nhi_service_account.reader.aws.permissions, \"a\", \"b\") : nhi_service_account.reader.aws.permissions",
        "coalesce(nhi_service_account.reader.aws.permissions, \"{}\")",
        "try(nhi_service_account.reader.aws.permissions, \"{}\")",
        "lookup(nhi_service_account.reader.aws, \"permissions\", \"{}\")",
        "merge(nhi_service_account.reader.aws, { permissions = \"{}\" }).permissions",
        "element([nhi_service_account.reader.aws.permissions, \"{}\"], var.index)",
        "var.wide ? \"{}\" : nhi_service_account.reader.aws.permissions",
        "trimspace(nhi_service_account.reader.aws.permissions)",
        "nhi_service_account.reader.aws.trust",
        "nhi_service_account.reader.description",
    ] {
        let found = with_policy(policy);
        assert!(found.contains("TPL005") || found.contains("TPL001"), "{policy}: {found}");
        assert!(found.contains("aws_iam_role_policy.p"), "{policy}: {found}");
    }
}

#[test]
fn what_another_identity_may_do_is_judged_against_the_one_in_the_tags() {
    insta::assert_snapshot!(with_policy("nhi_service_account.writer.aws.permissions"), @"infra/more.tf:3:12: TPL001[outside-template] `aws_iam_role.reader` may do `s3:PutObject` on `arn:aws:s3:::ledger/x`, which template `s3-object-reader@1.2.0` does not allow (aws_iam_role_policy.p.policy)");
    let instance = with_policy("nhi_service_account.many[\"a\"].aws.permissions");
    insta::assert_snapshot!(instance, @"infra/more.tf:3:12: TPL001[outside-template] `aws_iam_role.reader` may do `s3:GetObject` on `arn:aws:s3:::ledger-a/x`, which template `s3-object-reader@1.2.0` does not allow (aws_iam_role_policy.p.policy)");
}

#[test]
fn tags_win_over_what_else_derives_from_a_governed_resource() {
    let role = "resource \"aws_iam_role\" \"r\" {\n  name = nhi_service_account.writer.principal_name\n  assume_role_policy = nhi_service_account.writer.aws.trust\n  tags = nhi_service_account.reader.tags\n  inline_policy {\n    name = \"p\"\n    policy = nhi_service_account.writer.aws.permissions\n  }\n}\n";
    let found = with(role);
    assert!(found.contains("which template `s3-object-reader@1.2.0` does not allow"), "{found}");
}

#[test]
fn each_instance_has_its_own_ceiling() {
    let role = |key: &str| {
        format!(
            "resource \"aws_iam_role\" \"r\" {{\n  for_each = nhi_service_account.many\n  name = each.key\n  assume_role_policy = each.value.aws.trust\n  tags = each.value.tags\n  inline_policy {{\n    name = \"p\"\n    policy = {key}.aws.permissions\n  }}\n}}\n"
        )
    };
    assert_eq!(with(&role("each.value")), "");
    assert_eq!(with(&role("nhi_service_account.many[each.key]")), "");
    let crossed = with(&role("nhi_service_account.many[\"a\"]"));
    assert!(crossed.contains("`aws_iam_role.r[\"b\"]` may do `s3:GetObject`"), "{crossed}");
    assert!(!crossed.contains("`aws_iam_role.r[\"a\"]` may do"), "{crossed}");
}

#[test]
fn a_dynamic_block_hides_nothing() {
    let role = |policy: &str| {
        format!(
            "resource \"aws_iam_role\" \"r\" {{\n  name = \"r\"\n  assume_role_policy = nhi_service_account.reader.aws.trust\n  tags = nhi_service_account.reader.tags\n  dynamic \"inline_policy\" {{\n    for_each = [{policy}]\n    content {{\n      name = \"p\"\n      policy = inline_policy.value\n    }}\n  }}\n}}\n"
        )
    };
    assert_eq!(with(&role("nhi_service_account.reader.aws.permissions")), "");
    for policy in [
        "replace(nhi_service_account.reader.aws.permissions, \"s3:GetObject\", \"*\")",
        "nhi_service_account.writer.aws.permissions",
    ] {
        let found = with(&role(policy));
        assert!(found.contains("TPL005") || found.contains("TPL001"), "{policy}: {found}");
    }
}

#[test]
fn a_role_made_elsewhere_is_governed_by_what_it_is_given() {
    let policy = |policy: &str| {
        format!(
            "resource \"aws_iam_role_policy\" \"e\" {{\n  role   = \"legacy\"\n  policy = {policy}\n}}\n"
        )
    };
    assert_eq!(with(&policy("nhi_service_account.reader.aws.permissions")), "");
    let found = with(&policy("replace(nhi_service_account.reader.aws.permissions, \"s3\", \"*\")"));
    assert!(found.contains("TPL005"), "{found}");
}

#[test]
fn a_text_that_the_plan_knows_is_compared_wherever_it_comes_from() {
    let policy = |action: &str| {
        let sketch = json!({
            "nhi_service_account.reader": {
                "name": "reader",
                "owner": "payments",
                "purpose": "Nightly export of invoices to the ledger bucket",
                "expiry": "2027-06-30",
                "template": "s3-object-reader@1.2.0",
                "parameters": { "bucket": "ledger" },
                "aws": { "permissions": allow(&["s3:GetObject"], "arn:aws:s3:::ledger/*") },
            },
            "aws_iam_role.reader": {
                "name": "reader",
                "assume_role_policy": ec2(),
                "tags": { "nhi:owner": "payments" },
                "&tags": ["nhi_service_account.reader tags"],
            },
            "aws_iam_role_policy.p": {
                "role": "reader",
                "policy": allow(&[action], "arn:aws:s3:::ledger/*"),
                "&policy": ["nhi_service_account.reader aws.permissions"],
            },
        });
        found(&sketch, READER)
    };
    assert_eq!(policy("s3:GetObject").trim(), "");
    insta::assert_snapshot!(policy("*"), @"aws_iam_role_policy.p.policy: TPL001[outside-template] `aws_iam_role.reader` may do `s3:PutObject` on `arn:aws:s3:::ledger/example-object`, which template `s3-object-reader@1.2.0` does not allow");
}
