# Every published version of one template.
list "nhi_template" "found" {
  provider = nhi

  config {
    name = "s3-object-reader"
  }
}
