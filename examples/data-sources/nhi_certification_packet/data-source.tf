# One packet for each identity whose review is due.
data "nhi_inventory" "due" {
  owner   = "payments"
  overdue = true
}

data "nhi_certification_packet" "due" {
  for_each = {
    for identity in data.nhi_inventory.due.identities : identity.name => identity.id
  }
  identity = each.value
}

# What the reviewer reads. `as_of` holds a packet still, so that its digest can be cited as evidence:
#   as_of = "2026-11-22T09:00:00Z"
output "packets" {
  value = { for name, packet in data.nhi_certification_packet.due : name => packet.markdown }
}

output "digests" {
  value = { for name, packet in data.nhi_certification_packet.due : name => packet.digest }
}
