//! Ways to bring permissions past the reader by how they are written: what the platform reads, or may read, is never clean.

use super::commands::{folder, run_in};

const TEMPLATES: &str = r#"
template "viewer" {
  version = "1.0.0"
  aws {
    permissions = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
    })
  }
  gcp {
    permissions = ["storage.objects.get"]
    resources   = ["//storage.googleapis.com/projects/_/buckets/b"]
  }
  azure {
    actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
    scopes  = ["/subscriptions/1"]
  }
  kubernetes {
    namespaces = ["shop"]
    rule {
      api_groups = [""]
      resources  = ["configmaps"]
      verbs      = ["get"]
    }
  }
}
"#;

fn said(main: &str) -> String {
    let folder = folder(&[("main.tf", main), ("t.nhi.hcl", TEMPLATES)]);
    let line =
        "check . --templates t.nhi.hcl --select TPL001,TPL005,OWN001,PRV001 --format concise";
    let (output, errors, code) = run_in(folder.path(), line);
    format!("{output}{errors}--- exit {code}")
}

/// Refused with a code.
#[track_caller]
fn caught(main: &str, code: &str) {
    let said = said(main);
    assert!(said.contains(code) && said.ends_with("exit 1"), "{main}\n{said}");
}

/// Nothing to say.
#[track_caller]
fn clean(main: &str) {
    let said = said(main);
    assert!(said.ends_with("exit 0"), "{main}\n{said}");
}

const ROBOT: &str = "variable \"u\" {}\nresource \"aws_iam_user\" \"robot\" {\n  name = \"robot\"\n  tags = { \"nhi:owner\" = \"a\" }\n}\n";
const ADMIN: &str = r#"jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })"#;
const READ: &str = r#"jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })"#;

#[test]
fn groups_that_are_made_elsewhere() {
    for groups in ["[\"Administrators\"]", "[data.aws_iam_group.g.group_name]", "[var.u]", "var.u"]
    {
        let main = format!(
            "{ROBOT}data \"aws_iam_group\" \"g\" {{\n  group_name = \"Administrators\"\n}}\nresource \"aws_iam_user_group_membership\" \"m\" {{\n  user   = aws_iam_user.robot.name\n  groups = {groups}\n}}\n"
        );
        caught(&main, "TPL005");
    }
    // What is granted to such a group is granted to its members as well.
    let main = format!(
        "{ROBOT}resource \"aws_iam_group_policy\" \"p\" {{\n  group  = \"Administrators\"\n  policy = {ADMIN}\n}}\nresource \"aws_iam_group_membership\" \"m\" {{\n  name  = \"m\"\n  users = [aws_iam_user.robot.name]\n  group = \"Administrators\"\n}}\n"
    );
    caught(&main, "TPL001");
    // A group of which nothing is known but what it may do.
    let main = format!(
        "variable \"u\" {{}}\nresource \"aws_iam_group_policy\" \"p\" {{\n  group  = var.u\n  policy = {ADMIN}\n}}\n"
    );
    caught(&main, "PRV001");
}

#[test]
fn groups_of_the_model_say_what_they_may_do() {
    for name in ["aws_iam_group.g.name", "\"readers\""] {
        clean(&format!(
            "{ROBOT}resource \"aws_iam_group\" \"g\" {{\n  name = \"readers\"\n}}\nresource \"aws_iam_group_policy\" \"p\" {{\n  group  = aws_iam_group.g.name\n  policy = {READ}\n}}\nresource \"aws_iam_user_group_membership\" \"m\" {{\n  user   = aws_iam_user.robot.name\n  groups = [{name}]\n}}\n"
        ));
    }
}

