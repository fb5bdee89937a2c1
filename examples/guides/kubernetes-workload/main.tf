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

resource "nhi_owner" "ledger" {
  name        = "ledger"
  accountable = "ada.lovelace@example.com"
  steward     = "grace.hopper@example.com"
}

resource "nhi_workload_identity" "consumer" {
  name        = "ledger-consumer"
  owner       = nhi_owner.ledger.name
  purpose     = "Books what arrives on the payments queue"
  expiry      = "2027-06-30"
  template    = "queue-consumer@1"
  service     = "ledger"
  environment = "prod"

  parameters = {
    namespace = "ledger"
    app       = "consumer"
  }

  subject = {
    kubernetes = {
      namespace       = "ledger"
      service_account = "consumer"
    }
  }
}

output "spiffe_id" {
  value = nhi_workload_identity.consumer.spiffe_id # spiffe://example.com/ns/ledger/sa/consumer
}
