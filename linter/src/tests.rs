//! Whole commands, and the rules about rules.

mod ceilings;
mod check;
mod commands;
mod contains;
mod discover;
mod disguised;
mod flow;
mod given;
mod hidden;
mod planned;
mod platforms;
mod rendered;
mod rows;
pub(crate) mod rules;
pub(crate) mod sketch;
mod smuggled;

use jiff::Timestamp;
use policy::governance::Keys;
use policy::template::Library;
use serde_json::{Value as Json, json};

use crate::cli::Terminal;
use crate::identity::Graph;
use crate::lint::{Selected, lint};
use crate::model::Model;
use crate::report::{Counts, Format, Report};
use crate::rule::{Context, Known, Rule};
use crate::rules::RULES;

/// The clock of all tests.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// Standard output as a file: no colour, no links, 80 columns.
pub(crate) const PLAIN: Terminal = Terminal { interactive: false, colour: false, width: 80 };

const READER: &str = r#"
template "s3-object-reader" {
  version = "1.2.0"
  parameter "bucket" {
    pattern = "[a-z0-9][a-z0-9.-]{2,62}"
  }
  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::${param.bucket}/*"]
      }]
    })
    trust = jsonencode({
      Version = "2012-10-17"
      Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
    })
  }
}
"#;

/// What every rule finds in a sketch, one line each.
fn found(sketch: &Json, templates: &str) -> String {
    found_by(RULES, sketch, templates)
}

fn found_by(rules: &[&'static Rule], sketch: &Json, templates: &str) -> String {
    let (library, errors) = Library::parse(&[("templates.nhi.hcl", templates)]);
    assert!(errors.is_empty(), "{errors:?}");
    let known = Known { library: library.into(), ..Known::default() };
    found_in(rules, &sketch::model(sketch), &known)
}

fn found_in(rules: &[&'static Rule], model: &Model, known: &Known) -> String {
    let graph = Graph::new(model, &Keys::default());
    let context = Context::new(model, &graph, known, now(), "");
    let rules: Vec<Selected> =
        rules.iter().map(|rule| Selected { rule, severity: rule.severity }).collect();
    let findings = lint(&rules, &context);
    let mut counts = Counts::default();
    counts.add(&context);
    let report = Report { findings, rules, now: now(), counts, problems: Vec::new() };
    report.render(Format::Concise, PLAIN)
}

fn allow(action: &[&str], resource: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": resource }] })
        .to_string()
}

fn ec2() -> String {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }
    ] })
    .to_string()
}

fn tags() -> Json {
    json!({
        "nhi:owner": "payments",
        "nhi:purpose": "Nightly export of invoices to the ledger bucket",
        "nhi:expiry": "2027-06-30",
        "nhi:template": "s3-object-reader@1.2.0",
    })
}

#[test]
fn an_inline_policy_joins_its_role_by_reference() {
    let sketch = json!({
        "aws_iam_role.export": { "name": "export", "assume_role_policy": ec2(), "tags": tags() },
        "aws_iam_role_policy.export": {
            "role": "${aws_iam_role.export.id}",
            "&role": ["aws_iam_role.export id"],
            "policy": allow(&["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::ledger/*"),
        },
    });
    insta::assert_snapshot!(found(&sketch, READER), @"aws_iam_role_policy.export.policy: TPL001[outside-template] `aws_iam_role.export` may do `s3:PutObject` on `arn:aws:s3:::ledger/x`, which template `s3-object-reader@1.2.0` does not allow");
}

#[test]
fn an_attachment_to_a_role_that_is_made_elsewhere_counts() {
    let sketch = json!({
        "aws_iam_role_policy_attachment.x": { "role": "legacy", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess" },
    });
    insta::assert_snapshot!(found(&sketch, READER), @r"
    aws_iam_role_policy_attachment.x.policy_arn: TPL001[outside-template] `legacy` may do `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, which no template allows; the nearest is `s3-object-reader@1.2.0`
    aws_iam_role_policy_attachment.x.policy_arn: PRV001[admin-grant] `AdministratorAccess` allows every action on every resource
    ");
}

#[test]
fn a_user_with_a_key_and_no_record() {
    let sketch = json!({
        "aws_iam_user.robot": { "name": "robot", "tags": { "team": "platform" } },
        "aws_iam_access_key.robot": { "user": "robot", "&user": ["aws_iam_user.robot name"] },
        "aws_iam_user_policy.robot": { "user": "robot", "policy": allow(&["lambda:*"], "*") },
    });
    insta::assert_snapshot!(found(&sketch, ""), @r"
    aws_iam_access_key.robot: OWN001[ungoverned-identity] no governance record answers for `aws_iam_access_key.robot`
    aws_iam_access_key.robot: CRE001[long-lived-credential] `aws_iam_access_key.robot` is a credential that never expires
    aws_iam_user.robot: OWN001[ungoverned-identity] no governance record answers for `aws_iam_user.robot`
    aws_iam_user_policy.robot.policy: TPL001[outside-template] `aws_iam_user.robot` may do `lambda:InvokeFunction` on `arn:aws:lambda:us-east-1:111122223333:function:example`, and no template was published
    ");
}

#[test]
fn a_permission_of_a_group_is_one_of_its_members() {
    let sketch = json!({
        "aws_iam_group.robots": { "name": "robots" },
        "aws_iam_group_policy.robots": { "group": "robots", "policy": allow(&["*"], "*") },
        "aws_iam_user.robot": { "name": "robot", "tags": tags() },
        "aws_iam_user_group_membership.robot": { "user": "robot", "groups": ["robots"] },
    });
    insta::assert_snapshot!(found(&sketch, READER), @r"
    aws_iam_group_policy.robots.policy: TPL001[outside-template] `aws_iam_user.robot` may do `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, which template `s3-object-reader@1.2.0` does not allow
    aws_iam_group_policy.robots.policy: PRV001[admin-grant] the policy allows every action on every resource
    ");
}

#[test]
fn a_policy_that_two_roles_share_is_one_culprit() {
    let sketch = json!({
        "aws_iam_policy.shared": { "name": "shared", "policy": allow(&["*"], "*") },
        "aws_iam_role.a": { "name": "a", "assume_role_policy": ec2(), "tags": tags() },
        "aws_iam_role.b": { "name": "b", "assume_role_policy": ec2(), "tags": tags() },
        "aws_iam_policy_attachment.both": {
            "roles": ["a", "b"],
            "policy_arn": "${aws_iam_policy.shared.arn}",
            "&policy_arn": ["aws_iam_policy.shared arn"],
        },
    });
    insta::assert_snapshot!(found(&sketch, READER), @r"
    aws_iam_policy.shared.policy: TPL001[outside-template] `aws_iam_role.a` may do `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, which template `s3-object-reader@1.2.0` does not allow
    aws_iam_policy.shared.policy: TPL001[outside-template] `aws_iam_role.b` may do `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, which template `s3-object-reader@1.2.0` does not allow
    aws_iam_policy.shared.policy: PRV001[admin-grant] the policy allows every action on every resource
    ");
}

#[test]
fn what_derives_from_a_governed_resource_is_governed() {
    let sketch = json!({
        "nhi_workload_identity.export": {
            "name": "export",
            "owner": "payments",
            "purpose": "Nightly export of invoices to the ledger bucket",
            "expiry": "2027-06-30",
            "template": "s3-object-reader@1.2.0",
            "parameters": { "bucket": "ledger" },
        },
        "aws_iam_role.export": {
            "name": "export",
            "assume_role_policy": "${nhi_workload_identity.export.aws.trust}",
            "&assume_role_policy": ["nhi_workload_identity.export aws.trust"],
            "tags": "${nhi_workload_identity.export.tags}",
            "&tags": ["nhi_workload_identity.export tags"],
        },
        "aws_iam_role_policy.export": {
            "role": "export",
            "policy": "${nhi_workload_identity.export.aws.permissions}",
            "&policy": ["nhi_workload_identity.export aws.permissions"],
        },
        "aws_iam_role_policy.more": { "role": "export", "policy": allow(&["s3:GetObject"], "arn:aws:s3:::other/*") },
    });
    insta::assert_snapshot!(found(&sketch, READER), @"aws_iam_role_policy.more.policy: TPL001[outside-template] `aws_iam_role.export` may do `s3:GetObject` on `arn:aws:s3:::other/x`, which template `s3-object-reader@1.2.0` does not allow");
}

#[test]
fn a_record_that_is_not_known_is_not_a_record() {
    let sketch = json!({
        "aws_iam_role.a": { "name": "a", "assume_role_policy": ec2(), "tags": "${var.tags}" },
        "aws_iam_role.b": { "name": "b", "assume_role_policy": ec2(), "tags": { "team": "${var.team}" }, "tags_all": "${aws_iam_role.b.tags_all}" },
    });
    insta::assert_snapshot!(found(&sketch, READER), @r"
    aws_iam_role.a: OWN001[ungoverned-identity] the governance record of `aws_iam_role.a` is not known before apply: `var.tags` has no value
    aws_iam_role.a.tags: TPL005[undecided-grant] permissions in `aws_iam_role.a` cannot be compared with a template: which template it names comes from `var.tags`, which is not known before apply
    aws_iam_role.b: OWN001[ungoverned-identity] no governance record answers for `aws_iam_role.b`
    aws_iam_role.b: TPL002[undeclared-template] `aws_iam_role.b` fits template `s3-object-reader@1.2.0` and names none
    ");
}

#[test]
fn google_roles_reach_their_service_accounts() {
    let sketch = json!({
        "google_service_account.robot": { "account_id": "robot", "description": "Robot. nhi:v1;own=payments;exp=2027-06-30;pur=Sends the invoices of the night" },
        "google_project_iam_member.robot": {
            "project": "acme",
            "role": "roles/editor",
            "member": "serviceAccount:${google_service_account.robot.email}",
            "&member": ["google_service_account.robot email"],
        },
        "google_project_iam_binding.people": { "role": "roles/owner", "members": ["user:ada@example.com"], "project": "acme" },
        "google_service_account_key.robot": {
            "service_account_id": "${google_service_account.robot.name}",
            "&service_account_id": ["google_service_account.robot name"],
        },
    });
    insta::assert_snapshot!(found(&sketch, READER), @r"
    google_project_iam_member.robot.role: TPL001[outside-template] `google_service_account.robot` may do `roles/editor` on `//cloudresourcemanager.googleapis.com/projects/acme`, which no template allows; the nearest is `s3-object-reader@1.2.0`
    google_project_iam_member.robot.role: PRV001[admin-grant] `roles/editor` is an administrator's role of `//cloudresourcemanager.googleapis.com/projects/acme`
    google_service_account_key.robot: CRE001[long-lived-credential] `google_service_account_key.robot` is a credential that never expires
    ");
}

#[test]
fn entra_applications_and_their_principals_share_a_record() {
    let sketch = json!({
        "azuread_application.app": { "display_name": "app", "notes": "nhi:v1;own=payments;exp=2027-06-30;pur=Sends the invoices of the night" },
        "azuread_service_principal.app": { "client_id": "${azuread_application.app.client_id}", "&client_id": ["azuread_application.app client_id"] },
        "azuread_application_password.app": { "application_id": "${azuread_application.app.id}", "&application_id": ["azuread_application.app id"] },
        "azurerm_role_assignment.app": {
            "principal_id": "${azuread_service_principal.app.object_id}",
            "&principal_id": ["azuread_service_principal.app object_id"],
            "role_definition_name": "Owner",
            "scope": "/subscriptions/1",
        },
    });
    insta::assert_snapshot!(found(&sketch, READER), @r"
    azuread_application_password.app: CRE001[long-lived-credential] `azuread_application_password.app` is a credential with no end set (default: ends after 2 years)
    azurerm_role_assignment.app.role_definition_name: TPL001[outside-template] `azuread_service_principal.app` may do `Microsoft.Authorization/roleAssignments/write` on `/subscriptions/1`, which no template allows; the nearest is `s3-object-reader@1.2.0`
    azurerm_role_assignment.app.role_definition_name: PRV001[admin-grant] `Owner` is an administrator's role of `/subscriptions/1`
    ");
}

#[test]
fn kubernetes_bindings_reach_their_service_accounts() {
    let sketch = json!({
        "kubernetes_service_account_v1.app": { "metadata": [{ "name": "app", "namespace": "billing" }] },
        "kubernetes_cluster_role_binding_v1.app": {
            "role_ref": [{ "kind": "ClusterRole", "name": "cluster-admin" }],
            "subject": [{ "kind": "ServiceAccount", "name": "app", "namespace": "billing" }],
        },
        "kubernetes_role_v1.reader": {
            "metadata": [{ "name": "reader", "namespace": "billing" }],
            "rule": [{ "api_groups": [""], "resources": ["secrets"], "verbs": ["get"] }],
        },
        "kubernetes_role_binding_v1.reader": {
            "metadata": [{ "name": "reader", "namespace": "billing" }],
            "role_ref": [{ "kind": "Role", "name": "reader" }],
            "subject": [{ "kind": "ServiceAccount", "name": "app", "namespace": "billing" }],
        },
        "kubernetes_secret_v1.plain": { "metadata": [{ "name": "plain" }], "type": "Opaque" },
        "kubernetes_secret_v1.token": { "metadata": [{ "name": "token" }], "type": "kubernetes.io/service-account-token" },
    });
    insta::assert_snapshot!(found(&sketch, READER), @r"
    kubernetes_cluster_role_binding_v1.app.role_ref[0].name: PRV001[admin-grant] the role allows every verb on every resource in the whole cluster
    kubernetes_role_v1.reader.rule[0].verbs: TPL001[outside-template] `kubernetes_service_account_v1.app` may do `get` on `secrets` with name = example and namespace = billing, which no template allows; the nearest is `s3-object-reader@1.2.0`
    kubernetes_secret_v1.token: OWN001[ungoverned-identity] no governance record answers for `kubernetes_secret_v1.token`
    kubernetes_secret_v1.token: CRE001[long-lived-credential] `kubernetes_secret_v1.token` is a credential that never expires
    kubernetes_service_account_v1.app: OWN001[ungoverned-identity] no governance record answers for `kubernetes_service_account_v1.app`
    ");
}

#[test]
fn an_unknown_grant_is_undecided_and_says_what_is_unknown() {
    let sketch = json!({
        "aws_iam_role.a": { "name": "a", "assume_role_policy": ec2(), "tags": tags() },
        "aws_iam_role_policy.a": { "role": "a", "policy": allow(&["s3:GetObject"], "${var.anything}") },
        "aws_iam_role_policy.b": { "role": "a", "policy": "not json" },
    });
    insta::assert_snapshot!(found(&sketch, READER), @r"
    aws_iam_role_policy.a.policy: TPL005[undecided-grant] permissions in `aws_iam_role_policy.a` cannot be compared with template `s3-object-reader@1.2.0`: `var.anything` is not known before apply
    aws_iam_role_policy.b.policy: TPL005[undecided-grant] permissions in `aws_iam_role_policy.b` cannot be compared with template `s3-object-reader@1.2.0`: not a valid policy document: expected a value, found `n`
    ");
}

#[test]
fn what_goes_away_is_not_judged() {
    let sketch = json!({ "aws_iam_user.robot": { "name": "robot" } });
    let mut model = sketch::model(&sketch);
    model.resources[0].action = crate::model::Action::Delete;
    assert!(Graph::new(&model, &Keys::default()).identities.is_empty());
}

#[test]
fn a_sensitive_value_is_never_shown() {
    let mut tags = tags();
    tags["nhi:owner"] = json!("hunter2@example.com");
    tags["nhi:expiry"] = json!("2020-01-31");
    tags["nhi:purpose"] = json!("hunter2@example.com");
    let sketch = json!({
        "aws_iam_role.a": { "name": "a", "assume_role_policy": ec2(), "tags": tags },
        "aws_iam_role_policy.a": { "role": "a", "policy": allow(&["s3:PutObject"], "arn:aws:s3:::hunter2/*") },
    });
    let mut model = sketch::model(&sketch);
    model.resources[0].sensitive =
        ["tags.nhi:owner".to_owned(), "tags.nhi:expiry".to_owned()].into();
    model.resources[1].sensitive = ["policy".to_owned()].into();
    let (library, _) = Library::parse(&[("templates.nhi.hcl", READER)]);
    let known = Known { library: library.into(), ..Known::default() };
    let found = found_in(RULES, &model, &known);
    assert!(!found.contains("hunter2") && !found.contains("2020"), "{found}");
    insta::assert_snapshot!(found, @r#"
    aws_iam_role.a.tags["nhi:purpose"]: PUR002[placeholder-purpose] `aws_iam_role.a`: the purpose `(sensitive)` has fewer than three words
    aws_iam_role.a.tags["nhi:expiry"]: EXP002[expired] `aws_iam_role.a.tags["nhi:expiry"]` breaks `expired`; the value is sensitive and not shown
    aws_iam_role_policy.a.policy: TPL001[outside-template] `aws_iam_role_policy.a.policy` breaks `outside-template`; the value is sensitive and not shown
    "#);
}
