# Tags that take a way through locals, modules and merge.
variable "extra" {
  type    = map(string)
  default = { team = "a" }
}

locals {
  base   = { "nhi:owner" = "payments", "nhi:expiry" = "2026-12-31" }
  common = merge(local.base, var.extra, { for key in ["purpose"] : "nhi:${key}" => "Moves the orders to the archive" })
}

module "labels" {
  source = "./labels"
  tags   = local.common
}

resource "aws_iam_role" "all" {
  name = "all"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = module.labels.tags
}

resource "aws_iam_role" "fewer" {
  name = "fewer"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = { for key, value in module.labels.tags : key => value if key != "nhi:owner" }
}

resource "aws_iam_role" "late" {
  name = "late"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = merge(module.labels.tags, { "nhi:expiry" = "2020-01-01", "nhi:owner" = lower("NOREPLY@example.com") })
}
