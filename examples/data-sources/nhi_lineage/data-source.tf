data "nhi_identity" "export" {
  kind = "service_account"
  name = "invoice-export"
}

data "nhi_lineage" "export" {
  identity = data.nhi_identity.export.id
}

# `terraform output -raw lineage_dot | dot -Tsvg > lineage.svg`
output "lineage_dot" {
  value = data.nhi_lineage.export.dot
}

# In Markdown, between ```mermaid and ```.
output "lineage_mermaid" {
  value = data.nhi_lineage.export.mermaid
}

# Who has to be asked before it changes.
output "people" {
  value = [for node in data.nhi_lineage.export.nodes : node.label if node.kind == "person"]
}
