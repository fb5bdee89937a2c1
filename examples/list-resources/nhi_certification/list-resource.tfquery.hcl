# Reviews whose time is over.
list "nhi_certification" "found" {
  provider = nhi

  config {
    expired = true
  }
}
