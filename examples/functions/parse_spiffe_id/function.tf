locals {
  worker = provider::nhi::parse_spiffe_id("spiffe://example.com/ns/billing/sa/worker")
}

output "trust_domain" {
  value = local.worker.trust_domain # example.com
}

output "service_account" {
  value = local.worker.segments[3] # worker
}
