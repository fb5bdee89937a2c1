# Trust in accounts, in anybody, in the roles of others, and in a mix.
variable "accounts" {
  type    = list(string)
  default = ["444455556666"]
}

resource "aws_iam_role" "source" {
  name               = "source"
  assume_role_policy = data.aws_iam_policy_document.accounts.json
}

data "aws_iam_policy_document" "accounts" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = formatlist("arn:aws:iam::%s:root", var.accounts)
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = ["vendor-7"]
    }
  }
}

resource "aws_iam_role" "anybody" {
  name = "anybody"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role" "chained" {
  name = "chained"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = aws_iam_role.source.arn }, Action = ["sts:AssumeRole", "sts:TagSession"] },
      { Effect = "Allow", Principal = { AWS = [aws_iam_user.robot.arn, aws_iam_role.anybody.arn] }, Action = "sts:AssumeRole" },
    ]
  })
}

resource "aws_iam_user" "robot" {
  name = "robot"
}
