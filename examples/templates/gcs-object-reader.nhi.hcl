# A Google service account that reads the objects of one bucket.
template "gcs-object-reader" {
  version     = "1.0.0"
  description = "Read the objects of one Cloud Storage bucket"
  owner       = "platform-iam"

  applies_to {
    kinds = ["service_account", "workload_identity"]
  }

  parameter "bucket" {
    pattern = "[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]"
  }

  require {
    metadata          = ["service", "environment"]
    max_lifetime      = "365d"
    review_every      = "90d"
    static_credential = false
  }

  gcp {
    # By name, and by content: a custom role of these permissions fits as well.
    roles       = ["roles/storage.objectViewer"]
    permissions = ["storage.objects.get", "storage.objects.list"]
    resources   = ["//storage.googleapis.com/projects/_/buckets/${param.bucket}"]
  }
}
