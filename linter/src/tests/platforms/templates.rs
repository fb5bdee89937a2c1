//! Drafts of templates, their tests, and how they are shown.

use crate::tests::commands::{folder, ran, run_in};

use super::azure::azure;
use super::google::google;
use super::kubernetes::kubernetes;
use super::vault::vault;

/// A draft takes in everything that it was drafted from, so that a check with it finds nothing beyond it.
#[test]
fn a_draft_takes_in_what_it_was_drafted_from() {
    let all = [
        azure("role_definition_name = \"Reader\"", "/subscriptions/1/resourceGroups/archive"),
        google("\"roles/storage.objectViewer\"", ""),
        vault("path \"secret/data/ledger/*\" { capabilities = [\"read\"] }"),
        kubernetes("\"get\", \"delete\"", "web"),
        crate::tests::check::ROLE.to_owned(),
    ];
    for main in all {
        let (template, reference) = main
            .lines()
            .find_map(|line| line.split_once("template").and_then(|(_, rest)| rest.split_once('@')))
            .or_else(|| main.split_once("tpl=").and_then(|(_, rest)| rest.split_once('@')))
            .unwrap();
        let name = template.rsplit([' ', '"']).next().unwrap();
        let version = reference.split(['"', ';']).next().unwrap();
        let named = main.replace(&format!("{name}@{version}"), &format!("{name}@0.1.0"));
        let folder = folder(&[("infra/main.tf", named.as_str())]);
        let (draft, errors, code) =
            run_in(folder.path(), &format!("template suggest infra --name {name}"));
        assert_eq!((errors.as_str(), code), ("", 0), "{name}");
        std::fs::write(folder.path().join("draft.nhi.hcl"), &draft).unwrap();
        let (output, ..) = run_in(
            folder.path(),
            "check infra --templates draft.nhi.hcl --select TPL --format concise",
        );
        assert_eq!(output, "", "{draft}");
    }
}

