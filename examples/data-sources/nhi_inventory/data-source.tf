# What has to be looked at this month.
data "nhi_inventory" "ending" {
  environment     = "prod"
  expiring_within = "30d"
}

# Everything, for the figures.
data "nhi_inventory" "all" {}

output "ending" {
  value = {
    for identity in data.nhi_inventory.ending.identities :
    identity.name => "${identity.owner}: ${identity.expires_at}"
  }
}

output "overdue_certifications" {
  value = data.nhi_inventory.all.metrics.overdue_certifications
}

# Fails the plan's checks, not the plan, while somebody answers for nothing.
check "owners" {
  assert {
    condition     = data.nhi_inventory.all.metrics.without_active_owner == 0
    error_message = "Identities are quarantined: their owner is not active."
  }
}
