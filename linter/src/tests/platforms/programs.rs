//! Programs beside the resources, end to end.

use super::{all, found};

const MAIN: &str = r#"
variable "u" {}

resource "null_resource" "robot" {
  provisioner "local-exec" {
    command = <<-EOT
      set -e
      echo "aws iam create-user is not run here"
      aws iam create-user --user-name ${self.id} \
        && aws iam create-access-key --user-name robot > key.json
      kubectl apply -f - <<EOF
      apiVersion: v1
      kind: ServiceAccount
      metadata:
        name: web
        namespace: shop
      EOF
    EOT
  }
}

resource "terraform_data" "more" {
  provisioner "local-exec" {
    interpreter = ["bash", "-c"]
    command     = "gcloud projects add-iam-policy-binding p --member=x --role=roles/owner"
  }
  provisioner "remote-exec" {
    inline = ["sudo vault token create -policy=root", "uname -a"]
  }
  provisioner "local-exec" {
    when    = destroy
    command = "aws iam delete-user --user-name robot"
  }
}

resource "aws_instance" "app" {
  provisioner "local-exec" {
    command = var.u
  }
}

data "external" "key" {
  program = ["sh", "-c", "aws iam create-access-key --user-name robot"]
}
"#;

#[test]
fn commands_of_a_configuration() {
    insta::assert_snapshot!(all(MAIN), @r"
    main.tf:6:15: OWN001[ungoverned-identity] `aws iam create-user` makes a user in no plan, and no governance record can lead there (null_resource.robot.provisioner[0].command)
    main.tf:6:15: OWN001[ungoverned-identity] `aws iam create-access-key` makes a static key in no plan, and no governance record can lead there (null_resource.robot.provisioner[0].command)
    main.tf:6:15: OWN001[ungoverned-identity] no governance record answers for `null_resource.robot/ServiceAccount/shop/web`
    main.tf:25:19: OWN001[ungoverned-identity] `gcloud projects add-iam-policy-binding` makes permissions in no plan, and no governance record can lead there (terraform_data.more.provisioner[0].command)
    main.tf:28:14: OWN001[ungoverned-identity] `vault token create` makes a token in no plan, and no governance record can lead there (terraform_data.more.provisioner[1].inline)
    main.tf:38:15: TPL005[undecided-grant] permissions in `aws_instance.app` cannot be compared with template `app-reader@1.0.0`: which program runs in `provisioner[0].command` is not known before apply
    main.tf:43:13: OWN001[ungoverned-identity] `aws iam create-access-key` makes a static key in no plan, and no governance record can lead there (data.external.key.program)
    --- exit 1
    ");
}

#[test]
fn what_a_person_sees() {
    let main = "resource \"null_resource\" \"robot\" {\n  provisioner \"local-exec\" {\n    command = \"aws iam create-user --user-name robot\"\n  }\n}\n";
    insta::assert_snapshot!(found(main, "--format pretty"), @r#"
    OWN001[ungoverned-identity]

      × `aws iam create-user` makes a user in no plan, and no governance record
      │ can lead there
       ╭─[main.tf:3:15]
     2 │   provisioner "local-exec" {
     3 │     command = "aws iam create-user --user-name robot"
       ·               ───────────────────┬───────────────────
       ·                                  ╰── Terraform runs this, and does not know what it makes
     4 │   }
       ╰────
      help: make it with `aws_iam_user`, where a plan shows it and it can be
            governed

    --- exit 1
    "#);
}
