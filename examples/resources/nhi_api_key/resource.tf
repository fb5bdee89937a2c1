resource "nhi_api_key" "partner" {
  name        = "partner-orders"
  owner       = nhi_owner.payments.name
  purpose     = "Lets the partner's warehouse post its orders"
  expiry      = "60d"
  template    = "partner-api@1"
  service     = "billing"
  environment = "prod"

  parameters = {
    api   = "a1b2c3d4e5"
    route = "orders"
  }

  # Another key every month; the one before it works a day longer.
  rotation = {
    every   = "30d"
    overlap = "1d"
  }
}

# What a verifier needs to know: which keys work, by their hashes, and until when. It is no secret.
output "partner_keys" {
  value = {
    (nhi_api_key.partner.key_id) = nhi_api_key.partner.secret_hash
  }
}
