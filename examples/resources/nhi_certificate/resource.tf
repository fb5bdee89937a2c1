resource "nhi_certificate" "ledger" {
  name        = "ledger-server"
  owner       = nhi_owner.payments.name
  purpose     = "Serves the ledger to the other services of the cluster"
  expiry      = "90d"
  template    = "internal-tls@1"
  service     = "billing"
  environment = "prod"

  # The names that the certificate may hold, within the template's pattern.
  parameters = {
    dns_names = "ledger.internal.example.com"
  }

  # The key stays with the server: openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key
  # -subj / -addext subjectAltName=DNS:ledger.internal.example.com
  csr_pem = <<-EOT
    -----BEGIN CERTIFICATE REQUEST-----
    MIH0MIGbAgEAMAAwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARv4EXD5YoHbi1U
    oP0jlo0xbXBTgwat80DqqNmruKXgb06R86lQgy6TFDsJzLH7agMpftwCx9ew3Uor
    i648SEycoDkwNwYJKoZIhvcNAQkOMSowKDAmBgNVHREEHzAdghtsZWRnZXIuaW50
    ZXJuYWwuZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIgX+vq+HTesxghQQyG
    5z41/3CwiqTOHOceGYfwOj4P1vUCIQCAV3isOlmXtk0U+iZJOAYSPnm9L2aM73u5
    X5mhw4eVjg==
    -----END CERTIFICATE REQUEST-----
  EOT

  # The next one is due ten days before this one ends, and this one works two days longer.
  renew_before = "10d"
  rotation = {
    overlap = "2d"
  }
}

output "ledger_certificate" {
  value = nhi_certificate.ledger.certificate_pem
}
