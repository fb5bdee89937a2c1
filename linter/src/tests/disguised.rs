//! Texts that say one thing to a hasty reader and another to the platform: each is refused or undecided, never clean.

use super::commands::{folder, run_in};

const TEMPLATES: &str = r#"
template "r" {
  version = "1.0.0"
  aws {
    permissions = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::b/*"] }] })
    trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  }
}
"#;

fn said(main: &str) -> String {
    let folder = folder(&[("main.tf", main), ("t.nhi.hcl", TEMPLATES)]);
    let line = "check . --templates t.nhi.hcl --select OWN001,TPL001,TPL005 --format concise";
    let (output, errors, _) = run_in(folder.path(), line);
    format!("{output}{errors}")
}

#[track_caller]
fn caught(main: &str, code: &str) {
    let said = said(main);
    assert!(said.contains(code), "{main}: {said}");
}

fn manifest(text: &str) -> String {
    format!("resource \"kubectl_manifest\" \"m\" {{\n  yaml_body = {text:?}\n}}\n")
}

const BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: x}\nroleRef: {kind: ClusterRole, name: cluster-admin}\nsubjects: [{kind: ServiceAccount, name: a, namespace: shop}]\n";

#[test]
fn a_manifest_with_a_key_twice_is_not_read() {
    caught(&manifest(&format!("{BINDING}kind: ConfigMap\n")), "TPL005");
    let json =
        r#"{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"x"},"kind":"ConfigMap"}"#;
    caught(&manifest(json), "TPL005");
}

#[test]
fn what_a_mapping_says_itself_counts_over_what_is_merged_into_it() {
    let merged = format!("x: &x {{kind: ConfigMap}}\n{BINDING}<<: *x\n");
    caught(&manifest(&merged), "TPL001");
    let before = format!("<<: {{kind: ConfigMap}}\n{BINDING}");
    caught(&manifest(&before), "TPL001");
}

#[test]
fn groups_of_the_cluster_have_machines_in_them() {
    for group in ["system:authenticated", "system:serviceaccounts", "system:nodes"] {
        let subject = format!("[{{kind: Group, name: '{group}'}}]");
        let text = BINDING.replace("[{kind: ServiceAccount, name: a, namespace: shop}]", &subject);
        caught(&manifest(&text), "TPL001");
    }
    let people = BINDING
        .replace("kind: ServiceAccount, name: a, namespace: shop", "kind: Group, name: team");
    assert!(said(&manifest(&people)).contains("no findings"));
}

#[test]
fn manifests_within_manifests_are_read() {
    let old = BINDING.replace("rbac.authorization.k8s.io", "authorization.openshift.io");
    caught(&manifest(&old.replace("kind: ClusterRole, name", "name")), "TPL001");
    let account = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: q}}";
    caught(
        &manifest(&format!(
            "apiVersion: apiextensions.crossplane.io/v1\nkind: Composition\nmetadata: {{name: x}}\nspec: {{pipeline: [{{input: {{resources: [{{base: {account}}}]}}}}]}}\n"
        )),
        "OWN001",
    );
    caught(
        &manifest(&format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: x}}\nspec: {{values: {{extraObjects: [{account}]}}}}\n"
        )),
        "OWN001",
    );
    caught(
        &manifest(&format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: x}}\nspec: {{source: {{helm: {{valuesObject: {{extraObjects: [{account}]}}}}}}}}\n"
        )),
        "OWN001",
    );
}

/// A stack with one role that is allowed, and more in its properties, beside it, or in the template.
fn stack(properties: &str, resource: &str, template: &str) -> String {
    let role = format!(
        r#"{{"Type": "AWS::IAM::Role", {resource} "Properties": {{{properties} "AssumeRolePolicyDocument": {{"Version": "2012-10-17", "Statement": []}}, "Tags": [{{"Key": "nhi:template", "Value": "r@1.0.0"}}]}}}}"#
    );
    let text = format!(r#"{{{template} "Resources": {{"R": {role}}}}}"#).replace("${", "$${");
    format!(
        "resource \"aws_cloudformation_stack\" \"s\" {{\n  name = \"s\"\n  template_body = {text:?}\n}}\n"
    )
}

#[test]
fn a_template_takes_in_what_is_written_elsewhere() {
    assert!(said(&stack("", "", "")).contains("no findings"));
    let include = r#""Fn::Transform": {"Name": "AWS::Include"},"#;
    caught(&stack(include, "", ""), "TPL005");
    caught(&stack("", include, ""), "TPL005");
    caught(&stack("", "", include), "TPL005");
    let action = |action: &str| {
        format!(
            r#""Policies": [{{"PolicyName": "p", "PolicyDocument": {{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": {action}, "Resource": "arn:aws:s3:::b/*"}}]}}}}],"#
        )
    };
    let stored = |kind: &str| {
        format!(r#""Parameters": {{"P": {{"Type": "{kind}", "Default": "s3:GetObject"}}}},"#)
    };
    let with = action(r#"{"Ref": "P"}"#);
    assert!(said(&stack(&with, "", &stored("String"))).contains("no findings"));
    caught(&stack(&with, "", &stored("AWS::SSM::Parameter::Value<String>")), "TPL005");
    caught(&stack(&action(r#""{{resolve:ssm:/action}}""#), "", ""), "TPL005");
    caught(&stack(&action(r#"{"Fn::Sub": "{{resolve:ssm:/action}}"}"#), "", ""), "TPL005");
    caught(&stack("", r#""Connectors": {"c": {}},"#, ""), "TPL005");
}

#[test]
fn stacks_of_stacks_and_programs_of_templates() {
    let stack = |resource: &str| {
        let text = format!(r#"{{"Resources": {{"R": {resource}}}}}"#);
        format!(
            "resource \"aws_cloudformation_stack\" \"s\" {{\n  name = \"s\"\n  template_body = {text:?}\n}}\n"
        )
    };
    let inner = r#"{\"Resources\": {\"U\": {\"Type\": \"AWS::IAM::User\"}}}"#;
    let set = format!(
        r#"{{"Type": "AWS::CloudFormation::StackSet", "Properties": {{"TemplateBody": "{inner}"}}}}"#
    );
    caught(&stack(&set), "OWN001");
    caught(&stack(r#"{"Type": "AWS::CloudFormation::StackSet"}"#), "TPL005");
    caught(&stack(r#"{"Type": "My::Own::Thing::MODULE"}"#), "TPL005");
    let function =
        r#"{"Type": "AWS::Serverless::Function", "Properties": {"Role": {"Ref": "AWS::NoValue"}}}"#;
    caught(&stack(function), "OWN001");
    let own = said(&stack(r#"{"Type": "Custom::Iam"}"#));
    assert!(
        own.contains("not read: what programs beside the resources do: `the custom resource R`"),
        "{own}"
    );
    let application = "resource \"aws_serverlessapplicationrepository_cloudformation_stack\" \"s\" {\n  name = \"s\"\n  application_id = \"a\"\n  capabilities = [\"CAPABILITY_IAM\"]\n}\n";
    caught(application, "TPL005");
}

#[test]
fn templates_of_azure_that_are_put_together_later() {
    let template = |resources: &str| {
        let text = format!(r#"{{"resources": {resources}}}"#);
        format!(
            "resource \"azurerm_resource_group_template_deployment\" \"s\" {{\n  name = \"s\"\n  template_content = {text:?}\n}}\n"
        )
    };
    caught(&template(r#""[parameters('all')]""#), "TPL005");
    caught(
        &template(
            r#"[{"type": "[concat('Microsoft.Authorization', '/roleAssignments')]", "name": "x"}]"#,
        ),
        "TPL005",
    );
    caught(&template(r#"[], "resources": [{"type": "a/b"}]"#), "TPL005");
    let script = r#"[{"type": "Microsoft.Resources/deploymentScripts", "name": "x", "properties": {"scriptContent": "az ad sp create-for-rbac"}}]"#;
    caught(&template(script), "OWN001");
}

#[test]
fn scripts_of_other_resources_and_one_line_for_what_is_not_read() {
    caught(
        "resource \"shell_script\" \"s\" {\n  lifecycle_commands {\n    create = \"aws iam create-user\"\n    delete = \"true\"\n  }\n}\n",
        "OWN001",
    );
    let run = |name: &str| {
        format!(
            "resource \"null_resource\" \"{name}\" {{\n  provisioner \"local-exec\" {{\n    command = \"./setup.sh --token hidden\"\n  }}\n}}\n"
        )
    };
    let said = said(&format!("{}{}", run("a"), run("b")));
    assert!(said.contains("no findings"), "{said}");
    assert!(said.ends_with("not read: what programs beside the resources do: `./setup.sh` of `null_resource.a` and 1 more\n"), "{said}");
    assert!(!said.contains("hidden"), "{said}");
}

#[test]
fn a_name_cannot_make_a_finding_look_like_none() {
    let plan = r#"{"format_version":"1.2","resource_changes":[{"address":"aws_iam_user.u[\"a\u001b[2K\u202e\"]","change":{"actions":["create"],"before":null,"after":{"name":"b\u001b[2Kc"}}}]}"#;
    let folder = folder(&[("plan.json", plan)]);
    for line in [
        "check plan.json --format concise",
        "check plan.json",
        "discover plan.json",
        "discover plan.json --format csv",
        "discover plan.json --format dot",
        "discover plan.json --format hcl",
    ] {
        let (output, errors, _) = run_in(folder.path(), line);
        assert!(output.contains("aws_iam_user.u"), "{line}: {output}{errors}");
        assert!(
            !output.contains(['\u{1b}', '\u{202e}']) && !errors.contains('\u{1b}'),
            "{line}: {output}{errors}"
        );
    }
}
