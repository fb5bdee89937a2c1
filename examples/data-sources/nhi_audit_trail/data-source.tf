# What happened to one identity since the last audit.
data "nhi_identity" "export" {
  kind = "service_account"
  name = "invoice-export"
}

data "nhi_audit_trail" "export" {
  identity = data.nhi_identity.export.id
  since    = "2026-07-01"
}

output "story" {
  value = [
    for event in data.nhi_audit_trail.export.events :
    "${event.at} ${event.actor} ${event.action} ${coalesce(event.revision, "no commit")}"
  ]
}

# The whole trail is checked each time, whatever was asked for.
check "trail" {
  assert {
    condition     = data.nhi_audit_trail.export.verified
    error_message = "The audit trail was tampered with: ${join("; ", data.nhi_audit_trail.export.breaks)}"
  }
}
