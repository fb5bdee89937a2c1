//! What derives from a governed resource through several blocks.

use super::{GOVERNED, verdicts};

/// Whole configurations: what answers for everything in them whose name begins with `t`, in the order of the files.
const CONFIGURATIONS: &[(&str, &str, &str, &str)] = &[
    (
        "default tags that name an owner",
        r#"
provider "aws" {
  default_tags {
    tags = { "nhi:owner" = "payments", "nhi:purpose" = "Exports the invoices of the night" }
  }
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
}
"#,
        "own",
        "",
    ),
    (
        "default tags of another provider",
        r#"
provider "aws" {
}
provider "aws" {
  alias = "tagged"
  default_tags {
    tags = { "nhi:owner" = "payments" }
  }
}
resource "aws_iam_role" "t1" {
  assume_role_policy = "{}"
}
resource "aws_iam_role" "t2" {
  provider           = aws.tagged
  assume_role_policy = "{}"
}
"#,
        "no, own",
        "",
    ),
    (
        "default tags that the provider leaves alone",
        r#"
provider "aws" {
  default_tags {
    tags = { "nhi:owner" = "payments", Team = "x" }
  }
  ignore_tags {
    key_prefixes = ["nhi:"]
  }
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
}
"#,
        "no",
        "",
    ),
    (
        "default tags from a governed resource",
        r#"
provider "aws" {
  default_tags {
    tags = data.nhi_identity.old.tags
  }
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
}
"#,
        "by old",
        "no",
    ),
    (
        "own tags stand above default ones",
        r#"
provider "aws" {
  default_tags {
    tags = { "nhi:owner" = "platform" }
  }
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
  tags               = nhi_workload_identity.x.tags
}
"#,
        "by x",
        "",
    ),
    (
        "default labels",
        r#"
provider "google" {
  project        = "acme"
  default_labels = { nhi_owner = "payments" }
}
resource "google_vertex_ai_reasoning_engine" "t" {
  display_name = "t"
  labels       = { team = "x" }
}
"#,
        "own",
        "",
    ),
    (
        "a description of Google Cloud",
        r#"
resource "google_service_account" "t1" {
  account_id  = "robot"
  description = nhi_workload_identity.x.description
}
resource "google_service_account" "t2" {
  account_id  = "robot2"
  description = "nhi:v1;own=payments;exp=2027-06-30"
}
resource "google_service_account" "t3" {
  account_id  = "robot3"
  description = "Sends invoices"
}
"#,
        "by x, own, no",
        "",
    ),
    (
        "tags of Azure, which has no default ones",
        r#"
resource "azurerm_user_assigned_identity" "t1" {
  name = "robot"
  tags = local.tags
}
resource "azurerm_user_assigned_identity" "t2" {
  name = "robot2"
  tags = { Team = "free" }
}
"#,
        "by x, no",
        "undecided, no",
    ),
    (
        "labels and annotations of Kubernetes",
        r#"
resource "kubernetes_service_account_v1" "t1" {
  metadata {
    name        = "a"
    annotations = nhi_workload_identity.x.annotations
  }
}
resource "kubernetes_service_account_v1" "t2" {
  metadata {
    name   = "b"
    labels = merge({ app = "b" }, nhi_workload_identity.y.labels)
  }
}
resource "kubernetes_service_account_v1" "t3" {
  metadata {
    name   = "c"
    labels = { app = "c" }
  }
}
"#,
        "by x, by y, no",
        "",
    ),
    (
        "trust and permissions",
        r#"
resource "aws_iam_role" "t1" {
  assume_role_policy = nhi_workload_identity.x.aws.trust
}
resource "aws_iam_role" "t2" {
  assume_role_policy = "{}"
  inline_policy {
    name   = "p"
    policy = nhi_workload_identity.y.aws.permissions
  }
}
resource "aws_iam_role" "t3" {
  assume_role_policy = var.wide ? nhi_workload_identity.x.aws.trust : "{}"
}
resource "aws_iam_role" "t4" {
  assume_role_policy = "{}"
}
resource "aws_iam_role_policy" "t4" {
  role   = aws_iam_role.t4.id
  policy = nhi_workload_identity.x.aws.permissions
}
"#,
        "by x, by y, undecided, no",
        "by x, by y, by x, no",
    ),
    (
        "a policy document with an own statement is not the governed one",
        r#"
data "aws_iam_policy_document" "both" {
  source_policy_documents = [nhi_workload_identity.x.aws.permissions]
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
  inline_policy {
    name   = "p"
    policy = data.aws_iam_policy_document.both.json
  }
}
"#,
        "by x",
        "no",
    ),
    (
        "a binding by reference",
        r#"
resource "nhi_binding" "b" {
  identity  = nhi_workload_identity.x.id
  platform  = "aws"
  principal = aws_iam_role.t.arn
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
}
"#,
        "by x",
        "",
    ),
    (
        "a binding by the text of an ARN",
        r#"
resource "nhi_binding" "b" {
  identity  = nhi_workload_identity.x.id
  platform  = "aws"
  principal = "arn:aws:iam::123456789012:role/robot"
}
provider "aws" {
  allowed_account_ids = ["123456789012"]
}
resource "aws_iam_role" "t1" {
  name               = "robot"
  assume_role_policy = "{}"
}
resource "aws_iam_role" "t2" {
  name               = "robot2"
  assume_role_policy = "{}"
}
"#,
        "by x, no",
        "",
    ),
    (
        "an ARN of an account that is not known to be this one binds nothing",
        r#"
resource "nhi_binding" "b" {
  identity  = nhi_workload_identity.x.id
  platform  = "aws"
  principal = "arn:aws:iam::123456789012:role/robot"
}
resource "aws_iam_role" "t" {
  name               = "robot"
  assume_role_policy = "{}"
}
"#,
        "undecided",
        "",
    ),
    (
        "bindings in for_each",
        r#"
resource "nhi_binding" "b" {
  for_each  = { one = aws_iam_role.t1.arn, two = aws_iam_role.t2.arn }
  identity  = nhi_workload_identity.x.id
  platform  = "aws"
  principal = each.value
}
resource "aws_iam_role" "t1" {
  assume_role_policy = "{}"
}
resource "aws_iam_role" "t2" {
  assume_role_policy = "{}"
}
resource "aws_iam_role" "t3" {
  assume_role_policy = "{}"
}
"#,
        "by x, by x, no",
        "no, no, no",
    ),
    (
        "a binding to one of two",
        r#"
resource "nhi_binding" "b" {
  identity  = nhi_workload_identity.x.id
  platform  = "aws"
  principal = var.wide ? aws_iam_role.t1.arn : aws_iam_role.t2.arn
}
resource "aws_iam_role" "t1" {
  assume_role_policy = "{}"
}
resource "aws_iam_role" "t2" {
  assume_role_policy = "{}"
}
"#,
        "undecided, undecided",
        "",
    ),
    (
        "instances take their own twin",
        r#"
resource "nhi_workload_identity" "many" {
  for_each = toset(["a", "b"])
  name     = each.key
  owner    = "payments"
  purpose  = "Nightly export of invoices to the ledger bucket"
  expiry   = "2027-06-30"
  template = "s3-object-reader@1.2.0"
}
resource "aws_iam_role" "t" {
  for_each           = toset(["a", "b"])
  assume_role_policy = "{}"
  tags               = nhi_workload_identity.many[each.key].tags
}
"#,
        "by many, by many",
        "",
    ),
    (
        "a name that is the governed one's by chance",
        r#"
resource "aws_iam_role" "t" {
  name               = "export"
  assume_role_policy = "{}"
}
"#,
        "no",
        "",
    ),
];

#[test]
fn configurations() {
    let mut wrong = Vec::new();
    for (what, more, expected, alone) in CONFIGURATIONS {
        let alone = if alone.is_empty() { expected } else { alone };
        let found = verdicts(&[("main.tf", GOVERNED), ("more.tf", more)]);
        if found != [*expected, *expected, *alone] {
            wrong.push(format!("{what}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
