# Blocks that are repeated by an expression.
locals {
  governance = {
    "nhi:owner"    = "payments"
    "nhi:purpose"  = "Nightly export of invoices to the ledger"
    "nhi:expiry"   = "2027-06-30"
    "nhi:template" = "worker@1.0.0"
  }
}

variable "grants" {
  type = map(object({
    actions   = list(string)
    resources = optional(list(string), ["*"])
  }))
  default = {
    send = { actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-central-1:111122223333:jobs"] }
    wide = { actions = ["sqs:SendMessage"] }
  }
}

resource "aws_iam_role" "this" {
  name = "this"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = local.governance

  dynamic "inline_policy" {
    for_each = var.grants
    iterator = grant
    content {
      name = grant.key
      policy = jsonencode({
        Version   = "2012-10-17"
        Statement = [{ Effect = "Allow", Action = grant.value.actions, Resource = grant.value.resources }]
      })
    }
  }
}
