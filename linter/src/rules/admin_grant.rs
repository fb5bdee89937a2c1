//! `admin-grant`: refuses permission to do everything: `*` on `*`, owner, editor, cluster-admin.

use crate::admin;
use crate::finding::{Hit, Severity};
use crate::identity::Grant;
use crate::rule::{Check, Context, Rule};

pub(super) static RULE: Rule = Rule {
    code: "PRV001",
    name: "admin-grant",
    severity: Severity::Error,
    refuses: "permission to do everything: `*` on `*`, owner, editor, cluster-admin",
    docs: r#"
## Why

Whoever steals an administrator's credential owns the account. No workload needs everything.

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

resource "aws_iam_role_policy_attachment" "export" {
  role       = aws_iam_role.export.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
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

List the actions that the workload really calls. `nhi-lint contains --inner policy.json --template NAME@1` says whether a template has
them.
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
    check: Check::Grant(check),
};

fn check(grant: &Grant, context: &Context<'_>) -> Vec<Hit> {
    let Some(found) = admin::find(&grant.content, &context.managed) else { return Vec::new() };
    vec![Hit {
        resource: grant.resource,
        path: grant.path.clone(),
        message: found.message,
        help: "grant the actions that the workload needs on the resources that it needs; a template names them".to_owned(),
        label: "this allows everything".to_owned(),
        counterexample: found.counterexample,
        ..Hit::default()
    }]
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report, report_one};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r#"
        PRV001[admin-grant]

          × `AdministratorAccess` allows every action on every resource
            ╭─[main.tf:15:16]
         14 │   role       = aws_iam_role.export.name
         15 │   policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
            ·                ──────────────────────┬──────────────────────
            ·                                      ╰── this allows everything
         16 │ }
            ╰────
          help: grant the actions that the workload needs on the resources that it
                needs; a template names them
        "#);
    }

    #[test]
    fn kubernetes_and_google_have_administrators_too() {
        let text = r#"
resource "google_project_iam_member" "robot" {
  project = "acme"
  role    = "roles/owner"
  member  = "serviceAccount:robot@acme.iam.gserviceaccount.com"
}

resource "kubernetes_cluster_role_binding_v1" "app" {
  metadata {
    name = "app"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "cluster-admin"
  }
  subject {
    kind      = "ServiceAccount"
    name      = "app"
    namespace = "billing"
  }
}
"#;
        insta::assert_snapshot!(report_one(&RULE, text), @r#"
        PRV001[admin-grant]

          × `roles/owner` is an administrator's role of
          │ `//cloudresourcemanager.googleapis.com/projects/acme`
           ╭─[main.tf:4:13]
         3 │   project = "acme"
         4 │   role    = "roles/owner"
           ·             ──────┬──────
           ·                   ╰── this allows everything
         5 │   member  = "serviceAccount:robot@acme.iam.gserviceaccount.com"
           ╰────
          help: grant the actions that the workload needs on the resources that it
                needs; a template names them

        PRV001[admin-grant]

          × the role allows every verb on every resource in the whole cluster
            ╭─[main.tf:15:17]
         14 │     kind      = "ClusterRole"
         15 │     name      = "cluster-admin"
            ·                 ───────┬───────
            ·                        ╰── this allows everything
         16 │   }
            ╰────
          help: grant the actions that the workload needs on the resources that it
                needs; a template names them
        "#);
    }
}
