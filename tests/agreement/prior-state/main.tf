# What exists already: one stays, one changes, one is replaced, one goes, one has another name now.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "object-reader@1.0.0"
  }
}

resource "aws_s3_bucket" "ledger" {
  bucket = "payments-ledger"
}

resource "aws_iam_role" "stays" {
  name = "stays"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance
}

resource "aws_iam_role" "changes" {
  name        = "changes"
  description = "now with a description"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  permissions_boundary = "arn:aws:iam::111122223333:policy/nhi-boundary"
}

resource "aws_iam_role" "replaced" {
  name = "replaced"
  path = "/new/"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance
}

resource "aws_iam_role" "new_name" {
  name = "old_name"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance
}

moved {
  from = aws_iam_role.old_name
  to   = aws_iam_role.new_name
}

resource "aws_iam_role_policy" "read" {
  for_each = { for role in [aws_iam_role.stays, aws_iam_role.replaced] : role.name => role.id }
  role     = each.value
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.ledger.arn}/*" }]
  })
}
