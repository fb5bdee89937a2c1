# What is never kept: values and arguments that no plan holds.
variable "token" {
  type      = string
  ephemeral = true
  default   = "not-kept"
}

locals {
  password = "${var.token}-x"
}

resource "aws_secretsmanager_secret" "this" {
  name = "robot"
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = local.password
  secret_string_wo_version = 1
}

resource "aws_db_instance" "this" {
  instance_class                      = "db.t4g.micro"
  engine                              = "postgres"
  allocated_storage                   = 20
  username                            = "robot"
  password_wo                         = local.password
  password_wo_version                 = 1
  iam_database_authentication_enabled = true
  skip_final_snapshot                 = true
}

resource "aws_iam_role" "reader" {
  name = "reader"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "reader" {
  role   = aws_iam_role.reader.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.this.arn }] })
}
