//! `shared-identity`: refuses an identity that several workloads run as.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Hit, Severity};
use crate::identity::{Consumer, Identity, base};
use crate::rule::{Check, Context, Rule};

pub(super) static RULE: Rule = Rule {
    code: "REU001",
    name: "shared-identity",
    severity: Severity::Warning,
    refuses: "an identity that several workloads run as, and default identities that everything shares",
    docs: r#"
## Why

Two workloads behind one identity have the union of what each needs, and when one of them is misused nobody can tell which, nor take
its access away without stopping the other. Default identities of a project or namespace are shared with everything that names none.

## Fails

```hcl main.tf
resource "aws_iam_role" "export" {
  name               = "invoice-export"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_lambda_function" "export" {
  function_name = "invoice-export"
  role          = aws_iam_role.export.arn
}

resource "aws_lambda_function" "report" {
  function_name = "invoice-report"
  role          = aws_iam_role.export.arn
}
```

## Passes

```hcl main.tf
resource "aws_iam_role" "export" {
  name               = "invoice-export"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_lambda_function" "export" {
  function_name = "invoice-export"
  role          = aws_iam_role.export.arn
}
```

## How to fix

Give each workload an identity of its own, from the same template. Instances of one `count` or `for_each` are one workload. Who
runs as a governed identity by design is named in its `consumers`.
"#,
    references: &[
        "owasp-nhi:NHI9:2025",
        "nist-csf-2.0:PR.AA-01",
        "nist-800-53r5:IA-4(9)",
        "nist-800-53r5:AC-2(9)",
        "cis-8.1:5.1",
        "iso27001-2022:A.5.16",
        "soc2-2017:CC6.1",
        "pci-dss-4.0.1:8.2.2",
        "csa-ccm-4.0:IAM-13",
    ],
    check: Check::Model(check),
};

fn check(context: &Context<'_>) -> Vec<Hit> {
    let graph = context.graph;
    let mut users: BTreeMap<usize, Vec<&Consumer>> = BTreeMap::new();
    let mut hits = Vec::new();
    for consumer in graph.consumers.iter().filter(|consumer| consumer.said.is_none()) {
        match consumer.identity {
            Some(identity) => users.entry(identity).or_default().push(consumer),
            None => hits.extend(default_identity(consumer, context)),
        }
    }
    for (identity, users) in users {
        let Some(identity) = graph.identities.get(identity) else { continue };
        hits.extend(shared(identity, &users, context));
    }
    hits
}

fn shared(identity: &Identity, users: &[&Consumer], context: &Context<'_>) -> Option<Hit> {
    // The instances of one block are one workload.
    let workloads: BTreeSet<String> =
        users.iter().map(|user| base(context.address(user.resource))).collect();
    let names: Vec<String> = workloads.iter().map(|name| format!("`{name}`")).collect();
    let (last, others) = names.split_last().filter(|(_, others)| !others.is_empty())?;
    let address = context.address(identity.resource);
    Some(Hit {
        resource: identity.resource,
        message: format!("`{address}` is shared: {} and {last} run as it", others.join(", ")),
        help: "give each of them an identity of its own, from the same template".to_owned(),
        label: format!("{} workloads run as this identity", names.len()),
        ..Hit::default()
    })
}

fn default_identity(consumer: &Consumer, context: &Context<'_>) -> Option<Hit> {
    let named = consumer.named.to_string();
    let kind = &context.resource(consumer.resource)?.kind;
    let google = kind.starts_with("google_")
        && (named.ends_with("-compute@developer.gserviceaccount.com")
            || named.ends_with("@appspot.gserviceaccount.com")
            || named == "default");
    let kubernetes = kind.starts_with("kubernetes_") && named == "default";
    let whose = match (google, kubernetes) {
        (true, _) => "project",
        (_, true) => "namespace",
        _ => return None,
    };
    let address = context.address(consumer.resource);
    Some(Hit {
        resource: consumer.resource,
        path: consumer.path.clone(),
        message: format!("`{address}` runs as `{named}`, which everything in the {whose} shares"),
        help: "give it an identity of its own".to_owned(),
        label: format!("the default identity of the {whose}"),
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
        REU001[shared-identity]

          ⚠ `aws_iam_role.export` is shared: `aws_lambda_function.export` and
          │ `aws_lambda_function.report` run as it
           ╭─[main.tf:1:1]
         1 │ resource "aws_iam_role" "export" {
           · ────────────────┬───────────────
           ·                 ╰── 2 workloads run as this identity
         2 │   name               = "invoice-export"
           ╰────
          help: give each of them an identity of its own, from the same template
        "#);
    }

    #[test]
    fn instances_of_one_block_are_one_workload() {
        let text = r#"
resource "aws_iam_role" "export" {
  name               = "invoice-export"
  assume_role_policy = "{}"
}
resource "aws_iam_instance_profile" "export" {
  role = aws_iam_role.export.name
}
resource "aws_instance" "export" {
  count                = 3
  iam_instance_profile = aws_iam_instance_profile.export.name
}
resource "aws_ecs_task_definition" "other" {
  task_role_arn      = "arn:aws:iam::123456789012:role/other"
  execution_role_arn = "arn:aws:iam::123456789012:role/other"
}
"#;
        assert_eq!(report_one(&RULE, text), "");
    }

    #[test]
    fn default_identities_are_shared_by_everything() {
        let text = r#"
resource "google_compute_instance" "vm" {
  name = "vm"
  service_account {
    email  = "123-compute@developer.gserviceaccount.com"
    scopes = ["cloud-platform"]
  }
}
resource "kubernetes_pod_v1" "app" {
  metadata {
    name = "app"
  }
  spec {
    service_account_name = "default"
  }
}
"#;
        let found = report_one(&RULE, text);
        assert!(found.contains("of the project") && found.contains("of the namespace"), "{found}");
        assert_eq!(found.matches("REU001").count(), 2, "{found}");
    }
}
