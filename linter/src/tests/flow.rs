//! Governed or not: what derives from a governed resource, and what only looks so, in every kind of input.

mod arguments;
mod configurations;
mod modules;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use policy::governance::Keys;

use crate::identity::{Graph, Origin, Source};
use crate::input::{self, Memory, Options};
use crate::model::Model;

use super::planned;

const GOVERNED: &str = r#"
resource "nhi_workload_identity" "x" {
  name     = "export"
  owner    = "payments"
  purpose  = "Nightly export of invoices to the ledger bucket"
  expiry   = "2027-06-30"
  template = "s3-object-reader@1.2.0"
}
resource "nhi_workload_identity" "y" {
  name     = "import"
  owner    = "payments"
  purpose  = "Reads invoices from the ledger bucket"
  expiry   = "2027-06-30"
  template = "s3-object-reader@1.2.0"
}
data "nhi_identity" "old" {
  name = "old"
}
variable "wide" {
  type = bool
}
variable "which" {
  type = string
}
variable "said" {
  default = true
}
locals {
  x     = nhi_workload_identity.x
  tags  = nhi_workload_identity.x.tags
  mixed = { a = nhi_workload_identity.x.tags, b = { Team = "free" } }
  both  = [nhi_workload_identity.x.tags, { Team = "free" }]
  all   = merge(local.tags, { Team = "payments" })
}
"#;

/// What answers for `aws_iam_role.t`, one verdict for each input: the folder, plan JSON beside it, plan JSON alone.
fn verdicts(files: &[(&str, &str)]) -> [String; 3] {
    let disk: BTreeMap<PathBuf, Vec<u8>> = files
        .iter()
        .map(|(name, text)| (Path::new("demo").join(name), text.as_bytes().to_vec()))
        .collect();
    let read = |path: &str, disk: &BTreeMap<PathBuf, Vec<u8>>| {
        let mut stdin = || Ok(Vec::new());
        let disk = Memory(disk.clone());
        input::read(&[path.into()], &mut stdin, &Options::default(), &disk).remove(0)
    };
    let folder = read("demo", &disk);
    assert!(folder.problems.is_empty(), "{:?}", folder.problems);
    let plan = planned::json(&folder, files).to_string().into_bytes();
    let mut beside = disk;
    beside.insert("demo/plan.json".into(), plan.clone());
    let with = read("demo/plan.json", &beside);
    let alone = read("p/plan.json", &[("p/plan.json".into(), plan)].into());
    assert!(with.resources.iter().any(|it| it.span.is_some()), "the sources were not used");
    assert!(alone.resources.iter().all(|it| it.span.is_none()));
    [&folder, &with, &alone].map(verdict)
}

fn verdict(model: &Model) -> String {
    assert!(model.problems.is_empty(), "{:?}", model.problems);
    let graph = Graph::new(model, &Keys::default());
    let mut found: Vec<String> = Vec::new();
    for identity in graph.identities.iter().filter(|identity| identity.origin == Origin::Here) {
        let resource = &model.resources[identity.resource];
        if resource.kind.starts_with("nhi_") || !resource.name.starts_with('t') {
            continue;
        }
        found.push(match identity.governance.source {
            Source::Nowhere => "no".to_owned(),
            Source::Own => "own".to_owned(),
            Source::Unknown => "undecided".to_owned(),
            Source::Holder => "holder".to_owned(),
            Source::Governed(by) => format!("by {}", model.resources[by].name),
        });
    }
    found.join(", ")
}
