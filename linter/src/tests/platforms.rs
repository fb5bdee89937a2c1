//! `check` on configurations of every platform: inside, outside, undecided, with role content from exports; and drafts of templates
//! that take in what they were drafted from.

mod azure;
mod github;
mod google;
mod kubernetes;
mod manifests;
mod templates;
mod vault;

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
    found(main, &format!("--format pretty {flags}"))
}

/// The same, one line a finding.
fn listed(main: &str) -> String {
    found(main, "--format concise")
}

fn found(main: &str, flags: &str) -> String {
    let folder = folder(&[
        ("main.tf", main),
        ("templates.nhi.hcl", TEMPLATES),
        ("azure.json", EXPORT),
        ("gcp.json", GCP_EXPORT),
    ]);
    let line = format!("check . --templates templates.nhi.hcl --select TPL {flags}");
    let (output, errors, code) = run_in(folder.path(), &line);
    assert!(!errors.starts_with("error: "), "{errors}");
    format!("{output}--- exit {code}")
}
