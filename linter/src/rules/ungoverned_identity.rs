//! `ungoverned-identity`: refuses a machine identity or credential that no governance record answers for.

use policy::governance::{Fact, Field, Record};

use crate::advice;
use crate::finding::{Hit, Severity};
use crate::identity::{self, Imperative, Reason, Source};
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "OWN001",
    name: "ungoverned-identity",
    severity: Severity::Error,
    refuses: "a machine identity or credential that no governance record answers for",
    docs: r#"
## Why

An identity without an owner, a purpose and an end date is one that nobody reviews, rotates or removes. It is found
again when it is misused. A credential needs no record of its own where the identity that it proves has one.

What a program makes beside the resources is in no plan: `aws iam create-user` in a `local-exec`, or in an external data
source. No record can lead to it, whatever the program says, so the command itself is refused. So are its kin of `gcloud`,
`az`, `kubectl`, `vault`, `gh`, `eksctl` and `terraform`; commands that only read are not.

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

Derive the identity from a governed resource (`tags = nhi_workload_identity.export.tags`), or state the facts as
metadata: tags `nhi:owner`, `nhi:purpose`, `nhi:expiry` and `nhi:template`; labels and annotations `nhi.dev/owner` or
`nhi_owner`, and so on; a description `nhi:v1;own=payments;exp=2027-06-30;…`. The key names can be changed in
`.nhi-lint.hcl`.
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

/// Why the first fact that is unknown is.
fn unknown(record: &Record) -> Option<String> {
    Fact::ALL.into_iter().find_map(|fact| match record.get(fact) {
        Field::Unknown(origin) if !origin.is_empty() => Some(Reason::of(origin).why),
        Field::Unknown(_) | Field::Absent | Field::Value(_) => None,
    })
}

fn check(subject: &Subject<'_>, context: &Context<'_>) -> Vec<Hit> {
    let address = context.address(subject.resource);
    if let Some(hit) = imperative(subject, context) {
        return vec![hit];
    }
    let message = match subject.governance.source {
        Source::Nowhere => format!("no governance record answers for `{address}`"),
        Source::Unknown => {
            let why = unknown(&subject.governance.record).map(|why| format!(": {why}"));
            let why = why.unwrap_or_default();
            format!("the governance record of `{address}` is not known before apply{why}")
        }
        Source::Own | Source::Governed(_) | Source::Holder => return Vec::new(),
    };
    let entry = context
        .resource(subject.resource)
        .and_then(|resource| context.model.catalogue.find(&resource.kind));
    vec![Hit {
        resource: subject.resource,
        message,
        help: advice::govern(entry, subject),
        label: format!("this {} has no owner, purpose, end date or template", subject.noun),
        ..Hit::default()
    }]
}

/// What a program makes is in no plan, so that no record can lead to it.
fn imperative(subject: &Subject<'_>, context: &Context<'_>) -> Option<Hit> {
    let Imperative { command, makes, instead } =
        identity::command(context.resource(subject.resource)?)?;
    Some(Hit {
        resource: subject.resource,
        message: format!(
            "`{command}` makes {makes} in no plan, and no governance record can lead there"
        ),
        help: format!("make it with {instead}, where a plan shows it and it can be governed"),
        label: "Terraform runs this, and does not know what it makes".to_owned(),
        ..Hit::default()
    })
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        OWN001[ungoverned-identity]

          × no governance record answers for `aws_iam_role.export`
           ╭─[main.tf:1:1]
         1 │ resource "aws_iam_role" "export" {
           · ────────────────┬───────────────
           ·                 ╰── this identity has no owner, purpose, end date or template
         2 │   name = "invoice-export"
           ╰────
          help: derive it from an `nhi_*` resource, or add `nhi:owner`, `nhi:purpose`,
                `nhi:expiry` and `nhi:template` to its `tags`
        "#);
    }

    #[test]
    fn a_credential_needs_no_record_of_its_own() {
        let text = r#"
resource "aws_iam_user" "robot" {
  name = "robot"
  tags = { "nhi:owner" = "payments" }
}

resource "aws_iam_access_key" "robot" {
  user = aws_iam_user.robot.name
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @"");
    }

    #[test]
    fn one_without_metadata_is_told_whose_record_to_write() {
        let text = r#"
resource "aws_iam_access_key" "robot" {
  user = "somebody"
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        OWN001[ungoverned-identity]

          × no governance record answers for `aws_iam_access_key.robot`
           ╭─[main.tf:2:1]
         1 │ 
         2 │ resource "aws_iam_access_key" "robot" {
           · ──────────────────┬──────────────────
           ·                   ╰── this credential has no owner, purpose, end date or template
         3 │   user = "somebody"
           ╰────
          help: it has no metadata of its own: govern the identity that `user` names
        "#);
    }

    #[test]
    fn annotations_and_descriptions_are_records() {
        let text = r#"
resource "kubernetes_service_account_v1" "app" {
  metadata {
    name        = "app"
    annotations = { "nhi.dev/owner" = "payments" }
  }
}

resource "google_service_account" "robot" {
  account_id  = "robot"
  description = "Robot. nhi:v1;own=payments;exp=2027-06-30"
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @"");
    }
}
