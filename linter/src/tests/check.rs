//! `check` as a whole: formats, exit codes, settings, determinism.

use serde_json::Value as Json;

use super::READER;
use super::commands::{folder, ran, run_in};

const ROLE: &str = r#"
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
    insta::assert_snapshot!(ran(folder.path(), "infra --templates templates --format pretty"), @"");
}

#[test]
fn concise_is_one_line_a_finding() {
    let folder = demo();
    insta::assert_snapshot!(ran(folder.path(), "check infra --templates templates"), @"");
}

#[test]
fn json_has_the_shape_of_the_contract() {
    let folder = demo();
    let (output, errors, code) =
        run_in(folder.path(), "check infra --templates templates --format json");
    assert_eq!((errors.as_str(), code), ("", 1));
    let json: Json = serde_json::from_str(&output).unwrap();
    insta::assert_snapshot!(format!("{json:#}"), @"");
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
    insta::assert_snapshot!(format!("{:#}", results[0]), @"");
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
    insta::assert_snapshot!(ran(folder.path(), "check infra"), @"");
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
