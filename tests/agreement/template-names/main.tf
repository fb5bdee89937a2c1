# Templates that are named although they do not exist, or in another way than they are published.
locals {
  templates = { none = null, unknown = "never-heard@1.0.0", major = "object-reader@1", other = "object-reader@2.0.0" }
}

resource "aws_iam_role" "this" {
  for_each = local.templates
  name     = each.key
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = merge(
    { "nhi:owner" = "payments", "nhi:purpose" = "Shows how a template is named", "nhi:expiry" = timeadd("2026-12-01T00:00:00Z", "720h") },
    each.value == null ? {} : { "nhi:template" = each.value },
  )
}

resource "aws_iam_role_policy" "this" {
  for_each = aws_iam_role.this
  role     = each.value.id
  policy   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::reports/*" }] })
}
