//! `expiry-too-far`: refuses an end date beyond what the template or the kind allows.

use policy::governance::Violation;

use crate::finding::{Hit, Severity};
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "EXP003",
    name: "expiry-too-far",
    severity: Severity::Error,
    refuses: "an end date beyond what the template or the kind allows",
    docs: r#"
## Why

An end date in ten years is no end date. Templates cap it with `max_lifetime`; each kind has a cap of its own.

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
    "nhi:expiry"   = "2036-12-31"
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

Choose an end date within the cap. It can be moved on after each review.
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
    context.hits(subject, |violation| matches!(violation, Violation::ExpiryTooFar { .. }))
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        EXP003[expiry-too-far]

          × `aws_iam_role.export` ends at 2037-01-01T00:00:00Z, beyond the 365d of
          │ kind `workload_identity`
            ╭─[main.tf:14:22]
         13 │     "nhi:purpose"  = "Nightly export of invoices to the ledger bucket"
         14 │     "nhi:expiry"   = "2036-12-31"
            ·                      ──────┬─────
            ·                            ╰── the expiry is stated here
         15 │     "nhi:template" = "s3-object-reader@1.2.0"
            ╰────
          help: choose `365d` or less; the last moment is 2027-11-21T12:00:00Z
        "#);
    }

    #[test]
    fn a_duration_counts_from_creation() {
        let text = r#"
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:owner" = "payments", "nhi:purpose" = "Nightly export of invoices to the ledger bucket", "nhi:expiry" = "800d", "nhi:template" = "s3-object-reader@1.2.0" }
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        EXP003[expiry-too-far]

          × `aws_iam_role.export` ends at 2029-01-29T12:00:00Z, beyond the 365d of
          │ kind `workload_identity`
           ╭─[main.tf:8:120]
         7 │   })
         8 │   tags = { "nhi:owner" = "payments", "nhi:purpose" = "Nightly export of invoices to the ledger bucket", "nhi:expiry" = "800d", "nhi:template" = "s3-object-reader@1.2.0" }
           ·                                                                                                                        ───┬──
           ·                                                                                                                           ╰── the expiry is stated here
         9 │ }
           ╰────
          help: choose `365d` or less; the last moment is 2027-11-21T12:00:00Z
        "#);
    }
}
