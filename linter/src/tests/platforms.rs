//! `check` on configurations of every platform: inside, outside, undecided, with role content from exports; and drafts of templates
//! that take in what they were drafted from.

mod azure;
mod charts;
mod github;
mod google;
mod kubernetes;
mod lists;
mod manifests;
mod programs;
mod stacks;
mod templates;
mod vault;

use serde_json::{Value as Json, json};

use super::commands::{folder, run_in};

const TEMPLATES: &str = r#"
template "lister" {
  version = "1.0.0"
  parameter "scope" {}
  azure {
    actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
    scopes  = ["/subscriptions/1/resourceGroups/${param.scope}"]
  }
}

template "viewer" {
  version = "1.0.0"
  parameter "bucket" {}
  gcp {
    permissions = ["storage.objects.get", "storage.objects.list"]
    resources   = ["//storage.googleapis.com/projects/_/buckets/${param.bucket}"]
  }
}

template "app-reader" {
  version = "1.0.0"
  parameter "app" {}
  vault {
    rule {
      path         = "secret/data/${param.app}/*"
      capabilities = ["read"]
    }
  }
}

template "config-reader" {
  version = "1.0.0"
  parameter "namespace" {}
  kubernetes {
    namespaces = ["${param.namespace}"]
    rule {
      api_groups = [""]
      resources  = ["configmaps"]
      verbs      = ["get", "list"]
    }
  }
}

template "puller" {
  version = "1.0.0"
  github {
    permissions  = { contents = "read" }
    repositories = ["acme/*"]
  }
}
"#;

const EXPORT: &str = r#"[
  {
    "name": "22222222-2222-2222-2222-222222222222",
    "roleName": "Blob Lister",
    "permissions": [
      { "actions": ["Microsoft.Storage/storageAccounts/blobServices/containers/read"], "notActions": [], "dataActions": [], "notDataActions": [] }
    ]
  }
]"#;

const GCP_EXPORT: &str = r#"[
  {
    "name": "roles/storage.objectViewer",
    "stage": "GA",
    "includedPermissions": ["storage.objects.get", "storage.objects.list"]
  }
]"#;

/// What `check` says of one file, as a person sees it.
fn checked(main: &str, flags: &str) -> String {
    found(main, &format!("--select TPL --format pretty {flags}"))
}

/// The same, one line a finding.
fn listed(main: &str) -> String {
    found(main, "--select TPL --format concise")
}

fn found(main: &str, flags: &str) -> String {
    let folder = folder(&[
        ("main.tf", main),
        ("templates.nhi.hcl", TEMPLATES),
        ("azure.json", EXPORT),
        ("gcp.json", GCP_EXPORT),
    ]);
    let line = format!("check . --templates templates.nhi.hcl {flags}");
    let (output, errors, code) = run_in(folder.path(), &line);
    assert!(!errors.starts_with("error: "), "{errors}");
    format!("{output}--- exit {code}")
}

/// Every finding of one file, one line each.
#[track_caller]
fn all(main: &str) -> String {
    check(&[("main.tf", main)], ".", "")
}

/// The same of a plan of new resources: address, values, what is not known of them.
#[track_caller]
fn planned(resources: &[(&str, Json, Json)]) -> String {
    let changes = resources.iter().map(|(address, after, unknown)| {
        let (kind, name) = address.split_once('.').unwrap();
        json!({ "address": address, "mode": "managed", "type": kind, "name": name,
            "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": unknown } })
    });
    let plan = json!({ "format_version": "1.2", "terraform_version": "1.11.4",
        "planned_values": { "root_module": {} }, "resource_changes": changes.collect::<Vec<_>>(),
        "configuration": { "root_module": {} } });
    check(&[("plan.json", &plan.to_string())], "plan.json", "")
}

#[track_caller]
fn check(files: &[(&str, &str)], path: &str, flags: &str) -> String {
    let files: Vec<_> = files.iter().copied().chain([("templates.nhi.hcl", TEMPLATES)]).collect();
    let folder = folder(&files);
    let line = format!("check {path} --templates templates.nhi.hcl --format concise {flags}");
    let (output, errors, code) = run_in(folder.path(), &line);
    let problem = if errors.starts_with("error: ") { errors.as_str() } else { "" };
    format!("{output}{problem}--- exit {code}")
}
