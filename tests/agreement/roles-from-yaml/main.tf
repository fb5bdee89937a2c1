# Roles from a file of YAML.
locals {
  roles = { for role in yamldecode(file("${path.module}/roles.yaml")).roles : role.name => role }
}

resource "aws_iam_role" "this" {
  for_each = local.roles
  name     = each.key
  path     = try(each.value.path, "/")
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = {
    "nhi:owner"    = try(each.value.owner, "platform")
    "nhi:purpose"  = each.value.purpose
    "nhi:expiry"   = "2027-01-31"
    "nhi:template" = "object-reader@1.0.0"
  }
}

resource "aws_iam_role_policy" "this" {
  for_each = { for name, role in local.roles : name => role if can(role.buckets) }
  role     = aws_iam_role.this[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for bucket in each.value.buckets : {
      Effect   = "Allow"
      Action   = each.value.actions
      Resource = "arn:aws:s3:::${bucket}/*"
    }]
  })
}
