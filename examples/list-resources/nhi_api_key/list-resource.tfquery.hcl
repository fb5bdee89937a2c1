# Keys of a team that are in use.
list "nhi_api_key" "found" {
  provider = nhi

  config {
    owner  = "payments"
    status = "active"
  }
}
