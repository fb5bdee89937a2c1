# A partner's system that cannot federate: it calls one API with a key.
template "partner-api" {
  version     = "1.0.0"
  description = "Call one API as one partner"
  owner       = "platform-iam"

  applies_to {
    kinds        = ["api_key"]
    environments = ["prod"]
  }

  parameter "partner" {
    pattern = "[a-z][a-z0-9-]{1,30}"
  }

  require {
    metadata          = ["service", "environment"]
    max_lifetime      = "90d"
    rotate_every      = "30d"
    review_every      = "90d"
    observation       = "7d"
    static_credential = true
  }

  vault {
    rule {
      path         = "secret/data/partners/${param.partner}"
      capabilities = ["read"]
    }
  }
}
