# Tokens of pipelines that nobody certified again in time.
list "nhi_deployment_token" "found" {
  provider = nhi

  config {
    overdue = true
  }
}
