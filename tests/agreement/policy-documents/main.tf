# Documents that take statements from others, replace some, and repeat blocks.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "worker@1.0.0"
  }
}

variable "tables" {
  type    = set(string)
  default = ["orders", "refunds"]
}

resource "aws_dynamodb_table" "this" {
  for_each     = var.tables
  name         = each.key
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Tables"
    actions   = ["dynamodb:GetItem"]
    resources = ["*"]
  }
  dynamic "statement" {
    for_each = var.tables
    content {
      sid       = "Put${title(statement.key)}"
      actions   = ["dynamodb:PutItem"]
      resources = [aws_dynamodb_table.this[statement.value].arn]
    }
  }
}

data "aws_iam_policy_document" "narrow" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    sid       = "Topics"
    actions   = ["sns:Publish"]
    resources = ["arn:aws:sns:eu-central-1:111122223333:events"]
  }
  override_policy_documents = [jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Tables", Effect = "Allow", Action = "dynamodb:GetItem", Resource = [for table in aws_dynamodb_table.this : table.arn] }]
  })]
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "wide" {
  name               = "wide"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = local.governance
}

resource "aws_iam_role_policy" "wide" {
  role   = aws_iam_role.wide.id
  policy = data.aws_iam_policy_document.base.json
}

resource "aws_iam_role" "narrow" {
  name               = "narrow"
  assume_role_policy = data.aws_iam_policy_document.trust.minified_json
  tags               = local.governance
}

resource "aws_iam_role_policy" "narrow" {
  role   = aws_iam_role.narrow.id
  policy = data.aws_iam_policy_document.narrow.json
}
