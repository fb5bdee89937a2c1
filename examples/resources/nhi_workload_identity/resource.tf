resource "nhi_workload_identity" "viewer" {
  name        = "ledger-viewer"
  owner       = nhi_owner.payments.name
  purpose     = "Shows the ledger to the support desk"
  expiry      = "2027-06-30"
  template    = "s3-object-reader@1"
  service     = "billing"
  environment = "prod"

  parameters = {
    bucket    = "payments-ledger"
    namespace = "support"
  }

  subject = {
    kubernetes = {
      namespace       = "support"
      service_account = "ledger-viewer"
    }
  }
}

resource "kubernetes_service_account_v1" "viewer" {
  metadata {
    name        = "ledger-viewer"
    namespace   = "support"
    labels      = nhi_workload_identity.viewer.labels
    annotations = nhi_workload_identity.viewer.annotations
  }
}

output "viewer" {
  value = nhi_workload_identity.viewer.spiffe_id # spiffe://example.com/ns/support/sa/ledger-viewer
}
