# Names that only AWS knows, and how many there are of them.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "object-reader@1.0.0"
  }
}

resource "terraform_data" "environment" {
  input = "prod"
}

resource "aws_iam_role" "this" {
  name_prefix = "${terraform_data.environment.output}-"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = merge(local.governance, { stage = terraform_data.environment.output })
}

resource "aws_iam_role_policy" "this" {
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${terraform_data.environment.output}-ledger/*" }]
  })
}

resource "aws_iam_role" "owned" {
  name = "owned"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:owner" = terraform_data.environment.output, "nhi:purpose" = terraform_data.environment.id }
}

resource "aws_iam_role_policy" "any" {
  role   = aws_iam_role.owned.id
  policy = terraform_data.environment.output
}
