//! Governed or not: what derives from a governed resource, and what only looks so, in every kind of input.

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

/// An argument of a role; what answers for the role; the same where a plan comes without its sources and less is known.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    ("tags = nhi_workload_identity.x.tags", "by x", ""),
    ("tags = local.tags", "by x", "undecided"),
    ("tags = local.x.tags", "by x", "undecided"),
    ("tags = local.all", "by x", "undecided"),
    ("tags = local.mixed.a", "by x", "undecided"),
    ("tags = local.mixed.b", "no", ""),
    ("tags = local.mixed[\"b\"]", "no", ""),
    ("tags = local.both[1]", "no", ""),
    ("tags = local.both[0]", "by x", "undecided"),
    ("tags = element(local.both, 1)", "no", ""),
    ("tags = merge(nhi_workload_identity.x.tags, { Team = \"payments\" })", "by x", ""),
    ("tags = merge({ Team = \"payments\" }, nhi_workload_identity.x.tags)", "by x", ""),
    ("tags = merge({ Team = \"payments\" })", "no", ""),
    ("tags = { Team = \"payments\" }", "no", ""),
    ("tags = { \"nhi:owner\" = \"payments\" }", "own", ""),
    ("tags = { \"nhi:id\" = nhi_workload_identity.x.id }", "by x", ""),
    ("tags = { \"nhi:owner\" = nhi_workload_identity.x.owner, Team = \"x\" }", "by x", ""),
    ("tags = { (var.which) = \"payments\" }", "undecided", ""),
    ("tags = { \"nhi:owner\" = var.which }", "undecided", ""),
    ("tags = var.wide ? nhi_workload_identity.x.tags : {}", "undecided", "by x"),
    ("tags = var.wide ? {} : nhi_workload_identity.x.tags", "undecided", "by x"),
    ("tags = var.wide ? nhi_workload_identity.x.tags : nhi_workload_identity.x.tags", "by x", ""),
    (
        "tags = var.wide ? nhi_workload_identity.x.tags : merge(nhi_workload_identity.x.tags, { a = 1 })",
        "by x",
        "",
    ),
    (
        "tags = var.wide ? nhi_workload_identity.x.tags : nhi_workload_identity.y.tags",
        "undecided",
        "by x",
    ),
    ("tags = var.said ? nhi_workload_identity.x.tags : {}", "by x", ""),
    ("tags = var.said ? { Team = \"free\" } : nhi_workload_identity.x.tags", "no", ""),
    (
        "tags = var.said ? { \"nhi:owner\" = \"payments\" } : nhi_workload_identity.x.tags",
        "own",
        "",
    ),
    (
        "tags = merge(var.wide ? nhi_workload_identity.x.tags : {}, { Team = \"x\" })",
        "undecided",
        "by x",
    ),
    (
        "tags = merge(var.wide ? nhi_workload_identity.x.tags : {}, nhi_workload_identity.y.tags)",
        "by y",
        "by x",
    ),
    ("tags = nhi_workload_identity.x.owner == \"payments\" ? { Team = \"x\" } : {}", "no", ""),
    ("tags = nhi_workload_identity.x.id == \"x\" ? { Team = \"x\" } : {}", "undecided", "by x"),
    ("tags = try(nhi_workload_identity.x.tags, {})", "by x", ""),
    ("tags = try(nhi_workload_identity.x.tags.none, {})", "undecided", "by x"),
    ("tags = { Owner = coalesce(nhi_workload_identity.x.owner, \"free\") }", "by x", ""),
    ("tags = { Owner = coalesce(\"free\", nhi_workload_identity.x.owner) }", "no", ""),
    ("tags = { Owner = coalesce(var.which, nhi_workload_identity.x.owner) }", "undecided", "by x"),
    (
        "tags = { Owner = lookup({ a = nhi_workload_identity.x.owner, b = \"free\" }, \"a\", \"free\") }",
        "by x",
        "",
    ),
    (
        "tags = { Owner = lookup({ a = nhi_workload_identity.x.owner, b = \"free\" }, \"b\", \"free\") }",
        "no",
        "",
    ),
    (
        "tags = { Owner = lookup({ a = nhi_workload_identity.x.owner, b = \"free\" }, var.which, \"free\") }",
        "undecided",
        "by x",
    ),
    (
        "tags = { Owner = { a = nhi_workload_identity.x.owner, b = \"free\" }[var.which] }",
        "undecided",
        "by x",
    ),
    (
        "tags = { Owner = { a = nhi_workload_identity.x.owner, b = nhi_workload_identity.x.name }[var.which] }",
        "undecided",
        "by x",
    ),
    (
        "tags = { for k, v in { a = nhi_workload_identity.x.owner, b = \"free\" } : k => v if k == \"a\" }",
        "by x",
        "",
    ),
    (
        "tags = { for k, v in { a = nhi_workload_identity.x.owner, b = \"free\" } : k => v if k == \"b\" }",
        "no",
        "",
    ),
    (
        "tags = { for k, v in { a = nhi_workload_identity.x.owner, b = \"free\" } : k => v if var.wide }",
        "undecided",
        "by x",
    ),
    ("tags = { for k, v in nhi_workload_identity.x.tags : k => v }", "by x", ""),
    ("tags = { for k in keys(nhi_workload_identity.x.tags) : k => \"free\" }", "by x", ""),
    ("name = nhi_workload_identity.x.name", "by x", ""),
    ("name = nhi_workload_identity.x.principal_name", "by x", ""),
    ("name = format(\"%s-role\", nhi_workload_identity.x.name)", "by x", ""),
    ("name = \"robot-${nhi_workload_identity.x.name}\"", "by x", ""),
    ("name = replace(nhi_workload_identity.x.name, \"ex\", \"im\")", "by x", "no"),
    ("name = \"export\"", "no", ""),
    ("name = data.nhi_identity.old.name", "by old", ""),
    ("tags = data.nhi_identity.old.tags", "by old", ""),
    ("description = \"Exports. ${nhi_workload_identity.x.description}\"", "by x", ""),
    ("description = \"nhi:v1;own=payments;exp=2027-06-30\"", "own", ""),
    ("description = \"nhi:v1;own=${var.which};exp=2027-06-30\"", "own", "no"),
    ("description = \"the export\"", "no", ""),
    ("description = jsonencode({ owner = nhi_workload_identity.x.owner })", "by x", ""),
    ("depends_on = [nhi_workload_identity.x]", "no", ""),
    (
        "max_session_duration = nhi_workload_identity.x.owner == \"payments\" ? 3600 : 7200",
        "no",
        "",
    ),
    ("path = \"/${nhi_workload_identity.x.name}/\"", "by x", ""),
    ("permissions_boundary = nhi_workload_identity.x.aws.boundary", "by x", ""),
    ("for_each = { a = nhi_workload_identity.x.tags }\n  tags = each.value", "by x", "undecided"),
    ("for_each = toset([\"a\"])\n  tags = { Team = each.value }", "no", ""),
    (
        "count = 2\n  tags = count.index == 0 ? nhi_workload_identity.x.tags : {}",
        "by x, no",
        "by x, no",
    ),
];

