//! Tests of templates, tested.

use super::*;

const READER: &str = include_str!("../../../../examples/templates/s3-object-reader.nhi.hcl");
const TESTS: &str = include_str!("../../../../examples/templates/s3-object-reader.nhitest.hcl");

fn run(text: &str) -> String {
    let (library, errors) = Library::parse(&[("x", READER)]);
    assert!(errors.is_empty(), "{errors:?}");
    let (cases, errors) = parse("x.nhitest.hcl", text);
    let errors = errors.iter().map(|error| format!("error: {error}\n"));
    let cases = cases.iter().map(|case| format!("{}: {:?}\n", case.name, case.run(&library)));
    errors.chain(cases).collect()
}

#[test]
fn the_example_passes() {
    insta::assert_snapshot!(run(TESTS), @r"
    reading below one bucket is inside: Passed
    a reader cannot write: Passed
    nobody but an instance becomes a reader: Passed
    ");
}

#[test]
fn every_example_passes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/templates");
    let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()))
        .collect();
    files.sort();
    let (tests, templates): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(name, _)| name.ends_with(".nhitest.hcl"));
    let (library, errors) = Library::parse(&templates);
    assert!(errors.is_empty(), "{errors:?}");
    let mut tested = std::collections::HashSet::new();
    for (name, text) in &tests {
        let (cases, errors) = parse(name, text);
        assert!(errors.is_empty(), "{errors:?}");
        for case in cases {
            assert_eq!(case.run(&library), Outcome::Passed, "{}", case.name);
            tested.insert(case.policy.as_ref().map(std::mem::discriminant));
        }
    }
    // AWS, Google Cloud, Azure, Vault, GitHub, and one that speaks of trust alone.
    assert_eq!(tested.len(), 6);
}

#[test]
fn another_answer_fails() {
    insta::assert_snapshot!(run(&TESTS.replace("\"outside\"", "\"inside\"").replace("s3-object-reader@1", "s3-object-reader@1.2.0")), @r#"
    reading below one bucket is inside: Passed
    a reader cannot write: Failed("expected `inside`, found `outside`: `s3:PutObject` on `arn:aws:s3:::payments-ledger/x` is allowed, which the template does not allow")
    nobody but an instance becomes a reader: Failed("expected `inside`, found `outside`: `sts:AssumeRole` by `arn:aws:iam::111122223333:role/anyone` is trusted, which the template does not allow")
    "#);
    insta::assert_snapshot!(run(&TESTS.replace("s3-object-reader@1", "s3-object-reader@7").replace("{ bucket", "{ bukket")), @r#"
    reading below one bucket is inside: Broken("template `s3-object-reader` has no version `7`")
    a reader cannot write: Broken("template `s3-object-reader` has no version `7`")
    nobody but an instance becomes a reader: Broken("template `s3-object-reader` has no version `7`")
    "#);
}

#[test]
fn mistakes() {
    insta::assert_snapshot!(run(r#"
template "x" {}
test "a" {}
test "b" {
  template = "s3-object-reader@1"
  platform = "cloud"
  params   = { bucket = ["x"] }
  policy   = "{}"
  trust    = jsonencode({ Version = "2012-10-17", Statement = "${param.x}" })
  expect   = "allowed"
}
"#), @r"
error: unknown block `template` in a file of template tests
error: a `test` block has no `template`
error: a `test` block has no `expect`
error: a `test` block has no `policy`
error: `cloud` is not a platform
error: `allowed` is not an answer
error: `params` must be a string, not a list
error: `trust` takes no parameters
");
}

#[test]
fn other_platforms() {
    insta::assert_snapshot!(run(r#"
test "secrets of one application" {
  template = "s3-object-reader@1"
  params   = { app = "billing" }
  platform = "vault"
  policy   = jsonencode({ path = { "secret/data/billing/*" = { capabilities = ["read"] } } })
  expect   = "inside"
}
test "secrets of all" {
  template = "s3-object-reader@1"
  platform = "vault"
  policy   = jsonencode({ path = { "secret/data/*" = { capabilities = ["read"] } } })
  expect   = "outside"
}
test "a token that reads" {
  template = "s3-object-reader@1"
  platform = "github"
  policy   = jsonencode({ permissions = { contents = "read" }, repositories = ["acme/ledger"] })
  expect   = "inside"
}
test "a token that writes" {
  template = "s3-object-reader@1"
  platform = "github"
  policy   = jsonencode({ permissions = { contents = "write" }, repositories = ["acme/ledger"] })
  expect   = "outside"
}
test "reading objects of a bucket" {
  template = "s3-object-reader@1"
  platform = "gcp"
  policy   = jsonencode([{ role = "roles/storage.objectViewer", resource = "//storage.googleapis.com/projects/_/buckets/ledger" }])
  expect   = "inside"
}
test "nothing on Azure" {
  template = "s3-object-reader@1"
  platform = "azure"
  policy   = jsonencode([{ roleDefinitionName = "Reader", scope = "/subscriptions/1" }])
  expect   = "outside"
}
test "the configuration of one namespace" {
  template = "s3-object-reader@1"
  platform = "kubernetes"
  params   = { namespace = "billing" }
  policy = jsonencode({
    kind = "List"
    items = [
      {
        apiVersion = "rbac.authorization.k8s.io/v1"
        kind       = "Role"
        metadata   = { name = "r", namespace = "billing" }
        rules      = [{ apiGroups = [""], resources = ["configmaps"], verbs = ["get"] }]
      },
      {
        apiVersion = "rbac.authorization.k8s.io/v1"
        kind       = "RoleBinding"
        metadata   = { name = "b", namespace = "billing" }
        roleRef    = { apiGroup = "rbac.authorization.k8s.io", kind = "Role", name = "r" }
        subjects   = [{ kind = "ServiceAccount", name = "app", namespace = "billing" }]
      },
    ]
  })
  expect = "inside"
}
test "who becomes it is said on AWS" {
  template = "s3-object-reader@1"
  platform = "vault"
  policy   = jsonencode({ paths = {} })
  boundary = "arn:aws:iam::1:policy/x"
  expect   = "outside"
}
"#), @r"
error: not a valid Vault policy: `paths` is no element of a policy
error: unknown attribute `boundary` in a test of a platform other than `aws`
secrets of one application: Passed
secrets of all: Passed
a token that reads: Passed
a token that writes: Passed
reading objects of a bucket: Passed
nothing on Azure: Passed
the configuration of one namespace: Passed
");
}
