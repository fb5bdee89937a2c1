data "nhi_template" "reader" {
  reference = "s3-object-reader@1"
}

output "newest" {
  value = data.nhi_template.reader.version
}
