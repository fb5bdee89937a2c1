# Who answers for accounts that end within a month?
list "nhi_service_account" "found" {
  provider         = nhi
  include_resource = true

  config {
    expiring_within = "30d"
    environment     = "prod"
  }
}