#[test]
fn names_of_a_policy_of_google_in_another_case() {
    let main = |data: &str| {
        format!(
            "resource \"google_project_iam_policy\" \"m\" {{\n  project     = \"p\"\n  policy_data = <<JSON\n{data}\nJSON\n}}\n"
        )
    };
    let member = "serviceAccount:a@p.iam.gserviceaccount.com";
    for data in [
        format!(r#"{{"Bindings":[{{"role":"roles/owner","members":["{member}"]}}]}}"#),
        format!(r#"{{"bindings":[{{"Role":"roles/owner","members":["{member}"]}}]}}"#),
        format!(r#"{{"bindings":[{{"role":"roles/owner","MEMBERS":["{member}"]}}]}}"#),
        format!(
            r#"{{"bindings":[{{"role":"roles/owner","members":["{member}"]}}],"bindings":[]}}"#
        ),
        format!(
            r#"{{"bindings":[{{"role":"roles/owner","members":["{member}"]}}],"Bindings":[]}}"#
        ),
    ] {
        caught(&main(&data), "TPL005");
    }
    let written = format!(r#"{{"bindings":[{{"role":"roles/owner","members":["{member}"]}}]}}"#);
    caught(&main(&written), "PRV001");
}

#[test]
fn everybody_may_become_a_service_account() {
    for member in ["allUsers", "allAuthenticatedUsers"] {
        caught(
            &format!(
                "resource \"google_service_account_iam_member\" \"m\" {{\n  service_account_id = \"projects/p/serviceAccounts/a@p.iam.gserviceaccount.com\"\n  role               = \"roles/iam.serviceAccountTokenCreator\"\n  member             = \"{member}\"\n}}\n"
            ),
            "TPL005",
        );
        clean(&format!(
            "resource \"google_storage_bucket_iam_member\" \"m\" {{\n  bucket = \"site\"\n  role   = \"roles/storage.objectViewer\"\n  member = \"{member}\"\n}}\n"
        ));
    }
}

const OWNER: &str = "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '8e3af657-a8ff-443c-a75c-2fe8c4bcb635')]";

fn deployed(template: &str) -> String {
    format!(
        "resource \"azurerm_subscription_template_deployment\" \"d\" {{\n  name             = \"d\"\n  location         = \"x\"\n  template_content = <<JSON\n{template}\nJSON\n}}\n"
    )
}

#[test]
fn templates_of_azure_in_another_case() {
    let principal = "00000000-0000-0000-0000-000000000001";
    let kind = "Microsoft.Authorization/roleAssignments";
    let id =
        "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
    for template in [
        format!(
            r#"{{"Resources":[{{"Type":"{kind}","Name":"n","Properties":{{"PrincipalId":"{principal}","RoleDefinitionId":"{OWNER}"}}}}]}}"#
        ),
        // Expressions of a nested template are those of the one around it.
        format!(
            r#"{{"parameters":{{"r":{{"defaultValue":"{id}"}}}},"resources":[{{"type":"Microsoft.Resources/deployments","name":"n","properties":{{"template":{{"parameters":{{"r":{{"defaultValue":"harmless"}}}},"resources":[{{"type":"{kind}","name":"n","properties":{{"principalId":"{principal}","roleDefinitionId":"[parameters('r')]"}}}}]}}}}}}]}}"#
        ),
    ] {
        caught(&deployed(&template), "PRV001");
    }
    for template in [
        format!(
            r#"{{"variables":{{"p":{{}}}},"resources":[{{"type":"{kind}","name":"n","properties":"[variables('p')]"}}]}}"#
        ),
        r#"{"resources":"[parameters('all')]"}"#.to_owned(),
        r#"{"resources":["[parameters('one')]"]}"#.to_owned(),
        r#"{"resources":[{"type":"[parameters('kind')]","name":"n"}]}"#.to_owned(),
    ] {
        caught(&deployed(&template), "TPL005");
    }
}

#[test]
fn actions_that_run_programs() {
    let create = r#"
action "local_command" "c" {
  config {
    command   = "aws"
    arguments = ["iam", "create-user", "--user-name", "x"]
  }
}
"#;
    caught(create, "OWN001");
    caught(
        &create.replace("config {", "for_each = toset([\"a\"])\n  config {"),
        "action.local_command.c[\"a\"]",
    );
    caught(
        &create
            .replace("\"aws\"", "var.program")
            .replace("action", "variable \"program\" {}\naction"),
        "TPL005",
    );
    clean(&create.replace("create-user", "get-user"));
}

#[test]
fn programs_beside_what_is_no_identity_in_json() {
    let main = r#"{ "resource": { "aws_s3_bucket": { "b": {
        "bucket": "b",
        "provisioner": [{ "local-exec": { "command": "aws iam create-user --user-name x" } }]
    } } } }"#;
    let plan = r#"{ "format_version": "1.2", "resource_changes": [{
        "address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
        "change": { "actions": ["create"], "before": null, "after": { "bucket": "b" }, "after_unknown": {} }
    }], "configuration": { "root_module": { "resources": [{
        "address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
        "expressions": { "bucket": { "constant_value": "b" } },
        "provisioners": [{ "type": "local-exec", "expressions": { "command": { "constant_value": "aws iam create-user --user-name x" } } }]
    }] } } }"#;
    let folder = folder(&[("main.tf.json", main), ("plan.json", plan)]);
    for input in [".", "plan.json --config-dir ."] {
        let (output, errors, code) = run_in(folder.path(), &format!("check {input}"));
        assert!(
            output.contains("main.tf.json:") && output.contains("OWN001"),
            "{input}\n{output}{errors}"
        );
        assert_eq!(code, 1, "{input}");
    }
}
