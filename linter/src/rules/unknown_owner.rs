//! `unknown-owner`: refuses an owner that the owners directory does not know, or knows as gone.

use policy::governance::Fact;

use crate::finding::{Hit, Severity};
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "OWN003",
    name: "unknown-owner",
    severity: Severity::Error,
    refuses: "an owner that is not in the owners directory, or no longer active there",
    docs: r#"
## Why

An owner that nobody knows cannot be asked, and one that is gone does not answer. Where there is an owners directory (`--owners`, or
`owner` blocks beside the templates), every owner has to be in it; without one the rule is silent.

## Fails

```hcl owners.nhi.hcl
owner "payments" {
  accountable = "ada@example.com"
}

owner "legacy" {
  accountable = "ben@example.com"
  active      = false
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
    "nhi:owner"    = "legacy"
    "nhi:purpose"  = "Nightly export of invoices to the ledger bucket"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "s3-object-reader@1.2.0"
  }
}
```

## Passes

```hcl owners.nhi.hcl
owner "payments" {
  accountable = "ada@example.com"
}

owner "legacy" {
  accountable = "ben@example.com"
  active      = false
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

Name a team of the directory, or register the team there first: `owner "payments" { accountable = "…" }`.
"#,
    references: &[
        "owasp-nhi:NHI1:2025",
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
    let owners = context.library.owners();
    let stated = subject.governance.record.owner.as_str().map(str::trim);
    let Some(owner) = stated.filter(|owner| !owner.is_empty() && subject.governance.is_own())
    else {
        return Vec::new();
    };
    if owners.is_empty() {
        return Vec::new();
    }
    let address = context.address(subject.resource);
    let (message, help) = match owners.get(owner) {
        Some(entry) if entry.active => return Vec::new(),
        Some(_) => (
            format!("the owner `{owner}` of `{address}` is no longer active"),
            "name the team that took over from it".to_owned(),
        ),
        None => {
            let near = nearest(owner, owners.keys().map(String::as_str));
            let help = match near {
                Some(near) => {
                    format!("did you mean `{near}`? Else register the team in the owners directory")
                }
                None => {
                    "name a team of the owners directory, or register the team there".to_owned()
                }
            };
            (format!("the owner `{owner}` of `{address}` is not in the owners directory"), help)
        }
    };
    let (resource, path) = subject.governance.place(Fact::Owner, subject.resource);
    vec![Hit {
        resource,
        path,
        message,
        help,
        label: "the owner is stated here".to_owned(),
        ..Hit::default()
    }]
}

/// The name that differs only in case, separators or one character at its end.
fn nearest<'n>(owner: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let wanted = plain(owner);
    let is_near = |name: &&str| {
        let name = plain(name);
        !name.is_empty()
            && (name == wanted || name.starts_with(&wanted) || wanted.starts_with(&name))
    };
    names.into_iter().find(is_near)
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        OWN003[unknown-owner]

          × the owner `legacy` of `aws_iam_role.export` is no longer active
            ╭─[main.tf:12:22]
         11 │   tags = {
         12 │     "nhi:owner"    = "legacy"
            ·                      ────┬───
            ·                          ╰── the owner is stated here
         13 │     "nhi:purpose"  = "Nightly export of invoices to the ledger bucket"
            ╰────
          help: name the team that took over from it
        "#);
    }

    #[test]
    fn a_slip_is_named_and_no_directory_means_silence() {
        let mut files = example(&RULE, "Passes");
        for (name, text) in &mut files {
            if name == "main.tf" {
                *text = text.replace("\"payments\"", "\"Payments-\"");
            }
        }
        assert!(report(&RULE, &files).contains("did you mean `payments`"));
        files.retain(|(name, _)| name == "main.tf");
        assert_eq!(report(&RULE, &files), "");
    }
}
