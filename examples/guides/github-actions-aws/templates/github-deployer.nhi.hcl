# A pipeline of one repository that deploys one service to Lambda, and proves itself to AWS with GitHub's OIDC tokens.
template "github-deployer" {
  version     = "1.0.0"
  description = "Update the code of one Lambda function from one repository's pipeline"
  owner       = "platform-delivery"

  applies_to {
    kinds        = ["workload_identity"]
    environments = ["staging", "prod"]
  }

  parameter "account" {
    pattern     = "[0-9]{12}"
    description = "The AWS account of the function"
  }
  parameter "repository" {
    pattern     = "[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+"
    description = "The repository, with its organisation"
  }
  parameter "environment" {
    pattern     = "[a-z][a-z0-9-]{1,30}"
    description = "The deployment environment of the pipeline"
  }
  parameter "function" {
    pattern     = "[A-Za-z0-9_-]{1,64}"
    description = "The function that is deployed"
  }

  require {
    metadata          = ["service", "environment"]
    max_lifetime      = "365d"
    max_session       = "1h"
    review_every      = "180d"
    static_credential = false
  }

  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["lambda:GetFunction", "lambda:UpdateFunctionCode", "lambda:PublishVersion"]
        Resource = "arn:aws:lambda:*:${param.account}:function:${param.function}"
      }]
    })
    trust = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::${param.account}:oidc-provider/token.actions.githubusercontent.com" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
            "token.actions.githubusercontent.com:sub" = "repo:${param.repository}:environment:${param.environment}"
          }
        }
      }]
    })
  }
}
