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
  platform = "vault"
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
    error: `vault` is not a platform that can be decided
    error: `allowed` is not an answer
    error: `params` must be a string, not a list
    error: `policy` must be a `jsonencode` call, not a string
    error: `trust` takes no parameters
    ");
}
