//! `undecided-grant`: refuses permissions or trust that cannot be compared with the template before apply.

use policy::verdict::Verdict;

use crate::finding::{Hit, Severity};
use crate::identity::Identity;
use crate::rule::{Check, Context, Rule};

pub(super) static RULE: Rule = Rule {
    code: "TPL005",
    name: "undecided-grant",
    severity: Severity::Error,
    refuses: "permissions or trust that cannot be compared with the template before apply",
    docs: r#"
## Why

A permission that is known only after apply was reviewed by nobody. The finding says which value is unknown.
What is known for certain (the name of a bucket in the same configuration) is used; the rest is not guessed.

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
variable "anything" {
  type = string
}

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
      Resource = "${var.anything}/*"
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

Make the value known: give the variable a value (`--var`, `--var-file`), write the name of the resource in the configuration, or create
the resource in an earlier run. Where the content of a role is not known, export it (`gcloud iam roles describe`, `az role definition list`)
and name the file with `--gcp-roles`, `--azure-roles` or in `.nhi-lint.hcl`.
"#,
    references: &[
        "owasp-nhi:NHI5:2025",
        "nist-csf-2.0:PR.AA-05",
        "nist-800-53r5:AC-6",
        "cis-8.1:6.8",
        "iso27001-2022:A.5.15",
        "soc2-2017:CC6.3",
        "pci-dss-4.0.1:7.2.5",
        "csa-ccm-4.0:IAM-05",
    ],
    check: Check::Identity(check),
};

fn check(index: usize, _: &Identity, context: &Context<'_>) -> Vec<Hit> {
    let undecided = context
        .judgements(index)
        .iter()
        .filter(|judgement| matches!(judgement.verdict, Verdict::Undecided(_)));
    undecided.map(|judgement| judgement.hit.clone()).collect()
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        TPL005[undecided-grant]

          × permissions in `aws_iam_role_policy.export` cannot be compared with
          │ template `s3-object-reader@1.2.0`: `var.anything` is not known before
          │ apply
            ╭─[main.tf:26:12]
         25 │   role = aws_iam_role.export.id
         26 │   policy = jsonencode({
            ·            ──────┬─────
            ·                  ╰── not decided before apply
         27 │     Version = "2012-10-17"
            ╰────
          help: `var.anything` has no value: give it with `--var anything=…` or a
                tfvars file, or write it out; of the parameters, no string of the
                identity stands where `bucket` does
        "#);
    }

    /// What `var.anything` becomes could end the string and begin an action of its own, so a template that allows every
    /// resource proves nothing; `jsonencode` would escape it.
    #[test]
    fn an_unknown_value_between_quotes_could_leave_them() {
        let every_resource = |policy: &str| {
            let mut files = example(&RULE, "Fails");
            for (name, text) in &mut files {
                *text = if name == "main.tf" {
                    let (before, _) = text.split_once("  policy = jsonencode").unwrap();
                    format!("{before}  policy = {policy}\n}}\n")
                } else {
                    text.replace("arn:aws:s3:::${param.bucket}/*", "*").replace(
                        "  parameter \"bucket\" {\n    pattern = \"[a-z0-9][a-z0-9.-]{2,62}\"\n  }\n",
                        "",
                    )
                };
            }
            report(&RULE, &files)
        };
        let raw = r#""{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"${var.anything}\"}]}""#;
        assert!(every_resource(raw).contains("TPL005"), "{}", every_resource(raw));
        let encoded = r#"jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${var.anything}" }] })"#;
        assert_eq!(every_resource(encoded), "");
    }
}