#[test]
fn arguments() {
    let mut wrong = Vec::new();
    for (arguments, expected, alone) in ARGUMENTS {
        let role = format!(
            "resource \"aws_iam_role\" \"t\" {{\n  assume_role_policy = \"{{}}\"\n  {arguments}\n}}\n"
        );
        let alone = if alone.is_empty() { expected } else { alone };
        let found = verdicts(&[("main.tf", GOVERNED), ("more.tf", &role)]);
        if found != [*expected, *expected, *alone] {
            wrong.push(format!("{arguments}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whole configurations: what answers for everything in them whose name begins with `t`, in the order of the files.
const CONFIGURATIONS: &[(&str, &str, &str, &str)] = &[
    (
        "default tags that name an owner",
        r#"
provider "aws" {
  default_tags {
    tags = { "nhi:owner" = "payments", "nhi:purpose" = "Exports the invoices of the night" }
  }
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
}
"#,
        "own",
        "",
    ),
    (
        "default tags of another provider",
        r#"
provider "aws" {
}
provider "aws" {
  alias = "tagged"
  default_tags {
    tags = { "nhi:owner" = "payments" }
  }
}
resource "aws_iam_role" "t1" {
  assume_role_policy = "{}"
}
resource "aws_iam_role" "t2" {
  provider           = aws.tagged
  assume_role_policy = "{}"
}
"#,
        "no, own",
        "",
    ),
    (
        "default tags that the provider leaves alone",
        r#"
provider "aws" {
  default_tags {
    tags = { "nhi:owner" = "payments", Team = "x" }
  }
  ignore_tags {
    key_prefixes = ["nhi:"]
  }
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
}
"#,
        "no",
        "",
    ),
    (
        "default tags from a governed resource",
        r#"
provider "aws" {
  default_tags {
    tags = data.nhi_identity.old.tags
  }
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
}
"#,
        "by old",
        "no",
    ),
    (
        "own tags stand above default ones",
        r#"
provider "aws" {
  default_tags {
    tags = { "nhi:owner" = "platform" }
  }
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
  tags               = nhi_workload_identity.x.tags
}
"#,
        "by x",
        "",
    ),
    (
        "default labels",
        r#"
provider "google" {
  project        = "acme"
  default_labels = { nhi_owner = "payments" }
}
resource "google_vertex_ai_reasoning_engine" "t" {
  display_name = "t"
  labels       = { team = "x" }
}
"#,
        "own",
        "",
    ),
    (
        "a description of Google Cloud",
        r#"
resource "google_service_account" "t1" {
  account_id  = "robot"
  description = nhi_workload_identity.x.description
}
resource "google_service_account" "t2" {
  account_id  = "robot2"
  description = "nhi:v1;own=payments;exp=2027-06-30"
}
resource "google_service_account" "t3" {
  account_id  = "robot3"
  description = "Sends invoices"
}
"#,
        "by x, own, no",
        "",
    ),
    (
        "tags of Azure, which has no default ones",
        r#"
resource "azurerm_user_assigned_identity" "t1" {
  name = "robot"
  tags = local.tags
}
resource "azurerm_user_assigned_identity" "t2" {
  name = "robot2"
  tags = { Team = "free" }
}
"#,
        "by x, no",
        "undecided, no",
    ),
    (
        "labels and annotations of Kubernetes",
        r#"
resource "kubernetes_service_account_v1" "t1" {
  metadata {
    name        = "a"
    annotations = nhi_workload_identity.x.annotations
  }
}
resource "kubernetes_service_account_v1" "t2" {
  metadata {
    name   = "b"
    labels = merge({ app = "b" }, nhi_workload_identity.y.labels)
  }
}
resource "kubernetes_service_account_v1" "t3" {
  metadata {
    name   = "c"
    labels = { app = "c" }
  }
}
"#,
        "by x, by y, no",
        "",
    ),
    (
        "trust and permissions",
        r#"
resource "aws_iam_role" "t1" {
  assume_role_policy = nhi_workload_identity.x.aws.trust
}
resource "aws_iam_role" "t2" {
  assume_role_policy = "{}"
  inline_policy {
    name   = "p"
    policy = nhi_workload_identity.y.aws.permissions
  }
}
resource "aws_iam_role" "t3" {
  assume_role_policy = var.wide ? nhi_workload_identity.x.aws.trust : "{}"
}
resource "aws_iam_role" "t4" {
  assume_role_policy = "{}"
}
resource "aws_iam_role_policy" "t4" {
  role   = aws_iam_role.t4.id
  policy = nhi_workload_identity.x.aws.permissions
}
"#,
        "by x, by y, undecided, no",
        "by x, by y, by x, no",
    ),
    (
        "a policy document with an own statement is not the governed one",
        r#"
data "aws_iam_policy_document" "both" {
  source_policy_documents = [nhi_workload_identity.x.aws.permissions]
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
  inline_policy {
    name   = "p"
    policy = data.aws_iam_policy_document.both.json
  }
}
"#,
        "by x",
        "no",
    ),
    (
        "a binding by reference",
        r#"
resource "nhi_binding" "b" {
  identity  = nhi_workload_identity.x.id
  platform  = "aws"
  principal = aws_iam_role.t.arn
}
resource "aws_iam_role" "t" {
  assume_role_policy = "{}"
}
"#,
        "by x",
        "",
    ),
    (
        "a binding by the text of an ARN",
        r#"
resource "nhi_binding" "b" {
  identity  = nhi_workload_identity.x.id
  platform  = "aws"
  principal = "arn:aws:iam::123456789012:role/robot"
}
provider "aws" {
  allowed_account_ids = ["123456789012"]
}
resource "aws_iam_role" "t1" {
  name               = "robot"
  assume_role_policy = "{}"
}
resource "aws_iam_role" "t2" {
  name               = "robot2"
  assume_role_policy = "{}"
}
"#,
        "by x, no",
        "",
    ),
    (
        "an ARN of an account that is not known to be this one binds nothing",
        r#"
resource "nhi_binding" "b" {
  identity  = nhi_workload_identity.x.id
  platform  = "aws"
  principal = "arn:aws:iam::123456789012:role/robot"
}
resource "aws_iam_role" "t" {
  name               = "robot"
  assume_role_policy = "{}"
}
"#,
        "undecided",
        "",
    ),
    (
        "bindings in for_each",
        r#"
resource "nhi_binding" "b" {
  for_each  = { one = aws_iam_role.t1.arn, two = aws_iam_role.t2.arn }
  identity  = nhi_workload_identity.x.id
  platform  = "aws"
  principal = each.value
}
resource "aws_iam_role" "t1" {
  assume_role_policy = "{}"
}
resource "aws_iam_role" "t2" {
  assume_role_policy = "{}"
}
resource "aws_iam_role" "t3" {
  assume_role_policy = "{}"
}
"#,
        "by x, by x, no",
        "no, no, no",
    ),
    (
        "a binding to one of two",
        r#"
resource "nhi_binding" "b" {
  identity  = nhi_workload_identity.x.id
  platform  = "aws"
  principal = var.wide ? aws_iam_role.t1.arn : aws_iam_role.t2.arn
}
resource "aws_iam_role" "t1" {
  assume_role_policy = "{}"
}
resource "aws_iam_role" "t2" {
  assume_role_policy = "{}"
}
"#,
        "undecided, undecided",
        "",
    ),
    (
        "instances take their own twin",
        r#"
resource "nhi_workload_identity" "many" {
  for_each = toset(["a", "b"])
  name     = each.key
  owner    = "payments"
  purpose  = "Nightly export of invoices to the ledger bucket"
  expiry   = "2027-06-30"
  template = "s3-object-reader@1.2.0"
}
resource "aws_iam_role" "t" {
  for_each           = toset(["a", "b"])
  assume_role_policy = "{}"
  tags               = nhi_workload_identity.many[each.key].tags
}
"#,
        "by many, by many",
        "",
    ),
    (
        "a name that is the governed one's by chance",
        r#"
resource "aws_iam_role" "t" {
  name               = "export"
  assume_role_policy = "{}"
}
"#,
        "no",
        "",
    ),
];

#[test]
fn configurations() {
    let mut wrong = Vec::new();
    for (what, more, expected, alone) in CONFIGURATIONS {
        let alone = if alone.is_empty() { expected } else { alone };
        let found = verdicts(&[("main.tf", GOVERNED), ("more.tf", more)]);
        if found != [*expected, *expected, *alone] {
            wrong.push(format!("{what}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Through modules: inputs, outputs, a module in a module, providers that are handed down.
const MODULES: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "an input",
        "module \"m\" {\n  source = \"./m\"\n  tags = nhi_workload_identity.x.tags\n}\n",
        "variable \"tags\" {}\nresource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n  tags = var.tags\n}\n",
        "",
        "by x",
        "",
    ),
    (
        "a whole resource as input",
        "module \"m\" {\n  source = \"./m\"\n  identity = nhi_workload_identity.x\n}\n",
        "variable \"identity\" {}\nresource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n  tags = var.identity.tags\n}\n",
        "",
        "by x",
        "",
    ),
    (
        "an object of inputs stays apart",
        "module \"m\" {\n  source = \"./m\"\n  in = { a = nhi_workload_identity.x.tags, b = { Team = \"free\" } }\n}\n",
        "variable \"in\" {}\nresource \"aws_iam_role\" \"t1\" {\n  assume_role_policy = \"{}\"\n  tags = var.in.a\n}\nresource \"aws_iam_role\" \"t2\" {\n  assume_role_policy = \"{}\"\n  tags = var.in.b\n}\n",
        "",
        "by x, no",
        "",
    ),
    (
        "an output",
        "module \"m\" {\n  source = \"./m\"\n}\nresource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n  tags = module.m.tags\n}\n",
        "resource \"nhi_workload_identity\" \"in\" {\n  name = \"in\"\n  owner = \"payments\"\n  purpose = \"Exports the invoices of the night\"\n  expiry = \"2027-06-30\"\n  template = \"r@1\"\n}\noutput \"tags\" {\n  value = merge(nhi_workload_identity.in.tags, { a = \"b\" })\n}\n",
        "",
        "by in",
        "undecided",
    ),
    (
        "another output of the same module",
        "module \"m\" {\n  source = \"./m\"\n}\nresource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n  tags = module.m.free\n}\n",
        "resource \"nhi_workload_identity\" \"in\" {\n  name = \"in\"\n}\noutput \"tags\" {\n  value = nhi_workload_identity.in.tags\n}\noutput \"free\" {\n  value = { a = \"b\" }\n}\n",
        "",
        "no",
        "",
    ),
    (
        "a module in a module, in and out again",
        "module \"m\" {\n  source = \"./m\"\n  tags = nhi_workload_identity.x.tags\n}\nresource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n  tags = module.m.out\n}\n",
        "variable \"tags\" {}\nmodule \"n\" {\n  source = \"./n\"\n  tags = var.tags\n}\noutput \"out\" {\n  value = module.n.out\n}\n",
        "variable \"tags\" {}\noutput \"out\" {\n  value = var.tags\n}\nresource \"aws_iam_role\" \"tn\" {\n  assume_role_policy = \"{}\"\n  tags = var.tags\n}\n",
        "by x, by x",
        "undecided, by x",
    ),
    (
        "providers that are handed down",
        "provider \"aws\" {\n  alias = \"tagged\"\n  default_tags {\n    tags = { \"nhi:owner\" = \"payments\" }\n  }\n}\nmodule \"m\" {\n  source = \"./m\"\n  providers = { aws = aws.tagged }\n}\n",
        "resource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n}\n",
        "",
        "own",
        "",
    ),
];

#[test]
fn modules() {
    for (what, root, inner, innermost, expected, alone) in MODULES {
        let files =
            [("main.tf", GOVERNED), ("more.tf", root), ("m/m.tf", inner), ("m/n/n.tf", innermost)];
        let alone = if alone.is_empty() { expected } else { alone };
        assert_eq!(verdicts(&files), [*expected, *expected, *alone], "{what}");
    }
}
