resource "nhi_service_account" "export" {
  name        = "invoice-export"
  owner       = nhi_owner.payments.name
  purpose     = "Nightly export of invoices to the ledger bucket"
  expiry      = "180d"
  template    = "s3-object-reader@1.2.0"
  service     = "billing"
  environment = "prod"

  parameters = {
    bucket = "payments-ledger"
    prefix = "invoices/"
  }

  rotation = {
    every   = "30d"
    overlap = "1d"
  }
}

# An ordinary role takes its policy, its trust and its tags from the identity.
resource "aws_iam_role" "export" {
  name                 = nhi_service_account.export.principal_name
  assume_role_policy   = nhi_service_account.export.aws.trust
  permissions_boundary = "arn:aws:iam::123456789012:policy/nhi-boundary"
  tags                 = nhi_service_account.export.tags
}

resource "aws_iam_role_policy" "export" {
  name   = "export"
  role   = aws_iam_role.export.id
  policy = nhi_service_account.export.aws.permissions
}
