# A pipeline that becomes a role by its token.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "pipeline@1.0.0"
  }
}

variable "repository" {
  type    = string
  default = "acme/shop"
}

resource "aws_iam_openid_connect_provider" "github" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1"]
}

resource "aws_ecr_repository" "shop" {
  name = "shop"
}

data "aws_iam_policy_document" "trust" {
  for_each = { bound = "repo:${var.repository}:ref:refs/heads/main", open = "repo:acme/*" }
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "token.actions.githubusercontent.com:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = [each.value]
    }
  }
}

resource "aws_iam_role" "ci" {
  for_each           = data.aws_iam_policy_document.trust
  name               = "ci-${each.key}"
  assume_role_policy = each.value.json
  tags               = local.governance
}

resource "aws_iam_role_policy" "push" {
  for_each = aws_iam_role.ci
  role     = each.value.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ecr:PutImage", Resource = aws_ecr_repository.shop.arn }]
  })
}
