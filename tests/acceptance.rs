//! The real terraform drives the real provider through the life of identities.

mod certificates;
mod chain;
mod changes;
mod crash;
mod data;
mod examples;
mod guides;
mod kinds;
mod life;
mod lifecycle;
mod moto;
mod moves;
mod refusals;
mod release;
mod reviews;
mod secrets;

use std::fs;

use tests::{Project, Run, Workbench, root};

/// The head of every configuration: one provider, one inventory in the project's folder, one owner.
const HEAD: &str = r#"
terraform {
  required_providers {
    nhi = {
      source = "governed-nhi/nhi"
    }
  }
}

provider "nhi" {
  templates = ["./templates"]
}

resource "nhi_owner" "payments" {
  name        = "payments"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}
"#;

/// A complete identity; tests replace a line to see what happens.
const EXPORT: &str = r#"
resource "nhi_service_account" "export" {
  name        = "invoice-export"
  owner       = nhi_owner.payments.name
  purpose     = "Nightly export of invoices to the ledger bucket"
  expiry      = "90d"
  template    = "s3-object-reader@1.2.0"
  service     = "billing"
  environment = "prod"
  parameters  = { bucket = "payments-ledger" }
}
"#;

/// A project with the example template and the given body.
fn project<'a>(bench: &'a Workbench, name: &str, body: &str) -> Project<'a> {
    let project = bench.empty_project(name).expect("a folder");
    fs::create_dir(project.folder.join("templates")).expect("a folder");
    let template = "templates/s3-object-reader.nhi.hcl";
    fs::copy(root().join("examples").join(template), project.folder.join(template))
        .expect("the example template");
    configure(&project, body);
    ok(&project, &["init", "-input=false", "-no-color"]);
    project
}

fn configure(project: &Project<'_>, body: &str) {
    project.write("main.tf", &format!("{HEAD}{body}")).expect("main.tf");
}

/// The head of a configuration that has the AWS provider as well: there is one list of providers in a module.
fn beside_aws(head: &str) -> String {
    head.replace(
        "required_providers {",
        "required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }",
    )
}

/// Runs terraform and expects success.
#[track_caller]
fn ok(project: &Project<'_>, arguments: &[&str]) -> Run {
    code(project, arguments, 0)
}

/// Runs terraform and expects a failure.
#[track_caller]
fn fails(project: &Project<'_>, arguments: &[&str]) -> Run {
    code(project, arguments, 1)
}

#[track_caller]
fn code(project: &Project<'_>, arguments: &[&str], code: i32) -> Run {
    let run = project.terraform(arguments).expect("terraform runs");
    assert_eq!(run.code, Some(code), "terraform {}:\n{}", arguments.join(" "), run.text());
    run
}

#[track_caller]
fn apply(project: &Project<'_>) -> Run {
    ok(project, &["apply", "-auto-approve", "-input=false", "-no-color"])
}

/// A plan must find nothing to do, with and without refresh.
#[track_caller]
fn settled(project: &Project<'_>) {
    code(project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 0);
    code(project, &["plan", "-refresh-only", "-input=false", "-no-color", "-detailed-exitcode"], 0);
}

/// The attributes of one resource in the state.
fn state(project: &Project<'_>, address: &str) -> serde_json::Value {
    let run = ok(project, &["show", "-json", "-no-color"]);
    let state: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    state["values"]["root_module"]["resources"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|resource| resource["address"] == address)
        .map_or_else(
            || panic!("`{address}` is not in the state: {state:#}"),
            |resource| resource["values"].clone(),
        )
}

/// The text without line breaks and box drawing, so that a sentence can be searched although it was wrapped.
fn flat(run: &Run) -> String {
    run.text().replace(['│', '╷', '╵'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says(run: &Run, words: &[&str]) {
    let text = flat(run);
    for word in words {
        assert!(text.contains(word), "`{word}` is not in:\n{}", run.text());
    }
}
