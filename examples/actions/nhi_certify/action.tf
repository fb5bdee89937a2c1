# Decided in the quarterly meeting: `terraform apply -invoke=action.nhi_certify.export`.
action "nhi_certify" "export" {
  config {
    identity    = nhi_service_account.export.id
    outcome     = "approve"
    reviewer    = "ada@example.com"
    evidence    = "Minutes of 2026-11-20, item 4: seen in the audit trail every night of the quarter"
    next_review = "80d"
  }
}
