//! `missing-purpose`: refuses an identity that does not say why it exists.

use policy::governance::{Fact, Violation};

use crate::finding::{Hit, Severity};
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "PUR001",
    name: "missing-purpose",
    severity: Severity::Error,
    refuses: "an identity that does not say why it exists",
    docs: r#"
## Why

Without a purpose no reviewer can tell whether the identity is still needed, or whether its permissions fit.

## Fails

```hcl main.tf
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
  tags = {
    "nhi:owner"    = "payments"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "s3-object-reader@1.2.0"
  }
}
```

## Passes

```hcl main.tf
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
  tags = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger bucket"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "s3-object-reader@1.2.0"
  }
}
```

## How to fix

Say in one sentence what the identity is for: `nhi:purpose = "Nightly export of invoices to the ledger bucket"`.
"#,
    references: &[
        "nist-csf-2.0:PR.AA-01",
        "nist-csf-2.0:ID.AM-02",
        "nist-800-53r5:AC-2(a)",
        "cis-8.1:5.5",
        "iso27001-2022:A.5.16",
        "soc2-2017:CC6.1",
        "pci-dss-4.0.1:7.2.5",
    ],
    check: Check::Subject(check),
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> Vec<Hit> {
    let mut hits =
        context.hits(subject, |violation| matches!(violation, Violation::MissingPurpose));
    hits.extend(context.unknown(subject, Fact::Purpose));
    hits
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        PUR001[missing-purpose]

          × `aws_iam_role.export` has no purpose
           ╭─[main.tf:1:1]
         1 │ resource "aws_iam_role" "export" {
           · ────────────────┬───────────────
           ·                 ╰── this identity states no purpose
         2 │   name = "invoice-export"
           ╰────
          help: say in a sentence what it is for, so that a reviewer can tell whether
                it is still needed
        "#);
    }

    #[test]
    fn an_empty_purpose_is_none() {
        let text = r#"
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:owner" = "payments", "nhi:purpose" = "", "nhi:expiry" = "2027-06-30", "nhi:template" = "s3-object-reader@1.2.0" }
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        PUR001[missing-purpose]

          × `aws_iam_role.export` has no purpose
           ╭─[main.tf:8:54]
         7 │   })
         8 │   tags = { "nhi:owner" = "payments", "nhi:purpose" = "", "nhi:expiry" = "2027-06-30", "nhi:template" = "s3-object-reader@1.2.0" }
           ·                                                      ─┬
           ·                                                       ╰── the purpose is stated here
         9 │ }
           ╰────
          help: say in a sentence what it is for, so that a reviewer can tell whether
                it is still needed
        "#);
    }

    #[test]
    fn a_purpose_that_is_not_known_is_not_passed_over() {
        let text = r#"
variable "purpose" {
  type = string
}
resource "aws_iam_role" "export" {
  assume_role_policy = "{}"
  tags = {
    "nhi:owner"   = "payments"
    "nhi:purpose" = var.purpose
    "nhi:expiry"  = "2027-06-30"
  }
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        PUR001[missing-purpose]

          × the purpose of `aws_iam_role.export` is not known before apply:
          │ `var.purpose` has no value
            ╭─[main.tf:9:21]
          8 │     "nhi:owner"   = "payments"
          9 │     "nhi:purpose" = var.purpose
            ·                     ─────┬─────
            ·                          ╰── the purpose is stated here
         10 │     "nhi:expiry"  = "2027-06-30"
            ╰────
          help: give it with `--var purpose=…` or a tfvars file, or write it out
        "#);
    }
}
