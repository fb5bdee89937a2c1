terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  type = string
}

variable "actions" {
  type = list(string)
}

resource "aws_iam_role" "this" {
  name = "stage-${var.name}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  dynamic "inline_policy" {
    for_each = { for at, action in var.actions : tostring(at) => action }
    iterator = one
    content {
      name   = "p${one.key}"
      policy = data.aws_iam_policy_document.this[one.key].json
    }
  }
  tags = { "nhi:expiry" = "2027-05-01", "cost:centre" = "4711" }
}

data "aws_iam_policy_document" "this" {
  for_each = { for at, action in var.actions : tostring(at) => action }
  statement {
    actions   = [each.value]
    resources = ["arn:aws:s3:::${var.name}/*"]
    dynamic "condition" {
      for_each = var.name == "prod" ? ["vpc-1"] : []
      content {
        test     = "StringEquals"
        variable = "aws:SourceVpc"
        values   = [condition.value]
      }
    }
  }
}
