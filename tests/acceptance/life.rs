//! From the first plan to the tombstone.

use super::{EXPORT, apply, code, configure, fails, ok, project, says, settled, state};
use tests::{Workbench, root};

#[test]
fn an_identity_lives_from_plan_to_tombstone() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "life", EXPORT);

    ok(&project, &["validate", "-no-color"]);
    code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 2);
    apply(&project);
    settled(&project);

    let export = "nhi_service_account.export";
    let born = state(&project, export);
    assert_eq!(born["status"], "active");
    assert_eq!(born["tags"]["nhi:owner"], "payments");
    let permissions = born["aws"]["permissions"].as_str().expect("rendered");
    assert!(permissions.contains("arn:aws:s3:::payments-ledger/*"), "{permissions}");

    // An update happens in place and keeps what it does not touch.
    configure(&project, &EXPORT.replace("Nightly export", "Hourly export"));
    let plan = code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 2);
    says(&plan, &["will be updated in-place", "0 to add, 1 to change, 0 to destroy"]);
    apply(&project);
    settled(&project);
    let changed = state(&project, export);
    assert_eq!(changed["id"], born["id"]);
    assert_eq!(changed["expires_at"], born["expires_at"], "an expiry counts from creation");

    // Import finds all of it again by id.
    ok(&project, &["state", "rm", "-no-color", export]);
    let id = born["id"].as_str().expect("an id");
    ok(&project, &["import", "-input=false", "-no-color", export, id]);
    code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 0);
    assert_eq!(state(&project, export), changed);

    // Destroying an active identity is refused, at plan time and with the way out.
    says(
        &fails(&project, &["plan", "-destroy", "-input=false", "-no-color"]),
        &["active", "disabled"],
    );
    fails(&project, &["destroy", "-auto-approve", "-input=false", "-no-color"]);
    // The other purpose made a new credential, beside which the one before it works for a while.
    assert_eq!(state(&project, export)["status"], "rotating");

    let disabled = EXPORT
        .replace("Nightly", "Hourly")
        .replace("service  ", "state = \"disabled\"\n  service  ");
    configure(&project, &disabled);
    apply(&project);
    settled(&project);
    assert_eq!(state(&project, export)["status"], "disabled");
    ok(&project, &["destroy", "-auto-approve", "-input=false", "-no-color"]);
}

#[test]
fn breaking_the_glass_destroys_an_active_identity() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "glass", EXPORT);
    apply(&project);
    let broken =
        EXPORT.replace("service  ", "break_glass_reason = \"leaked on 2026-11-20\"\n  service  ");
    configure(&project, &broken);
    apply(&project);
    settled(&project);
    ok(&project, &["destroy", "-auto-approve", "-input=false", "-no-color"]);
}

#[test]
fn the_quickstart_applies_and_settles() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = bench.project("quickstart", &root().join("examples/quickstart")).expect("a copy");
    ok(&project, &["init", "-input=false", "-no-color"]);
    ok(&project, &["validate", "-no-color"]);
    apply(&project);
    settled(&project);
    let outputs = ok(&project, &["output", "-json"]).stdout;
    assert!(outputs.contains("s3:GetObject"), "{outputs}");
    assert!(outputs.contains("nhi:owner"), "{outputs}");
}

#[test]
fn functions_and_data_sources_answer() {
    let Some(bench) = Workbench::or_skip() else { return };
    let body = format!(
        r#"{EXPORT}
data "nhi_template" "reader" {{
  reference = "s3-object-reader@1"
}}

data "nhi_identity" "export" {{
  id = nhi_service_account.export.id
}}

output "spiffe" {{
  value = provider::nhi::spiffe_id("example.com", "billing", "invoice-export")
}}

output "until" {{
  value = provider::nhi::expires_after("2026-11-21T00:00:00Z", "90d")
}}

output "version" {{
  value = data.nhi_template.reader.version
}}

output "owner" {{
  value = data.nhi_identity.export.owner
}}
"#
    );
    let project = project(&bench, "answers", &body);
    apply(&project);
    settled(&project);
    let outputs: serde_json::Value =
        serde_json::from_str(&ok(&project, &["output", "-json"]).stdout).expect("JSON");
    assert_eq!(outputs["spiffe"]["value"], "spiffe://example.com/billing/invoice-export");
    assert_eq!(outputs["until"]["value"], "2027-02-19T00:00:00Z");
    assert_eq!(outputs["version"]["value"], "1.2.0");
    assert_eq!(outputs["owner"]["value"], "payments");
}
