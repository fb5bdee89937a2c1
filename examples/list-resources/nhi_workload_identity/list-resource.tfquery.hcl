# Every workload of a template that is to be replaced.
list "nhi_workload_identity" "found" {
  provider = nhi
  limit    = 500

  config {
    template = "s3-object-reader@1"
  }
}
