# A factory of objects with optional parts, in files of YAML and JSON.
locals {
  files = { for file in fileset("${path.module}/services", "**/*.{yaml,json}") : trimsuffix(trimsuffix(file, ".yaml"), ".json") =>
  endswith(file, ".yaml") ? yamldecode(file("${path.module}/services/${file}")) : jsondecode(file("${path.module}/services/${file}")) }
}

module "service" {
  source   = "./service"
  for_each = local.files
  name     = replace(each.key, "/", "-")
  service  = each.value
}

output "arns" {
  value = { for name, service in module.service : name => service.role.arn }
}
