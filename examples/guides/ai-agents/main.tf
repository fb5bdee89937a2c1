terraform {
  required_providers {
    nhi = {
      source = "governed-nhi/nhi"
    }
  }
}

provider "nhi" {
  templates = ["./templates"]

  issuer {
    url          = "https://identity.example.com"
    trust_domain = "example.com"
  }
}

resource "nhi_owner" "support" {
  name        = "support"
  accountable = "ada.lovelace@example.com"
  steward     = "grace.hopper@example.com"
}

resource "nhi_agent" "triage" {
  name        = "ticket-triage"
  owner       = nhi_owner.support.name
  purpose     = "Answers tickets about orders, and proposes refunds to a person"
  expiry      = "60d"
  template    = "support-agent@1"
  service     = "support"
  environment = "prod"
  parameters  = { region = "eu" }

  sponsor      = "joan.clarke@example.com"
  tools        = ["orders.read", "tickets.reply", "refunds.propose"]
  max_session  = "10m"
  on_behalf_of = ["group:support-desk"]
}

output "agent" {
  value = nhi_agent.triage.id
}
