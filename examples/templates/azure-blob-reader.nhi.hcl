# A managed identity that reads blobs of one resource group. Reading data is a data action: no `*` of the control plane reaches it.
template "azure-blob-reader" {
  version     = "1.0.0"
  description = "Read the blobs of one resource group"
  owner       = "platform-iam"

  applies_to {
    kinds = ["workload_identity"]
  }

  parameter "subscription" {
    pattern = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
  }
  parameter "group" {
    pattern = "[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]"
  }

  require {
    metadata     = ["service", "environment"]
    max_lifetime = "365d"
    review_every = "90d"
  }

  azure {
    actions      = ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]
    data_actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]
    scopes       = ["/subscriptions/${param.subscription}/resourceGroups/${param.group}"]
  }
}
