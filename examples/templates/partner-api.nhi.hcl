# A key for a partner's system that cannot federate: one route of one API, and another key every month.
template "partner-api" {
  version     = "1.0.0"
  description = "Call one route of one API"
  owner       = "platform-iam"

  applies_to {
    kinds = ["api_key"]
  }

  parameter "api" {
    pattern     = "[a-z0-9]{10}"
    description = "The identifier of the API"
  }
  parameter "route" {
    pattern     = "[a-z][a-z0-9/-]{0,62}"
    description = "The route, without a slash at either end"
  }

  require {
    metadata          = ["service", "environment"]
    max_lifetime      = "90d"
    max_session       = "90d"
    rotate_every      = "30d"
    review_every      = "90d"
    static_credential = true
  }

  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = "execute-api:Invoke"
        Resource = "arn:aws:execute-api:*:*:${param.api}/*/POST/${param.route}"
      }]
    })
  }
}
