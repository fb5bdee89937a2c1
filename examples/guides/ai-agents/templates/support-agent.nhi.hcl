# An AI agent that answers tickets: it reads orders and may propose refunds, which a person carries out.
template "support-agent" {
  version     = "1.0.0"
  description = "Read the orders of one region"
  owner       = "platform-ai"

  applies_to {
    kinds        = ["agent"]
    environments = ["staging", "prod"]
  }

  parameter "region" {
    pattern = "[a-z]{2}"
  }

  require {
    metadata          = ["service", "environment"]
    max_lifetime      = "90d"
    max_session       = "15m"
    review_every      = "30d"
    static_credential = false
  }

  vault {
    rule {
      path         = "database/creds/orders-${param.region}-reader"
      capabilities = ["read"]
    }
  }
}
