# While it is looked into: `terraform apply -invoke=action.nhi_suspend.export`.
action "nhi_suspend" "export" {
  config {
    identity = nhi_service_account.export.id
    reason   = "Incident 2026-118: reads at unusual hours"
  }
}
