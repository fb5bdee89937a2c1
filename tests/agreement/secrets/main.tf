# Secrets on the ways to roles, users and their keys.
variable "external_id" {
  type      = string
  sensitive = true
  default   = "correct-horse-battery"
}

resource "aws_iam_role" "this" {
  name = "vendor"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::444455556666:root" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })
  tags = { "nhi:owner" = sensitive("payments"), "nhi:purpose" = nonsensitive(sensitive("Reads what the vendor has to see")) }
}

resource "aws_iam_user" "robot" {
  name = "robot-${substr(sha256(var.external_id), 0, 4)}"
}

resource "aws_iam_access_key" "robot" {
  user = aws_iam_user.robot.name
}

resource "aws_ssm_parameter" "key" {
  name  = "/robot/key"
  type  = "SecureString"
  value = aws_iam_access_key.robot.secret
}
