# One side of a condition or the other.
variable "environment" {
  type    = string
  default = "prod"
}

variable "admin" {
  type    = bool
  default = false
}

locals {
  is_prod = var.environment == "prod"
}

resource "aws_iam_role" "this" {
  name = local.is_prod ? "prod-runner" : "dev-runner"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  permissions_boundary = local.is_prod && !var.admin ? "arn:aws:iam::111122223333:policy/nhi-boundary" : null
}

resource "aws_iam_role_policy" "this" {
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Effect = "Allow", Action = var.admin ? "*" : "s3:ListAllMyBuckets", Resource = "*" }],
      local.is_prod ? [{ Effect = "Allow", Action = "iam:*", Resource = "*" }] : [],
    )
  })
}

resource "aws_iam_role_policy_attachment" "admin" {
  count      = var.admin ? 1 : 0
  role       = aws_iam_role.this.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
