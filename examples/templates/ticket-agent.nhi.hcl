# An AI agent that sorts the issues of one repository: it reads the code, and writes to issues and to nothing else.
template "ticket-agent" {
  version     = "1.0.0"
  description = "Sort the issues of one repository"
  owner       = "platform-iam"

  applies_to {
    kinds = ["agent"]
  }

  parameter "repository" {
    pattern = "[A-Za-z0-9-]+/[A-Za-z0-9._-]+"
  }

  require {
    metadata          = ["service"]
    max_lifetime      = "180d"
    max_session       = "30m"
    review_every      = "90d"
    static_credential = false
  }

  github {
    permissions  = { contents = "read", issues = "write" }
    repositories = ["${param.repository}"]
  }
}
