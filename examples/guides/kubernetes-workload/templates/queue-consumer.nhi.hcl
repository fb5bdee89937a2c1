# A workload in one namespace of one cluster: reads its configuration and calls other workloads as itself.
template "queue-consumer" {
  version     = "1.0.0"
  description = "Read the configuration and the secrets of one application in one namespace"
  owner       = "platform-runtime"

  applies_to {
    kinds        = ["workload_identity"]
    environments = ["staging", "prod"]
  }

  parameter "namespace" {
    pattern = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
  }
  parameter "app" {
    pattern = "[a-z][a-z0-9-]{1,62}"
  }

  require {
    metadata          = ["service", "environment"]
    max_lifetime      = "365d"
    max_session       = "1h"
    review_every      = "90d"
    static_credential = false
  }

  kubernetes {
    namespaces = ["${param.namespace}"]
    rule {
      api_groups     = [""]
      resources      = ["configmaps"]
      resource_names = ["${param.app}"]
      verbs          = ["get", "watch"]
    }
  }

  vault {
    rule {
      path         = "secret/data/${param.app}/*"
      capabilities = ["read"]
    }
  }
}
