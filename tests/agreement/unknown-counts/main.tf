# Lists of which only the apply says how long they are.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "worker@1.0.0"
  }
}

resource "terraform_data" "queues" {
  input = ["a", "b"]
}

resource "aws_iam_role" "this" {
  name = "this"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = terraform_data.queues.output
    content {
      actions   = ["sqs:SendMessage"]
      resources = ["arn:aws:sqs:*:*:${statement.value}"]
    }
  }
}

resource "aws_iam_role_policy" "document" {
  role   = aws_iam_role.this.id
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_iam_role_policy" "list" {
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = [for name in terraform_data.queues.output : "arn:aws:sqs:*:*:${name}"] }]
  })
}
