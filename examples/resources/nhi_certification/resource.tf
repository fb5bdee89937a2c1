resource "nhi_certification" "export_2026_q4" {
  identity    = nhi_service_account.export.id
  outcome     = "approve"
  reviewer    = "ada@example.com"
  evidence    = "Seen in the audit trail every night of the quarter; reads one prefix of one bucket, as its purpose says"
  next_review = "80d"
}
