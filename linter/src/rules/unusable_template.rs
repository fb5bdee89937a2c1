//! `unusable-template`: refuses a template that is unknown, revoked, deprecated, or meant for other kinds or environments.

use miette::Diagnostic as _;
use policy::governance::{Fact, Violation};
use policy::template::UnusableTemplate;

use crate::finding::{Hit, Severity};
use crate::model::Action;
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "TPL003",
    name: "unusable-template",
    severity: Severity::Error,
    refuses: "a template that is unknown, revoked, deprecated, or meant for other kinds or environments",
    docs: r#"
## Why

A template that nobody published, that was revoked, or that is meant for another environment is no ceiling.

## Fails

```hcl templates.nhi.hcl
template "s3-object-reader" {
  version = "1.2.0"
  parameter "bucket" {
    pattern = "[a-z0-9][a-z0-9.-]{2,62}"
  }
  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::${param.bucket}/*"]
      }]
    })
    trust = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      }]
    })
  }
}
```

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
    "nhi:template" = "s3-object-reader@2"
  }
}
```

## Passes

```hcl templates.nhi.hcl
template "s3-object-reader" {
  version = "1.2.0"
  parameter "bucket" {
    pattern = "[a-z0-9][a-z0-9.-]{2,62}"
  }
  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::${param.bucket}/*"]
      }]
    })
    trust = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      }]
    })
  }
}
```

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

Name a published version: exactly (`s3-object-reader@1.2.0`) or the newest of a series (`s3-object-reader@1`). Say where the
templates are with `--templates`, or with `templates` in `.nhi-lint.hcl`.
"#,
    references: &[
        "owasp-nhi:NHI5:2025",
        "nist-csf-2.0:PR.AA-05",
        "nist-800-53r5:AC-6",
        "iso27001-2022:A.5.15",
        "soc2-2017:CC6.3",
    ],
    check: Check::Subject(check),
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> Vec<Hit> {
    if !subject.governance.is_own() {
        return Vec::new();
    }
    let mut hits = context.hits(subject, |violation| {
        matches!(violation, Violation::WrongKind { .. } | Violation::WrongEnvironment { .. })
    });
    let Some(Err(error)) = context.template(subject.governance) else { return hits };
    if matches!(error, UnusableTemplate::Deprecated { .. }) && stays(subject, context) {
        return hits;
    }
    let nothing_loaded = context.library.templates().next().is_none();
    let help = if nothing_loaded && matches!(error, UnusableTemplate::Unknown { .. }) {
        "no templates are loaded: say where they are with `--templates`, or `templates` in `.nhi-lint.hcl`".to_owned()
    } else {
        error.help().map(|help| help.to_string()).unwrap_or_default()
    };
    let (resource, path) = subject.governance.place(Fact::Template, subject.resource);
    hits.push(Hit {
        resource,
        path,
        message: format!("`{}`: {error}", context.address(subject.resource)),
        help,
        label: "the template is named here".to_owned(),
        template: subject.governance.record.template.as_str().map(str::to_owned),
        ..Hit::default()
    });
    hits
}

/// Whether the identity exists already: those may keep a deprecated template.
fn stays(subject: &Subject<'_>, context: &Context<'_>) -> bool {
    context.resource(subject.resource).is_some_and(|resource| match resource.action {
        Action::Update | Action::NoOp | Action::Exists => true,
        Action::Create | Action::Replace | Action::Delete | Action::Forget | Action::Read => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        TPL003[unusable-template]

          × `aws_iam_role.export`: template `s3-object-reader` has no version `2`
            ╭─[main.tf:15:22]
         14 │     "nhi:expiry"   = "2027-06-30"
         15 │     "nhi:template" = "s3-object-reader@2"
            ·                      ──────────┬─────────
            ·                                ╰── the template is named here
         16 │   }
            ╰────
          help: there is `1.2.0`
        "#);
    }

    #[test]
    fn without_templates_it_says_where_to_load_them_from() {
        let text = r#"
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:owner" = "payments", "nhi:purpose" = "Nightly export of invoices to the ledger bucket", "nhi:expiry" = "2027-06-30", "nhi:template" = "s3-object-reader@1.2.0" }
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        TPL003[unusable-template]

          × `aws_iam_role.export`: there is no template `s3-object-reader`
           ╭─[main.tf:8:151]
         7 │   })
         8 │   tags = { "nhi:owner" = "payments", "nhi:purpose" = "Nightly export of invoices to the ledger bucket", "nhi:expiry" = "2027-06-30", "nhi:template" = "s3-object-reader@1.2.0" }
           ·                                                                                                                                                       ────────────┬───────────
           ·                                                                                                                                                                   ╰── the template is named here
         9 │ }
           ╰────
          help: no templates are loaded: say where they are with `--templates`, or
                `templates` in `.nhi-lint.hcl`
        "#);
    }
}
