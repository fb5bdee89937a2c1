//! `missing-owner`: refuses an identity whose owner is absent, or a mailbox, a pipeline, a bot or the identity itself.

use policy::governance::{Fact, Violation};

use crate::finding::{Hit, Severity};
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "OWN002",
    name: "missing-owner",
    severity: Severity::Error,
    refuses: "an identity whose owner is absent, or a mailbox, a pipeline, a bot or the identity itself",
    docs: r#"
## Why

When a credential leaks or a review is due, somebody has to be asked. A mailbox, a pipeline or a bot does not answer, and
an identity cannot answer for itself.

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
    "nhi:owner"    = "noreply@example.com"
    "nhi:purpose"  = "Nightly export of invoices to the ledger bucket"
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

Name the team that answers for the identity, or a person by e-mail address. The service that the identity works for goes
into `nhi:service`, never into the owner.
"#,
    references: &[
        "nist-csf-2.0:GV.RR-02",
        "nist-csf-2.0:ID.AM-08",
        "nist-800-53r5:AC-2(b)",
        "nist-800-53r5:IA-4(9)",
        "cis-8.1:5.5",
        "iso27001-2022:A.5.9",
        "soc2-2017:CC6.2",
        "pci-dss-4.0.1:7.2.5.1",
        "csa-ccm-4.0:IAM-03",
    ],
    check: Check::Subject(check),
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> Vec<Hit> {
    let mut hits = context.hits(subject, |violation| {
        matches!(violation, Violation::MissingOwner | Violation::UnfitOwner { .. })
    });
    hits.extend(context.unknown(subject, Fact::Owner));
    hits
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        OWN002[missing-owner]

          × `aws_iam_role.export`: the owner `noreply@example.com` is a shared mailbox
            ╭─[main.tf:12:22]
         11 │   tags = {
         12 │     "nhi:owner"    = "noreply@example.com"
            ·                      ──────────┬──────────
            ·                                ╰── the owner is stated here
         13 │     "nhi:purpose"  = "Nightly export of invoices to the ledger bucket"
            ╰────
          help: name a team or a person who can be asked, not a thing that runs
        "#);
    }

    #[test]
    fn an_owner_that_is_absent_is_missed_at_the_block() {
        let text = r#"
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:purpose" = "Nightly export of invoices to the ledger bucket", "nhi:expiry" = "2027-06-30", "nhi:template" = "s3-object-reader@1.2.0" }
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        OWN002[missing-owner]

          × `aws_iam_role.export` has no owner
           ╭─[main.tf:2:1]
         1 │ 
         2 │ resource "aws_iam_role" "export" {
           · ────────────────┬───────────────
           ·                 ╰── this identity states no owner
         3 │   name = "invoice-export"
           ╰────
          help: name the team that answers for it, or a person by e-mail address
        "#);
    }

    #[test]
    fn what_runs_cannot_answer() {
        let text = r#"
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:owner" = "ci-pipeline", "nhi:purpose" = "Nightly export of invoices to the ledger bucket", "nhi:expiry" = "2027-06-30", "nhi:template" = "s3-object-reader@1.2.0" }
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        OWN002[missing-owner]

          × `aws_iam_role.export`: the owner `ci-pipeline` is a pipeline
           ╭─[main.tf:8:26]
         7 │   })
         8 │   tags = { "nhi:owner" = "ci-pipeline", "nhi:purpose" = "Nightly export of invoices to the ledger bucket", "nhi:expiry" = "2027-06-30", "nhi:template" = "s3-object-reader@1.2.0" }
           ·                          ──────┬──────
           ·                                ╰── the owner is stated here
         9 │ }
           ╰────
          help: name a team or a person who can be asked, not a thing that runs
        "#);
    }
}
