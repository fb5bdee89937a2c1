terraform {
  required_providers {
    nhi = {
      source = "governed-nhi/nhi"
    }
  }
}

provider "nhi" {
  templates = ["./templates"]
}

resource "nhi_owner" "ledger" {
  name        = "ledger"
  accountable = "ada.lovelace@example.com"
  steward     = "grace.hopper@example.com"
}

resource "nhi_service_account" "export" {
  name        = "invoice-export"
  owner       = nhi_owner.ledger.name
  purpose     = "Nightly export of invoices to the ledger bucket"
  expiry      = "180d"
  template    = "ledger-export@1"
  service     = "billing"
  environment = "prod"
  consumers   = ["job:nightly-export"]
  parameters  = { bucket = "payments-ledger" }
}

data "nhi_lineage" "export" {
  identity = nhi_service_account.export.id
}

output "depends" {
  value = data.nhi_lineage.export.mermaid
}
