locals {
  # A policy that somebody else wrote.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::payments-ledger/invoices/*"
    }]
  })

  answer = provider::nhi::policy_contains(file("${path.module}/templates/s3-object-reader.nhi.hcl"), local.policy)
}

# Undecided is not inside.
check "policy_stays_inside_the_template" {
  assert {
    condition     = local.answer.verdict == "inside"
    error_message = "The policy is ${local.answer.verdict}. ${coalesce(local.answer.reason, "It fits.")}"
  }
}

output "parameters_that_make_it_fit" {
  value = local.answer.parameters # { bucket = "payments-ledger", prefix = "invoices/" }
}