/// The tests that come with a draft pass on it.
#[test]
fn a_draft_passes_its_own_tests() {
    let folder = folder(&[("infra/main.tf", crate::tests::check::ROLE)]);
    let (draft, errors, code) =
        run_in(folder.path(), "template suggest infra --tests t/draft.nhitest.hcl");
    assert_eq!((draft.as_str(), code), ("", 2), "{errors}");
    std::fs::create_dir(folder.path().join("t")).unwrap();
    let (draft, _, code) =
        run_in(folder.path(), "template suggest infra --tests t/draft.nhitest.hcl");
    assert_eq!(code, 0);
    std::fs::write(folder.path().join("t/draft.nhi.hcl"), draft).unwrap();
    insta::assert_snapshot!(ran(folder.path(), "template test t"), @r"
    passed identity 1 is inside
    --- stderr
    1 of 1 tests passed
    --- exit 0
    ");
}

#[test]
fn drafts_of_chosen_identities() {
    let folder = folder(&[
        ("infra/main.tf", &vault("path \"a\" { capabilities = [\"read\"] }")),
        ("empty.tf", ""),
    ]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("template suggest infra --identity vault_approle_auth_backend_role.app"), @r#"
    template "app" {
      version     = "0.1.0"
      description = "What one identity may do: narrow it, then publish it"

      applies_to {
        kinds = ["workload_identity"]
      }

      require {
        metadata          = ["service", "environment"]
        max_lifetime      = "365d"
        max_session       = "1h"
        review_every      = "365d"
        static_credential = false
      }

      vault {
        rule {
          path         = "a"
          capabilities = ["read"]
        }
      }
    }
    --- exit 0
    "#);
    insta::assert_snapshot!(ran("template suggest infra --identity vault_approle_auth_backend_role.web"), @r"
    --- stderr
    error: there is no identity `vault_approle_auth_backend_role.web` here
      help: name the resource that makes it by its address, such as `aws_iam_role.export`
    --- exit 2
    ");
    insta::assert_snapshot!(ran("template suggest infra --name App"), @r"
    --- stderr
    error: `App` cannot be the name of a template
      help: names are of lower case letters, digits and hyphens
    --- exit 2
    ");
    insta::assert_snapshot!(ran("template suggest ."), @r"
    --- stderr
    error: there is nothing to draft a template from
      help: no identity here may do anything, or all of it is rendered from templates already
    --- exit 2
    ");
}

const TESTS: &str = r#"
test "reading is inside" {
  template = "s3-object-reader@1"
  params   = { bucket = "ledger" }
  platform = "aws"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::ledger/*" }] })
  expect   = "inside"
}

test "writing is inside" {
  template = "s3-object-reader@1"
  platform = "aws"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::ledger/*" }] })
  expect   = "inside"
}
"#;

#[test]
fn templates_run_their_tests() {
    let folder = folder(&[
        ("t/reader.nhi.hcl", crate::tests::READER),
        ("t/reader.nhitest.hcl", TESTS),
        ("o/x.nhi.hcl", crate::tests::READER),
    ]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("template test t"), @r"
    passed reading is inside
    failed writing is inside
           t/reader.nhitest.hcl:10: expected `inside`, found `outside`: `s3:PutObject` on `arn:aws:s3:::ledger/x` is allowed, which the template does not allow
    --- stderr
    1 of 2 tests passed
    --- exit 1
    ");
    insta::assert_snapshot!(ran("template test t/reader.nhitest.hcl --templates t --format json"), @r#"
    {"summary":{"broken":0,"failed":1,"passed":1},"tests":[{"file":"t/reader.nhitest.hcl","line":2,"name":"reading is inside","reason":null,"result":"passed","template":"s3-object-reader@1"},{"file":"t/reader.nhitest.hcl","line":10,"name":"writing is inside","reason":"expected `inside`, found `outside`: `s3:PutObject` on `arn:aws:s3:::ledger/x` is allowed, which the template does not allow","result":"failed","template":"s3-object-reader@1"}],"version":1}
    --- exit 1
    "#);
    insta::assert_snapshot!(ran("template test t/reader.nhitest.hcl"), @r"
    broken reading is inside
           t/reader.nhitest.hcl:2: there is no template `s3-object-reader`
    broken writing is inside
           t/reader.nhitest.hcl:10: there is no template `s3-object-reader`
    --- stderr
    0 of 2 tests passed
    --- exit 2
    ");
    insta::assert_snapshot!(ran("template test o"), @r"
    --- stderr
    error: no tests in `o`
      help: tests are `test` blocks in files that end in `.nhitest.hcl`
    --- exit 2
    ");
}

#[test]
fn a_template_is_shown_with_its_parameters() {
    let folder = folder(&[
        ("t/reader.nhi.hcl", crate::tests::READER),
        (".nhi-lint.hcl", "templates = [\"t\"]\n"),
    ]);
    let ran = |line: &str| ran(folder.path(), line);
    insta::assert_snapshot!(ran("template show s3-object-reader@1 --param bucket=ledger"), @r#"
    s3-object-reader@1.2.0 (active)
    sha256:739f57c7e68187626f716d6c99132b4e1b084e6219477a26e5f4e73f0365e75b
    parameter bucket matches [a-z0-9][a-z0-9.-]{2,62} = "ledger"

    aws {
      "permissions": {
        "Statement": [
          {
            "Action": [
              "s3:GetObject"
            ],
            "Effect": "Allow",
            "Resource": [
              "arn:aws:s3:::ledger/*"
            ]
          }
        ],
        "Version": "2012-10-17"
      },
      "trust": {
        "Statement": [
          {
            "Action": "sts:AssumeRole",
            "Effect": "Allow",
            "Principal": {
              "Service": "ec2.amazonaws.com"
            }
          }
        ],
        "Version": "2012-10-17"
      }
    }
    --- exit 0
    "#);
    insta::assert_snapshot!(ran("template show s3-object-reader@1 --format json"), @r#"
    {"applies_to":{"environments":[],"kinds":[]},"description":null,"digest":"sha256:739f57c7e68187626f716d6c99132b4e1b084e6219477a26e5f4e73f0365e75b","owner":null,"parameters":[{"default":null,"description":null,"name":"bucket","pattern":"[a-z0-9][a-z0-9.-]{2,62}","value":null}],"platforms":{"aws":{"permissions":{"Statement":[{"Action":["s3:GetObject"],"Effect":"Allow","Resource":["arn:aws:s3:::${param.bucket}/*"]}],"Version":"2012-10-17"},"trust":{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"}}],"Version":"2012-10-17"}}},"replaces":[],"require":{},"status":"active","template":"s3-object-reader@1.2.0","version":1}
    --- exit 0
    "#);
    insta::assert_snapshot!(ran("template show s3-object-reader@2"), @r"
    --- stderr
    error: template `s3-object-reader` has no version `2`
      help: there is `1.2.0`
    --- exit 2
    ");
    insta::assert_snapshot!(ran("template digest t"), @r"
    sha256:739f57c7e68187626f716d6c99132b4e1b084e6219477a26e5f4e73f0365e75b s3-object-reader@1.2.0
    --- exit 0
    ");
}
