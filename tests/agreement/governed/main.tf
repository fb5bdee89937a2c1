# Roles that take what they are from governed identities, directly, through locals and through a module.
resource "nhi_owner" "payments" {
  name        = "payments"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}

resource "nhi_service_account" "export" {
  name        = "invoice-export"
  owner       = nhi_owner.payments.name
  purpose     = "Nightly export of invoices to the ledger bucket"
  expiry      = "90d"
  template    = "s3-object-reader@1.2.0"
  service     = "billing"
  environment = "prod"
  parameters  = { bucket = "payments-ledger" }
}

resource "aws_iam_role" "export" {
  name                 = nhi_service_account.export.principal_name
  assume_role_policy   = nhi_service_account.export.aws.trust
  permissions_boundary = "arn:aws:iam::123456789012:policy/nhi-boundary"
  tags                 = nhi_service_account.export.tags
}

resource "aws_iam_role_policy" "export" {
  role   = aws_iam_role.export.id
  policy = nhi_service_account.export.aws.permissions
}

locals {
  wider = jsonencode({
    Version = "2012-10-17"
    Statement = concat(jsondecode(nhi_service_account.export.aws.permissions).Statement, [{
      Effect   = "Allow"
      Action   = "s3:DeleteObject"
      Resource = "arn:aws:s3:::payments-ledger/*"
    }])
  })
}

resource "aws_iam_role" "wider" {
  name                 = "wider"
  assume_role_policy   = nhi_service_account.export.aws.trust
  permissions_boundary = "arn:aws:iam::123456789012:policy/nhi-boundary"
  tags                 = merge(nhi_service_account.export.tags, { "more" = "x" })
}

resource "aws_iam_role_policy" "wider" {
  role   = aws_iam_role.wider.id
  policy = local.wider
}

resource "aws_iam_role" "free" {
  name                 = "free"
  assume_role_policy   = nhi_service_account.export.aws.trust
  permissions_boundary = "arn:aws:iam::123456789012:policy/nhi-boundary"
}
