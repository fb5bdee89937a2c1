# Everything on one platform that an identity is.
list "nhi_binding" "found" {
  provider = nhi

  config {
    platform = "aws"
  }
}
