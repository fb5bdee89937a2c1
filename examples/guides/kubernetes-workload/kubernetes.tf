resource "kubernetes_service_account_v1" "consumer" {
  metadata {
    name        = "consumer"
    namespace   = "ledger"
    labels      = nhi_workload_identity.consumer.labels
    annotations = nhi_workload_identity.consumer.annotations
  }
}

resource "kubernetes_role_v1" "consumer" {
  metadata {
    name        = nhi_workload_identity.consumer.principal_name
    namespace   = "ledger"
    annotations = nhi_workload_identity.consumer.annotations
  }

  dynamic "rule" {
    for_each = jsondecode(nhi_workload_identity.consumer.kubernetes.rules)
    content {
      api_groups     = rule.value.apiGroups
      resources      = rule.value.resources
      resource_names = try(rule.value.resourceNames, null)
      verbs          = rule.value.verbs
    }
  }
}

resource "kubernetes_role_binding_v1" "consumer" {
  metadata {
    name      = nhi_workload_identity.consumer.principal_name
    namespace = "ledger"
  }
  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Role"
    name      = kubernetes_role_v1.consumer.metadata[0].name
  }
  subject {
    kind      = "ServiceAccount"
    name      = kubernetes_service_account_v1.consumer.metadata[0].name
    namespace = "ledger"
  }
}
