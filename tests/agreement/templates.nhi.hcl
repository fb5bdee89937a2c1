# The templates that every configuration is held against.
template "object-reader" {
  version     = "1.0.0"
  description = "Read the objects of one bucket, from an instance"
  owner       = "platform-iam"
  status      = "active"

  applies_to {
    kinds = ["workload_identity", "service_account"]
  }
  parameter "bucket" {
    pattern = "[a-z0-9][a-z0-9.-]{2,62}"
  }
  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:ListBucket"]
        Resource = ["arn:aws:s3:::${param.bucket}", "arn:aws:s3:::${param.bucket}/*"]
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

template "worker" {
  version     = "1.0.0"
  description = "Functions and tasks that work on the queues, tables, topics and logs of their own account"
  owner       = "platform-iam"
  status      = "active"

  applies_to {
    kinds = ["workload_identity", "service_account"]
  }
  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [
        { Effect = "Allow", Action = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], Resource = "arn:aws:dynamodb:*:*:table/*" },
        { Effect = "Allow", Action = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"], Resource = "arn:aws:sqs:*:*:*" },
        { Effect = "Allow", Action = "sns:Publish", Resource = "arn:aws:sns:*:*:*" },
        { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = "arn:aws:kms:*:*:key/*" },
        { Effect = "Allow", Action = "lambda:InvokeFunction", Resource = "arn:aws:lambda:*:*:function:*" },
        { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = "arn:aws:secretsmanager:*:*:secret:*" },
        { Effect = "Allow", Action = ["ssm:GetParameter", "ssm:GetParameters"], Resource = "arn:aws:ssm:*:*:parameter/*" },
        { Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "arn:aws:logs:*:*:log-group:*" },
        { Effect = "Allow", Action = ["kinesis:PutRecord", "kinesis:GetRecords"], Resource = "arn:aws:kinesis:*:*:stream/*" },
        { Effect = "Allow", Action = "events:PutEvents", Resource = "arn:aws:events:*:*:event-bus/*" },
        { Effect = "Allow", Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], Resource = "arn:aws:ecr:*:*:repository/*" },
        { Effect = "Allow", Action = "states:GetActivityTask", Resource = "arn:aws:states:*:*:activity:*" },
      ]
    })
    trust = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"] }
        Action    = "sts:AssumeRole"
      }]
    })
  }
}

template "pipeline" {
  version     = "1.0.0"
  description = "A pipeline of one repository that pushes its images"
  owner       = "platform-iam"
  status      = "active"

  applies_to {
    kinds = ["workload_identity", "service_account"]
  }
  parameter "repo" {
    pattern = "[A-Za-z0-9-]+/[A-Za-z0-9._-]+"
  }
  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["ecr:PutImage", "ecr:UploadLayerPart", "ecr:InitiateLayerUpload", "ecr:CompleteLayerUpload"]
        Resource = "arn:aws:ecr:*:*:repository/*"
      }]
    })
    trust = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::*:oidc-provider/token.actions.githubusercontent.com" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
          StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:${param.repo}:*" }
        }
      }]
    })
  }
}
