terraform {
  required_providers {
    nhi = {
      source = "governed-nhi/nhi"
    }
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "nhi" {
  templates = ["./templates"]
}

provider "aws" {
  region = "eu-central-1"
}

resource "nhi_owner" "ledger" {
  name        = "ledger"
  accountable = "ada.lovelace@example.com"
  steward     = "grace.hopper@example.com"
}

# What was there before anybody governed it.
resource "aws_iam_role" "export" {
  name = "invoice-export"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
  tags = nhi_service_account.export.tags
}

resource "nhi_service_account" "export" {
  name        = "invoice-export"
  owner       = nhi_owner.ledger.name
  purpose     = "Nightly export of invoices to the ledger bucket"
  expiry      = "180d"
  template    = "ledger-export@1"
  service     = "billing"
  environment = "prod"
  parameters  = { bucket = "payments-ledger" }
}

resource "nhi_binding" "export" {
  identity  = nhi_service_account.export.id
  platform  = "aws"
  principal = aws_iam_role.export.arn
}
