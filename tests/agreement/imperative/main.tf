# Programs that make identities: in loops, in modules, with a text that is not known, and of actions that go away.
variable "users" {
  type    = list(string)
  default = ["ada", "bob"]
}

resource "terraform_data" "loop" {
  for_each = toset(var.users)
  provisioner "local-exec" {
    command = "aws iam create-user --user-name ${each.value}"
  }
}

resource "terraform_data" "name" {
  input = "later"
}

resource "terraform_data" "unknown" {
  provisioner "local-exec" {
    command = terraform_data.name.output
  }
}

resource "terraform_data" "environment" {
  provisioner "local-exec" {
    command     = "$TOOL iam create-access-key --user-name robot"
    environment = { TOOL = "aws" }
  }
}

resource "terraform_data" "several" {
  provisioner "local-exec" {
    command = <<-EOT
      set -eu
      echo "nothing"
      kubectl create serviceaccount robot
      gcloud iam service-accounts keys create key.json --iam-account robot@p.iam.gserviceaccount.com
    EOT
  }
  provisioner "local-exec" {
    when    = destroy
    command = "aws iam delete-user --user-name robot"
  }
}

module "program" {
  source = "./program"
  name   = "from-module"
}
