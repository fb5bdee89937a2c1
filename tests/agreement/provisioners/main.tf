# Programs that run beside a resource.
resource "aws_iam_user" "robot" {
  name = "robot"

  provisioner "local-exec" {
    command = "aws iam create-access-key --user-name ${self.name}"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "echo gone"
  }
}

resource "terraform_data" "admin" {
  triggers_replace = [aws_iam_user.robot.name]
  provisioner "local-exec" {
    interpreter = ["/bin/sh", "-c"]
    command     = <<-EOT
      aws iam attach-user-policy --user-name robot --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
    EOT
  }
}
