//! `outside-template`: refuses permissions or trust beyond the template, or beyond every template where none is named.

use policy::verdict::Verdict;

use crate::finding::{Hit, Severity};
use crate::identity::Identity;
use crate::rule::{Check, Context, Rule};

pub(super) static RULE: Rule = Rule {
    code: "TPL001",
    name: "outside-template",
    severity: Severity::Error,
    refuses: "permissions or trust beyond the template, or beyond every template where none is named",
    docs: r#"
## Why

A template is the ceiling that a platform team published. What exceeds it was reviewed by nobody. The finding shows one
request that the identity could make and the template does not allow.

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
      Action   = ["s3:GetObject", "s3:PutObject"]
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

Take the permission away, or name a template that allows it. If none does, ask the platform team for one: a template is
changed by a pull request.
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
    let outside =
        context.judgements(index).iter().filter_map(|judgement| match &judgement.verdict {
            Verdict::Outside(example) => Some((judgement, example)),
            Verdict::Inside | Verdict::Undecided(_) => None,
        });
    outside
        .map(|(judgement, example)| Hit {
            counterexample: Some(example.clone()),
            ..judgement.hit.clone()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        TPL001[outside-template]

          × `aws_iam_role.export` may do `s3:PutObject` on
          │ `arn:aws:s3:::payments-ledger/x`, which template `s3-object-reader@1.2.0`
          │ does not allow
            ╭─[main.tf:26:35]
         25 │       Effect   = "Allow"
         26 │       Action   = ["s3:GetObject", "s3:PutObject"]
            ·                                   ───────┬──────
            ·                                          ╰── allows `s3:PutObject`
         27 │       Resource = "arn:aws:s3:::payments-ledger/*"
            ╰────
          help: drop `s3:PutObject`, or name a template that allows it
          ╰─▶   ☞ template `s3-object-reader@1.2.0` allows this at most
                  ╭─[templates.nhi.hcl:9:19]
                8 │       Version = "2012-10-17"
                9 │       Statement = [{
                  ·                   ──
               10 │         Effect   = "Allow"
                  ╰────
        "#);
    }
}
