//! `check` as a whole: formats, exit codes, settings, determinism.

mod plans;

use std::io::{self, Write};
use std::path::Path;

use serde_json::Value as Json;

use crate::cli::{World, run};

use super::commands::{folder, ran, run_in};
use super::{PLAIN, READER, now};

pub(super) const ROLE: &str = r#"
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger bucket"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "s3-object-reader@1.2.0"
  }
}

resource "aws_iam_role_policy" "export" {
  name = "export"
  role = aws_iam_role.export.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::ledger/*" }]
  })
}
"#;

const USER: &str = "resource \"aws_iam_user\" \"robot\" {\n  name = \"robot\"\n}\n";

fn demo() -> tempfile::TempDir {
    folder(&[
        ("infra/main.tf", ROLE),
        ("infra/user.tf", USER),
        ("templates/reader.nhi.hcl", READER),
    ])
}

#[test]
fn a_rejected_plan_reads_well() {
    let folder = demo();
    insta::assert_snapshot!(ran(folder.path(), "infra --templates templates --format pretty"), @r#"
    TPL001[outside-template]

      × `aws_iam_role.export` may do `s3:PutObject` on `arn:aws:s3:::ledger/x`,
      │ which template `s3-object-reader@1.2.0` does not allow
        ╭─[infra/main.tf:21:64]
     20 │     Version   = "2012-10-17"
     21 │     Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::ledger/*" }]
        ·                                                                ───────┬──────
        ·                                                                       ╰── allows `s3:PutObject`
     22 │   })
        ╰────
      help: drop `s3:PutObject`, or name a template that allows it
      ╰─▶   ☞ template `s3-object-reader@1.2.0` allows this at most
              ╭─[templates/reader.nhi.hcl:10:19]
            9 │       Version = "2012-10-17"
           10 │       Statement = [{
              ·                   ──
           11 │         Effect   = "Allow"
              ╰────

    OWN001[ungoverned-identity]

      × no governance record answers for `aws_iam_user.robot`
       ╭─[infra/user.tf:1:1]
     1 │ resource "aws_iam_user" "robot" {
       · ───────────────┬───────────────
       ·                ╰── this identity has no owner, purpose, end date or template
     2 │   name = "robot"
       ╰────
      help: derive it from an `nhi_*` resource, or add `nhi:owner`, `nhi:purpose`,
            `nhi:expiry` and `nhi:template` to its `tags`

    --- stderr
    2 errors: 2 machine identities in 3 resources; 1 with an owner, 1 with a purpose, 1 with an end date, 1 with a template
    --- exit 1
    "#);
}

/// The ceiling is about the policies; that the boundary makes up for one of them is worth a word.
#[test]
fn a_boundary_that_takes_it_away_again_is_told() {
    let boundary = r#"
resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = "arn:aws:s3:::ledger/*" }] })
}
"#;
    let role = ROLE.replace(
        "  name = \"invoice-export\"",
        "  name = \"invoice-export\"\n  permissions_boundary = aws_iam_policy.boundary.arn",
    );
    let wide = boundary.replace("s3:Get*", "*");
    let help = |boundary: &str| {
        let folder =
            folder(&[("infra/main.tf", &(role.clone() + boundary)), ("reader.nhi.hcl", READER)]);
        let line = "infra --templates reader.nhi.hcl --select TPL001 --format json";
        let (output, ..) = run_in(folder.path(), line);
        let json: Json = serde_json::from_str(&output).unwrap();
        json["findings"][0]["help"].as_str().unwrap().to_owned()
    };
    let narrow = boundary.replace("s3:Get*", "s3:GetObject");
    insta::assert_snapshot!(help(&narrow), @"drop `s3:PutObject`, or name a template that allows it; the boundary `arn:aws:iam::<account>:policy/boundary` takes it away again, but a template is about the policies themselves");
    assert!(!help(&wide).contains("takes it away"), "{}", help(&wide));
}

#[test]
fn concise_is_one_line_a_finding() {
    let folder = demo();
    insta::assert_snapshot!(ran(folder.path(), "check infra --templates templates"), @r"
    infra/main.tf:21:64: TPL001[outside-template] `aws_iam_role.export` may do `s3:PutObject` on `arn:aws:s3:::ledger/x`, which template `s3-object-reader@1.2.0` does not allow (aws_iam_role_policy.export.policy)
    infra/user.tf:1:1: OWN001[ungoverned-identity] no governance record answers for `aws_iam_user.robot`
    --- stderr
    2 errors: 2 machine identities in 3 resources; 1 with an owner, 1 with a purpose, 1 with an end date, 1 with a template
    --- exit 1
    ");
}

#[test]
fn json_has_the_shape_of_the_contract() {
    let folder = demo();
    let (output, errors, code) =
        run_in(folder.path(), "check infra --templates templates --select TPL --format json");
    assert_eq!((errors.as_str(), code), ("", 1));
    let json: Json = serde_json::from_str(&output).unwrap();
    insta::assert_snapshot!(format!("{json:#}"), @r#"
    {
      "findings": [
        {
          "address": "aws_iam_role_policy.export",
          "code": "TPL001",
          "counterexample": {
            "action": "s3:PutObject",
            "context": {},
            "principal": null,
            "resource": "arn:aws:s3:::ledger/x"
          },
          "help": "drop `s3:PutObject`, or name a template that allows it",
          "message": "`aws_iam_role.export` may do `s3:PutObject` on `arn:aws:s3:::ledger/x`, which template `s3-object-reader@1.2.0` does not allow",
          "path": "policy",
          "references": [
            "owasp-nhi:NHI5:2025",
            "nist-csf-2.0:PR.AA-05",
            "nist-800-53r5:AC-6",
            "cis-8.1:6.8",
            "iso27001-2022:A.5.15",
            "soc2-2017:CC6.3",
            "pci-dss-4.0.1:7.2.5",
            "csa-ccm-4.0:IAM-05"
          ],
          "rule": "outside-template",
          "severity": "error",
          "span": {
            "column": 64,
            "end_column": 78,
            "end_line": 21,
            "file": "main.tf",
            "line": 21
          },
          "suppressed": null,
          "template": "s3-object-reader@1.2.0"
        }
      ],
      "metrics": {
        "expiry_coverage": 0.5,
        "owner_coverage": 0.5,
        "purpose_coverage": 0.5,
        "template_coverage": 0.5,
        "undecided": 0
      },
      "now": "2026-11-21T12:00:00Z",
      "summary": {
        "error": 1,
        "identities": 2,
        "info": 0,
        "resources": 3,
        "suppressed": 0,
        "warning": 0
      },
      "tool": {
        "name": "nhi-lint",
        "version": "0.1.0"
      },
      "version": 1
    }
    "#);
}

#[test]
fn sarif_has_rules_places_and_fingerprints() {
    let folder = demo();
    let (output, ..) = run_in(folder.path(), "check infra --templates templates --format sarif");
    let log: Json = serde_json::from_str(&output).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), crate::rules::RULES.len());
    for rule in rules {
        assert!(rule["help"]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        assert!(
            rule["shortDescription"]["text"].as_str().is_some_and(|text| !text.is_empty()),
            "{rule}"
        );
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    let mut prints = Vec::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64().is_some_and(|line| line > 0), "{result}");
        prints.push(result["partialFingerprints"]["nhiLint/v1"].as_str().unwrap().to_owned());
    }
    prints.dedup();
    assert_eq!(prints.len(), 2);
    insta::assert_snapshot!(format!("{:#}", results[0]), @r#"
    {
      "level": "error",
      "locations": [
        {
          "logicalLocations": [
            {
              "fullyQualifiedName": "aws_iam_role_policy.export",
              "kind": "resource"
            }
          ],
          "physicalLocation": {
            "artifactLocation": {
              "uri": "infra/main.tf"
            },
            "region": {
              "endColumn": 78,
              "endLine": 21,
              "startColumn": 64,
              "startLine": 21
            }
          }
        }
      ],
      "message": {
        "text": "`aws_iam_role.export` may do `s3:PutObject` on `arn:aws:s3:::ledger/x`, which template `s3-object-reader@1.2.0` does not allow (aws_iam_role_policy.export.policy)\ndrop `s3:PutObject`, or name a template that allows it"
      },
      "partialFingerprints": {
        "nhiLint/v1": "127cf65631e15a81338ef502ef034405"
      },
      "relatedLocations": [
        {
          "id": 1,
          "message": {
            "text": "template `s3-object-reader@1.2.0` allows this at most"
          },
          "physicalLocation": {
            "artifactLocation": {
              "uri": "templates/reader.nhi.hcl"
            },
            "region": {
              "startLine": 10
            }
          }
        }
      ],
      "ruleId": "TPL001",
      "ruleIndex": 9
    }
    "#);
}

#[test]
fn two_runs_say_the_same_byte_for_byte() {
    let folder = demo();
    for format in ["pretty", "concise", "json", "sarif"] {
        let line = format!("check infra --templates templates --format {format}");
        assert_eq!(ran(folder.path(), &line), ran(folder.path(), &line), "{format}");
    }
}

#[test]
fn formats_go_to_files() {
    let folder = demo();
    let line = "check infra --templates templates --format json=a.json --format sarif=a.sarif --format concise";
    let (output, _, code) = run_in(folder.path(), line);
    assert_eq!((output.lines().count(), code), (2, 1));
    for file in ["a.json", "a.sarif"] {
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(serde_json::from_str::<Json>(&text).is_ok(), "{file}");
    }
}

#[test]
fn severity_selection_and_limits_decide_the_exit_code() {
    let folder = demo();
    let code =
        |line: &str| run_in(folder.path(), &format!("check infra --templates templates {line}")).2;
    assert_eq!(code(""), 1);
    assert_eq!(code("--fail-on never"), 0);
    assert_eq!(code("--select EXP"), 0);
    assert_eq!(code("--select TPL001,own001"), 1);
    assert_eq!(code("--ignore TPL,ungoverned-identity"), 0);
    assert_eq!(code("--now 2027-07-02T00:00:00Z --select EXP002"), 1);
}

#[test]
fn settings_are_found_above_the_first_path() {
    let settings = "templates = [\"templates\"]\nignore = [\"OWN\"]\nseverity = { TPL001 = \"warning\" }\nformat = [\"concise\"]\n";
    let folder = folder(&[
        (".nhi-lint.hcl", settings),
        ("infra/main.tf", ROLE),
        ("infra/user.tf", USER),
        ("templates/reader.nhi.hcl", READER),
    ]);
    insta::assert_snapshot!(ran(folder.path(), "check infra"), @r"
    infra/main.tf:21:64: TPL001[outside-template] `aws_iam_role.export` may do `s3:PutObject` on `arn:aws:s3:::ledger/x`, which template `s3-object-reader@1.2.0` does not allow (aws_iam_role_policy.export.policy)
    --- stderr
    1 warning: 2 machine identities in 3 resources; 1 with an owner, 1 with a purpose, 1 with an end date, 1 with a template
    --- exit 0
    ");
    assert_eq!(run_in(folder.path(), "check infra --fail-on warning").2, 1);
}

#[test]
fn keys_of_the_organisation_are_read() {
    let settings = "metadata {\n  owner = [\"Team\"]\n}\n";
    let user = "resource \"aws_iam_user\" \"robot\" {\n  name = \"robot\"\n  tags = { Team = \"payments\" }\n}\n";
    let folder = folder(&[(".nhi-lint.hcl", settings), ("main.tf", user)]);
    assert_eq!(run_in(folder.path(), "check . --select OWN").2, 0);
}

#[test]
fn what_cannot_be_read_fails_the_run_and_the_rest_is_judged() {
    let folder = folder(&[
        ("main.tf", USER),
        ("broken.tf", "resource \"aws_iam_user\" {\n"),
        ("empty/readme.txt", ""),
    ]);
    let (output, errors, code) = run_in(folder.path(), "check .");
    assert_eq!(code, 2);
    assert!(output.contains("OWN001"), "{output}");
    assert!(errors.contains("broken.tf"), "{errors}");
    assert_eq!(run_in(folder.path(), "check empty").2, 2);
    assert_eq!(run_in(folder.path(), "check empty --allow-empty").2, 0);
    assert_eq!(run_in(folder.path(), "check nowhere").2, 2);
}

/// A reader that has seen enough.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_broken_pipe_is_no_error_and_changes_no_verdict() {
    let folder = demo();
    let mut errors = Vec::new();
    let code = run(
        ["nhi-lint", "check", "infra"].map(Into::into),
        World {
            folder: folder.path(),
            variables: Vec::new(),
            input: &mut io::empty(),
            output: &mut Closed,
            errors: &mut errors,
            now: now(),
            terminal: PLAIN,
        },
    );
    let errors = String::from_utf8(errors).unwrap();
    assert!(code == 1 && !errors.contains("cannot write"), "{code}: {errors}");
}
