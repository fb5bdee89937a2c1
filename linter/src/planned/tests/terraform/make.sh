#!/bin/sh
# Makes the plans beside this script with the terraform on the path (1.11.4 made those that are here): each case is a plan
# file and what `show -json` says about it. They need no provider but the built-in one.
set -eu
out=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TF_CLI_CONFIG_FILE=/dev/null TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1
cd "$work"

terraform_() { terraform "$@" -no-color >log 2>&1 || { cat log; exit 1; }; }
# save CASE [OPTION]...
save() {
  name=$1
  shift
  terraform_ plan -input=false -out="$name.tfplan" "$@"
  cp "$name.tfplan" "$out/$name.tfplan"
  terraform show -json "$name.tfplan" >"$out/$name.json"
}

cat >main.tf <<'END'
variable "secret" {
  type      = string
  sensitive = true
  default   = "hunter2-default"
}
resource "terraform_data" "plain" {
  input            = { a = "x", "k.y" = [1, true, null] }
  triggers_replace = "one"
}
resource "terraform_data" "each" {
  for_each = toset(["a", "b.c", "d\"e"])
  input    = { name = each.key, secret = var.secret, of = terraform_data.plain.id }
}
resource "terraform_data" "counted" {
  count = 2
  input = [count.index, terraform_data.plain.output]
}
resource "terraform_data" "held" {
  input            = "held"
  triggers_replace = "one"
  lifecycle {
    create_before_destroy = true
  }
  provisioner "local-exec" {
    command = "test ! -e fail"
  }
}
resource "terraform_data" "kept" {
  input = "kept"
}
output "of" {
  value     = terraform_data.each
  sensitive = true
}
END
terraform_ init -input=false
save create
terraform_ apply -input=false create.tfplan
save nothing
save targeted -target=terraform_data.plain
save destroy -destroy

cat >>main.tf <<'END'
moved {
  from = terraform_data.counted[1]
  to   = terraform_data.moved
}
resource "terraform_data" "moved" {
  input = "moved"
}
import {
  to = terraform_data.imported
  id = "an-id"
}
resource "terraform_data" "imported" {}
removed {
  from = terraform_data.kept
  lifecycle {
    destroy = false
  }
}
END
sed -i '/"kept" {/,/^}/d; s/triggers_replace = "one"/triggers_replace = "two"/; s/count = 2/count = 1/' main.tf
sed -i 's/input = \[count.index/input = [count.index + 1/' main.tf
save changes -replace=terraform_data.moved

# An apply that fails after the new one was made leaves the old one deposed.
touch fail
terraform_ plan -input=false -out=broken.tfplan
terraform apply -input=false -no-color broken.tfplan >log 2>&1 && { echo "the apply should fail"; exit 1; }
rm fail
save deposed

terraform_ apply -input=false -auto-approve
save refresh-only -refresh-only
