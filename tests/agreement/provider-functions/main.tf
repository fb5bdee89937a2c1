# Functions of the provider.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "object-reader@1.0.0"
  }
}

locals {
  bucket = provider::aws::arn_build("aws", "s3", "", "", "payments-ledger")
  name   = provider::aws::arn_parse(local.bucket).resource
}

resource "aws_iam_role" "this" {
  name = provider::aws::trim_iam_role_path("arn:aws:iam::111122223333:role/with/path/reader") == "" ? "x" : "reader"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance
}

resource "aws_iam_role_policy" "read" {
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "${local.bucket}/*" }, { Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${local.name}/*" }]
  })
}
