data "nhi_identity" "export" {
  kind = "service_account"
  name = "invoice-export"
}

output "who_answers_for_the_export" {
  value = data.nhi_identity.export.owner
}
