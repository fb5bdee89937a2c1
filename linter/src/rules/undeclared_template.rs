//! `undeclared-template`: refuses an identity that fits a published template and does not say so.

use policy::verdict::Verdict;

use crate::advice;
use crate::finding::{Hit, Severity};
use crate::identity::{Identity, Origin, Platform, Source};
use crate::rule::{Check, Context, Rule};

pub(super) static RULE: Rule = Rule {
    code: "TPL002",
    name: "undeclared-template",
    severity: Severity::Warning,
    refuses: "an identity that fits a published template and names none",
    docs: r#"
## Why

An identity that names no template is measured against all of them, so a later change may move it from one ceiling to a
wider one and nobody is asked. Its session length, rotation and review are not bound by any template either. Nothing is
granted beyond what was published, so this is a warning; an identity that fits no template is an error (TPL001).

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
    "nhi:owner"   = "payments"
    "nhi:purpose" = "Nightly export of invoices to the ledger bucket"
    "nhi:expiry"  = "2027-06-30"
  }
}

resource "aws_iam_role_policy" "export" {
  name = "export"
  role = aws_iam_role.export.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "arn:aws:s3:::payments-ledger/*"
    }]
  })
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

resource "aws_iam_role_policy" "export" {
  name = "export"
  role = aws_iam_role.export.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "arn:aws:s3:::payments-ledger/*"
    }]
  })
}
```

## How to fix

Name the template that the finding shows, in the metadata of the identity (`nhi:template`) or as the `template` of the governed
resource that it derives from. Prefer the narrowest template that it fits.
"#,
    references: &[
        "owasp-nhi:NHI5:2025",
        "nist-csf-2.0:PR.AA-05",
        "nist-800-53r5:AC-6",
        "iso27001-2022:A.5.15",
        "soc2-2017:CC6.3",
    ],
    check: Check::Identity(check),
};

fn check(index: usize, identity: &Identity, context: &Context<'_>) -> Vec<Hit> {
    // What is made elsewhere cannot say it here; a governed resource says it for what derives from it.
    let silent = match identity.governance.source {
        Source::Nowhere | Source::Own => identity.origin == Origin::Here,
        Source::Governed(_) | Source::Holder | Source::Unknown => false,
    };
    if !silent || identity.platform == Platform::Nhi {
        return Vec::new();
    }
    let inside =
        context.judgements(index).iter().filter(|judgement| judgement.verdict == Verdict::Inside);
    inside
        .filter_map(|judgement| hit(judgement.hit.template.as_deref()?, identity, context))
        .collect()
}

fn hit(template: &str, identity: &Identity, context: &Context<'_>) -> Option<Hit> {
    let resource = context.resource(identity.resource)?;
    Some(Hit {
        resource: identity.resource,
        message: format!("`{}` fits template `{template}` and names none", resource.address),
        help: advice::declare(context.model.catalogue.find(&resource.kind), template),
        label: "this identity names no template".to_owned(),
        template: Some(template.to_owned()),
        ..Hit::default()
    })
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        TPL002[undeclared-template]

          ⚠ `aws_iam_role.export` fits template `s3-object-reader@1.2.0` and names
          │ none
           ╭─[main.tf:1:1]
         1 │ resource "aws_iam_role" "export" {
           · ────────────────┬───────────────
           ·                 ╰── this identity names no template
         2 │   name = "invoice-export"
           ╰────
          help: add `nhi:template` = `s3-object-reader@1.2.0` to its `tags`
        "#);
    }

    /// The failing example with another role.
    fn with(from: &str, to: &str) -> String {
        let mut files = example(&RULE, "Fails");
        for (_, text) in &mut files {
            *text = text.replace(from, to);
        }
        report(&RULE, &files)
    }

    #[test]
    fn without_a_record_it_is_said_as_well() {
        let found = with("nhi:", "");
        assert!(found.contains("fits template `s3-object-reader@1.2.0`"), "{found}");
    }

    #[test]
    fn what_fits_no_template_is_not_told_to_name_one() {
        assert_eq!(
            with("[\"s3:GetObject\"]\n      Resource = \"", "[\"s3:*\"]\n      Resource = \""),
            ""
        );
    }

    #[test]
    fn a_governed_resource_speaks_for_what_derives_from_it() {
        let governed = "resource \"nhi_service_account\" \"export\" {\n  name = \"export\"\n  template = \"s3-object-reader@1.2.0\"\n}\n";
        let mut files = example(&RULE, "Fails");
        for (name, text) in &mut files {
            if name == "main.tf" {
                *text = text.replace(
                    "  tags = {\n",
                    "  tags = {\n    id = nhi_service_account.export.id\n",
                );
                text.push_str(governed);
            }
        }
        assert_eq!(report(&RULE, &files), "");
    }
}
