variable "tags" {
  type = map(string)
}

locals {
  tags = merge({ stage = terraform.workspace }, var.tags)
}

output "tags" {
  value = merge(local.tags, { "nhi:template" = "object-reader@1.0.0" })
}
