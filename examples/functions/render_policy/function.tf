locals {
  template = file("${path.module}/templates/s3-object-reader.nhi.hcl")
}

output "permissions" {
  value = provider::nhi::render_policy(local.template, { bucket = "payments-ledger" }, "aws").permissions
}

output "vault_policy" {
  value = provider::nhi::render_policy(local.template, { app = "billing" }, "vault").policy
}
