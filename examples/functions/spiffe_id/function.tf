output "worker" {
  value = provider::nhi::spiffe_id("example.com", "billing", "worker") # spiffe://example.com/billing/worker
}
