# A nightly job that writes one bucket, and that is watched for two weeks before it goes.
template "ledger-export" {
  version     = "1.0.0"
  description = "Write the objects of one bucket"
  owner       = "platform-iam"

  applies_to {
    kinds = ["service_account"]
  }

  parameter "bucket" {
    pattern = "[a-z0-9][a-z0-9.-]{2,62}"
  }

  require {
    metadata          = ["service", "environment"]
    max_lifetime      = "365d"
    max_session       = "1h"
    review_every      = "90d"
    observation       = "14d"
    static_credential = false
  }

  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "arn:aws:s3:::${param.bucket}/*"
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
  }
}
