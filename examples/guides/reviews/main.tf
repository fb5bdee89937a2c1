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

# What came of the review; an outcome other than this one changes the record of the identity as well.
resource "nhi_certification" "export" {
  identity    = nhi_service_account.export.id
  outcome     = "approve"
  reviewer    = "ada@example.com"
  evidence    = "https://tickets.example.com/NHI-42"
  next_review = "2027-02-15"
}
