//! `missing-expiry`: refuses an identity without an end date.

use policy::governance::{Fact, Violation};

use crate::finding::{Hit, Severity};
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "EXP001",
    name: "missing-expiry",
    severity: Severity::Error,
    refuses: "an identity without an end date",
    docs: r#"
## Why

Identities outlive the projects that they were made for. An end date makes somebody decide again. A text that is not a
date, a time or a duration is no end date.

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

State the last day on which the identity is needed, such as `nhi:expiry = "2027-06-30"`, or a duration from its creation, such as
`90d`.
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
    let mut hits = context.hits(subject, |violation| {
        matches!(violation, Violation::MissingExpiry | Violation::MalformedExpiry(_))
    });
    hits.extend(context.unknown(subject, Fact::Expiry));
    hits
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        EXP001[missing-expiry]

          × `aws_iam_role.export` has no end date
           ╭─[main.tf:1:1]
         1 │ resource "aws_iam_role" "export" {
           · ────────────────┬───────────────
           ·                 ╰── this identity states no expiry
         2 │   name = "invoice-export"
           ╰────
          help: state the last day on which it is needed, such as `2027-06-30`, or a
                duration such as `90d`
        "#);
    }

    #[test]
    fn never_is_no_end_date() {
        let text = r#"
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:owner" = "payments", "nhi:purpose" = "Nightly export of invoices to the ledger bucket", "nhi:expiry" = "never", "nhi:template" = "s3-object-reader@1.2.0" }
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        EXP001[missing-expiry]

          × `aws_iam_role.export`: `never` is not an end date: every identity ends
           ╭─[main.tf:8:120]
         7 │   })
         8 │   tags = { "nhi:owner" = "payments", "nhi:purpose" = "Nightly export of invoices to the ledger bucket", "nhi:expiry" = "never", "nhi:template" = "s3-object-reader@1.2.0" }
           ·                                                                                                                        ───┬───
           ·                                                                                                                           ╰── the expiry is stated here
         9 │ }
           ╰────
          help: state the day on which somebody must decide again, such as
                `2027-06-30` or `90d`
        "#);
    }
}
