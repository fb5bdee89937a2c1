//! `change-without-rotation`: refuses a change of hands or use of an identity whose credentials stay the same.

use policy::governance::Fact;

use crate::finding::{Hit, Severity};
use crate::identity::Credential;
use crate::model::Action;
use crate::rule::{Check, Context, Rule};

pub(super) static RULE: Rule = Rule {
    code: "OFF004",
    name: "change-without-rotation",
    severity: Severity::Warning,
    refuses: "a new owner, purpose, template or environment for an identity whose credentials stay the same",
    docs: r#"
## Why

Whoever had the credentials before still has them. When an identity changes hands or is put to another use, what proves it has to be
new, or the old team keeps the access that the new one answers for.

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
      "address": "aws_iam_user.robot",
      "mode": "managed",
      "type": "aws_iam_user",
      "name": "robot",
      "change": {
        "actions": [
          "update"
        ],
        "before": {
          "name": "robot",
          "id": "robot",
          "arn": "arn:aws:iam::123456789012:user/robot",
          "tags": {
            "nhi:owner": "payments",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
            "nhi:template": "s3-object-reader@1.2.0"
          }
        },
        "after": {
          "name": "robot",
          "id": "robot",
          "arn": "arn:aws:iam::123456789012:user/robot",
          "tags": {
            "nhi:owner": "billing",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
            "nhi:template": "s3-object-reader@1.2.0"
          }
        },
        "after_unknown": {}
      }
    },
    {
      "address": "aws_iam_access_key.robot",
      "mode": "managed",
      "type": "aws_iam_access_key",
      "name": "robot",
      "change": {
        "actions": [
          "no-op"
        ],
        "before": {
          "id": "AKIAEXAMPLE",
          "user": "robot",
          "status": "Active"
        },
        "after": {
          "id": "AKIAEXAMPLE",
          "user": "robot",
          "status": "Active"
        },
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
      "address": "aws_iam_user.robot",
      "mode": "managed",
      "type": "aws_iam_user",
      "name": "robot",
      "change": {
        "actions": [
          "update"
        ],
        "before": {
          "name": "robot",
          "id": "robot",
          "arn": "arn:aws:iam::123456789012:user/robot",
          "tags": {
            "nhi:owner": "payments",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
            "nhi:template": "s3-object-reader@1.2.0"
          }
        },
        "after": {
          "name": "robot",
          "id": "robot",
          "arn": "arn:aws:iam::123456789012:user/robot",
          "tags": {
            "nhi:owner": "billing",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
            "nhi:template": "s3-object-reader@1.2.0"
          }
        },
        "after_unknown": {}
      }
    },
    {
      "address": "aws_iam_access_key.robot",
      "mode": "managed",
      "type": "aws_iam_access_key",
      "name": "robot",
      "change": {
        "actions": [
          "create",
          "delete"
        ],
        "before": {
          "id": "AKIAEXAMPLE",
          "user": "robot",
          "status": "Active"
        },
        "after": {
          "user": "robot",
          "status": "Active"
        },
        "after_unknown": {}
      }
    }
  ]
}
```

## How to fix

Replace the credentials in the same plan (`terraform plan -replace=ADDRESS`, with `create_before_destroy`), or make the workload use short-lived
ones.
"#,
    references: &[
        "owasp-nhi:NHI1:2025",
        "nist-csf-2.0:PR.AA-01",
        "nist-800-53r5:IA-5(f)",
        "nist-800-53r5:SC-12",
        "cis-8.1:5.2",
        "iso27001-2022:A.5.17",
        "soc2-2017:CC6.1",
        "pci-dss-4.0.1:8.6.3",
        "csa-ccm-4.0:IAM-15",
    ],
    check: Check::Credential(check),
};

/// What a new value of means that somebody else has the identity, or for something else.
const FACTS: [Fact; 4] = [Fact::Owner, Fact::Purpose, Fact::Template, Fact::Environment];

fn check(credential: &Credential, context: &Context<'_>) -> Vec<Hit> {
    let Some(resource) = context.resource(credential.resource) else { return Vec::new() };
    // The provider of governed resources rotates by itself.
    let stays = matches!(resource.action, Action::NoOp | Action::Update)
        && !resource.kind.starts_with("nhi_");
    if !stays {
        return Vec::new();
    }
    let holders =
        credential.holders.iter().filter_map(|holder| context.graph.identities.get(*holder));
    let hits = holders.filter_map(|holder| {
        let governance = &holder.governance;
        let changed = FACTS.into_iter().find_map(|fact| {
            let before = governance.before.get(fact).as_str()?;
            let now = governance.record.get(fact).as_str()?;
            (before.trim() != now.trim()).then(|| (fact.name(), before, now))
        });
        let (name, before, now) = changed?;
        let (address, holder) = (&resource.address, context.address(holder.resource));
        Some(Hit {
            resource: credential.resource,
            message: format!("the {name} of `{holder}` changes from `{before}` to `{now}`, and its credential `{address}` stays the same"),
            help: "replace the credential in the same plan".to_owned(),
            label: "proves the identity as before".to_owned(),
            ..Hit::default()
        })
    });
    hits.collect()
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r"
        OFF004[change-without-rotation]

          ⚠ the owner of `aws_iam_user.robot` changes from `payments` to `billing`,
          │ and its credential `aws_iam_access_key.robot` stays the same
          │ at aws_iam_access_key.robot
          help: replace the credential in the same plan
        ");
    }
}
