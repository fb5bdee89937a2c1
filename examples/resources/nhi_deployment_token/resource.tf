resource "nhi_deployment_token" "release" {
  name        = "ledger-release"
  owner       = nhi_owner.payments.name
  purpose     = "Publishes releases of the ledger from its pipeline"
  expiry      = "30d"
  template    = "github-release@1"
  service     = "billing"
  environment = "prod"

  parameters = {
    repository = "acme/ledger"
  }

  consumers = ["acme/ledger:.github/workflows/release.yml"]
}
