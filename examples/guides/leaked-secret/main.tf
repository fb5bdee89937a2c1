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

resource "nhi_owner" "partners" {
  name        = "partners"
  accountable = "ada.lovelace@example.com"
  steward     = "grace.hopper@example.com"
}

resource "nhi_api_key" "acme" {
  name        = "partner-acme"
  owner       = nhi_owner.partners.name
  purpose     = "Lets the partner Acme fetch its own invoices"
  expiry      = "90d"
  template    = "partner-api@1"
  service     = "invoices"
  environment = "prod"
  parameters  = { partner = "acme" }

  rotation = {
    every   = "30d"
    overlap = "0s" # routine rotations overlap for a day; this one must not
    epoch   = 1
    reason  = "INC-4711: the key was in a support ticket"
  }
}

output "key" {
  value = nhi_api_key.acme.key_id
}

data "nhi_audit_trail" "acme" {
  identity = nhi_api_key.acme.id
}

output "what_happened" {
  value = data.nhi_audit_trail.acme.events
}
