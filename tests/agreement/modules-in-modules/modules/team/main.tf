variable "team" {
  type = string
}

variable "services" {
  type = list(string)
}

module "service" {
  source   = "../service"
  for_each = toset(var.services)
  name     = "${var.team}-${each.value}"
  tags     = { "nhi:purpose" = "Runs the ${each.value} job of ${var.team}", "nhi:expiry" = "2027-03-01" }
}

output "roles" {
  value = { for name, service in module.service : name => service.role }
}
