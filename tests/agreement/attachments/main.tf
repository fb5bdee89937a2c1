# Policies by ARN, by reference, and by a list.
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

resource "aws_iam_policy" "read" {
  name        = "read"
  path        = "/payments/"
  description = "Reads the ledger"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.ledger.arn}/*" }]
  })
}

resource "aws_iam_role" "reader" {
  for_each = toset(["inside", "outside", "several"])
  name     = each.key
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance
}

resource "aws_iam_role_policy_attachment" "inside" {
  role       = aws_iam_role.reader["inside"].name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role_policy_attachment" "outside" {
  role       = aws_iam_role.reader["outside"].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
}

resource "aws_iam_role_policy_attachment" "several" {
  for_each   = { read = aws_iam_policy.read.arn, keys = "arn:aws:iam::aws:policy/IAMReadOnlyAccess" }
  role       = aws_iam_role.reader["several"].name
  policy_arn = each.value
}

resource "aws_iam_policy_attachment" "shared" {
  name       = "shared"
  roles      = [for role in aws_iam_role.reader : role.name]
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_role" "listed" {
  name = "listed"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags                = local.governance
  managed_policy_arns = [aws_iam_policy.read.arn, "arn:aws:iam::aws:policy/ReadOnlyAccess"]
}
