# What a plan takes away from what was governed, and what it moves on.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "object-reader@1.0.0"
  }
}

resource "aws_iam_role" "tags" {
  name = "tags"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { "nhi:owner" = "payments" }
}

resource "aws_iam_role" "boundary" {
  name = "boundary"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance
}

resource "aws_iam_role" "later" {
  name = "later"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = merge(local.governance, { "nhi:expiry" = "2028-06-30" })
}

resource "aws_iam_role" "hands" {
  name = "hands"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = merge(local.governance, { "nhi:owner" = "search", "nhi:template" = "worker@1.0.0" })
}

resource "terraform_data" "made" {
  input = "later"
}

resource "aws_iam_role" "unknown" {
  name = "unknown"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags                 = merge(local.governance, { "nhi:owner" = terraform_data.made.id })
  permissions_boundary = aws_iam_policy.boundary.arn
}

resource "aws_iam_policy" "boundary" {
  name   = "boundary"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}

resource "aws_iam_role" "replaced" {
  name = "replaced"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  path = "/new/"
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role" "counted" {
  count = 2
  name  = "counted-${count.index}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = count.index == 0 ? {} : local.governance
}
