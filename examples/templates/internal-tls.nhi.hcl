# A certificate for one server of the cluster: its name is below one domain, and it is renewed each month.
template "internal-tls" {
  version     = "1.0.0"
  description = "Serve one name below internal.example.com"
  owner       = "platform-iam"

  applies_to {
    kinds = ["certificate"]
  }

  # The DNS names that the certificate may hold, separated by commas.
  parameter "dns_names" {
    pattern = "([a-z0-9-]+\\.)+internal\\.example\\.com(,([a-z0-9-]+\\.)+internal\\.example\\.com)*"
  }

  require {
    metadata     = ["service", "environment"]
    max_lifetime = "90d"
    max_session  = "30d"
    review_every = "90d"
  }
}
