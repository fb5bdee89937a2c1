//! Look-ups and evidence with the real terraform: what was applied is found, drawn and told, and a second plan has nothing to
//! do, although what is looked up is looked up again.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::{EXPORT, apply, code, configure, fails, ok, project, says, settled};
use tests::{Project, Workbench, skip};

const LOOK_UPS: &str = r#"
resource "nhi_service_account" "report" {
  name        = "invoice-report"
  owner       = nhi_owner.payments.name
  purpose     = "Weekly report of invoices for the ledger team"
  expiry      = "20d"
  template    = "s3-object-reader@1.2.0"
  service     = "billing"
  environment = "dev"
  parent      = nhi_service_account.export.id
  parameters  = { bucket = "payments-ledger" }
}

data "nhi_inventory" "ending" {
  expiring_within = "30d"
  depends_on      = [nhi_service_account.report, nhi_service_account.export]
}

data "nhi_inventory" "prod" {
  environment = "prod"
  unbound     = true
  depends_on  = [nhi_service_account.report, nhi_service_account.export]
}

data "nhi_owner" "payments" {
  name       = nhi_owner.payments.name
  depends_on = [nhi_service_account.report, nhi_service_account.export]
}

data "nhi_audit_trail" "export" {
  identity = nhi_service_account.export.id
}

data "nhi_lineage" "export" {
  identity   = nhi_service_account.export.id
  depends_on = [nhi_service_account.report]
}

data "nhi_certification_packet" "export" {
  identity   = nhi_service_account.export.id
  depends_on = [nhi_service_account.report]
}

output "ending" { value = data.nhi_inventory.ending.identities[*].name }
output "prod" { value = data.nhi_inventory.prod.metrics.by_kind }
output "owner" { value = data.nhi_owner.payments.identities }
output "actions" { value = data.nhi_audit_trail.export.events[*].action }
output "verified" { value = data.nhi_audit_trail.export.verified }
output "dot" { value = data.nhi_lineage.export.dot }
output "mermaid" { value = data.nhi_lineage.export.mermaid }
output "packet" { value = data.nhi_certification_packet.export.json }
output "markdown" { value = data.nhi_certification_packet.export.markdown }
output "digest" { value = data.nhi_certification_packet.export.digest }
"#;

fn outputs(project: &Project<'_>) -> serde_json::Value {
    let run = ok(project, &["output", "-json", "-no-color"]);
    serde_json::from_str(&run.stdout).expect("JSON")
}

#[test]
fn what_was_applied_is_found_drawn_and_told() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "data", &format!("{EXPORT}{LOOK_UPS}"));
    apply(&project);
    settled(&project);
    let outputs = outputs(&project);
    let value = |name: &str| outputs[name]["value"].clone();
    assert_eq!(value("ending"), serde_json::json!(["invoice-report"]));
    assert_eq!(value("prod"), serde_json::json!({ "service_account": 1 }));
    assert_eq!(value("owner"), 2);
    assert_eq!(value("actions"), serde_json::json!(["identity.create"]));
    assert_eq!(value("verified"), true);

    let text = |name: &str| value(name).as_str().expect("text").to_owned();
    let packet: serde_json::Value = serde_json::from_str(&text("packet")).expect("JSON");
    assert_eq!(packet["ownership"]["accountable"], "ada@example.com");
    assert_eq!(packet["dependencies"]["derived"][0], "service_account invoice-report");
    assert!(text("markdown").contains(&text("digest")), "{}", text("markdown"));
    assert!(text("mermaid").starts_with("flowchart LR\n"));
    drawn(&text("dot"));

    // A new purpose is a new credential.
    configure(&project, &format!("{EXPORT}{LOOK_UPS}").replace("Nightly export", "Hourly export"));
    apply(&project);
    settled(&project);
    let run = ok(&project, &["output", "-json", "actions"]);
    assert_eq!(run.stdout.trim(), r#"["identity.create","identity.rotate"]"#);
}

/// Graphviz takes the picture.
fn drawn(dot: &str) {
    let graphviz =
        Command::new("dot").arg("-Tplain").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut graphviz) = graphviz else { return skip("`dot` of Graphviz is not on the path") };
    graphviz.stdin.take().expect("a pipe").write_all(dot.as_bytes()).expect("dot reads");
    let output = graphviz.wait_with_output().expect("dot ends");
    let plain = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && plain.contains("invoice-report"), "{plain}");
}

#[test]
fn what_cannot_be_found_is_said_at_its_argument() {
    let Some(bench) = Workbench::or_skip() else { return };
    let body = r#"
data "nhi_lineage" "nobody" {
  identity = "nhi-nobody"
}

data "nhi_inventory" "soon" {
  expiring_within = "1 month"
}
"#;
    let project = project(&bench, "data-refused", body);
    let run = fails(&project, &["plan", "-input=false", "-no-color"]);
    says(&run, &["`1 month` is not a duration", "expiring_within"]);
    configure(&project, &body.replace("1 month", "30d"));
    let run = fails(&project, &["plan", "-input=false", "-no-color"]);
    says(&run, &["Unknown identity", "There is no identity `nhi-nobody` in the inventory."]);
    let none = body.replace("1 month", "30d");
    let none = none.split("data \"nhi_inventory\"").nth(1).expect("the second");
    configure(&project, &format!("data \"nhi_inventory\"{none}"));
    // A data source alone changes nothing; what would be made is the owner.
    code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 2);
}
