//! The whole chain with the real AWS provider: template, governed identity, role, plan, lint.

use std::env;

use super::{EXPORT, HEAD, beside_aws, code, ok, project};
use tests::{Project, Workbench, skip};

const ROLE: &str = r#"
provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  skip_region_validation      = true
}

resource "aws_iam_role" "export" {
  name                 = nhi_service_account.export.principal_name
  assume_role_policy   = nhi_service_account.export.aws.trust
  permissions_boundary = "arn:aws:iam::123456789012:policy/nhi-boundary"
  tags                 = nhi_service_account.export.tags
}

resource "aws_iam_role_policy" "export" {
  name   = "export"
  role   = aws_iam_role.export.id
  policy = nhi_service_account.export.aws.permissions
}
"#;

const LINT: [&str; 5] = ["check", "tfplan", "--templates", "templates", "--format=json"];

fn plan(project: &Project<'_>, role: &str) {
    let head = beside_aws(HEAD);
    project.write("main.tf", &format!("{head}{EXPORT}{role}")).expect("main.tf");
    ok(project, &["init", "-input=false", "-no-color"]);
    code(project, &["plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=tfplan"], 2);
}

#[test]
fn a_role_that_takes_its_policy_from_a_governed_identity_is_clean() {
    let Some(bench) = Workbench::or_skip() else { return };
    if env::var_os("NHI_TEST_PROVIDER_MIRROR").is_none() {
        return skip("NHI_TEST_PROVIDER_MIRROR names no mirror with the AWS provider");
    }
    let project = project(&bench, "chain", EXPORT);
    plan(&project, ROLE);
    let clean = project.lint(&LINT).expect("nhi-lint runs");
    assert_eq!(clean.code, Some(0), "{}", clean.text());
    let report: serde_json::Value = serde_json::from_str(&clean.stdout).expect("JSON");
    assert!(report["summary"]["identities"].as_u64().is_some_and(|it| it >= 2), "{report:#}");

    // One action beside the governed policy, and the same plan is refused.
    let wider = ROLE.replace(
        "policy = nhi_service_account.export.aws.permissions",
        r#"policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(jsondecode(nhi_service_account.export.aws.permissions).Statement, [{
      Effect   = "Allow"
      Action   = "s3:DeleteObject"
      Resource = "arn:aws:s3:::payments-ledger/*"
    }])
  })"#,
    );
    plan(&project, &wider);
    let refused = project.lint(&LINT).expect("nhi-lint runs");
    assert_eq!(refused.code, Some(1), "{}", refused.text());
    let report: serde_json::Value = serde_json::from_str(&refused.stdout).expect("JSON");
    let found = report["findings"].as_array().into_iter().flatten().any(|finding| {
        finding["code"] == "TPL001"
            && finding["address"] == "aws_iam_role_policy.export"
            && finding["counterexample"]["action"] == "s3:DeleteObject"
    });
    assert!(found, "{report:#}");
}
