# Certificates that no principal on any platform is known for.
list "nhi_certificate" "found" {
  provider = nhi

  config {
    unbound = true
  }
}
