# What moved keeps its place, by number, by key and into a module.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "object-reader@1.0.0"
  }
}

moved {
  from = aws_iam_role.old
  to   = aws_iam_role.new
}

moved {
  from = aws_iam_role.numbered[0]
  to   = aws_iam_role.keyed["a"]
}

moved {
  from = aws_iam_role.outside
  to   = module.inside.aws_iam_role.this
}

resource "aws_iam_role" "new" {
  name = "new"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance
}

resource "aws_iam_role" "keyed" {
  for_each = toset(["a", "b"])
  name     = "keyed-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

module "inside" {
  source = "./inside"
}
