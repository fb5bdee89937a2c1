//! `placeholder-purpose`: refuses a purpose that says nothing: a placeholder, the name again, or fewer than three words.

use policy::governance::Violation;

use crate::finding::{Hit, Severity};
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "PUR002",
    name: "placeholder-purpose",
    severity: Severity::Error,
    refuses: "a purpose that says nothing: a placeholder, the name again, or fewer than three words",
    docs: r#"
## Why

`todo`, `test` and the identity's own name satisfy a required field and nobody else. A reviewer can hold an identity to a
sentence only.

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
    "nhi:purpose"  = "todo"
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

Write at least three words that say what the identity is for.
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
    context.hits(subject, |violation| matches!(violation, Violation::UnfitPurpose { .. }))
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        PUR002[placeholder-purpose]

          × `aws_iam_role.export`: the purpose `todo` is a placeholder
            ╭─[main.tf:13:22]
         12 │     "nhi:owner"    = "payments"
         13 │     "nhi:purpose"  = "todo"
            ·                      ───┬──
            ·                         ╰── the purpose is stated here
         14 │     "nhi:expiry"   = "2027-06-30"
            ╰────
          help: say in a sentence what it is for, so that a reviewer can tell whether
                it is still needed
        "#);
    }

    #[test]
    fn the_name_is_no_purpose() {
        let text = r#"
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:owner" = "payments", "nhi:purpose" = "invoice export role", "nhi:expiry" = "2027-06-30", "nhi:template" = "s3-object-reader@1.2.0" }
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        PUR002[placeholder-purpose]

          × `aws_iam_role.export`: the purpose `invoice export role` only repeats the
          │ identity's name
           ╭─[main.tf:8:54]
         7 │   })
         8 │   tags = { "nhi:owner" = "payments", "nhi:purpose" = "invoice export role", "nhi:expiry" = "2027-06-30", "nhi:template" = "s3-object-reader@1.2.0" }
           ·                                                      ──────────┬──────────
           ·                                                                ╰── the purpose is stated here
         9 │ }
           ╰────
          help: say in a sentence what it is for, so that a reviewer can tell whether
                it is still needed
        "#);
    }
}
