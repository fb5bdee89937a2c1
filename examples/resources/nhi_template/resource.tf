resource "nhi_template" "reader" {
  source = file("${path.module}/templates/s3-object-reader.nhi.hcl")

  # A new version is published, and identities move to it, before the old one is withdrawn.
  lifecycle {
    create_before_destroy = true
  }
}
