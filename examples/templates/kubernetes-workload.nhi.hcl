# A workload in a cluster that takes its AWS role through the cluster's OIDC provider (IRSA): nobody else may become it.
template "kubernetes-workload" {
  version     = "2.0.1"
  description = "Read the configuration of one namespace, consume one queue"
  owner       = "platform-runtime"

  applies_to {
    kinds        = ["workload_identity"]
    environments = ["staging", "prod"]
  }

  parameter "namespace" {
    pattern = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
  }
  parameter "service_account" {
    pattern = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
  }
  parameter "account" {
    pattern     = "[0-9]{12}"
    description = "The AWS account of the queue and of the cluster"
  }
  parameter "oidc_provider" {
    pattern     = "oidc\\.eks\\.[a-z0-9-]+\\.amazonaws\\.com/id/[A-F0-9]{32}"
    description = "The issuer of the cluster, without https://"
  }
  parameter "queue" {
    pattern = "[A-Za-z0-9_-]{1,75}(\\.fifo)?"
  }

  require {
    metadata          = ["service", "environment"]
    max_lifetime      = "365d"
    max_session       = "1h"
    review_every      = "90d"
    static_credential = false
  }

  aws {
    permissions = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Sid      = "Consume"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = "arn:aws:sqs:*:${param.account}:${param.queue}"
      }]
    })
    trust = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Federated = "arn:aws:iam::${param.account}:oidc-provider/${param.oidc_provider}" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "${param.oidc_provider}:aud" = "sts.amazonaws.com"
            "${param.oidc_provider}:sub" = "system:serviceaccount:${param.namespace}:${param.service_account}"
          }
        }
      }]
    })
    boundary = "arn:aws:iam::${param.account}:policy/nhi-boundary"
  }

  kubernetes {
    namespaces = ["${param.namespace}"]
    rule {
      api_groups = [""]
      resources  = ["configmaps"]
      verbs      = ["get", "list", "watch"]
    }
    rule {
      api_groups     = [""]
      resources      = ["serviceaccounts/token"]
      resource_names = ["${param.service_account}"]
      verbs          = ["create"]
    }
    rule {
      api_groups = ["coordination.k8s.io"]
      resources  = ["leases"]
      verbs      = ["get", "create", "update"]
    }
  }
}
