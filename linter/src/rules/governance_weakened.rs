//! `governance-weakened`: refuses a plan that takes governance away from an identity that has it.

use policy::governance::{Fact, Field, Record};

use crate::finding::{Hit, Severity};
use crate::identity::Source;
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "OFF005",
    name: "governance-weakened",
    severity: Severity::Error,
    refuses: "a plan that takes owner, purpose, end date, template or boundary away from an identity that has them",
    docs: r#"
## Why

An identity that loses its owner or its end date in a plan is not reviewed again: nobody is asked, and nothing ends. It is also how a
ceiling is taken off without anybody looking at the permissions.

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
          "update"
        ],
        "before": {
          "name": "invoice-export",
          "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
          "tags": {
            "nhi:owner": "payments",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
            "nhi:template": "s3-object-reader@1.2.0"
          }
        },
        "after": {
          "name": "invoice-export",
          "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
          "tags": {
            "nhi:owner": "payments",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:template": "s3-object-reader@1.2.0"
          }
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
      "address": "aws_iam_role.export",
      "mode": "managed",
      "type": "aws_iam_role",
      "name": "export",
      "change": {
        "actions": [
          "update"
        ],
        "before": {
          "name": "invoice-export",
          "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
          "tags": {
            "nhi:owner": "payments",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
            "nhi:template": "s3-object-reader@1.2.0"
          }
        },
        "after": {
          "name": "invoice-export",
          "assume_role_policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
          "tags": {
            "nhi:owner": "billing",
            "nhi:purpose": "Nightly export of invoices to the ledger bucket",
            "nhi:expiry": "2027-06-30",
            "nhi:template": "s3-object-reader@1.2.0"
          }
        },
        "after_unknown": {}
      }
    }
  ]
}
```

## How to fix

Keep what the identity states, or give it new values. An identity that is no longer needed is removed, with its permissions.
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

/// Without these nobody can tell who answers, why it is there and when it ends.
const FACTS: [Fact; 4] = [Fact::Owner, Fact::Purpose, Fact::Expiry, Fact::Template];

fn check(subject: &Subject<'_>, context: &Context<'_>) -> Vec<Hit> {
    let Some(resource) = context.resource(subject.resource) else { return Vec::new() };
    let governance = subject.governance;
    let address = &resource.address;
    let mut hits = Vec::new();
    // What derives from a governed resource has all of it from there.
    let is_own = matches!(governance.source, Source::Own | Source::Nowhere);
    for fact in FACTS.into_iter().filter(|_| is_own) {
        let said = |record: &Record| {
            record
                .get(fact)
                .as_str()
                .map(str::trim)
                .filter(|said| !said.is_empty())
                .map(str::to_owned)
        };
        let unknown = matches!(governance.record.get(fact), Field::Unknown(_));
        let (Some(before), None, false) =
            (said(&governance.before), said(&governance.record), unknown)
        else {
            continue;
        };
        let (place, path) = governance.place(fact, subject.resource);
        let name = fact.name();
        hits.push(Hit {
            resource: place,
            path,
            message: format!("the plan takes the {name} `{before}` away from `{address}`"),
            help: format!("keep the {name}, or state a new one"),
            label: format!("had the {name} `{before}`"),
            ..Hit::default()
        });
    }
    let boundary = resource.before.get("permissions_boundary");
    let bounded = boundary.as_str().filter(|arn| !arn.is_empty());
    let after = resource.after.get("permissions_boundary");
    let open = after.is_null() || after.as_str() == Some("");
    if let (Some(arn), true) = (bounded, open) {
        hits.push(Hit {
            resource: subject.resource,
            path: "permissions_boundary".to_owned(),
            message: format!(
                "the plan takes the permissions boundary `{arn}` away from `{address}`"
            ),
            help: "keep the boundary, or set another one".to_owned(),
            label: "had a permissions boundary".to_owned(),
            ..Hit::default()
        });
    }
    hits
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r"
        OFF005[governance-weakened]

          × the plan takes the expiry `2027-06-30` away from `aws_iam_role.export`
          │ at aws_iam_role.export
          help: keep the expiry, or state a new one
        ");
    }

    #[test]
    fn a_boundary_that_goes_is_missed() {
        let mut files = example(&RULE, "Passes");
        for (_, text) in &mut files {
            *text = text.replacen("\"name\": \"invoice-export\"", "\"name\": \"invoice-export\", \"permissions_boundary\": \"arn:aws:iam::1:policy/b\"", 2);
            assert!(
                !report(
                    &RULE,
                    &[(
                        "plan.json".into(),
                        text.replacen(
                            "\"permissions_boundary\": \"arn:aws:iam::1:policy/b\"",
                            "\"permissions_boundary\": null",
                            2
                        )
                    )]
                )
                .contains("OFF005")
            );
            let at = text.rfind("arn:aws:iam::1:policy/b").unwrap();
            text.replace_range(at..at + 23, "");
        }
        assert!(report(&RULE, &files).contains("permissions boundary"));
    }
}
