//! `extended-without-review`: refuses a later end date for an identity that nobody certified anew.

use policy::governance::Violation;

use crate::finding::{Hit, Severity};
use crate::rule::{Check, Context, Rule, Subject};

pub(super) static RULE: Rule = Rule {
    code: "EXP004",
    name: "extended-without-review",
    severity: Severity::Error,
    refuses: "a later end date for an identity that nobody certified anew",
    docs: r#"
## Why

An end date is a promise that somebody looks again. A plan that only moves it on keeps the identity alive and skips the look; done each
year, the identity never ends.

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
      "address": "nhi_workload_identity.export",
      "mode": "managed",
      "type": "nhi_workload_identity",
      "name": "export",
      "change": {
        "actions": [
          "update"
        ],
        "before": {
          "name": "export",
          "owner": "payments",
          "purpose": "Nightly export of invoices to the ledger bucket",
          "expiry": "2027-01-31",
          "template": "s3-object-reader@1.2.0"
        },
        "after": {
          "name": "export",
          "owner": "payments",
          "purpose": "Nightly export of invoices to the ledger bucket",
          "expiry": "2027-06-30",
          "template": "s3-object-reader@1.2.0"
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
      "address": "nhi_workload_identity.export",
      "mode": "managed",
      "type": "nhi_workload_identity",
      "name": "export",
      "change": {
        "actions": [
          "update"
        ],
        "before": {
          "name": "export",
          "owner": "payments",
          "purpose": "Nightly export of invoices to the ledger bucket",
          "expiry": "2027-06-30",
          "template": "s3-object-reader@1.2.0"
        },
        "after": {
          "name": "export",
          "owner": "payments",
          "purpose": "Nightly export of invoices to the ledger bucket",
          "expiry": "2027-01-31",
          "template": "s3-object-reader@1.2.0"
        },
        "after_unknown": {}
      }
    }
  ]
}
```

## How to fix

Certify the identity in the same plan: an `nhi_certification` whose `identity` is this one, with the outcome of the review. An identity
without an `nhi_*` resource is taken over by one first.
"#,
    references: &[
        "owasp-nhi:NHI1:2025",
        "nist-csf-2.0:PR.AA-05",
        "nist-800-53r5:AC-2(j)",
        "nist-800-53r5:AC-6(7)",
        "cis-8.1:5.5",
        "iso27001-2022:A.5.18",
        "soc2-2017:CC6.2",
        "pci-dss-4.0.1:7.2.5.1",
        "csa-ccm-4.0:IAM-08",
    ],
    check: Check::Subject(check),
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> Vec<Hit> {
    context.hits(subject, |violation| matches!(violation, Violation::ExtendedWithoutReview { .. }))
}

#[cfg(test)]
mod tests {
    use crate::tests::rules::{example, report};

    use super::RULE;

    #[test]
    fn what_a_person_sees() {
        insta::assert_snapshot!(report(&RULE, &example(&RULE, "Fails")), @r"
        EXP004[extended-without-review]

          × `nhi_workload_identity.export`: the end date moves from
          │ 2027-02-01T00:00:00Z to 2027-07-01T00:00:00Z without a review
          │ at nhi_workload_identity.export.expiry
          help: certify the identity first; a later end date is the result of a review
        ");
    }

    #[test]
    fn a_review_in_the_same_plan_is_enough() {
        let mut files = example(&RULE, "Fails");
        for (_, text) in &mut files {
            let review = r#""resource_changes": [
    { "address": "nhi_certification.export", "mode": "managed", "type": "nhi_certification", "name": "export",
      "change": { "actions": ["create"], "before": null, "after": { "outcome": "approve", "identity": "nhi-1" }, "after_unknown": {} } },"#;
            *text = text.replace("\"resource_changes\": [", review).replace(
                "\"planned_values\"",
                r#""configuration": { "root_module": { "resources": [{ "address": "nhi_certification.export", "mode": "managed", "type": "nhi_certification", "name": "export", "expressions": { "identity": { "references": ["nhi_workload_identity.export.id", "nhi_workload_identity.export"] } } }] } }, "planned_values""#,
            );
        }
        assert_eq!(report(&RULE, &files), "");
        for (_, text) in &mut files {
            *text = text.replace("approve", "decommission");
        }
        assert!(report(&RULE, &files).contains("EXP004"));
    }
}
