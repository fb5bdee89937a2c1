//! Plans of the real AWS provider, and what governed resources render, as `check` judges them.

use super::*;

/// The three forms of a configuration that the real AWS provider planned, without what differs by nature: the folder.
fn forms(name: &str) -> [String; 3] {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    ["/tfplan", "/plan.json", ""].map(|form| {
        let templates = "--templates examples/templates/s3-object-reader.nhi.hcl";
        let line = format!("check tests/plans/{name}{form} {templates} --format concise");
        ran(root, &line).replace(&format!("tests/plans/{name}/"), "")
    })
}

#[test]
fn a_policy_that_the_plan_does_not_know_is_rejected() {
    let [plan_file, plan_json, folder] = forms("new-bucket-role");
    insta::assert_snapshot!(plan_file, @r"
    main.tf:41:35: TPL001[outside-template] `aws_iam_role.export` may do `s3:PutObject` on `arn:aws:s3:::payments-ledger/x`, which template `s3-object-reader@1.2.0` does not allow (aws_iam_role_policy.export.policy)
    --- stderr
    1 error: 1 machine identity in 3 resources; 1 with an owner, 1 with a purpose, 1 with an end date, 1 with a template
    --- exit 1
    ");
    assert_eq!(plan_file, plan_json);
    assert_eq!(plan_file, folder);
}

#[test]
fn power_users_are_outside_every_template() {
    let [plan_file, plan_json, folder] = forms("ci-oidc");
    insta::assert_snapshot!(plan_file, @r#"
    main.tf:31:1: OWN001[ungoverned-identity] no governance record answers for `aws_iam_role.ci["api"]`
    main.tf:31:1: OWN001[ungoverned-identity] no governance record answers for `aws_iam_role.ci["web"]`
    main.tf:40:16: TPL001[outside-template] `aws_iam_role.ci["api"]` may do `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, which no template allows; the nearest is `s3-object-reader@1.2.0` (aws_iam_role_policy_attachment.ci["api"].policy_arn)
    main.tf:40:16: PRV001[admin-grant] `PowerUserAccess` allows every action but a few on every resource (aws_iam_role_policy_attachment.ci["api"].policy_arn)
    main.tf:40:16: TPL001[outside-template] `aws_iam_role.ci["web"]` may do `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, which no template allows; the nearest is `s3-object-reader@1.2.0` (aws_iam_role_policy_attachment.ci["web"].policy_arn)
    main.tf:40:16: PRV001[admin-grant] `PowerUserAccess` allows every action but a few on every resource (aws_iam_role_policy_attachment.ci["web"].policy_arn)
    --- stderr
    6 errors: 2 machine identities in 5 resources; 0 with an owner, 0 with a purpose, 0 with an end date, 0 with a template
    --- exit 1
    "#);
    assert_eq!(plan_file, plan_json);
    assert_eq!(plan_file, folder);
}

#[test]
fn users_and_keys_of_a_module_are_found_in_its_files() {
    let [plan_file, plan_json, folder] = forms("users-and-keys");
    insta::assert_snapshot!(plan_file, @r"
    modules/robot/main.tf:5:1: OWN001[ungoverned-identity] no governance record answers for `module.robot[0].aws_iam_user.this`
    modules/robot/main.tf:5:1: OWN001[ungoverned-identity] no governance record answers for `module.robot[1].aws_iam_user.this`
    modules/robot/main.tf:11:1: OWN001[ungoverned-identity] no governance record answers for `module.robot[0].aws_iam_access_key.this`
    modules/robot/main.tf:11:1: CRE001[long-lived-credential] `module.robot[0].aws_iam_access_key.this` is a credential that never expires
    modules/robot/main.tf:11:1: OWN001[ungoverned-identity] no governance record answers for `module.robot[1].aws_iam_access_key.this`
    modules/robot/main.tf:11:1: CRE001[long-lived-credential] `module.robot[1].aws_iam_access_key.this` is a credential that never expires
    modules/robot/main.tf:17:12: TPL001[outside-template] `module.robot[0].aws_iam_user.this` may do `iam:PassRole` on `arn:aws:iam::111122223333:role/example`, which no template allows; the nearest is `s3-object-reader@1.2.0` (module.robot[0].aws_iam_user_policy.this.policy)
    modules/robot/main.tf:17:12: TPL001[outside-template] `module.robot[1].aws_iam_user.this` may do `iam:PassRole` on `arn:aws:iam::111122223333:role/example`, which no template allows; the nearest is `s3-object-reader@1.2.0` (module.robot[1].aws_iam_user_policy.this.policy)
    --- stderr
    8 errors: 2 machine identities in 6 resources; 0 with an owner, 0 with a purpose, 0 with an end date, 0 with a template
    --- exit 1
    ");
    assert_eq!(plan_file, plan_json);
    assert_eq!(plan_file, folder);
}

const GOVERNED: &str = r#"
resource "nhi_workload_identity" "export" {
  name       = "export"
  owner      = "payments"
  purpose    = "Nightly export of invoices to the ledger bucket"
  expiry     = "2027-06-30"
  template   = "s3-object-reader@1"
  parameters = { bucket = "ledger" }
}

resource "aws_iam_role" "export" {
  for_each           = toset(["a", "b"])
  name               = "export-${each.key}"
  assume_role_policy = nhi_workload_identity.export.aws.trust
  tags               = nhi_workload_identity.export.tags
}

resource "aws_iam_role_policy" "export" {
  for_each = aws_iam_role.export
  role     = each.value.id
  policy   = nhi_workload_identity.export.aws.permissions
}
"#;

const MORE: &str = r#"
resource "aws_iam_policy" "more" {
  name   = "more"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::other/*" }] })
}

resource "aws_iam_role_policy_attachment" "more" {
  role       = aws_iam_role.export["a"].name
  policy_arn = aws_iam_policy.more.arn
}

variable "wide" {}

resource "aws_iam_role_policy_attachment" "one_of_two" {
  role       = aws_iam_role.export["b"].name
  policy_arn = var.wide ? "arn:aws:iam::aws:policy/AdministratorAccess" : aws_iam_policy.more.arn
}
"#;

#[test]
fn the_whole_chain_is_clean_and_nothing_hides_beside_it() {
    let clean = folder(&[("main.tf", GOVERNED), ("t.nhi.hcl", READER)]);
    insta::assert_snapshot!(ran(clean.path(), "check . --templates t.nhi.hcl"), @r"
    --- stderr
    no findings: 3 machine identities in 5 resources; 3 with an owner, 3 with a purpose, 3 with an end date, 3 with a template
    --- exit 0
    ");
    let more = folder(&[("main.tf", GOVERNED), ("more.tf", MORE), ("t.nhi.hcl", READER)]);
    insta::assert_snapshot!(ran(more.path(), "check . --templates t.nhi.hcl"), @r#"
    more.tf:4:91: TPL001[outside-template] `aws_iam_role.export["a"]` may do `s3:GetObject` on `arn:aws:s3:::other/x`, which template `s3-object-reader@1.2.0` does not allow (aws_iam_policy.more.policy)
    more.tf:16:16: TPL005[undecided-grant] permissions in `aws_iam_role_policy_attachment.one_of_two` cannot be compared with template `s3-object-reader@1.2.0`: which policy `arn:aws:iam::<var.wide ? … : …>` is, is not known before apply
    --- stderr
    2 errors: 3 machine identities in 8 resources; 3 with an owner, 3 with a purpose, 3 with an end date, 3 with a template
    --- exit 1
    "#);
}
