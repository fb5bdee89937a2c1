//! `moved` between kinds of identity, and configuration that Terraform generates for what is imported.

use std::fs;

use super::{EXPORT, HEAD, apply, code, configure, fails, ok, project, says, settled, state};
use tests::Workbench;

/// The identity of the other tests as a workload, with the block that says where it came from.
fn workload() -> String {
    let workload = EXPORT.replace("nhi_service_account", "nhi_workload_identity");
    format!(
        "{workload}
moved {{
  from = nhi_service_account.export
  to   = nhi_workload_identity.export
}}
"
    )
}

#[test]
fn a_service_account_becomes_a_workload_identity_in_place_and_back() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "moved", EXPORT);
    apply(&project);
    let born = state(&project, "nhi_service_account.export");

    configure(&project, &workload());
    let plan = code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 2);
    says(
        &plan,
        &[
            "nhi_workload_identity.export will be updated in-place",
            "moved from nhi_service_account.export",
            "0 to add, 1 to change, 0 to destroy",
        ],
    );
    apply(&project);
    settled(&project);
    let moved = state(&project, "nhi_workload_identity.export");
    assert_eq!(moved["id"], born["id"]);
    assert_eq!(moved["expires_at"], born["expires_at"]);
    assert_eq!(moved["credential_version"], 2, "what proves one kind proves no other");

    // The block may go once it was applied, and the way back is the same.
    let back = format!(
        "{EXPORT}
moved {{
  from = nhi_workload_identity.export
  to   = nhi_service_account.export
}}
"
    );
    configure(&project, &back);
    apply(&project);
    settled(&project);
    assert_eq!(state(&project, "nhi_service_account.export")["id"], born["id"]);
    assert_eq!(state(&project, "nhi_service_account.export")["credential_version"], 3);
}

#[test]
fn a_move_that_is_only_refreshed_waits_for_its_update() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "waits", EXPORT);
    apply(&project);
    configure(&project, &workload());
    ok(&project, &["apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color"]);
    let plan = code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 2);
    says(&plan, &["will be updated in-place", "0 to add, 1 to change, 0 to destroy"]);
    apply(&project);
    settled(&project);
}

#[test]
fn what_cannot_move_is_refused_with_the_way_out() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = project(&bench, "unsupported", EXPORT);
    apply(&project);
    let owner = r#"
resource "nhi_owner" "export" {
  name        = "export"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}

moved {
  from = nhi_service_account.export
  to   = nhi_owner.export
}
"#;
    configure(&project, owner);
    says(
        &fails(&project, &["plan", "-input=false", "-no-color"]),
        &["Unsupported move", "cannot become one of nhi_owner", "Remove the `moved` block"],
    );

    // The name is taken by another identity of that kind.
    let other = EXPORT.replace("nhi_service_account\" \"export", "nhi_workload_identity\" \"other");
    configure(&project, &format!("{EXPORT}{other}"));
    apply(&project);
    configure(&project, &format!("{}{other}", workload()));
    says(
        &fails(&project, &["plan", "-input=false", "-no-color"]),
        &["Name in use", "The workload_identity `invoice-export` exists already"],
    );
}

const TEMPLATE: &str = r#"
template "any" {
  version     = "1.0.0"
  description = "What every kind may do: read one repository"
  owner       = "platform-iam"
  status      = "active"

  applies_to {
    kinds        = ["service_account", "workload_identity", "api_key", "deployment_token", "agent"]
    environments = ["prod"]
  }

  require {
    metadata          = ["service"]
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

/// One of each, with nested and with empty values.
const MANY: &str = r#"
resource "nhi_template" "any" {
  source = file("any.nhi.hcl")
}

locals {
  facts = {
    purpose = "Reads the ledger for the nightly report, \"every\" night, ${"$"}{in full}"
  }
}

resource "nhi_service_account" "reader" {
  name        = "reader"
  owner       = nhi_owner.payments.name
  purpose     = local.facts.purpose
  expiry      = "30d"
  template    = nhi_template.any.reference
  service     = "billing"
  environment = "prod"
  consumers   = ["report", "archive"]
  rotation    = { every = "20d", overlap = "1h", epoch = 3 }
}

resource "nhi_workload_identity" "worker" {
  name        = "worker"
  owner       = nhi_owner.payments.name
  purpose     = local.facts.purpose
  expiry      = "2099-01-01"
  template    = nhi_template.any.reference
  service     = "billing"
  environment = "prod"
  parent      = nhi_service_account.reader.id
  state       = "disabled"
  subject     = { kubernetes = { namespace = "billing", service_account = "report" } }
}

resource "nhi_api_key" "partner" {
  name        = "partner"
  owner       = nhi_owner.payments.name
  purpose     = local.facts.purpose
  expiry      = "30d"
  template    = nhi_template.any.reference
  service     = "billing"
  environment = "prod"
}

resource "nhi_agent" "triage" {
  name        = "triage"
  owner       = nhi_owner.payments.name
  purpose     = local.facts.purpose
  expiry      = "30d"
  template    = nhi_template.any.reference
  service     = "billing"
  environment = "prod"
  sponsor     = "ada@example.com"
  tools       = ["github.get_issue", "github.add_labels"]
  max_session = "15m"
}

resource "nhi_binding" "reader" {
  identity  = nhi_service_account.reader.id
  platform  = "aws"
  principal = "arn:aws:iam::123456789012:role/report"
  consumers = ["report"]
}
"#;

const ADDRESSES: [&str; 7] = [
    "nhi_owner.payments",
    "nhi_template.any",
    "nhi_service_account.reader",
    "nhi_workload_identity.worker",
    "nhi_api_key.partner",
    "nhi_agent.triage",
    "nhi_binding.reader",
];

#[test]
fn configuration_that_terraform_generates_plans_cleanly() {
    let Some(bench) = Workbench::or_skip() else { return };
    let project = bench.empty_project("generated").expect("a folder");
    fs::create_dir(project.folder.join("templates")).expect("a folder");
    project.write("any.nhi.hcl", TEMPLATE).expect("a template");
    let many = MANY.replace("2099-01-01", "60d");
    configure(&project, &many);
    ok(&project, &["init", "-input=false", "-no-color"]);
    apply(&project);
    settled(&project);

    // The state is lost; the inventory is not.
    let imports: String = ADDRESSES
        .iter()
        .map(|address| {
            let made = state(&project, address);
            let id = made.get("id").unwrap_or(&made["reference"]).clone();
            format!("import {{\n  to = {address}\n  id = {id}\n}}\n\n")
        })
        .collect();
    fs::remove_file(project.folder.join("terraform.tfstate")).expect("a state");
    let head = HEAD.split("resource \"nhi_owner\"").next().expect("a head");
    project.write("main.tf", &format!("{head}{imports}")).expect("main.tf");
    let generate = "-generate-config-out=generated.tf";
    let plan = ok(&project, &["plan", generate, "-input=false", "-no-color"]);
    says(&plan, &["7 to import, 0 to add, 0 to change, 0 to destroy"]);
    let plan = apply(&project);
    says(&plan, &["7 imported, 0 added, 0 changed, 0 destroyed"]);
    settled(&project);
}
