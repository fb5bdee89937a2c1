variable "name" {
  type = string
}

resource "terraform_data" "this" {
  count = 2
  provisioner "local-exec" {
    command = "aws iam create-role --role-name ${var.name}-${count.index} --assume-role-policy-document '{}'"
  }
}
