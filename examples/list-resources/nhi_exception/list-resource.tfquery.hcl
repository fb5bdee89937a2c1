# Exceptions that ended, and are still configured.
list "nhi_exception" "found" {
  provider = nhi

  config {
    expired = true
  }
}
