module "inner" {
  source   = "./inner"
  for_each = toset(["a", "b"])
  name     = each.key
}

resource "aws_iam_policy" "this" {
  name   = "of-outer"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sqs:PurgeQueue", Resource = "*" }] })
}

output "roles" {
  value = { for name, inner in module.inner : name => inner.role }
}

output "first" {
  value = values(module.inner)[0].role
}

output "policies" {
  value = { for name in keys(module.inner) : name => jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = name == "a" ? "s3:GetObject" : "s3:PutObject", Resource = module.inner[name].arn }]
  }) }
}

output "policy" {
  value = aws_iam_policy.this
}
