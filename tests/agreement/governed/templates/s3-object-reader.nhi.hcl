# What a workload may do that only reads objects: the smallest complete template, with a block for every platform.
template "s3-object-reader" {
  version     = "1.2.0" # semver; a published version never changes
  description = "Read objects below one prefix of one bucket"
  owner       = "platform-iam"
  status      = "active" # active | deprecated | revoked
  replaces    = ["s3-reader@1"]

  applies_to {
    kinds        = ["workload_identity", "service_account"]
    environments = ["dev", "staging", "prod"]
  }

  parameter "bucket" {
    pattern     = "[a-z0-9][a-z0-9.-]{2,62}" # anchored regular expression
    description = "The bucket's name"
  }
  parameter "prefix" {
    default     = ""
    description = "What the keys of the objects begin with"
  }
  parameter "namespace" {
    pattern     = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    description = "The Kubernetes namespace that the workload runs in"
  }
  parameter "app" {
    pattern     = "[a-z][a-z0-9-]{1,62}"
    description = "The application, as its secrets are filed in Vault"
  }
  parameter "repo" {
    pattern     = "[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+"
    description = "The repository, with its organisation"
  }

  require { # beyond owner, purpose and expiry, which are always required
    metadata          = ["service", "environment"]
    max_lifetime      = "365d" # identity expiry, from creation
    max_session       = "1h"   # credential lifetime
    rotate_every      = "30d"
    review_every      = "90d"
    static_credential = false
  }

  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect = "Allow"
        Action = ["s3:GetObject", "s3:ListBucket"]
        Resource = [
          "arn:aws:s3:::${param.bucket}",
          "arn:aws:s3:::${param.bucket}/${param.prefix}*",
        ]
      }]
    })
    trust = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      }]
    })
    boundary = "arn:aws:iam::*:policy/nhi-boundary"
  }

  gcp {
    roles       = ["roles/storage.objectViewer"]
    permissions = ["storage.objects.get"]
    resources   = ["//storage.googleapis.com/projects/_/buckets/${param.bucket}"]
  }

  azure {
    actions          = []
    not_actions      = []
    data_actions     = []
    not_data_actions = []
    scopes           = []
  }

  kubernetes {
    namespaces = ["${param.namespace}"]
    rule {
      api_groups     = [""]
      resources      = ["configmaps"]
      resource_names = []
      verbs          = ["get"]
    }
  }

  vault {
    rule {
      path         = "secret/data/${param.app}/*"
      capabilities = ["read"]
    }
  }

  github {
    permissions  = { contents = "read", id-token = "write" }
    repositories = ["${param.repo}"]
  }
}
