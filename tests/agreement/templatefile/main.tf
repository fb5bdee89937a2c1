# Policies from template files.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "object-reader@1.0.0"
  }
}

resource "aws_s3_bucket" "ledger" {
  bucket_prefix = "ledger-"
}

resource "aws_iam_role" "reader" {
  name               = "reader"
  assume_role_policy = file("${path.module}/trust.json")
  tags               = local.governance
}

resource "aws_iam_role_policy" "reader" {
  name = "read"
  role = aws_iam_role.reader.id
  policy = templatefile("${path.module}/policy.json.tftpl", {
    bucket  = aws_s3_bucket.ledger.arn
    actions = ["s3:GetObject", "s3:PutObject"]
  })
}
