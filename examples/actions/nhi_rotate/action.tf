# The day on which the secret leaked: `terraform apply -invoke=action.nhi_rotate.leaked`.
action "nhi_rotate" "leaked" {
  config {
    identity = nhi_api_key.partner.id
    reason   = "Incident 2026-118: the key was in a log"
    overlap  = "0s"
  }
}
