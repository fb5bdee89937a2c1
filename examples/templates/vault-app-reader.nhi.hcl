# An application that reads its own secrets in Vault or OpenBao and renews its own token.
template "vault-app-reader" {
  version     = "1.0.0"
  description = "Read the secrets of one application"
  owner       = "platform-secrets"

  parameter "app" {
    pattern = "[a-z0-9][a-z0-9-]{0,40}"
  }

  require {
    metadata     = ["service", "environment"]
    max_lifetime = "365d"
    max_session  = "1h"
    review_every = "90d"
  }

  vault {
    rule {
      path         = "secret/data/${param.app}/*"
      capabilities = ["read"]
    }
    rule {
      path         = "secret/metadata/${param.app}/*"
      capabilities = ["list"]
    }
    rule {
      path         = "auth/token/renew-self"
      capabilities = ["update"]
    }
  }
}
