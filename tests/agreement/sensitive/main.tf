# Secrets that no message may show.
variable "owner" {
  type      = string
  sensitive = true
  default   = "noreply@secret.example"
}

variable "bucket" {
  type      = string
  sensitive = true
  default   = "hidden-name"
}

resource "aws_iam_role" "this" {
  name = "this"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = {
    "nhi:owner"    = var.owner
    "nhi:purpose"  = "Reads the bucket that has no name"
    "nhi:expiry"   = "2027-01-01"
    "nhi:template" = "object-reader@1.0.0"
  }
}

resource "aws_iam_role_policy" "this" {
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "arn:aws:s3:::${var.bucket}/*" }]
  })
}

resource "aws_iam_role_policy" "marked" {
  role   = aws_iam_role.this.id
  policy = sensitive(jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:*", Resource = "*" }] }))
}
