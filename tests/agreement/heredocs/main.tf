# Documents as text, indented, with holes.
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

resource "aws_iam_role" "reader" {
  name               = "reader"
  tags               = local.governance
  assume_role_policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.${"amazonaws"}.com"}, "Action": "sts:AssumeRole"}]
    }
  EOT
}

resource "aws_iam_role_policy" "reader" {
  role   = aws_iam_role.reader.id
  policy = <<EOT
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${aws_s3_bucket.ledger.arn}/*"},
    {"Effect": "Allow", "Action": "s3:Get*", "Resource": "${aws_s3_bucket.ledger.arn}", "Condition": {"StringLike": {"s3:prefix": "$${aws:username}/*"}}}
  ]
}
EOT
}
