resource "nhi_binding" "export" {
  identity   = nhi_service_account.export.id
  platform   = "aws"
  principal  = "arn:aws:iam::123456789012:role/nhi-invoice-export"
  consumers  = ["ledger-batch"]
  retired_by = "aws_iam_role.export"
}
