locals {
  facts = {
    owner       = "payments"
    purpose     = "Nightly export of invoices to the ledger bucket"
    expiry      = "2027-06-30"
    service     = "billing"
    environment = "prod"
  }
}

output "tags" {
  value = provider::nhi::governance_tags(local.facts) # { "nhi:owner" = "payments", … }
}

output "labels" {
  value = provider::nhi::governance_tags(local.facts, "labels") # { "nhi_owner" = "payments", … }
}
