variable "user" {
  type = string
}

variable "pgp" {
  type    = string
  default = null
}

resource "aws_iam_user" "this" {
  name = var.user
}

resource "aws_iam_access_key" "this" {
  user    = aws_iam_user.this.name
  pgp_key = var.pgp
}

resource "aws_iam_user_login_profile" "this" {
  user = aws_iam_user.this.name
}

resource "aws_secretsmanager_secret" "key" {
  name_prefix = "${var.user}-"
}

resource "aws_secretsmanager_secret_version" "key" {
  secret_id     = aws_secretsmanager_secret.key.id
  secret_string = jsonencode({ id = aws_iam_access_key.this.id, secret = aws_iam_access_key.this.secret })
}
