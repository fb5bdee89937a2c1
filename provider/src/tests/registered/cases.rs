//! What is said of each registered type to let it live once. A type without a case fails the tests of `lives`.
//!
//! `$identity` stands for the id of a service account, `$owner` for the name of an owner who is there, and the name of a kind
//! (`$api_key`) for the id of an identity of it, and `$csr` for a certificate signing request.

use serde_json::{Value as Json, json};

/// The life of one resource: what is said of it first, then, and before it is destroyed.
pub(super) struct Life {
    pub(super) said: Json,
    pub(super) changed: Json,
    /// None if it may be destroyed as it is.
    pub(super) last: Option<Json>,
}

/// A template for every kind, without parameters.
pub(super) const ANY: &str = r#"
template "any" {
  version     = "1.0.0"
  description = "What every kind may do: read one repository"
  owner       = "platform-iam"
  status      = "active"

  applies_to {
    kinds        = ["service_account", "workload_identity", "api_key", "deployment_token", "certificate", "agent"]
    environments = ["prod"]
  }

  require {
    metadata          = ["service", "environment"]
    max_lifetime      = "90d"
    max_session       = "1h"
    rotate_every      = "30d"
    review_every      = "90d"
    static_credential = true
  }

  github {
    permissions  = { contents = "read" }
    repositories = ["example/report"]
  }
}
"#;

/// Both objects in one.
fn with(mut one: Json, other: Json) -> Json {
    for (name, value) in other.as_object().into_iter().flatten() {
        one[name] = value.clone();
    }
    one
}

/// What is said of an identity of any kind.
pub(super) fn identity(name: &str) -> Json {
    json!({
        "name": name,
        "owner": "$owner",
        "purpose": "Reads the ledger for the nightly report",
        "expiry": "30d",
        "template": "any@1",
        "service": "billing",
        "environment": "prod",
        "consumers": ["report", "archive"],
        "rotation": { "every": "20d", "overlap": "1h" },
    })
}

fn kind(name: &str, own: Json) -> Life {
    let said = with(identity(name), own);
    let purpose = "Reads the ledger for the hourly report";
    let changed = with(said.clone(), json!({ "purpose": purpose, "state": "disabled" }));
    let broken = json!({ "break_glass_reason": "Incident 7: the key leaked" });
    Life { last: Some(with(changed.clone(), broken)), said, changed }
}

/// The life of a resource.
pub(super) fn life(name: &str) -> Option<Life> {
    let simple =
        |said: Json, change: Json| Life { changed: with(said.clone(), change), said, last: None };
    Some(match name {
        "nhi_agent" => kind(
            "triage",
            json!({ "sponsor": "ada.lovelace@example.com", "tools": ["github.get_issue"], "max_session": "15m" }),
        ),
        "nhi_api_key" => kind("partner", json!({})),
        "nhi_binding" => simple(
            json!({
                "identity": "$identity", "platform": "aws", "principal": "arn:aws:iam::123456789012:role/report",
                "consumers": ["report"],
            }),
            json!({ "retired_by": "aws_iam_role.report" }),
        ),
        "nhi_certificate" => kind("server", json!({ "csr_pem": "$csr", "renew_before": "10d" })),
        "nhi_certification" => simple(
            json!({
                "identity": "$identity", "outcome": "approve", "reviewer": "margaret.hamilton@example.com",
                "evidence": "Seen in the audit trail every night of the quarter", "next_review": "80d",
            }),
            json!({ "evidence": "Seen in the audit trail every night of the quarter, and of the one before" }),
        ),
        "nhi_deployment_token" => kind("release", json!({})),
        "nhi_exception" => simple(
            json!({
                "subject": "$identity", "rule": "CRE001", "reason": "The vendor cannot assume a role before February",
                "compensating_control": "The key is bound to two addresses and read daily",
                "approver": "margaret.hamilton@example.com", "expiry": "60d",
            }),
            json!({ "expiry": "30d" }),
        ),
        "nhi_owner" => simple(
            json!({
                "name": "ledger", "accountable": "ada.lovelace@example.com",
                "steward": "grace.hopper@example.com", "contacts": ["#ledger"],
            }),
            json!({ "steward": "alan.turing@example.com", "active": false }),
        ),
        "nhi_service_account" => kind("reader", json!({})),
        "nhi_template" => simple(
            json!({ "source": ANY.replace("\"any\"", "\"other\"") }),
            json!({ "source": format!("# Read by everybody.{}", ANY.replace("\"any\"", "\"other\"")) }),
        ),
        "nhi_workload_identity" => kind(
            "worker",
            json!({ "subject": { "kubernetes": { "namespace": "billing", "service_account": "report" } } }),
        ),
        _ => return None,
    })
}

/// The arguments of an ephemeral resource that is opened once.
pub(super) fn opened(name: &str) -> Option<Json> {
    Some(match name {
        "nhi_api_key_secret" => json!({ "identity": "$api_key" }),
        "nhi_token" => {
            json!({ "identity": "$identity", "audience": "sts.amazonaws.com", "lifetime": "10m" })
        }
        "nhi_x509_svid" => json!({ "identity": "$workload_identity", "lifetime": "30m" }),
        _ => return None,
    })
}

/// The arguments of an action that is done once.
pub(super) fn done(name: &str) -> Option<Json> {
    Some(match name {
        "nhi_rotate" => {
            json!({ "identity": "$api_key", "reason": "Incident 7: the key leaked", "overlap": "1h" })
        }
        "nhi_certify" => json!({
            "identity": "$identity", "outcome": "approve", "reviewer": "margaret.hamilton@example.com",
            "evidence": "Seen in the audit trail every night of the quarter", "next_review": "80d",
        }),
        "nhi_suspend" => {
            json!({ "identity": "$identity", "reason": "Incident 7: under investigation" })
        }
        _ => return None,
    })
}
