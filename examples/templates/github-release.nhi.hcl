# A workflow that publishes the releases of one repository and proves itself to a cloud with OpenID Connect.
template "github-release" {
  version     = "1.0.0"
  description = "Publish releases of one repository"
  owner       = "platform-delivery"

  applies_to {
    kinds = ["deployment_token", "workload_identity"]
  }

  parameter "repository" {
    pattern = "[A-Za-z0-9-]+/[A-Za-z0-9._-]+"
  }

  require {
    metadata     = ["service"]
    max_lifetime = "365d"
    max_session  = "1h"
    review_every = "180d"
  }

  github {
    permissions  = { contents = "write", id-token = "write", packages = "read" }
    repositories = ["${param.repository}"]
  }
}
