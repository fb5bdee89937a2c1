# A function that writes one table below its own part of the key space. `$${…}` is a policy variable of AWS, `${param…}` ours.
template "lambda-table-writer" {
  version     = "1.0.0"
  description = "Write the items of one table that belong to the caller, and the function's own log"
  owner       = "platform-data"

  applies_to {
    kinds = ["workload_identity"]
  }

  parameter "region" {
    pattern = "[a-z]{2}(-[a-z]+)+-[0-9]"
    default = "eu-central-1"
  }
  parameter "account" {
    pattern = "[0-9]{12}"
  }
  parameter "table" {
    pattern = "[A-Za-z0-9_.-]{3,255}"
  }
  parameter "function" {
    pattern = "[A-Za-z0-9_-]{1,64}"
  }

  require {
    metadata     = ["service"]
    max_lifetime = "180d"
    max_session  = "1h"
  }

  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Sid      = "Items"
          Effect   = "Allow"
          Action   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
          Resource = "arn:aws:dynamodb:${param.region}:${param.account}:table/${param.table}"
          Condition = {
            "ForAllValues:StringEquals" = { "dynamodb:LeadingKeys" = ["$${aws:PrincipalTag/service}"] }
          }
        },
        {
          Sid      = "Log"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "arn:aws:logs:${param.region}:${param.account}:log-group:/aws/lambda/${param.function}:*"
        },
      ]
    })
    trust = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = "${param.account}" } }
      }]
    })
  }
}
