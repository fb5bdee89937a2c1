//! `orphaned-identity`: refuses a plan that removes the last workload of an identity and keeps the identity.

use crate::finding::{Hit, Severity};
use crate::identity::{Consumer, Identity, Origin};
use crate::rule::{Check, Context, Rule};

pub(super) static RULE: Rule = Rule {
    code: "OFF002",
    name: "orphaned-identity",
    severity: Severity::Warning,
    refuses: "a plan that removes the last workload that runs as an identity, and keeps the identity",
    docs: r#"
## Why

An identity without a workload does no work, and can still be used by whoever finds its credentials. It is the one that nobody misses
when it is misused.

## Fails

```json plan.json
{
  "format_version": "1.2",
  "terraform_version": "1.11.4",
  "planned_values": {
    "root_module": {}
  },
  "resource_changes": [
    {
      "address": "aws_iam_role.export",
      "mode": "managed",
      "type": "aws_iam_role",
      "name": "export",
      "change": {
        "actions": [
          "no-op"
        ],
        "before": {
          "name": "invoice-export",
          "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
          "tags": {
            "nhi:owner": "payments",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
            "nhi:template": "s3-object-reader@1.2.0"
          },
          "arn": "arn:aws:iam::123456789012:role/invoice-export",
          "id": "invoice-export"
        },
        "after": {
          "name": "invoice-export",
          "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
          "tags": {
            "nhi:owner": "payments",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
            "nhi:template": "s3-object-reader@1.2.0"
          },
          "arn": "arn:aws:iam::123456789012:role/invoice-export",
          "id": "invoice-export"
        },
        "after_unknown": {}
      }
    },
    {
      "address": "aws_lambda_function.export",
      "mode": "managed",
      "type": "aws_lambda_function",
      "name": "export",
      "change": {
        "actions": [
          "delete"
        ],
        "before": {
          "function_name": "invoice-export",
          "role": "arn:aws:iam::123456789012:role/invoice-export"
        },
        "after": null,
        "after_unknown": {}
      }
    }
  ]
}
```

## Passes

```json plan.json
{
  "format_version": "1.2",
  "terraform_version": "1.11.4",
  "planned_values": {
    "root_module": {}
  },
  "resource_changes": [
    {
      "address": "aws_iam_role.export",
      "mode": "managed",
      "type": "aws_iam_role",
      "name": "export",
      "change": {
        "actions": [
          "delete"
        ],
        "before": {
          "name": "invoice-export",
          "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
          "tags": {
            "nhi:owner": "payments",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
            "nhi:template": "s3-object-reader@1.2.0"
          },
          "arn": "arn:aws:iam::123456789012:role/invoice-export",
          "id": "invoice-export"
        },
        "after": null,
        "after_unknown": {}
      }
    },
    {
      "address": "aws_lambda_function.export",
      "mode": "managed",
      "type": "aws_lambda_function",
      "name": "export",
      "change": {
        "actions": [
          "delete"
        ],
        "before": {
          "function_name": "invoice-export",
          "role": "arn:aws:iam::123456789012:role/invoice-export"
        },
        "after": null,
        "after_unknown": {}
      }
    }
  ]
}
```

## How to fix

Remove the identity in the same plan, or say who uses it from now on.
"#,
    references: &[
        "owasp-nhi:NHI1:2025",
        "nist-csf-2.0:PR.AA-01",
        "nist-csf-2.0:ID.AM-08",
        "nist-800-53r5:AC-2(3)(a)",
        "cis-8.1:5.1",
        "iso27001-2022:A.5.18",
        "soc2-2017:CC6.2",
        "pci-dss-4.0.1:8.2.6",
        "csa-ccm-4.0:IAM-07",
    ],
    check: Check::Identity(check),
};

fn check(index: usize, identity: &Identity, context: &Context<'_>) -> Vec<Hit> {
    let graph = context.graph;
    let is_its = |consumer: &&Consumer| consumer.identity == Some(index);
    let Some(resource) = context.resource(identity.resource) else { return Vec::new() };
    // Whoever is told of by name alone may be gone as well, but that is not what the plan says.
    let Some(former) = graph.former.iter().find(is_its) else { return Vec::new() };
    if graph.consumers.iter().any(|consumer| is_its(&consumer)) || identity.origin != Origin::Here {
        return Vec::new();
    }
    let address = &resource.address;
    let gone = context.address(former.resource);
    vec![Hit {
        resource: identity.resource,
        message: format!(
            "the plan removes `{gone}`, the last that runs as `{address}`, and keeps `{address}`"
        ),
        help: "remove the identity as well, or say who uses it from now on".to_owned(),
        label: "nothing runs as this identity any more".to_owned(),
        ..Hit::default()
    }]
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r"
        OFF002[orphaned-identity]

          ⚠ the plan removes `aws_lambda_function.export`, the last that runs as
          │ `aws_iam_role.export`, and keeps `aws_iam_role.export`
          │ at aws_iam_role.export
          help: remove the identity as well, or say who uses it from now on
        ");
    }

    #[test]
    fn another_workload_keeps_it_in_use() {
        let mut files = example(&RULE, "Fails");
        for (_, text) in &mut files {
            *text = text.replace("\"resource_changes\": [", r#""resource_changes": [
    { "address": "aws_lambda_function.other", "mode": "managed", "type": "aws_lambda_function", "name": "other",
      "change": { "actions": ["create"], "before": null, "after_unknown": {}, "after": { "role": "arn:aws:iam::123456789012:role/invoice-export" } } },"#);
        }
        assert_eq!(report(&RULE, &files), "");
    }
}
