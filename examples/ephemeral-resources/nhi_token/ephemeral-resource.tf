# A provider that takes a token takes it from here: it is in no plan and no state.
ephemeral "nhi_token" "ledger" {
  identity = nhi_workload_identity.viewer.id
  audience = "https://vault.example.com"
  lifetime = "15m"
}

provider "vault" {
  address = "https://vault.example.com"

  auth_login_jwt {
    role = "ledger-viewer"
    jwt  = ephemeral.nhi_token.ledger.token
  }
}
