# From nothing to two governed identities: an owner, a published template, a service account and a workload identity.
terraform {
  required_version = ">= 1.0"
  required_providers {
    nhi = {
      source = "governed-nhi/nhi"
    }
  }
}

provider "nhi" {
  inventory = "sqlite:.nhi/inventory.db"

  issuer {
    trust_domain = "example.com"
  }

  defaults {
    environment = "prod"
    service     = "billing"
  }
}

# The team that answers for the identities, with a person and a steward who can be asked.
resource "nhi_owner" "payments" {
  name        = "payments"
  accountable = "ada@example.com"
  steward     = "grace@example.com"
}

# The ceiling that the platform team publishes. A published version never changes.
resource "nhi_template" "reader" {
  source = file("${path.module}/templates/s3-object-reader.nhi.hcl")
}

resource "nhi_service_account" "export" {
  name     = "invoice-export"
  owner    = nhi_owner.payments.name
  purpose  = "Nightly export of invoices to the ledger bucket"
  expiry   = "180d"
  template = nhi_template.reader.reference

  parameters = {
    bucket = "payments-ledger"
    prefix = "invoices/"
  }
}

resource "nhi_workload_identity" "viewer" {
  name     = "ledger-viewer"
  owner    = nhi_owner.payments.name
  purpose  = "Shows the ledger to the support desk"
  expiry   = "2027-06-30"
  template = nhi_template.reader.reference

  parameters = {
    bucket    = "payments-ledger"
    namespace = "support"
  }

  subject = {
    kubernetes = {
      namespace       = "support"
      service_account = "ledger-viewer"
    }
  }
}

# What an ordinary `aws_iam_role` takes from the identity.
output "export_policy" {
  value = nhi_service_account.export.aws.permissions
}

output "export_tags" {
  value = nhi_service_account.export.tags
}

output "viewer_spiffe_id" {
  value = nhi_workload_identity.viewer.spiffe_id
}

output "viewer_rules" {
  value = nhi_workload_identity.viewer.kubernetes.rules
}
