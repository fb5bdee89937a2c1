# Teams that do not exist any more.
list "nhi_owner" "found" {
  provider         = nhi
  include_resource = true

  config {
    active = false
  }
}
