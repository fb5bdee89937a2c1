# Keys that follow from what is not known give no plan; keys that are known with values that are not do.
resource "aws_s3_bucket" "this" {
  count  = 2
  bucket = "bucket-${count.index}"
}

locals {
  buckets = { for at, bucket in aws_s3_bucket.this : "b${at}" => bucket.arn }
}

resource "aws_iam_role" "this" {
  for_each = local.buckets
  name     = "role-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  description = "for ${each.value}"
}

resource "aws_iam_policy" "this" {
  for_each    = local.buckets
  name_prefix = each.key
  policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${each.value}/*" }] })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each   = aws_iam_policy.this
  role       = aws_iam_role.this[each.key].name
  policy_arn = each.value.arn
}
