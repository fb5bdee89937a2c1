output "until" {
  value = provider::nhi::expires_after("2026-11-21T00:00:00Z", "90d") # 2027-02-19T00:00:00Z
}
