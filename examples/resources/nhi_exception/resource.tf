resource "nhi_exception" "legacy" {
  subject              = "aws_iam_user.legacy_export"
  rule                 = "CRE001"
  reason               = "The ledger's vendor cannot assume a role before its release in February"
  compensating_control = "The key is bound to the vendor's two addresses and read daily by the security team"
  approver             = "margaret@example.com"
  expiry               = "60d"
}
