//! Stacks of `CloudFormation`: what a template makes is judged like the provider's own resources.

use super::{all, planned};

const YAML: &str = r#"
resource "aws_cloudformation_stack" "export" {
  name       = "export"
  parameters = { Bucket = "ledger" }
  template_body = <<-YAML
    Parameters:
      Bucket: {Type: String}
    Resources:
      ExportRole:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: "sts:AssumeRole"}
          ManagedPolicyArns:
            - !Ref Readers
          Tags:
            - {Key: "nhi:owner", Value: payments}
      Readers:
        Type: AWS::IAM::ManagedPolicy
        Properties:
          PolicyDocument:
            Version: "2012-10-17"
            Statement: {Effect: Allow, Action: "s3:GetObject", Resource: !Sub "arn:$${AWS::Partition}:s3:::$${Bucket}/*"}
      More:
        Type: AWS::IAM::Policy
        Properties:
          PolicyName: more
          Roles: [!Ref ExportRole]
          PolicyDocument:
            Version: "2012-10-17"
            Statement: {Effect: Allow, Action: "*", Resource: "*"}
      Robot:
        Type: AWS::IAM::User
      Key:
        Type: AWS::IAM::AccessKey
        Properties: {UserName: !Ref Robot}
      Function:
        Type: AWS::Serverless::Function
        Properties:
          Policies: [AdministratorAccess, {S3ReadPolicy: {BucketName: !Ref Bucket}}]
    Transform: AWS::Serverless-2016-10-31
  YAML
}
"#;

#[test]
fn roles_users_and_policies_of_a_template() {
    insta::assert_snapshot!(all(YAML), @r"
    main.tf:5:19: PUR001[missing-purpose] `aws_cloudformation_stack.export/ExportRole` has no purpose
    main.tf:5:19: EXP001[missing-expiry] `aws_cloudformation_stack.export/ExportRole` has no end date
    main.tf:5:19: OWN001[ungoverned-identity] no governance record answers for `aws_cloudformation_stack.export/FunctionRole`
    main.tf:15:82: TPL001[outside-template] `lambda.amazonaws.com` may become `aws_cloudformation_stack.export/FunctionRole` by `sts:AssumeRole`, which no template allows; the nearest is `app-reader@1.0.0`
    main.tf:5:19: PRV001[admin-grant] `AdministratorAccess` allows every action on every resource (aws_cloudformation_stack.export.template_body)
    main.tf:5:19: OWN001[ungoverned-identity] no governance record answers for `aws_cloudformation_stack.export/Key`
    main.tf:5:19: CRE001[long-lived-credential] `aws_cloudformation_stack.export/Key` is a credential that never expires
    main.tf:5:19: PRV001[admin-grant] the policy allows every action on every resource (aws_cloudformation_stack.export.template_body)
    main.tf:25:48: TPL001[outside-template] `aws_cloudformation_stack.export/ExportRole` may do `s3:GetObject` on `arn:example:s3:::ledger/x`, which no template allows; the nearest is `app-reader@1.0.0`
    main.tf:5:19: OWN001[ungoverned-identity] no governance record answers for `aws_cloudformation_stack.export/Robot`
    --- exit 1
    ");
}

#[test]
fn what_cannot_be_seen_is_undecided() {
    let stack = |arguments: &str| {
        format!(
            "variable \"u\" {{}}\nresource \"aws_cloudformation_stack\" \"s\" {{\n  name = \"s\"\n  {arguments}\n}}\n"
        )
    };
    let body = |body: &str| stack(&format!("template_body = jsonencode({body})"));
    let role = |properties: &str| {
        body(&format!(
            "{{ Resources = {{ R = {{ Type = \"AWS::IAM::Role\", Properties = {properties} }} }} }}"
        ))
    };
    for main in [
        stack("template_url = \"https://example.com/t.yaml\""),
        stack("template_url = var.u"),
        stack("template_body = var.u"),
        stack("template_body = \"no template\""),
        stack(
            "template_body = \"Resources: {X: {Type: 'AWS::S3::Bucket', Properties: {BucketName: ${var.u}}}}\"",
        ),
        stack("template_body = file(var.u)"),
        body("{ Resources = var.u }"),
        body("{ Resources = { R = var.u } }"),
        body("{ Resources = { R = { Type = var.u } } }"),
        body("{ Resources = { \"Fn::ForEach::R\" = [] } }"),
        body("{ Transform = \"Own\", Resources = {} }"),
        body("{ Resources = { S = { Type = \"AWS::CloudFormation::Stack\" } } }"),
        role("var.u"),
        role("{ AssumeRolePolicyDocument = var.u }"),
        role("{ Policies = var.u }"),
        role("{ Policies = [{ PolicyName = \"x\", PolicyDocument = var.u }] }"),
        role("{ Policies = { \"Fn::If\" = [\"c\", [], []] } }"),
        role("{ ManagedPolicyArns = [{ \"Fn::ImportValue\" = \"x\" }] }"),
    ] {
        let found = all(&main);
        assert!(found.contains("TPL005") && found.ends_with("exit 1"), "{main}{found}");
    }
}

#[test]
fn a_plan_says_the_same() {
    let template = serde_json::json!({ "Resources": { "R": { "Type": "AWS::IAM::Role", "Properties": {
        "RoleName": "r",
        "AssumeRolePolicyDocument": { "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" }, "Action": "sts:AssumeRole" }] },
        "Policies": [{ "PolicyName": "p", "PolicyDocument": { "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] } }],
    } } } });
    let none = || serde_json::json!({});
    let resources = [
        (
            "aws_cloudcontrolapi_resource.r",
            serde_json::json!({ "type_name": "AWS::IAM::User", "desired_state": "{\"UserName\":\"x\"}" }),
            none(),
        ),
        (
            "aws_cloudformation_stack_set.s",
            serde_json::json!({ "template_body": template.to_string() }),
            none(),
        ),
        (
            "aws_cloudformation_stack.u",
            none(),
            serde_json::json!({ "template_body": true, "template_url": true }),
        ),
    ];
    insta::assert_snapshot!(planned(&resources), @r"
    aws_cloudcontrolapi_resource.r.desired_state: OWN001[ungoverned-identity] no governance record answers for `aws_cloudcontrolapi_resource.r/r`
    aws_cloudformation_stack.u.template_body: TPL005[undecided-grant] permissions in `aws_cloudformation_stack.u` cannot be compared with template `app-reader@1.0.0`: what `template_body` makes is not known before apply
    aws_cloudformation_stack_set.s.template_body: OWN001[ungoverned-identity] no governance record answers for `aws_cloudformation_stack_set.s/R`
    aws_cloudformation_stack_set.s.template_body: TPL001[outside-template] `aws_cloudformation_stack_set.s/R` may do `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, which no template allows; the nearest is `app-reader@1.0.0`
    aws_cloudformation_stack_set.s.template_body: PRV001[admin-grant] the policy allows every action on every resource
    --- exit 1
    ");
}
