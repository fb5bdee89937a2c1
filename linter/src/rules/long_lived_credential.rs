//! `long-lived-credential`: refuses a credential that cannot expire, or that has no end set.

use crate::catalogue::{Ends, Entry};
use crate::finding::{Hit, Severity};
use crate::identity::Credential;
use crate::rule::{Check, Context, Rule};

pub(super) static RULE: Rule = Rule {
    code: "CRE001",
    name: "long-lived-credential",
    severity: Severity::Error,
    refuses: "a credential that cannot expire, or that has no end set",
    docs: r#"
## Why

A static key works for whoever finds it, for as long as nobody notices. A workload can prove itself in other ways:
where it runs, or who issued its token.

## Fails

```hcl main.tf
resource "aws_iam_user" "robot" {
  name = "invoice-robot"
}

resource "aws_iam_access_key" "robot" {
  user = aws_iam_user.robot.name
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
}
```

## How to fix

Use the short-lived sibling that the finding names. Where there is none, set the end of the credential and rotate it before.
"#,
    references: &[
        "owasp-nhi:NHI7:2025",
        "nist-csf-2.0:PR.AA-01",
        "nist-800-53r5:IA-5(f)",
        "cis-8.1:5.2",
        "iso27001-2022:A.5.17",
        "soc2-2017:CC6.1",
        "pci-dss-4.0.1:8.6.3",
        "csa-ccm-4.0:IAM-15",
    ],
    check: Check::Credential(check),
};

fn check(credential: &Credential, context: &Context<'_>) -> Vec<Hit> {
    let Some(resource) = context.resource(credential.resource) else { return Vec::new() };
    let Some(entry) = context.model.catalogue.find(&resource.kind) else { return Vec::new() };
    let message = match entry.ends {
        Ends::Never => format!("`{}` is a credential that never expires", resource.address),
        Ends::Optional
            if !entry.expiry().any(|name| is_set(name, credential.resource, context)) =>
        {
            match &entry.default {
                Some(default) => {
                    format!(
                        "`{}` is a credential with no end set (default: {default})",
                        resource.address
                    )
                }
                None => format!("`{}` is a credential with no end set", resource.address),
            }
        }
        Ends::Optional | Ends::Required | Ends::Bounded => return Vec::new(),
    };
    vec![Hit {
        resource: credential.resource,
        message,
        help: help(entry),
        label: "works until somebody removes it".to_owned(),
        ..Hit::default()
    }]
}

fn is_set(attribute: &str, resource: usize, context: &Context<'_>) -> bool {
    context.resource(resource).is_some_and(|resource| {
        let (value, _) = crate::identity::dig(&resource.after, attribute);
        let zero = value.text().is_some_and(|text| matches!(text.as_str(), Some("0" | "-1" | "")));
        !value.is_null() && !zero
    })
}

fn help(entry: &Entry) -> String {
    let mut names = entry.expiry().map(|name| format!("`{name}`"));
    let set = match (entry.ends, names.next()) {
        (Ends::Optional, Some(name)) => Some(format!("set {name}")),
        (Ends::Never | Ends::Required | Ends::Optional | Ends::Bounded, _) => None,
    };
    match (entry.instead.as_deref(), set) {
        (Some(instead), Some(set)) if !instead.contains("set `") => {
            format!("use {instead}, or {set}")
        }
        (Some(instead), _) => format!("use {instead}"),
        (None, Some(set)) => set,
        (None, None) => "use a credential that the platform issues for a short time".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        CRE001[long-lived-credential]

          × `aws_iam_access_key.robot` is a credential that never expires
           ╭─[main.tf:5:1]
         4 │ 
         5 │ resource "aws_iam_access_key" "robot" {
           · ──────────────────┬──────────────────
           ·                   ╰── works until somebody removes it
         6 │   user = aws_iam_user.robot.name
           ╰────
          help: use an `aws_iam_role` that the workload assumes (OIDC, IAM Roles
                Anywhere, instance profile)
        "#);
    }

    #[test]
    fn an_end_that_is_set_is_enough() {
        let text = r#"
resource "azuread_application_password" "app" {
  application_id = "/applications/1"
  end_date       = "2027-01-01T00:00:00Z"
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @"");
    }

    #[test]
    fn one_that_could_end_says_how() {
        let text = r#"
resource "gitlab_project_deploy_token" "app" {
  project = "acme/app"
  name    = "app"
  scopes  = ["read_registry"]
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        CRE001[long-lived-credential]

          × `gitlab_project_deploy_token.app` is a credential with no end set
          │ (default: never ends)
           ╭─[main.tf:2:1]
         1 │ 
         2 │ resource "gitlab_project_deploy_token" "app" {
           · ──────────────────────┬─────────────────────
           ·                       ╰── works until somebody removes it
         3 │   project = "acme/app"
           ╰────
          help: use `CI_JOB_TOKEN`, or set `expires_at`
        "#);
    }
}
