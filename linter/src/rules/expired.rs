//! `expired`: refuses an identity whose end date is past.

use policy::governance::Violation;

use crate::finding::{Hit, Severity};
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "EXP002",
    name: "expired",
    severity: Severity::Error,
    refuses: "an identity whose end date is past",
    docs: r#"
## Why

An identity past its end date is one that nobody decided to keep.

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
    "nhi:purpose"  = "Nightly export of invoices to the ledger bucket"
    "nhi:expiry"   = "2026-01-31"
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

Remove the identity, or choose a later end date after a review.
"#,
    references: &[
        "owasp-nhi:NHI1:2025",
        "nist-csf-2.0:PR.AA-01",
        "nist-csf-2.0:ID.AM-08",
        "nist-800-53r5:AC-2(3)(a)",
        "cis-8.1:5.1",
        "iso27001-2022:A.5.18",
        "soc2-2017:CC6.2",
        "pci-dss-4.0.1:8.2.6",
        "csa-ccm-4.0:IAM-07",
    ],
    check: Check::Subject(check),
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> Vec<Hit> {
    context.hits(subject, |violation| matches!(violation, Violation::Expired { .. }))
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        EXP002[expired]

          × `aws_iam_role.export` expired at 2026-02-01T00:00:00Z
            ╭─[main.tf:14:22]
         13 │     "nhi:purpose"  = "Nightly export of invoices to the ledger bucket"
         14 │     "nhi:expiry"   = "2026-01-31"
            ·                      ──────┬─────
            ·                            ╰── the expiry is stated here
         15 │     "nhi:template" = "s3-object-reader@1.2.0"
            ╰────
          help: choose a later end date if it is still needed, or remove it
        "#);
    }

    #[test]
    fn the_last_day_still_counts() {
        let text = r#"
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:owner" = "payments", "nhi:purpose" = "Nightly export of invoices to the ledger bucket", "nhi:expiry" = "2026-11-21", "nhi:template" = "s3-object-reader@1.2.0" }
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @"");
    }
}
