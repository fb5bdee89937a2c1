# By id, or by name.
terraform import nhi_workload_identity.viewer ledger-viewer
